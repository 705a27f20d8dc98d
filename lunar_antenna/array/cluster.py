"""One frequency of an array on a worker of a dask cluster: text in, the bytes of a part out."""

from __future__ import annotations

import json
from functools import lru_cache

from ..array_problem import Array
from ..conventions import JsonDict
from ..errors import LunarAntennaError, one_line
from .frequency import Model
from .parts import packed


@lru_cache(maxsize=1)
def _model(text: str) -> Model:
    given = json.loads(text)
    return Model(Array.from_dict(given["array"]), given["accuracy"], given["tolerance"])


def solve_part(text: str, index: int) -> JsonDict:
    """{"part": bytes}, or {"error": line} of what is known to go wrong.

    text: JSON of the array, its accuracy and tolerance, the same for all frequencies, for which a
    worker keeps the element's matrices.
    """
    try:
        return {"part": packed(_model(text).solve(index))}
    except LunarAntennaError as error:
        return {"error": one_line(error)}
