"""Every way a run can end is told apart, in one line, and leaves nothing behind.

Scripts stand in for the engine: they print what it prints and end as it ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path, PurePosixPath

import grimp
import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.common.sources import PACKAGE, digest
from lunar_antenna.errors import MissingEngineError, NotConvergedError, SolverError
from lunar_antenna.solvers.openems.run import cache, runner, workspace
from lunar_antenna.solvers.openems.run.status import Log, classify, read_log
from lunar_antenna.solvers.openems.solver import OpenEmsSolver

PROBLEM = la.Problem(la.load_geometry("strip"), la.Stack.free_space(), 0.0, la.Band([10e6, 14e6]))
# counts the mesh lines of the document, as the engine does
SETUP = """
lines() { echo $(( $(grep -o "<$1Lines>[^<]*" scene.xml | tr -cd , | wc -c) + 1 )); }
echo "FDTD simulation size: $(lines X)x$(lines Y)x$(lines Z) --> FDTD cells"
echo "FDTD timestep is: 1e-10 s; Nyquist rate: 50 timesteps @1e8 Hz"
case "$*" in *--no-simulation*) exit 1;; esac
"""
DYING = 'for i in $(seq 200); do echo "$i $([ $i -lt 20 ] && echo 1 || echo 1e-9)"; done > u1\n'
RINGING = 'for i in $(seq 200); do echo "$i 0.5"; done > u1\n'


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """``engine(body)`` puts a shell script in the engine's place; all folders are private."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(workspace.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()

    def install(body):
        script = folder / "openEMS"
        script.write_text(f'#!/bin/sh\n[ $# -eq 0 ] && echo "version vFake" && exit 0\n{body}\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        runner.engine_version.cache_clear()
        return tmp_path

    yield install
    runner.engine_version.cache_clear()


def leftovers():
    return list(workspace.root().iterdir()) if workspace.root().exists() else []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (SETUP + "kill -9 $$", "killed by signal 9"),
        (SETUP + DYING + "echo '[@ 4s] Timestep: 90 || Energy: ~-nan (-nan dB)'", "unstable"),
        (SETUP + "for i in $(seq 200); do echo $i nan; done > u1", "unstable"),
        (
            "echo 'Warning: Unused primitive (type: Box) detected in property: metal'" + SETUP,
            "unused primitive",
        ),
        ("echo 'Warning, debye relaxation time is to small, skipping...'" + SETUP, "skipped pole"),
        ("echo 'Not enough lines in direction: 0, resetting to PEC'" + SETUP, "bad mesh"),
        ("echo 'Error in Material-Property Epsilon-Value (ID: 12):'" + SETUP, "bad material"),
        ("echo 'unknown boundary condition set to PEC'" + SETUP, "bad boundary"),
        ("echo 'std::bad_alloc'; kill -6 $$", "ran out of memory"),
        ("exit 255", "did not set up"),
        (SETUP + "exit 255", "ended with code 255"),
        (SETUP + "kill -XFSZ $$", "size limit or the disk is full"),
        (SETUP + DYING, "dump E.h5 is missing"),
        (SETUP + "for i in $(seq 200); do echo $i 0; done > u1", "the port saw no field"),
        (SETUP + "for i in 1 2 3; do echo $i 1e2$i; done > u1", "grew without limit"),
        (
            "echo 'FDTD simulation size: 3x3x3'\necho 'FDTD timestep is: 1e-10 s;'",
            "mesh lines were lost",
        ),
    ],
)
def test_failures_are_told_apart(engine, body, words):
    engine(body)
    with pytest.raises(SolverError, match=words) as caught:
        OpenEmsSolver().solve(PROBLEM, "draft", None, 1)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
    assert leftovers() == []


def test_not_converged_is_an_error_after_four_times_the_time(engine):
    folder = engine(
        SETUP + f"{RINGING}cat scene.xml | grep -o 'Timesteps=.[0-9]*' >> /dev/null\n"
        f"echo run >> $(dirname $0)/count"
    )
    with pytest.raises(NotConvergedError, match="not converged"):
        OpenEmsSolver().solve(PROBLEM, "draft", None, 1)
    assert (folder / "bin" / "count").read_text().split() == ["run"] * 3
    assert leftovers() == []


def test_fields_that_grow_are_tried_once_more_with_shorter_steps(engine):
    """A crossed strip of 0.1 m with tabs of 0.08 m grows without limit at the engine's own step."""
    folder = engine(
        SETUP + "grep -o 'NumberOfTimesteps=.[0-9]*\\|Factor=.[0-9.]*' scene.xml >> "
        "$(dirname $0)/tried\nfor i in 1 2 3; do echo $i 1e2$i; done > u1"
    )
    with pytest.raises(SolverError, match="grew without limit"):
        OpenEmsSolver().solve(PROBLEM, "draft", None, 1)
    first, second, factor = (folder / "bin" / "tried").read_text().split()
    assert factor == 'Factor="0.7'
    steps = [int(item.split('"')[1]) for item in (first, second)]
    assert steps[1] == pytest.approx(steps[0] / 0.7, abs=1.0)


