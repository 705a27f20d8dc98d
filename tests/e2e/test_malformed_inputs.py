"""Malformed inputs: one clear line, exit 2, no traceback, nothing left on disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

STRIP = 'family = "strip"\n'
S1P = "# MHz S RI R 50\n10 0.1 0.2\n20 0.1 0.3\n"
SOLVE = ("solve", "bad.toml", "--solver", "nec", "--out", "run.h5")
SOIL = ("solve", "strip", "--soil", "bad.toml", "--out", "run.h5")
SHIPPED = ("solve", "strip", "--solver", "nec", "--out", "run.h5")
OPTIMIZE = ("optimize", "strip", "--solver", "nec", "--out", "study")
COMPARE = ("compare", "good.h5", "bad.s1p", "--out", "overlay.png")

# name: (content of the bad file or None, its name, arguments, what the line must say)
TABLE = {
    # geometry files
    "not TOML": ("family = [", "bad.toml", SOLVE, "not valid TOML"),
    "not text": (b"\xff\xfe\x00\x81", "bad.toml", SOLVE, "UTF-8"),
    "empty geometry": ("", "bad.toml", SOLVE, "no family given"),
    "unknown family": ('family = "spiral"', "bad.toml", SOLVE, "spiral"),
    "unknown key": (STRIP + "lenght = 3", "bad.toml", SOLVE, "lenght"),
    "text for a number": (STRIP + '[parameters]\nlength = "long"', "bad.toml", SOLVE, "long"),
    "negative length": (STRIP + "[parameters]\nlength = -1", "bad.toml", SOLVE, "length"),
    "nan width": (STRIP + "[parameters]\nwidth = nan", "bad.toml", SOLVE, "width"),
    "gap leaves no arms": (
        STRIP + "[parameters]\nlength = 1.0\ngap = 2.0", "bad.toml", SOLVE, "gap",
    ),
    "unknown metal": (STRIP + 'metal = "unobtainium"', "bad.toml", SOLVE, "unobtainium"),
    "film of nothing": (STRIP + "[film]\nthickness = 0\neps_r = 3", "bad.toml", SOLVE, "film"),
    "search range upside down": (
        STRIP + "[search]\nlength = [9, 4]", "bad.toml", ("optimize", *SOLVE[1:4], "--out", "s"),
        "[search] length",
    ),
    "search range of text": (
        STRIP + '[search]\nlength = "wide"', "bad.toml", ("optimize", *SOLVE[1:4], "--out", "s"),
        "[search] length",
    ),
    "nothing to search": (
        STRIP, "bad.toml", ("optimize", *SOLVE[1:4], "--out", "s"), "nothing to search",
    ),
    "crossing outline": (
        'family = "free"\n[[polygon]]\npoints = [[1,0],[3,1],[3,0],[1,1]]\n'
        "[[polygon]]\npoints = [[-1,0],[-3,0],[-3,1],[-1,1]]\n"
        "[[gap]]\nx = 0\ny = 0.5\nlength = 2\nwidth = 0.1\n",
        "bad.toml", SOLVE, "Self-intersection",
    ),
    "missing file": (None, "", ("solve", "no/such.toml"), "no/such.toml"),
    "folder for a file": (None, "", ("solve", "./folder.toml"), "folder"),
    # soil files
    "empty soil": ("", "bad.toml", SOIL, "layer"),
    "half-space on top": (
        "[[layer]]\nthickness = inf\neps_r = 3\n[[layer]]\nthickness = 1.0\neps_r = 4\n",
        "bad.toml", SOIL, "thickness",
    ),
    "two losses for one": (
        "[[layer]]\nthickness = inf\neps_r = 3\nloss_tangent = 0.01\nconductivity = 1e-4\n",
        "bad.toml", SOIL, "loss_tangent",
    ),
    "permittivity below one": (
        "[[layer]]\nthickness = inf\neps_r = 0.3\n", "bad.toml", SOIL, "eps_r",
    ),
    "unknown soil": (None, "", ("solve", "strip", "--soil", "cheese"), "cheese"),
    # measurements
    "empty s1p": ("", "bad.s1p", COMPARE, "bad.s1p"),
    "nan in s1p": (S1P + "30 nan 0.1\n", "bad.s1p", COMPARE, "bad.s1p"),
    "words in s1p": (S1P + "thirty point one\n", "bad.s1p", COMPARE, "bad.s1p"),
    "broken row in s1p": (S1P + "30 0.1\n", "bad.s1p", COMPARE, "bad.s1p"),
    "binary s1p": (bytes(range(256)) * 8, "bad.s1p", COMPARE, "bad.s1p"),
    "s1p of another band": (
        "# GHz S RI R 50\n10 0.1 0.2\n20 0.1 0.3\n", "bad.s1p", COMPARE, "share no",
    ),
    "missing s1p": (None, "", ("compare", "good.h5", "none.s1p"), "none.s1p"),
    # solutions
    "text for HDF5": ("no HDF5", "bad.h5", ("compare", "bad.h5", "good.s1p"), "bad.h5"),
    "half an HDF5": ("half", "bad.h5", ("export", "bad.h5", "--out", "x.s1p"), "bad.h5"),
    "HDF5 of something else": (
        "other", "bad.h5", ("export", "bad.h5", "--out", "x.s1p"), "not a lunar-antenna solution",
    ),
    "HDF5 of the future": ("future", "bad.h5", ("export", "bad.h5", "--out", "x.s1p"), "schema"),
    "nan in HDF5": ("nan", "bad.h5", ("export", "bad.h5", "--out", "x.s1p"), "bad.h5"),
    "missing HDF5": (None, "", ("export", "none.h5", "--out", "x.s1p"), "none.h5"),
    # values on the command line
    "band backwards": (None, "", (*SHIPPED, "--band", "35:5"), "35:5"),
    "band of words": (None, "", (*SHIPPED, "--band", "HF"), "--band 'HF'"),
    "one point of a band": (None, "", (*SHIPPED, "--points", "1"), "--points 1"),
    "half a point": (None, "", (*SHIPPED, "--points", "2.5"), "'2.5' is not a whole number"),
    "no points": (None, "", (*SHIPPED, "--points", "0"), "points"),
    "points of words": (None, "", (*SHIPPED, "--points", "many"), "--points"),
    "negative z0": (None, "", (*SHIPPED, "--z0", "-50"), "-50 ohm is outside (0, 1000000] ohm"),
    "nan z0": (None, "", (*SHIPPED, "--z0", "nan"), "--z0"),
    "under the ground": (None, "", (*SHIPPED, "--height", "-1"), "height"),
    "misspelt parameter": (None, "", (*SHIPPED, "--set", "lenght=9"), "lenght"),
    "parameter without value": (None, "", (*SHIPPED, "--set", "length"), "NAME=VALUE"),
    "parameter twice": (
        None, "", (*SHIPPED, "--set", "length=9", "--set", "length=8"), "length twice",
    ),
    "unknown solver": (None, "", ("solve", "strip", "--solver", "magic"), "magic"),
    "unknown accuracy": (None, "", (*SHIPPED, "--accuracy", "perfect"), "perfect"),
    "soil for NEC": (
        None, "",
        ("solve", "bowtie", "--solver", "nec", "--soil", "sourcebook_highland", "--out", "x.h5"),
        "nec",
    ),
    "out in no folder": (None, "", (*SHIPPED[:-1], "none/run.h5"), "none"),
    "out of nothing": (None, "", (*SHIPPED[:-1], ""), "--out is empty"),
    "out of another kind": (None, "", (*SHIPPED[:-1], "run.txt"), ".h5 or .hdf5"),
    "soil of another kind": (
        None, "", ("solve", "strip", "--soil", "good.s1p"), "good.s1p exists but is not a .toml",
    ),
    "fixture in a folder": (
        None, "", ("compare", "good.h5", "good.s1p", "--deembed", "folder.toml"),
        "folder.toml is a folder",
    ),
    "out is a folder": (None, "", (*SHIPPED[:-1], "folder.toml"), "folder"),
    "no trials": (None, "", (*OPTIMIZE, "--trials", "0"), "outside [1, 1000000]"),
    "no workers": (None, "", (*OPTIMIZE, "--workers", "0"), "workers"),
    "threshold above one": (None, "", (*OPTIMIZE, "--threshold", "1.5"), "threshold"),
    "band misses the constraint": (None, "", (*OPTIMIZE, "--band", "10:20"), "does not cover"),
    "z0 range backwards": (None, "", (*OPTIMIZE, "--z0", "300:50"), "z0 range"),
    "z0 of words": (None, "", (*OPTIMIZE, "--z0", "best"), "--z0 'best'"),
    "storage of words": (None, "", (*OPTIMIZE, "--storage", "somewhere"), "somewhere"),
    "study in no folder": (
        None, "", ("optimize", "strip", "--solver", "nec", "--out", ""), "--out is empty",
    ),
    "study in a file": (None, "", ("optimize", "strip", "--solver", "nec", "--out", "good.s1p"),
                        "good.s1p"),
    "export of two ports": (None, "", ("export", "good.h5", "--out", "x.s2p"), ".s1p"),
    "beam of another kind": (
        None, "", ("export", "good.h5", "--format", "healpix", "--out", "x.txt"), ".fits or .hpx",
    ),
    "beam of too fine a wish": (
        None, "", ("export", "good.h5", "--format", "spherical", "--set", "tolerance=1e-12",
                   "--out", "x.h5"), "tolerance",
    ),
    "export over the solution": (
        None, "", ("export", "good.h5", "--format", "spherical", "--out", "good.h5"), "good.h5",
    ),
    "unknown export": (
        None, "", ("export", "good.h5", "--format", "fax", "--out", "x.s1p"), "fax",
    ),
    "unknown drawing": (
        None, "", ("geometry", "export", "strip", "--format", "dwg", "--out", "x.dwg"), "dwg",
    ),
    "drawing of another kind": (
        None, "", ("geometry", "export", "strip", "--format", "svg", "--out", "x.dxf"), ".svg",
    ),
    "figure in no folder": (
        None, "", ("geometry", "show", "strip", "--plot", "none/x.png"), "--plot none/x.png",
    ),
    "unknown figure": (None, "", ("soil", "show", "ce5_mare", "--plot", "soil.doc"), "soil.doc"),
}  # fmt: skip


@pytest.fixture(scope="module")
def good_solution(tmp_path_factory):
    """Bytes of a solution of a strip."""
    import lunar_antenna as la

    path = tmp_path_factory.mktemp("good") / "good.h5"
    problem = la.Problem(
        la.load_geometry("strip"), la.Stack.free_space(), band=la.Band.mhz(5, 35, 3)
    )
    la.solve(problem, "nec", accuracy="draft").save(path)
    return path.read_bytes()


def spoil_hdf5(path: Path, kind: str, good: bytes) -> None:
    """One of the ways in which an HDF5 file can be wrong."""
    import h5py

    if kind in ("future", "nan"):
        path.write_bytes(good)
        with h5py.File(path, "r+") as file:
            if kind == "future":
                file.attrs["schema"] = 999
            else:
                file["z"][0] = float("nan")
    elif kind == "other":
        with h5py.File(path, "w") as file:
            file["weather"] = [1.0, 2.0]
    elif kind == "half":
        path.write_bytes(good[: len(good) // 2])
    else:
        path.write_text(kind)


def prepare(folder: Path, content: str | bytes | None, name: str, good: bytes) -> None:
    (folder / "folder.toml").mkdir()
    (folder / "good.h5").write_bytes(good)
    (folder / "good.s1p").write_text(S1P)
    if content is None:
        return
    if name.endswith(".h5"):
        spoil_hdf5(folder / name, str(content), good)
    elif isinstance(content, bytes):
        (folder / name).write_bytes(content)
    else:
        (folder / name).write_text(content)


def listing(folder: Path) -> dict[str, int]:
    """Every path below ``folder`` with its size."""
    return {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*")}


@pytest.mark.parametrize("case", TABLE)
def test_one_clear_line_and_nothing_left(case, command, tmp_path, good_solution):
    content, name, arguments, told = TABLE[case]
    prepare(tmp_path, content, name, good_solution)
    before = listing(tmp_path)
    result = command(*arguments)
    assert result.code == 2, result.err
    assert result.out == ""
    assert told in result.complaint
    assert "Traceback" not in result.err
    assert len(result.complaint) < 600
    assert listing(tmp_path) == before


@pytest.mark.parametrize("case", ["not TOML", "nan in HDF5", "binary s1p", "soil for NEC"])
def test_the_same_as_a_process(case, process, tmp_path, good_solution):
    content, name, arguments, told = TABLE[case]
    prepare(tmp_path, content, name, good_solution)
    before = listing(tmp_path)
    result = process(*arguments, "--json")
    assert result.code == 2
    assert result.out == ""
    assert told in result.complaint
    assert "Traceback" not in result.err
    assert listing(tmp_path) == before


def test_folder_that_must_not_be_written_to(command, tmp_path, monkeypatch):
    """Root may write everywhere, so the answer of the system is stated here."""
    (tmp_path / "locked").mkdir()
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path).name != "locked")
    result = command(*SHIPPED[:-1], "locked/run.h5")
    assert result.code == 2
    assert "not writable" in result.complaint
    assert list((tmp_path / "locked").iterdir()) == []
