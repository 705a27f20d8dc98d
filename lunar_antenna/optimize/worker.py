"""Worker process: ``python -m lunar_antenna.optimize.worker``, JSON lines in, JSON lines out.

First line in: the evaluator.  Then {"number", "parameters"} per line; each is answered by
{"number", "evaluation", "seconds"} or {"number", "failed"}.  Ends when its input ends, so that
no worker outlives a killed parent.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from ..conventions import JsonDict
from ..errors import one_line

if TYPE_CHECKING:
    from .evaluate import Evaluator


def main() -> int:
    """Serve until the input ends; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    answers = _private_stdout()
    from .evaluate import Evaluator

    evaluator = Evaluator.from_dict(json.loads(sys.stdin.readline()))
    _send(answers, {"ready": os.getpid()})
    for line in sys.stdin:
        job = json.loads(line)
        _send(answers, {"number": job["number"], **answer(evaluator, job["parameters"])})
    return 0


def answer(evaluator: Evaluator, parameters: Mapping[str, float]) -> JsonDict:
    """{"evaluation", "seconds"} of a candidate, or {"failed"} with the reason."""
    start = time.perf_counter()
    try:
        evaluation = evaluator.evaluate(parameters)
    except Exception as error:  # reported to the parent, which names the trial
        return {"failed": one_line(f"{type(error).__name__}: {error}")}
    return {"evaluation": evaluation.to_dict(), "seconds": time.perf_counter() - start}


def _private_stdout() -> TextIO:
    """The pipe to the parent; whatever else prints goes to stderr."""
    private = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return private


def _send(stream: TextIO, message: JsonDict) -> None:
    stream.write(json.dumps(message) + "\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
