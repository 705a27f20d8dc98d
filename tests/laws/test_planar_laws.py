"""Laws of Maxwell's equations that the planar solver must keep, each with its budget.

Nothing here compares with stored numbers.  Layouts are a 10 m strip and relatives of it.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from shapely.geometry import box

import lunar_antenna as la
from lunar_antenna.media.plane_wave import plane_wave_fields
from lunar_antenna.media.sheets import Film, Metal
from lunar_antenna.solvers.planar.accuracy import mesh_size
from lunar_antenna.solvers.planar.kernels import kernels_for
from lunar_antenna.solvers.planar.mesh import MeshSize, triangulate
from lunar_antenna.solvers.planar.sweep import run_sweep
from lunar_antenna.solvers.protocol import mesh_is_trusted

FREQUENCIES = (8e6, 14e6, 28e6)
SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)
FREE = la.Stack.free_space()
FILM = Film(50e-6, 3.4, 0.003)
COPPER = Metal(5.8e7, 18e-6)


def strip(scale=1.0, metal=None, film=None, shift=0.0) -> la.Layout:
    arms = (
        box(0.05 * scale, -0.1 * scale, (5.0 + shift) * scale, 0.1 * scale),
        box(-5.0 * scale, -0.1 * scale, -0.05 * scale, 0.1 * scale),
    )
    port = la.Port((la.Gap(0.0, 0.0, 0.1 * scale, 0.2 * scale),))
    return la.Layout("strip", arms, (port,), metal=metal, film=film)


def crossed(metal=None) -> la.Layout:
    """Two ports, no symmetry: four arms of different lengths and a parasitic strip."""
    arms = (
        box(0.15, -0.1, 4.0, 0.1),
        box(-5.0, -0.1, -0.15, 0.1),
        box(0.5, 1.1, 0.7, 4.3),
        box(0.5, -3.5, 0.7, 0.9),
        box(-4.0, 1.0, -1.0, 1.3),
    )
    arms = (box(0.15, -0.1, 0.45, 0.1), *arms[1:])
    ports = (
        la.Port((la.Gap(0.0, 0.0, 0.3, 0.2),), "1"),
        la.Port((la.Gap(0.6, 1.0, 0.2, 0.2, math.pi / 2),), "2"),
    )
    return la.Layout("crossed", arms, ports, metal=metal)


def solve(layout, stack=SOIL, height=0.0, frequencies=FREQUENCIES, accuracy="draft"):
    problem = la.Problem(layout, stack, height, la.Band(frequencies))
    return la.solve(problem, solver="planar", accuracy=accuracy)


def impedance(layout, stack=SOIL, height=0.0, frequencies=FREQUENCIES):
    """Z on one mesh whatever the stack: differences are those of the medium alone."""
    problem = la.Problem(layout, stack, height, la.Band(frequencies))
    x0, y0, x1, y1 = layout.bounds
    kernels = kernels_for(problem, problem.frequency, math.hypot(x1 - x0, y1 - y0))
    mesh = triangulate(layout, MeshSize((x1 - x0) / 20.0, 2.0, 2.0, 2.0))
    return run_sweep(problem, kernels, mesh, losses=False, currents=False).z[:, 0, 0]


def relative(a, b) -> float:
    return float((np.abs(a - b) / np.abs(b)).max())


# -- media ---------------------------------------------------------------------------------


def test_one_layer_in_many():
    """The same stack with a layer split in twelve: Z to 1e-6 (tables to 1e-7)."""
    bottom = la.Layer(math.inf, 6.0, 0.1)
    one = impedance(strip(), la.Stack([la.Layer(1.2, 3.0, 0.02), bottom]))
    many = impedance(strip(), la.Stack([la.Layer(0.1, 3.0, 0.02)] * 12 + [bottom]))
    assert relative(many, one) < 1e-6


def test_vacuum_stack_is_free_space():
    """Layers of vacuum: to 1e-6; eps_r = 1 + 1e-9: the same."""
    free = impedance(strip(), FREE)
    for eps in (1.0, 1.0 + 1e-9):
        stack = la.Stack([la.Layer(1.0, eps), la.Layer(math.inf, eps)])
        assert relative(impedance(strip(), stack, 0.3), free) < 1e-6


def test_air_layer_is_height():
    """A first layer of vacuum 0.3 m thick is a height of 0.3 m: 1e-6."""
    layered = la.Stack([la.Layer(0.3, 1.0), la.Layer(math.inf, 3.5, 0.01)])
    assert relative(impedance(strip(), layered), impedance(strip(), SOIL, 0.3)) < 1e-6


def test_continuity_in_height():
    """No jump at height 0: 1 um changes Z by less than 2e-4 (about h/cell width)."""
    ground = impedance(strip(), SOIL, 0.0)
    assert relative(impedance(strip(), SOIL, 1e-6), ground) < 2e-4


@pytest.mark.parametrize("side", ["above", "below"])
def test_film_limits(side):
    """A film of eps_r = 1 is none (5e-6, its loss); the change grows as t ln(w/d), to 1 %.

    The charge piles up at the edges down to d = 0.185 t (Wiener-Hopf): doubling 25 um makes 1.87
    times the change on this strip of 0.2 m.
    """

    def change(thickness, eps_r):
        height = 0.5 + (thickness if side == "above" else 0.0)  # the film lifts the metal
        film = Film(thickness, eps_r, 1e-3, side)
        bare = impedance(strip(), SOIL, height)
        return impedance(strip(film=film), SOIL, 0.5) - bare, bare

    nothing, bare = change(50e-6, 1.0)
    assert np.abs(nothing / bare).max() < 5e-6
    thin, thick = (change(t, 3.4)[0] for t in (25e-6, 50e-6))
    assert np.abs(thin / bare).max() > 1e-6
    grown = 2.0 * math.log(0.2 / (0.185 * 50e-6)) / math.log(0.2 / (0.185 * 25e-6))
    assert relative(thick, grown * thin) < 0.01


def test_scaling():
    """Lengths and wavelengths times two: Z unchanged without loss (1e-6)."""
    large = impedance(strip(2.0), la.Stack.half_space(3.5), 0.2, [f / 2 for f in FREQUENCIES])
    assert relative(large, impedance(strip(), la.Stack.half_space(3.5), 0.1)) < 1e-6


def test_scaling_with_loss():
    """Conductivity of soil and metal divided by the scale too: 1e-6."""
    soil, large_soil = (la.Stack.half_space(4.0, conductivity=s) for s in (1e-3, 5e-4))
    small = solve(strip(metal=Metal(5.8e7, 18e-6)), soil, 0.1)
    large = solve(
        strip(2.0, metal=Metal(2.9e7, 36e-6)), large_soil, 0.2, [f / 2 for f in FREQUENCIES]
    )
    assert relative(large.z[:, 0, 0], small.z[:, 0, 0]) < 1e-6
    assert np.allclose(large.r_metal, small.r_metal, rtol=1e-5)


# -- power -----------------------------------------------------------------------------------

STACKS = {
    "free space": (FREE, 0.0),
    "lossless": (la.Stack.half_space(3.5), 0.0),
    "lossless layer over denser": (
        la.Stack([la.Layer(2.0, 2.0), la.Layer(math.inf, 6.0)]),
        0.0,
    ),
    "lossy": (SOIL, 0.0),
    "raised": (SOIL, 0.3),
    "lossless raised": (la.Stack.half_space(3.5), 0.3),
    "conductor": (la.Stack([la.Layer.conductor()]), 1.04),
    "loss over conductor": (la.Stack([la.Layer(1.0, 2.0, 0.01), la.Layer.conductor()]), 0.0),
    "quasi-guided": (la.Stack([la.Layer(2.0, 6.0, 1e-3), la.Layer(math.inf, 2.0, 1e-3)]), 0.0),
    "thick lossy": (la.Stack([la.Layer(500.0, 6.0, 0.5), la.Layer(math.inf, 2.0, 1e-3)]), 0.0),
    "conductive": (la.Stack.half_space(10.0, conductivity=5e-3), 0.0),
    "40 layers": (
        la.Stack(
            [la.Layer(0.1, 1.5 + 0.05 * i, 0.005 + 5e-4 * i) for i in range(40)]
            + [la.Layer(math.inf, 3.6, 0.03)]
        ),
        0.0,
    ),
    "50 m high": (SOIL, 50.0),
    "deep": (la.Stack([la.Layer(1000.0, 3.0, 1e-3), la.Layer(math.inf, 8.0, 0.01)]), 0.0),
}


@pytest.mark.parametrize("name", list(STACKS))
def test_power_closes(name):
    """Sky (far field), soil and film (flux) and metal add up to Re Z: 0.5 %, with and without."""
    stack, height = STACKS[name]
    layouts = [strip(), strip(metal=COPPER, film=FILM)]
    if name in ("free space", "lossy", "raised"):
        layouts.append(strip(film=replace(FILM, side="below")))
    for layout in layouts:
        solution = solve(layout, stack, height)
        assert solution.quality.power_closure.max() < 0.005
        # over a conductor draft cells miss a resonance; closure knows nothing of the mesh
        said = solution.quality
        errors = (said.z_error, said.r_error, said.efficiency_error)
        assert said.converged == all(mesh_is_trusted(error) for error in errors)
        for part in (solution.r_sky, solution.r_ground, solution.r_metal, solution.r_film):
            assert part.real.min() >= -1e-9 * solution.z.real.max()
        assert bool(np.any(solution.r_metal)) == (layout.metal is not None)
        assert bool(np.any(solution.r_film)) == (layout.film is not None)


def test_conductor_takes_no_power():
    """Air over a perfect conductor: r_ground is exactly 0."""
    for stack, height in (
        (la.Stack([la.Layer(1.04, 1.0), la.Layer.conductor()]), 0.0),
        (la.Stack([la.Layer.conductor()]), 1.04),
    ):
        solution = solve(strip(), stack, height)
        assert not np.any(solution.r_ground)
        assert solution.quality.power_closure.max() < 1e-4


GUIDES = {
    "denser over lighter": (la.Stack([la.Layer(2.0, 6.0), la.Layer(math.inf, 2.0)]), 0.0),
    "on a conductor": (la.Stack([la.Layer(2.0, 3.0), la.Layer.conductor()]), 0.0),
    "over a conductor": (la.Stack([la.Layer(0.3, 3.0), la.Layer.conductor()]), 0.1),
    "slab in vacuum": (la.Stack([la.Layer(5.0, 4.0), la.Layer(math.inf, 1.0)]), 0.0),
    "between": (
        la.Stack([la.Layer(0.5, 2.0), la.Layer(3.0, 5.0), la.Layer(math.inf, 3.0)]),
        0.05,
    ),
    "many modes": (la.Stack([la.Layer(40.0, 4.0), la.Layer(math.inf, 2.0)]), 0.0),
    "over a lossy half-space": (la.Stack([la.Layer(1.0, 4.0), la.Layer(math.inf, 3.0, 0.01)]), 0.0),
}


@pytest.mark.parametrize("name", list(GUIDES))
def test_lossless_guides_take_their_power(name):
    """Guided waves are poles on the real axis; their power counts as ground: the sum to 2e-4.

    Z comes from a path above the poles, the sky from the far field, the ground from the flux: the
    three know nothing of each other.  Without the poles up to nine tenths of Re Z would be
    missing on a conductor.
    """
    stack, height = GUIDES[name]
    for film in (None, Film(50e-6, 3.4, 0.003)):
        problem = la.Problem(strip(film=film), stack, height, la.Band.mhz(5, 35, 7))
        solution = la.solve(problem, "planar", accuracy="draft")
        assert solution.quality.power_closure.max() < 2e-4
        assert solution.r_ground.real.min() > 0.0


@pytest.mark.parametrize("name", ["denser over lighter", "slab in vacuum", "between", "many modes"])
def test_the_lossless_limit_is_the_limit(name):
    """A loss tangent of 1e-6 in the guiding layers changes Z and the ground's share by 1e-4."""
    stack, height = GUIDES[name]
    layers = [replace(layer, loss_tangent=1e-6) for layer in stack.layers[:-1]]
    damped = la.Stack([*layers, stack.layers[-1]])
    band = la.Band.mhz(5, 35, 7)
    one, other = (
        la.solve(la.Problem(strip(), item, height, band), "planar", accuracy="draft")
        for item in (stack, damped)
    )
    assert np.abs(one.z / other.z - 1.0).max() < 1e-4
    assert np.abs((one.r_ground - other.r_ground) / one.z.real).max() < 1e-4


