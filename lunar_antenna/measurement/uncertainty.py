"""Uncertainty of a measured reflection: from repeated sweeps or from a stated accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..circuit.waves import impedance
from ..common.checks import number
from ..conventions import ComplexArray, FloatArray
from ..errors import InputError
from .record import Measurement


@dataclass(frozen=True, slots=True, eq=False)
class Uncertainty:
    """Expanded (k = 2) uncertainty of the complex reflection, a radius in the Gamma plane.

    frequency: (n,) Hz.  radius: (n,).  source: where it comes from, in words.
    """

    frequency: FloatArray
    radius: FloatArray
    source: str

    def seen_from(self, gamma: ComplexArray, old: complex, new: complex) -> Uncertainty:
        """The radius where the reflection ``gamma`` (n,) at ``old`` ohm is seen from ``new`` ohm.

        |d Gamma_new / d Gamma_old| = Re new / Re old |(Z + old)/(Z + new)|^2.
        """
        if old == new:
            return self
        z = impedance(gamma, old)
        gain = new.real / old.real * np.abs((z + old) / (z + new)) ** 2
        return Uncertainty(self.frequency, self.radius * gain, self.source)

    def at(self, frequency: FloatArray) -> FloatArray:
        """The radius at other frequencies, linear between points, constant outside."""
        return np.interp(frequency, self.frequency, self.radius)


def from_sweeps(sweeps: Sequence[Measurement]) -> tuple[Measurement, Uncertainty]:
    """(mean sweep, uncertainty of a single sweep's reflection) of at least 3 equal sweeps.

    The standard deviation of Re and Im about the mean, times 2, per frequency (GUM type A, two
    degrees of freedom joined in one radius).  It does not see errors common to all sweeps.
    """
    if len(sweeps) < 3:
        raise InputError(f"{len(sweeps)} sweep(s) given; repeat the sweep at least 3 times")
    first = sweeps[0]
    for other in sweeps[1:]:
        same = other.frequency.shape == first.frequency.shape and np.allclose(
            other.frequency, first.frequency, rtol=1e-9
        )
        if not same or other.z0 != first.z0 or other.n_ports != first.n_ports:
            raise InputError(
                f"{other.name} has other frequencies, ports or reference than {first.name}; "
                "repeat the sweeps with one setting"
            )
    stack = np.stack([item.s for item in sweeps])  # (n_sweep, n, p, p)
    mean = stack.mean(axis=0)
    spread = stack[:, :, 0, 0] - mean[None, :, 0, 0]
    variance = (np.abs(spread) ** 2).sum(axis=0) / (2.0 * (len(sweeps) - 1))
    source = f"standard deviation of {len(sweeps)} sweeps, k = 2"
    averaged = first.changed(f"mean of {len(sweeps)} sweeps", s=mean)
    return averaged, Uncertainty(first.frequency, 2.0 * np.sqrt(variance), source)


def from_accuracy(measurement: Measurement, db: float, degrees: float) -> Uncertainty:
    """Uncertainty from an analyser's stated accuracy (k = 2): ``db`` of |S11|, ``degrees``.

    Radius = |Gamma| times the larger of 10^(db/20) - 1 and the angle in rad, not below 1e-4.
    """
    db = number("accuracy", db, low=0.0, high=10.0, unit="dB")
    degrees = number("accuracy", degrees, low=0.0, high=90.0, unit="degrees")
    share = max(10.0 ** (db / 20.0) - 1.0, float(np.deg2rad(degrees)))
    radius = np.maximum(np.abs(measurement.s11()) * share, 1e-4)
    return Uncertainty(measurement.frequency, radius, f"stated accuracy {db:g} dB, {degrees:g} deg")
