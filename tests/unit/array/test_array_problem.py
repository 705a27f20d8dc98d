"""An array says what it is, refuses what it cannot be, and names elements and places."""

import math

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.errors import GeometryError, InputError

SOIL = "sourcebook_highland"


def strip(length=6.0, **changes):
    return la.load_geometry("strip", length=length, width=0.2, gap=0.1, **changes)


def test_ports_are_counted_element_by_element():
    layouts = {"A": la.load_geometry("crossed_bowtie"), "B": strip(film="polyimide_50um")}
    array = la.Array(None, [(0, 0), (20, 0), (40, 0)], SOIL, types=["B", "A", "B"], layouts=layouts)
    assert array.ports == ((0, 0), (1, 0), (1, 1), (2, 0))
    assert array.port_names == ("1", "2.1", "2.2", "3")


def test_metal_that_meets_is_refused_by_names_and_place():
    with pytest.raises(GeometryError) as caught:
        la.Array(strip(), [(0, 0), (30, 0), (35, 0)], SOIL)
    text = str(caught.value)
    assert "elements 2 at (30, 0) m and 3 at (35, 0) m overlap" in text
    assert "move or turn" in text
    assert "\n" not in text


def test_turning_takes_metal_apart_and_brings_it_together():
    places = [(0, 0), (0, 2)]
    la.Array(strip(), places, SOIL)
    with pytest.raises(GeometryError, match="overlap"):
        la.Array(strip(), places, SOIL, rotations=[math.pi / 2, math.pi / 2])


def test_a_coordinate_that_is_zero_to_rounding_is_told_as_zero():
    with pytest.raises(GeometryError, match=r"2 at \(3, 0\) m overlap: .* at \(1.5, 0\) m;"):
        la.Array(strip(), [(0, 0), (3.0, -7.3e-16)], SOIL)


def test_films_may_overlap_and_are_told():
    layout = la.load_geometry("crossed_bowtie", length=9.0)
    array = la.Array(layout, [(0, 0), (7, 7)], SOIL)  # the arms of one between those of the other
    assert array.notes[0].startswith("films of elements 1 and 2 overlap; taken")
    assert la.Array(layout, [(0, 0), (12, 0)], SOIL).notes == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"positions": [(0, 0, 0)]}, "shape"),
        ({"positions": [(0, math.nan)]}, "position 1"),
        ({"positions": []}, "shape"),
        ({"positions": "here"}, "numbers"),
        ({"rotations": [0.0]}, "one per element"),
        ({"rotations": [0.0, 45.0]}, "degrees"),
        ({"types": ["A", "C"], "layouts": {"A": "strip", "B": "strip"}}, "'C'"),
        ({"layouts": {"A": "strip", "B": "strip"}}, "give types"),
        ({"types": ["A", "A"]}, "without layouts"),
        ({"layout": None}, "no layout"),
        ({"layout": 3}, "load_geometry"),
        ({"height": -1.0}, "height"),
        ({"names": ["a", "a"]}, "different"),
    ],
)
def test_what_is_no_array_is_refused_in_one_line(change, words):
    whole = {"layout": strip(), "positions": [(0, 0), (0, 20)], "stack": SOIL, **change}
    with pytest.raises(InputError, match=words) as caught:
        la.Array(**whole)
    assert "\n" not in str(caught.value)


def test_two_films_are_two_planes():
    layouts = {"A": strip(), "B": strip(film="polyimide_50um")}
    with pytest.raises(InputError, match="films"):
        la.Array(None, [(0, 0), (20, 0)], SOIL, types=["A", "B"], layouts=layouts)


def test_a_dictionary_makes_the_same_array():
    array = la.Array(strip(), [(0, 0), (0, 9.5)], SOIL, band=la.Band.mhz(10, 20, 3),
                     rotations=[0.1, -0.2]).without("1")  # fmt: skip
    again = la.Array.from_dict(array.to_dict())
    assert again.digest == array.digest
    assert again.names == ("2",)
    np.testing.assert_array_equal(again.rotations, [-0.2])


def test_an_element_that_is_not_there_is_named():
    array = la.Array(strip(), [(0, 0), (0, 9)], SOIL)
    with pytest.raises(InputError, match="no element '3'"):
        array.element(3)
