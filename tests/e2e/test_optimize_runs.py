"""Optimisation as a user runs it: seeds and workers, kill -9, Ctrl-C, a killed worker."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import sys
import time
import tomllib
from pathlib import Path

import pytest

import lunar_antenna as la
from lunar_antenna.errors import SolverError
from lunar_antenna.search.run.executors import LocalWorkers
from lunar_antenna.search.run.jobs import Job
from lunar_antenna.search.study.stages import Stages

NARROW = """family = "strip"
[parameters]
length = 10.0
width = 0.2
[search]
length = [6.0, 16.0]
width = [0.05, 0.3]
"""
ARGUMENTS = (
    "optimize", "narrow.toml", "--soil", "free-space", "--solver", "nec", "--points", "9",
    "--seed", "5", "--no-figures",
)  # fmt: skip


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """A strip thin enough to be one wire: a twentieth of a second per design."""
    path = tmp_path_factory.mktemp("geometry") / "narrow.toml"
    path.write_text(NARROW)
    return path


@pytest.fixture
def here(tmp_path):
    """The same file in the working directory of ``process``."""
    (tmp_path / "narrow.toml").write_text(NARROW)
    return tmp_path


def design(geometry, **options):
    band = la.Band.mhz(5, 35, 9)
    return la.optimize(geometry, solver="nec", band=band, seed=5, figures=False, **options)


def test_one_settings_object_says_what_a_file_says_and_keywords_replace_parts_of_it(narrow):
    """The same trials whichever way a study is put; what is no study is refused in one line."""
    by_words = design(narrow, trials=8)
    settings = la.StudySettings(
        narrow,
        band=la.Band.mhz(5, 35, 9),
        solver="nec",
        trials=20,
        seed=5,
        stages=Stages(check=0, fine=False),
    )
    by_object = la.optimize(settings, trials=8, figures=False)
    assert trials(by_object) == trials(by_words)
    assert settings.trials == 20
    assert trials(la.optimize(settings, trials=8, seed=6)) != trials(by_words)
    with pytest.raises(la.InputError, match="study is dict; give a Layout"):
        la.optimize({"geometry": "strip"})


def trials(result):
    return [(trial.number, trial.parameters, trial.score) for trial in result.trials]


def finished(database):
    """Numbers of the finished trials that are on disk."""
    if not database.exists():
        return []
    try:
        reader = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)
        with contextlib.closing(reader) as connection:
            rows = connection.execute("SELECT number FROM trials WHERE state = 'COMPLETE'")
            return [row[0] for row in rows]
    except sqlite3.OperationalError:  # not made yet
        return []


def wait_for(count, database, running):
    """Until ``count`` trials are on disk; fails where the process ends or hangs before that."""
    end = time.monotonic() + 60
    while len(finished(database)) < count:
        assert running.poll() is None, running.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.02)


def gone(pid):
    """Whether no process of that number runs (a zombie does not run)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def children(pid):
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(number) for number in text.split()]


@pytest.fixture(scope="module")
def uninterrupted(narrow):
    """The reference: 14 trials by one worker, in memory."""
    return design(narrow, trials=14)


def test_same_seed_same_designs_with_two_workers(uninterrupted, narrow, tmp_path):
    """Bit for bit, the order of completion notwithstanding."""
    two = design(narrow, trials=14, workers=2, out=tmp_path / "two")
    assert trials(two) == trials(uninterrupted)
    assert two.best.number == uninterrupted.best.number


def test_best_design_reads_back_and_scores_the_same(narrow, tmp_path):
    result = design(narrow, trials=14, floor=0.0, out=tmp_path / "study")
    table = tomllib.loads((tmp_path / "study/best.toml").read_text())
    layout = la.load_geometry(tmp_path / "study/best.toml")
    for name, value in result.best.parameters.items():
        assert layout.parameters[name] == pytest.approx(value, rel=1e-15)
    assert table["source"]["optimised"]["z0"] == result.z0
    document = result.to_dict()
    assert document["best"]["band_ratio"] == pytest.approx(document["best"]["objective"])
    assert document["best"]["feasible"] is True
    assert document["best"]["objective"] == max(score for _, _, score in trials(result))
    again = la.solve(
        la.Problem(layout, la.Stack.free_space(), band=la.Band.mhz(5, 35, 9)),
        "nec",
        accuracy="draft",
    )
    inside = result.evaluator.evaluate(result.best.parameters)
    assert inside.score == result.best.score
    low, high = result.evaluation.band
    matched = again.efficiency(result.z0).mismatch
    between = (again.frequency > low) & (again.frequency < high)
    assert (matched[between] >= 0.9).all()


