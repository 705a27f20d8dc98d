"""Sky noise: published values, Nyquist's theorem, and the parts that must add up.

Error budget: table values were rounded to three digits (0.5 %); everything else is algebra on
the same numbers, so rounding: 1e-12 relative.
"""

from __future__ import annotations

import numpy as np
import pytest
from hand_made import solution

from lunar_antenna.errors import InputError
from lunar_antenna.media.layer import Stack
from lunar_antenna.sky.brightness import BOLTZMANN, sky_temperature
from lunar_antenna.sky.receiver import RECEIVERS, Receiver, receiver_from
from lunar_antenna.sky.temperature import noise_budget, noise_ratio, sky_limited_fraction

TIGHT = 1e-12
SOIL = Stack.half_space(3.5, loss_tangent=0.01)


@pytest.mark.parametrize(
    ("sky", "kelvin"),
    [
        ("novaco_brown", [1.62e6, 3.63e5, 1.41e5, 7.01e4, 2.56e4]),
        ("cane", [1.61e6, 2.92e5, 1.04e5, 5.01e4, 1.78e4]),
    ],
)
def test_sky_temperatures_of_the_table(sky, kelvin):
    """Computed from the published laws at 5, 10, 15, 20, 30 MHz, rounded to three digits."""
    found = sky_temperature(np.array([5, 10, 15, 20, 30]) * 1e6, sky)
    assert found == pytest.approx(kelvin, rel=5e-3)


def test_the_two_laws_differ_as_said():
    f = np.linspace(10e6, 35e6, 26)
    ratio = sky_temperature(f, "novaco_brown") / sky_temperature(f, "cane")
    assert 1.2 < ratio.min() < ratio.max() < 1.46


def test_sky_refuses_what_it_does_not_know():
    with pytest.raises(InputError, match="allowed: novaco_brown, cane"):
        sky_temperature(10e6, "haslam")
    with pytest.raises(InputError, match=r"0\.25 to 100 MHz"):
        sky_temperature([10e6, 1e9])


@pytest.mark.parametrize("stack", [None, SOIL])
@pytest.mark.parametrize(("ports", "port"), [(1, 1), (2, 1), (2, 2)])
@pytest.mark.parametrize("terminated", [False, True])
def test_equilibrium(stack, ports, port, terminated):
    """All at T: the antenna gives 4kT Re Z |M|^2, antenna and input resistor 4kT Re(Z || Z_L)."""
    kelvin = 300.0
    sol = solution(ports, stack, points=16)
    device = Receiver(2000.0, 30e-12, temperature=kelvin)
    budget = noise_budget(
        sol, device, kelvin, port=port, terminated=terminated, moon=kelvin, antenna=kelvin
    )
    load = device.impedance(sol.frequency)
    z = sol.input_impedance(port, load if terminated else None)
    antenna = budget.sky + budget.moon + budget.loss + budget.other
    expected = 4 * BOLTZMANN * kelvin * z.real * np.abs(load / (z + load)) ** 2
    assert antenna == pytest.approx(expected, rel=TIGHT)
    whole = 4 * BOLTZMANN * kelvin * (z * load / (z + load)).real
    assert budget.total == pytest.approx(whole, rel=TIGHT)
    assert np.any(budget.other > 0.0) == (terminated and ports == 2)


def test_matched_load_takes_kt():
    """A load of conj(Z) takes kT per hertz from an antenna at T: V^2 Re(1/Z_L) = kT.

    A parallel R and C match an inductive antenna: R = |Z|^2/Re Z, omega C = Im Z/|Z|^2.
    """
    sol = solution(points=31)
    z = sol.input_impedance()
    k = int(np.argmax(z.imag))
    assert z[k].imag > 0.0
    square = abs(z[k]) ** 2
    omega = 2 * np.pi * sol.frequency[k]
    device = Receiver(square / z[k].real, z[k].imag / square / omega)
    assert device.impedance(sol.frequency)[k] == pytest.approx(z[k].conj(), rel=TIGHT)
    budget = noise_budget(sol, device, 200.0, moon=200.0, antenna=200.0)
    power = budget.total[k] / device.resistance
    assert power == pytest.approx(BOLTZMANN * 200.0, rel=TIGHT)


def test_receiver_noise_is_what_its_sources_say():
    device = Receiver(1e5, 10e-12, voltage_noise=2e-9, current_noise=1e-13, temperature=290.0)
    f = np.array([5e6, 20e6])
    antenna = np.array([10 - 500j, 200 + 300j])
    y = 1 / antenna + 1 / 1e5 + 2j * np.pi * f * 10e-12
    expected = 4e-18 + (1e-26 + 4 * BOLTZMANN * 290 / 1e5) / np.abs(y) ** 2
    assert device.noise(f, antenna) == pytest.approx(expected, rel=TIGHT)


def test_system_temperature_and_share():
    sol = solution(stack=SOIL, points=16)
    budget = noise_budget(sol, "lusee_like", "cane")
    assert budget.system_temperature * budget.sky_share == pytest.approx(
        sky_temperature(sol.frequency, "cane"), rel=TIGHT
    )
    assert np.all(budget.sky_share < 1.0)
    silent = noise_budget(sol, Receiver(1e6), "cane", moon=0.0, antenna=0.0)
    assert silent.sky_share == pytest.approx(1.0, rel=TIGHT)


def test_a_reactance_in_series_does_not_change_the_share_of_a_silent_receiver():
    """Why the mismatch is no merit: |M|^2 is common to sky, moon and losses."""
    sol = solution(stack=SOIL, points=16)
    shares = [noise_budget(sol, Receiver(r, c)).sky_share for r, c in ((50.0, 0.0), (1e6, 1e-9))]
    assert shares[0] == pytest.approx(shares[1], rel=TIGHT)
    efficiency = sol.efficiency(50.0).mismatch / sol.efficiency(1e6).mismatch
    assert efficiency.max() > 10.0


def test_sky_limited_fraction_finds_the_crossing():
    """ratio = c f^-n crosses the threshold where it says, whatever the grid."""
    sol = solution(points=16)
    budget = noise_budget(sol, "lusee_like")
    f = budget.frequency
    cross = 17.3e6
    law = type(budget)(
        f, budget.sky_temperature, 10.0 * (f / cross) ** -3.0, 0 * f, 0 * f, 0 * f, 0 * f + 1.0
    )
    assert sky_limited_fraction(law) == pytest.approx((cross - 5e6) / 30e6, rel=1e-12)
    assert sky_limited_fraction(law, 1e-6) == 1.0
    assert sky_limited_fraction(law, 1e6) == 0.0
    assert noise_ratio(sol, "lusee_like") == pytest.approx(budget.ratio, rel=TIGHT)


def test_receivers_by_name_and_table():
    assert receiver_from(None) == receiver_from("lusee_like") == RECEIVERS["lusee_like"]
    changed = receiver_from({"name": "lusee_like", "capacitance": 37e-12})
    assert (changed.capacitance, changed.resistance) == (37e-12, 0.7e6)
    assert receiver_from(changed.to_dict()) == changed
    for bad, words in [
        ("fet", "allowed: lusee_like"),
        ({"resistence": 1.0}, "unknown key 'resistence'"),
        ({"capacitance": 1e-12}, "lacks resistance"),
        ({"resistance": -1.0}, "receiver resistance"),
        (3, "neither a name nor a table"),
    ]:
        with pytest.raises(InputError, match=words):
            receiver_from(bad)
