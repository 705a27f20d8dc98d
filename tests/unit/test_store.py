"""The solution file: nothing lost, nothing left behind, nothing believed that is broken."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna import store
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


def assert_interrupted(saved: Path) -> None:
    """Reading it ends by SIGTERM, whose handler raises KeyboardInterrupt here."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            la.load(saved)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_signal_while_a_file_is_read_is_no_damage(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """h5py makes an error of its own of what a handler raises inside it."""
    read = store.contents

    def interrupted(file: Any, trusted: bool) -> dict[str, Any]:
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt as error:
            raise SystemError("returned a result with an exception set") from error
        return read(file, trusted)

    monkeypatch.setattr(store, "contents", interrupted)
    assert_interrupted(saved)


def test_a_signal_is_not_lost_with_a_file_that_is_damaged(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who takes a damaged file for none goes on; what asked the program to stop must be heard."""

    def damaged(*_given: Any) -> dict[str, Any]:
        signal.raise_signal(signal.SIGTERM)
        raise ValueError("damaged")

    monkeypatch.setattr(store, "contents", damaged)
    assert_interrupted(saved)


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


def unsealed(saved: Path, path: Path) -> Path:
    """The same as an older version wrote it: no last line, no checksums."""
    path.write_bytes(saved.read_bytes())
    with h5py.File(path, "a") as file:  # which cuts the last line off
        del file.attrs["checksums"]
    return path


def scaled(name: str, factor: complex) -> Callable[[Any], None]:
    return lambda file: file[name].__setitem__(..., np.asarray(file[name]) * factor)


def problem(**changes: Any) -> Callable[[Any], None]:
    def change(file: Any) -> None:
        table = json.loads(file["problem"][()])
        for key, value in changes.items():
            where = table["stack"]["layers"][0] if key in ("eps_r", "dpeth") else table
            where[key] = value
        put("problem", json.dumps(table))(file)

    return change


def told(**changes: Any) -> Callable[[Any], None]:
    """Changes of the provenance."""

    def change(file: Any) -> None:
        table = {**json.loads(file.attrs["provenance"]), **changes}
        file.attrs["provenance"] = json.dumps({k: v for k, v in table.items() if v is not ...})

    return change


