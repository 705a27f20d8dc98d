"""The folder that a finished study leaves: every file is there, whole, and says the same."""

from __future__ import annotations

import csv
import json
import shutil
import tomllib

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.common.display import study_pages
from lunar_antenna.errors import InputError
from lunar_antenna.report.study import study_report
from lunar_antenna.report.study_figures import at_load
from lunar_antenna.search.output.record import StudyRecord

STUDY = """geometry = "narrow.toml"
solver = "nec"
[search]
length = [6.0, 16.0]
width = [0.05, 0.3]
[band]
points = 9
[[objective]]
merit = "band_ratio"
threshold = 0.5
{more}
[sampler]
trials = {trials}
seed = 3
[stages]
check = 0
fine = false
"""
GEOMETRY = """family = "strip"
[parameters]
length = 10.0
width = 0.2
[metal]
name = "copper_18um"
"""
SECOND = '[[objective]]\nmerit = "metal_mass"\n'
NETWORK = '[[port.network]]\nelement = "series L"\nrange = [1e-8, 1e-6]\n'


def search(folder, more="", trials=9, *, figures=True):
    (folder / "narrow.toml").write_text(GEOMETRY)
    (folder / "study.toml").write_text(STUDY.format(more=more, trials=trials))
    return la.optimize(folder / "study.toml", out=folder / "out", figures=figures)


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """A study of one objective with a matching network: (result, its folder)."""
    folder = tmp_path_factory.mktemp("one")
    return search(folder, NETWORK), folder / "out"


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A study of two objectives."""
    folder = tmp_path_factory.mktemp("two")
    return search(folder, SECOND, trials=24), folder / "out"


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_everything_is_there_and_no_temporary_file(one):
    assert {path.name for path in one[1].iterdir()} >= {
        "best.toml", "best.svg", "best.h5", "history.csv", "study.json", "study.db", "history.png",
        "best_layout.png", "best_s11.png", "best_efficiency.png", "best_pattern.png", "report.html",
    }  # fmt: skip
    assert not [path.name for path in one[1].iterdir() if path.name.startswith(".")]


def test_drawings_read_back_as_the_layout(one):
    pytest.importorskip("ezdxf")
    from lunar_antenna.geometry.drawings.files import import_layout

    for name in ("best.svg", "best.dxf"):
        area = import_layout(one[1] / name).metal_area
        assert area == pytest.approx(one[0].layout.metal_area, rel=1e-6)


def test_best_toml_holds_materials_and_solves_to_the_saved_solution(one):
    """The same solver on the same problem: the same numbers."""
    result, folder = one
    assert tomllib.loads((folder / "best.toml").read_text())["metal"]["name"] == "copper_18um"
    saved = la.load(folder / "best.h5")
    problem = la.Problem(
        la.load_geometry(folder / "best.toml"), la.Stack.free_space(), band=la.Band.mhz(5, 35, 9)
    )
    again = la.solve(problem, "nec", accuracy=result.evaluator.accuracy)
    np.testing.assert_allclose(again.z, saved.z, rtol=1e-9)


def test_history_and_record_hold_every_trial(one):
    result, folder = one
    table = rows(folder / "history.csv")
    assert [int(row["trial"]) for row in table] == [trial.number for trial in result.trials]
    record = StudyRecord.load(folder)
    assert record.names == ("length", "network.1", "width")
    assert record.best == result.best.number
    np.testing.assert_array_equal(record.score, [trial.score for trial in result.trials])
    np.testing.assert_array_equal(
        record.parameters[:, 0], [trial.parameters["length"] for trial in result.trials]
    )
    assert json.loads((folder / "study.json").read_text())["best"] == json.loads(
        json.dumps(result.to_dict()["best"])
    )


def test_pareto_table_is_the_front_and_nothing_beats_it(two):
    result, folder = two
    table = rows(folder / "pareto.csv")
    ratio, mass = (item.label for item in result.evaluator.goals.objectives)
    front = [(float(row[ratio]), float(row[mass])) for row in table]
    assert front == [trial.evaluation.objectives for trial in result.front]
    for row, trial, by in zip(table, result.front, result.judged_front, strict=True):
        assert by.trial == trial.number
        assert by.evaluation.objectives == trial.evaluation.objectives
        how = (row["stage"], row["solver"], row["accuracy"], int(row["points"]))
        assert how == (by.stage, by.solver, by.accuracy, by.points)
    for trial in result.trials:
        if not trial.evaluation.feasible:
            continue
        own = trial.evaluation.objectives
        assert not any(
            own[0] >= a and own[1] <= b and own != (a, b) and (own[0] > a or own[1] < b)
            for a, b in front
        )
    assert (folder / "pareto.png").stat().st_size > 5000
    assert set(StudyRecord.load(folder).front) == {trial.number for trial in result.front}


def test_page_is_whole_and_can_be_made_again(command, two, tmp_path):
    folder = two[1]
    done = command("report", folder, "--out", "again.html")
    assert done.code == 0, done.err
    text = (tmp_path / "again.html").read_text()
    for heading in ("Search", "The design", "Front", "Efficiency", "Pattern and currents"):
        assert f">{heading}</h2>" in text
    assert 'src="data:image' in text
    assert "http" not in text.replace("http://www.w3.org", "")


def test_a_network_is_seen_in_the_reflection(one):
    """Behind a series coil of Q 100: Z + j omega L (1 - j/Q), by hand."""
    result, folder = one
    record = StudyRecord.load(folder)
    solution = la.load(folder / "best.h5")
    coil = result.best.parameters["network.1"]
    z0 = result.z0
    z = solution.input_impedance() + 2j * np.pi * solution.frequency * coil * (1 - 0.01j)
    np.testing.assert_allclose(at_load(record, solution).s11(z0), (z - z0) / (z + z0), rtol=1e-9)


def test_a_study_in_which_nothing_is_feasible_still_has_its_page(tmp_path):
    """Without figures, too: the page is made from the tables alone."""
    more = '[[constraint]]\nmerit = "min_efficiency"\nat_least = 0.99\n'
    result = search(tmp_path, more, trials=7, figures=False)
    assert not result.evaluation.feasible
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert "study.json" in names
    assert not [name for name in names if name.endswith((".png", ".h5", ".html"))]
    page = study_report(tmp_path / "out", tmp_path / "page.html")
    assert "A constraint is violated" in page.read_text()


def test_a_folder_that_is_no_study_or_a_broken_one_is_one_line(one, tmp_path):
    with pytest.raises(InputError, match=r"holds no finished study: study\.json is missing"):
        study_report(tmp_path)
    broken = tmp_path / "broken"
    shutil.copytree(one[1], broken)
    (broken / "study.json").write_text("{}")
    with pytest.raises(InputError, match="cannot be read as a study"):
        study_pages(broken)
