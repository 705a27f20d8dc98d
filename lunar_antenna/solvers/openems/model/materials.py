"""Materials as the FDTD engine can take them: Debye poles, effective boxes for thin sheets.

The engine has one conductivity per material, so that a loss tangent that is constant over the
band becomes a sum of Debye poles plus eps_inf; a layer's own conductivity stays as it is:

    eps_r(omega) = eps_inf + sum_m d_m / (1 + j omega tau_m) - j sigma / (omega eps0)

Causality makes eps' fall by (2/pi) tan delta ln(f2/f1) over the band; the fit reports the
largest error in eps' and in tan delta.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ....conventions import EPS0, ComplexArray, FloatArray
from ....media.layer import Layer
from ....problem import Problem

POLES_PER_DECADE = 2.0
MOST_DISPERSION = 0.05  # relative error of eps' (and error of tan delta) that is accepted
WIDER = 2.5  # poles lie from f_low/WIDER to WIDER f_high


@dataclass(frozen=True, slots=True)
class Medium:
    """eps_inf, conductivity (S/m) and Debye poles (strength, relaxation time in s)."""

    eps_r: float = 1.0
    conductivity: float = 0.0
    poles: tuple[tuple[float, float], ...] = ()

    def complex_eps_r(self, frequency: FloatArray) -> ComplexArray:
        """What the engine simulates, shape of ``frequency`` (Hz)."""
        omega = 2.0 * math.pi * np.asarray(frequency, dtype=float)
        value = self.eps_r - 1j * self.conductivity / (omega * EPS0)
        for strength, tau in self.poles:
            value = value + strength / (1.0 + 1j * omega * tau)
        return np.asarray(value, dtype=complex)

    def scaled(self, factor: float) -> Medium:
        """All of the permittivity and conductivity times ``factor``."""
        return Medium(
            self.eps_r * factor,
            self.conductivity * factor,
            tuple((strength * factor, tau) for strength, tau in self.poles),
        )

    def raised(self, delta: float) -> Medium:
        """``delta`` added to eps_inf."""
        return Medium(self.eps_r + delta, self.conductivity, self.poles)


VACUUM = Medium()


def debye_fit(eps_r: float, loss_tangent: float, frequency: FloatArray) -> Medium:
    """Poles for a constant ``loss_tangent`` over the span of ``frequency`` (Hz).

    Non-negative least squares for eps'' at logarithmic times; eps_inf makes the mean of eps'
    over the band right.  Without loss no pole.
    """
    from scipy.optimize import nnls

    if loss_tangent == 0.0:
        return Medium(eps_r)
    low, high = float(np.min(frequency)), float(np.max(frequency))
    low, high = min(low, high / 1.2), high
    span = math.log10(high / low) + 2.0 * math.log10(WIDER)
    count = max(2, round(POLES_PER_DECADE * span))
    relaxation = 1.0 / (2.0 * math.pi * np.geomspace(low / WIDER, high * WIDER, count))
    f = np.geomspace(low, high, 60)
    product = 2.0 * math.pi * f[:, None] * relaxation[None, :]
    strength, _ = nnls(product / (1.0 + product**2), np.full(f.size, eps_r * loss_tangent))
    real = (strength / (1.0 + product**2)).sum(axis=1)
    poles = tuple(
        (float(s), float(t)) for s, t in zip(strength, relaxation, strict=True) if s > 1e-9
    )
    return Medium(eps_r - float(real.mean()), 0.0, poles)


def medium_of(layer: Layer, frequency: FloatArray) -> Medium:
    """A soil layer as the engine takes it."""
    fit = debye_fit(layer.eps_r, layer.loss_tangent, frequency)
    return Medium(fit.eps_r, layer.conductivity, fit.poles)


def fit_error(layer: Layer, frequency: FloatArray) -> tuple[float, float]:
    """Largest (relative error of eps', absolute error of tan delta) over ``frequency``."""
    wanted = layer.complex_eps_r(frequency)
    made = medium_of(layer, frequency).complex_eps_r(frequency)
    real = float(np.abs(made.real / wanted.real - 1.0).max())
    loss = np.abs(made.imag / made.real - wanted.imag / wanted.real)
    return real, float(loss.max())


def dispersion(layers: Sequence[Layer], frequency: FloatArray) -> FloatArray:
    """(n_freq,) relative error of the permittivity of the worst layer, half its largest at least:
    its mean over the band is right, so that it passes through nothing."""
    worst = np.zeros(np.shape(frequency))
    for layer in layers:
        if not layer.is_conductor and layer.loss_tangent > 0.0:
            made = medium_of(layer, frequency).complex_eps_r(frequency)
            worst = np.maximum(worst, np.abs(made / layer.complex_eps_r(frequency) - 1.0))
    return np.asarray(np.maximum(worst, 0.5 * worst.max()))


def refused_loss(layers: Sequence[Layer], frequency: FloatArray) -> str | None:
    """Why the poles cannot stand for a layer's loss tangent over ``frequency`` (Hz), or None."""
    for number, layer in enumerate(layers, 1):
        if layer.is_conductor or layer.loss_tangent == 0.0:
            continue
        real, loss = fit_error(layer, frequency)
        if real > MOST_DISPERSION or loss > MOST_DISPERSION * max(1.0, layer.loss_tangent):
            low, high = float(np.min(frequency)) / 1e6, float(np.max(frequency)) / 1e6
            return (
                f"layer {number} has loss tangent {layer.loss_tangent:g}: constant from {low:g} to "
                f"{high:g} MHz its Debye poles put eps_r off by {100.0 * real:.3g} %, allowed "
                f"{100.0 * MOST_DISPERSION:g} %; give it a conductivity, a narrower band, or use "
                "solver planar"
            )
    return None


def unresolved_skin(problem: Problem, z: FloatArray) -> str | None:
    """Why the mesh lines ``z`` (m) cannot hold the field in a conducting layer, or None.

    A cell thicker than the skin depth takes the layer for a perfect conductor of the wrong loss.
    """
    layers = problem.stack.layers
    for number, (layer, depth) in enumerate(zip(layers, problem.stack.depths, strict=True), 1):
        if layer.is_conductor or not layer.conducts(problem.frequency):
            continue
        skin = layer.skin_depth(problem.frequency)
        k = int(np.clip(np.searchsorted(z, -depth + 1e-9) - 1, 1, z.size - 1))
        cell = float(z[k] - z[k - 1])
        if skin < cell:
            return (
                f"soil layer {number} (conductivity {layer.conductivity:g} S/m) has a skin depth "
                f"of {skin:.2g} m, finer than the mesh's {cell:.2g} m there; use solver planar, "
                "or write conductor = true in its place"
            )
    return None


@dataclass(frozen=True, slots=True)
class Slab:
    """One medium from z = ``low`` to ``high`` (m), over the whole mesh."""

    low: float
    high: float
    medium: Medium


def soil_slabs(problem: Problem, z: FloatArray) -> tuple[Slab, ...]:
    """Soil below z = 0 as slabs that end on mesh lines, from the top down.

    Layers thinner than a cell are averaged by thickness (tangential mean; their contrast is
    small, strong interfaces have their own line).
    """
    layers = problem.stack.layers
    if not layers or problem.stack.is_free_space:
        return ()
    tops = np.concatenate((-problem.stack.depths, [-np.inf]))
    media = [
        None if layer.is_conductor else medium_of(layer, problem.frequency) for layer in layers
    ]
    slabs: list[Slab] = []
    lines = z[z <= 1e-12]
    for low, high in zip(lines[-2::-1], lines[:0:-1], strict=True):
        weights = []
        for medium, top, bottom in zip(media, tops[:-1], tops[1:], strict=True):
            part = max(0.0, min(high, top) - max(low, bottom))
            if part > 1e-9 * (high - low) and medium is not None:
                weights.append((part, medium))
        if weights:
            mean = _mean(weights)
            if slabs and slabs[-1].medium == mean:
                slabs[-1] = Slab(float(low), slabs[-1].high, mean)
            else:
                slabs.append(Slab(float(low), float(high), mean))
    return tuple(slabs)


def _mean(weights: list[tuple[float, Medium]]) -> Medium:
    """Thickness-weighted mean; all media of a problem share their relaxation times."""
    if len(weights) == 1:
        return weights[0][1]
    total = float(sum(part for part, _ in weights))
    poles: dict[float, float] = {}
    for part, medium in weights:
        for strength, tau in medium.poles:
            poles[tau] = poles.get(tau, 0.0) + float(strength * part) / total
    return Medium(
        float(sum(part * m.eps_r for part, m in weights)) / total,
        float(sum(part * m.conductivity for part, m in weights)) / total,
        tuple(sorted(((s, t) for t, s in poles.items()), key=lambda pole: -pole[1])),
    )


def interface_slabs(slabs: tuple[Slab, ...], z: FloatArray) -> tuple[Slab, ...]:
    """Thin boxes about the interfaces with the mean of both sides, for the engine only.

    The engine averages eps and kappa of an edge over quarter cells but takes its Debye poles at
    the edge itself; a box of a tenth of a cell about the interface is seen by the poles alone.
    """
    result = []
    for number, slab in enumerate(slabs):
        k = int(np.argmin(np.abs(z - slab.high)))
        up, down = float(z[k + 1] - z[k]), float(z[k] - z[k - 1])
        above = VACUUM if number == 0 else slabs[number - 1].medium
        if above.poles or slab.medium.poles:
            mean = _mean([(up, above), (down, slab.medium)])
            result.append(Slab(float(z[k]) - 0.1 * down, float(z[k]) + 0.1 * up, mean))
    return tuple(result)


def medium_at(slabs: tuple[Slab, ...], z: float) -> Medium:
    """The medium at height ``z``; vacuum above the soil."""
    for slab in slabs:
        if slab.low <= z < slab.high:
            return slab.medium
    return VACUUM


@dataclass(frozen=True, slots=True)
class FilmBox:
    """Effective medium of a film (and of a thin air gap) in the cell beside the metal plane.

    low, high: m.  tangential, normal: what the box holds.  cell: m, height of that cell.
    """

    low: float
    high: float
    tangential: Medium
    normal: Medium
    cell: float


def film_box(
    problem: Problem,
    z: FloatArray,
    plane: float,
    slabs: tuple[Slab, ...],
    air: float | None = None,
) -> FilmBox:
    """The film as an anisotropic box 0.6 cell high on its side of the metal's plane.

    With t the film's thickness, a an air gap thinner than the mesh (``air`` in m, by default the
    problem's height; only where plane and surface share a line), D the cell's height and b
    the cell's own medium (the engine samples a quarter of a cell beside the plane for
    tangential edges, in mid-cell for normal ones):

        tangential = b + 2 (eps_film - 1) t / D            (the film stands where vacuum was)
        1 / normal = (D - s) / (D b) + a / D + t / (D eps_film)

    where s = t for a film in air and s = 0 where plane and surface share a mesh line.
    The film's small loss is added afterwards, to first order.
    """
    film = problem.layout.film
    k = int(np.argmin(np.abs(z - plane)))
    below = film is None or film.side == "above"
    cell = float(z[k] - z[k - 1] if below else z[k + 1] - z[k])
    base = medium_at(slabs, plane - 0.5 * cell) if below else VACUUM
    thickness = film.thickness if film else 0.0
    eps = film.eps_r if film else 1.0
    snapped = bool(problem.stack.layers) and below and plane == 0.0
    gap = (problem.height if air is None else air) if snapped else 0.0
    taken = 0.0 if snapped else thickness
    inverse = (cell - taken) / cell + base.eps_r * (gap / cell + thickness / cell / eps)
    return FilmBox(
        plane - 0.6 * cell if below else plane,
        plane if below else plane + 0.6 * cell,
        base.raised(2.0 * (eps - 1.0) * thickness / cell),
        base.scaled(1.0 / inverse),
        cell,
    )


def plane_media(
    slabs: tuple[Slab, ...], z: FloatArray, film: FilmBox | None, plane: float
) -> tuple[Medium, Medium, Medium]:
    """What edges in the metal's plane see: just below, as the mean that counts for Debye poles,
    and just above.  film: the plane's own effective sheet, if any.
    """
    k = int(np.argmin(np.abs(z - plane)))
    up, down = float(z[k + 1] - z[k]), float(z[k] - z[k - 1])
    below, above = (medium_at(slabs, plane + side) for side in (-down / 4, up / 4))
    mean = _mean([(up, above), (down, below)])
    if film is not None:
        if film.low < plane:
            below = film.tangential
        else:
            above = film.tangential
    return below, mean, above


def needs_film_box(problem: Problem, plane: float, air: float) -> bool:
    """True with a film, or with an ``air`` gap (m) that is too thin for the mesh."""
    gap = bool(problem.stack.layers) and plane == 0.0 and air > 0.0
    return problem.layout.film is not None or gap
