"""Progress on stderr: a bar on a terminal, sparse lines elsewhere; both with the time left."""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator

from .output import say

Progress = Callable[[float, str], None]
_SILENCE = 10.0  # s between lines where stderr is not a terminal
_ENOUGH = 0.05  # share of the work after which its speed is known well enough


@contextlib.contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """A callable(fraction, message) that shows how far the work is."""
    if sys.stderr.isatty():
        with _bar(label) as update:
            yield update
        return
    last = time.monotonic()
    clock = Clock()

    def line(fraction: float, message: str) -> None:
        nonlocal last
        now = time.monotonic()
        left = clock.left(fraction, now)
        if fraction <= 0.0 and message:
            say(f"{label}: {message}")
        elif now - last >= _SILENCE:
            last = now
            text = f"{label}: {100.0 * fraction:.0f} % {message}".rstrip()
            say(text if left is None else f"{text}, {time_left(left)}")

    yield line


class Clock:
    """Time left at the speed since the first report of work done.

    What was done before that (a study that is resumed) does not count as fast work; a fraction
    that falls back, a new part of the work, begins anew.
    """

    def __init__(self) -> None:
        self._first: tuple[float, float] | None = None  # fraction, s
        self._last = 0.0

    def left(self, fraction: float, now: float) -> float | None:
        """s; None where too little has been done to tell, or all of it.  now: s."""
        if self._first is None or fraction < self._last:
            self._first = (fraction, now) if fraction > 0.0 else None
        self._last = fraction
        if self._first is None:
            return None
        done = fraction - self._first[0]
        if done < _ENOUGH or fraction >= 1.0:
            return None
        return (now - self._first[1]) * (1.0 - fraction) / done


def time_left(seconds: float) -> str:
    """``about 40 s left``, ``about 3 min left``, ``about 2.5 h left``."""
    if seconds < 90.0:
        return f"about {10.0 * max(1, math.ceil(seconds / 10.0)):.0f} s left"
    if seconds < 5400.0:
        return f"about {seconds / 60.0:.0f} min left"
    return f"about {seconds / 3600.0:.1f} h left"


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
