"""Two unlike dipoles, crossed, turned by 37 degrees and off the origin: no symmetry is left.

A swapped axis, a sign, a conjugate, a slip by 90 or 180 degrees, a lost phase origin or swapped
ports each change the far field of it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from shapely.geometry import Polygon

import lunar_antenna as la
from lunar_antenna.geometry.layout import Gap, Layout, Port

TURN = np.deg2rad(37.0)
PLACE = np.array([2.8, -1.1])  # m


def turned(points):
    c, s = np.cos(TURN), np.sin(TURN)
    return np.asarray(points) @ np.array([[c, s], [-s, c]]) + PLACE


def strip(x0, x1, y0, y1):
    return Polygon(turned([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]))


def layout():
    """Port 1 along 37 degrees from East, port 2 along 127 degrees."""
    arms = (
        strip(-4.0, -0.1, -0.1, 0.1),
        strip(0.1, 2.5, -0.1, 0.1),
        strip(-0.1, 0.1, 0.6, 1.9),
        strip(-0.1, 0.1, 2.1, 5.5),
    )
    first, second = turned([(0.0, 0.0), (0.0, 2.0)]).tolist()
    ports = (
        Port((Gap(*first, 0.2, 0.2, float(TURN)),), "1"),
        Port((Gap(*second, 0.2, 0.2, float(TURN + 0.5 * np.pi)),), "2"),
    )
    return Layout("askew", arms, ports)


@lru_cache
def askew():
    """Solved at draft, 10, 20 and 30 MHz, on a half-space."""
    problem = la.Problem(layout(), la.load_soil("simple_eps35"), 0.2, la.Band.mhz(10, 30, 3))
    return la.solve(problem, accuracy="draft")
