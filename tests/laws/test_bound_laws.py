"""Bounds hold: never below a layout within, reached by their own current, right where known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh
from shapely.geometry import Polygon, box

import lunar_antenna as la
from lunar_antenna.bounds.fed import positive
from lunar_antenna.bounds.footprint import footprint
from lunar_antenna.conventions import ETA0, wavenumber
from lunar_antenna.errors import GeometryError
from lunar_antenna.geometry.families import FAMILIES, family
from lunar_antenna.geometry.load import build
from lunar_antenna.media.plane_wave import plane_wave_fields
from lunar_antenna.media.sheets import METALS, Metal
from lunar_antenna.radiation import CurrentElements, radiated_resistance
from lunar_antenna.solvers.planar.matrices import every_current, sources

SOILS = {
    "half-space": la.Stack.half_space(3.5, loss_tangent=0.01),
    "layers": la.Stack([la.Layer(0.8, 2.2, 0.005), la.Layer(float("inf"), 6.0, 0.02)]),
    "wet": la.Stack.half_space(9.0, conductivity=0.01),
    "free space": la.Stack.free_space(),
}
BAND = la.Band([6e6, 18e6, 33e6])
COPPER = METALS["copper_18um"]


def test_small_plate_in_free_space():
    """a/(1 + a), a = eta0 k^2 A/(6 pi R_s).

    A small sheet radiates eta0 k^2 |p|^2/(12 pi), p the integral of J over it, and loses R_s/2
    times the integral of |J|^2 >= |p|^2/A: uniform current is best.  Currents of a mesh fall to
    zero at the two ends, over one cell of the finest mesh (its mesh_error is
    that); kA and retardation are of order (k L)^2 = 4e-4.
    """
    for sides, sheet in (((0.2, 0.2), Metal(1e5, 1e-5)), ((0.3, 0.1), Metal(3e4, 1e-5))):
        band = la.Band([5e6])
        found = la.bound(
            sides, la.Stack.free_space(), band=band, quantity="efficiency", metal=sheet
        )
        resistance = sheet.sheet_impedance(band.frequency).real
        a = ETA0 * wavenumber(band.frequency) ** 2 * sides[0] * sides[1] / (6 * np.pi * resistance)
        exact = a / (1.0 + a)
        assert np.all(found.value < exact * 1.001)
        assert np.all(found.value + found.mesh_error > exact * 0.98)
        assert found.value + found.mesh_error == pytest.approx(exact, rel=0.03)


def test_the_current_that_is_drawn_takes_one_watt():
    """Its moment radiates the efficiency's share: eta0 k^2 |p|^2/(12 pi), retardation 4e-4."""
    sheet = Metal(1e5, 1e-5)
    found = la.bound(
        (0.2, 0.1), la.Stack.free_space(), band=la.Band([5e6]), quantity="efficiency", metal=sheet
    )
    corner = found.vertices[found.triangles]
    area = 0.5 * np.abs(np.linalg.det(np.diff(corner, axis=1)))
    moment = np.einsum("t,tc->c", area, found.current[0])
    radiated = ETA0 * wavenumber(np.array(5e6)) ** 2 * np.sum(np.abs(moment) ** 2) / (12 * np.pi)
    assert radiated == pytest.approx(found.reached[0], rel=1e-3)


@pytest.mark.parametrize("soil", ["half-space", "free space"])
def test_agrees_with_brute_force_on_a_small_mesh(soil):
    """All functions of a mesh without symmetry, R_sky by the general far field, one pencil.

    Both are the same Galerkin problem; budget 1e-6 from the rules over the sky.
    """
    outline = Polygon([(-1.6, -0.5), (1.4, -0.6), (1.5, 0.3), (-1.2, 0.7)])
    problem = la.Problem(footprint(outline, COPPER), SOILS[soil], 0.02, la.Band([20e6]))
    made = every_current(problem, 0.9)
    ((parity, _),) = made.classes
    where = sources(problem, made.basis)
    moments = where.moments(parity).reshape(2, -1, parity.count)
    spatial = np.zeros((1, parity.count, moments.shape[1], 3), dtype=complex)
    spatial[0, :, :, :2] = np.moveaxis(moments, (0, 1, 2), (2, 1, 0))
    z = problem.metal_height
    place = np.column_stack((where.position, np.full(len(where.position), z)))
    elements = CurrentElements(place, spatial)
    sky = radiated_resistance(elements, 0, 20e6, problem.stratification)
    values, factor = made.values(parity), made.sheet_factors()
    lost = sum(values @ factor[name][0].real for name in ("ground", "film", "metal"))
    best = eigh(sky, sky + lost, eigvals_only=True)[-1]
    from lunar_antenna.bounds.bound import _on_mesh
    from lunar_antenna.bounds.quantities import Quantity

    found = _on_mesh(problem, Quantity("sky_share"), 0.9, more=0.0, last=True)
    assert found.value[0] == pytest.approx(best, rel=1e-6)
    assert found.reached[0] == pytest.approx(best, rel=1e-4)

    theta, phi = np.array([0.6]), np.array([0.4])
    wave = plane_wave_fields(problem.stratification, 20e6, theta, phi, place).electric[:, 0, :, :2]
    rows = np.einsum("anc,cnm->am", wave, moments) * 20e6 * 2 * np.pi * 4e-7 * np.pi / (4 * np.pi)
    form = 4.0 * np.pi / ETA0 * rows.conj().T @ rows
    best = eigh(form, sky + lost, eigvals_only=True)[-1]
    gain = _on_mesh(problem, Quantity("gain", (0.6, 0.4)), 0.9, more=0.0, last=True)
    assert gain.value[0] == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("soil", [name for name in SOILS if name != "free space"])
