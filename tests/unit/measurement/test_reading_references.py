"""Reference impedances in comments: HFSS, scikit-rf, prose.

Written by scikit-rf itself from an impedance known beforehand, or by hand in the form of HFSS; what
is read must be that impedance, for any reference and either definition of waves.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skrf

import lunar_antenna as la
from lunar_antenna.errors import FileFormatError
from lunar_antenna.measurement.record import ImportReport, Measurement

F = np.array([10e6, 20e6, 30e6])
Z = np.array([385.7 - 153.7j, 80.0 + 30.0j, 20.0 - 400.0j])


def load(folder: Path, text: str, name: str = "x.s1p") -> Measurement:
    (folder / name).write_text(text)
    return la.load_measurement(folder / name)


def told(m: Measurement) -> str:
    assert isinstance(m.report, ImportReport)
    return " ".join((*m.report.repairs, *m.report.warnings))


def hfss(z0: np.ndarray, option: str = "# MHz S RI", inline: bool = False) -> str:
    """A one-port of ``Z`` as HFSS writes it: travelling waves at ``z0`` (n,), one line each."""
    gamma = (Z - z0) / (Z + z0)
    lines = ["! Touchstone file exported from HFSS", "!Data is not renormalized", option]
    for f, g, ref in zip(F, gamma, np.broadcast_to(z0, Z.shape), strict=True):
        remark = f"! Port Impedance {ref.real:.12g} {ref.imag:.12g}"
        row = f"{f / 1e6:g} {g.real:.15g} {g.imag:.15g}"
        lines += [f"{row} {remark}"] if inline else [row, "! Gamma 0.0 0.31", remark]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("option", ["# MHz S RI", "# MHz S RI R", "# MHz S RI R 50"])
@pytest.mark.parametrize("inline", [False, True])
def test_one_real_reference_is_the_reference(tmp_path: Path, option: str, inline: bool) -> None:
    m = load(tmp_path, hfss(np.full(3, 376.4 + 0j), option, inline))
    assert m.z0 == 376.4
    assert m.impedance() == pytest.approx(Z, rel=1e-9)
    assert m.report is not None
    assert m.report.z0_source == "file"
    assert ("50 ohm" in told(m)) == option.endswith("50")


@pytest.mark.parametrize(
    "z0",
    [
        np.array([50.0 + 0j, 60.0, 70.0]),
        np.full(3, 60.0 - 12.0j),
        np.array([50.0 - 3j, 55.0, 40j + 9]),
    ],
)
def test_other_references_are_renormalised(tmp_path: Path, z0: np.ndarray) -> None:
    m = load(tmp_path, hfss(z0))
    assert m.z0 == 50.0
    assert m.impedance() == pytest.approx(Z, rel=1e-9)
    assert "renormalised to 50 ohm" in told(m)


@pytest.mark.parametrize("definition", ["power", "pseudo", "traveling"])
@pytest.mark.parametrize("z0", [75.0, 60.0 - 20.0j, [50.0, 60.0 + 5.0j, 75.0]])
def test_scikit_rf_files(tmp_path: Path, definition: str, z0: complex | list[complex]) -> None:
    """One port and two, by scikit-rf's own writer; budget: 12 digits of its text."""
    frequency = skrf.Frequency.from_f(F, unit="Hz")
    one = skrf.Network(frequency=frequency, z=Z.reshape(-1, 1, 1), z0=50)
    one.s_def = definition
    one.renormalize(z0, s_def=definition)
    one.write_touchstone("one", dir=str(tmp_path), form="ri", write_z0=True)
    assert la.load_measurement(tmp_path / "one.s1p").impedance() == pytest.approx(Z, rel=1e-7)

    z = np.empty((3, 2, 2), dtype=complex)
    z[:, 0, 0], z[:, 1, 1], z[:, 0, 1], z[:, 1, 0] = Z, 2 * Z, 10.0 + 5j, 10.0 + 5j
    two = skrf.Network(frequency=frequency, z=z, z0=50)
    two.renormalize(z0, s_def=definition)
    two.write_touchstone("two", dir=str(tmp_path), form="ma", write_z0=True)
    back = la.load_measurement(tmp_path / "two.s2p")
    assert skrf.network.s2z(back.s, back.z0) == pytest.approx(z, rel=1e-6)


