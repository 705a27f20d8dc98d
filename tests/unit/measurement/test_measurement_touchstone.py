"""Reading measurements: formats, analysers' oddities, references."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.errors import FileFormatError, InputError
from lunar_antenna.measurement.record import Measurement

Shared = Callable[[str], Path]
GAMMA = np.array([0.5 + 0.25j, -0.25 + 0.5j, 0.125 - 0.75j])
MHZ = np.array([10.0, 20.0, 30.0])


def write(folder: Path, text: str, name: str = "x.s1p") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rows(form: str, scale: float = 1.0) -> str:
    """Data lines of GAMMA in ``form``, frequencies in MHz times ``scale``."""
    first, second = {
        "RI": (GAMMA.real, GAMMA.imag),
        "MA": (np.abs(GAMMA), np.angle(GAMMA, deg=True)),
        "DB": (20 * np.log10(np.abs(GAMMA)), np.angle(GAMMA, deg=True)),
    }[form]
    return "\n".join(
        f"{float(f * scale)!r} {float(a)!r} {float(b)!r}"
        for f, a, b in zip(MHZ, first, second, strict=True)
    )


@pytest.mark.parametrize("form", ["RI", "MA", "DB"])
@pytest.mark.parametrize(
    ("unit", "scale"), [("Hz", 1e6), ("kHz", 1e3), ("MHZ", 1.0), ("ghz", 1e-3)]
)
def test_every_format_and_unit(tmp_path: Path, form: str, unit: str, scale: float) -> None:
    path = write(tmp_path, f"! made by hand\n# {unit} S {form} R 75\n{rows(form, scale)}\n")
    m = la.load_measurement(path)
    assert np.allclose(m.frequency, MHZ * 1e6, rtol=1e-12)
    assert np.allclose(m.s11(), GAMMA, atol=1e-12)
    assert m.z0 == 75.0
    assert m.report is not None
    assert m.report.z0_source == "file"
    assert "reference: 75 ohm (stated in the file)" in m.report.lines()
    assert m.report.repairs == ()
    assert m.kind == "unknown"


def test_option_words_in_any_order_and_defaults(tmp_path: Path) -> None:
    other = la.load_measurement(write(tmp_path, f"# R 50 RI S MHz\n{rows('RI')}\n"))
    assert np.allclose(other.s11(), GAMMA)
    bare = la.load_measurement(write(tmp_path, f"#\n{rows('MA', 1e-3)}\n"))  # GHz S MA
    assert np.allclose(bare.frequency, MHZ * 1e6)
    assert bare.z0 == 50.0
    assert bare.report is not None
    assert bare.report.z0_source == "assumed"


def test_agrees_with_scikit_rf(tmp_path: Path) -> None:
    """An independent reader of the same two-port file gives the same matrix."""
    import skrf

    random = np.random.default_rng(3)
    s = random.normal(size=(5, 2, 2)) * 0.3 + 1j * random.normal(size=(5, 2, 2)) * 0.3
    path = tmp_path / "two.s2p"
    Measurement(np.linspace(5e6, 9e6, 5), s, 50.0).write(path)
    theirs = skrf.Network(str(path))
    ours = la.load_measurement(path)
    assert np.allclose(ours.s, theirs.s, atol=1e-15)
    assert np.allclose(ours.s, s, atol=1e-15)
    assert np.allclose(ours.frequency, theirs.f)


@pytest.mark.parametrize("parameter", ["Z", "Y"])
def test_immittances_become_s(tmp_path: Path, parameter: str) -> None:
    """Version 1 Z and Y are normalised to R: z = 2 is 100 ohm at R 50."""
    path = write(tmp_path, f"# MHz {parameter} RI R 50\n10 2 0\n20 0.5 0\n")
    m = la.load_measurement(path)
    expected = [100.0, 25.0] if parameter == "Z" else [25.0, 100.0]
    assert np.allclose(m.impedance(), expected)
    assert m.report is not None
    assert "converted" in m.report.repairs[0]


VERSION_2 = """[Version] 2.0
# MHz S RI R 50
[Number of Ports] 2
[Two-Port Data Order] {order}
[Number of Frequencies] 2
[Reference] 50
{second}
[Network Data]
10 0.1 0 0.2 0 0.3 0 0.4 0
20 0.1 0 0.2 0 0.3 0 0.4 0
[End]
"""


def test_version_2_order_and_references(tmp_path: Path) -> None:
    plain = la.load_measurement(
        write(tmp_path, VERSION_2.format(order="12_21", second="50"), "a.s2p")
    )
    assert plain.s[0].real == pytest.approx(np.array([[0.1, 0.2], [0.3, 0.4]]))
    swapped = la.load_measurement(
        write(tmp_path, VERSION_2.format(order="21_12", second="50"), "b.s2p")
    )
    assert swapped.s[0].real == pytest.approx(np.array([[0.1, 0.3], [0.2, 0.4]]))
    mixed = la.load_measurement(
        write(tmp_path, VERSION_2.format(order="12_21", second="75"), "c.ts")
    )
    assert mixed.z0 == 50.0
    assert mixed.report is not None
    assert "renormalised" in mixed.report.repairs[0]


def test_reference_override_relabels_and_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, f"# MHz S RI R 50\n{rows('RI')}\n")
    m = la.load_measurement(path, z0=100.0)
    assert m.z0 == 100.0
    assert np.allclose(m.s11(), GAMMA)  # the data stay, their meaning changes
    assert m.report is not None
    assert (m.report.z0_file, m.report.z0_used) == (50.0, 100.0)
    assert m.report.z0_source == "argument"
    assert "100 ohm used instead" in m.report.warnings[0]
    with pytest.raises(InputError, match="real part"):
        la.load_measurement(path, z0=-50.0)


def test_sidecar_gives_kind_plane_and_reference(tmp_path: Path) -> None:
    path = write(tmp_path, f"# MHz S RI R 50\n{rows('RI')}\n")
    toml = tmp_path / "x.toml"
    toml.write_text('kind = "measured"\nwho = "N. N."\nreference_plane = "hub"\nz0 = 100.0\n')
    m = la.load_measurement(path)
    assert m.kind == "measured"
    assert m.metadata["who"] == "N. N."
    assert m.report is not None
    assert m.report.reference_plane == "hub"
    assert (m.z0, m.report.z0_source) == (100.0, "sidecar")
    toml.write_text('who = "N. N."\n')
    with pytest.raises(FileFormatError, match="kind"):
        la.load_measurement(path)


def test_not_passive_is_told_not_refused(tmp_path: Path) -> None:
    m = la.load_measurement(write(tmp_path, "# MHz S RI R 50\n1 1.2 0\n2 1.01 0\n"))
    assert m.report is not None
    assert "1 point(s), largest 1.2" in m.report.warnings[0]


@pytest.mark.parametrize("letter", ["O", "S", "L", "ant"])
@pytest.mark.parametrize("stem", ["2022_319_14", "2023_210_03"])
def test_raw_analyser_files_as_they_are(shared: Shared, stem: str, letter: str) -> None:
    m = la.load_measurement(shared(f"measured/edges3_osl/{stem}_{letter}.s1p"))
    assert m.frequency.size == 151
    assert (m.frequency[0], m.frequency[-1]) == (40e6, 200e6)
    assert m.report is not None
    told = " ".join(m.report.repairs)
    assert "BEGIN" in told
    if stem.startswith("2022"):
        assert "block-length prefix" in told
        assert m.report.instrument.startswith("Agilent N9923A")
        assert m.report.z0_source == "file"
    else:
        assert "DB without option line" in told
        assert m.report.z0_source == "assumed"


def test_first_value_of_a_raw_file(shared: Shared) -> None:
    """-0.616765775027932 dB at -55.8675355146382 degrees, read from the file by eye."""
    m = la.load_measurement(shared("measured/edges3_osl/2022_319_14_ant.s1p"))
    value = 10 ** (-0.616765775027932 / 20) * np.exp(-1j * np.deg2rad(55.8675355146382))
    assert abs(m.s11()[0] - value) < 1e-14


def test_blade_touchstone_equals_its_csv(shared: Shared) -> None:
    touchstone = la.load_measurement(shared("measured/EDGES_low_blade_2015_342.s1p"))
    table = la.load_measurement(shared("measured/S11_blade_low_band_2015_342_03_14.txt.csv"))
    assert np.allclose(touchstone.frequency, table.frequency)
    assert np.abs(touchstone.s11() - table.s11()).max() < 1e-6


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("freq_MHz,re,im", "10,0.3,-0.4", 0.3 - 0.4j),
        ("Frequency (Hz),Re(S11),Im(S11)", "1e7,0.3,-0.4", 0.3 - 0.4j),
        ("freq_kHz;S11 dB;phase deg", "10000;-6,0206;90", 0.5j),
        ("f_GHz,magnitude,angle", "0.01,0.5,180", -0.5 + 0j),
        ("freq[Hz];re:Trc1_S11;im:Trc1_S11;", "1.0E7;0.3;-0.4;", 0.3 - 0.4j),
        ("freq[Hz];db:Trc1_S11;ang:Trc1_S11", "1.0E7;-6.0206;90", 0.5j),
        ('"Freq [GHz]","dB(S(1,1)) []","ang_deg(S(1,1)) [deg]"', "0.01,-6.0206,90", 0.5j),
        ('"Freq [GHz]","re(S(1,1)) []","im(S(1,1)) []"', "0.01,0.3,-0.4", 0.3 - 0.4j),
        ("Freq(Hz),S11(DB),S11(DEG)", "1e7,-6.0206,90", 0.5j),
        ("Frequency [MHz],|S11| [dB],arg(S11) [deg]", "10,-6.0206,90", 0.5j),
        ("freq_MHz,mag,phase_rad", "10,0.5,1.5707963", 0.5j),
        ("freq_MHz\tre\tim", "10\t0.3\t-0.4", 0.3 - 0.4j),
        ("freq_MHz,S21_re,S21_im,S11_re,S11_im", "10,9,9,0.3,-0.4", 0.3 - 0.4j),
        ("Frequency (MHz),R,X", "10,50,0", 0j),
        ("freq_Hz,freq_MHz,re(Z),im(Z)", "1e7,10,150,0", 0.5 + 0j),
        ("Freq(MHz),SWR,RL(dB),Z(ohm),R(ohm),X(ohm),Phase(deg)", "10,3,6,150,150,0,0", 0.5 + 0j),
        ("Freq(MHz),SWR,RL(dB),Phase(deg)", "10,3,6.0206,90", 0.5j),
        ("Sweep of May\nFrequency,S11,S11\nMHz,dB,deg", "10,-6.0206,90", 0.5j),
    ],
)
def test_csv_headers(tmp_path: Path, header: str, row: str, expected: complex) -> None:
    m = la.load_measurement(write(tmp_path, f"{header}\n{row}\n", "x.csv"))
    assert m.frequency[0] == pytest.approx(1e7)
    assert m.s11()[0] == pytest.approx(expected, abs=1e-5)


FIELD_CSV = """! FILETYPE CSV
! Keysight Technologies,N9914A,MY12345678,A.10.17
BEGIN CH1_DATA
Freq(Hz),S11(DB),S11(DEG)
1.0e7,-6.0206,90
2.0e7,-6.0206,45
END
"""


def test_csv_of_a_field_analyser(tmp_path: Path) -> None:
    m = la.load_measurement(write(tmp_path, FIELD_CSV, "x.csv"))
    assert m.s11()[0] == pytest.approx(0.5j, abs=1e-5)
    assert m.report is not None
    assert m.report.instrument.startswith("Keysight Technologies,N9914A")
    assert any("BEGIN CH1_DATA" in text for text in m.report.repairs)


@pytest.mark.parametrize(
    "header", ["freq_MHz,abs(Z),phase(Z)", "freq_MHz,SWR,phase", "freq_MHz,dB,re(Z)", "a,b,c"]
)
def test_columns_that_hold_no_s11_are_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(FileFormatError, match="not understood"):
        la.load_measurement(write(tmp_path, f"{header}\n10,2,3\n", "x.csv"))


def test_a_column_left_out_is_told(tmp_path: Path) -> None:
    m = la.load_measurement(write(tmp_path, "freq_MHz,re,im,re_2\n10,0.3,0.4,9\n", "x.csv"))
    assert m.report is not None
    assert any("'re_2' left out" in text for text in m.report.warnings)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.csv", "freq_MHz,R,X\n10,150,20\n"),
        ("x.s1p", "[Version] 2.0\n# MHz Z RI R 75\n[Number of Ports] 1\n10 150 20\n[End]\n"),
    ],
)
def test_another_reference_leaves_ohms_as_they_are(tmp_path: Path, name: str, text: str) -> None:
    """What was recorded as an impedance is that impedance whatever the reference."""
    path = write(tmp_path, text, name)
    for z0 in (None, 50.0, 100.0):
        m = la.load_measurement(path, z0)
        assert m.impedance()[0] == pytest.approx(150.0 + 20.0j)
        if z0 is not None:
            assert m.z0 == z0


def test_report_holds_what_the_sidecar_says(tmp_path: Path) -> None:
    path = write(tmp_path, f"! Rohde&Schwarz ZVH8\n# MHz S RI R 50\n{rows('RI')}\n")
    (tmp_path / "x.toml").write_text(
        'kind = "measured"\nwho = "N. N."\nwhen = "2026-05-04"\nload = "none"\n'
        'soil = "earth_dry_sand"\nheight = 0.1\ngeometry = "membrane_10m"\n'
    )
    report = la.load_measurement(path).report
    assert report is not None
    assert "instrument: Rohde&Schwarz ZVH8" in report.lines()
    for line in ("kind: measured", "who: N. N.", "when: 2026-05-04", "soil: earth_dry_sand",
                 "height: 0.1 m", "geometry: membrane_10m", "points: 3, 10 to 30 MHz"):  # fmt: skip
        assert line in report.lines()
    assert report.to_dict()["about"]
