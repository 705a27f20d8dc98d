"""Density against depth, and continuous soil profiles cut into homogeneous layers.

Depth d = -z is in m, positive downwards; density in kg/m3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..common.checks import choice, number, whole
from ..conventions import ComplexArray, FloatArray
from ..errors import InputError
from .laws import PermittivityLaw, Source
from .layer import Layer

DepthFunction = Callable[[FloatArray], FloatArray]

MAX_LAYERS = 5000
_SAMPLES = 33  # per layer, both ends included, where the tolerance is checked
_GAUSS = np.polynomial.legendre.leggauss(8)


def sourcebook_density(depth: FloatArray) -> FloatArray:
    """1920 (d + 0.122)/(d + 0.18) kg/m3: 1.92 (z + 12.2)/(z + 18) g/cm3 with z in cm (read)."""
    d = np.asarray(depth, dtype=float)
    return np.asarray(1920.0 * (d + 0.122) / (d + 0.18))


def diviner_density(depth: FloatArray, scale_height: float = 0.05) -> FloatArray:
    """1800 - 700 exp(-d/H) kg/m3, H = 0.05 m: 1100 at the surface (read)."""
    scale = number("scale height", scale_height, low=0.0, low_open=True, high=100.0, unit="m")
    return np.asarray(1800.0 - 700.0 * np.exp(-np.asarray(depth, dtype=float) / scale))


def change3_density(depth: FloatArray) -> FloatArray:
    """2250 - 1400 exp(-d/1.03 m) kg/m3 (read)."""
    return np.asarray(2250.0 - 1400.0 * np.exp(-np.asarray(depth, dtype=float) / 1.03))


@dataclass(frozen=True, slots=True)
class DensityLaw:
    """A named density law with its source."""

    name: str
    density: DepthFunction
    source: Source


DENSITY_LAWS: dict[str, DensityLaw] = {
    law.name: law
    for law in (
        DensityLaw(
            "sourcebook",
            sourcebook_density,
            Source("Carrier, Olhoeft & Mendell 1991, Lunar Sourcebook ch. 9", "read"),
        ),
        DensityLaw(
            "diviner",
            diviner_density,
            Source(
                "Fit to Diviner thermal data as used in open radar code; surface value as in the "
                "code of Hayne et al. 2017, J. Geophys. Res. Planets 122, 2371",
                "read",
                "10.1002/2017JE005387",
            ),
        ),
        DensityLaw("change3", change3_density, Source("Chang'E-3 penetrating radar", "read")),
    )
}


def density_law(name: str) -> DensityLaw:
    """The density law of that name; InputError lists all names."""
    return DENSITY_LAWS[choice("density law", name, tuple(DENSITY_LAWS))]


@dataclass(frozen=True, slots=True)
class Profile:
    """Continuous soil: eps_r(d) and tan delta(d), d >= 0 in m, arrays in, same shape out."""

    eps_r: DepthFunction
    loss_tangent: DepthFunction

    @classmethod
    def from_density(
        cls, density: DepthFunction, law: PermittivityLaw, feo_tio2_percent: float
    ) -> Profile:
        """Density law and permittivity law combined; feo_tio2_percent by mass."""
        law.loss_tangent(1500.0, feo_tio2_percent)  # refuses here, not at the first depth
        return cls(
            lambda d: law.eps_r(density(d)),
            lambda d: law.loss_tangent(density(d), feo_tio2_percent),
        )

    @classmethod
    def from_points(cls, depth: object, eps_r: object, loss_tangent: object) -> Profile:
        """Linear between points; depth starts at 0 and increases; constant below the last."""
        d, e, t = (np.asarray(v, dtype=float) for v in (depth, eps_r, loss_tangent))
        if not d.ndim == e.ndim == t.ndim == 1 or not d.size == e.size == t.size >= 2:
            raise InputError(
                f"profile points have {d.size} depths, {e.size} eps_r, {t.size} loss_tangent; "
                "give the same number of each, 2 or more"
            )
        if not np.all(np.isfinite(np.concatenate((d, e, t)))):
            raise InputError("profile points are not all finite; give finite numbers")
        if d[0] != 0.0 or np.any(np.diff(d) <= 0.0):
            raise InputError(
                f"profile depths {d.tolist()} do not increase from 0; start at 0 m and increase"
            )
        if e.min() < 1.0 or t.min() < 0.0:
            raise InputError(
                f"profile points have eps_r >= {e.min():g}, loss_tangent >= {t.min():g}; "
                "allowed: eps_r >= 1, loss_tangent >= 0"
            )
        return cls(lambda x: np.interp(x, d, e), lambda x: np.interp(x, d, t))

    def complex_eps_r(self, depth: FloatArray) -> ComplexArray:
        """eps_r (1 - j tan delta), shape of depth (m); InputError where it is no passive soil."""
        d = np.asarray(depth, dtype=float)
        eps, tan = np.broadcast_arrays(self.eps_r(d), self.loss_tangent(d), d)[:2]
        if not (np.all(np.isfinite(eps)) and np.all(np.isfinite(tan))):
            raise InputError("profile is not finite at every depth; check its laws and their depth")
        if d.size and (eps.min() < 1.0 or tan.min() < 0.0):
            raise InputError(
                f"profile reaches eps_r {eps.min():g}, loss_tangent {tan.min():g}; "
                "allowed: eps_r >= 1, loss_tangent >= 0 at every depth"
            )
        return np.asarray(eps * (1.0 - 1j * tan))

    def refractive_index(self, depth: FloatArray) -> ComplexArray:
        """n = sqrt(eps_r (1 - j tan delta)), shape of depth."""
        return np.asarray(np.sqrt(self.complex_eps_r(depth)))


def discretise(
    profile: Profile,
    depth: float,
    *,
    tolerance: float = 0.01,
    min_layers: int = 1,
    layers: int | None = None,
) -> tuple[Layer, ...]:
    """Finite layers down to ``depth`` (m), then a half-space with the profile's values there.

    Boundaries cut the integral of sqrt(|dn/dd|), n = sqrt(eps_r (1 - j tan delta)), into equal
    parts, so that every layer of thickness h has about the same |dn/dd| h^2, twice the wave's
    path error in it: thin layers where the soil changes fast, but none so thick that its
    inside would count.  Each layer holds the depth averages of eps_r and of eps_r tan delta:
    total polarisation and loss are kept, and a reflection converges as 1/n_layers^2.

    tolerance: max |n(d) - n_layer| inside every finite layer; the number of layers, at least
    ``min_layers``, is the first found to hold it and grows as 1/tolerance.
    layers: exactly this many finite layers instead; the tolerance is then not asked for.
    Over tens of metres choose it so that layers stay below a quarter wave in the soil: equal
    layers of half a wave reflect in phase, however small their steps.
    Raises InputError where more than MAX_LAYERS would be needed (a jump: use two profiles).
    """
    depth = number("profile depth", depth, low=0.0, low_open=True, high=1e5, unit="m")
    tolerance = number("profile tolerance", tolerance, low=0.0, low_open=True, high=1.0)
    count = whole("profile min_layers", min_layers, high=MAX_LAYERS)
    grid = _dense_grid(depth)
    index = profile.refractive_index(grid)
    step, rise = np.diff(grid), np.abs(np.diff(index))
    share = np.concatenate(([0.0], np.cumsum(np.sqrt(rise * step))))
    if layers is not None:
        tops = _boundaries(grid, share, whole("profile layers", layers, high=MAX_LAYERS))
    else:
        count = max(count, math.ceil(min(rise.sum() / (2.0 * tolerance), MAX_LAYERS)))
        while True:
            tops = _boundaries(grid, share, count)
            error = deviation(profile, tops)
            if error <= tolerance:
                break
            if count >= MAX_LAYERS:
                raise InputError(
                    f"profile needs more than {MAX_LAYERS} layers for tolerance {tolerance:g} "
                    f"(reached {error:.3g}); raise the tolerance, or split it where it jumps"
                )
            count = min(MAX_LAYERS, max(count + 1, math.ceil(count * min(error / tolerance, 4.0))))
    mean = _averages(profile, tops)
    bottom = complex(profile.complex_eps_r(np.array([depth]))[0])
    finite = [
        Layer(float(thickness), float(eps.real), float(-eps.imag / eps.real))
        for thickness, eps in zip(np.diff(tops), mean, strict=True)
    ]
    return (*finite, Layer(math.inf, bottom.real, -bottom.imag / bottom.real))


def deviation(profile: Profile, boundaries: FloatArray) -> float:
    """max |n(d) - n_layer| over all layers between ``boundaries`` (n + 1 depths, m)."""
    fraction = np.linspace(0.0, 1.0, _SAMPLES)
    d = boundaries[:-1, None] + np.diff(boundaries)[:, None] * fraction  # (n_layer, n_sample)
    layer = np.sqrt(_averages(profile, boundaries))
    return float(np.max(np.abs(profile.refractive_index(d) - layer[:, None])))


def _averages(profile: Profile, boundaries: FloatArray) -> ComplexArray:
    """Depth average of the complex permittivity in each layer (8-point Gauss-Legendre)."""
    nodes, weights = _GAUSS
    half = 0.5 * np.diff(boundaries)[:, None]
    d = boundaries[:-1, None] + half * (1.0 + nodes)  # (n_layer, n_node)
    return np.asarray(profile.complex_eps_r(d) @ (0.5 * weights))


def _dense_grid(depth: float) -> FloatArray:
    """Depths that resolve both the uppermost micrometres and the metres below."""
    linear = np.linspace(0.0, depth, 4001)
    return np.unique(np.concatenate((linear, depth * np.logspace(-7.0, 0.0, 2001))))


def _boundaries(grid: FloatArray, share: FloatArray, count: int) -> FloatArray:
    """count + 1 depths with equal ``share`` between them; equal steps where that is flat.

    A part of 1e-9 of uniform growth keeps the map from share to depth unique.
    """
    scale = max(float(share[-1]), 1e-12)
    ramp = share / scale + 1e-9 * grid / grid[-1]
    tops = np.interp(np.linspace(0.0, float(ramp[-1]), count + 1), ramp, grid)
    tops[0], tops[-1] = 0.0, grid[-1]
    return np.asarray(tops)
