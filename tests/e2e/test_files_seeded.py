"""Seeded fuzz of every other kind of file: 504 cases, twenty thousand where slow tests run.

Arrays, free-form studies, receivers and their tables, places of elements, outlines as DXF, SVG,
GeoJSON, sky maps, emulators, results of arrays, spherical waves.
Each case is a good file with some damage, seeded by its number (so a failure names its case), and
ends as one of two within SECONDS:

* refused in one line that names the file and says what is allowed or what to do, exit code 2;
* accepted, with numbers that are finite and make sense.

No other exception, no numpy warning (an error here), nothing left behind.  Counts are printed
(pytest -rP shows them).  Geometry, soil, study, sweep and result files: test_*_seeded;
options: test_options_named.
"""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tomli_w
from damage import ALLOWED, ODD, damaged, damaged_table
from test_solutions_seeded import values

import lunar_antenna as la
from lunar_antenna.errors import InputError

CASES = 42  # of each of twelve kinds in the normal suite
MANY = 20_000 // 12 + 1
SECONDS = 20.0  # of one case: a hundredth of it alone, and other work runs beside the tests
Good = dict[str, bytes]  # files of one kind by name, the one that is read first

ARRAYS: tuple[dict[str, Any], ...] = (
    {
        "name": "a", "soil": "simple_eps35", "height": 0.05, "band": "5:35", "points": 3,
        "z0": 75.0, "accuracy": "draft",
        "elements": {"A": {"geometry": "strip", "set": {"length": 5.0}}},
        "layout": {"kind": "grid", "spacing": [7.0, 3.0], "rows": 2, "columns": 3},
    },
    {
        "soil": "simple_eps35", "band": "5:35",
        "elements": {"A": {"geometry": "bowtie"}, "B": {"geometry": "strip"}},
        "layout": {"kind": "random", "count": 5, "least_distance": 15.0, "radius": 40.0, "seed": 3,
                   "types": ["A", "B", "A", "B", "A"]},
        "missing": {"elements": [2]},
    },
    {
        "soil": "free-space", "band": "5:35", "elements": {"A": {"geometry": "strip"}},

        "layout": {"kind": "csv", "file": "places.csv"},
    },
)  # fmt: skip
FREEFORM: dict[str, Any] = {
    "soil": "simple_eps35", "height": 0.0,
    "freeform": {
        "footprint": [6.0, 1.2], "gap": 0.3, "tab": 0.06, "cell": [0.3, 0.2], "margin": 0.1,
        "metal": "copper_18um", "film": "polyimide_50um", "points": 9, "moves": 10, "rounds": 1,
        "keep_out": [[[1.0, 0.2], [1.5, 0.2], [1.5, 0.4], [1.0, 0.4]]],
    },
    "band": {"mhz": [10.0, 30.0], "points": 11},
    "port": {"z0": [25.0, 600.0]},
    "objective": [{"merit": "band_ratio", "efficiency": "mismatch", "threshold": 0.9}],
    "sampler": {"seed": 1},
}  # fmt: skip
PLACES = "x,y,rotation,type\n0,0,0,A\n30,1,45,A\n-30.5,2,90,A\n1,31,-10,A\n"
NOISE = "frequency_mhz,t_unc,t_cos,t_sin,t_0\n" + "".join(
    f"{f},30,5,-2,60\n" for f in range(5, 36, 5)
)
LNA = "# MHz S RI R 50\n" + "".join(f"{f} 0.4 -{0.01 * f:.2f}\n" for f in range(5, 36, 5))
RECEIVERS: tuple[dict[str, Any], ...] = (
    {"resistance": 800.0, "capacitance": 30e-12, "voltage_noise": 2e-9, "temperature": 290.0},
    {"receiver": {"name": "lusee_like", "capacitance": 20e-12}, "source": {"text": "seeded"}},
    {"reflection": "lna.s1p", "noise_waves": "waves.csv", "name": "lab"},
)
FREQUENCY = np.array([10e6, 20e6])


# -- what a file that is accepted must be ----------------------------------------------------------


