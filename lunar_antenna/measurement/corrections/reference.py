"""Steps that are defined for a real reference impedance only."""

from __future__ import annotations

from ...circuit.waves import ohms
from ...errors import InputError
from ..record import Measurement


def need_real_reference(measurement: Measurement, step: str) -> None:
    """Refuse ``step`` at a complex reference.

    A line, an echo or an ideal short turns the travelling waves of a real line impedance; for power
    waves at a complex reference, Gamma = (Z - z0*)/(Z + z0), the same factor is wrong (a short is
    -z0*/z0, not -1).
    """
    z0 = complex(measurement.z0)
    if z0.imag != 0.0:
        raise InputError(
            f"{step} needs a real reference impedance, {measurement.name} has {ohms(z0)}; "
            "renormalise it to that of the line first, e.g. 50 ohm"
        )
