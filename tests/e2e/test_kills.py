"""Kills at seeded moments: nothing finished is lost, nothing half-made or running is left.

Sixty cases (``make validate``), five of them in the normal suite.  Killed are the program itself
(SIGKILL, SIGTERM, SIGINT, SIGHUP), one of its workers, and a worker and its replacement within
1.2 s of each other; at work are solve, compare, report and invert, each with --out, and optimize
with tpe and cma-es, one worker and two.  After each of them:

* the program has ended by the signal, by 130 and one word, or by 0 with everything done; where a
  worker was killed by 0;
* what it was to write is absent or whole, and nothing else is there: neither in the folder nor in
  the temporary one;
* no process that it started runs any more;
* the same command again, with --resume for a study, ends as if nobody had killed anything: the
  same numbers, and of a study the same history cell by cell, but for the seconds.

Counts are printed (pytest -rP shows them).
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import environment

import lunar_antenna as la

PROGRAM = "import sys; from lunar_antenna.cli.program import main; sys.exit(main())"
SIGNALS = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")
TRIALS = 22  # of two batches at least, so that a sampler learns before and after a kill
REPLACED = 1.2  # s within which the replacement of a worker is killed as well
PATIENCE = 600.0  # s for what takes seconds alone, and other work runs beside the tests
NARROW = """family = "strip"
[parameters]
length = 10.0
width = 0.2
[search]
length = [6.0, 16.0]
width = [0.05, 0.3]
"""
FILES = {"narrow.toml", "m.s1p", "done.h5", "tmp"}


@dataclass
class Work:
    """One command, what it writes and how that is judged."""

    arguments: tuple[str, ...]
    writes: str
    same: Callable[[Path, Path], bool]

    @property
    def is_study(self) -> bool:
        return self.arguments[0] == "optimize"


def same_run(one: Path, other: Path) -> bool:
    return bool(np.array_equal(la.load(one).z, la.load(other).z))


def same_bytes(one: Path, other: Path) -> bool:
    return one.read_bytes() == other.read_bytes()


def same_page(one: Path, other: Path) -> bool:
    ends = [path.read_text().rstrip().endswith("</html>") for path in (one, other)]
    return all(ends) and one.stat().st_size == other.stat().st_size


def same_inversion(one: Path, other: Path) -> bool:
    names = [sorted(item.name for item in path.iterdir()) for path in (one, other)]
    found = [json.loads((path / "invert.json").read_text())["parameters"] for path in (one, other)]
    return names[0] == names[1] and found[0] == found[1]


def same_history(one: Path, other: Path) -> bool:
    """Cell by cell, without the column of seconds."""
    tables = []
    for path in (one, other):
        with (path / "history.csv").open() as file:
            rows = list(csv.reader(file))
        column = rows[0].index("seconds")
        tables.append([row[:column] + row[column + 1 :] for row in rows])
    return len(tables[0]) == TRIALS + 1 and tables[0] == tables[1]


SOLVE = ("solve", "strip", "--soil", "simple_eps35", "--points", "21", "--accuracy", "draft")
SEARCH = (
    *("optimize", "narrow.toml", "--soil", "free-space", "--solver", "nec", "--points", "9"),
    *("--seed", "5", "--no-figures", "--trials", str(TRIALS), "--out", "study"),
)
WORKS = {
    "solve": Work((*SOLVE, "--out", "run.h5"), "run.h5", same_run),
    "compare": Work(("compare", "done.h5", "m.s1p", "--out", "o.png"), "o.png", same_bytes),
    "report": Work(("report", "done.h5", "m.s1p", "--out", "p.html"), "p.html", same_page),
    "invert": Work(
        ("invert", "narrow.toml", "m.s1p", "--free", "eps_r", "--accuracy", "draft", "--workers",
         "2", "--out", "found"), "found", same_inversion,
    ),
    **{
        f"optimize {sampler} {workers}": Work(
            (*SEARCH, "--sampler", sampler, "--workers", workers), "study", same_history
        )
        for sampler in ("tpe", "cma-es")
        for workers in ("1", "2")
    },
}  # fmt: skip
PARENTS = {"solve": 3, "compare": 1, "report": 1, "invert": 2}  # times each of the four signals
SIXTY = {
    name: SIGNALS * PARENTS.get(name, 1) + (("worker", "replacement") * 2 if work.is_study else ())
    for name, work in WORKS.items()
}
FIVE = {
    **{"solve": "SIGTERM", "compare": "SIGKILL", "invert": "SIGINT"},
    **{"optimize tpe 2": "replacement", "optimize cma-es 1": "SIGKILL"},
}
assert sum(map(len, SIXTY.values())) == 60


class Run:
    """The program at work in ``folder``, with everything that it starts known by a mark."""

    def __init__(self, folder: Path, arguments: tuple[str, ...]) -> None:
        self.mark = uuid.uuid4().hex
        (folder / "tmp").mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=folder,
            env={**environment(), "KILLED_TEST": self.mark, "TMPDIR": str(folder / "tmp")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while self.process.poll() is None and not self._listens():
            time.sleep(0.01)

    def _listens(self) -> bool:
        """Whether the program itself runs, and not yet the interpreter's start alone."""
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{self.process.pid}/status").read_text()
            caught = int(text.partition("SigCgt:")[2].split()[0], 16)
            return bool(caught >> (signal.SIGTERM - 1) & 1)
        return False

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err

    @property
    def workers(self) -> list[int]:
        with contextlib.suppress(OSError):
            pid = self.process.pid
            return [int(item) for item in
                    Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]  # fmt: skip
        return []

    def orphans(self) -> list[int]:
        """Living processes with the mark, after they had time to hear that their parent is gone."""
        until = time.monotonic() + 20.0
        while (found := self._marked()) and time.monotonic() < until:
            time.sleep(0.2)
        return found

    def _marked(self) -> list[int]:
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
                if state != "Z" and self.mark.encode() in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
        return found


