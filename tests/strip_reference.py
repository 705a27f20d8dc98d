"""Cross-section of a flat strip, solved by piecewise constant Galerkin functions on graded cells.

Current: Z_s J - (j omega mu0/2 pi) int J ln|y - y'| dy' = E, in units where the strip is 1 wide and
Z_s = (j omega mu0/2) lambda, so that lambda J - (1/pi) int J ln|y - y'| dy' = e.

Charge on layers: the spectral kernel f(k)/|k| as a sum of images c exp(-k d), which in space is
-(c/2 pi) ln(u^2 + d^2).

With 150 cells graded by 1.15 down to 1e-9 of the width both are good to 1e-3 of the part that
thickness or resistance adds.  The code shares nothing with the package.
"""

from __future__ import annotations

import numpy as np


def graded(first, ratio=1.15, largest=0.02):
    """Edges of cells on half a strip of width 1, from the rim (0) to the middle (0.5)."""
    edges, step = [0.0], first
    while edges[-1] < 0.5:
        edges.append(edges[-1] + step)
        step = min(step * ratio, largest)
    edges = np.array(edges)
    return edges * 0.5 / edges[-1]


def _second_integral(u, d):
    """Twice integrated ln sqrt(u^2 + d^2)."""
    if d == 0.0:
        size = np.where(u == 0.0, 1.0, np.abs(u))
        return 0.5 * u * u * np.log(size) - 0.75 * u * u
    return 0.25 * (u * u - d * d) * np.log(u * u + d * d) - 0.75 * u * u + u * d * np.arctan2(u, d)


def half_matrix(edges, distance=(0.0,), coefficient=(1.0,)):
    """Means over pairs of cells of -(1/pi) sum c ln sqrt(u^2 + d^2), halves of the strip folded."""
    n = edges.size - 1
    whole = np.concatenate((edges, 1.0 - edges[-2::-1]))
    a, b = whole[:-1], whole[1:]
    length, middle = b - a, 0.5 * (a + b)
    node, weight = np.polynomial.legendre.leggauss(8)
    points = middle[:, None] + 0.5 * length[:, None] * node
    weight = 0.5 * weight
    total = np.zeros((n, 2 * n), dtype=complex)
    for d, c in zip(distance, coefficient, strict=True):
        for i in range(n):
            far = np.abs(middle - middle[i]) > 3.0 * (length + length[i])
            far |= d > 30.0 * np.maximum(length, length[i])
            mean = np.empty(2 * n)
            u = points[i][:, None, None] - points[far][None]
            mean[far] = np.einsum("p,pjq,q->j", weight, 0.5 * np.log(u * u + d * d), weight)
            lo, hi = a[~far], b[~far]
            mean[~far] = (
                _second_integral(b[i] - lo, d)
                - _second_integral(b[i] - hi, d)
                - _second_integral(a[i] - lo, d)
                + _second_integral(a[i] - hi, d)
            ) / (length[i] * length[~far])
            total[i] -= c / np.pi * mean
    folded = total[:, :n] + total[:, ::-1][:, :n]
    return 0.5 * (folded + folded.T)


def response(matrix, edges, added=0.0):
    """1/(total current) for unit field; added: per area, on every cell or as (n,) on each."""
    n = edges.size - 1
    diagonal = np.broadcast_to(added, n) / np.diff(edges)
    return 0.5 / np.linalg.solve(matrix + np.diag(diagonal), np.ones(n)).sum()


def film_images(eps_film, eps_behind, thickness, smallest=1e-8):
    """Distances and coefficients of the static kernel of a charge in vacuum on a film.

    f = (1/(1 + e_f)) (1 + G w)/(1 + q G w), w = exp(-2 k t), G = (e_f - e)/(e_f + e),
    q = (1 - e_f)/(1 + e_f).
    """
    q = (1.0 - eps_film) / (1.0 + eps_film)
    g = (eps_film - eps_behind) / (eps_film + eps_behind)
    distance, coefficient = [0.0], [1.0 / (1.0 + eps_film)]
    term = g * (1.0 - q) / (1.0 + eps_film)
    while abs(term) > smallest:
        distance.append(2.0 * thickness * len(distance))
        coefficient.append(term)
        term = -term * q * g
    return distance, coefficient
