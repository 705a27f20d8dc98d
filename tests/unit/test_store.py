"""The solution file: nothing lost, nothing left behind, nothing believed that is broken."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.errors import FileFormatError, InputError
from lunar_antenna.media.layer import Stack


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "run.h5"
    solution(ports=2, stack=Stack.half_space(3.0, loss_tangent=0.01), points=5).save(path)
    return path


def test_round_trip(saved: Path) -> None:
    before = solution(ports=2, stack=Stack.half_space(3.0, loss_tangent=0.01), points=5)
    after = la.load(saved)
    for name in ("frequency", "z", "r_sky", "r_ground", "r_metal", "r_film"):
        assert np.array_equal(getattr(after, name), getattr(before, name))
        assert getattr(after, name).dtype == getattr(before, name).dtype
    assert np.array_equal(after.elements.electric, before.elements.electric)
    assert np.array_equal(after.elements.position, before.elements.position)
    assert after.elements.magnetic is None
    assert after.problem.digest == before.problem.digest
    assert after.provenance.solver == "hand-made"
    assert after.provenance.notes == ("for tests",)
    assert after.quality.converged is True
    assert after.quality.z_error is not None
    assert np.array_equal(
        after.quality.details["average_gain"], before.quality.details["average_gain"]
    )
    f = float(before.frequency[2])
    assert np.array_equal(after.far_field(f).e_theta, before.far_field(f).e_theta)
    assert np.array_equal(after.currents(f).density, before.currents(f).density)


def test_optional_parts_may_be_absent(tmp_path: Path) -> None:
    from dataclasses import replace

    bare = replace(solution(points=3).with_quality(z_error=None, details={}), shape=None)
    bare.save(tmp_path / "run.h5")
    after = la.load(tmp_path / "run.h5")
    assert after.quality.z_error is None
    assert after.shape is None
    with pytest.raises(InputError, match="no drawable current"):
        after.currents(float(after.frequency[0]))


def test_file_says_its_conventions_and_has_scales(saved: Path) -> None:
    with h5py.File(saved) as file:
        assert file.attrs["schema"] == 1
        assert "exp(+j*omega*t)" in file.attrs["time_convention"]
        assert file["z"].attrs["unit"] == "ohm"
        assert file["z"].dims[0][0].name == "/frequency"


def test_an_existing_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "run.h5"
    sol = solution(points=3)
    sol.save(path)
    first = path.read_bytes()
    broken = sol.with_quality(details={"bad": object()})
    with pytest.raises((TypeError, InputError)):
        broken.save(path)
    assert path.read_bytes() == first
    assert list(tmp_path.iterdir()) == [path]


def drop(name: str) -> Callable[[Any], None]:
    return lambda file: file.__delitem__(name)


def put(name: str, value: Any) -> Callable[[Any], None]:
    def change(file: Any) -> None:
        del file[name]
        file.create_dataset(name, data=value)

    return change


def poison(name: str) -> Callable[[Any], None]:
    def change(file: Any) -> None:
        data = np.asarray(file[name])
        data.flat[0] = np.nan
        file[name][...] = data

    return change


def attribute(name: str, value: Any) -> Callable[[Any], None]:
    return lambda file: file.attrs.__setitem__(name, value)


HOSTILE: dict[str, Callable[[Any], None]] = {
    "wrong format word": attribute("format", "something else"),
    "future schema": attribute("schema", 99),
    "schema of words": attribute("schema", "one"),
    "broken provenance": attribute("provenance", "{"),
    "provenance of another kind": attribute("provenance", '{"notes": []}'),
    "no problem": drop("problem"),
    "no frequency": drop("frequency"),
    "no Z": drop("z"),
    "no sky": drop("r_sky"),
    "no elements": drop("elements"),
    "no moments": drop("elements/electric"),
    "no quality": drop("quality"),
    "problem is not JSON": put("problem", "not json"),
    "problem without layout": put("problem", "{}"),
    "Z of another shape": put("z", np.zeros((3, 2))),
    "Z of other length": put("z", np.zeros((2, 2, 2), complex)),
    "NaN in Z": poison("z"),
    "NaN in film": poison("r_film"),
    "NaN in moments": poison("elements/electric"),
    "NaN in frequency": poison("frequency"),
    "moments of another shape": put("elements/electric", np.zeros((1, 1, 3), complex)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_in_one_line(saved: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "run.h5"
    path.write_bytes(saved.read_bytes())
    with h5py.File(path, "a") as file:
        HOSTILE[name](file)
    with pytest.raises(InputError) as caught:
        la.load(path)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.98])
def test_truncated_file(saved: Path, tmp_path: Path, share: float) -> None:
    path = tmp_path / "run.h5"
    data = saved.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(FileFormatError) as caught:
        la.load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"hello", bytes(range(256)) * 40], ids=["empty", "text", "bytes"]
)
def test_not_hdf5(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.h5"
    path.write_bytes(content)
    with pytest.raises(FileFormatError) as caught:
        la.load(path)
    assert "\n" not in str(caught.value)


def test_paths_that_cannot_be(tmp_path: Path) -> None:
    sol = solution(points=3)
    with pytest.raises(InputError, match="not a file"):
        la.load(tmp_path / "absent.h5")
    with pytest.raises(InputError, match="not a file"):
        la.load(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        sol.save(tmp_path / "no" / "run.h5")
    with pytest.raises(InputError, match="is a folder"):
        sol.save(tmp_path)
    assert os.listdir(tmp_path) == []  # noqa: PTH208
