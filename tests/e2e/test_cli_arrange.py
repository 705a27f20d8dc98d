"""``arrange``: document, folder that ``array`` reads, going on, one line for what is wrong."""

from __future__ import annotations

import json
import signal
import time

import pytest

import lunar_antenna as la
from lunar_antenna.array.file import read_array

FILE = """
soil = "s.toml"
band = "25"
accuracy = "draft"
z0 = 80.0
[elements.A]
geometry = "strip"
set = { length = 3.0, width = 0.1, gap = 0.05 }
[elements.B]
geometry = "strip"
set = { length = 4.0, width = 0.1, gap = 0.05 }
[layout]
kind = "grid"
count = 3
spacing = 5.0
rotation = 30.0
types = ["A", "B"]
[search]
radius = 9.0
least_distance = 4.0
random = 3
moves = 6
[search.merit]
merit = "active_reflection"
band_mhz = [20.0, 30.0]
scan = 30.0
"""
SOIL = """
[[layer]]
thickness = inf
eps_r = 3.0
loss_tangent = 0.02
[source]
text = "assumed"
"""


@pytest.fixture
def written(tmp_path):
    (tmp_path / "a.toml").write_text(FILE)
    (tmp_path / "s.toml").write_text(SOIL)
    return tmp_path


def test_places_are_searched_and_the_file_of_the_best_is_an_array(command, written):
    answer = command("arrange", "a.toml", "--out", "found", "--plot", "p.png", "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert told["random"]["count"] == 3
    assert told["moves"]["count"] == 6
    assert told["value"] <= told["random"]["best"] <= told["random"]["median"]
    assert abs(told["solved"] - told["value"]) < 5e-3
    assert told["z0"] == 80.0
    assert (written / "p.png").stat().st_size > 10_000
    best = read_array(written / "found" / "best.toml")
    assert best.array.positions.tolist() == told["positions"]
    assert best.array.types == ("A", "B", "A")
    assert best.array.rotations.tolist() == pytest.approx([0.5235987755982988] * 3)
    assert (best.z0, best.accuracy) == (80.0, "draft")
    assert str(written) not in (written / "found" / "best.toml").read_text()
    solved = la.load_array_solution(written / "found" / "best.h5")
    assert solved.array.positions.tolist() == told["positions"]


def test_ctrl_c_keeps_what_was_tried(process, written):
    (written / "a.toml").write_text(FILE.replace("moves = 6", "moves = 100000"))
    running = process.start("arrange", "a.toml", "--out", "found")
    trail = written / "found" / "layouts.jsonl"
    until = time.monotonic() + 120
    while time.monotonic() < until and not (trail.is_file() and len(trail.read_bytes()) > 1500):
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "go on with --resume" in err
    kept = trail.read_text().splitlines()
    assert len(kept) > 4
    assert (written / "found" / "best.toml").is_file()


@pytest.mark.parametrize(
    ("change", "options", "words"),
    [
        (("radius = 9.0", "radius = 2.0"), (), "not found room for"),
        (("radius = 9.0", ""), (), "a.toml: [search] no radius of the search"),
        (("radius = 9.0", "radios = 9.0"), (), "radios"),
        (("[search]", "[serach]"), (), "serach"),
        (('"active_reflection"', '"active"'), (), "merit 'active' is not known"),
        (("", ""), ("--merit", "band_ratio"), "is not of an array"),
        (("", ""), ("--random", "0", "--moves", "0"), "nothing is searched"),
        (("", ""), ("--resume",), "--resume without --out"),
        (("", ""), ("--resume", "--out", "none"), "layouts.jsonl is not there"),
        (("count = 3", "count = 1"), (), "an array of one element"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(command, written, change, options, words):
    (written / "a.toml").write_text(FILE.replace(*change))
    answer = command("arrange", "a.toml", *options)
    assert answer.code == 2, answer.err
    assert words in answer.complaint
    assert sorted(item.name for item in written.iterdir()) == ["a.toml", "s.toml"]
