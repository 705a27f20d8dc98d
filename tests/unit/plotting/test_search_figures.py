"""Figures of a search and of tolerances say what they draw: units, factors, the chosen one."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.plotting.optimize import plot_parallel
from lunar_antenna.plotting.sky import plot_noise
from lunar_antenna.search.output.record import StudyRecord


def record(names, count=12):
    """A study of ``count`` designs over ``names``; the third is the chosen one."""
    rng = np.random.default_rng(1)
    units = {"length": "m", "bend.angle": "rad", "z0": "ohm", "samples": "1"}
    document = {"best": {"trial": 2, "parameters": {}}, "units": units}
    return StudyRecord(
        document=document,
        number=np.arange(count),
        score=rng.random(count),
        feasible=np.ones(count, dtype=bool),
        objectives=1.0 + rng.random((count, 1)),
        labels=("band_ratio(mismatch >= 0.9)",),
        maximise=(True,),
        parameters=1.0 + rng.random((count, len(names))),
        names=names,
        front=(),
    )


def words(figure):
    found = figure.findobj(lambda item: hasattr(item, "get_text"))
    return [text.get_text() for text in found if text.get_text()]


@pytest.mark.parametrize("names", [("length",), ("length", "z0"), ("length", "bend.angle", "z0")])
def test_variables_have_units_and_the_chosen_one_is_named(names):
    told = words(plot_parallel(record(names)))
    joined = " ".join(told).replace("\n", " ")
    assert "length (m)" in joined
    assert "the chosen one" in told
    assert not any("red" in text.split() for text in told)


def test_one_and_two_variables_are_a_map():
    """Parallel coordinates of two axes hide what a plane shows."""
    single = plot_parallel(record(("length",))).axes[0]
    assert single.get_xlabel() == "length (m)"
    pair = plot_parallel(record(("length", "z0"))).axes[0]
    assert (pair.get_xlabel(), pair.get_ylabel()) == ("length (m)", "z0 (ohm)")


def test_each_trial_names_the_stage_that_judged_it(tmp_path):
    (tmp_path / "study.toml").write_text(
        'geometry = "strip"\nsolver = "nec"\n[search]\nlength = [8.0, 12.0]\n'
        "[band]\npoints = 9\n[stages]\nscreen_trials = 2\nscreen_points = 8\ncheck = 0\n"
        "fine = false\n[sampler]\ntrials = 12\nname = 'tpe'\n"
    )
    result = la.optimize(tmp_path / "study.toml", out=tmp_path / "out", figures=False)
    with (tmp_path / "out/history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    stages = [row["stage"] for row in rows]
    assert result.screened > 0
    assert stages == ["screen"] * result.screened + ["search"] * (len(rows) - result.screened)
    assert StudyRecord.load(tmp_path / "out").names == ("length",)
    document = json.loads((tmp_path / "out/study.json").read_text())
    assert document["units"]["length"] == "m"


def test_a_factor_of_the_soil_is_called_one():
    from lunar_antenna.tolerances.report import Effect, Sensitivity, _stated

    effect = Effect(1.0, -0.1, 0.1, 0.0, True)
    item = Sensitivity("eps_r", "1", 1.0, 0.05, {"inside": effect})
    assert _stated(item) == ("x 1", "0.05 of it")
    assert _stated(Sensitivity("length", "m", 9.0, 1e-3, {}))[0] == "9"


def test_ticks_of_the_noise_are_plain_numbers():
    from hand_made import solution

    made = la.noise_budget(solution(stack=la.Stack.half_space(3.0), points=9))
    figure = plot_noise(made)
    figure.canvas.draw()
    for ax in (figure.axes[0], figure.axes[2]):
        ticks = [text.get_text() for text in ax.get_yticklabels(which="both") if text.get_text()]
        assert ticks
        assert not any("10^" in text or "times" in text for text in ticks)