def test_far_field_carries_r_sky():
    """Another rule over the sphere on sol.far_field against r_sky: 1e-4 (midpoint in theta)."""
    for stack, height, top in ((SOIL, 0.0, 0.5 * math.pi), (FREE, 0.0, math.pi)):
        solution = solve(strip(shift=1.0), stack, height)
        n = 240
        theta = (np.arange(n) + 0.5) * top / n
        phi = (np.arange(48) + 0.5) * 2.0 * math.pi / 48
        weight = np.sin(theta)[:, None] * (top / n) * (2.0 * math.pi / 48)
        for index, frequency in enumerate(FREQUENCIES):
            power = (solution.far_field(frequency, theta, phi).intensity * weight).sum()
            assert power == pytest.approx(0.5 * solution.r_sky[index, 0, 0].real, rel=1e-4)


# -- reciprocity and symmetry ----------------------------------------------------------------


def received_current(problem: la.Problem, theta: float, phi: float, load: float):
    """Current through ``load`` at the port for 1 V/m along theta and phi, from the matrix itself.

    The right-hand side is the reaction of the stack's plane wave with every RWG function; the
    matrix is the solver's own, assembled without symmetry, with the load across the gap.
    """
    from lunar_antenna.solvers.planar.matrices import system

    x0, y0, x1, y1 = problem.layout.bounds
    kernels = kernels_for(problem, problem.frequency, math.hypot(x1 - x0, y1 - y0))
    mesh = triangulate(problem.layout, mesh_size(problem, "draft"))
    plain = replace(mesh, mirror_x=False, mirror_y=False, n_fundamental=len(mesh.triangles))
    made = system(problem, kernels, plain)
    basis, vectors = made.basis, made.vectors
    ((parity, _),) = made.classes
    matrix = made.values(parity) @ made.factors["z"][0]
    # seven-point rule of degree 5 on every triangle
    root = math.sqrt(15.0)
    points, weights = [np.full(3, 1.0 / 3.0)], [0.225]
    for a, w in (((6 - root) / 21, (155 - root) / 1200), ((6 + root) / 21, (155 + root) / 1200)):
        for corner in range(3):
            row = np.full(3, a)
            row[corner] = 1.0 - 2.0 * a
            points.append(row)
            weights.append(w)
    frequency = float(problem.frequency[0])
    excitation = np.zeros((2, basis.count), dtype=complex)
    for row, weight in zip(points, weights, strict=True):
        at = np.einsum("i,tic->tc", row, basis.corner)
        position = np.column_stack((at, np.full(len(at), problem.metal_height)))
        field = plane_wave_fields(
            problem.stratification, frequency, np.array([theta]), np.array([phi]), position
        ).electric[:, 0, :, :2]
        for i in range(3):
            live = basis.index[:, i] >= 0
            value = (
                0.5
                * weight
                * basis.coefficient[:, i]
                * np.einsum("ptc,tc->pt", field, at - basis.corner[:, i])
            )
            for polarisation in (0, 1):
                np.add.at(excitation[polarisation], basis.index[live, i], value[polarisation, live])
    loaded = matrix + load * (vectors @ vectors.T)
    return np.array([vectors[:, 0] @ np.linalg.solve(loaded, e) for e in excitation])


