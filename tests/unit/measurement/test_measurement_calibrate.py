"""Calibration, de-embedding, reference planes and gates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.circuit.waves import reflection, renormalise
from lunar_antenna.errors import InputError
from lunar_antenna.measurement.corrections.calibrate import calibrate
from lunar_antenna.measurement.corrections.correct import Corrections, correct
from lunar_antenna.measurement.corrections.deembed import (
    deembed,
    differential,
    embed,
    renormalised,
    with_capacitance,
    without_capacitance,
)
from lunar_antenna.measurement.corrections.delay import extend_port, fit_delay
from lunar_antenna.measurement.corrections.gate import gate
from lunar_antenna.measurement.record import Measurement
from lunar_antenna.measurement.synthetic import Truth, fixture

Shared = Callable[[str], Path]
F = np.linspace(5e6, 35e6, 301)


def antenna(f: np.ndarray = F) -> Measurement:
    z = 70.0 * (1.0 + 6j * (f / 14e6 - 14e6 / f))
    return Measurement(f, reflection(z, 50.0), 50.0, name="antenna")


def through_errors(gamma: complex | np.ndarray) -> Measurement:
    """An analyser with directivity 0.05, tracking 0.9 and source match 0.1 j."""
    g = np.broadcast_to(np.asarray(gamma, complex), F.shape)
    turn = np.exp(-1j * F / 5e6)
    return Measurement(F, 0.05 * turn + 0.9 * turn**2 * g / (1.0 - 0.1j * g), 50.0)


@pytest.mark.parametrize(
    ("stem", "table"), [("2022_319_14", "2022_316"), ("2023_210_03", "2023_210")]
)
def test_raw_sets_become_the_sites_own_result(shared: Shared, stem: str, table: str) -> None:
    """Ideal standards: |Gamma| to 0.002 rms; complex to 0.004 once the delay is found.

    The site used its own model of the standards, so a delay of some ten picoseconds is left.
    """
    ant, open_, short, load = (
        la.load_measurement(shared(f"measured/edges3_osl/{stem}_{part}.s1p"))
        for part in ("ant", "O", "S", "L")
    )
    target = la.load_measurement(shared(f"measured/edges3_osl/{table}_s11ant.csv"))
    corrected = calibrate(ant, open_, short, load)
    size = np.abs(corrected.s11()) - np.abs(target.s11())
    assert np.sqrt(np.mean(size**2)) <= 0.002
    fit = fit_delay(corrected, target)
    assert -4e-11 < fit.delay < -2e-11
    moved = extend_port(corrected, fit.delay)
    rms = np.sqrt(np.mean(np.abs(moved.s11() - target.s11()) ** 2))
    assert rms <= 0.004
    assert rms == pytest.approx(fit.rms_after)
    assert fit.rms_before > 3.0 * fit.rms_after
    assert len(moved.history) == 2
    raw = np.abs(ant.s11()) - np.abs(target.s11())
    assert np.sqrt(np.mean(raw**2)) > 0.002  # the correction is what does it


@pytest.mark.parametrize("z0", [50.0, 75.0, 100.0])
def test_calibration_inverts_the_error_model(z0: float) -> None:
    """At any reference: the reflections of standards are numbers of the sweeps' own."""
    truth = antenna().s11(z0)
    sweeps = [replace(through_errors(value), z0=z0) for value in (1.0, -1.0, 0.0)]
    corrected = calibrate(replace(through_errors(truth), z0=z0), *sweeps)
    assert corrected.z0 == z0
    assert np.abs(corrected.s11() - truth).max() < 1e-10
    assert np.allclose(corrected.impedance(), antenna().impedance(), rtol=1e-8)


def test_standards_of_another_reference_are_seen_from_the_antennas() -> None:
    truth = antenna().s11(100.0)
    sweeps = [
        Measurement(F, renormalise(through_errors(value).s11(), 100.0, 75.0), 75.0)
        for value in (1.0, -1.0, 0.0)
    ]
    corrected = calibrate(replace(through_errors(truth), z0=100.0), *sweeps)
    assert np.abs(corrected.s11() - truth).max() < 1e-10


