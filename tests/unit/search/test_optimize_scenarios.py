"""A robust study: what is searched is what is checked, reported and written."""

from __future__ import annotations

import pytest

import lunar_antenna as la
from lunar_antenna.errors import InputError, UnsupportedProblemError
from lunar_antenna.search.api import database_url
from lunar_antenna.search.study.file import load_study

STUDY = """geometry = "strip"
{head}
[search]
length = [6.0, 12.0]
{search}
[band]
points = 17
[robust]
{robust}
"""
SOILS = "soils = [{eps_r = 2.5}, {eps_r = 3.5, loss_tangent = 0.01}]"


def study(tmp_path, robust=SOILS, head="", search=""):
    path = tmp_path / "study.toml"
    path.write_text(STUDY.format(head=head, search=search, robust=robust))
    return path


def evaluator(tmp_path, **text):
    return load_study(study(tmp_path, **text)).plan().evaluator


def test_the_nominal_scenario_is_one_that_is_searched(tmp_path):
    """Without a soil, or with one that is not searched, the first; else the study's own."""
    for head in ("", 'soil = "sourcebook_highland"', 'soil = "simple_eps35"\nheight = 0.3'):
        robust = f"{SOILS}\nheights = [0.05, 0.1]"
        found = evaluator(tmp_path, head=head, robust=robust)
        searched = [(case.stack.layers, case.height) for case in found.problems({})]
        assert (found.stack.layers, found.height) in searched
        assert found.problem({}).height == 0.05
        assert found.stack.layers[0].eps_r == (3.5 if "simple" in head else 2.5)
    assert found.stack.name == "simple_eps35"  # a name that ``solve --soil`` knows


def test_the_shipped_robust_study_is_drawn_in_its_own_soil():
    found = load_study("published_robust").plan().evaluator
    assert (found.stack.name, found.height) == ("simple_eps35", 0.0)


def test_height_is_searched_or_one_of_the_scenarios(tmp_path):
    both = {"robust": "heights = [0.0, 0.1]", "search": "height = [0.0, 0.2]"}
    with pytest.raises(InputError, match=r"height is searched, but \[robust\] heights"):
        evaluator(tmp_path, **both)
    evaluator(tmp_path, robust=SOILS, search="height = [0.0, 0.2]")


@pytest.mark.parametrize(
    ("robust", "given", "word"),
    [
        (SOILS, {"stack": la.Stack.half_space(3.0)}, "soil is given"),
        ("heights = [0.0, 0.1]", {"height": 0.05}, "height is given"),
    ],
)
def test_a_soil_or_height_that_nothing_would_be_solved_in_is_refused(robust, given, word, tmp_path):
    with pytest.raises(InputError, match=word):
        la.optimize(study(tmp_path, robust), trials=1, **given)


def test_every_scenario_is_asked_for_its_engine(tmp_path):
    """Wires alone cannot lie on a soil: the second scenario refuses what the first allows."""
    soils = 'soils = ["free-space", {eps_r = 3.0}]'
    path = study(tmp_path, soils)
    assert load_study(path).plan().evaluator.solver == "planar"
    with pytest.raises(UnsupportedProblemError, match="solver nec cannot do this"):
        load_study(path).changed(solver="nec").plan()


def test_every_scenario_is_asked_for_its_merits(tmp_path, monkeypatch):
    from lunar_antenna.search.study.goals import Goals

    seen = []
    monkeypatch.setattr(Goals, "check", lambda _, problem, __: seen.append(problem.stack))
    evaluator(tmp_path)
    assert {stack.layers[0].eps_r for stack in seen} == {2.5, 3.5}


def test_z0_does_not_replace_a_transformer(tmp_path):
    path = tmp_path / "study.toml"
    text = STUDY.format(head="", search="", robust=SOILS)
    path.write_text(text + "[port]\nload = 50.0\nturns = [1.0, 3.0]\n")
    with pytest.raises(InputError, match="has load and turns"):
        la.optimize(path, trials=1, z0=100.0)


@pytest.mark.parametrize("name", ["a?b", "a%3Fb", "a#b", "a{b}", "a b"])
def test_a_database_lies_in_its_folder_whatever_its_name(name, tmp_path):
    from lunar_antenna.search.run.storage import Records

    folder = tmp_path / name
    folder.mkdir()
    Records(database_url(folder), "study")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (folder / "study.db").is_file()
