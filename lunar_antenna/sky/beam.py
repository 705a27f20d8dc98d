"""Beam: directivity over the sky on a grid that integrates it against any smooth sky.

    T_A(f) = integral of D(f, Omega) T(f, Omega) dOmega / integral of D(f, Omega) dOmega

over the sky: the upper half over soil, the whole sphere without.  What the antenna hears of the
ground is no part of it; the share of the sky in all of its noise is
:mod:`lunar_antenna.sky.temperature`'s.

The field of an antenna of size D is smooth: |E|^2 holds harmonics up to about k D in azimuth, and
in theta (not cos theta, in which odd harmonics have a root at the zenith) is analytic from the
zenith to the horizon.  It is evaluated at so many Gauss-Legendre nodes in theta and equal steps in
phi that its Legendre and Fourier series are complete to 1e-8 of its peak, and summed by those
series on the finer grid that the sky needs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..circuit.waves import loads
from ..common.checks import number
from ..conventions import ETA0, FloatArray, IntArray, wavenumber
from ..errors import InputError
from ..media.elevation import elevations, half_sphere
from ..solution import Solution

RESOLUTION = 2.0  # degrees, of the grid on which the sky is seen
MARGIN = 16  # harmonics above k D; those beyond are below 1e-8 (measured on the shipped layouts)


class Radiator(Protocol):
    """What a beam is made of: a Solution, or what answers as it does."""

    @property
    def frequency(self) -> FloatArray:
        """(n,) Hz, the solved ones."""
        ...

    @property
    def far_field(self) -> Callable[..., Any]:
        """At a frequency (Hz); theta, phi, port, terminated by keyword."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Beam:
    """Directivity of one port.

    frequency: (n,) Hz.  theta: (t,) rad, phi: (p,) rad.  weight: (t,) sr, of each node of a row.
    directivity: (n, t, p), linear; sum of weight D is 4 pi.
    """

    frequency: FloatArray
    theta: FloatArray
    phi: FloatArray
    weight: FloatArray
    directivity: FloatArray

    @classmethod
    def of(
        cls,
        solution: Radiator,
        *,
        port: int = 1,
        terminated: complex | FloatArray | None = None,
        resolution: float = RESOLUTION,
        least: tuple[int, int] = (0, 0),
        at: IntArray | None = None,
    ) -> Beam:
        """The beam of ``port`` at every solved frequency; the other ports open or loaded (ohm).

        solution: or anything else with ``frequency`` and ``far_field``, an array's too, whose field
        is then asked for on the whole grid.  resolution: degrees; least: rows and columns at the
        least; at: indices of some frequencies.  Raises :class:`InputError` for a solution without
        currents.
        """
        frequency = np.asarray(solution.frequency, dtype=float)
        chosen = np.arange(frequency.size) if at is None else at
        nodes = _nodes(solution)
        theta, phi, weight = grid(
            _top(solution), resolution, max(nodes[0], least[0]), max(nodes[1], least[1])
        )
        ends = None
        if terminated is not None:
            ends = loads("terminated", terminated, frequency.size, reactive=True)
        power = np.stack(
            [
                _power(
                    solution,
                    float(frequency[index]),
                    port,
                    None if ends is None else complex(ends[index]),
                    nodes,
                    theta,
                    phi.size,
                )
                for index in chosen
            ]
        )
        return cls.normalised(frequency[chosen], theta, phi, weight, power)

    def frozen(
        self,
        solution: Radiator,
        frequency: float,
        *,
        port: int = 1,
        terminated: complex | None = None,
    ) -> Beam:
        """The beam of ``solution`` at any one ``frequency`` (Hz), on the grid of this one."""
        power = _power(
            solution, frequency, port, terminated, _nodes(solution), self.theta, self.phi.size
        )
        return Beam.normalised(
            np.array([frequency]), self.theta, self.phi, self.weight, power[None]
        )

    @classmethod
    def of_function(
        cls,
        frequency: FloatArray,
        power: Callable[[float, FloatArray, FloatArray], FloatArray],
        *,
        whole: bool = False,
        resolution: float = RESOLUTION,
    ) -> Beam:
        """From ``power(f, theta, phi)``, any scale; theta (t, 1), phi (1, p) rad.

        whole: the whole sphere, not the upper half.
        """
        theta, phi, weight = grid(np.pi if whole else 0.5 * np.pi, resolution)
        shape = (theta.size, phi.size)
        values = [
            np.broadcast_to(power(float(f), theta[:, None], phi[None, :]), shape) for f in frequency
        ]
        return cls.normalised(np.asarray(frequency, float), theta, phi, weight, np.stack(values))

    @classmethod
    def normalised(
        cls,
        frequency: FloatArray,
        theta: FloatArray,
        phi: FloatArray,
        weight: FloatArray,
        power: FloatArray,
    ) -> Beam:
        """From ``power`` (n, t, p) of any scale."""
        total = np.einsum("t,ntp->n", weight, power)
        if not np.all(np.isfinite(total)) or np.any(total <= 0.0):
            raise InputError("the beam has no power in the sky at some frequency; nothing to weigh")
        return cls(frequency, theta, phi, weight, 4.0 * np.pi * power / total[:, None, None])

    def temperature(self, brightness: FloatArray) -> FloatArray:
        """(k,) K: ``brightness`` (k, t, p) K seen through the beam; k = n, or any where n is 1.

        Weights are divided by their own sum: a uniform sky is exactly its own temperature.
        """
        weighted = self.directivity * self.weight[:, None]
        return np.asarray((weighted * brightness).sum(axis=(1, 2)) / weighted.sum(axis=(1, 2)))

    def slope(self) -> FloatArray:
        """(n, t, p) 1/Hz: dD/df by central differences between the frequencies."""
        if self.frequency.size < 2:
            raise InputError(
                "a derivative with frequency needs 2 frequencies or more; solve a band"
            )
        return np.asarray(np.gradient(self.directivity, self.frequency, axis=0))