def test_given_standards_replace_ideal_ones() -> None:
    """An open with 0.2 pF and a load of 52 ohm, known: exact; taken as ideal: wrong."""
    truth = antenna().s11()
    open_truth = reflection(1.0 / (2j * np.pi * F * 0.2e-12), 50.0)
    load_truth = 2.0 / 102.0
    sweeps = [through_errors(open_truth), through_errors(-1.0), through_errors(load_truth)]
    known = {"open": Measurement(F, open_truth, 50.0), "load": complex(load_truth)}
    corrected = calibrate(through_errors(truth), *sweeps, standards=known)
    assert np.abs(corrected.s11() - truth).max() < 1e-10
    ideal = calibrate(through_errors(truth), *sweeps)
    assert np.abs(ideal.s11() - truth).max() > 1e-3


def test_calibration_refusals() -> None:
    good = [through_errors(value) for value in (1.0, -1.0, 0.0)]
    raw = through_errors(0.5)
    with pytest.raises(InputError, match="reflect alike"):
        calibrate(raw, good[0], good[0], good[2])
    with pytest.raises(InputError, match="swept differently"):
        calibrate(raw, good[0].cropped(5e6, 20e6), good[1], good[2])
    with pytest.raises(InputError, match="not known"):
        calibrate(raw, *good, standards={"thru": 1.0})


def test_delay_is_found_and_taken_off() -> None:
    target = antenna()
    line = extend_port(target, -3.3e-9)  # the same antenna behind 3.3 ns of line
    fit = fit_delay(line, target)
    assert fit.delay == pytest.approx(3.3e-9, abs=1e-15)
    assert fit.rms_after < 1e-6
    back = extend_port(line, fit.delay)
    assert np.allclose(back.s11(), target.s11(), atol=1e-6)
    with pytest.raises(InputError, match="at least 3"):
        fit_delay(target, antenna(np.linspace(50e6, 60e6, 11)))


@pytest.mark.parametrize("antenna_port", [1, 2])
def test_fixture_comes_off_in_either_orientation(antenna_port: int) -> None:
    """embed then deembed is the identity; the wrong orientation is not (asymmetric fixture)."""
    box = fixture(np.linspace(4e6, 40e6, 181), Truth())
    if antenna_port == 1:
        box = box.changed("turned", s=box.s[:, ::-1, ::-1])
    seen = embed(antenna(), box, antenna_port)
    assert np.abs(seen.s11() - antenna().s11()).max() > 0.1
    back = deembed(seen, box, antenna_port)
    assert np.abs(back.s11() - antenna().s11()).max() < 1e-9
    wrong = deembed(seen, box, 3 - antenna_port)
    assert np.abs(wrong.s11() - antenna().s11()).max() > 0.05


def test_embedding_agrees_with_scikit_rf_cascade() -> None:
    box = fixture(F, Truth())
    theirs = box.network() ** antenna().network()
    assert np.abs(embed(antenna(), box).s11() - theirs.s[:, 0, 0]).max() < 1e-12


def test_fixture_is_reciprocal_and_lossy() -> None:
    box = fixture(F, Truth())
    assert np.allclose(box.s, np.swapaxes(box.s, 1, 2))
    gram = np.eye(2) - np.conj(np.swapaxes(box.s, 1, 2)) @ box.s
    assert np.linalg.eigvalsh(gram).min() > 0.0


def test_fixture_must_cover_the_band() -> None:
    with pytest.raises(InputError, match="whole band"):
        deembed(antenna(), fixture(np.linspace(10e6, 30e6, 11), Truth()))
    with pytest.raises(InputError, match="two-port"):
        deembed(antenna(), antenna())
    with pytest.raises(InputError, match="allowed: 1, 2"):
        deembed(antenna(), fixture(F, Truth()), antenna_port=3)


def test_hub_capacitance() -> None:
    """10 pF across 50 ohm at 31.83 MHz is -j 500 ohm in parallel."""
    f = np.array([1.0 / (2.0 * np.pi * 10e-12 * 500.0)])
    plain = Measurement(f, np.zeros(1, complex), 50.0)
    loaded = with_capacitance(plain, 10e-12)
    assert loaded.impedance()[0] == pytest.approx(1.0 / (1 / 50.0 + 1 / -500j))
    assert np.allclose(without_capacitance(loaded, 10e-12).s11(), 0.0, atol=1e-15)


def test_renormalise_two_ports_matches_scikit_rf() -> None:
    box = fixture(F[:5], Truth())
    theirs = box.network()
    theirs.renormalize(100.0)
    assert np.allclose(renormalised(box, 100.0).s, theirs.s)
    assert renormalised(box, 50.0) is box