def array(path: Path) -> None:
    made = la.load_array(path)
    assert 1 <= made.n_elements <= 10_000
    assert np.isfinite(made.positions).all()
    assert np.isfinite(made.band.frequency).all()


def freeform(path: Path) -> None:
    from lunar_antenna.search.freeform.settings import load_freeform

    assert load_freeform(path).band.frequency.size >= 2


def receiver(path: Path) -> None:
    from lunar_antenna.sky.receiver import receiver_from

    device = receiver_from(path)
    antenna = np.full(FREQUENCY.size, 40.0 - 120.0j)
    assert np.isfinite(device.impedance(FREQUENCY)).all()
    try:
        noise = device.noise(FREQUENCY, antenna)
    except InputError as error:  # measured in another band
        if "MHz" in str(error):
            return
        raise
    assert np.isfinite(noise).all()
    assert noise.min() >= 0.0


def outlines(path: Path) -> None:
    from lunar_antenna.geometry.outlines.read import read_polygons

    unit = "m" if path.suffix == ".geojson" else None
    for polygon in read_polygons(path, unit):
        assert polygon.is_valid
        assert 0.0 < polygon.area < 1e12
        assert np.isfinite(polygon.bounds).all()


def sky(path: Path) -> None:
    from lunar_antenna.sky.healpix import load_sky

    way = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    found = load_sky(path, frequency=15e6).temperature(FREQUENCY, way)
    assert np.isfinite(found).all()
    assert found.min() >= 0.0


def emulator(path: Path) -> None:
    made = la.Emulator.load(path)
    assert np.isfinite(made(eps_r=3.2).z).all()


def array_result(path: Path) -> None:
    made = la.load_array_solution(path)
    assert np.isfinite(made.z).all()
    lowest = np.linalg.eigvalsh(0.5 * (made.z + np.conj(np.swapaxes(made.z, 1, 2)))).min()
    assert lowest > -0.05 * abs(made.z).max()


def spherical(path: Path) -> None:
    from lunar_antenna.exports.spherical import load_spherical

    made = load_spherical(path)
    theta, phi = np.array([0.1, 0.7]), np.array([0.0, 1.0])
    for wave in made.waves:
        assert np.isfinite(wave.field(theta, phi)).all()


# -- damages ---------------------------------------------------------------------------------------


def table_of(*tables: dict[str, Any]) -> Callable[[Good, random.Random, int], Good]:
    def make(good: Good, chance: random.Random, number: int) -> Good:
        table, _ = damaged_table(tables[number % len(tables)], chance)
        text = tomli_w.dumps(table)
        data = damaged(text, chance) if number % 5 == 1 else text.encode()
        return {**good, next(iter(good)): data}

    return make


def text_of(name: str) -> Callable[[Good, random.Random, int], Good]:
    def make(good: Good, chance: random.Random, number: int) -> Good:
        del number
        text = good[name].decode()
        for _ in range(chance.choice((0, 1, 1, 2))):
            text = with_number(text, chance)
        return {**good, name: damaged(text, chance) if chance.random() < 0.5 else text.encode()}

    return make


def with_number(text: str, chance: random.Random) -> str:
    """One word of one line in which there are digits replaced."""
    lines = text.split("\n")
    places = [place for place, line in enumerate(lines) if any(c.isdigit() for c in line)]
    if not places:
        return text
    place = chance.choice(places)
    words = lines[place].split(chance.choice((",", " ", '"')))
    mark = chance.choice((",", " ", '"'))
    words = lines[place].split(mark)
    words[chance.randrange(len(words))] = str(chance.choice(ODD))
    lines[place] = mark.join(words)
    return "\n".join(lines)


def bytes_of(good: Good, chance: random.Random, number: int) -> Good:
    """Single bytes of a binary file, or a piece of it."""
    name = next(iter(good))
    data = bytearray(good[name])
    if number % 4 == 0:
        return {**good, name: bytes(data[: chance.randrange(len(data))])}
    for _ in range(chance.choice((1, 2, 20))):
        place = chance.randrange(len(data) if number % 2 else min(len(data), 9000))
        data[place] = chance.randrange(256)
    return {**good, name: bytes(data)}


