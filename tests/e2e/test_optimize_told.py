"""What a study says about its winner: soil, stage, mesh, efficiency, and what to run next."""

from __future__ import annotations

import json
import shlex
import tomllib
from pathlib import Path

import pytest

import lunar_antenna as la
from lunar_antenna.search.api import OptimizationInterrupted
from lunar_antenna.search.output.design import design_of

STUDY = """geometry = "strip"
{soil}
[parameters]
width = 0.3
[search]
length = [8.0, 12.0]
[band]
points = 13
[[objective]]
merit = "band_ratio"
efficiency = "{efficiency}"
threshold = 0.5
{more}
[stages]
check = {check}
fine = false
margin = {margin}
"""
OWN = "[[layer]]\nthickness = 0.5\neps_r = 2.0\n[[layer]]\neps_r = 4.0\nloss_tangent = 0.01\n"


def written(folder, soil="", efficiency="mismatch", more="", check=0, margin=0.0):
    path = folder / "study.toml"
    settings = {"efficiency": efficiency, "more": more, "check": check, "margin": margin}
    path.write_text(STUDY.format(soil=soil, **settings))
    return path


def run(command, *options):
    """The last lines of a run of three trials and what best.toml says of it."""
    arguments = ("optimize", "./study.toml", "--trials", "3", "--out", "out", "--no-figures")
    result = command(*arguments, *options)
    assert result.code == 0, result.err
    found = tomllib.loads(Path("out/best.toml").read_text())["source"]["optimised"]
    return *result.out.splitlines()[-2:], found


def designed(folder="out"):
    """The design as ``solve`` reads it."""
    return design_of(Path(folder) / "best.toml")


NEXT = ["next:", "lunar-antenna", "solve", "out/best.toml", "--accuracy", "draft"]


def test_a_soil_by_path_is_in_the_design(command, tmp_path):
    (tmp_path / "my soil.toml").write_text(OWN)
    written(tmp_path)
    _, line, found = run(command, "--soil", "./my soil.toml")
    assert shlex.split(line) == NEXT
    assert [row["eps_r"] for row in found["layer"]] == [2.0, 4.0]
    assert designed().stack.layers == la.load_soil(tmp_path / "my soil.toml").layers


def test_a_soil_beside_the_study_is_in_the_design(command, tmp_path):
    (tmp_path / "mine.toml").write_text(OWN)
    written(tmp_path, 'soil = "mine.toml"')
    run(command)
    assert designed().stack.layers == la.load_soil(tmp_path / "mine.toml").layers


def test_layers_of_the_study_are_in_the_design(command, tmp_path):
    written(tmp_path, OWN.replace("[[layer]]", "[[stack.layer]]"))
    run(command)
    layers = designed().stack.layers
    assert [(layer.thickness, layer.eps_r, layer.loss_tangent) for layer in layers] == [
        (0.5, 2.0, 0.0),
        (float("inf"), 4.0, 0.01),
    ]


def test_a_shipped_soil_is_told_by_name_alone(command, tmp_path):
    written(tmp_path, 'soil = "simple_eps35"\nheight = 0.02')
    _, line, found = run(command)
    assert shlex.split(line) == NEXT
    assert "layer" not in found
    assert designed().stack.layers == la.load_soil("simple_eps35").layers
    assert designed().height == 0.02


PORT = """[port]
load = 50.0
turns = [1.2, 2.5]
[[port.network]]
element = "series L"
range = [1e-8, 1e-6]
q = 60.0
"""


@pytest.mark.parametrize("efficiency", ["mismatch", "realised"])
def test_the_next_line_gives_the_numbers_of_the_study(command, tmp_path, efficiency):
    """Soil, height, band, load, turns and network are its own; the same mesh, the same numbers."""
    study = written(
        tmp_path, 'soil = "simple_eps35"\nheight = 0.02', efficiency, more=PORT, check=1
    )
    study.write_text(study.read_text().replace("points = 13", "mhz = [5.0, 36.0]\npoints = 13"))
    arguments = ("optimize", "./study.toml", "--trials", "3", "--out", "out", "--no-figures")
    result = command(*arguments, "--threshold", "0.1", "--json")
    assert result.code == 0, result.err
    best = json.loads(result.out)["best"]
    assert best["accuracy"] == "normal"
    again = command("solve", "out/best.toml", "--json")
    assert again.code == 0, again.err
    found = json.loads(again.out)
    said = next(line for line in again.err.splitlines() if line.startswith("from out/best.toml:"))
    for word in ("soil simple_eps35", "height 0.02 m", "behind turns", "series L", "5:36 MHz, 13"):
        assert word in said
    assert found["z0"] == pytest.approx(best["z0"], rel=1e-12)
    assert found["soil"] == "simple_eps35"
    assert found["height"] == 0.02
    assert (found["frequency"][0], found["frequency"][-1]) == (5e6, 36e6)
    assert found["network"] == best["network"]
    # the same mesh and frequencies; a full solution and a quick one share no more than 1e-8
    assert found["study"]["merits"] == pytest.approx(best["merits"], rel=1e-6)
    assert [edge / 1e6 for edge in found["study"]["band"]] == pytest.approx(best["band_mhz"])
    assert found["study"]["min_efficiency_5_35"] == pytest.approx(best["min_efficiency_5_35"])


