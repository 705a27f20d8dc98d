"""A study that runs is left alone, and what there is to go on with is told."""

from __future__ import annotations

import json
import signal
import subprocess

OPTIONS = (
    *("optimize", "strip", "--soil", "simple_eps35", "--points", 8, "--accuracy", "draft"),
    *("--no-figures", "--no-fine", "--check", 0),
)


def running(process, *more) -> subprocess.Popen[str]:
    """A study that is long from done, with its database made."""
    study = process.start(*OPTIONS, "--trials", 500, *more)
    while "sampler" not in (line := study.stderr.readline()):
        assert line, "ended early"
    return study


def test_a_second_process_is_refused_before_it_writes_anything(process, tmp_path):
    study = running(process, "--out", "p")
    try:
        other = process(*OPTIONS, "--trials", 500, "--out", "p", "--resume")
        assert other.code == 2
        assert f"p/study.db is in use by process {study.pid} on " in other.complaint
        assert study.poll() is None
        elsewhere = process(
            *OPTIONS, "--trials", 5, "--out", "q", "--storage", "sqlite:///p/study.db"
        )
        assert "p/study.db is in use by process" in elsewhere.complaint
        assert not (tmp_path / "q").exists()
        shared = process(*OPTIONS, "--trials", 5, "--out", "p", "--storage", "sqlite:///o.db")
        assert "is in use by process" in shared.complaint
    finally:
        study.kill()
        study.communicate()
    left = process(*OPTIONS, "--trials", 500, "--out", "p", "--band", "5:20", "--resume")
    assert "in use" not in left.complaint  # nobody holds it: it is another problem


def test_a_killed_study_goes_on_at_once(process, tmp_path):
    study = running(process, "--out", "p")
    study.send_signal(signal.SIGKILL)
    study.communicate()
    more = process(*OPTIONS, "--trials", 6, "--out", "p", "--resume", "--json")
    assert more.code == 0, more.err
    assert json.loads(more.out)["trials"] >= 6
    assert not (tmp_path / "p" / "study.db.lock").exists()


def test_resume_of_nothing_is_told(command):
    begun = command(*OPTIONS, "--trials", 2, "--out", "p", "--resume")
    assert begun.code == 0
    assert "p/study.db held no study to go on with: a new one begins" in begun.err
    again = command(*OPTIONS, "--trials", 3, "--out", "p", "--resume")
    assert again.code == 0
    assert "no study to go on with" not in again.err