def test_timeout_ends_the_whole_group(engine):
    folder = engine(SETUP + "sh -c 'echo $$ > $0; exec sleep 60' $(dirname $0)/pid")
    started = time.perf_counter()
    with pytest.raises(SolverError, match="timeout"):
        OpenEmsSolver(timeout=1.0).solve(PROBLEM, "draft", None, 1)
    assert time.perf_counter() - started < 20.0
    assert _ended(int((folder / "bin" / "pid").read_text()))
    assert leftovers() == []


def test_interrupt_ends_the_engine_and_cleans_up(engine):
    folder = engine(SETUP + "echo $$ > $(dirname $0)/pid; echo started; exec sleep 60")
    timer = threading.Timer(1.5, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            OpenEmsSolver().solve(PROBLEM, "draft", None, 1)
    finally:
        timer.cancel()
    assert _ended(int((folder / "bin" / "pid").read_text()))
    assert leftovers() == []


def _ended(pid):
    for _ in range(50):
        if workspace.started(pid) is None:
            return True
        time.sleep(0.1)
    return False


def test_keep_keeps_the_directory(engine):
    folder = engine(SETUP + "kill -9 $$")
    with pytest.raises(SolverError):
        OpenEmsSolver(keep=folder / "kept").solve(PROBLEM, "draft", None, 1)
    (kept,) = (folder / "kept").iterdir()
    assert (kept / "scene.xml").stat().st_size > 1000
    assert leftovers() == []


def test_missing_engine_has_the_command(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get install openems" in (OpenEmsSolver().missing() or "")
    with pytest.raises(MissingEngineError, match="apt-get install openems") as caught:
        la.solve(PROBLEM, "openems")
    assert caught.value.exit_code == 4


def test_what_a_killed_parent_left_is_swept(engine):
    engine("")
    done = subprocess.Popen(["true"])
    done.wait()
    root = workspace.root()
    root.mkdir()
    for name, owner in (("run-dead", f"{done.pid} 1\n"), ("run-alive", f"{os.getpid()}\n")):
        (root / name).mkdir()
        (root / name / workspace.OWNER).write_text(owner)
    (root / "reused").mkdir()
    (root / "reused" / workspace.OWNER).write_text(f"{os.getpid()} 1\n")  # another start time
    assert workspace.sweep() == 2
    assert [path.name for path in leftovers()] == ["run-alive"]


def test_an_owner_that_ended_and_was_not_asked_for_is_dead(engine):
    """A zombie still has a process number: its directory is swept all the same."""
    engine("")
    done = subprocess.Popen(["true"])
    os.waitid(os.P_PID, done.pid, os.WEXITED | os.WNOWAIT)
    run = workspace.root() / "run-zombie"
    run.mkdir(parents=True)
    (run / workspace.OWNER).write_text(f"{done.pid}\n")
    try:
        assert workspace.sweep() == 1
        assert workspace.started(os.getpid()) == pytest.approx(time.time(), abs=3600.0 * 24)
    finally:
        done.wait()


def test_an_engine_that_outlived_its_parent_is_ended(engine):
    """Parent dead, engine alive in its own session: the sweep ends it and removes its directory."""
    engine("")
    done = subprocess.Popen(["true"])
    done.wait()
    running = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        run = workspace.root() / "run-orphan"
        run.mkdir(parents=True)
        (run / workspace.OWNER).write_text(f"{done.pid} 1\n")
        workspace.note_process(run / workspace.ENGINE, running.pid)
        assert workspace.sweep() == 1
        assert running.wait(10) == -signal.SIGKILL
        assert leftovers() == []
    finally:
        running.kill()


def test_another_process_with_the_engines_number_is_left_alone(engine):
    engine("")
    done = subprocess.Popen(["true"])
    done.wait()
    other = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        run = workspace.root() / "run-orphan"
        run.mkdir(parents=True)
        (run / workspace.OWNER).write_text(f"{done.pid} 1\n")
        (run / workspace.ENGINE).write_text(f"{other.pid} 1\n")  # another start time
        assert workspace.sweep() == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_cache_key_follows_every_input(monkeypatch):
    base = cache.key(PROBLEM, "draft", "0.0.35")
    assert base == cache.key(PROBLEM, "draft", "0.0.35")
    others = [
        cache.key(PROBLEM, "normal", "0.0.35"),
        cache.key(PROBLEM, "draft", "0.0.36"),
        cache.key(PROBLEM.with_frequency([10e6]), "draft", "0.0.35"),
    ]
    monkeypatch.setattr(cache, "recipe", lambda: "other sources")
    others.append(cache.key(PROBLEM, "draft", "0.0.35"))
    assert len({base, *others}) == 5


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ("solvers/openems/model/mesh.py", False),
        ("solvers/openems/fields/power.py", False),
        ("media/edge.py", False),
        ("geometry/relief.py", False),
        ("plotting/s11.py", True),
        ("solvers/planar/kernels.py", True),
    ],
)
def test_a_cached_solution_is_not_used_by_other_sources(tmp_path, changed, kept):
    """A line changed in whatever an answer is made of, and it is solved again; nothing to raise."""
    copy = tmp_path / "lunar_antenna"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert digest(cache.depends_on, copy) == cache.recipe()
    with (copy / changed).open("a") as file:
        file.write("# another law\n")
    assert (digest(cache.depends_on, copy) == cache.recipe()) is kept


