"""Interpolation between Chebyshev points: exact for polynomials, at nodes, between and beside."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.common import chebyshev

EPS = np.finfo(float).eps


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("count", [2, 3, 6, 11, 40])
@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (5e6, 35e6), (-1e-3, 0.0)])
def test_polynomials_come_back(ends, count, low, high):
    """Rounding of the formula: n eps times the Lebesgue constant (below 4) and the values (1)."""
    nodes = chebyshev.points(low, high, count, ends=ends)
    assert np.all(np.diff(nodes) > 0.0)
    assert (nodes[0] == low and nodes[-1] == high) == ends
    span = high - low
    beside = [nodes + step * span for step in (0.0, 1e-300, 1e-17, 1e-15, 3e-15, 1e-13, 1e-9)]
    wanted = np.clip(np.concatenate((*beside, np.linspace(low, high, 57))), low, high)
    matrix = chebyshev.matrix(nodes, wanted, ends=ends)
    assert matrix.shape == (wanted.size, count)
    assert np.all(np.isfinite(matrix))

    def polynomial(x):
        return np.cos((count - 1) * np.arccos(np.clip(2.0 * (x - low) / span - 1.0, -1.0, 1.0)))

    # x itself is rounded at max|x|, and the polynomial's slope at the ends is up to (n - 1)^2
    slope = 2.0 * (count - 1) ** 2 / span
    budget = 8 * count * EPS + 4.0 * slope * (EPS * max(abs(low), abs(high)) + 1e-15 * span)
    assert np.abs(matrix @ polynomial(nodes) - polynomial(wanted)).max() < budget
    falling = chebyshev.points(high, low, count, ends=ends)
    assert np.allclose(falling, nodes[::-1], rtol=0.0, atol=4 * EPS * max(abs(low), abs(high)))
    assert np.allclose(
        chebyshev.matrix(falling, wanted, ends=ends) @ falling, wanted, atol=budget * span
    )
    assert np.allclose(matrix.sum(axis=1), 1.0, atol=8 * count * EPS)


def test_a_point_next_to_a_node_at_zero():
    """A distance below the smallest normal double from a node: neither nan nor infinite."""
    nodes = chebyshev.points(-1.0, 1.0, 5, ends=True)
    matrix = chebyshev.matrix(nodes, np.array([5e-324, 0.0]), ends=True)
    assert np.array_equal(matrix, np.eye(5)[[2, 2]])
