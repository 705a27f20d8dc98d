"""``bound``, and ``solve --bound``: documents, text, and one line for what is wrong."""

from __future__ import annotations

import json

import pytest

SOIL = ("--soil", "simple_eps35", "--band", "10:30", "--points", "3")


def test_bound_of_a_rectangle(command):
    answer = command("bound", "4x1", *SOIL, "--quantity", "gain", "--direction", "30:0", "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert told["quantity"] == "gain"
    assert told["direction"] == pytest.approx([0.523598776, 0.0])
    assert told["frequency"] == pytest.approx([10e6, 20e6, 30e6])
    assert all(0.0 < value < 10.0 for value in told["value"])
    assert all(
        error < 0.1 * value for error, value in zip(told["mesh_error"], told["value"], strict=True)
    )


def test_bound_of_what_is_realised_at_a_port(command):
    realised = ("--quantity", "realised_sky", "--port", "0.1x0.1", "--z0", "80")
    answer = command("bound", "4x1", *SOIL, *realised, "--reactance", "0", "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert told["z0"] == 80.0
    assert told["reactance"] == 0.0
    assert all(gap < 1e-3 * value for gap, value in zip(told["gap"], told["value"], strict=True))


def test_solve_says_how_much_of_the_bound_it_reaches(command):
    strip = ("strip", "--set", "length=4", "--set", "metal=copper_18um")
    answer = command("solve", *strip, *SOIL, "--accuracy", "draft", "--bound", "4x1", "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    bound, sky = told["bound"], told["efficiency"]["sky"]
    for reached, value, share in zip(bound["reached"], bound["value"], sky, strict=True):
        assert reached == pytest.approx(share / value)
        assert 0.0 < reached <= 1.0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("bound", "4by1", *SOIL), "4by1"),
        (("bound", "4x0", *SOIL), "footprint width = 0 m is outside"),
        (("bound", "4x1", *SOIL, "--quantity", "q"), "quantity = 'q' is not known"),
        (("bound", "4x1", *SOIL, "--direction", "30"), "'30' is not THETA:PHI"),
        (("bound", "4x1", *SOIL, "--cone", "30"), "sky_share has no direction and no cone"),
        (("bound", "4x1", *SOIL, "--quantity", "realised_sky"), "realised_sky has no port"),
        (("bound", "4x1", *SOIL, "--z0", "50"), "sky_share has no z0 and no reactance"),
        (("bound", "4x1", *SOIL, "--port", "0.1x0.1"), "sky_share takes no port"),
        (("bound", "4x1", *SOIL, "--port", "0.1"), "--port '0.1' is not LENGTHxWIDTH"),
        (
            ("bound", "4x1", *SOIL, "--quantity", "realised_sky", "--port", "5x0.1"),
            "is not inside the footprint",
        ),
        (("bound", "4x1", *SOIL, "--metal", "gold"), "metal 'gold' is not known"),
        (("solve", "strip", *SOIL, "--bound", "4"), "'4' is not LENGTHxWIDTH"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(command, arguments, told):
    answer = command(*arguments)
    assert answer.code == 2
    assert told in answer.complaint
