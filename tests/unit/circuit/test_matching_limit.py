"""What no lossless network can exceed, against Fano's closed forms and against networks."""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.circuit.matching_limit import ORDER, matching_limit
from lunar_antenna.circuit.networks import Element, transform

BAND = np.linspace(1e6, 3e6, 4001)


def fano(exponent):
    """Lowest 1 - |Gamma|^2 where the integral of ln 1/|Gamma| allows exponent in the band."""
    return 1.0 - np.exp(-2.0 * exponent)


@pytest.mark.parametrize("product", [1.0, 2.0, 4.0, 8.0])
def test_a_resistance_and_a_capacitor_in_parallel_come_out_as_fano_has_them(product):
    """The integral of ln 1/|Gamma| over omega is pi/(R C).

    Cut at ORDER functions the limit is high, by 2/ORDER of itself at most, and the band's edges
    lie within half a step of the angles.
    """
    width = 2.0 * np.pi * (BAND[-1] - BAND[0])
    z = 50.0 / (1.0 + 2j * np.pi * BAND * product / width)
    found = matching_limit(BAND, z, np.full(BAND.size, 0.3))
    exact = fano(np.pi / product)
    assert 0.3 * found == pytest.approx(exact, rel=4.0 / ORDER)
    assert 0.3 * found > exact * (1.0 - 1e-3)


def test_a_resistance_and_a_capacitor_in_series_come_out_as_fano_has_them():
    """The integral of ln 1/|Gamma| over 1/omega is pi R C: what bars a short antenna."""
    rc = 1.0 / (2.0 * np.pi * 1.5e6)
    z = 10.0 * (1.0 + 1.0 / (2j * np.pi * BAND * rc))
    span = (1.0 / BAND[0] - 1.0 / BAND[-1]) / (2.0 * np.pi)
    found = matching_limit(BAND, z, np.full(BAND.size, 0.5))
    assert 0.5 * found == pytest.approx(fano(np.pi * rc / span), rel=4.0 / ORDER)


@pytest.mark.parametrize("kinds", [("series C", "shunt L"), ("shunt L", "series C")])
def test_no_ladder_of_two_elements_beats_it(kinds):
    """A dipole-like circuit; 3000 ladders at random, all but without loss."""
    omega = 2.0 * np.pi * BAND
    z = 12.0 * (BAND / 1e6) ** 2 + 1j * (omega * 8e-6 - 1.0 / (omega * 1.2e-9))
    level = np.where(BAND >= 1.5e6, 0.5, 0.2)
    limit = matching_limit(BAND, z, level)
    rng, best = np.random.default_rng(3), 0.0
    made = tuple(Element(kind, 1e-12, 1.0, 1e6) for kind in kinds)
    low = {"L": 1e-7, "C": 1e-11}
    for draw in rng.random((3000, 3)):
        values = tuple(low[k[-1]] * 1e4**u for k, u in zip(kinds, draw, strict=False))
        seen, _ = transform(BAND, z, made, values)
        z0 = 10.0 * 100.0 ** draw[2]
        accepted = 4.0 * z0 * seen.real / np.abs(seen + z0) ** 2
        best = max(best, float((accepted / level).min()))
    assert 0.5 * limit < best < limit


def test_a_match_at_one_frequency_is_always_possible():
    z = np.full(2, 3.0 - 200j)
    assert matching_limit(np.array([1e6, 1.00001e6]), z, np.full(2, 0.9)) > 1.1


@pytest.mark.parametrize(
    ("frequency", "z", "level", "told"),
    [
        ([2.0, 1.0], [1.0, 1.0], [0.5, 0.5], "frequency does not rise"),
        ([1.0, 2.0], [1.0], [0.5, 0.5], "have shapes"),
        ([1.0, 2.0], [1.0, -1.0], [0.5, 0.5], "Re z is -1 ohm"),
        ([1.0, 2.0], [1.0, 1.0], [0.5, 1.0], "level is 0.5 to 1"),
        ([1.0, 2.0], [1.0, 1.0], [0.0, 0.0], "level is 0 to 0"),
    ],
)
def test_what_cannot_be_is_one_line(frequency, z, level, told):
    with pytest.raises(la.InputError, match=told):
        matching_limit(np.array(frequency), np.array(z), np.array(level))
