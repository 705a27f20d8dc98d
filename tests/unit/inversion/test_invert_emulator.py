"""The adaptive emulator against functions that are known everywhere.

Budget: values are of order 1, so polynomial arithmetic on at most 20 Leja points rounds at 1e-12.
Where the emulator stops at a tolerance, the first neglected terms sit on the surface of the set of
its n indices, about n^(2/3) of them in three dimensions, each below the tolerance.
"""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.inversion.emulator import build

ROUNDING = 1e-12


def largest(error):
    return float(np.abs(error).max())


def points(count, dimensions):
    return np.random.default_rng(5).uniform(-1.0, 1.0, (count, dimensions))


def test_polynomials_come_out_exactly():
    def solve(x):
        first = 1.0 + (1.2 + x[:, 0]) ** 3 * x[:, 1] - 2j * x[:, 1] ** 2
        return np.column_stack((first, x[:, 0] + 0j))

    emulator = build(solve, 2, largest, tolerance=1e-9, budget=60)
    x = points(50, 2)
    assert largest(emulator(x) - solve(x)) < ROUNDING
    assert emulator.error < ROUNDING
    assert emulator.nodes < 30


@pytest.mark.parametrize("tolerance", [1e-2, 1e-4, 1e-6])
def test_the_error_off_the_nodes_follows_the_tolerance(tolerance):
    """A damped resonance that moves: what an impedance does."""

    def solve(x):
        detune = 1.0 + 0.3 * x[:, :1] + 0.1 * x[:, 1:2]
        f = np.linspace(0.7, 1.3, 9)[None, :]
        return 1.0 / (f / detune - detune / f - 1j * (0.6 + 0.1 * x[:, 2:3]))

    emulator = build(solve, 3, largest, tolerance=tolerance, budget=2000)
    x = points(200, 3)
    assert emulator.error < tolerance
    assert largest(emulator(x) - solve(x)) < tolerance * emulator.nodes ** (2.0 / 3.0)


@pytest.mark.parametrize("power", [2, 3])
def test_symmetric_functions_do_not_fool_the_first_levels(power):
    """x^3 is x on the nodes 0, 1 and -1: two levels alone would look converged."""

    def solve(x):
        return x[:, :1] ** power + 0j

    emulator = build(solve, 1, largest, tolerance=0.5, budget=10)
    x = points(20, 1)
    assert largest(emulator(x) - solve(x)) < ROUNDING


def test_the_budget_holds_and_the_error_says_what_was_reached():
    def solve(x):
        return np.exp(4j * x.sum(axis=1, keepdims=True))

    few = build(solve, 3, largest, tolerance=1e-9, budget=40)
    many = build(solve, 3, largest, tolerance=1e-9, budget=300)
    assert few.nodes == 40
    assert few.error > 1e-9
    assert many.error < few.error


def test_every_node_is_solved_once():
    seen = []

    def solve(x):
        seen.extend(map(tuple, x.tolist()))
        return np.exp(x.sum(axis=1, keepdims=True)) + 0j

    emulator = build(solve, 2, largest, tolerance=1e-6, budget=200)
    assert len(seen) == len(set(seen)) == emulator.nodes


def test_no_free_dimension_is_one_solve():
    emulator = build(lambda x: np.full((len(x), 3), 2.0 + 1j), 0, largest, tolerance=1.0, budget=9)
    assert emulator.nodes == 1
    assert np.array_equal(emulator(np.zeros((4, 0))), np.full((4, 3), 2.0 + 1j))


def test_mapped_interpolates_the_values():
    matrix = np.array([[1.0, 2.0], [0.0, -1.0], [0.5, 0.5]])

    def solve(x):
        return np.column_stack((np.sin(x[:, 0]), np.cos(x[:, 0]))) + 0j

    emulator = build(solve, 1, largest, tolerance=1e-8, budget=40)
    x = points(10, 1)
    assert np.allclose(emulator.mapped(matrix)(x), emulator(x) @ matrix.T, rtol=0.0, atol=ROUNDING)
