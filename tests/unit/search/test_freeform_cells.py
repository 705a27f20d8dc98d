"""Masks of cells: what can be made, what is searched, what is asked; and changes without solves."""

from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import Point, box
from shapely.ops import unary_union

import lunar_antenna as la
from lunar_antenna.errors import InputError
from lunar_antenna.geometry.load import build
from lunar_antenna.search.freeform.asks import Asks
from lunar_antenna.search.freeform.cells import allowed, make_cells, repaired
from lunar_antenna.search.freeform.climb import BLOCKS, blocks, climb
from lunar_antenna.search.freeform.tableau import Tableau
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
    values, factor = made.values(parity), made.sheet_factors()["z"]
    z = np.array([values @ row for row in factor])
    return problem, z, excitation[:, 0], made.cells(parity)


def fresh(z, v, active):
    return np.array(
        [v[active] @ np.linalg.solve(one[np.ix_(active, active)], v[active]) for one in z]
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
    """1e-9 of y, candidates and moves alike; single moves pivot and do not refactorise."""
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
            told = tableau.candidates([change, change[:1]])
            right = fresh(z, v, np.flatnonzero(tableau.functions(other)))
            assert np.abs(told[:, 0] / right - 1.0).max() < 1e-9
        mask = other
        tableau.go(mask)
    right = fresh(z, v, np.flatnonzero(tableau.functions(mask)))
    assert tableau.pivots > 0
    assert np.abs(tableau.y / right - 1.0).max() < 1e-9


def goals(*constraints, merit="band_ratio", **options):
    return Goals((make_merit({"merit": merit, **options}),), constraints)


FLOOR = Constraint(make_merit({"merit": "min_efficiency", "band_mhz": [8.0, 30.0]}), low=0.2)


def test_the_cost_is_nought_where_all_is_met_and_grows_with_what_is_short():
    frequency = np.linspace(8e6, 30e6, 12)
    asks = Asks.of(goals(FLOOR), PortModel(100.0, 100.0), frequency, 15e6)
    matched = np.full((12, 1), 100.0 + 0.0j)
    assert asks.cost(matched)[0] == 0.0
    low = matched.copy()
    low[0] = 5.0  # 0.18 below the band: under the floor
    assert 0.0 < asks.cost(low)[0] < 0.05
    inside = matched.copy()
    inside[6] = 30.0 + 10j
    worse = matched.copy()
    worse[6] = 20.0 + 10j
    assert 0.0 < asks.cost(inside)[0] < asks.cost(worse)[0]


def test_the_band_is_held_at_its_very_end():
    """Between two frequencies Z is linear: an end asked just below the first good one is short."""
    frequency = np.array([8e6, 10e6, 12e6])
    z = np.array([[1000.0 + 0j], [100.0], [100.0]])
    asks = Asks.of(goals(), PortModel(100.0, 100.0), frequency, 10e6)
    assert asks.cost(z)[0] == 0.0
    harder = asks
    while harder.low > 9e6:
        harder = harder.harder()
    assert harder.cost(z)[0] > 0.1


@pytest.mark.parametrize(
    ("wanted", "port", "told"),
    [
        (goals(merit="mean_efficiency"), PortModel(), "does not know mean_efficiency"),
        (goals(efficiency="sky"), PortModel(), "does not know band_ratio"),
        (goals(Constraint(make_merit({"merit": "pattern_null"}), high=10.0)), PortModel(),
         "does not know pattern_null.*as a constraint"),
    ],
)  # fmt: skip
def test_goals_that_cells_do_not_know_are_refused(wanted, port, told):
    with pytest.raises(InputError, match=told):
        Asks.of(wanted, port, np.linspace(5e6, 35e6, 31), 9e6)


def test_a_climb_gains_and_is_the_same_for_the_same_seed(cells, system):
    _, z, v, of = system
    asks = Asks.of(goals(), PortModel(40.0, 200.0), BAND.frequency, 14e6)
    shift = np.zeros(BAND.frequency.size)
    found = []
    for _ in range(2):
        tableau = Tableau(z, v, of)
        seen = []
        rng = np.random.default_rng(7)

        def told(_move, now, cost, seen=seen):
            seen.append((now.low, cost))

        got = climb(cells, tableau, cells.plate(), asks, 6, rng, shift, told)
        assert allowed(cells, got.mask)
        first, last = seen[0], seen[-1]
        assert last[0] < first[0] or last[1] <= first[1]
        found.append(got)
    assert np.array_equal(found[0].mask, found[1].mask)
    assert found[0].cost == found[1].cost