def test_killed_worker_and_killed_study_lose_nothing_finished(process, here, uninterrupted):
    """kill -9 of one of two workers, then of the main process; --resume ends as if undisturbed."""
    database = here / "study/study.db"
    running = process.start(*ARGUMENTS, "--trials", "14", "--workers", "2", "--out", "study")
    wait_for(2, database, running)
    os.kill(children(running.pid)[0], signal.SIGKILL)
    wait_for(5, database, running)
    workers = children(running.pid)
    running.kill()
    running.communicate()
    before = finished(database)
    assert 5 <= len(before) < 14
    end = time.monotonic() + 20
    while not all(gone(pid) for pid in workers):
        assert time.monotonic() < end, "a worker outlived its killed parent"
        time.sleep(0.05)
    done = process(*ARGUMENTS, "--trials", "14", "--out", "study", "--resume", "--json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["trials"] == 14
    assert set(before) <= set(finished(database))
    assert document["best"]["parameters"] == uninterrupted.best.parameters
    assert document["best"]["score"] == uninterrupted.best.score


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_keeps_the_best_and_exits_130(process, here, number):
    database = here / "study/study.db"
    running = process.start(*ARGUMENTS, "--trials", "500", "--out", "study", "--json")
    wait_for(4, database, running)
    workers = children(running.pid)
    running.send_signal(number)
    out, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    document = json.loads(out)
    assert document["interrupted"] is True
    assert document["trials"] >= 4
    assert all(gone(pid) for pid in workers)
    assert {path.name for path in (here / "study").iterdir()} == {
        "best.toml", "study.db", "history.csv"
    }  # fmt: skip
    layout = la.load_geometry(here / "study/best.toml")
    assert layout.parameters["length"] == document["best"]["parameters"]["length"]


def test_killed_worker_is_replaced_and_its_trial_run_again(uninterrupted):
    jobs = [Job(trial.number, trial.parameters) for trial in uninterrupted.trials[:6]]
    scores = {}
    with LocalWorkers(uninterrupted.evaluator, 1) as executor:

        def kill_after_two(outcome):
            scores[outcome.number] = outcome.evaluation.score
            if len(scores) == 2:
                os.kill(executor.pids[0], signal.SIGKILL)

        executor.run(jobs, kill_after_two)
    assert scores == {trial.number: trial.score for trial in uninterrupted.trials[:6]}


def test_workers_that_cannot_start_are_one_line(uninterrupted):
    """Their last words are in it; a second attempt would fail alike."""
    command = (sys.executable, "-c", "raise SystemExit('no room on device')")
    jobs = [Job(0, uninterrupted.best.parameters)]
    with (
        LocalWorkers(uninterrupted.evaluator, 1, command) as executor,
        pytest.raises(SolverError, match="could not start: no room on device") as told,
    ):
        executor.run(jobs, lambda _: None)
    assert "\n" not in str(told.value)


def test_designs_that_cannot_be_built_are_infeasible_with_their_reason(tmp_path):
    """Half of this range leaves no room for the arms: no crash, and never the best."""
    path = tmp_path / "odd.toml"
    path.write_text(
        'family = "strip"\n[parameters]\nlength = 10.0\n[search]\nlength = [8.0, 12.0]\n'
        "gap = [0.05, 20.0]\n"
    )
    result = la.optimize(path, solver="nec", band=la.Band.mhz(5, 35, 9), trials=12, seed=1)
    reasons = [trial.evaluation.reason for trial in result.trials if trial.evaluation.reason]
    assert 0 < len(reasons) < 12
    assert all("gap" in reason for reason in reasons)
    assert result.evaluation.reason is None


def test_script_without_main_guard(narrow, tmp_path):
    """Workers do not import the caller: a plain top-level script works."""
    import subprocess

    script = tmp_path / "plain.py"
    script.write_text(
        "import lunar_antenna as la\n"
        f"r = la.optimize({str(narrow)!r}, solver='nec', trials=3, workers=2)\n"
        "print('scores', len(r.trials))\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "scores 3\n"


def test_no_warning_of_optuna_leaks(recwarn, narrow, tmp_path):
    design(narrow, trials=8, sampler="cma-es", storage=f"sqlite:///{tmp_path / 's.db'}")
    assert [str(item.message) for item in recwarn] == []


def test_height_and_reference_impedance_may_be_searched(tmp_path):
    path = tmp_path / "raised.toml"
    path.write_text(NARROW + "height = [0.5, 1.5]\nz0 = [80.0, 90.0]\n")
    result = design(path, trials=7, floor=0.0, out=tmp_path / "study")
    heights = {trial.parameters["height"] for trial in result.trials}
    assert len(heights) == 7
    assert all(0.5 <= height <= 1.5 for height in heights)
    assert 80.0 <= result.z0 <= 90.0
    table = tomllib.loads((tmp_path / "study/best.toml").read_text())
    assert table["source"]["optimised"]["height"] == result.best.parameters["height"]
    assert "height" not in table["parameters"]
