"""stdin, stdout and stderr that are closed, full or gone do not stop the work.

Messages for people are lost then, nothing else: files are written and the exit code is that of
the work.  An answer that cannot be printed is bad output, exit code 2, unless its reader has gone
(``| head``) or stdout was closed from the start.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def standing() -> Iterator[None]:
    """All three streams can be used inside the block; stderr swallows what it cannot write."""
    _open_descriptors()
    before = sys.stdout, sys.stderr
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = Steadfast(sys.stderr or _nowhere())
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


class Steadfast:
    """A text stream that never raises: after its first failure everything goes nowhere."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            self._stream.write(text)
        except (OSError, ValueError):
            silence(self._stream)
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (OSError, ValueError):
            silence(self._stream)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def silence(stream: Any) -> None:
    """Send what is left in ``stream`` nowhere, so that the interpreter can close it."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError, AttributeError):
        return


def _open_descriptors() -> None:
    """Give 0, 1 and 2 to nothing where they are closed: else the next file opened becomes one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # the lowest free number


def _nowhere() -> Any:
    return Path(os.devnull).open("w", encoding="utf-8")
