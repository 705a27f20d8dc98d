"""numba's cache on disk: missing, full or damaged it costs time and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numba.core.caching import CacheImpl

from lunar_antenna.common.lapack import solve_symmetric
from lunar_antenna.solvers.planar import jit


def double(x):
    return 2.0 * x


@pytest.fixture
def kernel(monkeypatch, tmp_path):
    """A kernel with a cache of its own in ``tmp_path``; called again it is a new process's."""
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path))
    return lambda: jit.compiled(double)


def test_without_a_folder_that_can_be_written_kernels_work(monkeypatch):
    monkeypatch.setattr(CacheImpl, "_locator_classes", [])
    made = jit.compiled(double)
    assert made(1.5) == 3.0
    assert jit.cache_folder(made) is None


def test_a_cache_is_used_again(kernel, tmp_path):
    assert kernel()(1.5) == 3.0
    assert list(tmp_path.rglob("*.nbc"))
    again = kernel()
    assert again(2.5) == 5.0
    assert again.stats.cache_hits


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_a_damaged_cache_is_thrown_away(kernel, tmp_path, ending, content):
    assert kernel()(1.5) == 3.0
    for path in tmp_path.rglob(f"*.{ending}"):
        path.write_bytes(path.read_bytes()[:40] if content is None else content)
    assert kernel()(2.5) == 5.0
    again = kernel()
    assert again(3.5) == 7.0
    assert again.stats.cache_hits


def test_a_full_disk_keeps_nothing_and_stops_nothing(kernel, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    made = kernel()
    monkeypatch.setattr("numba.core.caching.IndexDataCacheFile.save", full)
    assert made(1.5) == 3.0


def test_doctor_says_that_nothing_is_kept(monkeypatch):
    from lunar_antenna.cli.verbs.doctor import doctor
    from lunar_antenna.solvers.planar import compiled

    monkeypatch.setattr(jit, "cache_folder", lambda _: None)
    assert not compiled.is_compiled()
    answer = doctor()
    assert "solver planar" in answer.text
    assert "SLOW" in answer.text
    assert "NUMBA_CACHE_DIR" in answer.text
    assert answer.exit_code == 0
    assert answer.document["healthy"]


def test_the_cache_of_the_solver_stands_in_a_folder():
    from lunar_antenna.solvers.planar.pairs import fill_pairs

    folder = jit.cache_folder(fill_pairs)
    assert folder is None or Path(folder).is_dir()


def test_symmetric_systems_are_solved_as_scipy_does():
    """The same routine: equal to the last bit; a singular matrix is told."""
    from scipy.linalg import lapack

    rng = np.random.default_rng(1)
    for n, columns in ((1, 1), (7, 2), (90, 1)):
        a = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
        a, b = a + a.T, rng.normal(size=(n, columns))
        work = int(lapack.zsysv_lwork(n)[0].real)
        expected = lapack.zsysv(a.T, b, lwork=work)[2]
        found, solved = solve_symmetric(a.copy(), b)
        assert solved
        assert np.array_equal(found, expected)
        assert np.abs(a @ found - b).max() < 1e-12 * n * np.abs(found).max() * np.abs(a).max()
    assert not solve_symmetric(np.zeros((3, 3), complex), np.ones((3, 1)))[1]
    with pytest.raises(ValueError, match="C order"):
        solve_symmetric(np.asfortranarray(np.ones((2, 2), complex)), np.ones((2, 1)))
