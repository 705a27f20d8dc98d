"""Resonances of a solution or a measurement."""

from __future__ import annotations

from ..circuit.resampling import MIN_POINTS, densify
from ..circuit.resonance import Resonance
from ..circuit.resonance import resonances as crossings
from ..errors import InputError
from ..solution import Solution
from .record import Measurement

_TRUSTED = 5e-3  # stated error of Gamma up to which the fit between solved frequencies is read


def resonances(item: Solution | Measurement, *, port: int = 1) -> tuple[Resonance, ...]:
    """Zeros of the reactance at ``port``, the others open, rising in frequency.

    Of a solution between its solved frequencies by the rational fit that a search uses, where
    that is sure; of a measurement by straight lines.  ``rising`` ones are series resonances.
    Those inside the band alone: there may be lower ones below it.

    Raises :class:`InputError` for anything else.
    """
    if isinstance(item, Measurement):
        return crossings(item.frequency, item.open_impedance(port))
    if not isinstance(item, Solution):
        raise InputError(f"resonances of {type(item).__name__}; give a Solution or a Measurement")
    frequency, z = item.frequency, item.input_impedance(port)
    if frequency.size >= MIN_POINTS:
        dense = densify(frequency, z)
        if dense.held_out <= _TRUSTED:
            frequency, z = dense.frequency, dense.z
    return crossings(frequency, z)