@pytest.mark.parametrize("film", [None, FILM])
@pytest.mark.parametrize(("stack", "height"), [(SOIL, 0.0), (SOIL, 0.3), (FREE, 0.0)])
def test_transmission_and_reception(stack, height, film):
    """Current received from a plane wave into 50 ohm against the transmitted far field: 1e-4.

    Open-circuit voltage per unit field: -4 pi (r E/I)/(j k eta0) (Rayleigh-Carson).  In free
    space the film is left out of the far field: the tolerance there is k t (eps_r - 1) = 1e-4.
    """
    problem = la.Problem(strip(film=film, shift=1.0, metal=COPPER), stack, height, la.Band([17e6]))
    solution = la.solve(problem, solver="planar", accuracy="draft")
    for theta, phi in ((0.3, 0.4), (1.2, 2.0)):
        field = solution.far_field(17e6, np.array([theta]), np.array([phi]))
        length = np.array([v.ravel()[0] for v in field.effective_length])
        want = length / (solution.z[0, 0, 0] + 50.0)
        got = received_current(problem, theta, phi, 50.0)
        # the sign of the port current follows the direction in which it is counted
        error = min(np.abs(got - want).max(), np.abs(got + want).max())
        assert error < 1e-4 * np.abs(want).max() * (1.0 if film is None or stack is SOIL else 3.0)


