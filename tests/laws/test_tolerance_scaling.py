"""A tolerance analysis of a real design against what scaling demands.

Error budget: the mesh of a strip is structured and moves smoothly with its size, so only the
interpolation between frequencies is left, 1e-4 relative in Z; edges of a dipole's band move by
less than 1e-3 of themselves for it, which over a tolerance of 1 % is 10 % of the slope.
"""

from __future__ import annotations

import pytest

from lunar_antenna.errors import InputError
from lunar_antenna.media.layer import Stack
from lunar_antenna.problem import Band
from lunar_antenna.tolerances.tolerance import tolerance

BAND = Band.mhz(10.0, 20.0, 21)
OFF = dict.fromkeys(("length", "width", "gap", "port_width", "asymmetry", "arm_error"), 0.0)


@pytest.fixture(scope="module")
def all_lengths():
    """Length, width, gap and tab all vary by 1 %: together they are the scale of the antenna."""
    size = {"length": 10.0, "width": 0.2, "gap": 0.1, "port_width": 0.1}
    return tolerance(
        "strip",
        band=BAND,
        threshold=0.6,
        z0=72.0,
        tolerances={
            **OFF,
            **{name: 0.01 * value for name, value in size.items()},
            "arm_error": 0.01,
        },
        parameters=size,
        accuracy="draft",
        builds=0,
    )


def test_edges_scale_inversely_with_all_lengths(all_lengths):
    """In free space f -> f/s where every length -> s x length; PEC: sum of f' L/f is -1."""
    report = all_lengths
    for edge in ("band_low", "band_high"):
        exponent = sum(
            item.effects[edge].slope * item.value / report.nominal[edge]
            for item in report.sensitivities
            if item.name != "arm_error"
        )
        assert exponent == pytest.approx(-1.0, abs=0.1)


def test_one_longer_arm_is_half_of_a_longer_antenna(all_lengths):
    """To first order each arm carries half of what the length does.

    The feed at the middle is symmetric, so that a shift of it is of second order: 10 % as above.
    """
    rows = {item.name: item for item in all_lengths.sensitivities}
    arm, length = rows["arm_error"].effects, rows["length"].effects
    for edge in ("band_low", "band_high"):
        expected = 0.5 * length[edge].slope * 9.9  # per unit of one arm's fraction
        assert arm[edge].slope == pytest.approx(expected, rel=0.1)


def test_soil_height_and_sheets_are_variables_too():
    report = tolerance(
        "strip",
        Stack.half_space(3.5, loss_tangent=0.01),
        band=Band.mhz(5.0, 20.0, 31),
        threshold=0.6,
        tolerances={**OFF, "film.thickness": 5e-6},
        parameters={"film": "polyimide_50um", "metal": "copper_18um"},
        accuracy="draft",
        builds=0,
    )
    rows = {item.name: item for item in report.sensitivities}
    assert list(rows) == ["height", "eps_r", "loss_tangent", "film.thickness"]
    assert rows["height"].effects["band_low"].minus is None  # nothing below the ground
    # a denser soil slows the wave on the strip: both edges go down; a distance from it: up
    for edge in ("band_low", "band_high"):
        assert rows["eps_r"].effects[edge].slope < 0.0
        assert rows["height"].effects[edge].plus > 0.0
    assert report.evaluations == 2 + 2 + 4 + 4 + 4


def test_refusals():
    soil = Stack.half_space(3.5)
    for options, words in (
        ({"tolerances": {"lenth": 1.0}}, "lenth.*allowed: length"),
        ({"tolerances": {"film.thickness": 1e-6}}, "not known here"),
        ({"threshold": 0.99, "z0": 1.0}, "nowhere in the band"),
        ({"tolerances": {"length": -1.0}}, "tolerance length = -1"),
        ({"efficiency": "total"}, "mismatch, sky"),
    ):
        with pytest.raises(InputError, match=words):
            tolerance("strip", soil, band=BAND, accuracy="draft", **options)
