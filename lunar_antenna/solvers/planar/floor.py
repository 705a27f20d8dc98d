"""A good conductor under the metal: taken by its wave impedance, not resolved sideways.

In a conductor the wavenumber k is large, and a table of kernels that resolves 1/k sideways grows
as its square.  There is nothing to resolve where the metal lies a height h above it: what reaches
the conductor holds sideways wavenumbers k_rho up to about 1/h, far below |k|.  Its vertical
wavenumber is expanded there, which leaves no branch point at k,

    k_z = sqrt(k^2 - k_rho^2) = k - k_rho^2/(2 k) + ...,

the impedance boundary condition of second order (Senior & Volakis, Approximate Boundary
Conditions in Electromagnetics, 1995, ch. 2).  Of the impedance it misses k_rho^4/(8 |k|^4), which
over the spectrum exp(-2 k_rho h) of a line current is 3/(16 (h |k|)^4) of what the conductor
absorbs: a bound, some five times what strips of 0.02 and 1 m lose (tests/laws/test_planar_floor).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...conventions import FloatArray
from ...media.layer import Layer
from ...problem import Problem

FOLLOWED = 300.0  # rad of Re k over the layout that a table may follow; memory grows as its square
UNSEEN = 1e-4  # an error that no accuracy of the mesh reaches: taken wherever it may be
MOST_ERROR = 1e-2  # of the power that the conductor absorbs, taken where it cannot be followed
OPAQUE = 10.0  # nepers one way: what lies below changes exp(-20)


@dataclass(frozen=True, slots=True)
class Floor:
    """The conductor that ends the stack.

    index: among problem.stratification.below.  error: of the power it absorbs, relative.
    """

    index: int
    error: float


def floor(problem: Problem, frequency: FloatArray, span: float) -> Floor | None:
    """The uppermost good conductor, where it can be taken by its impedance; else None.

    frequency: (n,) Hz.  span: m, of the layout.
    """
    depth = 0.0
    for index, layer in enumerate(problem.stratification.below):
        if not layer.is_conductor and layer.conducts(frequency):
            error = _error(layer, depth, frequency)
            followed = electrical_size(layer, frequency, span) <= FOLLOWED
            return Floor(index, error) if error <= (UNSEEN if followed else MOST_ERROR) else None
        depth += layer.thickness
    return None


def refusal(problem: Problem, span: float, followed: float = FOLLOWED) -> str | None:
    """Why the kernels of a layer cannot be tabulated over ``span`` (m), naming it, or None.

    followed: rad, more for a table of one frequency than for one of a band.
    """
    below = problem.stratification.below
    end = floor(problem, problem.frequency, span)
    first = len(below) - len(problem.stack.layers)
    for index, layer in enumerate(below if end is None else below[: end.index]):
        if layer.is_conductor:
            break
        size = electrical_size(layer, problem.frequency, span)
        if size <= followed:
            continue
        what = f"soil layer {index - first + 1}" if index >= first else "the space under the metal"
        told = f"{what} (eps_r {layer.eps_r:g}, conductivity {layer.conductivity:g} S/m)"
        if not layer.conducts(problem.frequency):
            return (
                f"{told} makes the layout {size:.0f} rad long, allowed {followed:g}; take a lower "
                "band or a smaller layout"
            )
        depth = sum(item.thickness for item in below[:index])
        k = float(np.abs(layer.wavenumber(problem.frequency)).min())
        if not _is_opaque(layer, problem.frequency):
            way = "make it thicker than ten skin depths or leave it out"
        else:
            way = (
                f"raise height until the metal is {_least_depth(k):.2g} m above it, or write "
                "conductor = true in its place"
            )
        skin = layer.skin_depth(problem.frequency)
        return (
            f"{told} is a good conductor, skin depth {skin:.2g} m, and the metal {depth:.3g} m "
            "above it: too near to be taken by its impedance and too fine to be resolved; "
            f"{way}"
        )
    return None


def electrical_size(layer: Layer, frequency: FloatArray, span: float) -> float:
    """Re k over ``span`` (m) at the highest frequency, rad."""
    return float(layer.wavenumber(frequency).real.max()) * span


def note(problem: Problem, span: float) -> str | None:
    """What a result says of a conductor that was taken by its impedance."""
    end = floor(problem, problem.frequency, span)
    if end is None:
        return None
    number = end.index + 1 - (len(problem.stratification.below) - len(problem.stack.layers))
    return (
        f"soil layer {number}, a good conductor, taken by its wave impedance: good to "
        f"{100.0 * end.error:.2g} % of the power lost in it"
    )


def _is_opaque(layer: Layer, frequency: FloatArray) -> bool:
    decay = -layer.wavenumber(frequency).imag.max()
    return bool(decay * layer.thickness > OPAQUE)


def _error(layer: Layer, depth: float, frequency: FloatArray) -> float:
    """Relative, of the power absorbed, at the worst frequency; inf where light gets through."""
    if depth == 0.0 or not _is_opaque(layer, frequency):
        return math.inf
    return 3.0 / (16.0 * (depth * float(np.abs(layer.wavenumber(frequency)).min())) ** 4)


def _least_depth(k: float) -> float:
    """m at which the error is MOST_ERROR, with a twentieth to spare."""
    return 1.05 * math.sqrt(math.sqrt(3.0 / (16.0 * MOST_ERROR))) / k
