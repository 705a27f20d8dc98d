"""Rows and numbers for people: even steps, and nothing that rounds to nothing."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.common.rows import evenly, kilograms, level, share, tenths


@pytest.mark.parametrize("count", [1, 2, 7, 13, 14, 20, 21, 31, 41, 48, 60, 61, 62, 101, 200, 1001])
def test_steps_are_even(count):
    rows = evenly(count)
    assert rows[0] == 0
    assert rows[-1] < count
    assert len(set(np.diff(rows))) <= 1
    assert 1 <= len(rows) <= 21
    assert len(rows) >= min(count, 7)


@pytest.mark.parametrize("count", [21, 31, 41, 61, 101, 121, 201])
def test_both_ends_where_a_step_allows_it(count):
    assert evenly(count)[-1] == count - 1


def test_small_values_keep_digits():
    assert share(0.0) == "0"
    assert share(4.2e-7) == "4.2e-07"
    assert share(0.9634) == "0.963"
    assert share(-3e-31) == share(9.9e-30) == "<1e-12"  # rounding, no number
    assert tenths(0.0123) == "0.012"
    assert tenths(123.44) == "123.4"
    assert level(-0.0043) == "-0.0043"
    assert level(-120.0) == "<-120"
    assert kilograms(0.0183) == "18.3 g"
    assert kilograms(1.2345) == "1.23 kg"