def test_options_replace_what_the_design_says(command, tmp_path):
    study = written(tmp_path, 'soil = "simple_eps35"\nheight = 0.02', more=PORT)
    run(command)
    other = (
        "--soil", "free-space", "--band", "8:20", "--points", "9", "--z0", "72", "--no-network",
        "--accuracy", "draft", "--json",
    )  # fmt: skip
    result = command("solve", "out/best.toml", *other)
    found = json.loads(result.out)
    assert study.exists()
    assert "from out/best.toml" not in result.err
    assert (found["z0"], found["soil"], len(found["frequency"])) == (72.0, "free-space", 9)
    assert "network" not in found
    z = [complex(*pair) for pair in found["z"]]
    assert [complex(*pair) for pair in found["s11"]] == pytest.approx(
        [(value - 72.0) / (value + 72.0) for value in z]
    )


def test_a_design_that_names_no_known_soil_is_refused_in_one_line(command, tmp_path):
    geometry = 'family = "strip"\n[source.optimised]\nsoil = "mine"\n'
    (tmp_path / "hand.toml").write_text(geometry)
    result = command("solve", "./hand.toml")
    assert result.code == 2
    assert "hand.toml" in result.complaint
    assert "'mine'" in result.complaint


def test_a_robust_study_names_its_scenarios(command, tmp_path):
    soils = "soils = [{eps_r = 2.5}, {eps_r = 3.5, loss_tangent = 0.01}]"
    written(tmp_path, more=f"[robust]\n{soils}\nheights = [0.01, 0.02]")
    line, _, found = run(command)
    assert line.endswith("scenarios, drawn and solved in one of them: eps_r 2.5, height 0.01 m")
    assert found["surroundings"] == [
        "eps_r 2.5, height 0.01 m",
        "eps_r 2.5, height 0.02 m",
        "eps_r 3.5, loss_tangent 0.01, height 0.01 m",
        "eps_r 3.5, loss_tangent 0.01, height 0.02 m",
    ]
    assert (found["soil"], found["height"]) == ("eps_r 2.5", 0.01)
    refused = command("optimize", "./study.toml", "--soil", "simple_eps35", "--out", "two")
    assert refused.code == 2
    assert "soil is given, but the study searches the soils of its [robust]" in refused.complaint


@pytest.mark.parametrize(
    ("check", "stage", "mesh"), [(0, "search", "draft"), (1, "check", "normal")]
)
def test_the_design_names_the_stage_that_judged_it(check, stage, mesh, tmp_path):
    path = written(tmp_path, check=check)
    result = la.optimize(path, trials=3, out=tmp_path / "out", figures=False)
    found = tomllib.loads((tmp_path / "out/best.toml").read_text())["source"]["optimised"]
    best = result.to_dict()["best"]
    for told in (found, best):
        assert (told["stage"], told["accuracy"], told["points"]) == (stage, mesh, 13)


def test_tolerance_takes_the_efficiency_of_the_band(command, tmp_path):
    written(tmp_path, 'soil = "simple_eps35"', "sky", check=1)
    found = run(command, "--threshold", "0.1")[-1]
    assert found["efficiency"] == "sky"
    names = ("length", "width", "gap", "port_width", "asymmetry", "eps_r", "arm_error", "height")
    left_out = [word for name in names for word in ("--tolerance", f"{name}=0")]
    fast = ("--points", "13", "--accuracy", "draft", "--builds", "0", *left_out)
    result = command("tolerance", "out/best.toml", *fast)
    assert result.code == 0, result.err
    assert "sky efficiency 0.1" in result.out
    assert "efficiency sky" in result.err
    other = command("tolerance", "out/best.toml", *fast, "--efficiency", "mismatch")
    assert "mismatch efficiency 0.1" in other.out


def test_an_interrupted_search_with_a_margin_tells_what_it_has(tmp_path):
    """The search judges by its stricter goals; nothing is looked up by the study's own names."""

    def stop(fraction, message):
        del message
        if fraction >= 0.5:
            raise KeyboardInterrupt

    path = written(tmp_path, 'soil = "simple_eps35"', check=1, margin=0.1)
    with pytest.raises(OptimizationInterrupted) as stopped:
        la.optimize(path, trials=4, out=tmp_path / "out", figures=False, progress=stop)
    best = stopped.value.result.to_dict()["best"]
    assert (best["stage"], best["accuracy"]) == ("search", "draft")
    found = tomllib.loads((tmp_path / "out/best.toml").read_text())["source"]["optimised"]
    assert (found["stage"], found["threshold"]) == ("search", pytest.approx(0.55))
    assert found["merits"] == best["merits"]
