"""Run directories: fresh ones, and the sweep of what a killed parent left behind."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

OWNER = "owner.txt"
ENGINE = "engine.txt"  # process number and start of the running engine
SAME_START = 2.0  # s; the system may correct its clock, and numbers do not come back so soon


def root() -> Path:
    """Folder of all run directories of this user."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"lunar-antenna-openems-{user}"


def started(pid: int) -> float | None:
    """When a process began, s since 1970; nan where it cannot be told, None where it has gone.

    A process that has ended and waits for its parent to ask has gone.
    """
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.AccessDenied:
        return math.nan
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return None


def sweep() -> int:
    """Removes run directories whose owner is dead; returns how many."""
    removed = 0
    folder = root()
    if not folder.is_dir():
        return 0
    for run in folder.iterdir():
        owner = _process(run / OWNER)
        if owner is None or _runs(*owner):
            continue
        _end_engine(run)
        shutil.rmtree(run, ignore_errors=True)
        removed += 1
    return removed


def _process(path: Path) -> tuple[int, float] | None:
    """(process number, its start or nan) as written by :func:`note_process`."""
    try:
        number, began = (*path.read_text().split(), "nan")[:2]
        return int(number), float(began)
    except (OSError, ValueError):
        return None


def _runs(pid: int, began: float) -> bool:
    """True if that very process is alive, not another one with its number."""
    found = started(pid)
    if found is None:
        return False
    return math.isnan(found) or math.isnan(began) or abs(found - began) < SAME_START


def note_process(path: Path, pid: int) -> None:
    """Writes which process it is, so that a later run can tell whether it still runs."""
    began = started(pid)
    path.write_text(f"{pid} {math.nan if began is None else began!r}\n")


def _end_engine(run: Path) -> None:
    """Ends an engine that outlived its parent, with its process group."""
    engine = _process(run / ENGINE)
    if engine is not None and not math.isnan(engine[1]) and _runs(*engine):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(engine[0], signal.SIGKILL)


@contextlib.contextmanager
def run_directory(keep: Path | None) -> Iterator[Path]:
    """A fresh directory; removed at the end, or moved to a fresh name inside ``keep``."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)  # before the run, which may take minutes
    base = root()
    base.mkdir(parents=True, exist_ok=True, mode=0o700)
    run = base / f"run-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    run.mkdir(mode=0o700)
    note_process(run / OWNER, os.getpid())
    try:
        yield run
    finally:
        if keep is not None:
            shutil.move(run, keep / run.name)
        else:
            shutil.rmtree(run, ignore_errors=True)
