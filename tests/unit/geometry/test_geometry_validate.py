"""Layouts that cannot be built are refused with coordinates and the fix, in one line."""

from __future__ import annotations

import math

import pytest
from shapely.geometry import Polygon, box

from lunar_antenna.errors import GeometryError
from lunar_antenna.geometry.layout import Gap, Layout, Port
from lunar_antenna.geometry.load import build
from lunar_antenna.geometry.validate import validate
from lunar_antenna.media.sheets import FILMS

RIGHT, LEFT = box(0.05, -0.1, 5.0, 0.1), box(-5.0, -0.1, -0.05, 0.1)
FEED = Gap(0.0, 0.0, 0.1, 0.2)


def layout(*conductors, gaps=(FEED,), **more):
    ports = tuple(Port((gap,), str(index)) for index, gap in enumerate(gaps, 1))
    return Layout("case", conductors, ports, **more)


def test_a_good_layout_comes_back_itself():
    good = layout(RIGHT, LEFT)
    assert validate(good) is good


def test_tab_along_a_slanted_direction():
    turn = 0.3
    c, s = math.cos(turn), math.sin(turn)
    arms = [
        Polygon([(c * x - s * y, s * x + c * y) for x, y in list(arm.exterior.coords)[:-1]])
        for arm in (RIGHT, LEFT)
    ]
    validate(layout(*arms, gaps=(Gap(0.0, 0.0, 0.1, 0.2, turn),)))
    with pytest.raises(GeometryError, match="does not touch"):
        validate(layout(*arms))


