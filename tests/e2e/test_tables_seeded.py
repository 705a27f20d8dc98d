"""Seeded fuzz of what people write: geometry, study and soil files, 200 cases each, 2000 slow.

Every case is a good file with one or two keys changed (another value, another type, misspelt, one
too many, one missing) and every fifth also damaged as text, seeded by its number, so a failure
names its case.  Each ends as one of two:

* refused: one line that names the file and says what is allowed or what to change, exit code 2;
  and a key that was changed, where the text is a table still and one key was;
* accepted: strict JSON and finite numbers all through; a layout of some area that its drawing
  rules allow; a soil that is passive, and read back from its own text the same; a study that can
  start, with a finite first design.

Every fifth case goes through the command line as well, some accepted ones as far as a solution:
strict JSON with Re Z > 0, nothing left behind.  No numpy warning (an error here), no case that
hangs.  Counts are printed (pytest -rP shows them).
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from damage import ALLOWED, damaged, damaged_table

import lunar_antenna as la
from lunar_antenna.errors import InputError
from lunar_antenna.media.soil_files import soil_text
from lunar_antenna.search.study.file import load_study

CASES = 200
MANY = 2000  # of each kind where slow tests run
AMOUNTS = (CASES, pytest.param(MANY, marks=pytest.mark.slow))
EVERY = 5  # cases for one call of the command line, and for one whose text is damaged
SOLVED = {"geometry": 4, "soil": 4, "study": 2}  # accepted cases that are solved
SECONDS = 20.0  # of one case: a tenth of it alone, and other work runs beside the tests
SOLVE = ("--points", 1, "--band", "12:12", "--accuracy", "draft", "--json")

SOURCE = {"text": "seeded", "parameters": "assumed"}
GEOMETRIES: tuple[dict[str, Any], ...] = (
    {
        "family": "bowtie",
        "parameters": {"length": 8.0, "width": 2.0, "gap": 0.08, "port_width": 0.1},
        "metal": {"name": "copper_18um"},
        "film": {"name": "polyimide_50um", "margin": 0.2},
        "search": {"length": [6.0, 12.0], "width": [0.5, 3.0], "height": [0.0, 0.2]},
        "source": SOURCE,
    },
    {
        "family": "profile",
        "parameters": {"length": 9.0, "w0": 0.1, "w1": 0.6, "w2": 0.8, "w3": 0.7},
        "coupled": {"length": 5.0},
        "bend": {"angle": 0.2},
        "metal": {"conductivity": 3.5e7, "thickness": 1e-6},
        "film": {"thickness": 5e-5, "eps_r": 3.4, "loss_tangent": 0.003, "side": "below"},
        "source": SOURCE,
    },
    {
        "family": "strip",
        "parameters": {"length": 10.0, "width": 0.05, "gap": 0.1, "port_width": 0.03},
        "crossed": {},
        "sag": {"depth": 0.2, "span": 12.0},
        "tilt": {"angle": 0.02},
        "metal": "aluminium_1um",
        "film": "polyimide_25um",
        "search": {"length": [6.0, 14.0], "z0": [50.0, 200.0], "sag": {"depth": [0.0, 0.3]}},
    },
    {
        "family": "free",
        "polygon": [
            {"points": [[0.05, -0.1], [5.0, -0.2], [5.0, 0.2], [0.05, 0.1]]},
            {"points": [[-0.05, -0.1], [-5.0, -0.1], [-5.0, 0.1], [-0.05, 0.1]], "holes": []},
        ],
        "gap": [
            {"x": 0.0, "y": 0.0, "length": 0.1, "width": 0.15, "angle": 0.0, "port": "1"},
        ],
        "film": {
            "name": "polyimide_50um",
            "outline": [[-6.0, -1.0], [6.0, -1.0], [6.0, 1.0], [-6.0, 1.0]],
        },
    },
)
LAYERS = [
    {"thickness": 0.3, "eps_r": 2.2, "loss_tangent": 0.004},
    {"thickness": 5.0, "eps_r": 4.0, "conductivity": 1e-4},
    {"thickness": float("inf"), "eps_r": 6.0, "loss_tangent": 0.02},
]
SOILS: tuple[dict[str, Any], ...] = (
    {
        "name": "layers",
        "layer": LAYERS,
        "source": {"text": "seeded", "numbers": {"layer 1 eps_r": "read"}},
    },
    {"layer": [*LAYERS[:2], {"conductor": True}]},
    {
        "profile": {
            "density": "sourcebook",
            "permittivity": "all_samples",
            "feo_tio2_percent": 7.5,
            "depth": 3.0,
            "tolerance": 0.05,
            "min_layers": 4,
        },
        "layer": LAYERS[1:],
    },
    {
        "profile": {
            "density": "diviner",
            "permittivity": "soils_only",
            "feo_tio2_percent": 10.0,
            "scale_height": 0.06,
            "depth": 2.0,
            "layers": 6,
        },
        "source": {"doi": "10.0/x", "url": "http://x", "date": "2026", "note": "n"},
    },
    {
        "profile": {
            "depths": [0.0, 0.5, 2.0],
            "eps_r": [1.8, 2.6, 3.4],
            "loss_tangent": [0.003, 0.006, 0.01],
            "tolerance": 0.05,
        },
    },
)
STUDIES: tuple[dict[str, Any], ...] = (
    {
        "geometry": "membrane_10m",
        "soil": "simple_eps35",
        "height": 0.05,
        "solver": "planar",
        "accuracy": "draft",
        "parameters": {"metal": "copper_18um", "film": {"name": "polyimide_50um", "margin": 0.1}},
        "search": {"length": [6.0, 10.0], "w0": [0.03, 0.5, "log"], "gap": [0.04, 0.1]},
        "band": {"mhz": [5.0, 35.0], "points": 9},
        "port": {
            "load": 50.0,
            "turns": [1.0, 3.0],
            "network": [
                {"element": "series L", "range": [1e-8, 1e-5], "q": 100.0},
                {"element": "shunt C", "value": 1e-11},
            ],
        },
        "objective": [{"merit": "band_ratio", "efficiency": "mismatch", "threshold": 0.8}],
        "constraint": [
            {
                "merit": "min_efficiency",
                "efficiency": "mismatch",
                "band_mhz": [6.0, 30.0],
                "at_least": 0.05,
            }
        ],
        "stages": {"check": 1, "fine": False, "screen_trials": 2},
        "sampler": {"name": "tpe", "trials": 20, "seed": 3},
        "source": SOURCE,
    },
    {
        "geometry": "strip",
        "stack": {"layer": LAYERS},
        "search": {"length": [6.0, 12.0], "height": [0.01, 0.2]},
        "band": {"mhz": [8.0, 20.0], "points": 8},
        "port": {"z0": [50.0, 300.0]},
        "objective": [
            {"merit": "mean_efficiency", "efficiency": "realised", "band_mhz": [9.0, 19.0]},
            {"merit": "film_mass"},
        ],
        "parameters": {"film": "polyimide_50um"},
        "sampler": {"name": "nsga2", "trials": 12},
    },
    {
        "geometry": "bowtie",
        "search": {"length": [6.0, 12.0], "width": [0.5, 2.0]},
        "robust": {
            "soils": ["simple_eps35", {"eps_r": 2.5, "loss_tangent": 0.005}],
            "heights": [0.02, 0.1],
            "arm_errors": [0.0, 0.01],
            "statistic": 0.1,
        },
        "band": {"mhz": [5.0, 35.0], "points": 8},
        "stages": {"margin": 0.004, "check": 1, "fine": False},
    },
)


def case(goods: tuple[dict[str, Any], ...], number: int, seed: str) -> tuple[bytes, set[str]]:
    """The file of a case, and the names that a refusal may speak of; none where text is damaged."""
    chance = random.Random(seed)
    table, touched = damaged_table(goods[number % len(goods)], chance)
    if chance.random() < 0.2 and table:
        table, more = damaged_table(table, chance)
        touched = set() if more != touched else touched
    text = tomli_w.dumps(table)
    if number % EVERY == 1:
        return damaged(text, chance), set()
    return text.encode(), touched


def finite(value: object) -> bool:
    """Whether a JSON document has no infinity but that of a half-space, and no nan."""
    if isinstance(value, float):
        return bool(np.isfinite(value))
    if isinstance(value, dict):
        return all(finite(item) for item in value.values())
    return not isinstance(value, (list, tuple)) or all(finite(item) for item in value)


def geometry(path: Path) -> None:
    layout = la.load_geometry(path)
    table = layout.to_dict()
    table.pop("source")  # whatever the author wrote there
    json.dumps(table, allow_nan=False)
    assert 0.0 < layout.metal_area < 1e7
    assert np.all(np.isfinite(layout.bounds))
    assert all(polygon.is_valid for polygon in layout.conductors)
    assert np.all(np.isfinite(layout.elevations))
    assert layout.film is None or layout.film_outline.area >= layout.metal_area * (1.0 - 1e-9)
    for low, high in la.geometry.load.load_search(path).values():
        assert low < high


def soil(path: Path) -> None:
    stack = la.load_soil(path)
    json.dumps({**stack.to_dict(), "source": {}}, allow_nan=False)
    assert stack.layers
    eps = np.array([item.complex_eps_r(np.array([15e6]))[0] for item in stack.layers])
    assert np.isfinite(eps).all()
    assert np.all(eps.real >= 1.0)
    assert np.all(eps.imag <= 0.0)
    assert np.isinf(stack.layers[-1].thickness)
    assert np.isfinite(stack.depths).all()
    again = path.with_name("again.toml")
    again.write_text(soil_text(stack))
    try:
        assert la.load_soil(again).layers == stack.layers
    finally:
        again.unlink()


def study(path: Path) -> None:
    plan = load_study(path).plan()
    json.dumps(plan.fingerprint, allow_nan=False)
    assert finite(plan.space.start)
    assert all(item.low <= item.start <= item.high for item in plan.space.variables)
    assert plan.trials >= 1


def solve_geometry(name: str) -> tuple[object, ...]:
    return ("solve", name, "--soil", "simple_eps35", "--height", 2, *SOLVE)


def solve_soil(name: str) -> tuple[object, ...]:
    return ("solve", "strip", "--soil", name, "--height", 0.2, *SOLVE)


def search(name: str) -> tuple[object, ...]:
    few = ("--trials", 2, "--screen", 0, "--check", 0, "--no-fine", "--no-figures")
    return ("optimize", name, *few, "--out", "study", "--json")


KINDS: dict[str, tuple[Any, Callable[[Path], None], tuple[str, ...], Callable[..., Any]]] = {
    "geometry": (GEOMETRIES, geometry, ("geometry", "show"), solve_geometry),
    "soil": (SOILS, soil, ("soil", "show"), solve_soil),
    "study": (STUDIES, study, ("optimize",), search),
}


def attempt(check: Callable[[Path], None], path: Path) -> str:
    """ "" where the file was accepted and is sound, else what was said."""
    try:
        check(path)
    except InputError as error:
        text = str(error)
    else:
        return ""
    assert "\n" not in text
    assert len(text) < 900
    assert path.name in text
    assert ALLOWED.search(text), f"{text!r} tells nobody what to change"
    return text


def told(result: Any, name: str) -> None:
    """One line that names the file, and no answer."""
    assert result.code == 2, result.err
    assert result.out == ""
    for word in ("Traceback", "internal error", "Warning"):
        assert word not in result.err
    assert name in result.complaint


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_are_good_before_they_are_changed(tmp_path: Path, kind: str) -> None:
    for number, table in enumerate(KINDS[kind][0]):
        path = tmp_path / f"{number}.toml"
        path.write_text(tomli_w.dumps(table))
        assert attempt(KINDS[kind][1], path) == ""


@pytest.fixture(scope="module")
def compiled() -> None:
    """Kernels are compiled once, which no case is to blame for."""
    strip = la.load_geometry("strip", length=4.0, width=0.4)
    la.solve(la.Problem(strip, "simple_eps35", 0.0, la.Band.mhz(12, 12, 1)), accuracy="draft")


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("cases", AMOUNTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_changed_file_is_sound_or_refused_by_file_and_key(
    command, tmp_path: Path, kind: str, cases: int
) -> None:
    goods, check, verb, deeper = KINDS[kind]
    counts = dict.fromkeys(("accepted", "refused", "of one key", "naming it", "solved"), 0)
    path = tmp_path / "x1y.toml"
    unnamed: list[str] = []
    for number in range(cases):
        data, touched = case(goods, number, f"{kind} {number}")
        path.write_bytes(data)
        start = time.perf_counter()
        try:
            text = attempt(check, path)
            counts["refused" if text else "accepted"] += 1
            if text and touched:
                counts["of one key"] += 1
                named = any(word.rstrip("s") in text.replace(path.name, "") for word in touched)
                counts["naming it"] += named
                unnamed += [] if named else [f"{number}: {text}"]
            if text and number % EVERY == 0:
                more = ("--json",) if kind != "study" else ("--trials", 1, "--out", "study")
                told(command(*verb, path.name, *more), path.name)
            elif not text and kind != "study" and number % EVERY == 0:
                shown = command(*verb, path.name, "--json")
                assert shown.code == 0, shown.err
                assert finite({**json.loads(shown.out), "source": {}})
            if not text and counts["solved"] < SOLVED[kind] and number % 3 == 0:
                counts["solved"] += solved(command(*deeper(path.name)), tmp_path)
            assert time.perf_counter() - start < SECONDS
            assert [item.name for item in tmp_path.iterdir()] == [path.name]
        except Exception as error:
            raise AssertionError(f"{kind} {number}: {data!r}") from error
    print(f"{kind}: {cases} cases, {counts}")
    assert counts["accepted"] >= cases // 10
    assert counts["refused"] >= 3 * cases // 10
    assert counts["solved"] >= 1
    assert not unnamed, unnamed


def solved(result: Any, folder: Path) -> bool:
    """Whether there is a sound answer; else a refusal in one line, and nothing is left."""
    for word in ("Traceback", "internal error", "Warning"):
        assert word not in result.err
    made = folder / "study"
    if made.exists():
        assert result.code in (0, 3)
        assert not list(made.glob(".*"))
        for item in made.iterdir():
            item.unlink()
        made.rmdir()
    if result.code == 2:
        assert result.out == ""
        return False
    assert result.code in (0, 3)
    if not result.out:
        return False
    document = json.loads(result.out)
    assert finite(document)
    if "z" in document:
        assert all(real > 0.0 for real, _ in document["z"])
        assert all(re * re + im * im <= 1.0 + 1e-9 for re, im in document["s11"])
    return True
