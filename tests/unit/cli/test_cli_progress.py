"""Progress without a terminal: sparse lines, with the time left once the speed is known."""

from __future__ import annotations

import pytest

from lunar_antenna.cli import progress
from lunar_antenna.cli.progress import Clock, time_left


def test_time_left_is_that_of_the_speed_since_the_first_work():
    """A tenth in 20 s since the first report: eight tenths take 160 s."""
    clock = Clock()
    assert clock.left(0.0, 5.0) is None
    assert clock.left(0.1, 10.0) is None
    assert clock.left(0.2, 30.0) == pytest.approx(160.0)
    assert clock.left(1.0, 190.0) is None


def test_what_a_resumed_study_had_already_is_not_fast_work():
    """900 of 1000 trials are old; one more per second leaves 40 s after 60."""
    clock = Clock()
    clock.left(0.0, 0.0)
    assert clock.left(0.9, 1.0) is None
    assert clock.left(0.91, 11.0) is None  # 1 % is too little to tell
    assert clock.left(0.96, 61.0) == pytest.approx(40.0)


def test_a_fraction_that_falls_back_begins_anew():
    clock = Clock()
    clock.left(0.1, 0.0)
    assert clock.left(0.5, 10.0) is not None
    assert clock.left(0.2, 20.0) is None
    assert clock.left(0.6, 30.0) == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "about 10 s left"),
        (31.0, "about 40 s left"),
        (170.0, "about 3 min left"),
        (9000.0, "about 2.5 h left"),
    ],
)
def test_words(seconds, text):
    assert time_left(seconds) == text


def test_lines_without_a_terminal(monkeypatch, capsys):
    """Ten seconds of silence between lines; each of them says how far and how long."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with progress.progress_bar("solve") as report:
        report(0.0, "solver planar")
        for second in range(1, 31):
            now[0] = float(second)
            report(second / 100.0, "running")
    assert capsys.readouterr().err.splitlines() == [
        "solve: solver planar",
        "solve: 10 % running, about 90 s left",
        "solve: 20 % running, about 80 s left",
        "solve: 30 % running, about 70 s left",
    ]