def test_the_cache_knows_every_source_that_the_solver_imports():
    """The import graph of the solver lies within what is digested.

    Aside from other solvers, from what makes a layout of a name (the problem's digest holds the
    layout itself) and from what a solution tells of itself without being changed by it.
    """
    graph = grimp.build_graph("lunar_antenna", exclude_type_checking_imports=True, cache_dir=None)
    for module in list(graph.modules):
        other = ("lunar_antenna.solvers.planar", "lunar_antenna.solvers.nec")
        if module.startswith(other):
            graph.remove_module(module)
    for importer, of in (("problem", "geometry.load"), ("solution", "circuit")):
        for module in graph.find_modules_directly_imported_by(f"lunar_antenna.{importer}"):
            if module.startswith(f"lunar_antenna.{of}"):
                graph.remove_import(importer=f"lunar_antenna.{importer}", imported=module)
    imported = graph.find_upstream_modules("lunar_antenna.solvers.openems.solver")
    assert "lunar_antenna.media.sheets" in imported
    outside = set()
    for module in imported:
        path = PACKAGE.parent / module.replace(".", "/")
        source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if not cache.depends_on(PurePosixPath(source.relative_to(PACKAGE).as_posix())):
            outside.add(module)
    assert outside <= {
        "lunar_antenna",
        "lunar_antenna.solvers",
        "lunar_antenna.store",
        "lunar_antenna.store_seal",
        "lunar_antenna.version",
    }


def test_a_spoilt_cache_file_is_not_used(engine):
    engine("")
    cache.folder().mkdir(parents=True)
    (cache.folder() / "x.h5").write_text("no solution")
    assert cache.fetch("x") is None
    assert not (cache.folder() / "x.h5").exists()


def test_log_is_read():
    log = read_log(
        "FDTD simulation size: 94x57x51 --> 273258 FDTD cells\n"
        "FDTD timestep is: 9.73e-11 s; Nyquist rate: 10\n"
        "[@ 46s] Timestep: 5110 || Speed: 39.3 MC/s || Energy: ~7.01e-18 (-58.60dB)\n"
    )
    assert (log.cells, log.dt, log.last_step) == (273258, 9.73e-11, 5110)
    assert log.fault is None
    assert not log.unstable


def test_growth_is_unstable_and_decay_is_measured():
    rising = np.geomspace(1.0, 1e6, 100)
    falling = np.geomspace(1.0, 1e-6, 100)

    def end(voltage):
        return classify(Log(), 0, timed_out=False, seconds=1.0, voltage=voltage, allowed=1e-4)

    assert end(np.append(rising, np.nan)).state == "unstable"
    assert end(rising).state != "converged"
    assert end(falling).ok
    assert end(falling[:30]).state == "not converged"


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv (util-linux)")
def test_an_engine_ends_with_the_process_that_waits_for_it(tmp_path):
    """Even where that is killed and can do nothing about it."""
    code = (
        "import sys; from pathlib import Path\n"
        "from lunar_antenna.solvers.openems.run import runner\n"
        "runner._execute(['sleep', '300'], Path(sys.argv[1]), 200.0, None)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    noted = tmp_path / workspace.ENGINE
    try:
        assert settled(lambda: noted.exists() and noted.read_text().strip() != "")
        engine = int(noted.read_text().split()[0])
        os.kill(engine, 0)
    finally:
        parent.kill()
        parent.wait()
    assert settled(lambda: not running(engine))


def settled(condition, seconds: float = 30.0) -> bool:
    """Whether ``condition`` holds within the time, of which a busy machine may need some."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
