"""Spherical waves: a far field as a sum over few coefficients, with the error of the sum.

    F(theta, phi) = sum over l = 1..L, m = -l..l of  a_lm Psi_lm + b_lm Phi_lm        V per A

    Psi_lm = r grad Y_lm / sqrt(l (l + 1)),     Phi_lm = r_hat x Psi_lm

with Y_lm the orthonormal spherical harmonics with the Condon-Shortley phase (Jackson, Classical
Electrodynamics, 3rd ed., 3.53 and 9.119); a: TM waves, b: TE waves.  In components

    E_theta sqrt(l (l + 1)) = a dY/dtheta - b j m Y / sin theta
    E_phi   sqrt(l (l + 1)) = a j m Y / sin theta + b dY/dtheta

Psi and Phi are orthonormal over the sphere: without soil sum |a|^2 + |b|^2 = eta0 R_sky.

Over soil there is no far field below the horizon.  A sum that holds zeros there converges as
slowly as the kink at the horizon lets it, l^-2 of the peak: 1e-6 would take a thousand orders.
So the sum is fitted to the upper hemisphere alone, by least squares with small singular values
left out, and goes on below the horizon smoothly: the field over a soil is analytic in cos theta
beyond it (1 + reflection = 2 cos theta/(cos theta + sqrt(eps - sin^2 theta)) for a half-space), and
the fit converges geometrically.  **Below the horizon such a sum means nothing.**  Without soil the
fit is over the whole sphere, and is the quadrature of the orthonormal waves.

The error is measured: the largest |sum - field| in directions that the fit has not seen, horizon
and zenith among them, over the largest |field|.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .common.checks import number
from .conventions import ComplexArray, FloatArray, IntArray, wavenumber
from .errors import InputError
from .media.elevation import half_sphere

if TYPE_CHECKING:
    from .solution import Solution

TOLERANCE = 1e-7  # of the largest field, unless asked for otherwise
MOST = 240  # orders
LEFT_OUT = 0.1  # singular values below this share of the tolerance are left out of the fit
AZIMUTHS = 7  # directions of the check on each ring
GOLDEN = 2.399963229728653  # rad, turns one ring of the check against the next


@dataclass(frozen=True, slots=True, eq=False)
class SphericalWaves:
    """Coefficients of the far field of each port per ampere, the others open.

    frequency: Hz.  tm, te: (n_port, L (L + 2)) V per A, in the order of :func:`orders`.
    error: of the sum, relative to the largest field.  upper: it holds for theta up to pi/2 only.
    """

    frequency: float
    tm: ComplexArray
    te: ComplexArray
    error: float
    upper: bool

    @property
    def l_max(self) -> int:
        return order_of(self.tm.shape[1])

    def driven(self, currents: ComplexArray) -> SphericalWaves:
        """The waves of (k, n_port) ``currents`` in A: k fields in place of one a port."""
        return replace(self, tm=currents @ self.tm, te=currents @ self.te)

    def field(self, theta: FloatArray, phi: FloatArray) -> tuple[ComplexArray, ComplexArray]:
        """(E_theta, E_phi) in V per A, each (n_port, *shape) at ``theta``, ``phi`` rad, broadcast.

        The sum as it is, below a horizon too, where it means nothing.
        """
        theta, phi = np.broadcast_arrays(np.asarray(theta, float), np.asarray(phi, float))
        out = np.zeros((2, self.tm.shape[0], theta.size), dtype=complex)
        for m, part in _by_m(self.l_max):
            slope, turn = waves(self.l_max, m, theta.ravel())
            a, b = self.tm[:, part], self.te[:, part]
            turning = np.exp(1j * m * phi.ravel())
            out[0] += (a @ slope - 1j * (b @ turn)) * turning
            out[1] += (1j * (a @ turn) + b @ slope) * turning
        e_theta, e_phi = out.reshape((2, -1, *theta.shape))
        return e_theta, e_phi


def order_of(count: int) -> int:
    """L of L (L + 2) coefficients."""
    return math.isqrt(count + 1) - 1


def orders(l_max: int) -> tuple[IntArray, IntArray]:
    """(l, m) of each coefficient: l = 1..L, and m = -l..l within each."""
    degree = np.repeat(np.arange(1, l_max + 1), 2 * np.arange(1, l_max + 1) + 1)
    within = np.arange(degree.size) - (degree**2 - 1)
    return degree, within - degree


def waves(l_max: int, m: int, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(dY/dtheta, m Y/sin theta) at phi = 0 over sqrt(l (l + 1)), each (n_l, n_theta).

    l = max(1, |m|) .. l_max.  By the upward recurrence of Y/sin theta, which is finite at the
    poles (Holmes & Featherstone, J. Geodesy 76, 279, 2002, eq. 11, fully normalised).
    """
    order = max(1, abs(m))
    cosine, sine = np.cos(theta), np.sin(theta)
    count = l_max - order + 1
    ratio = np.zeros((count + 1, theta.size))  # Y/sin theta of |m| (1 for m = 0), l = order-1 ..
    k = np.arange(1, order + 1)
    first = (-1.0) ** order * np.sqrt(np.prod((2.0 * k + 1.0) / (2.0 * k)) / (4.0 * np.pi))
    ratio[1] = first * sine ** (order - 1)
    slope = np.empty((count, theta.size))
    for index in range(count):
        degree = order + index
        if index:
            span = degree**2 - order**2
            up = np.sqrt((4.0 * degree**2 - 1.0) / span)
            back = ((degree - 1.0) ** 2 - order**2) * (2.0 * degree + 1.0)
            back = np.sqrt(back / ((2.0 * degree - 3.0) * span))
            ratio[index + 1] = up * cosine * ratio[index] - back * ratio[index - 1]
        lower = np.sqrt((2.0 * degree + 1.0) * (degree**2 - order**2) / (2.0 * degree - 1.0))
        slope[index] = degree * cosine * ratio[index + 1] - lower * ratio[index]
    degrees = np.arange(order, l_max + 1)[:, None]
    scale = 1.0 / np.sqrt(degrees * (degrees + 1.0))
    if m == 0:  # dY_l0/dtheta = sqrt(l (l + 1)) Y_l1 at phi = 0
        return sine * ratio[1:], np.zeros_like(slope)
    sign = (-1.0) ** m if m < 0 else 1.0
    return sign * scale * slope, sign * scale * m * ratio[1:]


