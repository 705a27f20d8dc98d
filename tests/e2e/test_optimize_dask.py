"""A search on a dask cluster: the same designs as at home, and nothing lost when parts die."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

import lunar_antenna as la
from lunar_antenna.errors import InputError, SolverError
from lunar_antenna.search.run.jobs import Job

pytest.importorskip("distributed", reason="dask.distributed is not installed")

from dask_cluster import Cluster

from lunar_antenna.search.run.dask_executor import DaskCluster

STRIP = """family = "strip"
[parameters]
length = 10.0
width = 0.2
[search]
length = [6.0, 16.0]
width = [0.05, 0.3]
"""
TRIALS = 12


def design(geometry, **options):
    return la.optimize(
        geometry,
        solver="nec",
        band=la.Band.mhz(5, 35, 9),
        seed=5,
        trials=TRIALS,
        figures=False,
        **options,
    )


def outcome(result):
    return [(trial.number, trial.parameters, trial.score) for trial in result.trials]


@pytest.fixture(scope="module")
def strip(tmp_path_factory):
    path = tmp_path_factory.mktemp("geometry") / "strip.toml"
    path.write_text(STRIP)
    return path


@pytest.fixture(scope="module")
def at_home(strip):
    """The reference: one local worker, in memory."""
    return design(strip)


@pytest.fixture
def cluster(tmp_path):
    folder = tmp_path / "cluster"
    folder.mkdir()
    started = Cluster(folder)
    yield started
    started.stop()


def finished(database):
    if not database.exists():
        return set()
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as reader:
            rows = reader.execute("SELECT number FROM trials WHERE state = 'COMPLETE'").fetchall()
    except sqlite3.OperationalError:  # not made yet
        return set()
    return {row[0] for row in rows}


def test_two_dask_workers_find_the_very_same_designs(cluster, strip, at_home, tmp_path):
    """Bit for bit: the arithmetic and the order of proposals are the same."""
    cluster.add_worker()
    cluster.add_worker()
    found = design(strip, scheduler=cluster.address, out=tmp_path / "study")
    assert outcome(found) == outcome(at_home)
    assert found.best.number == at_home.best.number
    assert found.best.parameters == at_home.best.parameters


def test_a_killed_worker_loses_no_trial_and_a_newcomer_helps(cluster, at_home):
    """The only worker dies after three results; another one that joins does the rest."""
    cluster.add_worker()
    scores = {}
    with DaskCluster(at_home.evaluator, cluster.address) as executor:

        def kill_after_three(result):
            scores[result.number] = result.evaluation.score
            if len(scores) == 3:
                os.kill(cluster.workers[0].pid, signal.SIGKILL)
                cluster.add_worker()

        executor.run([Job(t.number, t.parameters) for t in at_home.trials], kill_after_three)
    assert scores == {trial.number: trial.score for trial in at_home.trials}


def test_killed_main_process_goes_on_at_the_same_place(process, cluster, at_home, tmp_path):
    """kill -9 of the command while the cluster works; --resume ends with the same best design."""
    cluster.add_worker()
    (tmp_path / "strip.toml").write_text(STRIP)
    arguments = (
        "optimize", "strip.toml", "--soil", "free-space", "--solver", "nec", "--points", "9",
        "--seed", "5", "--trials", TRIALS, "--out", "study", "--scheduler", cluster.address,
        "--no-figures",
    )  # fmt: skip
    database = tmp_path / "study/study.db"
    running = process.start(*arguments)
    end = time.monotonic() + 60
    while len(finished(database)) < 3:
        assert running.poll() is None, running.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.01)
    running.kill()
    running.communicate()
    before = finished(database)
    assert 3 <= len(before) < TRIALS
    done = process(*arguments, "--resume", "--json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["trials"] == TRIALS
    assert before <= finished(database)
    assert document["best"]["parameters"] == at_home.best.parameters
    assert document["best"]["score"] == at_home.best.score


def test_a_cluster_that_is_lost_ends_the_run_with_everything_kept(cluster, at_home):
    cluster.add_worker()
    done = []
    jobs = [Job(trial.number, trial.parameters) for trial in at_home.trials]
    with DaskCluster(at_home.evaluator, cluster.address, patience=1.0) as executor:

        def kill_all(result):
            done.append(result.number)
            if len(done) == 2:
                os.kill(cluster.workers[0].pid, signal.SIGKILL)

        with pytest.raises(SolverError, match=r"no worker for 1 s; finished .* --resume"):
            executor.run(jobs, kill_all)
    assert 2 <= len(done) < len(jobs)


def test_a_scheduler_that_dies_is_one_line_and_the_files_are_written(process, cluster, tmp_path):
    cluster.add_worker()
    (tmp_path / "strip.toml").write_text(STRIP)
    running = process.start(
        "optimize", "strip.toml", "--soil", "free-space", "--solver", "nec", "--points", "9",
        "--trials", "500", "--out", "study", "--scheduler", cluster.address,
    )  # fmt: skip
    end = time.monotonic() + 60
    while len(finished(tmp_path / "study/study.db")) < 2:
        assert running.poll() is None, running.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.01)
    cluster.scheduler.kill()
    _, err = running.communicate(timeout=60)
    assert running.returncode == 3
    assert "Traceback" not in err
    assert "has gone; finished trials are kept" in err.splitlines()[-1]
    names = {path.name for path in (tmp_path / "study").iterdir()}
    assert names == {"best.toml", "history.csv", "study.db"}


def test_a_scheduler_without_workers_is_an_error_that_says_what_to_start(cluster, at_home):
    with (
        pytest.raises(InputError, match=r"has no worker after 0.5 s; start .*dask worker tcp"),
        DaskCluster(at_home.evaluator, cluster.address, connect=0.5),
    ):
        pass


def test_workers_with_another_source_are_refused(cluster, at_home, tmp_path):
    """The same version number, one line changed: a seed would not mean the same designs."""
    other = tmp_path / "other"
    source = Path(la.__file__).parent
    shutil.copytree(source, other / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / source.name / "conventions.py").open("a") as file:
        file.write("# changed\n")
    cluster.add_worker(root=other)
    with (
        pytest.raises(InputError, match=r"dask tcp://.* runs lunar-antenna .* install the same"),
        DaskCluster(at_home.evaluator, cluster.address),
    ):
        pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense"])
def test_an_unreachable_scheduler_is_one_line_and_leaves_no_folder(at_home, address):
    with (
        pytest.raises(InputError, match=r"cannot be reached within 0.5 s .*dask scheduler") as told,
        DaskCluster(at_home.evaluator, address, connect=0.5),
    ):
        pass
    assert "\n" not in str(told.value)


def test_command_line_refuses_a_bad_scheduler_before_it_makes_a_folder(command, tmp_path):
    (tmp_path / "strip.toml").write_text(STRIP)
    done = command(
        "optimize", "strip.toml", "--soil", "free-space", "--solver", "nec",
        "--scheduler", "nonsense", "--out", "study",
    )  # fmt: skip
    assert done.code == 2
    assert "scheduler 'nonsense' cannot be reached" in done.complaint
    assert not (tmp_path / "study").exists()
