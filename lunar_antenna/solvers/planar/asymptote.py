"""Quasi-static parts of the kernels that the table must not hold, as images.

In the static limit the charge kernel is g_phi = f(k)/k with f = 1/(e_up + e_down), e the static
admittances seen from the metal through all layers, the film among them.  f is a superposition of
exp(-k d): each term is a charge at the distance d behind the plane, in space c/(2 pi sqrt(rho^2 +
d^2)).  For one interface below a gap of air there are two, at 0 and at 2 h; a film of thickness t
has a series at 2 t, 4 t, ...; a pile of thin layers has hundreds.

The terms nearer than ``reach`` are integrated over the triangles analytically; what varies more
slowly is smooth on the scale of the cells and stays in the table.  So few terms do for many:
exp(-k d) at any d is reproduced by a dozen fixed d a few octaves apart, because it is smooth in
log d.  Distances are picked one at a time from a geometric series and from the exact ones, each
the one that takes most out of what is left (orthogonal matching pursuit), for all frequencies and
for the losses together, until f is met; superfluous ones are dropped again.  Exact ones are on
offer beyond ``reach`` too, as far as the fit can see them: nearer ones would have to stand for them
with coefficients of thousands that cancel, and quadrature errors do not.  Coefficients are least
squares.  The part of the film is fitted by itself, to a share of itself, so that a film of a few
micrometres is as good as a thick one.

``reach`` belongs to the band and the images to the layers: neither depends on the layout.

The vector potential has no static images but one: every stack is transparent to it except a
perfect conductor, whose image at twice its depth has the factor -1 (a good one's, taken by its
impedance, very nearly).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...conventions import ComplexArray, FloatArray
from .spectral import Line, evaluate

REACH = 0.07  # of the shortest wavelength in vacuum: a tenth to a third of the longest cell
TOLERANCE = 3e-5  # of f: of the layers
FILM_TOLERANCE = 2e-3  # of the change that the film makes, at every k
SLACK = 4.0  # below k = SLACK/reach the table takes over, and the fit need not be as good
RATIO = 1.15  # between the distances on offer
SEEN = 8.0  # reaches: exp(-8) is below what the fit may be off by at k = 1/reach
MOST = 24  # images of the layers, and of the film
SAMPLES = 3  # frequencies at which distances are picked
PARTS = 1e-6  # of the largest coefficient: parts of the coefficients below are left out


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """Static parts of the charge kernels of all frequencies, in separable form.

    distance (n,) m, increasing from 0.  weight (n, r): the r shapes sum_i weight_ij/R_i with
    R_i = sqrt(rho^2 + distance_i^2).  total (n_freq, r) complex, ground and film (n_freq, r): of
    g_phi and of its flux kernels, times 1/(2 pi).
    mirror: distance of the image of the vector potential, factor -1, m; inf where there is none
    within ``reach``.  reach: m.
    """

    distance: FloatArray
    weight: FloatArray
    total: ComplexArray
    ground: FloatArray
    film: FloatArray
    mirror: float
    reach: float

    def shapes(self, k_rho: ComplexArray) -> ComplexArray:
        """(n_k, r) spectra of the shapes, sum of exp(-k d)/k."""
        return np.asarray(np.exp(-k_rho[:, None] * self.distance) @ self.weight / k_rho[:, None])

    def vector(self, k_rho: ComplexArray) -> ComplexArray:
        """Static part of g_A, shape of ``k_rho``."""
        if np.isinf(self.mirror):
            return np.asarray(0.5 / k_rho)
        return np.asarray(0.5 / k_rho * (1.0 - np.exp(-k_rho * self.mirror)))


def static_images(line: Line, k0: FloatArray) -> Images:
    """Images of ``line`` at the vacuum wavenumbers ``k0`` (n_freq,) rad/m."""
    reach = REACH * 2.0 * np.pi / float(k0.max())
    line = _merged(line)
    bare = line.without_film()
    infinite = static_symbols(bare, np.array([1e9]))  # (3, 1, n_freq)
    found = {0.0: infinite[:, 0, :]}
    for d, c in _layers(bare, reach):
        found[d] = c
    for d, c in _film(line, bare, reach):
        found[0.0] = found[0.0] + c
        found[d] = found.get(d, 0.0) - c
    order = sorted(found)
    coefficient = np.array([found[d] for d in order])  # (n, 3, n_freq): total, ground, film
    flat = np.concatenate(
        (coefficient.real.reshape(len(order), -1), coefficient[:, 0].imag), axis=1
    )
    u, s, _ = np.linalg.svd(flat, full_matrices=False)
    weight = u[:, : max(1, int(np.count_nonzero(s > PARTS * s[0])))]
    part = np.einsum("nr,ncf->cfr", weight, coefficient)
    deep = 2.0 * line.mirror_depth
    return Images(
        distance=np.array(order),
        weight=np.ascontiguousarray(weight),
        total=part[0],
        ground=part[1].real,
        film=part[2].real,
        mirror=deep if deep < reach else np.inf,
        reach=reach,
    )


def static_symbol(line: Line, k: FloatArray) -> ComplexArray:
    """(n_k, n_freq) f = k g_phi in the static limit."""
    return np.asarray(static_symbols(line, k)[0])


def static_symbols(line: Line, k: FloatArray) -> ComplexArray:
    """(3, n_k, n_freq): f, and k times the static flux kernels of ground and film."""
    count = line.eps_up.shape[1]
    columns = [evaluate(line, k.astype(complex), 1.0, n, static=True) for n in range(count)]
    out = np.stack([np.stack([c[:, 1], c[:, 3], c[:, 5]]) for c in columns], axis=-1)
    return np.asarray(out * k[:, None])


def _merged(line: Line) -> Line:
    """The same line with neighbouring layers of one material as one."""
    keep = [0]
    thickness = list(line.thickness_down[:1])
    for i in range(1, line.eps_down.shape[0]):
        # the film stays a layer of its own, and so does a wall
        alone = (line.film_down and i == 1) or (line.wall and i == len(line.eps_down) - 1)
        if not alone and np.array_equal(line.eps_down[i], line.eps_down[i - 1]):
            thickness[-1] += line.thickness_down[i]
        else:
            keep.append(i)
            thickness.append(line.thickness_down[i])
    if not line.eps_down.shape[0]:
        return line
    return replace(
        line,
        eps_down=np.ascontiguousarray(line.eps_down[keep]),
        thickness_down=np.array(thickness),
    )


def _finite(line: Line) -> FloatArray:
    thickness = line.thickness_down
    return np.asarray(thickness[np.isfinite(thickness)])


def _layers(bare: Line, reach: float) -> list[tuple[float, ComplexArray]]:
    """Distances and coefficients (3, n_freq) of the layers' images beyond the one at 0."""
    thickness = _finite(bare)
    if not thickness.size or 2.0 * thickness.min() >= reach:
        return []
    nearest = 2.0 * float(thickness.min())
    k = np.geomspace(1.0 / reach, 20.0 / nearest, 240)
    target = static_symbols(bare, k) - static_symbols(bare, np.array([1e9]))
    allowed = TOLERANCE * np.abs(static_symbols(bare, np.array([1e9]))[0]).max() * _slack(k, reach)
    depth = np.cumsum(thickness)
    offer = _offer(nearest, reach, np.concatenate([2.0 * m * depth for m in (1, 2, 3, 4)]))
    return _pursuit(np.exp(-np.outer(k, offer)), offer, target, allowed)