@pytest.mark.parametrize("z0", [[50.0, 75.0], [50.0 - 10j, 75.0 + 30j]])
def test_ports_of_unlike_reference(tmp_path: Path, z0: list[complex]) -> None:
    z = np.empty((3, 2, 2), dtype=complex)
    z[:, 0, 0], z[:, 1, 1], z[:, 0, 1], z[:, 1, 0] = Z, 90.0, 20.0 - 5j, 20.0 - 5j
    frequency = skrf.Frequency.from_f(F, unit="Hz")
    two = skrf.Network(frequency=frequency, z=z, z0=z0)
    two.write_touchstone("two", dir=str(tmp_path), form="ri", write_z0=True)
    back = la.load_measurement(tmp_path / "two.s2p")
    assert back.z0 == 50.0
    assert skrf.network.s2z(back.s, back.z0) == pytest.approx(z, rel=1e-6)


def test_lines_that_wrap_and_full_matrices(tmp_path: Path) -> None:
    rows = "10 .1 0 .2 0 .2 0 .3 0\n"
    wrapped = "# MHz S RI\n" + rows + "! Port Impedance 75 0\n!                75 0\n"
    assert load(tmp_path, wrapped, "x.s2p").z0 == 75.0
    above = "# MHz S RI\n! Port Impedance 75 0 75 0\n" + rows + rows.replace("10", "20")
    assert load(tmp_path, above, "x.s2p").z0 == 75.0
    full = "# MHz S RI\n" + rows + "! Port Impedance 75 0 0 0 0 0 75 0\n"
    assert load(tmp_path, full, "x.s2p").z0 == 75.0


def test_a_caller_or_sidecar_still_overrides(tmp_path: Path) -> None:
    (tmp_path / "x.s1p").write_text(hfss(np.full(3, 376.4 + 0j)))
    m = la.load_measurement(tmp_path / "x.s1p", 100.0)
    assert m.z0 == 100.0
    assert "file says 376.4 ohm" in told(m)


@pytest.mark.parametrize(
    "comment",
    [
        "! Port Impedance = 75 Ohm", "! Reference impedance: 75.0 ohm", "! Z0 = 75",
        "! z0: (75+0j)", "! system impedance 75 \u03a9", "! normalization impedance is 75 Ohms",
        "! Zref = 0.075 kOhm",
    ],
)  # fmt: skip
def test_prose(tmp_path: Path, comment: str) -> None:
    touchstone = load(tmp_path, f"{comment}\n# MHz S RI\n10 0.1 -0.2\n")
    assert touchstone.z0 == pytest.approx(75.0)
    assert "reference read from the comment" in told(touchstone)
    table = load(tmp_path, f"#{comment[1:]}\nfreq_MHz,re,im\n10,0.1,-0.2\n", "x.csv")
    assert table.z0 == pytest.approx(75.0)
    stated = load(tmp_path, f"{comment}\n# MHz S RI R 50\n10 0.1 -0.2\n")
    assert stated.z0 == 50.0
    assert "a comment says 75 ohm" in told(stated)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("# MHz S RI R\n10 0.1 0.2\n", "after R is missing"),
        ("# MHz S RI\n10 .1 .2\n20 .1 .2\n30 .1 .2\n! Port Impedance 75 0\n! Port Impedance 75 0\n",
         "2 lines of port impedance for 3"),
        ("# MHz S RI\n10 .1 .2\n20 .1 .2 ! Port Impedance 75 0\n", "1 lines of port impedance"),
        ("# MHz S RI\n10 .1 .2\n! Port Impedance 75 0 75 0\n", "4 numbers"),
        ("# MHz S RI\n10 .1 .2\n! Port Impedance -75 0\n", "real part"),
        ("# MHz S RI\n10 .1 .2\n! Port Impedance 1e999 0\n", "not finite"),
        ("! Z0 = 50\n! Z0 = 75\n# MHz S RI\n10 .1 .2\n", "two references"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(FileFormatError, match=word):
        load(tmp_path, text)
