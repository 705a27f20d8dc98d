"""What is no solution, no observation or no passive load is refused in one line."""

from __future__ import annotations

import numpy as np
import pytest
from hand_made import short_dipole

import lunar_antenna as la


@pytest.fixture(scope="module")
def dipole():
    return short_dipole(0.3, 0.7)


@pytest.mark.parametrize("given", [3, None, "run.h5", np.ones(4)])
def test_what_is_no_solution(dipole, given):
    for ask in (
        lambda: la.chromaticity(given),
        lambda: la.antenna_temperature(given),
        lambda: la.beam_error(dipole, given),
        lambda: la.noise_budget(given),
    ):
        with pytest.raises(la.InputError, match=r"give the result of la\.solve"):
            ask()


def test_what_is_no_observation(dipole):
    for ask in (
        lambda: la.chromaticity(dipole, terms=1, observation=3),
        lambda: la.beam_error(dipole, dipole, terms=1, observation="noon"),
        lambda: la.antenna_temperature(dipole, observation={}),
    ):
        with pytest.raises(la.InputError, match=r"la\.Observation"):
            ask()
