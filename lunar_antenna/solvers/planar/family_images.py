"""Images at fixed distances that all stacks of a family share, and the shapes that they take.

exp(-k d) is analytic in ln d to +-j pi/2, and its sums are reproduced on distances RATIO apart to
exp(-pi^2/(2 ln RATIO)); the grid is denser than that asks for, so that coefficients stay small.  A
singular value decomposition leaves the few shapes that the family has.  What the images of one
stack are off by stays in its modes (:mod:`.family`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...conventions import ComplexArray, FloatArray
from .asymptote import REACH, SLACK, Images, static_symbols
from .spectral import Line

RATIO = 1.25  # between the distances of images
CELL = 33.0  # a cell over the finest distance that it feels
BEYOND = 3.0  # reaches: images of reflectors beyond those that the modes hold
SHAPES = 1e-6  # of the largest coefficient of an image: shapes below are left out
FILM_SHAPES = 1e-4  # of the change that the film makes
SMOOTH = 1e-7  # of the largest: columns of images that least squares take for the same
FILM_SMOOTH = 1e-5  # its coefficients stay below 1, and the error of their quadrature small


@dataclass(frozen=True, slots=True, eq=False)
class Statics:
    """Image shapes of a family and what finds their coefficients.

    distance (n,) m, weight (n, r): as in :class:`.asymptote.Images`; the first ``bare`` shapes are
    those of the layers, the others of the film.  k (n_k,) rad/m: where the static symbol is
    looked at; fit (r, n_k): from it to coefficients.  mirror: as in Images.  reach: m.
    """

    distance: FloatArray
    weight: FloatArray
    bare: int
    k: FloatArray
    fit: FloatArray
    mirror: float
    reach: float

    def images(self, line: Line) -> Images:
        """The images of ``line`` on these shapes."""
        count = line.eps_up.shape[1]
        seen = line.alike()
        bare = static_symbols(seen.without_film(), self.k)  # (3, n_k, n_freq)
        part = [bare]
        if self.bare < len(self.fit):
            part.append(static_symbols(seen, self.k) - bare)
        rows = (self.fit[: self.bare], self.fit[self.bare :])
        found = np.concatenate(
            [np.einsum("rk,ckf->cfr", fit, f) for fit, f in zip(rows, part, strict=False)], axis=2
        )
        found = np.broadcast_to(found, (3, count, found.shape[2]))
        return Images(
            self.distance,
            self.weight,
            found[0],
            found[1].real,
            found[2].real,
            self.mirror,
            self.reach,
        )


def statics_of(lines: Sequence[Line], k_max: float, finest: float) -> Statics:
    """Image shapes of all ``lines``; k_max: largest wavenumber in vacuum, rad/m."""
    reach = REACH * 2.0 * np.pi / k_max
    mirrors = [2.0 * line.mirror_depth for line in lines]
    mirror = min(mirrors)
    alike = np.ptp(mirrors) < 1e-9 * mirror if np.isfinite(mirror) else True
    near = mirror if alike and mirror < reach else np.inf
    bare = [line.without_film().alike() for line in lines]
    layers = np.concatenate([line.thickness_down for line in bare])
    thinnest = max(float(np.min(layers, initial=np.inf)), 0.5 * finest)
    far = _distances(2.0 * thinnest, reach, BEYOND * reach)
    high = 3.0 / far[1] if far.size > 1 else 1.0 / reach
    k = np.geomspace(1.0 / reach, max(high, 10.0 / reach), 161)
    symbol = np.hstack([static_symbols(line, k)[0] for line in bare])
    allowed = _allowed(k, reach, finest)
    weight, fit = _shapes(
        np.exp(-np.outer(k, far)), symbol, allowed, np.ones_like(far), (SMOOTH, SHAPES)
    )
    count = weight.shape[1]
    if not (lines[0].film_up or lines[0].film_down):
        return Statics(far, weight, count, k, fit, near, reach)
    film = [line.thickness_up[0] if line.film_up else line.thickness_down[0] for line in lines]
    thickness = float(min(film))
    nearest = max(2.0 * thickness, finest)
    own = _distances(nearest, np.inf, max(reach, 2.0 * nearest))[1:]
    k_film = np.geomspace(1.0 / reach, max(3.0 / nearest, 10.0 / reach), 161)
    change = np.hstack(
        [
            static_symbols(line.alike(), k_film)[0] - static_symbols(plain, k_film)[0]
            for line, plain in zip(lines, bare, strict=True)
        ]
    )
    allowed = np.abs(change).max(axis=1) * _allowed(k_film, reach, finest)
    shape = -np.expm1(-np.outer(k_film, own))
    film_weight, film_fit = _shapes(
        shape,
        change,
        allowed,
        own / nearest,
        (FILM_SMOOTH, FILM_SHAPES),
    )
    # 1 - exp(-k d) is an image at 0 and one at d
    distance = np.concatenate((far, own))
    order = np.argsort(distance, kind="stable")
    both = np.zeros((distance.size, count + film_weight.shape[1]))
    both[: far.size, :count] = weight
    both[far.size :, count:] = -film_weight
    both[0, count:] = film_weight.sum(axis=0)
    every_k = np.concatenate((k, k_film))
    both_fit = np.zeros((both.shape[1], every_k.size))
    both_fit[:count, : k.size] = fit
    both_fit[count:, k.size :] = film_fit
    return Statics(distance[order], both[order], count, every_k, both_fit, near, reach)


def _distances(nearest: float, reach: float, end: float) -> FloatArray:
    """0, and from ``nearest`` to ``end`` RATIO apart, where ``nearest`` is within ``reach``."""
    if nearest >= reach:
        return np.zeros(1)
    count = int(np.ceil(np.log(end / nearest) / np.log(RATIO))) + 1
    return np.concatenate(([0.0], np.geomspace(nearest, end, max(count, 2))))


def _allowed(k: FloatArray, reach: float, finest: float) -> FloatArray:
    """Factor on what the fit may be off by: below SLACK/reach the modes hold the rest, beyond the
    inverse of a cell what is left matters less and less."""
    seen = np.maximum(1.0, CELL * k * finest) ** 2
    return np.asarray(seen * np.maximum(1.0, SLACK / (reach * k)) ** 3)


def _shapes(
    column: FloatArray,
    target: ComplexArray,
    allowed: FloatArray,
    size: FloatArray,
    tolerance: tuple[float, float],
) -> tuple[FloatArray, FloatArray]:
    """Weights (n, r) of shapes column @ weight and the fit (r, n_k) of their coefficients.

    column (n_k, n); target (n_k, n_target), the static symbols; allowed (n_k,): what a fit may be
    off by, relative; size (n,): what a coefficient counts for.
    """
    scaled = column / (allowed[:, None] * size)
    wanted = np.hstack((target.real, target.imag)) / allowed[:, None]
    found = np.linalg.lstsq(scaled, wanted, rcond=tolerance[0])[0]
    u, s, _ = np.linalg.svd(found, full_matrices=False)
    rank = max(1, int(np.count_nonzero(s > tolerance[1] * s[0])))
    weight = u[:, :rank] / size[:, None]
    inverse = np.linalg.pinv(column @ weight / allowed[:, None], rcond=1e-12)
    return np.ascontiguousarray(weight), np.asarray(inverse / allowed)
