"""Worker process: ``python -m lunar_antenna.search.run.worker``, JSON lines in, JSON lines out.

First line in: the evaluator.  Then {"number", "parameters"} per line; each is answered by
{"number", "evaluation", "seconds"} or {"number", "failed"}.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...common.workers import answer_with, worker_output
from ...conventions import JsonDict
from ...errors import one_line

if TYPE_CHECKING:
    from ..study.evaluate import Evaluator


def main() -> int:
    """Serve until the input ends; returns the exit code."""
    answers = worker_output()
    from ..study.evaluate import Evaluator

    evaluator = Evaluator.from_dict(json.loads(sys.stdin.readline()))
    answer_with(answers, {"ready": os.getpid()})
    for line in sys.stdin:
        job = json.loads(line)
        answer_with(answers, {"number": job["number"], **answer(evaluator, job["parameters"])})
    return 0


def answer(evaluator: Evaluator, parameters: Mapping[str, float]) -> JsonDict:
    """{"evaluation", "seconds"} of a candidate, or {"failed"} with the reason."""
    start = time.perf_counter()
    try:
        evaluation = evaluator.evaluate(parameters)
    except Exception as error:  # reported to the parent, which names the trial
        return {"failed": one_line(f"{type(error).__name__}: {error}")}
    return {"evaluation": evaluation.to_dict(), "seconds": time.perf_counter() - start}


if __name__ == "__main__":
    sys.exit(main())
