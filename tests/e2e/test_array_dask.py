"""An array on a dask cluster: the same result as at home; what dies costs one frequency at most."""

from __future__ import annotations

import json
import os
import signal
import time

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.array.parts import read_part
from lunar_antenna.array.run import run_digest
from lunar_antenna.errors import InputError

pytest.importorskip("distributed", reason="dask.distributed is not installed")

from dask_cluster import Cluster

FILE = """
soil = "free-space"
band = "20:30"
points = {points}
accuracy = "draft"
[elements.A]
geometry = "strip"
set = {{ length = 3.0, width = 0.1, gap = 0.05 }}
[layout]
kind = "random"
count = 4
least_distance = 3.0
radius = 5.0
"""


@pytest.fixture
def cluster(tmp_path):
    folder = tmp_path / "cluster"
    folder.mkdir()
    started = Cluster(folder)
    yield started
    started.stop()


@pytest.fixture
def array(tmp_path):
    (tmp_path / "a.toml").write_text(FILE.format(points=6))
    return la.load_array(tmp_path / "a.toml")


def same(one, two):
    """To rounding: the order of sums follows the number of threads and where arrays lie."""
    for name in ("z", "r_sky", "r_ground", "r_metal", "r_film"):
        first, second = getattr(one, name), getattr(two, name)
        assert np.abs(first - second).max() <= 1e-12 * np.abs(two.z).max(), name
    theta, phi = np.array([[0.3], [1.0]]), np.array([[0.0, 2.0]])
    for index in range(one.frequency.size):
        first, second = (np.stack(item.fields(index, None, theta, phi)) for item in (one, two))
        assert np.abs(first - second).max() <= 1e-6 * np.abs(second).max()  # kept in single


def test_two_dask_workers_find_the_very_same_result(cluster, array):
    cluster.add_worker()
    cluster.add_worker()
    found = la.solve_array(array, accuracy="draft", scheduler=cluster.address)
    same(found, la.solve_array(array, accuracy="draft"))


def test_a_killed_worker_loses_one_frequency_at_most(cluster, array, tmp_path):
    """The only worker dies after two results, which are not solved again."""
    cluster.add_worker()
    folder, kept = tmp_path / "parts", {}

    def progress(*_):
        parts = sorted(folder.glob("f*.npz"))
        if len(parts) == 2 and not kept:
            kept.update({path: path.stat().st_mtime_ns for path in parts})
            os.kill(cluster.workers[0].pid, signal.SIGKILL)
            cluster.add_worker()

    found = la.solve_array(
        array, accuracy="draft", scheduler=cluster.address, folder=folder, progress=progress
    )
    assert len(kept) == 2
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    same(found, la.solve_array(array, accuracy="draft"))


def test_a_killed_main_process_goes_on_at_the_same_place(process, cluster, array, tmp_path):
    cluster.add_worker()
    arguments = ("array", "a.toml", "--out", "a.h5", "--scheduler", cluster.address)
    running = process.start(*arguments)
    parts, end = tmp_path / "a.h5.parts", time.monotonic() + 120
    while len(list(parts.glob("f*.npz"))) < 2:
        assert running.poll() is None, running.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.02)
    running.kill()
    running.communicate()
    digest = run_digest(array, "draft", 1e-4)
    had = {index: part for index in range(6)
           if (part := read_part(parts, index, digest)) is not None}  # fmt: skip
    assert len(had) >= 2
    done = process(*arguments, "--resume", "--json")
    assert done.code == 0, done.err
    assert len(json.loads(done.out)["frequency"]) == 6
    found = la.load_array_solution(tmp_path / "a.h5")
    for index, part in had.items():
        np.testing.assert_array_equal(found.matrix("z", index), part.matrices["z"])
    same(found, la.solve_array(array, accuracy="draft"))


def test_no_cluster_is_one_line_and_leaves_nothing(command, array, tmp_path):
    answer = command("array", "a.toml", "--out", "a.h5", "--scheduler", "tcp://127.0.0.1:9")
    assert answer.code == 2
    assert "cannot be reached" in answer.complaint
    assert not (tmp_path / "a.h5").exists()
    with pytest.raises(InputError, match="beside a scheduler"):
        la.solve_array(array, accuracy="draft", workers=2, scheduler="tcp://127.0.0.1:9")
