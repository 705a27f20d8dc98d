"""[array] of a study: candidates judged among copies of themselves."""

import json

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.array.moves import quick_solution
from lunar_antenna.search.study.evaluate import Evaluator
from lunar_antenna.search.study.file import load_study

STUDY = """
geometry = "strip"
soil = "simple_eps35"
[parameters]
width = 0.3
[search]
length = [4.0, 8.0]
[band]
mhz = [10.0, 30.0]
points = 11
[port]
z0 = 100.0
{array}
[[objective]]
merit = "{merit}"
band_mhz = [15.0, 25.0]
samples = 2
[stages]
check = 0
fine = false
"""
GRID = "[array]\ncount = 3\nspacing = 9.0\nrotation = 20.0"


def study(folder, array=GRID, merit="active_reflection"):
    path = folder / "s.toml"
    path.write_text(STUDY.format(array=array, merit=merit))
    return load_study(path)


def test_a_candidate_is_judged_in_its_cluster(tmp_path):
    evaluator = study(tmp_path).plan().searcher
    # as a worker gets it
    evaluator = Evaluator.from_dict(json.loads(json.dumps(evaluator.to_dict())))
    found = evaluator.evaluate({"length": 6.0})
    (merit,) = evaluator.goals.objectives
    layout = la.load_geometry("strip", width=0.3, length=6.0)
    places = 9.0 * np.array([(-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5)])
    array = la.Array(
        layout, places, "simple_eps35", band=la.Band([15e6, 25e6]),
        rotations=np.full(3, np.deg2rad(20.0)),
    )  # fmt: skip
    expected = merit.of(quick_solution(array, "draft", 1e-3), 100.0)
    assert found.objectives[0] == pytest.approx(expected, rel=1e-6)
    assert found.objectives[0] > 0.1


def test_copies_that_meet_are_a_candidate_that_cannot_be_built(tmp_path):
    evaluator = study(tmp_path, "[array]\ncount = 2\nspacing = 7.0").plan().searcher
    found = evaluator.evaluate({"length": 7.5})
    assert not found.feasible
    assert "elements 1 at" in found.reason


def test_places_of_a_file_are_seen_from_the_study(tmp_path):
    (tmp_path / "p.csv").write_text("x,y,rotation\n0,0,0\n12,1,30\n")
    cluster = study(tmp_path, '[array]\nkind = "csv"\nfile = "p.csv"').cluster
    assert cluster.positions.tolist() == [[0.0, 0.0], [12.0, 1.0]]
    assert cluster.rotations[1] == pytest.approx(np.deg2rad(30.0))


@pytest.mark.parametrize(
    ("array", "merit", "words"),
    [
        ("", "active_reflection", r"cluster of elements; add \[array\]"),
        (GRID, "film_area", r"\[array\] is given, but no objective"),
        ("[array]\ncount = 1\nspacing = 9.0", "active_reflection", "1 elements; give 2 to 64"),
        ("[array]\ncount = 4", "active_reflection", "spacing"),
        ("[array]\ncount = 4\nspacing = 9.0\nspaces = 1", "active_reflection", "spaces"),
        ('[array]\nkind = "ring"', "active_reflection", "kind"),
    ],
)
def test_what_cannot_be_judged_is_refused_at_the_start(tmp_path, array, merit, words):
    text = STUDY if merit != "film_area" else STUDY.replace(
        "band_mhz = [15.0, 25.0]\nsamples = 2\n", ""
    )  # fmt: skip
    path = tmp_path / "s.toml"
    path.write_text(text.format(array=array, merit=merit))
    with pytest.raises(la.InputError, match=words) as caught:
        load_study(path).plan()
    assert "s.toml" in str(caught.value)
    assert "\n" not in str(caught.value)