def test_differential_of_two_uncoupled_halves() -> None:
    """Two arms of 50 ohm each are 100 ohm differential: matched at the doubled reference."""
    s = np.zeros((3, 2, 2), complex)
    pair = differential(Measurement(F[:3], s, 50.0))
    assert pair.z0 == 100.0
    assert np.allclose(pair.s11(), 0.0)
    assert np.allclose(pair.impedance(), 100.0)
    with pytest.raises(InputError, match="two-port"):
        differential(antenna())


def test_gate_removes_a_late_echo_and_says_its_price() -> None:
    """An echo of 0.1 after 500 ns on a smooth reflection goes down 25 dB inside the band."""
    f = np.linspace(5e6, 35e6, 601)
    smooth = 0.4 * np.exp(-4j * np.pi * f * 5e-9)
    dirty = Measurement(f, smooth + 0.1 * np.exp(-2j * np.pi * f * 500e-9), 50.0)
    result = gate(dirty, -150e-9, 170e-9)
    inner = slice(result.edge_points, -result.edge_points)
    left = np.abs(result.measurement.s11() - smooth)[inner]
    assert left.max() < 0.1 * 10 ** (-25 / 20)
    assert any("smoothed" in text for text in result.side_effects)
    assert "time gate" in result.measurement.history[0]
    with pytest.raises(InputError, match="wider than the resolution"):
        gate(dirty, 0.0, 1e-9)
    with pytest.raises(InputError, match="equidistant"):
        gate(Measurement(f**1.1, smooth, 50.0), 0.0, 1e-7)


@pytest.mark.parametrize(
    ("delay", "kept"),
    [
        (-90e-9, 1.0),
        (0.0, 1.0),
        (50e-9, 1.0),
        (95e-9, 1.0),
        (100e-9, 1.0),
        (120e-9, 0.5),
        (160e-9, 0.0),
        (-1e-6, 0.0),
    ],
)
def test_a_gate_keeps_the_level_of_what_is_inside(delay: float, kept: float) -> None:
    """From -100 to 100 ns, with 4/100 MHz = 40 ns from all to nothing on both sides.

    Budget: four samples of the gate in a fall leave 1 % between them (its trigonometric
    interpolation); half of the level is at the middle of the fall.
    """
    f = np.linspace(5e6, 105e6, 1001)
    wave = 0.5 * np.exp(-2j * np.pi * f * delay)
    result = gate(Measurement(f, wave, 50.0), -100e-9, 100e-9)
    inner = slice(300, 701)
    found = (result.measurement.s11() / wave)[inner]
    assert np.abs(found - kept).max() < 0.01
    assert any("40 ns before and after" in text for text in result.side_effects)


def test_a_gate_over_all_times_changes_nothing() -> None:
    f = np.linspace(5e6, 35e6, 301)
    gamma = antenna(f).s11()
    result = gate(Measurement(f, gamma, 50.0), -6e-6, 6e-6)
    assert np.abs(result.measurement.s11() - gamma)[150] < 1e-12


@pytest.mark.parametrize(
    ("stem", "table"), [("2022_319_14", "2022_316"), ("2023_210_03", "2023_210")]
)
def test_one_call_does_it_all_from_paths(shared: Shared, stem: str, table: str) -> None:
    """Calibration and delay from file names, as one option each of the tool."""
    folder = shared("measured/edges3_osl")
    result = correct(
        folder / f"{stem}_ant.s1p",
        Corrections(
            osl=[folder / f"{stem}_{part}.s1p" for part in "OSL"],
            delay_to=folder / f"{table}_s11ant.csv",
        ),
    )
    assert result.delay_fit is not None
    assert result.delay_fit.rms_after <= 0.004
    assert len(result.measurement.history) == 2


def test_corrections_keep_their_order() -> None:
    """Fixture before hub: the inverse of hub before fixture."""
    box = fixture(np.linspace(4e6, 40e6, 181), Truth())
    seen = extend_port(embed(with_capacitance(antenna(), 5e-12), box), 0.0)
    result = correct(
        seen, Corrections(fixture=box, hub_capacitance=5e-12, z0=100.0, time_gate=None)
    )
    assert np.abs(result.measurement.impedance() - antenna().impedance()).max() < 1e-5
    assert result.measurement.z0 == 100.0
    with pytest.raises(InputError, match="three"):
        correct(seen, Corrections(osl=[seen, seen]))
    with pytest.raises(InputError, match="both given"):
        correct(seen, Corrections(delay=1e-9, delay_to=seen))
