"""Progress on stderr: a bar with the time left on a terminal, sparse lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from .output import say

Progress = Callable[[float, str], None]
_SILENCE = 10.0  # s between lines where stderr is not a terminal


@contextlib.contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """A callable(fraction, message) that shows how far the work is."""
    if sys.stderr.isatty():
        with _bar(label) as update:
            yield update
        return
    last = [time.monotonic()]

    def line(fraction: float, message: str) -> None:
        if fraction <= 0.0 and message:
            say(f"{label}: {message}")
        elif time.monotonic() - last[0] >= _SILENCE:
            last[0] = time.monotonic()
            say(f"{label}: {100.0 * fraction:.0f} % {message}".rstrip())

    yield line


@contextlib.contextmanager
def _bar(label: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeLeft(),
        TextColumn("{task.fields[message]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=1.0, message="")

        def update(fraction: float, message: str) -> None:
            bar.update(task, completed=fraction, message=message)

        yield update