WRONG_PROBLEM = "/problem is not the problem that was solved"
# change: what is said of a sealed file, and of an older one
CHANGED: dict[str, tuple[Callable[[Any], None], str, str]] = {
    "Z negated": (scaled("z", -1.0), "/z is not what", "z and the losses miss each other"),
    "band in other units": (scaled("frequency", 1e6), "/frequency is not", "not the band"),
    "sky negated": (scaled("r_sky", -1.0), "/r_sky is not", "miss each other"),
    "losses moved": (scaled("r_film", 1.1), "/r_film is not", "miss each other"),
    "currents doubled": (scaled("elements/electric", 2.0), "/elements/electric is not", ""),
    "another height": (problem(height=0.4), "/problem is not what", WRONG_PROBLEM),
    "another soil": (problem(eps_r=9.0), "/problem is not what", WRONG_PROBLEM),
    "a key more": (problem(hieght=0.4), "/problem is not what", WRONG_PROBLEM),
    "a key more in a layer": (problem(dpeth=0.4), "/problem is not what", WRONG_PROBLEM),
    "text for seconds": (told(wall_seconds="x"), "attributes of / are", "wall_seconds is 'x'"),
    "truth for unknowns": (told(unknowns=True), "attributes of / are", "unknowns is True"),
    "numbers for notes": (told(notes=[1]), "attributes of / are", "notes is [1]"),
    "no solver": (told(solver=...), "attributes of / are", "provenance holds"),
    "a key more of provenance": (told(who="me"), "attributes of / are", "provenance holds"),
    "one position": (put("elements/position", 1.0), "/elements/position is not", "has shape ()"),
    "complex positions": (
        put("elements/position", np.zeros((82, 3), complex)),
        "/elements/position is not",
        "of type complex128, not real",
    ),
    "real sky": (put("r_sky", np.ones((5, 2, 2))), "/r_sky is not", "not complex numbers"),
    "sky of words": (put("r_sky", "much"), "/r_sky is not", "/r_sky"),
    "sky of pairs": (
        put("r_sky", np.zeros((5, 2, 2), [("a", float), ("b", int)])),
        "/r_sky is not",
        "not complex numbers",
    ),
    "sky that is not Hermitian": (
        lambda file: file["r_sky"].__setitem__((slice(None), 0, 1), 5.0),
        "/r_sky is not",
        "r_sky",
    ),
    "Z without its sky": (drop("r_sky"), "/r_sky is missing", "/r_sky is missing"),
    "segments of another shape": (
        put("shape/segments", np.zeros((4, 3))),
        "/shape/segments is not",
        "shape/segments has shape (4, 3)",
    ),
    "no element": (
        lambda file: file["shape"].attrs.__setitem__("per_element", 0),
        "attributes of /shape are",
        "per_element of /shape is",
    ),
    "converged in words": (
        lambda file: file["quality"].attrs.__setitem__("converged", "yes"),
        "attributes of /quality are",
        "converged of /quality is 'yes'",
    ),
    "closure as a number": (
        put("quality/power_closure", 0.0),
        "/quality/power_closure is not",
        "power_closure has shape ()",
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_another_program_changed_is_told(saved: Path, tmp_path: Path, name: str) -> None:
    change, of_sealed, of_older = CHANGED[name]
    new, old = tmp_path / "new.h5", unsealed(saved, tmp_path / "old.h5")
    new.write_bytes(saved.read_bytes())
    for path, words in ((new, of_sealed), (old, of_older)):
        with h5py.File(path, "a") as file:
            change(file)
        if not words:  # an older file has nothing to find this by
            la.load(path)
            continue
        with pytest.raises(FileFormatError) as caught:
            la.load(path)
        assert words in str(caught.value)
        assert str(caught.value).startswith(str(path))
        assert "\n" not in str(caught.value)


def test_a_program_that_changes_nothing_is_no_harm(saved: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.h5"
    path.write_bytes(saved.read_bytes())
    with h5py.File(path, "a") as file:
        file.create_group("mine")["note"] = "kept beside"
    assert np.array_equal(la.load(path).z, la.load(saved).z)


def test_losses_that_would_give_power_are_refused(saved: Path, tmp_path: Path) -> None:
    """Closed, Hermitian and wrong: what is taken from one loss is given to another."""
    path = unsealed(saved, tmp_path / "run.h5")
    with h5py.File(path, "a") as file:
        moved = 3.0 * np.asarray(file["r_ground"])
        file["r_ground"][...] = np.asarray(file["r_ground"]) - moved
        file["r_sky"][...] = np.asarray(file["r_sky"]) + moved
    with pytest.raises(FileFormatError, match=r"r_ground = -.* ohm at 5 MHz: it would give power"):
        la.load(path)


def test_a_file_of_an_older_version_is_read() -> None:
    """Written by version 0.1.0 before files were sealed (tests/hand_made.py, 2 ports, 3 points)."""
    before = solution(ports=2, stack=Stack.half_space(3.0, loss_tangent=0.01), points=3)
    after = la.load(Path(__file__).parents[1] / "oracles" / "data" / "solution_unsealed.h5")
    assert after.problem.digest == before.problem.digest
    assert np.allclose(after.z, before.z, rtol=1e-6)


def test_a_file_that_another_process_holds_is_read(saved: Path) -> None:
    with h5py.File(saved, "r"):
        assert la.load(saved).n_ports == 2


def test_every_array_carries_the_checksum_of_hdf5(saved: Path) -> None:
    with h5py.File(saved) as file:
        arrays: list[Any] = []
        file.visititems(lambda _, item: arrays.append(item) if getattr(item, "shape", ()) else None)
        assert len(arrays) > 10
        assert all(item.fletcher32 for item in arrays if not item.name.startswith("/quality/det"))


@pytest.mark.parametrize("what", ["flip", "cut", "zeros"])
def test_damage_anywhere_is_found_or_harmless(saved: Path, tmp_path: Path, what: str) -> None:
    """200 seeded cases each; a file is refused in one line or holds what was written."""
    data, path = saved.read_bytes(), tmp_path / "run.h5"
    whole = la.load(saved)
    random = np.random.default_rng(12)
    counts = {"refused": 0, "the same": 0}
    for place in random.integers(len(data), size=200).tolist():
        damaged = bytearray(data)
        if what == "flip":
            damaged[place] ^= 1 << int(random.integers(8))
        elif what == "cut":
            del damaged[place:]
        else:
            damaged[place : place + 64] = bytes(len(damaged[place : place + 64]))
        path.write_bytes(damaged)
        try:
            found = la.load(path)
        except InputError as error:
            counts["refused"] += str(error).count("\n") == 0
            continue
        for name in ("frequency", "z", "r_sky", "r_ground", "r_metal", "r_film"):
            assert np.array_equal(getattr(found, name), getattr(whole, name))
        assert np.array_equal(found.elements.electric, whole.elements.electric)
        assert found.problem.to_dict() == whole.problem.to_dict()
        counts["the same"] += 1
    print(f"HDF5, {what}: {counts}")
    assert counts["refused"] >= 150  # zeros may stand where zeros were


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
