"""``noise``: the budget of the library, from a run or a geometry; bad input is one line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hand_made import solution

from lunar_antenna.media.layer import Stack
from lunar_antenna.sky.moon import Observation
from lunar_antenna.sky.temperature import noise_budget

SOIL = Stack.half_space(3.5, loss_tangent=0.01)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("noise") / "run.h5"
    sol = solution(2, SOIL, points=12)
    sol.save(path)
    return path, sol


def test_a_run_gives_the_budget(command, run, tmp_path):
    path, sol = run
    figure = tmp_path / "noise.png"
    result = command(
        "noise", path, "--port", 2, "--terminated", "--sky", "cane", "--threshold", 3,
        "--plot", figure, "--json",
    )  # fmt: skip
    assert result.code == 0, result.err
    document = json.loads(result.out)
    budget = noise_budget(sol, "lusee_like", "cane", port=2, terminated=True)
    assert document["system_temperature"] == pytest.approx(budget.system_temperature, rel=1e-9)
    assert document["sky_limited"] == [list(band) for band in budget.sky_limited(3.0)]
    assert np.sum(list(document["shares"].values()), axis=0) == pytest.approx(1.0)
    assert document["receiver_name"] == "lusee_like"
    assert figure.stat().st_size > 1000


def test_small_shares_keep_digits(command, run):
    """A share is a number, 0 or below rounding, never 0.000."""
    path, _ = run
    rows = command("noise", path).out.splitlines()
    assert len(rows) > 3
    assert not [line for line in rows for word in line.split() if word in ("0.0000", "0.000")]


def test_a_galaxy_over_a_place(command, run):
    path, sol = run
    result = command(
        "noise", path, "--sky", "power_law", "--site", "40.5,-10,30", "--start",
        "2028-02-01T12:00", "--json",
    )  # fmt: skip
    assert result.code == 0, result.err
    document = json.loads(result.out)
    from lunar_antenna.sky.moon import site_from, time_from

    there = Observation.turn(site_from("40.5,-10,30"), start=time_from("2028-02-01T12:00"))
    budget = noise_budget(sol, None, "power_law", observation=there)
    assert document["sky_temperature"] == pytest.approx(budget.sky_temperature, rel=1e-9)
    assert document["latitude"] == 40.5
    assert document["times"][0] == "2028-02-01T12:00:00Z"
    assert "one turn of the Moon" in result.err


@pytest.mark.parametrize("start", ["9999-12-31T00:00:00", "0001-01-01T00:00", "1549-12-31T23:59"])
def test_a_time_that_the_moons_orientation_does_not_hold_for(command, run, start):
    result = command("noise", run[0], "--sky", "power_law", "--start", start)
    assert result.code == 2
    assert f"time '{start}' lies outside the years 1550 to 2200" in result.err


def test_a_geometry_is_solved_here(command, tmp_path):
    receiver = tmp_path / "mine.toml"
    receiver.write_text("[receiver]\nresistance = 1e6\nvoltage_noise = 1e-9\n")
    result = command(
        "noise", "strip", "--soil", "simple_eps35", "--band", "10:20", "--points", 3,
        "--accuracy", "draft", "--receiver", receiver,
    )  # fmt: skip
    assert result.code == 0, result.err
    assert "T_sys/K" in result.out
    assert "sky over receiver >= 10: " in result.out
    assert "receiver custom" in result.out


def test_a_design_is_solved_where_its_study_was(command, tmp_path):
    """Soil, height and band of a best.toml; options replace each."""
    best = tmp_path / "best.toml"
    best.write_text(
        'family = "strip"\n[source.optimised]\nsoil = "simple_eps35"\nheight = 0.2\nz0 = 150.0\n'
        "solved_mhz = [10.0, 20.0]\npoints = 3\n"
    )
    result = command("noise", best, "--accuracy", "draft", "--json")
    assert result.code == 0, result.err
    assert "soil simple_eps35, height 0.2 m, band 10:20 MHz, 3 points" in result.err
    same = command(
        "noise", "strip", "--soil", "simple_eps35", "--height", 0.2, "--band", "10:20",
        "--points", 3, "--accuracy", "draft", "--json",
    )  # fmt: skip
    assert json.loads(result.out)["shares"]["sky"] == json.loads(same.out)["shares"]["sky"]
    other = command("noise", best, "--height", 0, "--accuracy", "draft", "--json")
    assert json.loads(other.out)["shares"]["sky"] != json.loads(same.out)["shares"]["sky"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nosuch"], "neither a file nor shipped"),
        (["RUN", "--soil", "simple_eps35"], "--soil is for a GEOMETRY"),
        (["RUN", "--port", "3"], "ports 1 to 2"),
        (["strip", "--port", "2"], "--port 2"),
        (["strip", "--band", "5:200"], "5 to 200 MHz"),
        (["RUN", "--sky", "blue"], "sky = 'blue' is not known"),
        (["RUN", "--sky", "-5"], "not below 0"),
        (["RUN", "--site", "1,2"], "mean nothing under --sky novaco_brown"),
        (["RUN", "--map-index", "2"], "are for a map"),
        (["RUN", "--sky", "cane_slab", "--site", "100,2"], "site latitude = 100"),
        (["RUN", "--sky", "cane_slab", "--site", "here"], "LATITUDE,LONGITUDE"),
        (["RUN", "--sky", "cane_slab", "--start", "soon"], "ISO 8601"),
        (["RUN", "--receiver", "ear"], "receiver 'ear' is not known"),
        (["RUN", "--receiver", "none.toml"], "none.toml"),
        (["RUN", "--plot", "x.doc"], "figure format"),
        (["RUN", "--threshold", "0"], "--threshold = 0"),
        (["RUN", "--moon", "-1"], "moon temperature"),
        (["none.h5"], "none.h5"),
    ],
)
def test_bad_input_is_one_line(command, run, arguments, words):
    result = command("noise", *(str(run[0]) if item == "RUN" else item for item in arguments))
    assert result.code == 2
    lines = [line for line in result.err.splitlines() if line.startswith("lunar-antenna: ")]
    assert len(lines) == 1
    assert words in lines[0]
    assert "Traceback" not in result.err
