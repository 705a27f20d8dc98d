"""The large reduced matrix: half of it, without pivoting, and what is done where that fails."""

import numpy as np
import pytest

from lunar_antenna.array import reduced, symmetric
from lunar_antenna.array.reduced import Assembled


def matrix(n, generator):
    """Complex symmetric with a positive definite real part, as reactions among currents are."""
    half = generator.standard_normal((n, n))
    reactance = generator.standard_normal((n, n))
    return 0.3 * half @ half.T + 1j * (reactance + reactance.T) + n * np.eye(n)


@pytest.mark.parametrize(("single", "most"), [(False, 1e-12), (True, 2e-5)])
def test_factors_solve_from_the_lower_triangle_alone(monkeypatch, single, most):
    """Rounding times the matrix's condition, below 50: 50 * 6e-8 a step in single precision."""
    monkeypatch.setattr(symmetric, "BLOCK", 16)
    monkeypatch.setattr(symmetric, "PANEL", 48)
    generator = np.random.default_rng(5)
    whole = matrix(150, generator)
    right = generator.standard_normal((150, 7)) + 1j
    lower = np.tril(whole) + np.triu(np.full((150, 150), 1e9), 1)
    kind = np.complex64 if single else np.complex128
    factors = symmetric.factorise(lower.astype(kind))
    found = factors.solve(right.astype(kind))
    assert np.abs(found - np.linalg.solve(whole, right)).max() < most * np.abs(found).max()


def test_the_residual_is_of_whole_rows_and_tells_a_factorisation_that_failed(monkeypatch):
    monkeypatch.setattr(symmetric, "BLOCK", 8)
    generator = np.random.default_rng(6)
    n = 24
    # regular as a whole, singular in its first block: no factors without pivoting
    hard = np.roll(np.eye(n), n // 2, axis=1) + 0j
    right = generator.standard_normal((n, 3)) + 0j

    def made():
        return Assembled(np.zeros((3, 3), complex), right, np.tril(hard).copy())

    assert not reduced._secondary(made(), pivoting=False)[1] < 1e-5
    found, residual = reduced._secondary(made(), pivoting=True)
    assert residual < 1e-12
    assert np.abs(hard @ found + right).max() < 1e-12
    rows = made().rows(np.array([0, 5, n - 1]))
    np.testing.assert_array_equal(rows, hard[[0, 5, n - 1]])
