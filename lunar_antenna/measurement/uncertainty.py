"""Uncertainty of a measured reflection: from repeated sweeps or from a stated accuracy.

A reflection has two components, so a radius holds the truth less often than the same multiple k of
the standard deviation would in one: k = 2 holds it in 1 - exp(-2) = 86.5 %, and 95 % needs 2.448
(Rayleigh's distribution; JCGM 102:2011, table D.2).  Radii here hold it in :data:`COVERAGE`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..circuit.waves import impedance
from ..common.checks import number
from ..conventions import ComplexArray, FloatArray
from ..errors import InputError
from .record import Measurement

COVERAGE = 0.95
ONE_SIDED_NORMAL = 1.959964  # +- this many standard deviations hold 95 % of one component
MAX_DB, MAX_DEGREES = 10.0, 90.0
_LEAST = 1e-4  # of a radius from a stated accuracy


@dataclass(frozen=True, slots=True, eq=False)
class Uncertainty:
    """Radius in the Gamma plane that holds the true reflection in ``coverage`` of the cases.

    frequency: (n,) Hz.  radius: (n,).  source: where it comes from, in words.
    """

    frequency: FloatArray
    radius: FloatArray
    source: str
    coverage: float = COVERAGE

    def seen_from(self, gamma: ComplexArray, old: complex, new: complex) -> Uncertainty:
        """The radius where the reflection ``gamma`` (n,) at ``old`` ohm is seen from ``new`` ohm.

        |d Gamma_new / d Gamma_old| = Re new / Re old |(Z + old)/(Z + new)|^2.
        """
        if old == new:
            return self
        z = impedance(gamma, old)
        gain = new.real / old.real * np.abs((z + old) / (z + new)) ** 2
        return self.with_radius(self.frequency, self.radius * gain)

    def at(self, frequency: FloatArray) -> FloatArray:
        """The radius at other frequencies, linear between points, constant outside."""
        return np.interp(frequency, self.frequency, self.radius)

    def with_radius(self, frequency: FloatArray, radius: FloatArray) -> Uncertainty:
        """Another radius of the same source and coverage."""
        return Uncertainty(frequency, radius, self.source, self.coverage)


def from_sweeps(sweeps: Sequence[Measurement]) -> tuple[Measurement, Uncertainty]:
    """(mean sweep, 95 % radius of a single sweep's reflection) of at least 3 equal sweeps.

    With the variance s^2 of one component, pooled over Re and Im about the mean (GUM type A), the
    squared deviation of another sweep over 2 s^2 follows F(2, nu), nu = 2 (N - 1), whose quantile
    is closed: radius = s sqrt(2 F), F = nu/2 ((1 - p)^(-2/nu) - 1); 3.73 s for 3 sweeps, 2.45 s for
    many.  It holds the truth of one more sweep in 95 % where Re and Im scatter alike (in 92 % where
    all scatter is along one direction and many sweeps are given), and that of the mean more often.
    It does not see errors common to all sweeps.
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
    freedom = 2 * (len(sweeps) - 1)
    variance = (np.abs(spread) ** 2).sum(axis=0) / freedom
    quantile = 0.5 * freedom * ((1.0 - COVERAGE) ** (-2.0 / freedom) - 1.0)
    source = f"standard deviation of {len(sweeps)} sweeps, {100.0 * COVERAGE:g} %"
    averaged = first.changed(f"mean of {len(sweeps)} sweeps", s=mean)
    return averaged, Uncertainty(first.frequency, np.sqrt(2.0 * quantile * variance), source)


def from_accuracy(measurement: Measurement, db: float, degrees: float) -> Uncertainty:
    """95 % radius from an analyser's stated accuracy: ``db`` of |S11| and ``degrees``.

    Each is taken as the 95 % (k = 2) interval of its own, normal and independent: standard
    deviations |Gamma| (10^(db/20) - 1)/1.96 along and |Gamma| angle/1.96 across.  The radius holds
    95 % of the pairs (:func:`radius_factor`); it is not below 1e-4.
    """
    db = number("accuracy", db, low=0.0, high=MAX_DB, unit="dB")
    degrees = number("accuracy", degrees, low=0.0, high=MAX_DEGREES, unit="degrees")
    shares = np.array([10.0 ** (db / 20.0) - 1.0, float(np.deg2rad(degrees))]) / ONE_SIDED_NORMAL
    large, small = float(shares.max()), float(shares.min())
    share = large * radius_factor(small / large) if large > 0.0 else 0.0
    radius = np.maximum(np.abs(measurement.s11()) * share, _LEAST)
    source = f"stated accuracy {db:g} dB, {degrees:g} deg; {100.0 * COVERAGE:g} %"
    return Uncertainty(measurement.frequency, radius, source)


def radius_factor(ratio: float, coverage: float = COVERAGE) -> float:
    """Radius in larger standard deviations that holds ``coverage`` of a bivariate normal pair.

    ratio: smaller over larger standard deviation, in [0, 1]; 1.960 for 0, 2.448 for 1 (95 %).

    In polar coordinates of the normalised pair, P(r) = mean over theta of
    1 - exp(-r^2 / (2 (cos^2 theta + ratio^2 sin^2 theta))); solved by bisection, the mean over
    4096 equidistant angles (a periodic integrand: exact to 1e-6 also at ratio 0).
    """
    angle = 2.0 * np.pi * (np.arange(4096) + 0.5) / 4096
    square = np.cos(angle) ** 2 + (ratio * np.sin(angle)) ** 2
    low, high = 1.0, 10.0
    while high - low > 1e-9:
        middle = 0.5 * (low + high)
        held = 1.0 - float(np.mean(np.exp(-(middle**2) / (2.0 * square))))
        low, high = (middle, high) if held < coverage else (low, middle)
    return high
