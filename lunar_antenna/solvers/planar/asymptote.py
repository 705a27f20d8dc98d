"""Quasi-static parts of the charge kernel that the table must not hold.

Without the film the static kernel is a sum of images: looking down at soil layers eps_i with
thickness d_i, the reflection Gamma is a power series in exp(-2 k_rho d_i), and

    g_phi k_rho = (1/(e_up + eps_1)) (1 + Gamma)/(1 + q Gamma),  q = (e_up - eps_1)/(e_up + eps_1)

is one too; each term c exp(-k_rho d) / k_rho is a charge at distance d behind the plane.  Images
nearer than ``reach`` are integrated analytically over the triangles; the rest is smooth.

A film of thickness t is far thinner than any cell.  To first order in k_rho t its static effect is
a constant in k_rho, that is a local term D delta(rho):

    D = -t (eps_f - e^2/eps_f)/(e_other + e)^2,   e: static admittance behind the film,

and its loss is t eps_f'' (1 + |e/eps_f|^2)/|e_other + e|^2.  Michalski & Mosig 1997 give the line
equations from which both follow; the remainder is O((k_rho t)^2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...conventions import ComplexArray, FloatArray
from .spectral import Line

Series = dict[int, ComplexArray]  # distance in units of QUANTUM -> coefficient (n_freq,)
QUANTUM = 1e-10  # m; distances closer than this are one image
NEGLIGIBLE = 1e-5  # smaller terms are dropped: what is not an image stays in the smooth table


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """distance (n,) m, increasing from 0; coefficient (n, n_freq), of exp(-k d)/k_rho.

    omitted: distance of the nearest image that is not among them, m (inf where there is none).
    """

    distance: FloatArray
    coefficient: ComplexArray
    omitted: float

    @property
    def strength(self) -> FloatArray:
        """(n,) largest magnitude over the band, relative to the image at distance 0."""
        size = np.abs(self.coefficient).max(axis=1)
        return np.asarray(size / size[0])

    def spectrum(self, k_rho: ComplexArray, column: int) -> ComplexArray:
        """Sum of c exp(-k_rho d)/k_rho for one frequency, shape of ``k_rho``."""
        decay = np.exp(-k_rho[:, None] * self.distance)
        return np.asarray((decay @ self.coefficient[:, column]) / k_rho)


def static_images(line: Line, reach: float, smallest: float = 1e-3, most: int = 8) -> Images:
    """Images of a line without film nearer than ``reach`` and larger than ``smallest``."""
    up = line.eps_up[0]
    gamma = _reflection(line, reach)
    first = line.eps_down[0] if line.eps_down.shape[0] else np.ones_like(up)
    q = (up - first) / (up + first)
    # (1 + Gamma) sum_n (-q Gamma)^n / (up + first)
    total: Series = {0: np.ones_like(up)}
    power: Series = {0: np.ones_like(up)}
    for _ in range(30):
        power = _prune(_multiply(power, {d: -q * c for d, c in gamma.items()}), reach, NEGLIGIBLE)
        if not power:
            break
        total = _add(total, power)
    total = _add(total, _multiply(total, gamma))
    total = {d: c / (up + first) for d, c in total.items()}
    kept = _prune(total, reach, smallest)
    kept[0] = total[0]
    by_size = sorted(kept, key=lambda d: -np.inf if d == 0 else -float(np.abs(kept[d]).max()))
    chosen = sorted(by_size[:most])
    left = min((d * QUANTUM for d in total if d not in chosen), default=np.inf)
    return Images(
        np.array(chosen) * QUANTUM,
        np.array([kept[d] for d in chosen]),
        min(left, reach) if line.eps_down.shape[0] > 1 or line.conductor else np.inf,
    )


def _reflection(line: Line, reach: float) -> Series:
    """Static reflection Gamma looking down from the current, as a series of images."""
    n = line.eps_down.shape[0]
    gamma: Series = {}
    for i in range(n - 1, -1, -1):
        here = line.eps_down[i]
        if i == n - 1:
            if not line.conductor:
                continue
            inner: Series = {0: -np.ones_like(here)}
        else:
            below = line.eps_down[i + 1]
            local = (here - below) / (here + below)
            # (local + G)/(1 + local G) = local + (1 - local^2) G sum (-local G)^m
            inner = {0: local}
            term = {d: (1.0 - local**2) * c for d, c in gamma.items()}
            for _ in range(30):
                term = _prune(term, reach, NEGLIGIBLE)
                if not term:
                    break
                inner = _add(inner, term)
                term = _multiply(term, {d: -local * c for d, c in gamma.items()})
        shift = round(2.0 * float(line.thickness_down[i]) / QUANTUM)
        gamma = _prune({d + shift: c for d, c in inner.items()}, reach, NEGLIGIBLE)
    return gamma


def _add(a: Series, b: Series) -> Series:
    result = dict(a)
    for distance, value in b.items():
        result[distance] = result[distance] + value if distance in result else value
    return result


def _multiply(a: Series, b: Series) -> Series:
    result: Series = {}
    for da, ca in a.items():
        for db, cb in b.items():
            value = ca * cb
            result[da + db] = result[da + db] + value if da + db in result else value
    return result


def _prune(series: Series, reach: float, smallest: float) -> Series:
    limit = reach / QUANTUM
    return {d: c for d, c in series.items() if d < limit and float(np.abs(c).max()) > smallest}


@dataclass(frozen=True, slots=True, eq=False)
class LocalTerm:
    """Coefficients of delta(rho): of g_phi, and of the ground and film flux kernels."""

    total: ComplexArray
    ground: FloatArray
    film: FloatArray


def film_term(line: Line, behind: ComplexArray, column: int | slice) -> LocalTerm:
    """First-order static effect of the film for admittance ``behind`` it (any shape).

    behind: static relative admittance behind the film, e_down(k_rho) with the film taken out, or
    its limit eps of the adjacent layer.
    """
    zero = np.zeros(np.shape(behind))
    if line.film_down:
        film, thickness = line.eps_down[0][column], line.thickness_down[0]
        other = line.eps_up[0][column]
        e = behind
    elif line.film_up:
        film, thickness = line.eps_up[0][column], line.thickness_up[0]
        other = behind  # the soil side, seen from the current
        e = line.eps_up[1][column]
    else:
        return LocalTerm(zero.astype(np.complex128), zero, zero)
    total = -thickness * (film - e**2 / film) / (other + e) ** 2
    lost = -thickness * film.imag * (1.0 + np.abs(e / film) ** 2) / np.abs(other + e) ** 2
    return LocalTerm(
        np.asarray(total).astype(np.complex128),
        np.asarray((-1j * total).real - lost if line.soil_below else zero),
        np.asarray(lost),
    )
