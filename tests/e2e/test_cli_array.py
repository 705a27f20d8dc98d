"""``array``: document, files, figures; going on where it stopped; one line for what is wrong."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

import lunar_antenna as la

FILE = """
soil = "free-space"
band = "20:30"
points = {points}
accuracy = "draft"
[elements.A]
geometry = "strip"
set = {{ length = 3.0, width = 0.1, gap = 0.05 }}
[layout]
kind = "grid"
rows = {rows}
columns = 1
spacing = {spacing}
"""


def write(folder, points=2, rows=3, spacing=2.0):
    path = folder / "a.toml"
    path.write_text(FILE.format(points=points, rows=rows, spacing=spacing))
    return path


def test_an_array_is_solved_and_kept(command, tmp_path):
    write(tmp_path)
    answer = command("array", "a.toml", "--out", "a.h5", "--plot", "a.png", "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert told["ports"] == ["1", "2", "3"]
    assert told["quality"]["converged"]
    assert len(told["largest_coupling"]) == 2
    assert max(told["quality"]["error_z"]) < 1e-3
    found = la.load_array_solution(tmp_path / "a.h5")
    assert found.z.shape == (2, 3, 3)
    assert (tmp_path / "a.png").stat().st_size > 10_000
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.h5", "a.png", "a.toml"]


def test_an_array_has_a_page(command, tmp_path):
    write(tmp_path)
    assert command("array", "a.toml", "--out", "a.h5").code == 0
    answer = command("report", "a.h5", "--out", "a.html", "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["array"] == "a"
    assert (tmp_path / "a.html").stat().st_size > 50_000
    answer = command("report", "a.h5", "x.s1p", "--out", "b.html")
    assert answer.code == 2
    assert "holds an array" in answer.complaint
    assert not (tmp_path / "b.html").exists()


def test_the_text_fits_a_terminal(command, tmp_path):
    write(tmp_path)
    answer = command("array", "a.toml")
    assert answer.code == 0, answer.err
    assert "3 elements, 3 ports" in answer.out
    assert max(map(len, answer.out.splitlines())) <= 100


def test_a_killed_run_goes_on_from_what_it_had(process, command, tmp_path):
    write(tmp_path, points=8)
    run = process.start("array", "a.toml", "--out", "a.h5", "--workers", "2")
    parts = tmp_path / "a.h5.parts"
    deadline = time.monotonic() + 120.0
    while time.monotonic() < deadline and not list(parts.glob("f*.npz")):
        time.sleep(0.1)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    had = {path.name: path.stat().st_mtime_ns for path in parts.glob("f*.npz")}
    assert had
    assert not (tmp_path / "a.h5").exists()
    answer = command("array", "a.toml", "--out", "a.h5", "--resume")
    assert answer.code == 0, answer.err
    assert not parts.exists()
    assert la.load_array_solution(tmp_path / "a.h5").z.shape == (8, 3, 3)


def test_workers_find_what_one_process_finds(command, tmp_path):
    write(tmp_path)
    for name, workers in (("a.h5", 1), ("b.h5", 2)):
        answer = command("array", "a.toml", "--out", name, "--workers", workers)
        assert answer.code == 0, answer.err
    one, two = (la.load_array_solution(tmp_path / name) for name in ("a.h5", "b.h5"))
    assert abs(one.z - two.z).max() < 1e-9 * abs(one.z).max()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"spacing": 0.05}, "overlap"),
        ({"rows": 1}, "one element"),
        ({"rows": 9000}, "GB"),
    ],
)
def test_a_bad_array_is_one_line_and_leaves_nothing(command, tmp_path, change, told):
    write(tmp_path, **change)
    answer = command("array", "a.toml", "--out", "a.h5")
    assert answer.code == 2
    assert told in answer.complaint
    assert [item.name for item in tmp_path.iterdir()] == ["a.toml"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("none.toml",), "none"),
        (("a.toml", "--out", "a.txt"), "--out"),
        (("a.toml", "--resume"), "--resume"),
        (("a.toml", "--out", "a.h5", "--resume"), "--resume"),
        (("a.toml", "--accuracy", "super"), "--accuracy"),
        (("a.toml", "--tolerance", "2"), "--tolerance"),
        (("a.toml", "--plot", "a.xyz"), "--plot"),
    ],
)
def test_bad_options_are_one_line_and_exit_2(command, tmp_path, arguments, told):
    write(tmp_path)
    answer = command("array", *arguments)
    assert answer.code == 2
    assert told in answer.complaint
