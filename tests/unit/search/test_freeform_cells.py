"""Masks of cells: what can be made, what is searched, what is asked; and changes without solves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shapely.geometry import Point, Polygon, box
from shapely.ops import unary_union

import lunar_antenna as la
from lunar_antenna.circuit.networks import Element
from lunar_antenna.errors import InputError
from lunar_antenna.geometry.load import build
from lunar_antenna.search.freeform.asks import Asks
from lunar_antenna.search.freeform.cells import allowed, make_cells, repaired, wide_enough
from lunar_antenna.search.freeform.climb import BLOCKS, blocks, climb
from lunar_antenna.search.freeform.model import Model, Seen, directions
from lunar_antenna.search.freeform.packed import Impedance
from lunar_antenna.search.freeform.tableau import Tableau, ladders_of
from lunar_antenna.search.merits import make_merit
from lunar_antenna.search.port import PortModel
from lunar_antenna.search.study.goals import Constraint, Goals
from lunar_antenna.solvers.planar.matrices import cell_system


def drawn(rows, cells):
    """A mask from rows of text, the lowest last, shorter ones filled with metal."""
    mask = np.ones(cells.shape, dtype=bool)
    for j, row in enumerate(reversed(rows)):
        for i, sign in enumerate(row):
            mask[i, j] = sign == "#"
    return mask


@pytest.fixture(scope="module")
def cells():
    return make_cells((6.0, 2.0), 0.2, 0.1, (0.3, 0.2))


def test_lines_grow_from_the_feed_and_end_at_the_rim(cells):
    assert cells.x[[0, 1, -1]] == pytest.approx([0.0, 0.1, 3.0])
    assert cells.y[[0, 1, -1]] == pytest.approx([0.0, 0.05, 1.0])
    for lines, most in ((cells.x, 0.3), (cells.y, 0.2)):
        steps = np.diff(lines)[1:]
        assert np.all(steps <= most * 1.0001)
        assert np.all(steps[1:] >= steps[:-1] * 0.999)


def test_the_plate_is_the_footprint_without_the_gap(cells):
    whole = unary_union(cells.polygons(cells.plate()))
    wanted = box(-3, -1, 3, 1).difference(box(-0.1, -1, 0.1, 1))
    assert whole.symmetric_difference(wanted).area < 1e-12
    assert allowed(cells, cells.plate())


def test_what_cannot_be_made_is_not_allowed(cells):
    plate = cells.plate()

    def changed(*places, value=False):
        mask = plate.copy()
        for i, j in places:
            mask[i, j] = value
        return mask

    assert not allowed(cells, changed((5, 3)))  # a hole of one cell
    hole = [(5, 3), (6, 3), (5, 4), (6, 4)]
    assert allowed(cells, changed(*hole))
    point = [(7, 5), (8, 5), (7, 6), (8, 6)]
    assert not allowed(cells, changed(*hole, *point))  # meets the first hole in a point
    n_x, n_y = cells.shape
    cut = [(i, j) for i in (5, 6) for j in range(n_y)]
    assert not allowed(cells, changed(*cut))  # an island
    rim = [(i, n_y - 1) for i in range(3, n_x)]
    assert allowed(cells, changed(*rim))  # half a slot: what lies outside is no metal either
    assert not allowed(cells, changed((0, 0)))  # the tab
    assert not allowed(cells, changed((0, 1), value=True))  # metal across the gap beside it
    axis = [(5, 0), (6, 0)]
    assert allowed(cells, changed(*axis))  # with its mirror image two cells wide


def test_repairing_gives_something_allowed_or_says_so(cells):
    rng = np.random.default_rng(4)
    good = 0
    for _ in range(30):
        mask = repaired(cells, (rng.random(cells.shape) < 0.75) | cells.metal)
        good += allowed(cells, mask)
        assert not (mask & cells.void).any()
        assert (mask | ~cells.metal).all()
    tapered = repaired(cells, cells.taper([(0.1, 0.1), (1.0, 0.4), (3.0, 1.0)]))
    assert allowed(cells, tapered)


def test_every_block_is_allowed_and_differs(cells):
    rng = np.random.default_rng(0)
    found = blocks(cells, cells.plate(), BLOCKS, rng)
    assert found
    assert len({item.tobytes() for item in found}) == len(found)
    for item in found:
        assert allowed(cells, item)
        assert 1 <= np.count_nonzero(item != cells.plate()) <= 9


def test_keep_in_and_keep_out_hold_with_their_images():
    out = [box(-2.0, -0.9, -1.5, -0.6)]
    made = make_cells((6.0, 2.0), 0.2, 0.1, (0.3, 0.2), keep_out=out)
    metal = unary_union(made.polygons(made.plate()))
    for sx in (-1, 1):
        for sy in (-1, 1):
            assert not metal.intersects(Point(sx * 1.75, sy * 0.75))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (((0.3, 2.0), 0.2, 0.1, (0.3, 0.2)), "leave no metal"),
        (((6.0, 2.0), 0.2, 2.5, (0.3, 0.2)), "leave no metal"),
        (((6.0, 2.0), 0.2, 0.1, (2.0, 0.2)), "too large for a footprint"),
        (((6.0, 2.0), 0.2, 0.1, (0.02, 0.02)), "cells of the quarter, allowed 900"),
        (((6.0, 2.0), 0.2, 0.1, (0.3, 0.2), None, [box(0.1, -0.1, 0.5, 0.1)]), "contradict"),
    ],
)
def test_footprints_that_cannot_be_are_one_line(arguments, told):
    with pytest.raises(InputError, match=told) as caught:
        make_cells(*arguments)
    assert "\n" not in str(caught.value)


BAND = la.Band.mhz(8, 30, 4)


@pytest.fixture(scope="module")
def system(cells):
    rows = [
        {"points": [list(p) for p in polygon.exterior.coords[:-1]]}
        for polygon in cells.polygons(cells.plate())
    ]
    spec = {
        "family": "free",
        "metal": "copper_18um",
        "polygon": rows,
        "gap": [{"x": 0.0, "y": 0.0, "length": 0.2, "width": 0.1}],
    }
    problem = la.Problem(build(spec), la.load_soil("simple_eps35"), band=BAND)
    made = cell_system(problem, cells.x, cells.y)
    ((parity, excitation),) = made.classes
    z = Impedance(made.values(parity), made.sheet_factors()["z"])
    return problem, z, excitation[:, 0], made.cells(parity)


def fresh(z, v, active):
    return np.array(
        [
            v[active] @ np.linalg.solve(z.full(k)[np.ix_(active, active)], v[active])
            for k in range(len(z))
        ]
    )


def test_every_function_lies_in_one_or_two_neighbouring_cells(cells, system):
    of = system[3]
    n_y = cells.shape[1]
    assert of.min() == 0
    assert of.max() == cells.shape[0] * n_y - 1
    step = of[:, 1] - of[:, 0]
    assert set(step.tolist()) <= {0, 1, n_y}
    assert np.all(of[step == 1][:, 1] % n_y != 0)  # neighbours along y, not across columns


def test_the_whole_plate_of_cells_is_near_the_solvers_own_mesh(cells, system):
    """Coarse cells without the rims' corrections: 10 % of Z where the plate is far from resonance,
    which the correction between rounds takes out."""
    problem, z, v, of = system
    tableau = Tableau(z, v, of)
    tableau.go(cells.plate())
    own = la.solve(problem, "planar", accuracy="normal").z[:, 0, 0]
    assert np.abs(1.0 / tableau.y - own).max() < 0.15 * np.abs(own).max()


def test_changes_of_cells_equal_fresh_solves_after_five_hundred(cells, system):
    """1e-9 of y after 500 changes that pivot and do not refactorise; candidates, compared in
    single precision, 1e-5 of it."""
    _, z, v, of = system
    tableau = Tableau(z, v, of)
    mask = cells.plate()
    tableau.go(mask)
    rng = np.random.default_rng(2)
    for count in range(500):
        i, j = rng.integers(1, cells.shape[0] - 1), rng.integers(0, cells.shape[1] - 1)
        other = mask.copy()
        other[i : i + 2, j : j + 2] = rng.random() < 0.7
        other = (other | cells.metal) & ~cells.void
        if count % 100 == 0:
            change = np.flatnonzero(tableau.functions(other) != tableau.active)
            told, _ = tableau.candidates([change, change[:1]])
            right = fresh(z, v, np.flatnonzero(tableau.functions(other)))
            assert np.abs(told[:, 0] / right - 1.0).max() < 1e-5
        mask = other
        tableau.go(mask)
    right = fresh(z, v, np.flatnonzero(tableau.functions(mask)))
    assert tableau.pivots > 0
    assert np.abs(tableau.y / right - 1.0).max() < 1e-9


def goals(*constraints, merit="band_ratio", **options):
    return Goals((make_merit({"merit": merit, **options}),), constraints)


WHOLE = (8e6, 30e6)
FLOOR = Constraint(make_merit({"merit": "min_efficiency", "band_mhz": [8.0, 30.0]}), low=0.2)


def seen(frequency, z, **more):
    return [Seen(np.asarray(frequency), np.asarray(z, dtype=complex)[:, None], **more)]


def test_the_cost_is_nought_where_all_is_met_and_grows_with_what_is_short():
    frequency = np.linspace(8e6, 30e6, 12)
    asks = Asks.of(goals(FLOOR), PortModel(100.0, 100.0), WHOLE, 15e6)
    matched = np.full(12, 100.0 + 0.0j)
    assert asks.cost(seen(frequency, matched))[0] == 0.0
    low = matched.copy()
    low[0] = 5.0  # 0.18 below the band: under the floor
    assert 0.0 < asks.cost(seen(frequency, low))[0] < 0.05
    inside, worse = matched.copy(), matched.copy()
    inside[6], worse[6] = 30.0 + 10j, 20.0 + 10j
    both = asks.cost(seen(frequency, inside))[0], asks.cost(seen(frequency, worse))[0]
    assert 0.0 < both[0] < both[1]
    # the worst of two scenarios counts at every frequency
    together = asks.cost(seen(frequency, matched) + seen(frequency, worse))[0]
    assert together == pytest.approx(both[1])


def test_the_band_is_held_at_its_very_end():
    """Between two frequencies Z is linear: an end asked just below the first good one is short."""
    frequency = np.array([8e6, 10e6, 12e6])
    z = [1000.0, 100.0, 100.0]
    asks = Asks.of(goals(), PortModel(100.0, 100.0), (8e6, 12e6), 10e6)
    assert asks.cost(seen(frequency, z))[0] == 0.0
    harder = asks
    while harder.objective.low > 9e6:
        harder = harder.harder()
    assert harder.cost(seen(frequency, z))[0] > 0.1


def test_shares_means_and_realised_efficiencies_are_asked_as_a_study_defines_them():
    frequency = np.linspace(10e6, 20e6, 11)
    z, share = np.full(11, 100.0), np.linspace(0.1, 0.3, 11)[:, None]
    port, band = PortModel(100.0, 100.0), (10e6, 20e6)
    for merit, met in (
        ({"merit": "realised_sky", "band_mhz": [10.0, 20.0]}, 0.2),
        ({"merit": "sky_share", "band_mhz": [10.0, 20.0]}, 0.2),
        ({"merit": "sky_share", "band_mhz": [12.0, 20.0], "statistic": "lowest"}, 0.14),
        ({"merit": "mean_efficiency", "efficiency": "sky", "band_mhz": [15.0, 20.0]}, 0.25),
        ({"merit": "min_efficiency", "efficiency": "realised", "band_mhz": [16.0, 20.0]}, 0.22),
    ):
        asks = Asks.of(Goals((make_merit(merit),)), port, band, 10e6)
        for level, free in ((met - 1e-6, True), (met + 1e-3, False)):
            now = replace(asks, objective=replace(asks.objective, level=level))
            cost = now.cost(seen(frequency, z, share=share))[0]
            assert (cost == 0.0) == free, (merit, level, cost)


def test_a_network_is_tuned_and_its_losses_count():
    """A series coil takes -80 ohm at 15 MHz away; what its resistance eats is not accepted."""
    frequency = np.array([14.9e6, 15e6, 15.1e6])
    coil = Element("series L", 1e-7, 1e-5, 50.0)
    port = PortModel(100.0, 100.0, None, (coil,))
    wanted = goals(merit="min_efficiency", band_mhz=[14.9, 15.1])
    asks = Asks.of(wanted, port, (14.9e6, 15.1e6), 15e6)
    asks = replace(asks, objective=replace(asks.objective, level=0.99))
    here = seen(frequency, [100.0 - 80.0j] * 3)
    tuned = asks.tuned(here)
    assert tuned.parameters["network.1"] == pytest.approx(80.0 / (2 * np.pi * 15e6), rel=0.1)
    lost = 80.0 / 50.0
    best = 100.0 / (100.0 + lost) * (1.0 - (lost / (200.0 + lost)) ** 2)
    assert tuned.accepted(here[0], 100.0).max() == pytest.approx(best, abs=2e-3)


@pytest.mark.parametrize(
    ("wanted", "port", "told"),
    [
        (goals(merit="chromaticity"), PortModel(), "does not know chromaticity.*as the objective"),
        (goals(efficiency="ground"), PortModel(), "does not know band_ratio"),
        (goals(merit="film_mass"), PortModel(), "does not know film_mass"),
        (goals(Constraint(make_merit({"merit": "band_ratio"}), low=2.0), merit="sky_share"),
         PortModel(), "does not know band_ratio.*as a constraint"),
        (goals(Constraint(make_merit({"merit": "pattern_null"}), low=10.0)), PortModel(),
         "pattern_null.* as a constraint of a free form has at_most"),
    ],
)  # fmt: skip
def test_goals_that_cells_do_not_know_are_refused(wanted, port, told):
    with pytest.raises(InputError, match=told):
        Asks.of(wanted, port, (5e6, 35e6), 9e6)


@pytest.fixture(scope="module")
def model(cells, system):
    return Model(system[0], cells, sky=True, pattern=True)


def test_the_sky_and_the_pattern_of_cells_are_those_of_a_solution(cells, model):
    """Against the solver's own mesh: shares within 5 %, levels within 0.5 dB where the plate is
    not near a null, cells being coarse; the law of both is the same, or they would be off by far
    more."""
    model.go(cells.plate())
    here = model.here()
    own = la.solve(model.problem, "planar", accuracy="normal")
    share = own.efficiency(100.0).sky
    assert here.share[:, 0] == pytest.approx(share, rel=0.05)
    theta, phi, cone = directions()
    for k, f in enumerate(BAND.frequency):
        power = here.power[k, :, 0]
        levels = 10.0 * np.log10(power / power[0])
        for n in np.flatnonzero(cone)[::3]:
            field = own.far_field(f, np.array([0.0, theta[n]]), np.array([phi[n]]))
            size = np.abs(field.e_theta) ** 2 + np.abs(field.e_phi) ** 2
            assert levels[n] == pytest.approx(10 * np.log10(size[1, 0] / size[0, 0]), abs=0.5)


def test_candidates_show_what_the_change_then_shows(cells, model):
    """Impedance, share and pattern before a change is made and after, in single precision: 1e-5."""
    plate = cells.plate()
    model.go(plate)
    other = plate.copy()
    other[5:7, 3:5] = False
    functions = model.tableau.functions
    told = model.candidates([np.flatnonzero(functions(other) != model.tableau.active)])
    model.go(other)
    made = model.here()
    assert np.abs(told.z / made.z - 1.0).max() < 1e-5
    assert np.abs(told.share / made.share - 1.0).max() < 1e-5
    assert np.abs(told.power - made.power).max() < 1e-5 * made.power.max()


def test_what_is_kept_in_single_precision_is_shown_in_double(cells, model):
    """y, and rows at one volt, of the active functions: 1e-8 of the same in double, where the
    currents alone would be some 1e-5 off."""
    own = model.tableau
    single = Tableau(own.z, own.v, own.cells, own.rows, double=False)
    plate = cells.plate()
    other = plate.copy()
    other[5:8, 3:6] = False
    for mask in (plate, other, plate):
        model.go(mask)
        single.go(mask)
        assert np.abs(single.y / own.y - 1.0).max() < 1e-8
        assert np.abs(single.h - own.h).max() < 1e-8 * np.abs(own.h).max()
    assert single.table.nbytes == own.table.nbytes // 2
    change = own.changes([other])
    assert np.abs(single.candidates(change)[0] / own.candidates(change)[0] - 1.0).max() < 1e-4


def test_sets_within_each_other_share_a_ladder():
    sets = [np.array(item, dtype=int) for item in ([4, 2], [], [7], [1, 2, 4], [2], [2, 7], [4, 2])]
    found = ladders_of(sets, 9)
    assert sorted(k for item in found for k in item.sets) == [0, 2, 3, 4, 5, 6]
    assert len(found) == 2
    for ladder in found:
        for k, m in zip(ladder.sets, ladder.steps, strict=True):
            assert set(ladder.order[:m].tolist()) == set(sets[k].tolist())


def test_least_widths_are_held_away_from_the_feed(cells):
    plate = cells.plate()
    wide = replace(cells, least_metal=0.8, least_slot=0.7)
    assert wide_enough(wide, plate)
    x, y = cells.x, cells.y
    i, j = 7, 3
    slot = plate.copy()
    slot[i : i + 2, j:] = False  # 0.6 m wide: less than the least slot
    assert x[i + 2] - x[i] < 0.7
    assert wide_enough(replace(cells, least_slot=0.5), slot)
    assert not wide_enough(wide, slot)
    strip = plate.copy()
    strip[5:, 2:] = False  # an arm of the axis alone
    width = 2.0 * y[2]
    assert wide_enough(replace(cells, least_metal=0.9 * width), strip)
    assert not wide_enough(replace(cells, least_metal=1.2 * width), strip)


def test_a_footprint_may_be_an_outline():
    hexagon = Polygon([(3, 0), (2, 1), (-2, 1), (-3, 0), (-2, -1), (2, -1)])
    made = make_cells((6.0, 2.0), 0.2, 0.1, (0.3, 0.2), outline=hexagon)
    metal = unary_union(made.polygons(made.plate()))
    assert hexagon.buffer(1e-6).covers(metal)
    assert metal.area > 0.7 * hexagon.area
    with pytest.raises(InputError, match=r"least_metal = 1.5 m leaves nothing.*up to 1 m"):
        make_cells((6.0, 2.0), 0.2, 0.1, (0.3, 0.2), least=(1.5, 0.0))


@pytest.mark.parametrize("merit", ["band_ratio", "realised_sky", "dipole_likeness"])
def test_a_climb_gains_and_is_the_same_for_the_same_seed(cells, model, merit):
    wanted = {"merit": merit} | ({} if merit == "band_ratio" else {"band_mhz": [8.0, 30.0]})
    asks = Asks.of(Goals((make_merit(wanted),)), PortModel(40.0, 200.0), WHOLE, 14e6)
    found = []
    for _ in range(2):
        steps = []
        rng = np.random.default_rng(7)

        def told(_move, now, cost, steps=steps):
            steps.append((now.objective, cost))

        got = climb(cells, [model], cells.plate(), asks, 5, rng, told)
        assert allowed(cells, got.mask)
        first, last = steps[0], steps[-1]
        assert last[0] != first[0] or last[1] <= first[1]
        found.append(got)
    assert np.array_equal(found[0].mask, found[1].mask)
    assert found[0].cost == found[1].cost
    assert found[0].asks.objective == found[1].asks.objective
