"""Signals that ask a process to stop: which they are, and how they are kept back for a moment."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

STOPPING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


def in_main_thread() -> bool:
    """Signals arrive in the main thread alone, and handlers can be changed only there."""
    return threading.current_thread() is threading.main_thread()


@contextlib.contextmanager
def signals_deferred() -> Iterator[None]:
    """Keep back the stopping signals inside the block; deliver the first of them at its end.

    For what must not be torn apart, and for calls of h5py, which makes an error of its own of what
    a handler raises inside it: an interrupted reading would look like a damaged file.  Outside the
    main thread nothing is done; a signal that is ignored (SIGHUP under nohup) stays so.
    """
    if not in_main_thread():
        yield
        return
    arrived: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)

    before = {
        number: signal.signal(number, remember)
        for number in STOPPING
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if arrived:  # whatever the block raised: who handles that may go on
            signal.raise_signal(arrived[0])