def hdf5_of(good: Good, chance: random.Random, number: int) -> Good:
    """Datasets and attributes changed, as another program does, with the seals taken off."""
    if number % 6 == 0:
        return bytes_of(good, chance, number)
    name = next(iter(good))
    path = Path(name)
    path.write_bytes(good[name])
    with h5py.File(path, "a") as file:
        if "checksums" in file.attrs and chance.random() < 0.7:
            del file.attrs["checksums"]
        names: list[str] = []
        file.visit(names.append)
        for _ in range(chance.choice((1, 1, 2))):
            item = chance.choice(names)
            if item not in file:
                continue
            if chance.random() < 0.2 or not isinstance(file[item], h5py.Dataset):
                owner = file[item] if chance.random() < 0.5 else file
                for key in list(owner.attrs)[:1] if chance.random() < 0.5 else ["x"]:
                    owner.attrs[key] = chance.choice(("x", 3, -1.0, "1e999"))
            elif chance.random() < 0.15:
                del file[item]
            elif file[item].dtype.kind in "OSV":
                del file[item]
                file[item] = chance.choice(("{}", "[]", "x", '{"a": NaN}', ""))
            else:
                held = np.asarray(file[item])
                plain = held.dtype.kind not in "fc" or not held.size or not held.ndim
                new = ~held if plain and held.dtype.kind in "biu" else held
                new = values(chance, held) if not plain else new
                del file[item]
                with suppress(TypeError, ValueError):
                    file.create_dataset(item, data=new)
    data = path.read_bytes()
    path.unlink()
    return {name: data}


# -- good files ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def goods(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Good]:
    """Made when first asked for."""
    folder = tmp_path_factory.mktemp("good")

    def strip() -> la.Layout:
        return la.load_geometry("strip", length=4.0, width=0.4)

    def drawn(suffix: str) -> Good:
        kind, path = suffix.lstrip("."), folder / f"x1y{suffix}"
        if suffix == ".geojson":
            rings = [[list(point) for point in part.exterior.coords] for part in strip().conductors]
            shapes = [{"type": "Polygon", "coordinates": [ring]} for ring in rings]
            rows = [{"type": "Feature", "properties": {}, "geometry": shape} for shape in shapes]
            path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}, indent=1))
        else:
            from lunar_antenna.geometry.drawings.files import export_layout

            export_layout(strip(), path, kind)
        return {path.name: path.read_bytes()}

    def sealed(made: Any) -> Good:
        made.save(folder / "x1y.h5")
        return {"x1y.h5": (folder / "x1y.h5").read_bytes()}

    def emulated() -> Good:
        problem = la.Problem(strip(), la.Stack.half_space(3.2), 0.05, la.Band.mhz(10, 20, 2))
        return sealed(la.emulate(problem, {"eps_r": (3.0, 3.5)}, accuracy="draft", check=False))

    def many() -> Good:
        places = [(0.0, 0.0), (6.0, 1.0)]
        made = la.Array(strip(), places, la.Stack.half_space(3.2), 0.05, la.Band.mhz(15, 20, 2))
        return sealed(la.solve_array(made, accuracy="draft"))

    def waves() -> Good:
        from hand_made import solution

        la.export(solution(points=2), folder / "w.h5", "spherical")
        return {"x1y.h5": (folder / "w.h5").read_bytes()}

    def stars() -> Good:
        fits = pytest.importorskip("astropy.io.fits", reason="astropy is not installed")
        pytest.importorskip("astropy_healpix", reason="astropy-healpix is not installed")
        column = fits.Column("TEMPERATURE", "E", array=np.linspace(1.0, 9.0, 192).astype("f4"))
        part = fits.BinTableHDU.from_columns([column])
        part.header["ORDERING"], part.header["NSIDE"] = "RING", 4
        fits.HDUList([fits.PrimaryHDU(), part]).writeto(folder / "x1y.fits", overwrite=True)
        return {"x1y.fits": (folder / "x1y.fits").read_bytes()}

    lab = {"lna.s1p": LNA.encode(), "waves.csv": NOISE.encode()}
    sources: dict[str, Callable[[], Good]] = {
        "array": lambda: {"x1y.toml": b"", "places.csv": PLACES.encode()},
        "places": lambda: {
            "x1y.toml": tomli_w.dumps(ARRAYS[2]).encode(), "places.csv": PLACES.encode()},
        "freeform": lambda: {"x1y.toml": b""},
        "receiver": lambda: {"x1y.toml": b"", **lab},
        "noise table": lambda: {"x1y.toml": tomli_w.dumps(RECEIVERS[2]).encode(), **lab},
        "dxf": lambda: drawn(".dxf"), "svg": lambda: drawn(".svg"),
        "geojson": lambda: drawn(".geojson"),
        "sky map": stars, "emulator": emulated, "array result": many, "spherical": waves,
    }  # fmt: skip
    kept: dict[str, Good] = {}

    def give(kind: str) -> Good:
        if kind not in kept:
            kept[kind] = sources[kind]()
        return kept[kind]

    return give


