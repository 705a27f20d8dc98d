"""Networks that are taken off or combined: passive, both ways, well conditioned, any reference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skrf

import lunar_antenna as la
from lunar_antenna.circuit.waves import reflection
from lunar_antenna.errors import InputError
from lunar_antenna.measurement.corrections.calibrate import calibrate
from lunar_antenna.measurement.corrections.correct import Corrections, correct
from lunar_antenna.measurement.corrections.deembed import (
    deembed,
    differential,
    embed,
    renormalised,
    without_capacitance,
)
from lunar_antenna.measurement.corrections.delay import extend_port, fit_delay
from lunar_antenna.measurement.corrections.gate import gate
from lunar_antenna.measurement.record import Measurement

F = np.linspace(5e6, 35e6, 31)
Z = 60.0 + 1j * 300.0 * (F / 15e6 - 15e6 / F)  # ohm, a series circuit


def antenna(z0: complex) -> Measurement:
    return Measurement(F, reflection(Z, z0), z0, name="antenna")


def chain(s11: complex = 0.2, s21: complex = 0.8j, s22: complex = -0.1j) -> Measurement:
    """A reciprocal two-port at 50 ohm, turning with frequency."""
    turn = np.exp(-2j * np.pi * F * 3e-9)
    s = np.empty((F.size, 2, 2), dtype=complex)
    s[:, 0, 0], s[:, 1, 1] = s11 * turn**2, s22
    s[:, 0, 1] = s[:, 1, 0] = s21 * turn
    return Measurement(F, s, 50.0, name="box")


# -- complex references ------------------------------------------------------------------------


def behind(box: Measurement, z: np.ndarray) -> np.ndarray:
    """Input impedance of ``box`` ended in ``z``, by Z-parameters: no waves at all."""
    zz = skrf.network.s2z(box.s, box.z0)
    return np.asarray(zz[:, 0, 0] - zz[:, 0, 1] * zz[:, 1, 0] / (zz[:, 1, 1] + z))


@pytest.mark.parametrize("z0", [50.0, 200.0, 50.0 + 40.0j, 30.0 - 80.0j, 5.0 + 500.0j])
@pytest.mark.parametrize("box_z0", [50.0, 40.0 + 25.0j])
def test_a_fixture_comes_off_at_any_reference(z0: complex, box_z0: complex) -> None:
    """What stands behind the box is an impedance; no reference may change it.

    Budget: some 10 operations on numbers of order 1 and the growth |dGamma/dG| < 100: 1e-12.
    """
    box = renormalised(chain(), box_z0)
    seen = Measurement(F, reflection(behind(chain(), Z), z0), z0)
    bare = deembed(seen, box)
    assert bare.z0 == z0
    assert np.abs(bare.s11() - antenna(z0).s11()).max() < 1e-12
    assert np.abs(embed(antenna(z0), box).s11() - seen.s11()).max() < 1e-12


def test_differential_at_a_complex_reference() -> None:
    """Between the ends of a symmetric pi circuit lies an impedance known beforehand."""
    y = np.array([[11e-3, -8e-3], [-8e-3, 11e-3]]) + 1j * np.array([[5e-3, 1e-3], [1e-3, 5e-3]])
    y = y[None] * (F / F[0])[:, None, None] ** 0.1
    z0 = 50.0 + 20.0j
    s = skrf.network.y2s(y, z0, s_def="power")
    z = np.linalg.inv(y)
    wanted = z[:, 0, 0] - z[:, 0, 1] - z[:, 1, 0] + z[:, 1, 1]
    assert differential(Measurement(F, s, z0)).impedance() == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(
    "step",
    [
        lambda m: extend_port(m, 1e-9),
        lambda m: fit_delay(m, antenna(50.0)),
        lambda m: gate(m, 0.0, 1e-7),
        lambda m: calibrate(m, m, m, m),
    ],
)
def test_steps_of_a_line_refuse_a_complex_reference(step: object) -> None:
    with pytest.raises(InputError, match=r"real reference impedance, antenna has 50\+20j ohm"):
        step(antenna(50.0 + 20.0j))  # type: ignore[operator]


def test_a_capacitance_comes_off_a_short_and_an_open() -> None:
    """Across a short it changes nothing; off an open it leaves -C: no division by zero."""
    short = Measurement(F, np.full(F.size, -1.0 + 0j), 50.0)
    assert without_capacitance(short, 5e-12).s11() == pytest.approx(-1.0)
    y = -2j * np.pi * F * 5e-12
    opened = without_capacitance(Measurement(F, np.ones(F.size, dtype=complex), 50.0), 5e-12)
    assert opened.s11() == pytest.approx((1.0 - 50.0 * y) / (1.0 + 50.0 * y), abs=1e-9)


# -- what is inverted --------------------------------------------------------------------------


def with_entry(i: int, j: int, value: complex, rows: slice | int = slice(None)) -> Measurement:
    box = chain()
    s = box.s.copy()
    s[rows, i, j] = value
    return Measurement(F, s, 50.0, name="box")


@pytest.mark.parametrize(
    ("box", "word"),
    [
        (with_entry(1, 0, 1e23), "gives out"),
        (with_entry(0, 1, 1e300, 7), "gives out"),
        (with_entry(1, 0, 3.0, 4), "gives out"),
        (chain(0.6, 0.9, 0.6), "gives out"),
        (with_entry(1, 0, 1e-200), "lets"),
        (with_entry(0, 1, 0.0), "lets"),
        (with_entry(0, 1, 0.0, 9), "interpolated|lets"),
        (chain(0.1, 0.02, 0.1), "lets"),
    ],
)
def test_a_fixture_that_cannot_be_taken_off(box: Measurement, word: str) -> None:
    for call in (lambda: deembed(antenna(50.0), box),
                 lambda: correct(antenna(50.0), Corrections(fixture=box))):  # fmt: skip
        with pytest.raises(InputError, match=word) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_a_lossy_fixture_grows_errors_at_most_by_what_is_stated() -> None:
    """20 dB each way come off; the error of the sweep grows 100 times and no more."""
    box = chain(0.05, 0.1j, 0.05)
    seen = embed(antenna(50.0), box)
    bare = deembed(Measurement(F, seen.s11() + 1e-6, 50.0), box).s11()
    growth = np.abs(bare - antenna(50.0).s11()).max() / 1e-6
    assert 90.0 < growth < 130.0


def test_the_wrong_way_round_is_told_or_refused() -> None:
    box, worse = chain(0.4, 0.7j, -0.1), chain(0.45, 0.65j, -0.2)
    result = correct(embed(antenna(50.0), box), Corrections(fixture=box, antenna_port=1))
    assert any("reflects up to" in text for text in result.side_effects)
    with pytest.raises(InputError, match="port of it that was at the antenna"):
        correct(embed(antenna(50.0), worse), Corrections(fixture=worse, antenna_port=1))
    right = correct(embed(antenna(50.0), box), Corrections(fixture=box))
    assert right.side_effects == ()


# -- two arms ----------------------------------------------------------------------------------


def arms(**entries: object) -> Measurement:
    turn = np.exp(-2j * np.pi * F * 5e-9)
    s = np.empty((F.size, 2, 2), dtype=complex)
    s[:, 0, 0] = s[:, 1, 1] = 0.5 * turn
    s[:, 0, 1] = s[:, 1, 0] = -0.3 + 0.1j
    for name, value in entries.items():
        s[:, int(name[1]) - 1, int(name[2]) - 1] = value  # type: ignore[call-overload]
    return Measurement(F, s, 50.0, name="arms")


@pytest.mark.parametrize(
    ("sweep", "word"),
    [
        (arms(s12=0, s22=0), "S12, S22"),
        (arms(s21=0, s11=0), "S11, S21"),
        (arms(s12=1e-7, s22=1e-7j), "S12, S22"),
        (arms(s22=0), "S22"),
        (arms(s12=0, s21=0, s22=0), "S12, S21, S22"),
        (arms(s12=0), "S12"),
        (arms(s12=0, s22=0.9), "S12"),
        (arms(s21=0.3 - 0.1j), "reciprocal"),
        (arms(s21=1e300), "gives out"),
        (arms(s11=0.9, s22=0.9 * np.exp(1j * F / F[-1]), s12=0.6, s21=0.6), "S11|gives out"),
    ],
)
def test_what_is_no_two_way_sweep_is_refused(sweep: Measurement, word: str) -> None:
    with pytest.raises(InputError, match=word):
        differential(sweep)


@pytest.mark.parametrize("empty", ["0 0 0 0", "-300 0 -300 0", "1e-9 0 1e-9 0"])
def test_a_one_way_file_is_refused_at_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], empty: str
) -> None:
    from lunar_antenna.cli.main import run

    form = "DB" if empty.startswith("-300") else "RI"
    given = "-6 -40 -10 100" if form == "DB" else "0.5 -0.1 -0.3 0.1"
    rows = "".join(f"{f} {given} {empty}\n" for f in (10, 15, 20))
    (tmp_path / "a.s2p").write_text(f"# MHz S {form} R 50\n{rows}")
    (tmp_path / "b.s1p").write_text("# MHz S RI R 50\n10 0 0\n15 0 0.1\n20 0 0\n")
    code = run(["compare", str(tmp_path / "b.s1p"), str(tmp_path / "a.s2p"), "--differential"])
    told = capsys.readouterr().err
    assert code == 2
    assert told.count("\n") == 1
    assert "--differential: a holds no measured S12, S22" in told


def test_the_port_that_was_not_measured_is_no_match() -> None:
    one_way, both = arms(s12=0, s22=0), arms()
    assert la.compare(both, one_way).first.rms_gamma < 1e-12
    with pytest.raises(InputError, match="no measured S22"):
        la.compare(both, one_way, port=2)


def test_two_arms_that_do_not_see_each_other_pass() -> None:
    lone = differential(arms(s12=0, s21=0))
    assert lone.s11() == pytest.approx(arms().s11())
    assert lone.z0 == 100.0


# -- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "row", "word"),
    [
        ("x.s2p", "10 0.2 0 1e23 0 0.9 0 0.2 0", r"\|S21\| reaches 1e\+23"),
        ("x.s2p", "10 0.2 0 0.9 0 1e300 0 0.2 0", r"\|S12\|"),
        ("x.s2p", "10 1.5 0 1.5 0 1.5 0 1.5 0", "give out 3 times"),
        ("x.s1p", "10 50.5 0.1", r"\|S11\| reaches 50.5"),
        ("x.s1p", "1e308 0.5 0.1", "unit"),
    ],
)
def test_s_beyond_sense_is_refused_on_reading(
    tmp_path: Path, name: str, row: str, word: str
) -> None:
    (tmp_path / name).write_text(f"# MHz S RI R 50\n{row}\n")
    with pytest.raises(InputError, match=word):
        la.load_measurement(tmp_path / name)


def test_decibels_above_zero_throughout_are_no_reflection(tmp_path: Path) -> None:
    (tmp_path / "x.s1p").write_text("# MHz S DB R 50\n10 0.5 10\n20 0.8 20\n")
    with pytest.raises(InputError, match="return loss"):
        la.load_measurement(tmp_path / "x.s1p")