def grid(
    top: float, resolution: float, least_theta: int = 0, least_phi: int = 0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """theta (t,), phi (p,) rad and weight (t,) sr of a grid from the zenith to ``top`` rad."""
    step = np.deg2rad(number("resolution", resolution, low=0.2, high=10.0, unit="degrees"))
    rows = max(round(top / step), least_theta)
    columns = max(round(2.0 * np.pi / step), least_phi)
    columns += columns % 2
    unit, part = half_sphere(rows)  # Gauss-Legendre on (0, 1)
    theta = np.asarray(top * unit)
    phi = 2.0 * np.pi * np.arange(columns) / columns
    return theta, phi, np.asarray(top * part * np.sin(theta) * 2.0 * np.pi / columns)


def beam_grid(
    solution: Radiator, resolution: float = RESOLUTION
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """:func:`grid` for the field of ``solution``."""
    return grid(_top(solution), resolution, *_nodes(solution))


def _top(solution: Radiator) -> float:
    """Largest theta of the sky, rad: the horizon wherever there is something below."""
    problem = getattr(solution, "problem", None) or getattr(solution, "array", None)
    stack = getattr(problem, "stack", None)
    return np.pi if stack is not None and stack.is_free_space else 0.5 * np.pi


def _nodes(solution: Radiator) -> tuple[int, int]:
    """How many values of theta and phi hold |E|^2 of ``solution`` at its highest frequency.

    The same at all, so that what rounding and truncation leave is common to them.  (0, 0) where it
    has no currents of its own to judge by: then its field is evaluated on the grid itself.
    """
    if not isinstance(solution, Solution):
        return 0, 0
    position = solution.elements.position
    if not position.size:
        raise InputError("this solution holds no currents, so no beam; solve it again")
    stratification = solution.problem.stratification
    k0 = float(wavenumber(solution.frequency[-1:])[0])
    extent = float(np.linalg.norm(np.ptp(position, axis=0)))
    size = k0 * (extent + float(np.abs(position[:, 2]).max(initial=0.0)))
    ends = np.unique((position[:, 2].min(), position[:, 2].max()))
    rows = 2 * elevations(stratification, solution.frequency, ends) + int(size)
    return rows * (1 if stratification.reflects else 2), 2 * (int(size) + MARGIN)


def _power(
    solution: Radiator,
    frequency: float,
    port: int,
    terminated: complex | None,
    nodes: tuple[int, int],
    theta: FloatArray,
    columns: int,
) -> FloatArray:
    """|E|^2 (V/A)^2 on the grid (t, ``columns``) at ``frequency`` (Hz)."""
    (rows, around), top = nodes, _top(solution)
    if not rows:
        phi = 2.0 * np.pi * np.arange(columns) / columns
        return _seen(solution, frequency, port, terminated, theta, phi)
    unit, part = half_sphere(rows)
    phi = 2.0 * np.pi * np.arange(around) / around
    power = _seen(solution, frequency, port, terminated, top * unit, phi)
    degree = np.arange(rows)
    coarse = np.polynomial.legendre.legvander(2.0 * unit - 1.0, rows - 1)
    fine = np.polynomial.legendre.legvander(2.0 * theta / top - 1.0, rows - 1)
    upward = fine @ ((2.0 * degree + 1.0)[:, None] * coarse.T * part)  # (t, rows)
    harmonics = np.fft.rfft(power, axis=1)[:, : around // 2]  # the last, halved one is below 1e-8
    series = np.fft.irfft(harmonics, columns, axis=1) * (columns / around)
    return np.asarray(np.maximum(upward @ series, 0.0))


def _seen(
    solution: Radiator,
    frequency: float,
    port: int,
    terminated: complex | None,
    theta: FloatArray,
    phi: FloatArray,
) -> FloatArray:
    """|E|^2 (V/A)^2, (t, p), evaluated where it is asked for."""
    field = solution.far_field(
        frequency, theta=theta[:, None], phi=phi[None, :], port=port, terminated=terminated
    )
    return np.asarray(np.abs(field.e_theta) ** 2 + np.abs(field.e_phi) ** 2)


def sky_resistance(solution: Solution, *, port: int = 1) -> FloatArray:
    """(n,) ohm: integral of |E|^2/eta0 over the grid; R_sky of ``port``, a check of the grid."""
    nodes = _nodes(solution)
    theta, phi, weight = beam_grid(solution)
    return np.array(
        [
            np.sum(weight @ _power(solution, float(f), port, None, nodes, theta, phi.size)) / ETA0
            for f in solution.frequency
        ]
    )
