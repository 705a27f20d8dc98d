"""Compilation of the numba kernels before the first problem comes."""

from __future__ import annotations

import time

import numpy as np
from shapely.geometry import box

from ...geometry.layout import Gap, Layout, Port
from ...media.layer import Layer, Stack
from ...media.sheets import FILMS
from ...problem import Band, Problem
from ..protocol import Progress
from .solver import PlanarSolver


def warmup(progress: Progress | None = None) -> float:
    """Compile everything the planar solver needs; returns the seconds it took."""
    started = time.perf_counter()
    arm = box(0.1, -0.1, 1.0, 0.1)
    layout = Layout(
        "warmup",
        (arm, box(-1.0, -0.1, -0.1, 0.1)),
        (Port((Gap(0.0, 0.0, 0.2, 0.2),)),),
        film=FILMS["polyimide_50um"],
    )
    stack = Stack([Layer(0.5, 2.0, 0.01), Layer(np.inf, 4.0, 0.01)])
    PlanarSolver().solve(Problem(layout, stack, 0.1, Band([20e6])), "draft", progress, 1)
    return time.perf_counter() - started
