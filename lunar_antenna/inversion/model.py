"""The reflection an analyser would show, for many parameter sets at once.

Emulated impedance (as a reflection in ``z_ref``, bounded and smooth) -> hub capacitance across
the port -> reflection in the measurement's reference -> delay in front.  The last three are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..circuit.waves import impedance, reflection
from ..conventions import ComplexArray, FloatArray
from .emulator import Emulator
from .prior import Prior

_STEP = 1e-5  # of the prior range, for central differences


def apply_exact(
    z: ComplexArray,
    frequency: FloatArray,
    z0: complex,
    capacitance: FloatArray | float,
    delay: FloatArray | float,
) -> ComplexArray:
    """Reflection in ``z0`` of ``z`` (..., n) behind a shunt capacitance (F) and a delay (s).

    capacitance, delay: numbers or (..., 1).  Gamma exp(-j 4 pi f delay), Z -> Z/(1 + j w C Z).
    """
    omega = 2.0 * np.pi * frequency
    seen = z / (1.0 + 1j * omega * capacitance * z)
    return np.asarray(reflection(seen, z0) * np.exp(-2j * omega * delay))


@dataclass(frozen=True, slots=True, eq=False)
class SweepModel:
    """Emulated sweep: parameters in the order of ``ranges`` -> reflection at ``frequency``.

    solved: ranges of the emulator's coordinates (those of ``ranges`` that need the solver, maybe
    narrowed).  fixed: hub_capacitance and delay where they are not free.  emulator: reflection in
    z_ref (ohm, real) at the measured frequencies.  offset (n,): added to the sweep, what the mesh
    is estimated to be off by.
    """

    frequency: FloatArray
    z0: complex
    z_ref: float
    ranges: tuple[Prior, ...]
    solved: tuple[Prior, ...]
    emulator: Emulator
    fixed: Mapping[str, float]
    offset: ComplexArray | float = 0.0

    @property
    def limits(self) -> tuple[Prior, ...]:
        """Where the model may be used: ``ranges``, narrowed to those of the emulator."""
        narrowed = {item.name: item for item in self.solved}
        return tuple(narrowed.get(item.name, item) for item in self.ranges)

    def emulated(self, values: FloatArray) -> ComplexArray:
        """(k, n) reflections in z_ref before the exact parameters, for ``values`` (k, p)."""
        names = [item.name for item in self.ranges]
        x = np.empty((len(values), len(self.solved)))
        for k, item in enumerate(self.solved):
            x[:, k] = item.coordinate(values[:, names.index(item.name)])
        return self.emulator(x)

    def __call__(self, values: FloatArray) -> ComplexArray:
        """(k, n) reflections for ``values`` (k, p), SI."""
        values = np.atleast_2d(values)
        column = {item.name: values[:, k] for k, item in enumerate(self.ranges)}
        z = impedance(self.emulated(values), self.z_ref)
        exact = [
            column[name][:, None] if name in column else self.fixed.get(name, 0.0)
            for name in ("hub_capacitance", "delay")
        ]
        return apply_exact(z, self.frequency, self.z0, exact[0], exact[1]) + self.offset

    def derivative(self, values: FloatArray) -> ComplexArray:
        """(p, n) dGamma/dparameter at ``values`` (p,), central differences inside the ranges."""
        low = np.array([item.low for item in self.limits])
        high = np.array([item.high for item in self.limits])
        step = _STEP * (high - low)
        p = len(values)
        upper = np.minimum(values + np.diag(step), high)
        lower = np.maximum(values - np.diag(step), low)
        both = self(np.vstack((upper, lower)))
        width = (np.diagonal(upper) - np.diagonal(lower))[:, None]
        return np.asarray((both[:p] - both[p:]) / width)
