"""Worker process: ``python -m lunar_antenna.inversion.worker``, JSON lines in and out.

A line in is a :class:`Forward` to use from then on, or [number, values], which is answered by
[number, re, im] or [number, error text].
"""

from __future__ import annotations

import json
import sys

from ..common.workers import answer_with, worker_output
from ..errors import LunarAntennaError, one_line


def main() -> int:
    """Serve until the input ends; returns the exit code."""
    answers = worker_output()
    from .forward import Forward

    forward: Forward | None = None
    for line in sys.stdin:
        message = json.loads(line)
        if isinstance(message, dict):
            forward = Forward.from_dict(message)
            continue
        number, values = message
        assert forward is not None
        try:
            z = forward.impedance(values)
            answer = [number, z.real.tolist(), z.imag.tolist()]
        except LunarAntennaError as error:
            answer = [number, one_line(error)]
        answer_with(answers, answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
