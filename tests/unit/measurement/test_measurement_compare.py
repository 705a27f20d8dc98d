"""Comparison, resonances, interpolation and uncertainty."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.circuit.bands import matched_band
from lunar_antenna.circuit.resampling import interpolate
from lunar_antenna.circuit.resonance import Resonance, pair, resonances
from lunar_antenna.circuit.waves import impedance, reflection, renormalise
from lunar_antenna.errors import InputError
from lunar_antenna.measurement.corrections.correct import Corrections, correct
from lunar_antenna.measurement.corrections.deembed import embed, with_capacitance
from lunar_antenna.measurement.record import Measurement
from lunar_antenna.measurement.synthetic import Truth, fixture
from lunar_antenna.measurement.uncertainty import Uncertainty, from_accuracy, from_sweeps


def series_circuit(f: np.ndarray, r: float, f0: float, q: float) -> np.ndarray:
    return r * (1.0 + 1j * q * (f / f0 - f0 / f))


def measured(f: np.ndarray, z: np.ndarray, z0: float = 50.0, name: str = "m") -> Measurement:
    return Measurement(f, reflection(z, z0), z0, "synthetic", name=name)


F = np.linspace(5e6, 35e6, 301)


def test_document_has_the_agreed_keys() -> None:
    sol = solution(points=61)
    m = Measurement(sol.frequency, sol.s11(50.0), 50.0)
    document = la.compare(sol, m).to_dict()
    assert list(document) == [
        "z0",
        "frequency_range",
        "rms_db",
        "max_db",
        "rms_gamma",
        "rms_magnitude",
        "resonance_shift",
        "fsv",
    ]
    assert set(document["fsv"]) == {"adm", "fdm", "gdm", "grade"}
    json.dumps(document, allow_nan=False)
    assert document["rms_db"] == 0.0
    assert document["rms_gamma"] == 0.0
    assert document["resonance_shift"] == 0.0
    assert document["fsv"]["grade"] == "Excellent"
    assert document["z0"] == 50.0


def test_a_comparison_says_itself_what_it_has_of_its_first_pair() -> None:
    """Named properties, seen by ``dir`` and the type checker, and no other name passed on."""
    sol = solution(points=61)
    near, far = (Measurement(sol.frequency, k * sol.s11(50.0), 50.0) for k in (0.99, 0.5))
    result = la.compare(sol, [near, far])
    names = [
        "z0", "frequency", "rms_db", "max_db", "rms_gamma", "rms_magnitude", "resonance_shift",
        "bandwidth_shift", "within_uncertainty",
    ]  # fmt: skip
    for name in names:
        assert isinstance(vars(type(result))[name], property)
        assert np.array_equal(getattr(result, name), getattr(result.first, name))
    assert result.fsv.gdm == result.first.fsv.gdm
    assert result.rms_gamma < result.pairs[1].rms_gamma
    with pytest.raises(AttributeError, match="measurement_name"):
        _ = result.measurement_name  # which of the two?


def test_reference_is_the_measurements_own_unless_given() -> None:
    sol = solution(points=61)
    m = Measurement(sol.frequency, sol.s11(75.0), 75.0)
    own = la.compare(sol, m)
    assert own.first.z0 == 75.0
    other = la.compare(sol, m, z0=200.0)
    assert other.first.z0 == 200.0
    assert np.allclose(other.first.measured, sol.s11(200.0))
    assert other.rms_gamma < 1e-12


def test_known_shift_of_resonance_and_band() -> None:
    """Series circuits of 50 ohm: shift 0.3 MHz, bandwidths f0/Q 2/3 (|Gamma|^2 = 0.1)."""
    one = measured(F, series_circuit(F, 50.0, 14e6, 5.0), name="simulated")
    two = measured(F, series_circuit(F, 50.0, 14.3e6, 4.0), name="measured")
    result = la.compare(one, two)
    assert result.resonance_shift == pytest.approx(0.3e6, rel=1e-3)  # budget: grid 0.1 MHz
    band = 2.0 / 3.0 * (14.3e6 / 4.0 - 14e6 / 5.0)
    assert result.bandwidth_shift == pytest.approx(band, rel=0.01)
    assert result.first.resonance[1].resistance == pytest.approx(50.0)


def test_no_resonance_is_none() -> None:
    one = measured(F, series_circuit(F, 50.0, 60e6, 5.0))
    result = la.compare(one, one)
    assert result.resonance_shift is None
    assert result.bandwidth_shift is None


def test_constant_differences() -> None:
    """Reflections 0.5 and 0.25: 6.02 dB everywhere, complex difference 0.25."""
    one = Measurement(F, np.full(F.size, 0.5 + 0j), 50.0)
    two = Measurement(F, np.full(F.size, 0.25 + 0j), 50.0)
    result = la.compare(one, two)
    assert result.rms_db == pytest.approx(6.0206, abs=1e-4)
    assert result.max_db == pytest.approx(6.0206, abs=1e-4)
    assert result.rms_gamma == pytest.approx(0.25)


def test_only_the_common_band_counts() -> None:
    sol = solution(points=61)
    f = np.linspace(20e6, 60e6, 81)
    m = Measurement(f, np.full(81, 0.5 + 0j), 50.0)
    result = la.compare(sol, m)
    assert result.to_dict()["frequency_range"] == [20e6, 35e6]
    assert any("50 of 81" in note for note in result.first.notes)
    with pytest.raises(InputError, match="share no measured frequency"):
        la.compare(sol, m.cropped(40e6, 60e6))


def test_several_of_each() -> None:
    sols = [solution(points=31), solution(points=31, seed=8)]
    sweeps = [Measurement(F, np.full(F.size, value + 0j), 50.0) for value in (0.5, 0.4, 0.3)]
    result = la.compare(sols, sweeps)
    assert len(result.pairs) == 6
    assert [item.index for item in result.pairs[:3]] == [(0, 0), (0, 1), (0, 2)]
    assert len(result.to_dict()["pairs"]) == 6


def test_a_comparison_shows_itself_in_one_line_per_pair() -> None:
    sols = [solution(points=31), solution(points=31, seed=8)]
    result = la.compare(sols, measured(F, series_circuit(F, 50.0, 14e6, 5.0)))
    lines = repr(result).splitlines()
    assert len(lines) == 2
    assert all(len(line) < 200 for line in lines)
    assert f"rms {result.rms_db:.2f} dB" in lines[0]
    assert len(repr(result.first)) < 200
    assert repr(measured(F, series_circuit(F, 50.0, 14e6, 5.0))) == (
        "<Measurement m (synthetic), 1 port(s), 5-35 MHz, 301 points, 50 ohm>"
    )


def test_runs_that_look_alike_are_told_apart() -> None:
    """Same layout and soil: a height above the soil is in the name, else a number."""
    from lunar_antenna.media.layer import Stack

    soil = Stack.half_space(3.0)
    sols = [solution(points=5, stack=soil, height=height) for height in (1.0, 2.0, 2.0)]
    result = la.compare(sols, measured(F, series_circuit(F, 50.0, 14e6, 5.0)))
    names = [pair.simulation_name for pair in result.pairs]
    assert len(set(names)) == 3
    assert names[0].endswith("at 1 m")
    assert names[2].endswith("at 2 m (2)")


def test_a_sweep_may_stand_in_for_the_simulation() -> None:
    one = measured(F, series_circuit(F, 50.0, 14e6, 5.0), name="site")
    assert la.compare(one, one).first.against == "reference"
    assert la.compare(solution(points=31), one).first.against == "simulated"


def test_few_points_give_no_grade() -> None:
    one = Measurement(F[:10], np.full(10, 0.5 + 0j), 50.0)
    document = la.compare(one, one).to_dict()
    assert document["fsv"] == {"adm": None, "fdm": None, "gdm": None, "grade": None}


def test_refuses_what_is_not_comparable() -> None:
    sol = solution(points=7)
    m = Measurement(F, np.full(F.size, 0.5 + 0j), 50.0)
    for bad in (("a.h5", m), (sol, "b.s1p"), ([], m)):
        with pytest.raises(InputError) as caught:
            la.compare(*bad)
        assert "\n" not in str(caught.value)


# -- interpolation -----------------------------------------------------------------------------


def test_interpolation_states_an_error_that_covers_the_true_one() -> None:
    """A Q = 8 circuit on 16 points: the held-out error bounds the true one."""
    coarse = np.linspace(5e6, 35e6, 16)
    z = series_circuit(coarse, 60.0, 14e6, 8.0)
    truth = reflection(series_circuit(F, 60.0, 14e6, 8.0), 100.0)
    result = interpolate(coarse, reflection(z, 100.0), F)
    assert result.error is not None
    assert np.abs(result.values - truth).max() <= max(result.error, 1e-9)
    assert result.method == "AAA"  # a rational function is its own best approximation


def test_solved_points_are_kept_and_nothing_is_extrapolated() -> None:
    coarse = np.linspace(5e6, 35e6, 16)
    s = np.exp(1j * coarse / 3e6)
    result = interpolate(coarse, s, coarse[3:9])
    assert np.array_equal(result.values, s[3:9])
    assert result.error == 0.0
    with pytest.raises(InputError, match="outside"):
        interpolate(coarse, s, np.array([36e6]))


@pytest.mark.parametrize("count", [2, 3, 4])
def test_few_solved_points_have_no_error_estimate(count: int) -> None:
    coarse = np.linspace(5e6, 35e6, count)
    result = interpolate(coarse, np.full(count, 0.5 + 0.1j), np.array([6e6, 30e6]))
    assert result.error is None
    assert np.allclose(result.values, 0.5 + 0.1j)


# -- resonances, bands, waves ------------------------------------------------------------------


def test_resonances_of_a_line_alternate() -> None:
    """Z = -j 100 cot(pi f / 2 f1): series at odd, parallel at even multiples of f1."""
    f = np.linspace(5e6, 35e6, 3001)
    z = 20.0 - 100j / np.tan(np.pi * f / 2.0 / 8.03e6)
    found = resonances(f, z)
    assert [item.rising for item in found] == [True, False, True, False]
    assert found[0].frequency == pytest.approx(8.03e6, rel=1e-4)
    assert found[2].frequency == pytest.approx(24.09e6, rel=1e-4)


def crossings(*mhz: float, rising: bool = True) -> tuple[Resonance, ...]:
    return tuple(Resonance(value * 1e6, 50.0, rising) for value in mhz)


def test_nearest_resonances_of_one_kind_are_paired() -> None:
    both = pair(crossings(10.0, 14.0), crossings(14.5, 30.0))
    assert both is not None
    assert [item.frequency for item in both] == [14e6, 14.5e6]
    parallel = crossings(20.0, rising=False)
    both = pair(parallel, crossings(14.0) + crossings(21.0, rising=False))
    assert both is not None
    assert both[1].frequency == 21e6


def test_resonances_further_apart_than_20_percent_are_no_pair() -> None:
    assert pair(crossings(98.0), crossings(65.0)) is None
    assert pair(crossings(100.0), crossings(119.0)) is not None
    assert pair(crossings(100.0), crossings(121.0)) is None
    mixed = crossings(98.0) + crossings(80.0, rising=False)
    assert pair(mixed, crossings(65.0) + crossings(81.0, rising=False)) is None


def test_noise_does_not_multiply_a_resonance() -> None:
    """Budget: 1 ohm of noise over a slope of 36 ohm/MHz is 28 kHz, 0.2 % of 14 MHz."""
    random = np.random.default_rng(5)
    f = np.linspace(13e6, 15e6, 801)
    z = series_circuit(f, 50.0, 14e6, 5.0) + 1j * random.normal(scale=1.0, size=f.size)
    found = resonances(f, z)
    assert len(found) == 1
    assert found[0].frequency == pytest.approx(14e6, rel=2e-3)


def test_matched_band_is_the_widest_one() -> None:
    f = np.linspace(0.0, 10.0, 11)
    gamma = np.array([1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0], dtype=complex)
    low, high = matched_band(f, gamma) or (0.0, 0.0)
    assert low == pytest.approx(3.9)
    assert high == pytest.approx(6.1)
    assert matched_band(f, np.ones(11, complex)) is None


def test_waves_are_inverse_and_match_scikit_rf() -> None:
    import skrf

    random = np.random.default_rng(9)
    z = random.uniform(1.0, 200.0, 20) + 1j * random.normal(size=20) * 100.0
    z0 = 40.0 + 15.0j
    gamma = reflection(z, z0)
    assert np.allclose(impedance(gamma, z0), z)
    theirs = skrf.network.z2s(z.reshape(-1, 1, 1), z0, s_def="power")[:, 0, 0]
    assert np.allclose(gamma, theirs)
    assert np.allclose(renormalise(gamma, z0, 75.0), reflection(z, 75.0))


# -- uncertainty -------------------------------------------------------------------------------


def test_uncertainty_from_repeated_sweeps_recovers_the_noise() -> None:
    """40 sweeps of sigma 0.01 in Re and Im: radius sqrt(2 F(0.95; 2, 78)) sigma = 0.0250.

    Budget: relative error of a variance from 78 degrees of freedom and 301 points is 0.9 %.
    """
    random = np.random.default_rng(11)
    noise = random.normal(scale=0.01, size=(2, 40, F.size))
    sweeps = [Measurement(F, 0.5 + noise[0, i] + 1j * noise[1, i], 50.0) for i in range(40)]
    mean, band = from_sweeps(sweeps)
    assert np.sqrt(np.mean(band.radius**2)) == pytest.approx(0.02496, rel=0.02)
    assert np.abs(mean.s11() - 0.5).max() < 0.01
    assert "mean of 40 sweeps" in mean.history
    with pytest.raises(InputError, match="at least 3"):
        from_sweeps(sweeps[:2])
    with pytest.raises(InputError, match="one setting"):
        from_sweeps([*sweeps[:3], sweeps[3].cropped(5e6, 20e6)])


def test_stated_accuracy_and_share_inside() -> None:
    m = Measurement(F, np.full(F.size, 0.5 + 0j), 50.0)
    band = from_accuracy(m, db=0.2, degrees=2.0)
    sigma = 0.5 * np.array([10.0 ** (0.2 / 20.0) - 1.0, np.deg2rad(2.0)]) / 1.96
    assert 1.96 * sigma.max() < band.radius[0] < 2.448 * sigma.max()
    near = Measurement(F, np.full(F.size, 0.51 + 0j), 50.0)
    assert la.compare(near, m, uncertainty=band).first.within_uncertainty == 1.0
    far = Measurement(F, np.full(F.size, 0.6 + 0j), 50.0)
    assert la.compare(far, m, uncertainty=band).first.within_uncertainty == 0.0


def moved(m: Measurement, radius: np.ndarray, angle: float) -> Measurement:
    return Measurement(m.frequency, m.s11() + radius * np.exp(1j * angle), m.z0)


def test_uncertainty_follows_the_reference() -> None:
    """Seen from 200 ohm a circle of radius 1e-5 round Gamma at 50 ohm is the predicted circle.

    Budget: the map is analytic, so the relative error is of order radius / distance to the pole.
    """
    m = measured(F, series_circuit(F, 60.0, 14e6, 8.0))
    radius = np.full(F.size, 1e-5)
    predicted = Uncertainty(F, radius, "test").seen_from(m.s11(), 50.0, 200.0).radius
    for angle in (0.0, 1.0, 2.5):
        true = np.abs(moved(m, radius, angle).s11(200.0) - m.s11(200.0))
        assert predicted == pytest.approx(true, rel=1e-3)
    pair = la.compare(m, m, z0=200.0, uncertainty=Uncertainty(F, radius, "test")).first
    assert pair.uncertainty is not None
    assert pair.uncertainty.radius == pytest.approx(predicted)


def test_uncertainty_goes_through_the_corrections() -> None:
    """0.001 at the analyser becomes what a direct shift of the recorded data becomes.

    The cable takes about 0.3 dB there and back and the hub detunes, so the radius grows; the
    budget is that of the derivative, 1e-6 of a smooth map, against shifts of 1e-5.
    """
    antenna = measured(F, series_circuit(F, 60.0, 14e6, 8.0))
    box = fixture(np.linspace(4e6, 40e6, 181), Truth())
    recorded = embed(with_capacitance(antenna, 5e-12), box)
    todo = Corrections(fixture=box, hub_capacitance=5e-12)
    radius = np.full(F.size, 1e-3)
    result = correct(recorded, todo, Uncertainty(F, radius, "test"))
    assert result.uncertainty is not None
    assert np.abs(result.measurement.s11() - antenna.s11()).max() < 1e-9
    shifted = correct(moved(recorded, np.full(F.size, 1e-5), 0.7), todo).measurement
    gain = np.abs(shifted.s11() - antenna.s11()) / 1e-5
    assert result.uncertainty.radius / 1e-3 == pytest.approx(gain, rel=2e-3)
    assert result.uncertainty.radius.max() > 1.05e-3
    assert correct(recorded, todo).uncertainty is None


def test_uncertainty_of_a_found_delay_and_of_a_differential_sweep() -> None:
    """A delay turns and does not stretch; four equal independent errors combine to one of them."""
    m = measured(F, series_circuit(F, 60.0, 14e6, 8.0))
    late = Measurement(F, m.s11() * np.exp(-4j * np.pi * F * 2e-9), 50.0)
    band = Uncertainty(F, np.full(F.size, 1e-3), "test")
    turned = correct(late, Corrections(delay_to=m), band).uncertainty
    assert turned is not None
    assert turned.radius == pytest.approx(1e-3)
    s = np.zeros((F.size, 2, 2), complex)
    s[:, 0, 0] = s[:, 1, 1] = m.s11()
    both = correct(Measurement(F, s, 50.0), Corrections(make_differential=True), band).uncertainty
    assert both is not None
    assert both.radius == pytest.approx(1e-3)


def test_each_measurement_has_its_own_uncertainty() -> None:
    one, two = (measured(F, series_circuit(F, 50.0, f0, 5.0)) for f0 in (14e6, 15e6))
    band = from_accuracy(one, 0.2, 2.0)
    result = la.compare(one, [one, two], uncertainty=[band, None])
    assert result.pairs[0].within_uncertainty == 1.0
    assert result.pairs[1].within_uncertainty is None
    with pytest.raises(InputError, match="2 uncertainties for 1"):
        la.compare(one, one, uncertainty=[band, None])


@pytest.mark.parametrize("port", [1, 2])
def test_a_sweep_of_all_ports_has_the_others_matched(port: int) -> None:
    """A simulation against its own scattering matrix, at its reference and seen from another."""
    simulated = solution(2)
    coupled = simulated.z.copy()
    coupled[:, 0, 1] = coupled[:, 1, 0] = 30.0 + 20.0j
    simulated = replace(simulated, z=coupled)
    sweep = Measurement(simulated.frequency, simulated.network(75.0).s, 75.0, "synthetic")
    for z0 in (None, 100.0):
        found = la.compare(simulated, sweep, z0=z0, port=port)
        assert found.rms_gamma < 1e-9
        assert not any("other ports" in note for note in found.first.notes)
    open_ = simulated.s11(75.0, port=port) - sweep.s11(port=port)
    assert np.abs(open_).max() > 0.01  # what it would be with the other port open


def test_a_sweep_of_one_port_does_not_tell_how_others_ended() -> None:
    simulated = solution(2)
    one = Measurement(simulated.frequency, simulated.s11(50.0), 50.0)
    found = la.compare(simulated, one)
    assert found.rms_gamma < 1e-12
    assert any("the other ports" in note for note in found.first.notes)
