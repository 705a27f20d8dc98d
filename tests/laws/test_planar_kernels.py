"""Layered kernels of the planar solver against adaptive integration along another contour.

Budget: 1e-5 of the free-space kernel 1/(4 pi rho), for distances from 1 mm to the size of the
layout (radial panels hold a fixed number of points, so that short waves in dense soil cost
accuracy first).  A film enters by its first-order static effect, a local term, so that its charge
kernel is right to (t/rho)^2 only.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from planar_reference import kernels as brute_force
from shapely.geometry import box

import lunar_antenna as la
from lunar_antenna.conventions import wavenumber
from lunar_antenna.media.sheets import Film
from lunar_antenna.solvers.planar.kernels import Kernels, kernels_for

FREQUENCIES = (5e6, 35e6)
DISTANCES = (1e-3, 0.02, 0.1, 0.5, 3.0, 9.0)
SPAN = 10.2
SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)
GRADED = la.Stack(
    [la.Layer(0.3, 1.5 + 0.3 * i, 0.005 + 0.002 * i) for i in range(5)]
    + [la.Layer(math.inf, 3.6, 0.03)]
)


def problem(stack, height=0.0, film=None, frequencies=FREQUENCIES) -> la.Problem:
    arm = box(0.05, -0.1, 5.0, 0.1)
    layout = la.Layout(
        "strip",
        (arm, box(-5.0, -0.1, -0.05, 0.1)),
        (la.Port((la.Gap(0.0, 0.0, 0.1, 0.2),)),),
        film=film,
    )
    return la.Problem(layout, stack, height, la.Band(frequencies))


def tabulated(table: Kernels, index: int, rho: float) -> np.ndarray:
    """(G_A/mu0, eps0 K_phi) at rho > 0 as the matrix fill sees them."""
    u = math.sqrt(rho) / table.step
    cell = min(int(u), table.modes_a.shape[0] - 2)
    part = u - cell
    smooth = [
        coefficient[index] @ ((1.0 - part) * modes[cell] + part * modes[cell + 1])
        for coefficient, modes in ((table.z_a, table.modes_a), (table.z_phi, table.modes_phi))
    ]
    static = table.images
    vector = 1.0 / rho - 1.0 / math.hypot(rho, static.mirror)
    charge = (static.weight @ static.total[index]) / np.hypot(rho, static.distance)
    return np.array(
        [smooth[0] + vector / (4.0 * math.pi), smooth[1] + charge.sum() / (2.0 * math.pi)]
    )


def worst(problem: la.Problem, distances, span=SPAN) -> np.ndarray:
    """(n_distance, 2) largest error over frequency, relative to 1/(4 pi rho)."""
    table = kernels_for(problem, problem.frequency, span)
    rows = []
    for rho in distances:
        errors = []
        for index, frequency in enumerate(problem.frequency):
            want = brute_force(
                problem.stratification.above,
                problem.stratification.below,
                float(frequency),
                rho,
            )
            errors.append(np.abs(tabulated(table, index, rho) - want) * 4.0 * math.pi * rho)
        rows.append(np.max(errors, axis=0))
    return np.array(rows)


def test_brute_force_in_free_space():
    """The reference itself: exp(-jkR)/(4 pi R) for both kernels, to its tolerance."""
    free = (la.Layer(math.inf, 1.0),)
    for frequency in FREQUENCIES:
        for rho in DISTANCES:
            k = float(wavenumber(np.array(frequency)))
            want = np.exp(-1j * k * rho) / (4.0 * math.pi * rho)
            got = brute_force(free, free, frequency, rho)
            assert np.allclose(got, want, rtol=1e-8)


def test_free_space():
    """Tables against exp(-jkR)/(4 pi R): 1e-5."""
    table_of = problem(la.Stack.free_space())
    table = kernels_for(table_of, table_of.frequency, SPAN)
    for index, k in enumerate(wavenumber(table_of.frequency)):
        for rho in DISTANCES:
            want = np.exp(-1j * k * rho) / (4.0 * math.pi * rho)
            assert np.allclose(tabulated(table, index, rho), want, rtol=1e-5)


@pytest.mark.parametrize(
    ("stack", "height"),
    [
        (SOIL, 0.0),
        (SOIL, 1e-3),
        (SOIL, 50.0),
        (la.Stack.half_space(80.0, loss_tangent=0.01), 0.0),
        (la.Stack([la.Layer(2.0, 6.0, 1e-3), la.Layer(math.inf, 2.0, 1e-3)]), 0.0),
        (la.Stack([la.Layer(100.0, 3.0, 1e-3), la.Layer(math.inf, 8.0, 0.01)]), 0.0),
        (la.Stack([la.Layer(1000.0, 6.0, 0.5), la.Layer(math.inf, 8.0, 0.01)]), 0.0),
    ],
    ids=["surface", "1 mm", "50 m", "dense", "guiding", "deep", "thick lossy"],
)
def test_stacks(stack, height):
    """1e-5 of 1/(4 pi rho)."""
    assert worst(problem(stack, height), (1e-3, 0.1, 3.0, 9.0)).max() < 1e-5


def test_raised_and_graded():
    """The same budget at height 0.1 m and over a graded stack, at fewer points (slow integrals)."""
    assert worst(problem(SOIL, 0.1), (0.02, 3.0)).max() < 1e-5
    assert worst(problem(GRADED, frequencies=[20e6]), (0.02, 3.0)).max() < 1e-5


@pytest.mark.parametrize("side", ["above", "below"])
def test_film(side):
    """Film of 50 um on the soil: 0.2 % of what it changes, t/rho, and 1e-5 where that is less."""
    film = Film(50e-6, 3.4, 0.003, side)
    error = worst(problem(SOIL, film=film), (1e-4, *DISTANCES))
    budget = 1e-5 + 2e-3 * 50e-6 / np.array((1e-4, *DISTANCES))
    assert np.all(error[:, 1] < budget)
    assert np.all(error[:, 0] < 1e-5)


@pytest.mark.parametrize("height", [0.1, 1.0])
def test_perfect_conductor_is_the_image(height):
    """exp(-jkR0)/(4 pi R0) - exp(-jkR1)/(4 pi R1), R1^2 = rho^2 + 4 h^2, for both kernels: 1e-5."""
    case = problem(la.Stack([la.Layer.conductor()]), height)
    table = kernels_for(case, case.frequency, SPAN)
    for index, k in enumerate(wavenumber(case.frequency)):
        for rho in DISTANCES:
            far = math.hypot(rho, 2.0 * height)
            want = np.exp(-1j * k * rho) / rho - np.exp(-1j * k * far) / far
            error = np.abs(tabulated(table, index, rho) * 4.0 * math.pi - want) * rho
            assert error.max() < 1e-5


def test_one_layer_in_many():
    """Splitting a layer changes nothing but rounding: 1e-9."""
    whole = problem(la.Stack([la.Layer(1.2, 3.0, 0.02), la.Layer(math.inf, 6.0, 0.1)]))
    split = problem(la.Stack([la.Layer(0.1, 3.0, 0.02)] * 12 + [la.Layer(math.inf, 6.0, 0.1)]))
    one, many = (kernels_for(p, p.frequency, SPAN) for p in (whole, split))
    for index in range(len(FREQUENCIES)):
        for rho in DISTANCES:
            assert np.allclose(
                tabulated(one, index, rho), tabulated(many, index, rho), rtol=0, atol=1e-7 / rho
            )


@pytest.mark.parametrize("frequencies", [[35e6], [5e6, 35e6]])
def test_free_space_far_out(frequencies):
    """Up to k0 rho = 560 (760 m at 35 MHz), with a low frequency in the band or not: 1e-5."""
    table_of = problem(la.Stack.free_space(), frequencies=frequencies)
    table = kernels_for(table_of, table_of.frequency, 800.0)
    for index, k in enumerate(wavenumber(table_of.frequency)):
        for rho in (1.0, 100.0, 190.0, 400.0, 760.0):
            want = np.exp(-1j * k * rho) / (4.0 * math.pi * rho)
            assert np.allclose(tabulated(table, index, rho), want, rtol=1e-5)


def test_soil_far_out():
    """190 m over soil and over a graded stack at 35 MHz alone: 1e-5 of 1/(4 pi rho)."""
    assert worst(problem(SOIL, frequencies=[35e6]), (190.0,), span=220.0).max() < 1e-5


def test_tables_of_any_radius_are_the_same_kernel():
    """Graded stack at a height, with a film: images alike, kernels to 1e-6, out to 10 and 300 m."""
    case = problem(GRADED, 0.05, Film(50e-6, 3.4, 0.003), [8e6, 33e6])
    near, far = (kernels_for(case, case.frequency, span) for span in (SPAN, 300.0))
    assert np.array_equal(near.images.distance, far.images.distance)
    assert np.array_equal(near.images.total, far.images.total)
    for index in range(2):
        for rho in (1e-3, 0.1, 3.0, 9.0):
            one, other = tabulated(near, index, rho), tabulated(far, index, rho)
            assert np.abs(one - other).max() * 4.0 * math.pi * rho < 1e-6
