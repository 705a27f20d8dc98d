"""Bounds of what is realised at a port: both sides of the dual meet, and no layout is above."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize
from shapely.geometry import box

import lunar_antenna as la
from lunar_antenna.bounds.bound import BARELY
from lunar_antenna.bounds.fed import Feed, Pencil, fed_bound
from lunar_antenna.bounds.footprint import footprint
from lunar_antenna.errors import GeometryError
from lunar_antenna.geometry.families import FAMILIES, family
from lunar_antenna.geometry.load import build
from lunar_antenna.media.sheets import METALS
from lunar_antenna.solvers.planar.matrices import every_current, sources

COPPER = METALS["copper_18um"]
PORT = la.Gap(0.0, 0.0, 0.12, 0.06)
BAND = la.Band([6e6, 18e6, 33e6])
TWO = la.Band([8e6, 30e6])
SOILS = {
    "half-space": la.Stack.half_space(3.5, loss_tangent=0.01),
    "layers": la.Stack([la.Layer(0.8, 2.2, 0.005), la.Layer(float("inf"), 6.0, 0.02)]),
    "wet": la.Stack.half_space(9.0, conductivity=0.01),
}


def coarse(soil, coarsening=3.0, sides=(3.0, 0.8)):
    """R, X, T^T L and v of every class of a mesh of few functions, at 20 MHz."""
    problem = la.Problem(footprint(sides, COPPER, port=PORT), SOILS[soil], 0.0, la.Band([20e6]))
    made = every_current(problem, coarsening)
    where = sources(problem, made.basis)
    factor = made.sheet_factors()
    lost = np.real(factor["ground"] + factor["film"] + factor["metal"])[0]
    value, vector = np.linalg.eigh(where.sky[0])
    root = vector * np.sqrt(np.maximum(value, 0.0))
    found = []
    for parity, feed in made.classes:
        values, lead = made.values(parity), where.moments(parity)
        resistance = values @ lost + BARELY * made.tabs(parity) + lead.T @ (where.sky[0] @ lead)
        own = np.where(np.abs(feed[:, 0]) > 1e-9, feed[:, 0], 0.0)
        found.append((resistance, values @ factor["z"][0].imag, lead.T @ root.astype(complex), own))
    return found


def joined(classes):
    """The same as whole matrices R, X, A and v of all classes together."""
    from scipy.linalg import block_diag

    wanted = np.concatenate([item[2] for item in classes])
    return (
        block_diag(*(item[0] for item in classes)),
        block_diag(*(item[1] for item in classes)),
        wanted @ wanted.conj().T,
        np.concatenate([item[3] for item in classes]),
    )


def realised(current, r, x, a, v, z0):
    """By definition: V from the complex power of the current, available power |V + z0 i|^2/8 z0."""
    port = v @ current
    voltage = (current.conj() @ (r + 1j * x) @ current) / np.conj(port)
    available = abs(voltage + z0 * port) ** 2 / (8.0 * z0)
    return float((0.5 * current.conj() @ a @ current).real / available)


@pytest.mark.parametrize("z0", [30.0, 100.0, 400.0])
def test_agrees_with_brute_force_on_a_small_mesh(z0):
    """The best of all currents of the class that is fed, sought without the dual.

    The two sides bracket the same number; descent among all currents from eight starts comes
    within one per cent from below.
    """
    fed = [item for item in coarse("half-space") if item[3].any()]
    forms = joined(fed)
    n = forms[3].size
    assert n < 60
    found = fed_bound(Pencil.of(fed), Feed(z0), attain=True)
    # coordinates in which resistance and reactance are of the order of one
    size = np.linalg.cholesky(forms[0] + 0.01 * np.diag(np.diag(np.abs(forms[1]))))
    turn = np.linalg.inv(size).T

    def short(at):
        return -realised(turn @ (at[:n] + 1j * at[n:]), *forms, z0)

    rng = np.random.default_rng(3)
    y = np.linalg.solve(forms[0] + 1j * forms[1], forms[3])
    first = np.linalg.solve(turn, y / np.abs(y).max())
    starts = [np.concatenate((first.real, first.imag))]
    starts += [starts[0] + 0.3 * rng.standard_normal(2 * n) for _ in range(7)]
    best = max(
        -minimize(short, start, method="L-BFGS-B", options={"maxiter": 4000, "maxfun": 10**6}).fun
        for start in starts
    )
    assert best <= found.value * (1.0 + 1e-9)
    assert best > found.value * (1.0 - 1e-2)
    assert found.reached == pytest.approx(found.value, rel=1e-4)


@pytest.mark.parametrize("reactance", [None, 0.0, 60.0, -200.0])
@pytest.mark.parametrize("soil", SOILS)
def test_the_current_reaches_it_by_definition(soil, reactance):
    """Recomputed from the current alone in other coordinates: 1e-4, and the reactance to 1e-6."""
    classes = coarse(soil, 1.5)
    pencil = Pencil.of(classes)
    found = fed_bound(pencil, Feed(100.0, reactance), attain=True)
    current = np.concatenate(pencil.currents(found.plain))
    r, x, a, v = joined(classes)
    again = realised(current, r, x, a, v, 100.0)
    assert again == pytest.approx(found.reached, rel=1e-6)
    assert again == pytest.approx(found.value, rel=1e-3)
    if reactance is not None:
        shown = (current.conj() @ x @ current).real / abs(v @ current) ** 2
        assert shown == pytest.approx(reactance, abs=1e-6 * 100.0)


def test_random_currents_are_never_above():
    classes = coarse("layers", 1.5)
    forms = joined(classes)
    value = fed_bound(Pencil.of(classes), Feed(100.0), attain=False).value
    rng = np.random.default_rng(5)
    z = forms[0] + 1j * forms[1]
    for _ in range(300):  # metal of any shape: a random part of the functions
        on = np.flatnonzero((rng.random(z.shape[0]) < rng.uniform(0.3, 1.0)) | (forms[3] != 0.0))
        current = np.zeros(z.shape[0], dtype=complex)
        current[on] = np.linalg.solve(z[np.ix_(on, on)], forms[3][on])
        assert realised(current, *forms, 100.0) <= value * (1.0 + 1e-9)


def test_both_sides_meet_and_a_port_only_costs():
    share = la.bound((4.0, 1.0), SOILS["half-space"], band=TWO)
    fed = {"quantity": "realised_sky", "port": PORT}
    free = la.bound((4.0, 1.0), SOILS["half-space"], band=TWO, **fed)
    resonant = la.bound((4.0, 1.0), SOILS["half-space"], band=TWO, reactance=0.0, **fed)
    off = la.bound((4.0, 1.0), SOILS["half-space"], band=TWO, reactance=150.0, **fed)
    for found in (free, resonant, off):
        assert np.all(found.gap < 1e-3 * found.value)
        assert np.all(found.mesh_error < 0.01 * found.value)
        assert np.all(found.value < share.upper)
    assert np.all(resonant.value <= free.value * (1.0 + 1e-6))
    # no resistance takes more of a source of z0 beside x than (z0^2 + x^2)^(1/2) does
    best = math.hypot(100.0, 150.0)
    most = 4.0 * 100.0 * best / ((best + 100.0) ** 2 + 150.0**2)
    assert np.all(off.value < share.upper * most)
    assert np.all(off.value < resonant.value)


def test_a_realised_gain_is_below_the_gain():
    one = la.Band([18e6])
    for options in ({}, {"direction": (0.7, 0.4)}, {"cone": 1.0}):
        gain = la.bound((4.0, 1.0), SOILS["wet"], band=one, quantity="gain", **options)
        fed = la.bound(
            (4.0, 1.0), SOILS["wet"], band=one, quantity="realised_gain", port=PORT, **options
        )
        assert np.all(fed.value <= gain.upper)
        assert np.all(fed.value > 0.2 * gain.value)
        assert np.all(fed.gap < 1e-3 * fed.value)


def fed_layouts(length, width, count, seed):
    """Layouts of all families in copper within length x width, fed at :data:`PORT`."""
    rng = np.random.default_rng(seed)
    names = sorted(FAMILIES)
    found = 0
    while found < count:
        name = names[rng.integers(len(names))]
        values = {"length": length * rng.uniform(0.4, 1.0), "gap": PORT.length}
        for parameter in family(name).parameters:
            if parameter.name == "width":
                values["width"] = float(width * rng.uniform(0.05, 0.9))
            elif (
                parameter.unit == "m"
                and parameter.low > 0
                and parameter.default is None
                and parameter.name not in values
                and rng.uniform() < 0.3
            ):
                values[parameter.name] = float(width * np.exp(rng.uniform(-3.0, -0.5)))
        values["port_width"] = PORT.width
        try:
            layout = build({"family": name, "parameters": values, "metal": "copper_18um"})
        except GeometryError:
            continue
        inside = box(-length / 2, -width / 2, length / 2, width / 2).covers(layout.surface)
        own = layout.gaps
        if inside and len(own) == 1 and own[0].polygon.equals(PORT.polygon):
            found += 1
            yield layout


def beaten(soil, count, seed, z0=100.0):
    """Largest realised efficiency over the bound, the errors of both meshes taken off."""
    held = la.bound((6.0, 1.5), SOILS[soil], band=BAND, quantity="realised_sky", port=PORT, z0=z0)
    worst = -1.0
    for layout in fed_layouts(6.0, 1.5, count, seed):
        solution = la.solve(la.Problem(layout, SOILS[soil], 0.0, BAND), "planar", accuracy="draft")
        own = solution.quality.power_closure + solution.quality.z_error
        reached = solution.efficiency(z0).realised * (1.0 - own) / held.upper
        worst = max(worst, float(reached.max() - 1.0))
    return worst


def test_no_random_layout_beats_it():
    assert -1.0 < beaten("half-space", 6, 1) <= 0.0


@pytest.mark.slow
@pytest.mark.parametrize("soil", SOILS)
def test_no_layout_of_sixty_beats_it(soil):
    assert -1.0 < beaten(soil, 60, 11) <= 0.0