FILM = {"film": FILMS["polyimide_50um"]}
BAD = {
    "crossing outline": (
        layout(Polygon([(0.05, -0.1), (5, 0.1), (5, -0.1), (0.05, 0.1)]), LEFT),
        r"not a simple outline.*\(",
    ),
    "non-finite": (
        layout(Polygon([(0.05, -0.1), (math.inf, -0.1), (5, 0.1), (0.05, 0.1)]), LEFT),
        "non-finite",
    ),
    "no area": (
        layout(Polygon([(0.05, 0.0), (0.05 + 1e-12, 0.0), (0.05, 1e-8)]), LEFT),
        "no area",
    ),
    "arms overlap": (layout(box(-0.1, -0.1, 5.0, 0.1), LEFT), "conductors 1 and 2 overlap"),
    "arms touch": (layout(box(-0.05, -0.1, 5.0, 0.1), LEFT), "conductors 1 and 2 touch"),
    "metal in the gap": (layout(RIGHT, LEFT, box(-0.01, -0.01, 0.01, 0.01)), "shorts the port"),
    "strip touches an arm": (layout(RIGHT, LEFT, box(1.0, 0.1, 2.0, 0.2)), "touch at"),
    "strip touches the tab": (
        layout(RIGHT, LEFT, box(-0.01, 0.1, 0.01, 0.2)),
        "touches the feed tab",
    ),
    "tab short of an arm": (
        layout(RIGHT, LEFT, gaps=(Gap(0.0, 0.0, 0.08, 0.2),)),
        r"does not touch metal along its end at \(-0.04, 0\)",
    ),
    "tab wider than the edge": (
        layout(RIGHT, LEFT, gaps=(Gap(0.0, 0.0, 0.1, 0.3),)),
        "does not touch",
    ),
    "tab only at corners": (
        layout(RIGHT, LEFT, gaps=(Gap(0.0, 0.2, 0.1, 0.2),)),
        "does not touch",
    ),
    "tabs overlap": (layout(RIGHT, LEFT, gaps=(FEED, FEED)), "feed tabs meet"),
    "metal off the film": (
        layout(RIGHT, LEFT, film_outline=box(-5, -0.2, 4, 0.2), **FILM),
        r"\(5, .*0\.1\) m is 1 m off the film",
    ),
    "film without outline": (layout(RIGHT, LEFT, **FILM), "without outline"),
    "outline without film": (
        layout(RIGHT, LEFT, film_outline=box(-6, -1, 6, 1)),
        "without a film",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_layouts_are_refused(name):
    bad, what = BAD[name]
    with pytest.raises(GeometryError, match=what) as caught:
        validate(bad)
    assert "\n" not in str(caught.value)


SPECS = {
    "no family": ({}, "no family"),
    "unknown family": ({"family": "horn"}, "families: bent, blade"),
    "unknown key": ({"family": "strip", "width": 1.0}, "unknown key 'width'"),
    "unknown parameter": ({"family": "strip", "parameters": {"w": 1.0}}, "has no parameter 'w'"),
    "text": ({"family": "strip", "parameters": {"width": "wide"}}, "not a number"),
    "truth": ({"family": "strip", "parameters": {"width": True}}, "not a number"),
    "nan": ({"family": "strip", "parameters": {"width": math.nan}}, "not finite"),
    "zero": ({"family": "strip", "parameters": {"width": 0.0}}, "outside"),
    "negative": ({"family": "strip", "parameters": {"length": -1.0}}, "outside"),
    "too long": ({"family": "strip", "parameters": {"length": 1e5}}, "outside"),
    "gap": ({"family": "strip", "parameters": {"gap": 10.0}}, "make gap smaller"),
    "wide port": ({"family": "strip", "parameters": {"port_width": 0.3}}, "at most 0.2"),
    "fraction": ({"family": "meander", "parameters": {"turns": 2.5}}, "whole number"),
    "runs touch": ({"family": "meander", "parameters": {"turns": 40}}, "runs touch"),
    "folded": ({"family": "folded", "parameters": {"spacing": 0.05}}, "legs"),
    "fan": ({"family": "fan", "parameters": {"spread": 0.1}}, "merge"),
    "bar": ({"family": "end_loaded", "parameters": {"bar_length": 0.1}}, "not longer"),
    "bent": ({"family": "bent", "parameters": {"start": 0.01}}, "room for the corner"),
    "profile hole": ({"family": "profile", "parameters": {"w0": 1.0, "w2": 1.0}}, "lacks w1"),
    "profile one": ({"family": "profile", "parameters": {"w0": 1.0}}, "one control point"),
    "asymmetry": ({"family": "strip", "parameters": {"asymmetry": 12.0}}, "leaves no arm"),
    "table": ({"family": "strip", "parameters": 3}, "not a table"),
    "modifier": ({"family": "strip", "coupled": {"n": 3}}, "has no parameter 'n'"),
    "film": (
        {"family": "strip", "film": {"name": "polyimide_50um", "outline": [[0, 0], [1, 0]]}},
        "three points",
    ),
    "small film": (
        {
            "family": "strip",
            "film": {"name": "polyimide_50um", "outline": [[-6, -1], [4, -1], [4, 1], [-6, 1]]},
        },
        "off the film",
    ),
    "film margin": (
        {"family": "strip", "film": {"name": "polyimide_50um", "margin": -1.0}},
        r"\[film\] margin = -1 m is outside",
    ),
    "free without polygons": ({"family": "free", "gap": [{"length": 1, "width": 1}]}, "polygon"),
    "free with parameters": ({"family": "free", "parameters": {"length": 1}}, "no \\[parameters"),
    "free point": (
        {"family": "free", "polygon": [{"points": [[0, 0], [1], [1, 1]]}], "gap": [{}]},
        "point 2",
    ),
    "search order": ({"family": "strip", "search": {"width": [2.0, 1.0]}}, "low < high"),
    "search name": ({"family": "strip", "search": {"depth": [1.0, 2.0]}}, "no parameter 'depth'"),
    "search shape": ({"family": "strip", "search": {"width": 1.0}}, "not a range"),
    "search bounds": ({"family": "strip", "search": {"width": [0.0, 1.0]}}, "outside"),
}


@pytest.mark.parametrize("name", SPECS)
def test_bad_specs_are_refused(name):
    spec, what = SPECS[name]
    with pytest.raises(GeometryError, match=what) as caught:
        build(spec)
    assert "\n" not in str(caught.value)
