"""Worker process: ``python -m lunar_antenna.search.run.worker``.

Its model is an evaluator, a job the parameters of a candidate; see :func:`answer`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...common.workers import serve
from ...conventions import JsonDict
from ...errors import one_line

if TYPE_CHECKING:
    from ..study.evaluate import Evaluator


def prepare(model: JsonDict) -> Callable[[Mapping[str, float]], JsonDict]:
    """From parameters to :func:`answer` by the evaluator."""
    from ..study.evaluate import Evaluator

    evaluator = Evaluator.from_dict(model)
    return lambda parameters: answer(evaluator, parameters)


def answer(evaluator: Evaluator, parameters: Mapping[str, float]) -> JsonDict:
    """{"evaluation", "seconds"} of a candidate, or {"failed"} with the reason."""
    start = time.perf_counter()
    try:
        evaluation = evaluator.evaluate(parameters)
    except Exception as error:  # reported to the parent, which names the trial
        return {"failed": one_line(f"{type(error).__name__}: {error}")}
    return {"evaluation": evaluation.to_dict(), "seconds": time.perf_counter() - start}


if __name__ == "__main__":
    sys.exit(serve(prepare))
