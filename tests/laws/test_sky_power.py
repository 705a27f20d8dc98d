"""Power to the sky: one quadrature for every solver, true over any layers.

The reference is the same integral of |E|^2 / eta0 over the sky, direction by direction, on 16
panels in cos theta of 16 Gauss-Legendre points each and a trapezoidal rule of 48 azimuths: for
sources up to 1.2 wavelengths across and 40 m of standing waves both are at rounding.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.conventions import ETA0
from lunar_antenna.errors import SolverError
from lunar_antenna.media.elevation import elevations
from lunar_antenna.media.stratification import Stratification
from lunar_antenna.radiation import CurrentElements, far_field, radiated_resistance

ROCK = la.Layer(math.inf, 8.0, 0.003)
STACKS = {
    "free space": la.Stack.free_space(),
    "half-space": la.Stack.half_space(3.5, loss_tangent=0.02),
    "1 m on rock": la.Stack([la.Layer(1.0, 2.5, 0.003), ROCK]),
    "40 m on rock": la.Stack([la.Layer(40.0, 3.0, 0.003), ROCK]),
    "40 m nearly lossless on rock": la.Stack([la.Layer(40.0, 3.0, 1e-6), ROCK]),
    "3 m on metal": la.Stack([la.Layer(3.0, 3.0, 5e-4), la.Layer.conductor()]),
    "40 m on metal": la.Stack([la.Layer(40.0, 3.0, 3e-3), la.Layer.conductor()]),
}
FREQUENCIES = (5.2e6, 17.3e6, 34.6e6)


def reference(elements, frequency, stratification):
    """(p, p) ohm; see the module."""
    ends = np.linspace(0.0, 1.0, 17)
    nodes, weights = np.polynomial.legendre.leggauss(16)
    half = 0.5 * np.diff(ends)[:, None]
    cos_t, weight = (ends[:-1, None] + half * (1.0 + nodes)).ravel(), (half * weights).ravel()
    if not stratification.reflects:
        cos_t, weight = np.concatenate((-cos_t, cos_t)), np.tile(weight, 2)
    phi = 2.0 * np.pi * np.arange(48) / 48
    grid = np.meshgrid(np.arccos(cos_t), phi, indexing="ij")
    total = 0.0
    for field in far_field(elements, 0, frequency, stratification, *grid):
        total = total + np.einsum("ptf,t,qtf->pq", field.conj(), weight, field)
    return total * 2.0 * np.pi / 48 / ETA0


def sources(extent, heights, magnetic, seed=1):
    """Random moments of two ports within ``extent`` m, on the levels ``heights``."""
    random = np.random.default_rng(seed)
    n = 16
    position = np.column_stack(
        (
            random.uniform(-extent / 2, extent / 2, n),
            random.uniform(-extent / 10, extent / 10, n),
            random.choice(heights, n),
        )
    )
    electric, other = (
        random.normal(size=(1, 2, n, 3)) + 1j * random.normal(size=(1, 2, n, 3)) for _ in range(2)
    )
    return CurrentElements(position, electric, ETA0 * other if magnetic else None)


@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize(
    ("extent", "heights", "magnetic"),
    [(1.0, (0.05,), False), (10.0, (0.05, 0.6), True), (10.0, (-0.2, 0.3), True)],
)
def test_any_sources_over_any_layers(name, extent, heights, magnetic):
    """Budget: 1e-7 of the line's own integral, ten times that for its product with a pattern.

    Without echoes that is 1e-11, and places to a picometre are 1e-12.
    """
    budget = 2e-11 if name in ("free space", "half-space") else 1e-6
    stack = STACKS[name]
    elements = sources(extent, heights, magnetic)
    layers = Stratification.build(stack, 0.05)
    for frequency in FREQUENCIES:
        want = reference(elements, frequency, layers)
        found = radiated_resistance(elements, 0, frequency, layers)
        assert np.abs(found - want).max() < budget * np.abs(want).max()
        assert np.allclose(found, found.conj().T, atol=1e-9 * np.abs(want).max())


@pytest.mark.parametrize("name", STACKS)
def test_planar_integrates_the_same(name):
    """A short strip: R_sky of the solver against the integral of its own far field.

    The source grid holds exp(j k r) to 1e-8; the quadrature has the budget above.
    """
    layout = la.load_geometry("strip", length=2.0)
    problem = la.Problem(layout, STACKS[name], 0.05, la.Band(FREQUENCIES))
    solution = la.solve(problem, "planar", accuracy="draft")
    for index, frequency in enumerate(FREQUENCIES):
        elements = solution.elements
        one = CurrentElements(elements.position, elements.electric[index : index + 1])
        want = reference(one, frequency, problem.stratification)[0, 0].real
        assert solution.r_sky[index, 0, 0].real == pytest.approx(want, rel=1e-6)


def test_layers_that_cannot_be_integrated_are_refused():
    stack = la.Stack([la.Layer(3000.0, 3.0), la.Layer.conductor()])
    with pytest.raises(SolverError, match="elevations"):
        elevations(Stratification.build(stack), np.array([35e6]), np.zeros(1))


def test_one_value_serves_kernels_and_far_field():
    film = la.load_geometry("membrane_10m").film
    soil = la.Stack.half_space(3.0)
    problem = la.Problem(la.load_geometry("membrane_10m"), soil, 0.1)
    layers = problem.stratification
    assert layers.plane == problem.metal_height
    assert [layer.thickness for layer in layers.below] == [film.thickness, 0.1, math.inf]
    assert [layer for _, layer in layers.placed] == list(layers.below)
    assert [top for top, _ in layers.placed] == pytest.approx([0.1 + film.thickness, 0.1, 0.0])
    free = la.Problem(problem.layout, la.Stack.free_space()).stratification
    assert free.placed == ()
    assert free.below[0].thickness == film.thickness