def test_its_own_current_reaches_it(soil):
    """Re Z comes from other kernels than the losses: 1 %, power closure being below that."""
    found = la.bound((6.0, 1.5), SOILS[soil], height=0.01, band=BAND, film="polyimide_50um")
    assert np.all(found.gap < 0.01 * found.value)
    assert np.all(found.mesh_error < 0.03 * found.value)
    assert np.all(np.diff(found.meshes, axis=0) > -1e-6)  # more currents, no lower value


def test_the_mean_over_the_sky_is_the_share():
    """The gain's mean over the half-sphere is twice the share; one rule has 8 x 24 directions."""
    share = la.bound((4.0, 1.0), SOILS["half-space"], band=BAND)
    gain = la.bound((4.0, 1.0), SOILS["half-space"], band=BAND, quantity="gain", cone=np.pi / 2)
    assert gain.value == pytest.approx(2.0 * share.value, rel=1e-3)
    zenith = la.bound((4.0, 1.0), SOILS["half-space"], band=BAND, quantity="gain")
    assert np.all(zenith.value > gain.value)


def test_larger_footprints_and_better_metal_do_no_worse():
    soil = SOILS["half-space"]
    small = la.bound((5.0, 1.0), soil, band=BAND)
    large = la.bound((7.0, 1.5), soil, band=BAND)
    lossy = la.bound((5.0, 1.0), soil, band=BAND, metal="aluminium_100nm")
    perfect = la.bound((5.0, 1.0), soil, band=BAND, metal="pec")
    assert np.all(large.value > small.value)
    assert np.all(lossy.value < small.value)
    assert np.all(perfect.value > small.value)


def random_layouts(length, width, count, seed):
    """Layouts of all families, in copper, within length x width."""
    rng = np.random.default_rng(seed)
    names = sorted(FAMILIES)
    found = 0
    while found < count:
        name = names[rng.integers(len(names))]
        values = {"length": length * rng.uniform(0.4, 1.0)}
        for parameter in family(name).parameters[1:]:
            if parameter.unit == "m" and parameter.low > 0 and parameter.default is None:
                if rng.uniform() < 0.3:
                    values[parameter.name] = float(width * np.exp(rng.uniform(-3.0, -0.5)))
            elif parameter.name == "width":
                values["width"] = float(width * rng.uniform(0.02, 0.9))
        values["gap"] = 0.02 * values["length"]
        try:
            layout = build({"family": name, "parameters": values, "metal": "copper_18um"})
        except GeometryError:
            continue
        if not box(-length / 2, -width / 2, length / 2, width / 2).covers(layout.surface):
            continue
        found += 1
        yield layout


def beaten(layouts, soil, height, bound):
    """Largest share of a layout over the bound with the errors of both, relative to the bound."""
    worst = -1.0
    for layout in layouts:
        solution = la.solve(la.Problem(layout, soil, height, BAND), "planar", accuracy="draft")
        share = solution.efficiency(100.0).sky
        own = solution.quality.power_closure + solution.quality.z_error
        worst = max(worst, float(np.max(share * (1.0 - own) / bound.upper - 1.0)))
    return worst


@pytest.mark.parametrize("soil", ["half-space", "layers"])
def test_no_random_layout_beats_it(soil):
    bound = la.bound((6.0, 1.5), SOILS[soil], height=0.02, band=BAND)
    worst = beaten(random_layouts(6.0, 1.5, 6, 1), SOILS[soil], 0.02, bound)
    assert -1.0 < worst <= 0.0


@pytest.mark.slow
@pytest.mark.parametrize("soil", SOILS)
def test_no_layout_of_two_hundred_beats_it(soil):
    bound = la.bound((8.0, 2.0), SOILS[soil], height=0.02, band=BAND)
    worst = beaten(random_layouts(8.0, 2.0, 200, 7), SOILS[soil], 0.02, bound)
    assert -1.0 < worst <= 0.0


@pytest.mark.parametrize(
    ("metal", "quantity"), [("pec", "sky_share"), ("copper_18um", "realised_sky")]
)
def test_what_takes_next_to_nothing_is_told_from_rounding(metal, quantity):
    """An odd polygon high over layers: some currents take less than the ground's kernels are known
    to, those of a perfect conductor and those within the tab.  The current found reaches the bound
    within 1 %, and a film of far more loss does no better."""
    area = Polygon([(-3.0, -0.5), (1.0, -0.9), (2.5, 0.2), (0.5, 1.0), (-1.0, 0.6)])
    port = la.Gap(0.0, 0.0, 0.04, 0.03) if quantity == "realised_sky" else None
    found, lossy = (
        la.bound(
            area, "sourcebook_highland", 0.29, la.Band([30.7e6]), quantity, metal=sheet, port=port
        )
        for sheet in (metal, "aluminium_100nm")
    )
    assert np.all(found.gap < 0.01 * found.value)
    assert np.all(found.upper < 1.0)
    assert np.all(lossy.value < found.upper)


def test_powers_that_may_not_be_negative_are_not():
    """What is added is the negative part of what tables give, and nothing where R is positive."""
    rng = np.random.default_rng(3)
    turn = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    tabled = (turn * np.array([4.0, 1.0, 1e-3, -1e-7, -3e-7])) @ turn.T
    whole, more = positive(1e-10 * np.eye(5), tabled)
    assert np.linalg.eigvalsh(whole)[0] > 0.0
    assert np.linalg.eigvalsh(more) == pytest.approx([0.0, 0.0, 0.0, 1e-7, 3e-7], abs=1e-14)
    assert positive(1e-6 * np.eye(5), tabled)[1] is None
