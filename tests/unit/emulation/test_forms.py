"""Losses of an emulator: quadratic forms of matrices that all stacks share."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.emulation.levels import Reduced


@pytest.mark.parametrize("ports", [1, 2, 3])
def test_a_form_is_that_of_the_summed_matrix(ports):
    """y^H (sum_k c_k M_k) y, one frequency and name at a time.  Budget: rounding."""
    rng = np.random.default_rng(ports)
    r, columns, count = 7, 5, 4
    matrices = rng.normal(size=(r, r, columns))
    matrices = matrices + matrices.swapaxes(0, 1)
    part = Reduced(matrices, np.ones((r, 1)), np.zeros((2, 0, r)))
    shape = (count, r, ports)
    current = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    factors = {
        name: rng.normal(size=(count, columns)).astype(complex) for name in ("sky", "ground")
    }
    found = part.forms(factors, current)
    assert set(found) == set(factors)
    for name, value in found.items():
        for n in range(count):
            whole = np.einsum("ijk,k->ij", matrices, factors[name][n].real)
            expected = current[n].conj().T @ whole @ current[n]
            np.testing.assert_allclose(value[n], expected, atol=1e-12 * np.abs(expected).max())
            np.testing.assert_array_equal(value[n], value[n].conj().T)
