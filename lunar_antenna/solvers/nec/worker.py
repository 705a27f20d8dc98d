"""One worker process: ``python -m lunar_antenna.solvers.nec.worker``.

Reads a pickled (task, indices) from standard input, writes one pickled answer per index to
standard output: a Point, or the SolverError that it ended in.
"""

from __future__ import annotations

import os
import pickle
import sys

from ...errors import SolverError
from .sweep import solve_one


def main() -> None:
    """Answer on the real standard output; whatever else is printed goes to standard error."""
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        task, indices = pickle.load(sys.stdin.buffer)
        for index in indices:
            try:
                pickle.dump(solve_one(task, index), answers)
            except SolverError as error:
                pickle.dump(error, answers)
                return
            finally:
                answers.flush()


if __name__ == "__main__":
    main()
