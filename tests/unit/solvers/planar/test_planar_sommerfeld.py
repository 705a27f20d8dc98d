"""Quadrature behind the layered kernels: known integrals, and work that stays bounded."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.solvers.planar.sommerfeld import real_axis

END = 4.0


def limited(function, most=300_000):
    """The integrand, refusing to be sampled at more than ``most`` nodes in all."""
    seen = [0]

    def wrapped(k):
        seen[0] += k.size
        assert seen[0] < most, "the adaptive rule refines without end"
        return function(k)

    return wrapped


def test_square_roots_at_the_branch_point():
    """Integral of sqrt|k - 1| over 0..4: (2/3)(1 + 3^1.5), to 1e-7."""
    _, weights, values = real_axis(
        limited(lambda k: np.sqrt(np.abs(k - 1.0))[:, None]), np.array([1.0]), END, 0.5, 1e-8
    )
    got = float(weights @ values[:, 0])
    assert got == pytest.approx(2.0 / 3.0 * (1.0 + 3.0**1.5), rel=1e-7)


@pytest.mark.parametrize("width", [1e-3, 1e-5])
def test_narrow_peak(width):
    """A Lorentzian of any width, as of a weakly damped guided wave: pi to 1e-4 (its far tails)."""
    centre = 2.3456
    _, weights, values = real_axis(
        limited(lambda k: (width / ((k - centre) ** 2 + width**2))[:, None]),
        np.array([1.0]),
        END,
        0.05,
        1e-8,
    )
    exact = np.arctan((END - centre) / width) + np.arctan(centre / width)
    assert float(weights @ values[:, 0]) == pytest.approx(exact, rel=1e-4)


def test_a_column_of_rounding_noise_costs_nothing():
    """The loss of a lossless film is rounding noise: it must not drive the refinement."""
    rng = np.random.default_rng(1)

    def integrand(k):
        return np.column_stack((1.0 / (1.0 + k * k), 1e-17 * rng.standard_normal(k.size)))

    _, weights, values = real_axis(limited(integrand), np.array([1.0]), END, 0.5, 1e-7)
    assert float(weights @ values[:, 0]) == pytest.approx(np.arctan(END), rel=1e-7)
