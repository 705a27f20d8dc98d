"""A signal that Python hears where nothing can be raised is raised again, not printed and lost."""

from __future__ import annotations

import signal
import sys
import time
import weakref
from collections.abc import Callable

import pytest

from lunar_antenna.cli.signals import interruptible, last_step


class Thing:
    pass


def in_a_callback_of_a_weak_reference(number: int) -> None:
    thing = Thing()
    held = weakref.ref(thing, lambda _ref: signal.raise_signal(number))
    del thing
    assert held() is None


def in_a_finaliser(number: int) -> None:
    class Ending:
        def __del__(self) -> None:
            signal.raise_signal(number)

    Ending()


def work_in(place: Callable[[int], None], number: int) -> None:
    with interruptible():
        place(number)
        time.sleep(5)


PLACES = [in_a_callback_of_a_weak_reference, in_a_finaliser]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("place", PLACES)
def test_an_interrupt_is_not_swallowed(
    place: Callable[[int], None], number: int, capfd: pytest.CaptureFixture[str]
) -> None:
    hook = sys.unraisablehook
    with pytest.raises(KeyboardInterrupt):
        work_in(place, number)
    assert sys.unraisablehook is hook
    assert capfd.readouterr().err == ""


def test_after_the_last_file_a_swallowed_interrupt_comes_too_late() -> None:
    with interruptible():
        try:
            in_a_finaliser(signal.SIGTERM)
        finally:
            with last_step():
                time.sleep(0.05)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_other_exceptions_go_where_they_went() -> None:
    class Broken:
        def __del__(self) -> None:
            raise ValueError("told")

    told: list[str] = []
    hook, sys.unraisablehook = sys.unraisablehook, lambda found: told.append(str(found.exc_value))
    try:
        with interruptible():
            Broken()
    finally:
        sys.unraisablehook = hook
    assert told == ["told"]