# kind: check, damage
KINDS: dict[str, tuple[Callable[[Path], None], Callable[[Good, random.Random, int], Good]]] = {
    "array": (array, table_of(*ARRAYS)),
    "places": (array, text_of("places.csv")),
    "freeform": (freeform, table_of(FREEFORM)),
    "receiver": (receiver, table_of(*RECEIVERS)),
    "noise table": (receiver, text_of("waves.csv")),
    "dxf": (outlines, text_of("x1y.dxf")),
    "svg": (outlines, text_of("x1y.svg")),
    "geojson": (outlines, text_of("x1y.geojson")),
    "sky map": (sky, bytes_of),
    "emulator": (emulator, hdf5_of),
    "array result": (array_result, hdf5_of),
    "spherical": (spherical, hdf5_of),
}


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Ends what hangs, where it runs Python."""

    def stop(*_: Any) -> None:
        raise AssertionError(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def seeded(kind: str, cases: int, good: Good) -> dict[str, int]:
    check, damage = KINDS[kind]
    counts = {"accepted": 0, "refused": 0}
    for number in range(cases):
        files = damage(good, random.Random(f"{kind} {number}"), number)
        for name, data in files.items():
            Path(name).write_bytes(data)
        text = ""
        try:
            with within(SECONDS):
                try:
                    check(Path(next(iter(files))))
                    counts["accepted"] += 1
                except InputError as error:
                    counts["refused"] += 1
                    text = str(error)
            assert not text or any(name in text for name in files)
            assert "\n" not in text
            assert len(text) < 900
            assert not text or ALLOWED.search(text)
            assert {item.name for item in Path().iterdir()} == set(files)
        except Exception as error:
            raise AssertionError(f"{kind} {number}: {error} {text}") from error
        finally:
            for item in Path().iterdir():
                item.unlink()
    print(f"{kind}: {cases} cases, {counts}")
    return counts


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_are_good_before_they_are_changed(tmp_path, monkeypatch, goods, kind):
    monkeypatch.chdir(tmp_path)
    good, tables = goods(kind), {"array": ARRAYS, "freeform": (FREEFORM,), "receiver": RECEIVERS}
    first = next(iter(good))
    for number in range(len(tables.get(kind, "1"))):
        for name, data in good.items():
            Path(name).write_bytes(data)
        if kind in tables:
            Path(first).write_text(tomli_w.dumps(tables[kind][number]))
        KINDS[kind][0](Path(first))


@pytest.mark.parametrize("kind", KINDS)
def test_every_damaged_file_is_sound_or_refused_in_one_line(tmp_path, monkeypatch, goods, kind):
    monkeypatch.chdir(tmp_path)
    counts = seeded(kind, CASES, goods(kind))
    assert counts["refused"] >= 3
    assert counts["accepted"] + counts["refused"] == CASES


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_twenty_thousand_damaged_files(tmp_path, monkeypatch, goods, kind):
    monkeypatch.chdir(tmp_path)
    seeded(kind, MANY, goods(kind))