def test_two_ports_without_symmetry():
    """Z12 = Z21 of an asymmetric pair with a parasitic strip, coupling present, power closed.

    r_* are Hermitian and passive; 1e-9 for symmetry, which rests on Galerkin's testing.
    """
    solution = solve(crossed(COPPER))
    z = solution.z
    assert np.abs(z[:, 0, 1] - z[:, 1, 0]).max() < 1e-9 * np.abs(z).max()
    assert np.abs(z[:, 0, 1]).min() > 1e-3 * np.abs(z[:, 0, 0]).min()
    assert solution.quality.power_closure.max() < 0.005
    for part in (solution.r_sky, solution.r_ground, solution.r_metal):
        assert np.allclose(part, np.conj(np.swapaxes(part, 1, 2)), atol=1e-9 * np.abs(z).max())
        assert np.linalg.eigvalsh(part).min() > -1e-9 * np.abs(z).max()


def test_reversed_port_reverses_the_transfer():
    """Turning port 2 by pi changes the sign of Z12 and nothing else: 1e-9."""
    layout = crossed()
    gap = layout.ports[1].gaps[0]
    turned = replace(
        layout,
        ports=(layout.ports[0], la.Port((replace(gap, angle=gap.angle + math.pi),), "2")),
    )
    one, two = (solve(item, frequencies=[14e6]).z[0] for item in (layout, turned))
    scale = np.abs(one).max()
    assert abs(one[0, 1] + two[0, 1]) < 1e-8 * scale
    assert abs(one[1, 1] - two[1, 1]) < 1e-8 * scale


