"""One pool, one policy: whose fault a death is, and what becomes of the work."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from lunar_antenna.common.workers import ATTEMPTS, PATIENCE, WorkerPool
from lunar_antenna.errors import SolverError

# Squares numbers; FATE is run with the job, START with the number of this start of a worker.
SCRIPT = """
import os, signal, sys, time
from pathlib import Path
from lunar_antenna.common.workers import serve

HERE = Path({folder!r})

def count(name):
    with (HERE / name).open("ab") as file:
        file.write(b".")
    return (HERE / name).stat().st_size

def start(number):
    {start}

def fate(job, time_):
    {fate}

def work(job):
    fate(job, count(f"job{{job}}"))
    return job * job

def prepare(model):
    return work

start(count("starts"))
sys.exit(serve(prepare))
"""
KILL = "os.kill(os.getpid(), signal.SIGKILL)"


def outcome(folder, count=2, jobs=6, start="pass", fate="pass"):
    """{number: (answer, reason)} of squaring 0 .. jobs - 1."""
    script = folder / "worker.py"
    script.write_text(SCRIPT.format(folder=str(folder), start=start, fate=fate))
    found = {}

    def report(number, answer, failed):
        assert number not in found
        found[number] = (answer, failed)

    with WorkerPool((sys.executable, str(script)), count) as pool:
        pool.use({})
        pool.run({number: number for number in range(jobs)}, report)
    return found


def begun(folder, job):
    """How often the work of ``job`` began."""
    return (folder / f"job{job}").stat().st_size


def all_done(jobs=6, but=()):
    return {number: (number * number, None) for number in range(jobs) if number not in but}


@pytest.mark.parametrize("fate", ["os._exit(3)", "os.abort()", "signal.raise_signal(11)"])
def test_a_crash_is_the_work_s_fault_and_it_is_begun_once_more(tmp_path, fate):
    found = outcome(tmp_path, fate=f"if job == 2: {fate}")
    assert found.pop(2)[1].startswith(f"worker died {ATTEMPTS} times")
    assert found == all_done(but=(2,))
    assert begun(tmp_path, 2) == ATTEMPTS


def test_a_crash_that_does_not_come_back_costs_nothing(tmp_path):
    assert outcome(tmp_path, fate="if job == 2 and time_ == 1: os._exit(3)") == all_done()


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGHUP"])
def test_a_death_by_signal_is_no_fault_of_the_work(tmp_path, name):
    """Three times in a row, more often than a crash would be forgiven."""
    fate = f"if job == 2 and time_ <= 3: os.kill(os.getpid(), signal.{name})"
    assert outcome(tmp_path, fate=fate) == all_done()
    assert begun(tmp_path, 2) == 4


@pytest.mark.parametrize("count", [1, 2])
def test_a_replacement_killed_while_it_starts_is_no_attempt(tmp_path, count):
    """The worker dies at its work, then four replacements before they are ready."""
    found = outcome(
        tmp_path,
        count=count,
        start=f"if {count} < number <= {count} + 4: {KILL}",
        fate="if job == 0 and time_ == 1: os._exit(3)",
    )
    assert found == all_done()
    assert begun(tmp_path, 0) == 2


def test_work_whose_workers_do_not_live_ends_the_run_and_is_no_failure(tmp_path):
    with pytest.raises(SolverError, match=f"killed {PATIENCE + 1} times at the same work"):
        outcome(tmp_path, fate=f"if job == 2: {KILL}")
    with pytest.raises(SolverError, match="could not start"):
        outcome(tmp_path, start=KILL)


def test_a_worker_that_cannot_start_says_why():
    command = (sys.executable, "-c", "raise SystemExit('no such engine')")
    with WorkerPool(command, 2) as pool, pytest.raises(SolverError, match="no such engine"):
        pool.run({0: 0}, lambda *_: None)


def test_an_error_is_an_answer_and_a_stopped_run_leaves_nothing_behind(tmp_path):
    found = outcome(tmp_path, fate="if job == 2: raise ValueError('two')")
    assert found.pop(2) == (None, "ValueError: two")
    assert found == all_done(but=(2,))

    def stop(*_):
        raise KeyboardInterrupt

    again = {}
    with WorkerPool((sys.executable, str(tmp_path / "worker.py")), 2) as pool:
        pool.use({})
        with pytest.raises(KeyboardInterrupt):
            pool.run({number: number + 100 for number in range(6)}, stop)
        assert not pool.pids
        pool.run({0: 5}, lambda number, answer, _: again.update({number: answer}))
        pids = pool.pids
        assert again == {0: 25}
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_nec_sweep_outlives_its_workers(monkeypatch):
    """A worker killed in the middle: the same numbers as in one process."""
    import lunar_antenna as la
    from lunar_antenna.solvers.nec import solver
    from lunar_antenna.solvers.thin_wire import sweep

    made = []

    class Watched(WorkerPool):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append(self)

    def kill(fraction, message):
        del message
        if made and 0.1 < fraction < 0.9 and not killed:
            killed.append(made[0].pids[0])
            os.kill(killed[0], signal.SIGKILL)

    killed = []
    problem = la.Problem(
        la.load_geometry("strip"), la.Stack.free_space(), band=la.Band.mhz(5, 35, 9)
    )
    alone = la.solve(problem, "nec", accuracy="draft", workers=1)
    monkeypatch.setattr(sweep, "WorkerPool", Watched)
    monkeypatch.setattr(solver, "seconds", lambda _: 1e9)
    both = la.solve(problem, "nec", accuracy="draft", workers=2, progress=kill)
    assert killed
    assert (abs(both.z - alone.z) <= 1e-12 * abs(alone.z)).all()


def test_inversion_outlives_its_workers():
    import numpy as np

    import lunar_antenna as la
    from lunar_antenna.inversion.forward import Forward
    from lunar_antenna.inversion.pool import Pool

    stack = la.Stack.half_space(3.0, loss_tangent=0.01)
    forward = Forward(la.load_geometry("strip"), stack, 0.1, 0, np.array([9e6, 17e6]), "draft")
    points = [{"height": h} for h in (0.05, 0.1, 0.2)]
    with Pool(2) as pool:
        before = pool.solve_all(forward, points)
        os.kill(pool.pids[0], signal.SIGKILL)
        assert np.array_equal(pool.solve_all(forward, points), before)
