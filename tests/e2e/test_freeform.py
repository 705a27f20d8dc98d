"""Free-form studies from the command line: rounds, folder, resume, refusals in one line."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import box

import lunar_antenna as la

STUDY = """soil = "simple_eps35"
[freeform]
footprint = [10.0, 2.0]
gap = 0.2
tab = 0.06
cell = [0.7, 0.4]
metal = "copper_18um"
points = 9
moves = 3
rounds = ROUNDS
fine = false
[band]
points = 17
[[objective]]
merit = "band_ratio"
[[constraint]]
merit = "min_efficiency"
at_least = 0.05
"""


@pytest.fixture
def run(command, tmp_path):
    """``run(rounds, folder, ...)``: exit code, document and stderr of a study."""

    def go(rounds, folder, *options, text=STUDY, figures=False):
        (tmp_path / "free.toml").write_text(text.replace("ROUNDS", str(rounds)))
        drawn = () if figures else ("--no-figures",)
        answer = command("optimize", "./free.toml", *options, "--out", folder, *drawn, "--json")
        return answer.code, json.loads(answer.out) if answer.out else None, answer.err

    return go


def test_best_toml_stands_alone_and_holds_what_was_judged(run, command):
    """solve of best.toml, at the z0 it names, gives the band the study reports: same mesh and
    frequencies, so within the search's tolerance of Z (1e-6).  Its page and figures are made, but
    for that of the variables, of which there are none."""
    code, told, err = run(2, "out", figures=True)
    assert code == 0, err
    made = {path.name for path in Path("out").iterdir()}
    assert {"report.html", "history.png", "best_layout.png"} <= made
    assert "parallel.png" not in made
    best = told["best"]
    assert told["trials"] == 2
    assert best["parameters"] == {}
    spec = tomllib.loads(Path("out/best.toml").read_text())
    assert spec["family"] == "free"
    assert "freeform" not in spec
    layout = la.load_geometry("out/best.toml")
    x0, y0, x1, y1 = layout.bounds
    assert (x0, y0, x1, y1) == pytest.approx((-5, -1, 5, 1), abs=1e-6) or y1 <= 1.0
    answer = command("solve", "out/best.toml", "--json")
    assert answer.code == 0, answer.err
    solved = json.loads(answer.out)
    low = min(solved["efficiency"]["mismatch"])
    assert solved["z0"] == pytest.approx(best["z0"])
    assert low == pytest.approx(best["min_efficiency_5_35"], abs=2e-2)


def test_a_resumed_study_is_the_same_as_one_in_one_go(run):
    whole = run(2, "whole")[1]
    run(1, "parts")
    code, parts, err = run(2, "parts", "--resume")
    assert code == 0, err
    assert parts["trials"] == 2
    assert parts["best"]["objective"] == whole["best"]["objective"]
    texts = (Path(name, "freeform.json").read_text() for name in ("whole", "parts"))
    first, second = map(json.loads, texts)
    for one, other in zip(first["rounds"], second["rounds"], strict=True):
        assert np.array_equal(one["mask"], other["mask"])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("gap = 0.2\n", "", "lacks.*gap|gap.*missing|needs.*gap"),
        ("gap = 0.2", "gap = 9.9", "leave no metal"),
        ("cell = [0.7, 0.4]", "cell = [4.0, 0.4]", "too large for a footprint"),
        ("cell = [0.7, 0.4]", "cell = [0.01, 0.01]", "cells of the quarter, allowed 900"),
        ("points = 9\n", "keep_out = [[[-0.1, -0.1], [0.1, -0.1], [0.1, 0.1]]]\n", "contradict"),
        ("points = 9\n", "pints = 9\n", "unknown key 'pints'"),
        ('merit = "band_ratio"', 'merit = "film_mass"', "does not know film_mass"),
        ("gap = 0.2", "gap = 0.2\nleast_metal = 3.0", "least_metal = 3 m leaves nothing"),
        (
            "footprint = [10.0, 2.0]",
            "footprint = [[-5.0, -1.0], [5.0, -1.0], [4.0, 1.0], [-5.0, 1.0]]",
            "differs from its mirror image",
        ),
        ("[freeform]", "[robust]\narm_errors = [0.0, 0.01]\n[freeform]", "arm_errors make arms"),
        ("[freeform]", 'geometry = "bowtie"\n[freeform]', "both given"),
    ],
)
def test_wrong_files_are_one_line_and_exit_2(command, tmp_path, old, new, told):
    (tmp_path / "free.toml").write_text(STUDY.replace("ROUNDS", "1").replace(old, new))
    answer = command("optimize", "./free.toml", "--out", "out")
    assert answer.code == 2
    assert re.search(told, answer.complaint)
    assert not (tmp_path / "out" / "best.toml").exists()


def test_options_that_do_not_apply_are_refused(run):
    code, _, err = run(1, "out", "--sampler", "tpe")
    assert code == 2
    assert "takes no sampler" in err
    code, _, err = run(1, "out", "--seed", "3")
    assert code == 0, err
    code, _, err = run(1, "out", "--seed", "4", "--resume")
    assert code == 2
    assert "of another study or seed" in err


FULL = """[robust]
soils = ["simple_eps35", {eps_r = 2.5, loss_tangent = 0.005}]
heights = [0.0, 0.05]
[freeform]
footprint = [[-5.0, 0.0], [-4.0, -1.0], [4.0, -1.0], [5.0, 0.0], [4.0, 1.0], [-4.0, 1.0]]
gap = 0.2
tab = 0.06
cell = [0.8, 0.4]
metal = "copper_18um"
least_slot = 0.3
keep_out = [[[2.0, -1.0], [2.6, -1.0], [2.6, -0.7], [2.0, -0.7]]]
keep_in = [[[0.4, -0.2], [0.8, -0.2], [0.8, 0.2], [0.4, 0.2]]]
points = 9
moves = 2
rounds = ROUNDS
fine = false
[band]
points = 17
[port]
z0 = [25.0, 400.0]
[[port.network]]
element = "shunt L"
range = [1e-7, 1e-4]
[[objective]]
merit = "realised_sky"
band_mhz = [10.0, 35.0]
[[constraint]]
merit = "min_efficiency"
at_least = 0.02
[[constraint]]
merit = "pattern_null"
band_mhz = [5.0, 30.0]
at_most = 30.0
"""


def test_every_part_of_a_study_together_and_resumed(run):
    """Polygon, areas, least slot, two soils at two heights, network, sky and pattern: one run of
    two rounds is the same as one and one more; what is judged holds in every scenario."""
    code, whole, err = run(2, "whole", text=FULL)
    assert code == 0, err
    assert whole["best"]["network"][0]["element"] == "shunt L"
    assert 1e-7 <= whole["best"]["parameters"]["network.1"] <= 1e-4
    assert 0.0 < whole["best"]["objective"] < 0.3
    run(1, "parts", text=FULL)
    code, parts, err = run(2, "parts", "--resume", text=FULL)
    assert code == 0, err
    assert parts["best"]["objective"] == whole["best"]["objective"]
    surface = la.load_geometry("whole/best.toml").surface
    assert not surface.intersects(box(2.1, 0.75, 2.5, 0.95))
    assert surface.covers(box(-0.75, -0.15, -0.45, 0.15))


def test_the_best_is_held_against_its_footprint(run):
    code, told, err = run(1, "out", "--bound", "10x2")
    assert code == 0, err
    assert told["bound"]["quantity"] == "sky_share"
    assert all(0.0 < part <= 1.0 for part in told["bound"]["reached"])
    code, _, err = run(1, "other", "--bound", "10by2")
    assert code == 2
    assert "is not LENGTHxWIDTH" in err


def test_it_is_no_geometry(command):
    answer = command("solve", "freeform_band")
    assert answer.code == 2
    assert "is a study of free form; run lunar-antenna optimize" in answer.complaint


def test_corners_are_moved_after_the_cells_and_a_stopped_polish_goes_on(run, command):
    """A polished outline is no worse, is what best.toml holds, and more of it can be asked for."""
    code, told, err = run(1, "rough")
    assert code == 0, err
    rough = told["best"]["band_ratio"]
    code, told, err = run(1, "out", "--polish", "2")
    assert code == 0, err
    assert [item["stage"] for item in told["stages"]] == ["search", "polish"]
    assert told["best"]["parameters"] == {}
    better = told["best"]["band_ratio"]
    assert better > rough
    spec = tomllib.loads(Path("out/best.toml").read_text())
    corners = np.array([point for row in spec["polygon"] for point in row["points"]])
    assert np.abs(corners[:, 0]).max() <= 5.0 + 1e-9
    assert np.abs(corners[:, 1]).max() <= 1.0 + 1e-9
    answer = command("solve", "out/best.toml", "--json", "--points", "17")
    assert answer.code == 0, answer.err
    code, told, err = run(1, "out", "--polish", "4", "--resume")
    assert code == 0, err
    assert told["best"]["band_ratio"] >= better


@pytest.mark.parametrize(
    ("engine", "told"),
    [
        ("planar", "confirm = 'planar' is the solver of the search"),
        ("nobody", "nobody"),
    ],
)
def test_a_confirmation_that_cannot_be_is_refused_before_the_search(run, engine, told):
    code, _, err = run(1, "out", "--confirm", engine)
    assert code == 2
    assert told in err
    assert not Path("out").exists()
