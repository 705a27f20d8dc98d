"""Seeded fuzz of result files: what another program, or an older one, may have put into HDF5.

Every case is a good file of one or two ports without its seal, as older versions wrote it, with
one to three changes of datasets, attributes, links and the two JSON documents, whose digest is made
anew in half of the cases.  Each ends as one of two:

* refused: one line that names the file, exit code 2;
* accepted: matrices finite, passive and closed to what the file states; reflection, efficiencies,
  far field and currents finite; it can be saved, and reads back the same.

Every fifth case goes through ``lunar-antenna export`` as well, as a Touchstone file without |S11|
above 1.  No numpy warning (an error here), no case that hangs, nothing left behind.  Counts are
printed (pytest -rP shows them).
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from damage import ODD, damaged_table
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.errors import FileFormatError
from lunar_antenna.media.layer import Stack

CASES = 200
MANY = 2000  # of each kind where slow tests run
AMOUNTS = (CASES, pytest.param(MANY, marks=pytest.mark.slow))
EVERY = 5  # cases for one call of the command line
SECONDS = 20.0  # of one case: a hundredth of it alone, and other work runs beside the tests
STACKS = (
    Stack.half_space(3.0, loss_tangent=0.01),
    Stack([la.Layer(0.4, 2.0, 0.004), la.Layer(float("inf"), 5.0, conductivity=1e-4)]),
)
PASSIVE = 0.05  # share of Re Z by which a converged solver's least eigenvalue may be negative


@pytest.fixture(scope="module")
def goods(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("good")
    found = []
    for number, stack in enumerate(STACKS):
        path = folder / f"{number}.h5"
        solution(ports=1 + number, stack=stack, points=4).save(path)
        with h5py.File(path, "a") as file:  # which cuts the seal off
            del file.attrs["checksums"]
        found.append(path.read_bytes())
    return found


def values(chance: random.Random, array: np.ndarray) -> Any:
    """Something else in the place of an array."""
    kind = chance.randrange(12)
    flat = array.copy()
    if kind == 0:
        return chance.choice((1.0, -1.0, 0.0, "text", b"bytes", True, 1 + 2j, np.int8(3)))
    if kind == 1:
        factor = chance.choice((-1.0, 0.0, 1e6, 1e-6, 1.0 + 1e-3, 1e300, 1j))
        with np.errstate(over="ignore", invalid="ignore"):
            return array * factor
    if kind == 2:
        with np.errstate(over="ignore", invalid="ignore"):
            flat.flat[chance.randrange(flat.size)] *= chance.choice((-1.0, 1e300, 0.0, 1.1, 1e-300))
        return flat
    if kind == 3:
        bad = chance.choice((np.nan, np.inf, -np.inf))
        flat.flat[chance.randrange(flat.size)] = bad
        return flat
    if kind == 4:
        return array[..., :-1] if array.ndim and array.shape[-1] > 1 else array[None]
    if kind == 5:
        return array[:-1] if array.ndim else array
    if kind == 6:
        to = chance.choice(("f4", "f8", "i4", "u1", "f2", ">f8", "c8"))
        with np.errstate(over="ignore", invalid="ignore"):
            return array.real.astype(to)
    if kind == 7:
        return np.concatenate((array, array)) if array.ndim else array
    if kind == 8:
        return array[::-1] if array.ndim else array
    if kind == 9:
        return np.zeros((0, *array.shape[1:]), array.dtype)
    if kind == 10:
        return np.array([b"a", b"b"])
    return np.swapaxes(array, 0, -1)


def change(file: Any, chance: random.Random) -> None:
    names: list[str] = []
    file.visit(names.append)
    sets = [name for name in names if isinstance(file[name], h5py.Dataset)]
    kind = chance.randrange(10)
    if kind <= 3:
        name = chance.choice([item for item in sets if item != "problem"])
        new = values(chance, np.asarray(file[name]))
        del file[name]
        file.create_dataset(name, data=new)
    elif kind == 4:
        del file[chance.choice(names)]
    elif kind == 5:
        owner = file[chance.choice(["/", *names])]
        keys = list(owner.attrs) or ["x"]
        key = chance.choice(keys)
        value = chance.choice([item for item in ODD if isinstance(item, (str, float, bool, int))])
        owner.attrs[key] = value if not isinstance(value, int) or abs(value) < 2**60 else 7
    elif kind == 6:
        owner = file[chance.choice(["/", *[n for n in names if n not in sets]])]
        if list(owner.attrs):
            del owner.attrs[chance.choice(list(owner.attrs))]
    elif kind == 7:
        name = chance.choice(sets)
        del file[name]
        links = (h5py.SoftLink("/none"), h5py.SoftLink(f"/{name}"), h5py.ExternalLink("x", "/z"))
        file[name] = chance.choice(links)
    elif kind == 8:
        table, _ = damaged_table(json.loads(file["problem"][()]), chance)
        del file["problem"]
        text = json.dumps(table, default=str)
        file["problem"] = text
        if chance.random() < 0.5:
            found = json.loads(file.attrs["provenance"])
            canonical = json.dumps(table, sort_keys=True, default=str).encode()
            found["problem_digest"] = hashlib.sha256(canonical).hexdigest()
            file.attrs["provenance"] = json.dumps(found)
    else:
        table, _ = damaged_table(json.loads(file.attrs["provenance"]), chance)
        file.attrs["provenance"] = json.dumps(table, default=str)


def spoiled(path: Path, good: bytes, seed: str) -> None:
    chance = random.Random(seed)
    path.write_bytes(good)
    with h5py.File(path, "a") as file:
        for _ in range(chance.choice((1, 1, 2, 3))):
            try:
                change(file, chance)
            except (KeyError, TypeError, ValueError, OSError, IndexError):  # of what came before
                continue


def sound(found: la.Solution, path: Path) -> None:
    """What an accepted file gives away."""
    n, p = found.frequency.size, found.n_ports
    parts = [found.r_sky, found.r_ground, found.r_metal, found.r_film]
    for array in (found.z, *parts):
        assert array.shape == (n, p, p)
        assert np.isfinite(array).all()
    rest = found.z + np.conj(np.swapaxes(found.z, 1, 2))
    short = np.abs(rest / 2.0 - sum(parts)).max(axis=(1, 2))
    scale = np.abs(np.diagonal(found.z, axis1=1, axis2=2).real).max(axis=1)
    stated = np.nan_to_num(found.quality.power_closure, nan=np.inf)  # where it is not known
    assert np.all(short <= (stated * (1 + 1e-5) + 1e-5) * scale)
    if found.quality.converged:
        assert np.all(np.linalg.eigvalsh(rest / 2.0)[..., 0] >= -PASSIVE * scale)
    for port in range(1, p + 1):
        assert np.isfinite(found.s11(port=port)).all()
        assert np.all(np.abs(found.s11(port=port)) <= 1.0 + 1e-9)
        shares = found.efficiency(port=port).to_dict()
        assert all(np.isfinite(item).all() for item in shares.values())
    field = found.far_field(float(found.frequency[0]))
    assert np.isfinite(field.gain_db).all()
    if found.shape is not None:
        assert np.isfinite(found.currents(float(found.frequency[-1])).density).all()
    json.dumps(asdict(found.provenance), allow_nan=False)
    again = path.with_name("again.h5")
    found.save(again)
    try:
        same = la.load(again)
        assert np.array_equal(same.z, found.z)
        assert same.problem.digest == found.problem.digest
    finally:
        again.unlink()


@pytest.mark.parametrize("cases", AMOUNTS)
def test_every_changed_result_is_sound_or_refused_in_one_line(
    command, tmp_path: Path, goods: list[bytes], cases: int
) -> None:
    counts = dict.fromkeys(("accepted", "refused", "exported"), 0)
    path = tmp_path / "x1y.h5"
    for number in range(cases):
        spoiled(path, goods[number % len(goods)], f"hdf5 {number}")
        start, text = time.perf_counter(), ""
        try:
            try:
                sound(la.load(path), path)
                counts["accepted"] += 1
            except FileFormatError as error:
                counts["refused"] += 1
                text = str(error)
            assert "\n" not in text
            assert len(text) < 900
            assert not text or text.startswith(str(path))
            if number % EVERY == 0:
                counts["exported"] += exported(command, tmp_path, path, bool(text))
            assert time.perf_counter() - start < SECONDS
            assert [item.name for item in tmp_path.iterdir()] == [path.name]
        except Exception as error:
            raise AssertionError(f"hdf5 {number}") from error
    print(f"HDF5: {cases} cases, {counts}")
    assert counts["accepted"] >= cases // 10
    assert counts["refused"] >= 3 * cases // 10
    assert counts["exported"] >= 4


def exported(command: Any, folder: Path, path: Path, refused: bool) -> bool:
    """Whether the command line wrote what it was asked for."""
    ports = 1
    result = command("export", path.name, "--format", "touchstone", "--out", "out.s1p")
    if result.code == 2 and "s2p" in result.err:
        ports = 2
        result = command("export", path.name, "--format", "touchstone", "--out", "out.s2p")
    out = folder / f"out.s{ports}p"
    for word in ("Traceback", "internal error", "Warning"):
        assert word not in result.err
    if refused:
        assert result.code == 2
        assert path.name in result.complaint
        assert not out.exists()
        return False
    assert result.code == 0, result.err
    read = la.load_measurement(out)
    assert np.linalg.svd(read.s, compute_uv=False).max() <= 1.0 + PASSIVE
    out.unlink()
    return True
