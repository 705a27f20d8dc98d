"""Matching network, transformer and reference impedance: hand-worked circuits."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.circuit.networks import Element, transform
from lunar_antenna.errors import InputError
from lunar_antenna.search.port import PortModel, Termination

F = np.array([10e6])
OMEGA = 2.0 * np.pi * 10e6
LOSSLESS = 1e9  # quality factor


def element(kind, q=LOSSLESS):
    return Element(kind, 1e-12, 1e-3, q)


def test_l_section_matches_a_resistor_exactly():
    """200 ohm to 50 ohm: Q = sqrt(200/50 - 1); shunt C = Q/(omega 200), series L = Q 50/omega."""
    quality = np.sqrt(3.0)
    elements = (element("shunt C"), element("series L"))
    values = (quality / (OMEGA * 200.0), quality * 50.0 / OMEGA)
    z, passed = transform(F, np.array([200.0 + 0j]), elements, values)
    assert z[0] == pytest.approx(50.0, rel=1e-8)
    assert passed[0] == pytest.approx(1.0, abs=1e-8)


@pytest.mark.parametrize("kind", ["series L", "series C", "shunt L", "shunt C"])
def test_every_element_is_what_its_name_says(kind):
    """A reactance of +-100 ohm beside 100 ohm: 100 +- 100j in series, 50 +- 50j in parallel."""
    value = 100.0 / OMEGA if kind[-1] == "L" else 1.0 / (100.0 * OMEGA)
    z, _ = transform(F, np.array([100.0 + 0j]), (element(kind),), (value,))
    sign = 1.0 if kind[-1] == "L" else -1.0
    expected = 100.0 + sign * 100j if kind.startswith("series") else 50.0 + sign * 50j
    assert z[0] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        ("series L", 100 / 101),  # omega L / Q = 100/100 = 1 ohm in series with 100 ohm
        ("shunt C", 100 / 101),  # omega C / Q = 0.01/100 S beside 0.01 S
        ("shunt L", 100 / (100 + 100 * (1e-2 / (1 + 1e-4)))),  # G = (R_s/(R_s^2 + X^2)), R_s = 1
        ("series C", 100 / (100 + (1e-2 / (1 + 1e-4)) * 100)),  # dual
    ],
)
def test_losses_follow_from_the_quality_factor(kind, share):
    """Q = 100 and a reactance of 100 ohm at an antenna of 100 ohm: about 1 % is lost."""
    value = 100.0 / OMEGA if kind[-1] == "L" else 1.0 / (100.0 * OMEGA)
    _, passed = transform(F, np.array([100.0 + 0j]), (element(kind, q=100.0),), (value,))
    assert passed[0] == pytest.approx(share, rel=1e-9)


def test_a_lossy_network_gains_nothing_by_its_losses():
    """A series coil of Q = 1/10 makes 5 ohm look like 505: matched on the outside, lost inside."""
    port = PortModel(505.0, 505.0, network=(element("series L", q=0.1),))
    value = 50.0 / OMEGA  # 50 ohm of reactance, 500 ohm of resistance
    at = Termination(505.0, (value,))
    accepted = port.accepted(F, np.array([5.0 - 50j]), at)[0]
    assert accepted == pytest.approx(5.0 / 505.0, rel=1e-9)


def test_power_is_conserved_through_two_elements():
    """Power into a resistive antenna by Kirchhoff's laws against the product of the shares."""
    coil, capacitor = element("series L", q=50.0), element("shunt C", q=200.0)
    values = (3e-7, 2e-10)
    antenna = 30.0 - 40j
    z, passed = transform(F, np.array([antenna]), (coil, capacitor), values)
    inner = antenna + OMEGA * values[0] * (1j + 1 / 50.0)
    current = 1.0 / inner  # 1 V across the capacitor
    into_antenna = 0.5 * abs(current) ** 2 * antenna.real
    into_network = 0.5 * (1.0 / z[0]).real
    assert passed[0] == pytest.approx(into_antenna / into_network, rel=1e-12)


def test_transformer_is_a_reference_impedance():
    port = PortModel.from_table({"load": 50.0, "turns": [1.0, 3.0]})
    assert (port.z0_low, port.z0_high) == pytest.approx((50.0, 450.0))
    assert port.describe(Termination(200.0)) == {"turns": pytest.approx(2.0)}


def test_port_of_a_study_file_survives_json_and_names_its_variables():
    port = PortModel.from_table(
        {
            "z0": [25.0, 600.0],
            "network": [
                {"element": "series L", "range": [1e-8, 1e-5]},
                {"element": "shunt C", "value": 1e-10, "q": 300.0},
            ],
        }
    )
    assert PortModel.from_dict(port.to_dict()) == port
    assert list(port.variables(with_z0=False)) == ["network.1"]
    assert list(port.variables(with_z0=True)) == ["network.1", "z0"]
    assert port.values({"network.1": 2e-7, "length": 9.0}) == (2e-7, 1e-10)
    assert [item.q for item in port.network] == [100.0, 300.0]
    found = port.describe(Termination(100.0, (2e-7, 1e-10)))["network"]
    assert [(item["element"], item["value"], item["unit"]) for item in found] == [
        ("series L", 2e-7, "H"), ("shunt C", 1e-10, "F")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"z0": [600, 25]}, r"z0 range = \[600, 25\] is empty"),
        ({"z0": -5}, "z0 = -5"),
        ({"z0": 50, "load": 50, "turns": 2}, "change one"),
        ({"load": 50}, "load and turns together"),
        ({"impedance": 50}, "unknown key 'impedance'"),
        ({"network": {"element": "series L"}}, r"write \[\[port.network\]\]"),
        ({"network": [{"element": "series R", "value": 5}]}, "'series R' is not known"),
        ({"network": [{"element": "series L"}]}, "range = .low, high. or a value"),
        ({"network": [{"element": "series L", "range": [2e-6, 1e-6]}]}, "outside"),
        ({"network": [{"element": "series L", "value": 1e-6}] * 3}, "3 elements, allowed: up to 2"),
    ],
)
def test_wrong_ports_are_refused_in_one_line(table, told):
    with pytest.raises(InputError, match=told) as caught:
        PortModel.from_table(table)
    assert "\n" not in str(caught.value)
