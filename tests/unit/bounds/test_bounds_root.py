"""The root of a matrix of power: its columns are those that carry some."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.bounds.quantities import KEPT, _root


def test_what_carries_no_power_is_left_out_against_the_largest():
    root = _root(np.diag([0.5 * KEPT, 2.0, 0.1 * KEPT]))
    assert root.shape == (3, 1)
    assert np.abs(root[:, 0]) == pytest.approx([0.0, 2.0**0.5, 0.0], abs=1e-15)


def test_the_root_squared_is_the_matrix():
    made = np.random.default_rng(3).normal(size=(6, 4))
    matrix = made @ made.T
    root = _root(matrix)
    assert root.shape == (6, 4)
    assert root @ root.T == pytest.approx(matrix, rel=1e-10, abs=1e-12)