def finished(folder: Path) -> int:
    """Trials that are on disk."""
    database = folder / "study" / "study.db"
    if not database.exists():
        return 0
    try:
        reader = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)
        with contextlib.closing(reader) as connection:
            query = "SELECT count(*) FROM trials WHERE state = 'COMPLETE'"
            return int(connection.execute(query).fetchone()[0])
    except sqlite3.OperationalError:  # not made yet
        return 0


def until(what: Callable[[], Any], run: Run) -> Any:
    """The first true answer of ``what``; None where the program ended before."""
    end = time.monotonic() + PATIENCE
    while not (answer := what()):
        if run.process.poll() is not None:
            return None
        assert time.monotonic() < end
        time.sleep(0.02)
    return answer


def kill(run: Run, how: str, chance: random.Random, folder: Path, study: bool, lasts: float) -> int:
    """Kill as ``how`` says at a moment of ``chance``; how many kills that made."""
    if study:
        count = chance.randrange(TRIALS)
        until(lambda: finished(folder) >= count, run)
        time.sleep(chance.uniform(0.0, 0.1))
    else:
        time.sleep(chance.uniform(0.0, lasts))
    if how in SIGNALS:
        run.process.send_signal(getattr(signal, how))
        return 1
    before = until(lambda: run.workers, run)
    if before is None:
        return 0
    with contextlib.suppress(ProcessLookupError):
        os.kill(chance.choice(before), signal.SIGKILL)
    if how == "worker":
        return 1
    fresh = until(lambda: [pid for pid in run.workers if pid not in before], run)
    time.sleep(chance.uniform(0.0, REPLACED))
    if fresh is None:
        return 1
    with contextlib.suppress(ProcessLookupError):
        os.kill(fresh[0], signal.SIGKILL)
    return 2


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that every work needs, and what each writes undisturbed, in a folder of its own."""
    folder = tmp_path_factory.mktemp("bench")
    files = folder / "files"
    files.mkdir()
    (files / "narrow.toml").write_text(NARROW)
    soil = la.Stack.half_space(3.4, loss_tangent=0.02)
    band = la.Band.mhz(8, 30, 15)
    done = la.solve(la.Problem(la.load_geometry("strip"), soil, 0.05, band), accuracy="draft")
    done.save(files / "done.h5")
    la.export(done, files / "m.s1p")
    return folder


def undisturbed(bench: Path, name: str) -> tuple[Path, float]:
    """Folder of the work's uninterrupted run, and how many seconds it took."""
    work, folder = WORKS[name], bench / name.rpartition(" ")[0 if WORKS[name].is_study else 2]
    took = folder / "seconds"
    if not folder.exists():
        prepared(bench, folder)
        arguments = tuple("1" if item == "2" else item for item in work.arguments)
        started = time.monotonic()
        code, _, err = Run(folder, arguments if work.is_study else work.arguments).end()
        assert code == 0, err
        took.write_text(str(time.monotonic() - started))
    return folder, float(took.read_text())


