"""Ribbons: the width of their metal at places."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.geometry.ribbon import Ribbon


def test_the_width_is_that_of_the_nearest_place_on_the_centre_line():
    """Along two legs of 3 and 4 m; beside it, before its start and beyond its end."""
    ribbon = Ribbon([(0.0, 0.0), (3.0, 0.0), (3.0, 4.0)], [0.1, 0.4, 0.2])
    places = np.array([(1.5, 0.0), (1.5, -0.7), (3.2, 2.0), (-1.0, 0.0), (3.0, 9.0), (3.0, 0.0)])
    wanted = [0.5, 0.5, 0.6, 0.2, 0.4, 0.8]
    assert ribbon.width_at(places) == pytest.approx(wanted, rel=1e-12)