@pytest.mark.parametrize("name", ["strip", "bowtie", "coupled_bowtie", "crossed_bowtie", "folded"])
def test_symmetry_used_or_not(name):
    """The same mesh solved with its mirror classes and without: Z, losses and moments to 1e-9."""
    layout = la.load_geometry(name, metal="copper_18um", film="polyimide_50um")
    problem = la.Problem(layout, SOIL, 0.1, la.Band([9e6, 21e6]))
    x0, y0, x1, y1 = layout.bounds
    kernels = kernels_for(problem, problem.frequency, math.hypot(x1 - x0, y1 - y0))
    mesh = triangulate(layout, MeshSize(1.0, 1.0, 1.0, 1.0))
    assert mesh.mirror_x
    plain = replace(mesh, mirror_x=False, mirror_y=False, n_fundamental=len(mesh.triangles))
    a, b = (run_sweep(problem, kernels, item) for item in (mesh, plain))
    assert a.unknowns == b.unknowns
    assert a.reduced < b.reduced
    for what in ("z", "r_ground", "r_metal", "r_film", "moments"):
        one, two = getattr(a, what), getattr(b, what)
        assert np.abs(one - two).max() < 1e-9 * np.abs(two).max(), what


def test_rotation_of_the_layout():
    """Antenna along y instead of x: swept along its length either way, the same numbers to 1e-9."""
    layout = strip()
    turned = la.Layout(
        "turned",
        tuple(box(y0, x0, y1, x1) for x0, y0, x1, y1 in (p.bounds for p in layout.conductors)),
        (la.Port((la.Gap(0.0, 0.0, 0.1, 0.2, math.pi / 2),)),),
    )
    one, two = (solve(item, accuracy="normal") for item in (layout, turned))
    difference = np.abs(one.z - two.z)[:, 0, 0] / np.abs(one.z[:, 0, 0])
    assert difference.max() < 1e-9
