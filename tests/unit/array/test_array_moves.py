"""Moved elements: the same Z and patterns as of a layout made anew.

Budget: a layout made anew is trained for its own gaps and tests its own grids, 1e-5 of Z and 1e-4
of currents, to a macro basis cut at 1e-4 of |Z|; both sides have that error once.
"""

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.array.moves import Moves, quick_solution
from lunar_antenna.errors import GeometryError

CUT = 1e-4
PLACES = [(0.0, 0.0), (5.0, 0.0), (0.0, 6.0), (7.0, 7.0)]


@pytest.fixture(scope="module")
def begun():
    layout = la.load_geometry("strip", length=4.0, width=0.2, gap=0.05)
    array = la.Array(
        layout, PLACES, la.Stack.half_space(3.0, loss_tangent=0.02), 0.1, la.Band([15e6, 30e6]),
        rotations=[0.0, 0.4, 1.0, 2.0],
    )  # fmt: skip
    return Moves.begin(array, "draft", 40.0, 0.1, CUT)


def test_moves_one_after_the_other_are_the_layout_that_they_end_in(begun):
    made = begun
    for element, place in ((1, (6.0, 1.0)), (3, (-4.0, -5.0)), (1, (2.5, 2.5))):
        before = made.solution().matrix("z", 0)
        made = made.moved(element, np.array(place))
        assert np.abs(made.solution().matrix("z", 0) - before).max() > 1e-3
    found = made.solution()
    assert found.provenance.unknowns == 4 * made.model.elements[made.array.types[0]].unknowns
    fresh = quick_solution(made.array, "draft", CUT)
    theta, phi = np.linspace(0.0, 1.4, 8), np.linspace(0.0, 6.0, 8)
    for index in (0, 1):
        z, other = found.matrix("z", index), fresh.matrix("z", index)
        assert np.abs(z - other).max() < 1e-4 * np.abs(other).max()
        field, expected = (
            np.stack(item.fields(index, None, theta, phi)) for item in (found, fresh)
        )
        assert np.abs(field - expected).max() < 1e-3 * np.abs(expected).max()


def test_a_move_is_turned_too(begun):
    made = begun.moved(2, np.array([1.0, 8.0]), 0.7).solution()
    again = begun.at(begun.array.with_positions(
        [(0.0, 0.0), (5.0, 0.0), (1.0, 8.0), (7.0, 7.0)], [0.0, 0.4, 0.7, 2.0]
    )).solution()  # fmt: skip
    z, other = made.matrix("z", 1), again.matrix("z", 1)
    assert np.abs(z - other).max() < 1e-4 * np.abs(other).max()


@pytest.mark.parametrize("place", [(0.5, 0.31), (4.13, 0.0), (0.0, 0.45)])
def test_pairs_nearer_than_those_begun_with_are_as_good(begun, place):
    """Grids are tested with the nearest pairs that may come: 2.7 % to 7 % of a diameter apart."""
    made = begun.moved(1, np.array(place), 0.0)
    assert made.model.pairs.least < 0.5 * begun.model.pairs.least
    fresh = quick_solution(made.array, "draft", CUT).matrix("z", 0)
    z = made.solution().matrix("z", 0)
    assert np.abs(z - fresh).max() < 1e-4 * np.abs(fresh).max()


def test_metal_that_meets_is_refused(begun):
    with pytest.raises(GeometryError, match=r"elements 1 at .* and 2 at .* overlap"):
        begun.moved(1, np.array([0.1, 0.0]))
    with pytest.raises(GeometryError, match=r"0.05 m apart, nearer than the 0.1 m"):
        begun.moved(1, np.array([0.5, 0.25]), 0.0)
