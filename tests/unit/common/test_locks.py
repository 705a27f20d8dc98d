"""One process at a time, whatever became of the one before."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from lunar_antenna.common.lock import only_one
from lunar_antenna.errors import InputError
from lunar_antenna.search.run import claim
from lunar_antenna.search.run.claim import claimed, lock_beside


@contextlib.contextmanager
def holder(path):
    """Another process that holds the lock at ``path``, killed at the end."""
    code = (
        "import sys, time; from pathlib import Path\n"
        "from lunar_antenna.common.lock import only_one\n"
        "with only_one(Path(sys.argv[1]), 'it'):\n    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "held\n"
        yield running
        running.kill()


def test_a_second_process_is_kept_out_and_told_by_whom(tmp_path):
    path = tmp_path / "study.db.lock"
    with holder(path) as other:
        started = time.monotonic()
        told = rf"it is in use by process {other.pid} on .* UTC; wait"
        with pytest.raises(InputError, match=told), only_one(path, "it"):
            pytest.fail("two hold it")
        assert time.monotonic() - started < 1.0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_process_leaves_no_lock(tmp_path, number):
    path = tmp_path / "study.db.lock"
    with holder(path) as other:
        other.send_signal(number)
        other.wait()
    with only_one(path, "it"):
        assert json.loads(path.read_text())["pid"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_threads_of_one_process_keep_each_other_out(tmp_path):
    path = tmp_path / "x.lock"
    told = f"process {os.getpid()} on"
    with only_one(path, "it"), pytest.raises(InputError, match=told), only_one(path, "it"):
        pytest.fail("two hold it")
    assert not path.exists()


def test_many_take_turns_and_none_is_lost(tmp_path):
    """The file of a lock that is given up may vanish between opening and locking it."""
    path, inside, most, turns = tmp_path / "x.lock", [], [], []

    def work():
        while len(turns) < 200:
            with contextlib.suppress(InputError), only_one(path, "it"):
                inside.append(1)
                most.append(len(inside))
                inside.pop()
                turns.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    assert not path.exists()


def test_a_file_system_without_locks_has_none(tmp_path, monkeypatch):
    import fcntl

    def none(*_):
        raise OSError(95, "not supported")

    monkeypatch.setattr(fcntl, "flock", none)
    with only_one(tmp_path / "x.lock", "it"):
        pass


def test_where_the_lock_of_a_database_stands(tmp_path):
    assert lock_beside(f"sqlite:///{tmp_path}/a.db") == tmp_path / "a.db.lock"
    for other in ("sqlite://", "sqlite:///:memory:", "postgresql://u@h/d", "nonsense"):
        assert lock_beside(other) is None


class Kept:
    """The attribute of a database."""

    def __init__(self, text=None):
        self.text = text

    def read(self):
        return self.text

    def write(self, text):
        self.text = text

    def claimed(self, beat=0.1):
        return claimed(self.read, self.write, "it", beat)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(claim, "SETTLE", 0.05)


def test_a_record_is_held_renewed_and_given_back():
    kept = Kept()
    with kept.claimed():
        first = json.loads(kept.text)["beats"]
        time.sleep(0.4)
        assert json.loads(kept.text)["beats"] > first
        with pytest.raises(InputError, match=f"process {os.getpid()} on"), kept.claimed():
            pytest.fail("two hold it")
    with kept.claimed():
        pass
    assert kept.text == ""


def test_a_record_of_a_process_that_is_gone_is_taken_over_at_once():
    code = (
        "import json; from lunar_antenna.search.run import claim; import os\n"
        "from lunar_antenna.common.lock import myself\n"
        "print(json.dumps({**myself(), **claim._machine(), 'born': claim._born(os.getpid())}))"
    )
    left = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    kept = Kept(left.stdout)
    started = time.monotonic()
    with kept.claimed(beat=30.0):
        assert json.loads(kept.text)["pid"] == os.getpid()
    assert time.monotonic() - started < 5.0


def test_a_number_that_went_to_another_process_is_no_holder():
    record = {"host": "h", "pid": os.getpid(), "since": "then", "born": "1", **claim._machine()}
    with Kept(json.dumps(record)).claimed():
        pass


def test_a_holder_elsewhere_is_watched_whatever_its_clock_says():
    """One that renews keeps out; one that is silent for some beats has gone."""
    record = {"host": "far", "pid": 7, "since": "2001-01-01 00:00:00", "boot": "other", "beats": 0}
    kept = Kept(json.dumps(record))
    with kept.claimed(beat=0.1):
        pass
    kept.text = json.dumps(record)

    def renew():
        time.sleep(0.1)
        kept.text = json.dumps({**record, "beats": 1})

    thread = threading.Thread(target=renew)
    thread.start()
    with pytest.raises(InputError, match="process 7 on far since 2001"), kept.claimed(beat=0.2):
        pytest.fail("two hold it")
    thread.join()


def test_of_two_that_start_together_one_goes_on():
    kept, held, refused = Kept(), [], []

    def start():
        try:
            with kept.claimed():
                held.append(1)
                time.sleep(0.5)
        except InputError:
            refused.append(1)

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(held), len(refused)) == (1, 1)


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "null", '{"pid": "x"}'])
def test_a_record_that_says_nothing_is_no_holder(text):
    with Kept(text).claimed(beat=0.05):
        pass
