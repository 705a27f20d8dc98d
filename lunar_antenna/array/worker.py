"""Worker process: ``python -m lunar_antenna.array.worker``; a job is one frequency of the model."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from ..common.workers import serve
from ..conventions import JsonDict


def prepare(model: JsonDict) -> Callable[[int], JsonDict]:
    """From the number of a frequency to the file that holds its solution."""
    from ..array_problem import Array
    from .frequency import Model
    from .parts import write_part

    made = Model(Array.from_dict(model["array"]), model["accuracy"], model["tolerance"])
    folder = Path(model["folder"])

    def work(index: int) -> JsonDict:
        found = made.solve(index)
        write_part(folder, index, model["digest"], found)
        return {"seconds": found.seconds}

    return work


if __name__ == "__main__":
    sys.exit(serve(prepare))
