"""How the command line stops: Ctrl-C, a polite kill, a terminal that is closed.

Each raises KeyboardInterrupt, so that everything finished is kept and the exit code is 130.
Python hears a signal between two of its own instructions.  Where the main thread stays inside
compiled code or LAPACK, a second thread ends the process: nothing is being written there.
Where it hears one inside a callback from which nothing can be raised (a weak reference's, a
finaliser), the exception would be printed and lost: it is raised again a moment later.
"""

from __future__ import annotations

import _thread
import contextlib
import functools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from ..common.signals import STOPPING, in_main_thread

INTERRUPTED = 130
DEAF = 3.0  # s at one instruction after a signal: the main thread does not hear it
_LOOKS = 6
_LATER = 0.01  # s after which a signal that a callback has swallowed is raised again


@contextlib.contextmanager
def interruptible(*, last: bool = False) -> Iterator[None]:
    """Stopping signals raise KeyboardInterrupt inside the block, and are never lost in C.

    last: nothing comes after the block but the end of the process: signals stay ignored then.
    """
    if not in_main_thread():
        yield
        return
    wanted = [n for n in STOPPING if not _is_hangup_ignored(n)]
    before = {number: signal.signal(number, _interrupt) for number in wanted}
    hook = sys.unraisablehook
    sys.unraisablehook = functools.partial(_raise_later, hook)
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    wakeup = signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    ended = threading.Event()
    guard = threading.Thread(target=_end_the_deaf, args=(readable, ended), daemon=True)
    guard.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        ended.set()
        os.close(writable)  # ends the guard
        guard.join()
        os.close(readable)
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if last else handler)


@contextlib.contextmanager
def last_step() -> Iterator[None]:
    """The last file of a verb is written inside: from here on a signal comes too late.

    What is said and printed afterwards takes no time; without an error inside, the work is
    complete whenever the signal came.
    """
    if not in_main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in STOPPING}
    try:
        yield
    except BaseException:
        for number, handler in before.items():
            signal.signal(number, handler)
        raise


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _raise_later(
    otherwise: Callable[[sys.UnraisableHookArgs], object], found: sys.UnraisableHookArgs
) -> None:
    if not issubclass(found.exc_type, KeyboardInterrupt):
        otherwise(found)
        return
    again = threading.Timer(_LATER, _interrupt_the_main_thread)
    again.daemon = True
    again.start()


def _interrupt_the_main_thread() -> None:
    main = threading.main_thread().ident
    if sys.platform == "win32" or main is None:
        _thread.interrupt_main()
    else:  # a signal of the system also ends a wait
        signal.pthread_kill(main, signal.SIGINT)


def _is_hangup_ignored(number: int) -> bool:
    """Under nohup a closed terminal is to be outlived."""
    return number == getattr(signal, "SIGHUP", None) and (
        signal.getsignal(number) is signal.SIG_IGN
    )


def _end_the_deaf(readable: int, ended: threading.Event) -> None:
    """Wait for signals; end the process where the main thread does not move after one."""
    while number := os.read(readable, 1):
        if number[0] in STOPPING and not _moves(ended):
            with contextlib.suppress(OSError):
                os.write(2, b"lunar-antenna: interrupted\n")
            os._exit(INTERRUPTED)


def _moves(ended: threading.Event) -> bool:
    """Whether the main thread comes to another instruction, or to the end, within DEAF seconds."""
    start = _place()
    return any(ended.wait(DEAF / _LOOKS) or _place() != start for _ in range(_LOOKS))


def _place() -> tuple[int, int] | None:
    """Frame and instruction that the main thread is at."""
    identity = threading.main_thread().ident
    frame = None if identity is None else sys._current_frames().get(identity)
    return None if frame is None else (id(frame), frame.f_lasti)
