"""What may vary, said in one line where it may not."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.emulation.box import Box, corners
from lunar_antenna.errors import InputError

LAYERS = la.Stack(
    [la.Layer(0.5, 3.0, 0.01), la.Layer(2.0, 4.0, 0.02), la.Layer.conductor()], name="three"
)


def problem(stack: la.Stack = LAYERS) -> la.Problem:
    return la.Problem(la.load_geometry("strip"), stack, 0.05, la.Band.mhz(10, 20, 3))


def test_numbers_go_where_their_names_say():
    box = Box.of(
        problem(),
        {
            "eps_r": (2.0, 4.0),
            "loss_tangent_2": (0.0, 0.1),
            "thickness_2": (1, 3),
            "height": (0, 1),
        },
    )
    made = box.at({"eps_r": 2.5, "loss_tangent_2": 0.05, "thickness_2": 1.5, "height": 0.3})
    assert made.stack.layers == (
        la.Layer(0.5, 2.5, 0.01),
        la.Layer(1.5, 4.0, 0.05),
        la.Layer.conductor(),
    )
    assert made.height == 0.3
    assert box.densest.height == 0.0
    assert box.densest.stack.layers[0].eps_r == 4.0


def test_places_run_over_the_whole_range():
    box = Box.of(problem(), {"height": (0.0, 0.1), "conductivity": (0.0, 1e-3)})
    low = box.values(np.zeros(2))
    assert low == pytest.approx({"height": 0.0, "conductivity": 0.0}, abs=1e-15)
    assert box.values(np.ones(2)) == pytest.approx({"height": 0.1, "conductivity": 1e-3})


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ({}, "names nothing to vary"),
        ({"epsr": (2, 3)}, "did you mean 'eps_r'"),
        ({"height_2": (0, 1)}, "not known"),
        ({"eps_r": (3, 2)}, "is empty"),
        ({"eps_r": (0.5, 2)}, r"\[1, 100\]"),
        ({"eps_r": 3.0}, "not a range"),
        ({"eps_r_4": (2, 3)}, "layers 1 .uppermost. to 3"),
        ({"eps_r_3": (2, 3)}, "perfect conductor"),
        ({"thickness_3": (1, 2)}, "perfect conductor"),
        ({"eps_r": (2, 3), "eps_r_1": (2, 3)}, "same number"),
        ({"height": (0.0, math.inf)}, "not finite"),
    ],
)
def test_what_cannot_vary_is_refused_in_one_line(over, told):
    with pytest.raises(InputError, match=told) as caught:
        Box.of(problem(), over)
    assert "\n" not in str(caught.value)


def test_last_layer_has_no_thickness_and_free_space_nothing():
    soil = la.Stack.half_space(3.0)
    with pytest.raises(InputError, match="infinitely thick"):
        Box.of(problem(soil), {"thickness": (1.0, 2.0)})
    with pytest.raises(InputError, match="free space"):
        Box.of(problem(la.Stack.free_space()), {"height": (0.0, 1.0)})


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"eps_r": 3.0}, "height is not given"),
        ({"eps_r": 3.0, "height": 0.2}, r"emulated height = 0.2 m is outside \[0, 0.1\] m"),
        ({"eps_r": 3.0, "height": 0.0, "hight": 1.0}, "did you mean 'height'"),
        ({"eps_r": float("nan"), "height": 0.0}, "not finite"),
        ({"eps_r": "3", "height": 0.0}, "not a number"),
    ],
)
def test_values_outside_the_box_are_refused(values, told):
    box = Box.of(problem(), {"eps_r": (2.0, 4.0), "height": (0.0, 0.1)})
    with pytest.raises(InputError, match=told):
        box.checked(values)


def test_a_box_comes_back_from_its_document():
    box = Box.of(problem(), {"eps_r": (2.0, 4.0), "height": (0.0, 0.1)})
    again = Box.from_dict(box.to_dict())
    place = np.array([0.3, 0.7])
    assert again.values(place) == box.values(place)
    assert again.densest.digest == box.densest.digest


@pytest.mark.parametrize("dimensions", [1, 2, 3, 6])
def test_corners_reach_both_ends_of_every_range(dimensions):
    found = corners(dimensions, 8)
    assert len(found) <= 9
    assert np.all(found.min(axis=0) == 0.0)
    assert np.all(found.max(axis=0) == 1.0)
