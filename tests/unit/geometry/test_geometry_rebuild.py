"""A layout back as the spec that drew it: every shipped geometry, and what has none."""

from __future__ import annotations

import pytest

import lunar_antenna as la
from lunar_antenna.errors import GeometryError, InputError
from lunar_antenna.geometry.load import build, geometry_names
from lunar_antenna.geometry.rebuild import spec_of


@pytest.mark.parametrize("name", geometry_names())
def test_every_shipped_geometry_comes_back(name):
    layout = la.load_geometry(name)
    if layout.family == "free":
        with pytest.raises(GeometryError, match="free shape"):
            spec_of(layout)
        return
    assert build(spec_of(layout)).to_dict() == layout.to_dict()


def test_a_layout_is_changed_like_its_name():
    layout = la.load_geometry("membrane_10m", length=9.0)
    again = la.load_geometry(layout, length=8.0, metal="aluminium_1um")
    want = la.load_geometry("membrane_10m", length=8.0, metal="aluminium_1um")
    assert again.to_dict() == want.to_dict()
    assert la.load_geometry(layout) is not None
    assert la.load_geometry(layout).to_dict() == layout.to_dict()


def test_a_layout_that_was_changed_by_hand_is_not_redrawn():
    from lunar_antenna.geometry.arm_error import unequal_arms

    changed = unequal_arms(la.load_geometry("bowtie"), 0.05)
    with pytest.raises(GeometryError, match="was changed after"):
        la.load_geometry(changed, length=8.0)


def test_a_problem_takes_names():
    made = la.Problem("bowtie", "simple_eps35", 0.02)
    want = la.Problem(la.load_geometry("bowtie"), la.load_soil("simple_eps35"), 0.02)
    assert made.digest == want.digest
    for wrong, told in (((5, "simple_eps35"), "layout is int"), (("bowtie", 5), "soil is int")):
        with pytest.raises(InputError, match=told) as error:
            la.Problem(*wrong)
        assert "\n" not in str(error.value)
