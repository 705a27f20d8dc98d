"""A bounded number with a unit: one class for families, searches, priors and tolerances."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunar_antenna.common.parameter import Parameter, resolve
from lunar_antenna.errors import GeometryError, InputError
from lunar_antenna.geometry.families import FAMILIES, family
from lunar_antenna.inversion.prior import PARAMETERS
from lunar_antenna.search.space import SearchSpace, free_parameter
from lunar_antenna.tolerances.builds import Deviation

ENDS = st.tuples(st.floats(1e-6, 1e3), st.floats(1.5, 1e3))


@given(ENDS, st.sampled_from((None, 0.0, 0.03)), st.floats(0.0, 1.0))
def test_a_place_on_the_scale_and_back(ends, offset, place):
    """Four roundings of logs up to 14, over a width of 1.6e-5 at least: 8e-10 of the range."""
    low, factor = ends
    item = Parameter("x", "m", None, low, low * factor, offset=offset)
    value = float(item.at(place))
    assert item.low <= value <= item.high
    assert float(item.place(value)) == pytest.approx(place, abs=1e-9)
    assert np.allclose(item.place([item.low, item.high]), [0.0, 1.0], atol=1e-9)


def test_the_middle_is_that_of_the_scale():
    assert Parameter("x", "", None, 0.01, 1.0, offset=0.0).start == pytest.approx(0.1)
    assert Parameter("x", "", None, 0.0, 1.0).start == 0.5
    assert Parameter("x", "", 7.0, 0.0, 1.0).start == 1.0
    assert Parameter("n", "1", None, 1, 8, integer=True).start in (4, 5)


@pytest.mark.parametrize("value", ["0.5", [0.5], True, None, math.nan, math.inf, 10**400, 3.0])
def test_what_is_no_number_in_range_is_refused_with_unit(value):
    with pytest.raises(GeometryError, match=r"arm\.width.* m") as caught:
        Parameter("width", "m", None, 0.0, 2.0).check(value, "arm.", GeometryError)
    assert "\n" not in str(caught.value)


def test_whole_numbers():
    item = Parameter("turns", "1", 1, 1, 8, integer=True)
    assert (item.check(3.0), type(item.check(3.0))) == (3, int)
    with pytest.raises(InputError, match=r"turns = 2\.5 is not a whole number; give one in \[1, 8"):
        item.check(2.5)


def test_empty_and_impossible_ranges():
    with pytest.raises(InputError, match=r"x = \[2, 1\] is empty"):
        Parameter("x", "m", None, 2.0, 1.0)
    with pytest.raises(InputError, match="a log scale needs more than 0"):
        Parameter("x", "m", None, 0.0, 1.0, offset=0.0)


def test_a_name_that_is_none_is_told_the_nearest():
    with pytest.raises(GeometryError, match="no parameter 'lenght'; did you mean 'length'"):
        family("strip").build({"lenght": 3.0})
    with pytest.raises(InputError, match="allowed: none"):
        resolve("nothing", (), {"a": 1.0})


def test_every_room_uses_the_one_class():
    space = SearchSpace.from_ranges({"a": free_parameter("a", [1.0, 2.0, "log"])}, {})
    found = [item for name in FAMILIES for item in family(name).parameters]
    found += [*PARAMETERS.values(), *space.variables, Deviation("a", "m", 1.0, tolerance=0.1)]
    assert all(isinstance(item, Parameter) for item in found)
