"""Faults of the machine at seeded moments: fifty in the normal suite, five hundred slow.

Killed or told to end (SIGKILL, SIGTERM, SIGINT, SIGHUP), a full disk (RLIMIT_FSIZE), a folder that
may not be written to, a memory limit, pipes whose reader has gone, two processes on one file.
At work are solve, export, compare, geometry export and soil show, each with a file to
write, in half of the cases one that is there already.  After each of them:

* the exit code is one that the fault may have, with one line where there is one to tell;
* the file is the old one, absent where there was none, or whole; nothing else is in the folder;
* the same command again writes the same as if nothing had happened.

Studies, inversions, pages, workers and their replacements: test_kills.  Counts are printed (-rP).
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import environment

import lunar_antenna as la

FEW, MANY = 50, 500
SOLVE = ("solve", "strip", "--soil", "simple_eps35", "--points", "3", "--accuracy", "draft")
WORKS: dict[str, tuple[str, ...]] = {
    "run.h5": (*SOLVE, "--out", "run.h5"),
    "x.s1p": ("export", "done.h5", "--out", "x.s1p"),
    "o.png": ("compare", "done.h5", "m.s1p", "--out", "o.png"),
    "g.svg": ("geometry", "export", "bowtie", "--format", "svg", "--out", "g.svg"),
    "s.png": ("soil", "show", "simple_eps35", "--plot", "s.png"),
}
SIGNALS = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")
FAULTS = (*SIGNALS, "full", "read-only", "memory", "broken", "twice", "full", "SIGKILL", "SIGTERM")
OLD = b"what was there before"


@dataclass
class Zygote:
    """The forking process (:mod:`zygote`) and what is known of the works undisturbed."""

    process: Any
    inputs: Path
    whole: dict[str, bytes] = field(default_factory=dict)
    lasts: dict[str, float] = field(default_factory=dict)

    def start(self, folder: Path, name: str, **fault: Any) -> int:
        line = {"argv": WORKS[name], "cwd": str(folder), **fault}
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self) -> int:
        return int(self.process.stdout.readline())

    def run(self, folder: Path, name: str, **fault: Any) -> int:
        self.start(folder, name, **fault)
        return self.end()


def started(inputs: Path) -> Any:
    works = [list(item) for item in WORKS.values()]
    variables = {**environment(), "MPLBACKEND": "Agg", "TMPDIR": str(inputs / "tmp")}
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("zygote.py")), json.dumps(works)],
        cwd=inputs, env=variables, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.fixture(scope="module")
def zygotes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Zygote, Zygote]]:
    """Two, so that two programs can work at once."""
    inputs = tmp_path_factory.mktemp("inputs")
    (inputs / "tmp").mkdir()
    soil = la.Stack.half_space(3.4, loss_tangent=0.02)
    problem = la.Problem(la.load_geometry("strip"), soil, 0.05, la.Band.mhz(8, 30, 9))
    done = la.solve(problem, accuracy="draft")
    done.save(inputs / "done.h5")
    la.export(done, inputs / "m.s1p")
    pair = (Zygote(started(inputs), inputs), Zygote(started(inputs), inputs))
    for name in WORKS:
        made = inputs / name
        begun = time.monotonic()
        made.unlink()
        assert pair[0].run(inputs, name) == 0
        pair[0].lasts[name] = time.monotonic() - begun
        pair[0].whole[name] = made.read_bytes()
        made.unlink()
    yield pair
    for one in pair:
        one.process.stdin.close()
        one.process.wait(timeout=60)
        one.process.stdout.close()


def same(name: str, data: bytes, whole: bytes, folder: Path) -> bool:
    if name != "run.h5":
        return data == whole
    paths = [folder.parent / "a.h5", folder.parent / "b.h5"]
    for path, content in zip(paths, (data, whole), strict=True):
        path.write_bytes(content)
    return bool(np.array_equal(la.load(paths[0]).z, la.load(paths[1]).z))


def one_fault(pair: tuple[Zygote, Zygote], number: int, chance: random.Random) -> str:
    """The fault's name where the work was cut short by it, else ""."""
    zygote, other = pair
    name, fault = chance.choice(list(WORKS)), FAULTS[number % len(FAULTS)]
    whole, there = zygote.whole[name], chance.random() < 0.5
    top = Path(tempfile.mkdtemp(prefix="faults"))  # where nobody may look, too
    top.chmod(0o777)
    folder, tmp = top / "work", zygote.inputs / "tmp"
    folder.mkdir()
    for item in ("done.h5", "m.s1p"):
        shutil.copy(zygote.inputs / item, folder)
    if there:
        (folder / name).write_bytes(OLD)
    label = f"{number} {fault} {name}"
    try:
        codes, limits = {0}, {}
        if fault in SIGNALS:
            pid = zygote.start(folder, name)
            time.sleep(chance.uniform(0.0, 0.6 * zygote.lasts[name]))
            with contextlib.suppress(ProcessLookupError):  # it is done
                os.kill(pid, getattr(signal, fault))
            code = zygote.end()
            # before the program listens a signal ends it as the system does
            codes = {0, 130, -getattr(signal, fault)}
        elif fault == "twice":
            pid = zygote.start(folder, name)
            time.sleep(chance.uniform(0.0, 0.5 * zygote.lasts[name]))
            assert other.run(folder, name) == 0, label
            code = zygote.end()
        else:
            if fault == "full":
                limits, codes = {"RLIMIT_FSIZE": chance.randrange(len(whole))}, {2}
            if fault == "memory":
                limits, codes = {"more memory": chance.randrange(200_000_000)}, {0, 2, 3, 4}
            if fault == "read-only":
                folder.chmod(0o555)
                codes = {2}
            broken = ["stdout", "stderr"][: chance.choice((1, 2))] if fault == "broken" else []
            codes |= {141} if fault == "broken" else set()
            code = zygote.run(
                folder, name, limits=limits, nobody=fault == "read-only", broken=broken
            )
            folder.chmod(0o755)
        told = (top / "err").read_text() if (top / "err").exists() else ""
        assert code in codes, (label, code, told[-400:])
        assert "Traceback" not in told, (label, told)
        assert "internal error" not in told, (label, told)
        left = {item.name for item in folder.iterdir()}
        assert left <= {"done.h5", "m.s1p", name}, (label, left)
        assert not list(tmp.iterdir()), label
        if (folder / name).exists():
            data = (folder / name).read_bytes()
            kept = there and data == OLD
            assert kept or same(name, data, whole, folder), (label, len(data))
            assert not (kept and code == 0), label
        else:
            assert not there, label
            assert code != 0, label
        assert zygote.run(folder, name) == 0, label
        assert same(name, (folder / name).read_bytes(), whole, folder), label
        return fault if code else ""
    finally:
        shutil.rmtree(top)


def faults(pair: tuple[Zygote, Zygote], count: int, seed: str) -> None:
    counts = dict.fromkeys(FAULTS, 0)
    short = dict.fromkeys(FAULTS, 0)
    for number in range(count):
        found = one_fault(pair, number, random.Random(f"{seed} {number}"))
        counts[FAULTS[number % len(FAULTS)]] += 1
        short[found or FAULTS[0]] += bool(found)
    print(f"{count} faults: {counts}; cut short: {short}; lost 0, half-written 0, left behind 0")
    assert short["full"] == counts["full"]
    assert short["read-only"] == counts["read-only"]
    assert sum(short[name] for name in set(SIGNALS)) >= count // 25


def test_fifty_faults_lose_nothing(zygotes) -> None:
    faults(zygotes, FEW, "few")


@pytest.mark.slow
def test_five_hundred_faults_lose_nothing(zygotes) -> None:
    faults(zygotes, MANY, "many")
