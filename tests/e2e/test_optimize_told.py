"""What a study says about its winner: soil, stage, mesh, efficiency, and what to run next."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path

import pytest
import tomli_w

import lunar_antenna as la
from lunar_antenna.search.api import OptimizationInterrupted

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


def test_a_soil_by_path_is_told_by_its_path(command, tmp_path):
    (tmp_path / "my soil.toml").write_text(OWN)
    written(tmp_path)
    _, line, found = run(command, "--soil", "./my soil.toml")
    assert shlex.split(line)[-2:] == ["--soil", "./my soil.toml"]
    assert [row["eps_r"] for row in found["layer"]] == [2.0, 4.0]


def test_a_soil_beside_the_study_is_told_by_its_path(command, tmp_path):
    (tmp_path / "mine.toml").write_text(OWN)
    written(tmp_path, 'soil = "mine.toml"')
    soil = shlex.split(run(command)[1])[-1]
    assert la.load_soil(soil).layers == la.load_soil(tmp_path / "mine.toml").layers


def test_layers_of_the_study_are_kept_beside_the_design(command, tmp_path):
    """They read back as the soil; no command is printed that would solve in free space."""
    written(tmp_path, OWN.replace("[[layer]]", "[[stack.layer]]"))
    _, line, found = run(command)
    assert "save the [[source.optimised.layer]]" in line
    assert line.endswith("--soil SOIL.toml")
    soil = tmp_path / "SOIL.toml"
    soil.write_text(tomli_w.dumps({"layer": found["layer"]}))
    layers = la.load_soil(soil).layers
    assert [(layer.thickness, layer.eps_r, layer.loss_tangent) for layer in layers] == [
        (0.5, 2.0, 0.0),
        (float("inf"), 4.0, 0.01),
    ]


def test_a_shipped_soil_is_told_by_name_alone(command, tmp_path):
    written(tmp_path, 'soil = "simple_eps35"\nheight = 0.02')
    _, line, found = run(command)
    assert line.endswith("best.toml --soil simple_eps35 --height 0.02")
    assert "layer" not in found


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
    fast = ("--soil", "simple_eps35", "--points", "13", "--accuracy", "draft", *left_out)
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
