"""The program itself: what stops it is heard from its first line, while the rest is imported."""

from __future__ import annotations

import os
import signal
from types import FrameType


def main() -> int:
    """Run ``lunar-antenna``; returns the exit code."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)
    from .main import run

    return run()


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Nothing has been begun, so that nothing is lost."""
    os.write(2, b"lunar-antenna: interrupted\n")
    os._exit(130)