def prepared(bench: Path, folder: Path) -> None:
    folder.mkdir()
    for path in (bench / "files").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())


def stray(folder: Path, work: Work, ended: int) -> list[str]:
    """Files that nobody asked for: temporary ones, and locks that should be gone."""
    found = [item.name for item in folder.iterdir() if item.name not in {*FILES, work.writes}]
    found += [str(item) for item in (folder / "tmp").rglob("*")]
    found += [str(item) for item in folder.rglob(".*")]
    if ended >= 0:  # a lock is taken away by whoever ends by himself
        found += [str(item) for item in folder.rglob("*.lock")]
    return found


def one_kill(bench: Path, folder: Path, name: str, how: str, seed: str) -> dict[str, int]:
    work = WORKS[name]
    reference, lasts = undisturbed(bench, name)
    prepared(bench, folder)
    run = Run(folder, work.arguments)
    kills = kill(run, how, random.Random(seed), folder, work.is_study, lasts)
    code, _, err = run.end()
    label = f"{name}, {how}, {seed}: {code} {err[-300:]}"
    known = finished(folder) if work.is_study else 0
    if how in SIGNALS:
        number = getattr(signal, how)
        assert code in ({-number, 0} if how == "SIGKILL" else {130, 0}), label
    else:
        assert code == 0, label
    assert "Traceback" not in err, label
    if code == 130:
        assert "interrupted" in err, label
    assert not run.orphans(), label
    assert not stray(folder, work, code), label
    made = folder / work.writes
    if code == 0 or (made.is_file() and made.exists()):
        assert work.same(made, reference / work.writes), label
    again = (*work.arguments, "--resume") if work.is_study else work.arguments
    if code != 0:
        second = Run(folder, again)
        ended, _, told = second.end()
        assert ended == 0, f"{label}; again: {ended} {told[-300:]}"
        assert finished(folder) >= known, label
        assert work.same(made, reference / work.writes), label
        assert not second.orphans(), label
        assert not stray(folder, work, ended), label
    return {"kills": kills, "interrupted": int(code != 0), "kept": known}


def kills_of(bench: Path, tmp_path: Path, name: str, hows: tuple[str, ...]) -> None:
    total: dict[str, int] = {}
    for number, how in enumerate(hows):
        folder = tmp_path / str(number)
        found = one_kill(bench, folder, name, how, f"{name} {how} {number}")
        total = {key: total.get(key, 0) + value for key, value in found.items()}
    print(
        f"{name}: {len(hows)} cases, {total['kills']} kills, {total['interrupted']} ended by it, "
        f"{total['kept']} finished trials kept; lost 0, unequal 0, stray 0, orphans 0"
    )


@pytest.mark.parametrize("name", FIVE)
def test_a_kill_loses_nothing(bench: Path, tmp_path: Path, name: str) -> None:
    kills_of(bench, tmp_path, name, (FIVE[name],))


@pytest.mark.slow
@pytest.mark.parametrize("name", SIXTY)
def test_sixty_kills_lose_nothing(bench: Path, tmp_path: Path, name: str) -> None:
    kills_of(bench, tmp_path, name, SIXTY[name])
