"""Worker process: ``python -m lunar_antenna.inversion.worker``.

Its model is a :class:`Forward`, a job the values of its parameters, the answer [re, im] of Z, ohm.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from ..common.workers import serve
from ..conventions import JsonDict


def prepare(model: JsonDict) -> Callable[[Mapping[str, float]], list[list[float]]]:
    """From parameter values to impedances by the forward model."""
    from .forward import Forward

    forward = Forward.from_dict(model)

    def impedance(values: Mapping[str, float]) -> list[list[float]]:
        z = forward.impedance(values)
        return [z.real.tolist(), z.imag.tolist()]

    return impedance


if __name__ == "__main__":
    sys.exit(serve(prepare))
