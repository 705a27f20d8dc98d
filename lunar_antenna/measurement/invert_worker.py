"""Worker process: ``python -m lunar_antenna.measurement.invert_worker``, JSON lines in and out.

A line in is a :class:`Forward` to use from then on, or [number, values], which is answered by
[number, re, im] or [number, error text].  Ends when its input ends, so that it cannot outlive a
killed parent.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from ..errors import LunarAntennaError, one_line


def main() -> int:
    """Serve until the input ends; returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else prints goes to stderr
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
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