def expand(
    solution: Solution,
    frequency: float,
    tolerance: float = TOLERANCE,
    start: int | None = None,
    most: int = MOST,
) -> SphericalWaves:
    """The waves of every port at a solved ``frequency`` (Hz), as few orders as ``tolerance`` takes.

    tolerance: of the error, relative to the largest field.  start: the order tried first.
    most: the largest order.

    Raises :class:`InputError` where ``most`` orders are too few.
    """
    number("tolerance", tolerance, low=1e-10, high=0.1)
    sample = _Samples(solution, frequency)
    l_max = sample.least if start is None else max(sample.least, start)
    l_max = min(l_max, most)
    while True:
        found = sample.fit(l_max, tolerance)
        if found.error <= tolerance:
            return found
        if l_max >= most:
            raise InputError(
                f"spherical waves up to l = {most} leave an error of {found.error:.1e} at "
                f"{frequency / 1e6:g} MHz; allow a larger tolerance than {tolerance:g}, or lay "
                "the antenna nearer to the origin"
            )
        l_max = min(most, l_max + max(3, l_max // 4))


class _Samples:
    """The field of a solution on the rings that a fit or a check needs."""

    def __init__(self, solution: Solution, frequency: float) -> None:
        self.solution = solution
        self.index = solution.frequency_index(frequency)
        self.frequency = float(solution.frequency[self.index])
        self.upper = not solution.problem.stack.is_free_space
        reach = float(np.linalg.norm(solution.elements.position, axis=1).max(initial=0.0))
        size = float(wavenumber(np.array(self.frequency))) * reach
        self.least = int(np.ceil(size)) + (8 if self.upper else 4)

    def __call__(self, theta: FloatArray, phi: FloatArray) -> ComplexArray:
        """(2, n_port, *shape) V per A."""
        return np.stack(self.solution.fields(self.index, None, theta, phi))

    def rings(self, l_max: int) -> tuple[FloatArray, FloatArray]:
        """Gauss-Legendre nodes in cos theta, as theta, and their weights."""
        if self.upper:
            cosine, weight = half_sphere(l_max + 8)
        else:
            cosine, weight = half_sphere(l_max + 2)
            cosine, weight = 2.0 * cosine - 1.0, 2.0 * weight
        return np.arccos(cosine)[::-1], 2.0 * np.pi * weight[::-1]

    def fit(self, l_max: int, tolerance: float) -> SphericalWaves:
        theta, weight = self.rings(l_max)
        n_phi = 2 * l_max + 6
        phi = 2.0 * np.pi * np.arange(n_phi) / n_phi
        field = self(theta[:, None], phi[None, :])
        by_m = np.fft.fft(field, axis=-1) / n_phi  # (2, n_port, n_theta, n_phi)
        # (E_theta +- j E_phi): each is one unknown, a +- j b, times dY/dtheta -+ m Y/sin theta
        pair = (by_m[0] + 1j * by_m[1], by_m[0] - 1j * by_m[1])
        root = np.sqrt(weight)[:, None]
        shape = (field.shape[1], l_max * (l_max + 2))
        tm, te = np.zeros(shape, dtype=complex), np.zeros(shape, dtype=complex)
        for m, part in _by_m(l_max):
            slope, turn = waves(l_max, m, theta)
            mixed = [
                np.linalg.lstsq(
                    root * (slope - sign * turn).T,
                    root * value[..., m % n_phi].T,
                    rcond=LEFT_OUT * tolerance,
                )[0].T
                for sign, value in zip((1.0, -1.0), pair, strict=True)
            ]
            tm[:, part] = 0.5 * (mixed[0] + mixed[1])
            te[:, part] = -0.5j * (mixed[0] - mixed[1])
        made = SphericalWaves(self.frequency, tm, te, np.inf, self.upper)
        return replace(made, error=self.error(made, theta, float(np.abs(field).max(initial=0.0))))

    def error(self, made: SphericalWaves, theta: FloatArray, largest: float) -> float:
        """Largest difference between the rings of the fit and at the ends, over the largest."""
        ends = (0.0, 0.5 * np.pi if self.upper else np.pi)
        between = np.array([*ends[:1], *(0.5 * (theta[1:] + theta[:-1])), *ends[1:]])
        phi = (
            2.0 * np.pi / AZIMUTHS * np.arange(AZIMUTHS) + GOLDEN * np.arange(between.size)[:, None]
        )
        wrong = np.stack(made.field(between[:, None], phi)) - self(between[:, None], phi)
        return float(np.abs(wrong).max() / largest) if largest else 0.0


def _by_m(l_max: int) -> Iterator[tuple[int, IntArray]]:
    """(m, indices of its coefficients, l = max(1, |m|) .. l_max)."""
    for m in range(-l_max, l_max + 1):
        degree = np.arange(max(1, abs(m)), l_max + 1)
        yield m, degree * (degree + 1) + m - 1
