"""Names of columns as analysers and programs write them, and tables whose names must not be lost.

The law behind every accepted case: the file holds one known reflection (or impedance) in the
writer's own quantity and unit, so what is read must be that number, to the digits written.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.errors import FileFormatError
from lunar_antenna.measurement.reading.names import understand

# 15 MHz and 20 MHz: two impedances, their reflections at 50 ohm
MHZ = np.array([15.0, 20.0])
Z = np.array([60.0 - 35.0j, 90.0 + 43.0j])
GAMMA = (Z - 50.0) / (Z + 50.0)
DB = 20.0 * np.log10(np.abs(GAMMA))
DEG = np.angle(GAMMA, deg=True)


def write(folder: Path, text: str, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def table(head: str, *columns: np.ndarray, separator: str = ",", scale: float = 1.0) -> str:
    """``head`` above the frequencies (MHz times ``scale``) and ``columns``."""
    rows = [
        separator.join(f"{float(value)!r}" for value in row)
        for row in zip(MHZ * scale, *columns, strict=True)
    ]
    return "\n".join([head, *rows]) + "\n"


RX, RI, LOG, LIN = (Z.real, Z.imag), (GAMMA.real, GAMMA.imag), (DB, DEG), (np.abs(GAMMA), DEG)
JUNK = np.array([9.0, 8.0])

# name: (content of the file, name of the file); all hold GAMMA at MHZ
READ = {
    "RigExpert": (table("#Frequency(MHz);R;X", *RX, separator=";"), "x.csv"),
    "RigExpert in kHz": (table("#Frequency(kHz);R;X", *RX, separator=";", scale=1e3), "x.csv"),
    "savetxt, blanks": (table("# freq_hz re im", *RI, separator=" ", scale=1e6), "x.txt"),
    "savetxt, commas": (table("# f (GHz), R (ohm), X (ohm)", *RX, scale=1e-3), "x.csv"),
    "savetxt, swapped": (table("# freq_MHz im(S11) re(S11)", *RI[::-1], separator=" "), "x.dat"),
    "words before the names": (table("# columns: freq [MHz], R [ohm], X [ohm]", *RX), "x.csv"),
    "two comment lines": (table("# made in May\n# freq_kHz,R,X", *RX, scale=1e3), "x.csv"),
    "names twice": (table("# freq_MHz, re, im\nfreq_MHz,re,im", *RI), "x.csv"),
    "names with units, then units": (
        table("freq_MHz;R;X\nMHz;ohm;ohm", *RX, separator=";"), "x.csv",
    ),
    "names, then units": (table("# Frequency;Z;Z\n# MHz;re;im", *RX, separator=";"), "x.csv"),
    "Matlab comment": (table("% f_MHz Zreal Zimag", *RX, separator=" "), "x.txt"),
    "C comment": (table("// freq_MHz, S11_dB, S11_deg", *LOG), "x.csv"),
    "CST": (
        table('#"Frequency / MHz"\t"S1,1 [Real Part]"\t"S1,1 [Imaginary Part]"', *RI,
              separator="\t"), "x.txt",
    ),
    "CST in dB": (
        table("Frequency / MHz     S1,1/abs,dB     S1,1/arg,degrees\n" + "-" * 60, *LOG,
              separator="     "), "x.txt",
    ),
    "HFSS": (
        table('"Freq [MHz]","dB(S(1,1)) []","ang_deg(S(1,1)) [deg]"', *LOG), "x.csv",
    ),
    "HFSS, terminals, rad": (
        table('"Freq [GHz]","mag(St(feed_T1,feed_T1)) []","ang_rad(St(feed_T1,feed_T1)) [rad]"',
              np.abs(GAMMA), np.deg2rad(DEG), scale=1e-3), "x.csv",
    ),
    "HFSS impedance": (table('"Freq [MHz]","re(Z(1,1)) []","im(Z(1,1)) []"', *RX), "x.csv"),
    "R&S": (table("freq[Hz];re:Trc1_S11;im:Trc1_S11;", *RI, separator=";", scale=1e6), "x.csv"),
    "R&S impedance": (table("freq[Hz];re:Z;im:Z", *RX, separator=";", scale=1e6), "x.csv"),
    "brackets without quotes": (table("freq_MHz,dB(S(1,1)),ang(S(1,1))", *LOG), "x.csv"),
    "Sonnet": (table("FREQUENCY (MHZ),MAG[S11],ANG[S11]", *LIN), "x.csv"),
    "field analyser": (
        "! FILETYPE CSV\n! DATA Freq,S11\n! FREQ UNIT kHz\n! XDATA UNIT Magnitude\n"
        "! YDATA UNIT Phase\nBEGIN\n" + table("", *LIN, scale=1e3) + "END\n", "x.csv",
    ),
    "field analyser, real and imaginary": (
        "! DATA Freq,S11\n! FREQ UNIT Hz\n! XDATA UNIT Real\n! YDATA UNIT Imaginary\nBEGIN\n"
        + table("", *RI, scale=1e6) + "END\n", "x.csv",
    ),
    "kilo-ohms": (table("freq_MHz,R (kOhm),X (kOhm)", Z.real / 1e3, Z.imag / 1e3), "x.csv"),
    "Rs and Xs among others": (
        table("Freq(MHz),SWR,RL(dB),|Z|,Theta,Rs,Xs", JUNK, JUNK, JUNK, JUNK, *RX), "x.csv",
    ),
    "SWR that overflowed": (
        "freq_MHz,SWR,R,X\n15,inf,60,-35\n20,---,90,43\n", "x.csv",
    ),
    "log magnitude": (table("Frequency (MHz),S11 Log Mag,S11 Phase", *LOG), "x.csv"),
    "LogMag": (table("Freq(MHz);S11(LogM);S11(Ang)", *LOG, separator=";"), "x.csv"),
    "LOGMAG": (table("freq_MHz\tTrc1 LOGMAG\tTrc1 PHASE deg", *LOG, separator="\t"), "x.csv"),
    "four ports": (
        table("freq_MHz,Re(S33),Im(S33),Re(S31),Im(S31),Re(S11),Im(S11)", JUNK, JUNK, JUNK, JUNK,
              *RI), "x.csv",
    ),
    "four ports, bracketed": (
        table('"Freq [MHz]","dB(S(4,4))","ang_deg(S(4,4))","dB(S(1,1))","ang_deg(S(1,1))"', JUNK,
              JUNK, *LOG), "x.csv",
    ),
    "neighbouring phases": (
        table("freq_MHz,S33 dB,phase deg,S11 dB,phase deg", JUNK, JUNK, *LOG), "x.csv",
    ),
    "impedance of the second port first": (
        table("freq_MHz;Z22_re;Z22_im;Z11_re;Z11_im", JUNK, JUNK, *RX, separator=";"), "x.csv",
    ),
    "numbered ports": (table("freq_MHz,R3,X3,R1,X1", JUNK, JUNK, *RX), "x.csv"),
    "numbered parts": (table("freq_MHz,re_4,im_4,re_1,im_1", JUNK, JUNK, *RI), "x.csv"),
    "units in a comment below": (table("# freq, Z_re, Z_im\n# units: kHz, ohm, ohm", *RX,
                                       scale=1e3), "x.csv"),
    "xnec2c": (
        table('"MHz"; "Z-real"; "Z-imag"; "Z-magn"; "Z-phase"; "VSWR"', *RX, JUNK, JUNK, JUNK,
              separator=";"), "x.csv",
    ),
    "vna/J": (
        table("Frequency(Hz),Return Loss(dB),Phase(deg),Rs,SWR,Xs,|Z|,Theta", DB, DEG, JUNK, JUNK,
              JUNK, JUNK, JUNK, scale=1e6), "x.csv",
    ),
    "decimal commas beside tabs": (
        table("freq_MHz\tR\tX", *RX, separator="\t").replace(".", ","), "x.txt",
    ),
    "reactance first": (table("#Frequency(MHz);X;R", *RX[::-1], separator=";"), "x.csv"),
}  # fmt: skip

# name: (content, name of the file, a word of the refusal)
REFUSED = {
    "impedances without names": (table("", *RX), "x.csv", "R and X"),
    "magnitude and degrees without names": (table("", *LIN), "x.csv", "phase"),
    "dB and degrees without names": (table("", *LOG), "x.csv", "would reach"),
    "magnitude and small radians without names": (
        table("", np.abs(GAMMA), np.array([0.1, 0.3])), "x.csv", "never negative",
    ),
    "normalised r and x without names": (
        table("", np.array([0.9, 0.7]), np.array([0.1, -0.3])), "x.csv", "never negative",
    ),
    "phase in prose": ("# magnitude and phase\n" + table("", *RI), "x.csv", "magnitude"),
    "kHz or MHz": ("15000,-0.1,0.2\n20000,-0.2,0.1\n", "x.csv", "unit"),
    "kHz or Hz": ("150000,-0.1,0.2\n200000,-0.2,0.1\n", "x.csv", "unit"),
    "parts that reach ohms": (table("freq_MHz,re,im", *RX), "x.csv", "R,X"),
    "S11 that reaches ohms": (table("freq_MHz,S11_re,S11_im", *RX), "x.csv", "|S11| reaches"),
    "fewer names": (table("freq_MHz,SWR", *RI), "x.csv", "names 2 column"),
    "more names": (table("freq_MHz,SWR,re,im", *RI), "x.csv", "names 4 column"),
    "one name": (table("freq_MHz", *RI), "x.csv", "names 1 column"),
    "fewer names in a comment": (table("# freq_MHz,SWR", *RI), "x.csv", "names 2 column"),
    "more names in a comment": (table("#Frequency(MHz);R;X;SWR", *RX, separator=";"), "x.csv",
                                "names 4 column"),
    "names of nothing known": (table("alpha;beta", *RI, separator=";"), "x.csv",
                               "not understood"),
    "a number that is none": ("freq_MHz,re,im\n15,0.5,1.#QNAN\n", "x.csv", "not finite"),
    "a damaged name": ("freq_MHz,r\u008a,im\n15,0.5,0.1\n", "x.csv", "not understood"),
    "two units": (
        table("freq_MHz\tre\tim\nGHz\tre\tim", *RI, separator="\t"), "x.csv", "frequency",
    ),
    "bad cell in the first row": ("freq_MHz,re,im\nl5,0.5,0.1\n20,0.4,0.2\n", "x.csv", "line 2"),
    "empty cell in the first row": ("freq_MHz,re,im\n,0.5,0.1\n20,0.4,0.2\n", "x.csv", "line 2"),
    "dashes in the first row": ("freq_MHz,re,im\n--,0.5,0.1\n20,0.4,0.2\n", "x.csv", "line 2"),
    "bad row without names": ("x5,-0.5,0.1\n20,-0.4,0.2\n", "x.csv", "line 1"),
    "first row of words": ("freq_MHz,re,im\nN/A,N/A,N/A\n20,0.4,0.2\n", "x.csv", "line 2"),
    "empty cell in a used column": ("freq_MHz,SWR,re,im\n15,,0.1,\n20,1,0.4,0.2\n", "x.csv",
                                    "line 2"),
    "only another port": (table("freq_MHz,Re(S33),Im(S33)", *RI), "x.csv", "s(3,3)"),
    "only the third of some": (table("freq_MHz,R3,X3", *RX), "x.csv", "number 3"),
    "only a transmission": (table("freq_MHz,S31_dB,S31_deg", *LOG), "x.csv", "s(3,1)"),
    "another port in the analyser's comment": (
        "! DATA Freq,S22\n! XDATA UNIT Real\n! YDATA UNIT Imaginary\nBEGIN\n" + table("", *RI),
        "x.csv", "s(2,2)",
    ),
    "another port above the parts": (table("Freq,S22,S22\nMHz,re,im", *RI), "x.csv", "s(2,2)"),
    "parts beside another parameter": (
        table("freq_MHz,S21_re,S21_im,re,im", *RI, *RI), "x.csv", "s(2,1)",
    ),
    "two reflections by name": (
        table("freq_MHz,re(S(left,left)),im(S(left,left)),re(S(right,right)),im(S(right,right))",
              *RI, *RI), "x.csv", "both",
    ),
    "mixed modes": (table("freq_MHz,Sdd11_re,Sdd11_im", *RI), "x.csv", "mixed modes"),
    "dB without the word": (table("freq_MHz,S11 Mag,S11 Phase", DB, DEG), "x.csv", "S11_dB"),
    "return loss called dB": (table("freq_MHz,S11_dB,S11_deg", -DB, DEG), "x.csv", "RL_dB"),
    "return loss of both signs": (
        table("freq_MHz,RL_dB,phase_deg", np.array([3.0, -4.0]), DEG), "x.csv", "both signs",
    ),
    "power decibels": (table("freq_MHz,dB10(S11),S11_deg", DB / 2, DEG), "x.csv",
                       "not understood"),
    "phase of an unclear unit": (
        table("freq_MHz,mag,phase", np.abs(GAMMA), np.deg2rad(DEG)), "x.csv", "phase_rad",
    ),
    "milliradians": (table("freq_MHz,mag,phase [mrad]", *LIN), "x.csv", "not understood"),
    "percent": (table("freq_MHz,mag(S11) [%],S11_deg", *LIN), "x.csv", "not understood"),
    "a unit at one of two": (table("freq_MHz,R (kOhm),X", *RX), "x.csv", "at both"),
    "milli or mega": (table("freq_MHz,R (MOHM),X (MOHM)", *RX), "x.csv", "unclear unit"),
    "SWR alone": (table("freq_MHz,SWR,VSWR", JUNK, JUNK), "x.csv", "not understood"),
    "parallel circuit": (table("freq_MHz,Rp,Xp", *RX), "x.csv", "not understood"),
    "admittance": (table("freq_MHz,G,B", *RI), "x.csv", "not understood"),
    "errors of the parts": (table("freq_MHz,re_err,im_err", *RI), "x.csv", "not understood"),
    "size and angle of an impedance": (table("freq_MHz,|Z|,phase(Z)", JUNK, DEG), "x.csv",
                                       "not understood"),
    "no frequency": (table("time,re,im", *RI), "x.csv", "frequency"),
    "another frequency": (table("resonant frequency,re,im", *RI), "x.csv", "frequency"),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_the_names_decide(tmp_path: Path, case: str) -> None:
    """Budget: text of 17 digits, one logarithm or angle and back: 1e-9 of |S11| < 1."""
    m = la.load_measurement(write(tmp_path, *READ[case]))
    assert m.frequency == pytest.approx(MHZ * 1e6, rel=1e-12)
    assert np.abs(m.s11(50.0) - GAMMA).max() < 1e-9


@pytest.mark.parametrize("case", REFUSED)
def test_asked_instead_of_guessed(tmp_path: Path, case: str) -> None:
    text, name, word = REFUSED[case]
    path = write(tmp_path, text, name)
    with pytest.raises(FileFormatError) as caught:
        la.load_measurement(path)
    message = str(caught.value)
    assert word in message, message
    assert str(path) in message
    assert "\n" not in message
    assert len(message) < 500


@pytest.mark.parametrize(
    ("text", "quantity", "part"),
    [
        ("S11(DEG)", "s", "angle"),
        ("dBS21", "other", ""),
        ("S(10,10) re", "other", ""),
        ("S-33 re", "other", ""),
        ("S(WavePort1:1,WavePort1:1) re", "s", "real"),
        ("S(WavePort2:1,WavePort2:1) re", "other", ""),
        ("S1(1),1(1) re", "s", "real"),
        ("S3(1),3(1) re", "other", ""),
        ("\u0393 real", "s", "real"),
        ("|\u0393|", "s", "magnitude"),
        ("Imagin\u00e4rteil", "", "imag"),
        ("R (k\u2126)", "z", "real"),
        ("Z0 re", "other", ""),
        ("Port 3 re", "other", ""),
        ("group delay", "other", ""),
        ("R3", "other", ""),
        ("re_1", "", "real"),
        ("Gamma_2 re", "other", ""),
        ("re:Trc3_S11", "s", "real"),
        ("cang_deg(S(1,1))", "s", "angle"),
        ("apples", "unknown", ""),
    ],
)
def test_single_names(text: str, quantity: str, part: str) -> None:
    name = understand(text)
    assert (name.quantity, name.part) == (quantity, part)


def test_a_plain_table_without_names_is_still_read(tmp_path: Path) -> None:
    """Parts of both signs below 1 can be nothing but a reflection; a turning |S11| neither."""
    both = la.load_measurement(write(tmp_path, table("", *(np.array([0.3, -0.2]), RI[1]))))
    assert both.s11()[1].real == pytest.approx(-0.2)
    angles = np.deg2rad(np.array([10.0, 80.0]))
    short = la.load_measurement(
        write(tmp_path, table("", 0.95 * np.cos(angles), -0.95 * np.sin(angles)))
    )
    assert np.abs(short.s11()) == pytest.approx(0.95)
    assert short.report is not None
    assert "no header" in short.report.repairs[0]


def test_a_row_that_is_a_comment_is_told(tmp_path: Path) -> None:
    text = "freq_MHz,re,im\n#14,0.5,0.1\n15,0.5,0.1\n20,0.4,0.2\n"
    report = la.load_measurement(write(tmp_path, text)).report
    assert report is not None
    assert report.points == 2
    assert "line 2: a row of numbers that is a comment left out" in report.repairs


def test_a_unit_in_a_comment_counts(tmp_path: Path) -> None:
    m = la.load_measurement(write(tmp_path, "# frequency in kHz\n15000,-0.1,0.2\n20000,0.2,0.1\n"))
    assert m.frequency == pytest.approx(MHZ * 1e6)
