"""What residuals say of the errors: levels against the truth, chances against their own law."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.inversion.errors import ErrorModel, White
from lunar_antenna.inversion.seen import as_seen, chance_of_structure, neighbours

N = 61
FREQUENCY = np.linspace(5e6, 35e6, N)
GAMMA = 0.8 * np.exp(1j * np.linspace(0.0, 5.0, N)) * np.linspace(0.2, 1.0, N)
ERRORS = ErrorModel()


def white(size, seed):
    random = np.random.default_rng(seed)
    return size * (random.normal(size=N) + 1j * random.normal(size=N))


def test_the_stated_white_part_is_the_default():
    stated = ERRORS.whitening(FREQUENCY, GAMMA)
    given = ERRORS.whitening(FREQUENCY, GAMMA, white=ERRORS.white)
    assert np.array_equal(stated.scale, given.scale)
    half = ERRORS.whitening(FREQUENCY, GAMMA, white=White(0.0, 1e-3))
    assert np.allclose(half.scale, 1e-3, rtol=1e-12)


def test_the_determinant_is_that_of_the_covariance():
    """C from its own inverse root, column by column; rounding of a 122 x 122 determinant."""
    whitening = ERRORS.whitening(FREQUENCY, GAMMA, [0.01 * GAMMA**2])
    basis = np.vstack((np.eye(N), 1j * np.eye(N)))  # unit errors of Re and Im
    root = whitening(basis)
    assert whitening.log_determinant == pytest.approx(-2.0 * np.linalg.slogdet(root)[1], abs=1e-8)


@pytest.mark.parametrize("size", [5e-4, 1e-3, 5e-3])
def test_white_errors_are_seen_at_their_size(size):
    """A standard deviation from 122 numbers is known to 6.4 %: four of those, over ten sweeps."""
    found = [
        as_seen(ERRORS, FREQUENCY, GAMMA, (), white(size, seed), 1e-4).whitening.scale
        for seed in range(10)
    ]
    assert np.sqrt(np.mean(np.square(found))) == pytest.approx(size, rel=4 * 0.064 / np.sqrt(10))


def test_errors_as_stated_are_seen_as_stated():
    """The common part is large and known; the white part must not take it in, nor lose to it."""
    found = []
    for seed in range(10):
        drawn = ERRORS.draw(FREQUENCY, GAMMA, np.random.default_rng(seed)) - GAMMA
        found.append(as_seen(ERRORS, FREQUENCY, GAMMA, (), drawn, 1e-4).white.share)
    assert np.mean(found) == pytest.approx(ERRORS.white.share, rel=4 * 0.064 / np.sqrt(10))


def test_white_residuals_have_the_chances_they_should():
    """Of 300 white sweeps 5 % +- 1.3 % fall below 0.05; four of those."""
    slopes = np.vstack((np.eye(N)[:, :3], np.ones((N, 3)) * np.arange(N)[:, None] ** [0, 1, 2]))
    chances = []
    for seed in range(300):
        drawn = np.random.default_rng(seed).normal(size=2 * N)
        chances.append(chance_of_structure(drawn, slopes))
    assert abs(np.mean(np.array(chances) < 0.05) - 0.05) < 0.052


def test_structure_is_seen_whatever_its_size():
    """A slow wave as large as the white errors, which chi2 against larger stated ones hides."""
    slow = np.concatenate((np.sin(FREQUENCY / 2e6), np.cos(FREQUENCY / 3e6)))
    drawn = np.random.default_rng(1).normal(size=2 * N)
    slopes = np.ones((2 * N, 1))
    for size in (1.0, 1e-3):
        assert chance_of_structure(size * (drawn + 1.4 * slow), slopes) == 1e-3
    assert neighbours(slow) > 0.8
