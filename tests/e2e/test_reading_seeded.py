"""Seeded fuzz of what people hand in: sidecars, CSV, .s1p and .s2p, 200 cases each, 2000 slow.

Every case is a good file with one to four damages, seeded by its number, so a failure names its
case.  Each is read, held against a good sweep and, as a two-port, made differential and taken off,
and must end as one of two:

* refused: one line that names the file, exit code 2;
* accepted: finite numbers, S without a singular value above what a raw reading reaches, and a
  warning where it exceeds a passive part's; nothing inverted or combined that is not passive.

Every fifth case goes through ``lunar-antenna compare`` as well: nothing on stdout but strict JSON,
nothing left behind.  No numpy warning (an error here), no case that hangs.  Counts are printed
(pytest -rP shows them).
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from damage import damaged

import lunar_antenna as la
from lunar_antenna.errors import InputError
from lunar_antenna.measurement.corrections.correct import Corrections, correct
from lunar_antenna.measurement.passivity import BEYOND_SENSE, PASSIVE_MARGIN, TOLD_ABOVE, gains
from lunar_antenna.measurement.record import Measurement

CASES = 200
MANY = 2000  # of each kind where slow tests run
AMOUNTS = (CASES, pytest.param(MANY, marks=pytest.mark.slow))
EVERY = 5  # cases for one call of the command line, which costs 50 ms
SECONDS = 10.0  # of one case: 50 ms alone, and other work runs beside the tests
FREQUENCIES = [10.0, 12.5, 15.0, 17.5, 20.0, 22.5]
GOOD = "# MHz S RI R 50\n" + "".join(f"{f} 0.3 {-0.02 * f}\n" for f in FREQUENCIES)
NUMBERS = (
    "0", "-1", "1e300", "-1e300", "1e-300", "nan", "inf", "-inf", "1e999", "1.#QNAN", "", "abc",
    "0x1F", "1_0", "--", "1,5", "9" * 400, "50.5", "-0.4", "359", "\u0663", "1e23", "NULL", "true",
)  # fmt: skip
HEADS = (
    "freq_MHz,re,im", "freq_MHz,SWR,re", "#Frequency(kHz);R;X", "freq_MHz,re", "re,im,freq_MHz",
    "# freq_hz re im", "freq_MHz,S33_re,S33_im", "a,b,c", "freq_MHz,S11 Log Mag,S11 Phase",
    "freq_MHz,R,X", "freq_GHz,mag,phase_rad", "! DATA Freq,S11", "", "freq_MHz,re,im,SWR", "MHz",
    "freq_MHz,RL_dB,phase_deg", "\"Freq [MHz]\",\"re(Z(1,1)) []\",\"im(Z(1,1)) []\"",
)  # fmt: skip
OPTIONS = (
    "# Hz S RI R 50", "# MHz S DB R 50", "# MHz S MA R 75", "# GHz Z RI R 1", "# MHz Y MA",
    "# MHz S RI R", "# MHz S RI R 0", "# MHz S RI R 1e999", "# MHz G RI", "#", "# MHz S RI R -50",
)  # fmt: skip
VALUES = (
    '"0.5"', "[0.5]", "true", "nan", "inf", "-1", "1e9", "35", '["simple_eps35"]', "{a = 1}",
    "2026-05-04", "1e999", "9" * 400, '""', "[]", "0.1", '"bowtie"', "1e-300",
)  # fmt: skip
RIGHT = (
    "height = 0.2", "height = 0", 'soil = "ce5_mare"', 'geometry = "strip"', "z0 = 75", "z0 = 50.0",
    "when = 2026-05-04", 'who = "N. N."', 'load = "none"', 'kind = "synthetic"', "truth = {a = 1}",
)  # fmt: skip
KEYS = (
    "kind", "height", "soil", "geometry", "z0", "who", "when", "heigth", "soill", "zz",
    "reference_plane", "instrument", "load", "truth", "family", "layer",
)  # fmt: skip


def with_cell(text: str, separator: str, chance: random.Random) -> str:
    """One number of one line replaced."""
    lines = text.split("\n")
    place = chance.randrange(len(lines))
    cells = lines[place].split(separator)
    cells[chance.randrange(len(cells))] = chance.choice(NUMBERS)
    lines[place] = separator.join(cells)
    return "\n".join(lines)


def s1p(chance: random.Random) -> dict[str, bytes]:
    text = GOOD
    if chance.random() < 0.4:
        text = "\n".join([chance.choice(OPTIONS), *text.split("\n")[1:]])
    for _ in range(chance.randrange(3)):
        text = with_cell(text, " ", chance)
    return {"x.s1p": damaged(text, chance) if chance.random() < 0.7 else text.encode()}


def s2p(chance: random.Random) -> dict[str, bytes]:
    rows = "".join(f"{f} 0.2 {-0.01 * f} 0.5 -0.3 0.5 -0.3 0.1 0.2\n" for f in FREQUENCIES)
    text = f"# MHz S RI R 50\n{rows}"
    if chance.random() < 0.2:
        text = "\n".join([chance.choice(OPTIONS), *text.split("\n")[1:]])
    if chance.random() < 0.2:  # an analyser of one direction
        text = text.replace(" 0.5 -0.3 0.1 0.2", " 0 0 0 0")
    for _ in range(chance.randrange(3)):
        text = with_cell(text, " ", chance)
    return {"x.s2p": damaged(text, chance) if chance.random() < 0.5 else text.encode()}


def table(chance: random.Random) -> dict[str, bytes]:
    text = "freq_MHz,re,im\n" + "".join(f"{f},0.3,{-0.02 * f}\n" for f in FREQUENCIES)
    if chance.random() < 0.5:
        text = "\n".join([chance.choice(HEADS), *text.split("\n")[1:]])
    for _ in range(chance.randrange(3)):
        text = with_cell(text, ",", chance)
    name = chance.choice(("x.csv", "x.csv", "x.txt", "x.dat"))
    return {name: damaged(text, chance) if chance.random() < 0.7 else text.encode()}


def beside(chance: random.Random) -> dict[str, bytes]:
    lines = ['kind = "measured"', 'geometry = "bowtie"', "height = 0.1", 'soil = "simple_eps35"']
    for _ in range(chance.randrange(1, 3)):
        line = f"{chance.choice(KEYS)} = {chance.choice(VALUES)}"
        line = chance.choice(RIGHT) if chance.random() < 0.6 else line
        if chance.random() < 0.6:
            lines = [item for item in lines if item.split()[0] != line.split()[0]]
        lines.insert(chance.randrange(len(lines) + 1), line)
    text = "\n".join(lines) + "\n"
    data = damaged(text, chance) if chance.random() < 0.3 else text.encode()
    return {"x.s1p": GOOD.encode(), "x.toml": data}


MAKERS: dict[str, Callable[[random.Random], dict[str, bytes]]] = {
    "sidecar": beside, "csv": table, "s1p": s1p, "s2p": s2p,
}  # fmt: skip


def finite(value: object) -> bool:
    if isinstance(value, float):
        return bool(np.isfinite(value))
    if isinstance(value, dict):
        return all(finite(item) for item in value.values())
    return not isinstance(value, list) or all(finite(item) for item in value)


def refused(error: InputError, name: str) -> None:
    text = str(error)
    assert error.exit_code == 2
    assert name in text
    assert "\n" not in text
    assert len(text) < 700


def read(path: Path, good: Measurement) -> Measurement | None:
    """The measurement, found sound and held against ``good``; None where it was refused."""
    try:
        m = la.load_measurement(path)
    except InputError as error:
        refused(error, "x.")
        return None
    peak = gains(m.s).max()
    assert np.isfinite(m.s).all()
    assert np.all(np.diff(m.frequency) > 0.0)
    assert peak <= BEYOND_SENSE
    assert m.report is not None
    assert peak <= TOLD_ABOVE or any("above 1" in text for text in m.report.warnings)
    try:
        pair = la.compare(good, m).first
        assert finite(pair.to_dict())
        assert pair.rms_gamma <= 1.0 + BEYOND_SENSE
    except InputError as error:  # another band
        refused(error, "x")
    return m


def combined(what: Measurement | Path, todo: Corrections, passive: Measurement) -> bool:
    """Whether the corrections were done, on a passive network alone and with a sound result."""
    try:
        result = correct(what, todo).measurement
    except InputError as error:
        refused(error, "x")
        return False
    assert gains(passive.s).max() <= 1.0 + PASSIVE_MARGIN
    assert gains(result.s).max() <= BEYOND_SENSE
    return True


def call(command, folder: Path, name: str, accepted: bool) -> None:
    """The same through the command line."""
    before = sorted(folder.iterdir())
    result = command("compare", "good.s1p", name, "--json")
    assert sorted(folder.iterdir()) == before
    for word in ("Traceback", "internal error", "Warning"):
        assert word not in result.err
    if result.code == 0:
        assert accepted
        assert finite(json.loads(result.out))
    else:
        assert result.code == 2
        assert result.out == ""
        assert "x" in result.complaint


@pytest.mark.parametrize("cases", AMOUNTS)
@pytest.mark.parametrize("kind", MAKERS)
def test_every_damaged_file_is_read_soundly_or_refused_in_one_line(
    command, tmp_path: Path, kind: str, cases: int
) -> None:
    counts = dict.fromkeys(("accepted", "refused", "differential", "de-embedded"), 0)
    (tmp_path / "good.s1p").write_text(GOOD)
    good = la.load_measurement(tmp_path / "good.s1p")
    for number in range(cases):
        files = MAKERS[kind](random.Random(f"{kind} {number}"))
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
        name = next(iter(files))
        start = time.perf_counter()
        try:
            m = read(tmp_path / name, good)
            counts["refused" if m is None else "accepted"] += 1
            if number % EVERY == 0:
                call(command, tmp_path, name, m is not None)
            if m is not None and m.n_ports == 2:
                arms = Corrections(make_differential=True)
                counts["differential"] += combined(m, arms, m)
                counts["de-embedded"] += combined(good, Corrections(fixture=m), m)
            assert time.perf_counter() - start < SECONDS
        except Exception as error:
            raise AssertionError(f"{kind} {number}: {files!r}") from error
        finally:
            for name in files:
                (tmp_path / name).unlink()
    print(f"{kind}: {cases} cases, {counts}")
    assert counts["accepted"] >= cases // 10
    assert counts["refused"] >= cases // 5
    if kind == "s2p":
        assert counts["differential"] >= 10
        assert counts["de-embedded"] >= 10