def _film(line: Line, bare: Line, reach: float) -> list[tuple[float, ComplexArray]]:
    """Distances and coefficients (3, n_freq) of 1 - exp(-k d) in what the film changes."""
    if not (line.film_up or line.film_down):
        return []
    thickness = float(line.thickness_up[0] if line.film_up else line.thickness_down[0])
    k = np.geomspace(1.0 / reach, 20.0 / thickness, 240)
    target = static_symbols(line, k) - static_symbols(bare, k)
    size = np.abs(target[0]).max(axis=1)
    allowed = FILM_TOLERANCE * size * _slack(k, reach) + 1e-9 * size.max()
    step = 2.0 * thickness
    near = [2.0 * m * depth for m in (1, 2) for depth in np.cumsum(_finite(bare))]
    exact = [start + step * np.arange(0 if start else 1, 5) for start in (0.0, *near)]
    offer = _offer(step, max(reach, 2.0 * step), np.concatenate(exact))
    return _pursuit(-np.expm1(-np.outer(k, offer)), offer, target, allowed)


def _slack(k: FloatArray, reach: float) -> FloatArray:
    """Factor on what the fit may be off by: below SLACK/reach the table holds the rest."""
    return np.asarray(np.maximum(1.0, SLACK / (reach * k)) ** 3)


def _offer(nearest: float, reach: float, exact: FloatArray) -> FloatArray:
    """Distances, increasing: a series up to ``reach``, and the exact ones that the fit can see."""
    series = nearest * RATIO ** np.arange(int(np.log(reach / nearest) / np.log(RATIO)) + 1)
    every = np.concatenate((exact[exact <= SEEN * reach], series[series <= reach]))
    every = np.unique(np.round(every[every > 0.0], 12))
    apart = np.concatenate(([True], np.diff(every) > 1e-6 * every[1:]))
    return np.asarray(every[apart])


def _pursuit(
    shape: FloatArray, offer: FloatArray, target: ComplexArray, allowed: FloatArray
) -> list[tuple[float, ComplexArray]]:
    """Few columns of ``shape`` (n_k, n_offer) whose sums meet ``target`` (3, n_k, n_freq).

    allowed (n_k,): what the sums may be off by.  Returns distances and coefficients (3, n_freq).
    """
    count = target.shape[2]
    shown = sorted({0, count // 2, count - 1})[:SAMPLES]
    weighted = shape / allowed[:, None]
    wanted = np.concatenate([target[:, :, shown].real, target[:1, :, shown].imag])
    wanted = np.moveaxis(wanted, 1, 0).reshape(len(allowed), -1) / allowed[:, None]
    length = np.linalg.norm(weighted, axis=0)
    chosen: list[int] = []

    def left(columns: list[int]) -> FloatArray:
        if not columns:
            return wanted
        part = weighted[:, columns]
        return np.asarray(wanted - part @ np.linalg.lstsq(part, wanted, rcond=1e-11)[0])

    rest = wanted
    while len(chosen) < min(MOST, offer.size) and np.abs(rest).max() > 1.0:
        score = np.linalg.norm(weighted.T @ rest, axis=1) / length
        score[chosen] = -1.0
        chosen.append(int(score.argmax()))
        rest = left(chosen)
    for column in list(chosen):
        fewer = [c for c in chosen if c != column]
        if np.abs(left(fewer)).max() <= 1.0:
            chosen = fewer
    if not chosen:
        return []
    every = np.moveaxis(target, 1, 0).reshape(len(allowed), -1) / allowed[:, None]
    found = np.linalg.lstsq(weighted[:, chosen], every, rcond=1e-11)[0]
    found = found.reshape(len(chosen), 3, count)
    return [
        (round(float(offer[c]), 12), np.asarray(value))
        for c, value in zip(chosen, found, strict=True)
    ]
