"""Fifty hostile files: a repair that is reported, or one clear line and exit code 2."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.errors import InputError
from lunar_antenna.measurement.reading import text as text_module

HEAD = "# MHz S RI R 50\n"
GOOD = "10 0.5 0.25\n20 -0.25 0.5\n30 0.125 -0.75\n"
V2 = "[Version] 2.0\n"
TWO = "10 .1 0 .2 0 .3 0 .4 0\n20 .1 0 .2 0 .3 0 .4 0\n"

# name, file name, content, a word that the refusal must hold
REFUSED: list[tuple[str, str, bytes | str, str]] = [
    ("empty", "x.s1p", "", "empty"),
    ("only blanks", "x.s1p", " \n\n\t\n", "empty"),
    ("only comments", "x.s1p", "! nothing\n", "option line"),
    ("no data", "x.s1p", HEAD, "no data"),
    ("no option line", "x.s1p", GOOD, "option line"),
    ("binary", "x.s1p", bytes(range(256)) * 8, "binary"),
    ("nul bytes", "x.s1p", HEAD.encode() + b"\0\0\0", "binary"),
    ("an image", "x.s1p", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary"),
    ("broken utf-16", "x.s1p", b"\xff\xfe\x00\xd8\x00", "UTF-16"),
    ("truncated line", "x.s1p", HEAD + GOOD + "40 0.1\n", "truncated"),
    ("truncated first line", "x.s1p", HEAD + "10 0.5\n", "3"),
    ("truncated number", "x.s1p", HEAD + GOOD + "40 0.1 0.\n35 1e", "not a number"),
    ("two ports in .s1p", "x.s1p", HEAD + TWO, ".s2p"),
    ("one port in .s2p", "x.s2p", HEAD + GOOD, ".s1p"),
    ("three ports in .s2p", "x.s2p", HEAD + "10 " + "0 " * 18 + "\n", ".s3p"),
    ("extra number", "x.s1p", HEAD + GOOD + "40 1 2 3\n", "belong"),
    ("nan", "x.s1p", HEAD + "10 nan 0\n", "not finite"),
    ("infinity", "x.s1p", HEAD + "10 inf 0\n", "not finite"),
    ("Windows nan", "x.s1p", HEAD + "10 1.#QNAN 0\n", "not finite"),
    ("overflow", "x.s1p", HEAD + "10 1e999 0\n", "not finite"),
    ("frequency falls", "x.s1p", HEAD + "10 0 0\n30 0 0\n20 0 0\n40 0 0\n", "falls"),
    ("two sweeps", "x.s1p", HEAD + GOOD + GOOD, "falls"),
    ("contradicting repeat", "x.s1p", HEAD + "10 0 0\n20 0 0\n20 1 0\n", "twice"),
    ("negative frequency", "x.s1p", HEAD + "-10 0 0\n10 0 0\n", "unit"),
    ("two units", "x.s1p", HEAD + GOOD + "# GHz S RI R 50\n1 0 0\n", "mixed"),
    ("units mixed in column", "x.s1p", HEAD + "10 0 0\n20 0 0\n30000000 0 0\n", "unit"),
    ("GHz given as Hz", "x.s1p", "# GHz S RI R 50\n1e7 0 0\n2e7 0 0\n", "unit"),
    ("MHz given as Hz", "x.s1p", "# Hz S RI R 50\n10 0 0\n20 0 0\n", "unit"),
    ("unknown option", "x.s1p", "# MHz S RI Q 50\n" + GOOD, "'Q'"),
    ("unit twice", "x.s1p", "# MHz GHz S RI R 50\n" + GOOD, "twice"),
    ("no number after R", "x.s1p", "# MHz S RI R\n" + GOOD, "after R"),
    ("zero reference", "x.s1p", "# MHz S RI R 0\n" + GOOD, "after R"),
    ("negative reference", "x.s1p", "# MHz S RI R -50\n" + GOOD, "after R"),
    ("hybrid parameters", "x.s1p", "# MHz H RI R 50\n" + GOOD, "H parameters"),
    ("dB under MA", "x.s1p", "# MHz S MA R 50\n10 -3 0\n", "negative magnitudes"),
    ("angles under DB", "x.s1p", "# MHz S DB R 50\n10 359 -3\n", "200 dB"),
    ("ohms under RI", "x.s1p", HEAD + "10 5000 -3\n", "1"),
    ("underscores in numbers", "x.s1p", HEAD + "1_0 0.5 0\n", "not a number"),
    ("digits of another script", "x.s1p", HEAD + "\u0663 0.5 0\n", "not a number"),
    ("words", "x.s1p", HEAD + "ten 0 0\n", "not a number"),
    ("ambiguous commas", "x.s1p", HEAD + "10,0,5,0,25\n", "line 2"),
    (
        "ports and extension differ",
        "x.s1p",
        V2 + "[Number of Ports] 2\n" + HEAD + TWO,
        "2",
    ),
    ("unknown keyword", "x.s1p", V2 + "[Colour] red\n" + HEAD + GOOD, "Colour"),
    ("open bracket", "x.s1p", "[Version 2.0\n" + HEAD + GOOD, "bracket"),
    (
        "fewer points than said",
        "x.s1p",
        "[Version] 2.0\n"
        + HEAD
        + "[Number of Ports] 1\n[Number of Frequencies] 9\n[Network Data]\n"
        + GOOD,
        "truncated",
    ),
    ("mixed mode", "x.s2p", V2 + "[Mixed-Mode Order] D1\n" + HEAD + TWO, "mixed-mode"),
    ("wrong extension", "x.png", HEAD + GOOD, "extension"),
    ("no extension", "x", HEAD + GOOD, "extension"),
    ("Touchstone named .csv", "x.csv", HEAD + GOOD, "rename"),
    ("csv of words", "x.csv", "a,b,c\nd,e,f\n", "no rows of numbers"),
    ("csv of one column", "x.csv", "1\n2\n", "column"),
    ("csv with nan", "x.csv", "freq_Hz,re,im\n1e7,nan,0\n", "nan"),
    ("csv cut short", "x.csv", "freq_Hz,re,im\n1e7,0,0\n2e7,0\n", "truncated"),
    ("csv of unknown columns", "x.csv", "freq_Hz,apples,pears\n1e7,1,2\n", "not understood"),
]

# name, file name, content, a word of the report
REPAIRED: list[tuple[str, str, bytes | str, str]] = [
    ("decimal commas", "x.s1p", HEAD + GOOD.replace(".", ","), "decimal commas"),
    ("comma columns", "x.s1p", HEAD + GOOD.replace(" ", ", "), "comma-separated"),
    (
        "semicolons, decimal commas",
        "x.s1p",
        HEAD + GOOD.replace(" ", ";").replace(".", ","),
        "decimal",
    ),
    ("Fortran exponents", "x.s1p", HEAD + "1.0D+01 5.0D-01 2.5D-01\n", "Fortran"),
    ("falling sweep", "x.s1p", HEAD + "".join(reversed(GOOD.splitlines(True))), "turned"),
    ("repeated point", "x.s1p", HEAD + GOOD + "30 0.125 -0.75\n", "repeated point"),
    ("repeated option line", "x.s1p", HEAD + HEAD + GOOD, "repeated option"),
    ("byte-order mark", "x.s1p", b"\xef\xbb\xbf" + (HEAD + GOOD).encode(), "byte-order"),
    ("UTF-16", "x.s1p", (HEAD + GOOD).encode("utf-16"), "UTF-16"),
    ("Latin-1 comment", "x.s1p", b"! 50 \xb5V\n" + (HEAD + GOOD).encode(), "Latin-1"),
    ("block prefix", "x.s1p", "BEGIN\n#48066!Agilent N9923A\n" + HEAD + GOOD + "END\n", "prefix"),
    ("bare DB", "x.s1p", "BEGIN\nDB\n10000000 -3 90\nEND\n", "DB without option line"),
    ("BEGIN, no END", "x.s1p", "BEGIN\n" + HEAD + GOOD, "cut short"),
    (
        "wrapped two-port",
        "x.s2p",
        HEAD + "10 .1 0 .2 0\n.3 0 .4 0\n20 .1 0 .2 0\n.3 0 .4 0\n",
        "joined",
    ),
    ("noise after data", "x.s2p", HEAD + TWO + "5 1 0.5 20 0.3\n", "noise"),
    ("no reference", "x.s1p", "# MHz S RI\n" + GOOD, "assumed"),
    ("csv without header", "x.csv", "10,0.5,0.25\n20,-0.25,0.5\n", "MHz inferred"),
]


def put(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "word"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_refused_in_one_line(tmp_path: Path, name: str, content: bytes | str, word: str) -> None:
    path = put(tmp_path, name, content)
    with pytest.raises(InputError) as caught:
        la.load_measurement(path)
    message = str(caught.value)
    assert word in message
    assert str(path) in message
    assert "\n" not in message
    assert len(message) < 400
    assert caught.value.exit_code == 2
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "content", "word"), [case[1:] for case in REPAIRED], ids=[case[0] for case in REPAIRED]
)
def test_repaired_and_reported(tmp_path: Path, name: str, content: bytes | str, word: str) -> None:
    m = la.load_measurement(put(tmp_path, name, content))
    assert m.report is not None
    assert word in " ".join((*m.report.repairs, *m.report.warnings))
    if m.n_ports == 1 and m.frequency.size == 3:
        assert m.s11() == pytest.approx(np.array([0.5 + 0.25j, -0.25 + 0.5j, 0.125 - 0.75j]))


def test_there_are_fifty() -> None:
    assert len(REFUSED) >= 50


def run_cli(path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """``lunar-antenna compare GOOD HOSTILE``: exit code, stdout, stderr."""
    from lunar_antenna.cli.main import run

    good = put(folder, "reference.s1p", HEAD + GOOD)
    capsys.readouterr()
    code = run(["compare", str(good), str(path), "--json"])
    streams = capsys.readouterr()
    return code, streams.out, streams.err


@pytest.mark.parametrize(
    ("name", "content", "word"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_the_command_line_refuses_with_one_line_and_exit_2(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes | str,
    word: str,
) -> None:
    code, out, err = run_cli(put(tmp_path, name, content), tmp_path, capsys)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("lunar-antenna: ")
    assert word in err


@pytest.mark.parametrize(
    ("name", "content", "word"), [case[1:] for case in REPAIRED], ids=[case[0] for case in REPAIRED]
)
def test_the_command_line_reports_every_repair(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes | str,
    word: str,
) -> None:
    code, out, err = run_cli(put(tmp_path, name, content), tmp_path, capsys)
    assert code == 0, err
    assert word in err
    assert out.count("\n") == 1


def test_huge_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "LIMIT_BYTES", 2**20)
    path = put(tmp_path, "x.s1p", HEAD + "10 0 0\n" * 200_000)
    with pytest.raises(InputError, match="MB"):
        la.load_measurement(path)


def test_folder_missing_file_and_unreadable_name(tmp_path: Path) -> None:
    for name in (str(tmp_path), str(tmp_path / "absent.s1p"), "", "no_such_measurement"):
        with pytest.raises(InputError) as caught:
            la.load_measurement(name)
        assert "\n" not in str(caught.value)
