"""Nodes left out of a grid: what is far away must not notice, and there must be many fewer."""

import numpy as np
import pytest
from test_array_blocks import currents, element, tables  # noqa: F401

from lunar_antenna.array.blocks import blocks
from lunar_antenna.array.thinning import far_fields, sky_kernels, thinned


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6])
def test_far_blocks_keep_their_value_on_fewer_nodes(element, tables, tolerance):  # noqa: F811
    """The error of a block is that of the fields on either side: ten of the tolerance at most."""
    functions = currents(element)
    fine = element.grid(16, by_part=False)
    few = thinned(fine, far_fields(tables, fine, element.radius + 6.0), tolerance)
    assert len(few.position) < 0.5 * len(fine.position)
    where = np.array([[11.0, 4.0, 0.7], [-20.0, 25.0, 2.0], [0.0, 45.0, 0.0]])
    for name in ("z", "ground"):
        exact = blocks(tables, name, *[element.on_grid(fine, functions)] * 2, where)
        found = blocks(tables, name, *[element.on_grid(few, functions)] * 2, where)
        assert np.abs(found - exact).max() < 10 * tolerance * np.abs(exact).max(), name


def test_the_sky_keeps_its_value_everywhere(element, tables):  # noqa: F811
    functions = currents(element)
    fine = element.wave_grid(2.0, 1e-9)
    few = thinned(fine, sky_kernels(tables, fine), 1e-6)
    assert len(few.position) < 0.5 * len(fine.position)
    where = np.array([[0.0, 0.0, 0.0], [5.2, 0.0, 0.3], [30.0, 20.0, 1.0]])
    exact = blocks(tables, "sky", *[element.on_grid(fine, functions)] * 2, where)
    found = blocks(tables, "sky", *[element.on_grid(few, functions)] * 2, where)
    assert np.abs(found - exact).max() < 1e-5 * np.abs(exact).max()
