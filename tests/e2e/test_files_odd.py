"""Files with odd names or in odd states: names that are no UTF-8, marks, locks, 0 Hz.

A byte 0xE9 alone is no UTF-8; Python hands it on as the lone surrogate U+DCE9, which neither
JSON, HTML, HDF5, SQLite nor a figure takes as it is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import lunar_antenna as la

ODD = "\udce9"
STRIP = 'family = "strip"\n'
SOIL = "[[layer]]\nthickness = inf\neps_r = 3.5\nloss_tangent = 0.01\n"
SIDE = 'kind = "measured"\ngeometry = "strip"\nsoil = "simple_eps35"\nheight = 0.1\n'
SOLVE = ("--solver", "nec", "--accuracy", "draft", "--points", "3")


@pytest.fixture(scope="module")
def run_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("odd") / "run.h5"
    band = la.Band.mhz(5, 35, 3)
    problem = la.Problem(la.load_geometry("strip"), la.Stack.free_space(), band=band)
    la.solve(problem, "nec", accuracy="draft").save(path)
    return path.read_bytes()


@pytest.fixture
def odd(tmp_path: Path, run_bytes: bytes) -> Path:
    """A folder of files with odd names, each what its ending says."""
    (tmp_path / f"r{ODD}.h5").write_bytes(run_bytes)
    rows = "".join(f"{f} 0.3 0.1\n" for f in range(5, 36))
    (tmp_path / f"m{ODD}.s1p").write_text(f"# MHz S RI R 50\n{rows}")
    (tmp_path / f"m{ODD}.toml").write_text(SIDE)
    (tmp_path / f"g{ODD}.toml").write_text(STRIP)
    (tmp_path / f"s{ODD}.toml").write_text(SOIL)
    (tmp_path / f"d{ODD}").mkdir()
    return tmp_path


# arguments, what it writes
WORKS = {
    "compare": (("compare", f"r{ODD}.h5", f"m{ODD}.s1p", "--out", f"o{ODD}.png"), f"o{ODD}.png"),
    "compare a geometry": (
        ("compare", f"g{ODD}.toml", f"m{ODD}.s1p", "--band", "10:20", "--soil", "free-space",
         "--height", "0", *SOLVE), "",
    ),
    "solve": (("solve", f"g{ODD}.toml", *SOLVE, "--out", f"d{ODD}/n.h5"), f"d{ODD}/n.h5"),
    "export": (("export", f"r{ODD}.h5", "--out", f"e{ODD}.s1p"), f"e{ODD}.s1p"),
    "report": (("report", f"r{ODD}.h5", f"m{ODD}.s1p", "--out", f"p{ODD}.html"), f"p{ODD}.html"),
    "soil": (("soil", "show", f"s{ODD}.toml"), ""),
    "geometry": (("geometry", "show", f"g{ODD}.toml"), ""),
    "drawing": (
        ("geometry", "export", f"g{ODD}.toml", "--format", "svg", "--out", f"g{ODD}.svg"),
        f"g{ODD}.svg",
    ),
}  # fmt: skip


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("case", WORKS)
def test_names_that_are_not_utf8(command, odd: Path, case: str, as_json: bool) -> None:
    arguments, written = WORKS[case]
    result = command(*arguments, *(["--json"] if as_json else []))
    assert result.code in (0, 3), result.err  # three points need not converge
    assert "internal error" not in result.err
    if as_json:
        assert result.out.count("\n") == 1
        json.loads(result.out)
    if written:
        assert (odd / written).stat().st_size > 0
    assert not list(odd.rglob(".*"))


def test_the_path_in_json_leads_back_to_the_file(command, odd: Path) -> None:
    answer = command("export", f"r{ODD}.h5", "--out", f"e{ODD}.s1p", "--json")
    assert (odd / json.loads(answer.out)["out"]).is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", f"r{ODD}.h5", f"none{ODD}.s1p"),
        ("solve", f"none{ODD}.toml"),
        ("solve", "strip", "--soil", f"none{ODD}"),
        ("export", f"r{ODD}.h5", "--out", f"none{ODD}/x.s1p"),
        ("optimize", "strip", "--solver", "nec", "--trials", "2", "--out", f"study{ODD}"),
    ],
)
def test_refusals_are_still_one_line(command, odd: Path, arguments: tuple[str, ...]) -> None:
    before = sorted(odd.rglob("*"))
    result = command(*arguments)
    assert result.code == 2, result.err
    assert "internal error" not in result.err
    assert sorted(odd.rglob("*")) == before


@pytest.mark.parametrize("coding", ["utf-8:strict", "ascii:strict"])
def test_as_a_process_with_strict_streams(odd: Path, coding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": coding}
    done = subprocess.run(
        [sys.executable, "-m", "lunar_antenna.cli.main", "soil", "show", f"s{ODD}.toml", "--json"],
        cwd=odd, env=environment, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)


# -- marks, locks, 0 Hz --------------------------------------------------------------------------

MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    "arguments",
    [
        ("geometry", "show", "g.toml"),
        ("soil", "show", "s.toml"),
        ("compare", "r.h5", "m.s1p"),
        ("compare", "r.h5", "m.csv"),
    ],
)
def test_a_byte_order_mark_is_passed_over(
    command, tmp_path: Path, run_bytes: bytes, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "g.toml").write_bytes(MARK + STRIP.encode())
    (tmp_path / "s.toml").write_bytes(MARK + SOIL.encode())
    (tmp_path / "m.toml").write_bytes(MARK + b'kind = "measured"\n')
    (tmp_path / "m.s1p").write_bytes(MARK + b"# MHz S RI R 50\n10 0.3 0.1\n20 0.3 0.1\n")
    (tmp_path / "m.csv").write_bytes(MARK + b"freq_MHz,re,im\n10,0.3,0.1\n20,0.3,0.1\n")
    (tmp_path / "r.h5").write_bytes(run_bytes)
    assert command(*arguments, "--json").code == 0


@pytest.mark.parametrize(
    "verb", [("export", "r.h5", "--out", "x.s1p"), ("report", "r.h5", "--out", "x.html")]
)
def test_a_file_that_another_process_writes_is_not_said_to_be_damaged(
    command, tmp_path: Path, run_bytes: bytes, verb: tuple[str, ...]
) -> None:
    (tmp_path / "r.h5").write_bytes(run_bytes)
    holder = subprocess.Popen(
        [sys.executable, "-c",
         "import h5py, sys; f = h5py.File('r.h5', 'r+'); print('open', flush=True); "
         "sys.stdin.read()"],
        cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        result = command(*verb)
    finally:
        holder.communicate(b"")
    assert result.code == 2
    assert "locked by another process" in result.complaint
    assert "solve again" not in result.complaint
    assert command(*verb).code == 0


FROM_0 = "# MHz S RI R 50\n{} 1 0\n1 .3 .1\n10 .2 .1\n20 .1 .1\n"


@pytest.mark.parametrize("first", ["0", "0.005"])
def test_an_inversion_of_a_sweep_from_0_hz_is_told_of_band(command, tmp_path: Path, first) -> None:
    (tmp_path / "z.s1p").write_text(FROM_0.format(first))
    result = command("invert", "strip", "z.s1p", "--free", "eps_r")
    assert result.code == 2
    assert "--band 1:20" in result.complaint


@pytest.mark.parametrize("first", ["0", "0.005"])
def test_a_sweep_from_0_hz_is_simulated_where_the_antenna_is(
    command, tmp_path: Path, first
) -> None:
    (tmp_path / "z.s1p").write_text(FROM_0.format(first))
    result = command("compare", "strip", "z.s1p", "--solver", "nec", "--accuracy", "draft")
    assert result.code in (0, 3)
    assert "simulated 10 to 20 MHz" in result.err
    assert "--band LOW:HIGH for another" in result.err


def test_with_that_band_it_goes_on(command, tmp_path: Path) -> None:
    (tmp_path / "z.s1p").write_text("# MHz S RI R 50\n0 1 0\n10 .2 .1\n20 .1 .1\n")
    arguments = ("compare", "strip", "z.s1p", "--band", "10:20", *SOLVE)
    assert command(*arguments).code in (0, 3)
