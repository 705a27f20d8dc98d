"""Worker process: ``python -m lunar_antenna.solvers.thin_wire.worker``.

Its model is a packed :class:`Task`, a job the index of a frequency, the answer a packed Point.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from ...common.workers import serve
from .sweep import pack, solve_one, unpack


def prepare(model: str) -> Callable[[int], str]:
    """From the index of a frequency to its packed answer."""
    task = unpack(model)
    return lambda index: pack(solve_one(task, index))


if __name__ == "__main__":
    sys.exit(serve(prepare))
