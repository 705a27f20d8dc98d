"""Run directories: fresh ones, and the sweep of what a killed parent left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

OWNER = "owner.txt"
ENGINE = "engine.txt"  # process number and start of the running engine


def root() -> Path:
    """Folder of all run directories of this user."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"lunar-antenna-openems-{user}"


def alive(pid: int) -> bool:
    """True if a process of that number exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def start_time(pid: int) -> str:
    """Start of a process in clock ticks (Linux), "" where it cannot be told."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return ""


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


def _process(path: Path) -> tuple[int, str] | None:
    """(process number, its start or "") as written by :func:`note_process`."""
    try:
        number, started = (*path.read_text().split(), "")[:2]
        return int(number), started
    except (OSError, ValueError):
        return None


def _runs(pid: int, started: str) -> bool:
    """True if that very process is alive, not another one with its number."""
    return alive(pid) and (not started or start_time(pid) in ("", started))


def note_process(path: Path, pid: int) -> None:
    """Writes which process it is, so that a later run can tell whether it still runs."""
    path.write_text(f"{pid} {start_time(pid)}\n")


def _end_engine(run: Path) -> None:
    """Ends an engine that outlived its parent, with its process group."""
    engine = _process(run / ENGINE)
    if engine is not None and engine[1] and _runs(*engine):
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
