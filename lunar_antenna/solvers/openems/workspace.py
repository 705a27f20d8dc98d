"""Run directories: fresh ones, and the sweep of what a killed parent left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

OWNER = "owner.txt"


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


def _start_time(pid: int) -> str:
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
        try:
            pid_text, started = (*(run / OWNER).read_text().split(), "")[:2]
            pid = int(pid_text)
        except (OSError, ValueError):
            continue
        if alive(pid) and (not started or _start_time(pid) in ("", started)):
            continue
        _kill_engine(run)
        shutil.rmtree(run, ignore_errors=True)
        removed += 1
    return removed


def _kill_engine(run: Path) -> None:
    """Ends an engine that outlived its parent: it stops at once at a file named ABORT."""
    with contextlib.suppress(OSError):
        (run / "ABORT").touch()


@contextlib.contextmanager
def run_directory(keep: Path | None) -> Iterator[Path]:
    """A fresh directory; removed at the end, or moved to a fresh name inside ``keep``."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)  # before the run, which may take minutes
    base = root()
    base.mkdir(parents=True, exist_ok=True, mode=0o700)
    run = base / f"run-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    run.mkdir(mode=0o700)
    (run / OWNER).write_text(f"{os.getpid()} {_start_time(os.getpid())}\n")
    try:
        yield run
    finally:
        if keep is not None:
            shutil.move(run, keep / run.name)
        else:
            shutil.rmtree(run, ignore_errors=True)
