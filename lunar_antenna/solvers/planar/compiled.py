"""Compilation of the numba kernels: said when it happens, done beforehand by ``warmup``."""

from __future__ import annotations

import logging
from typing import Any, cast

from ..protocol import Progress

_log = logging.getLogger(__name__)
_announced = False


def is_compiled() -> bool:
    """True where the machine code of the matrix fill is already in numba's on-disk cache."""
    from pathlib import Path

    from numba.core.caching import FunctionCache

    from .fill import _fill

    function = cast(Any, _fill).py_func
    folder = Path(FunctionCache(function).cache_path)
    return any(folder.glob("fill._fill-*.nbc"))


def announce_compilation(progress: Progress | None) -> None:
    """Say once, before the first call after installation, that compiling takes a while."""
    global _announced
    if _announced:
        return
    _announced = True
    if not is_compiled():
        message = "first call: compiling the planar solver, under a minute, once"
        _log.info(message)
        if progress is not None:
            progress(0.0, message)


def warmup(progress: Progress | None = None) -> float:
    """Compile everything the planar solver needs; returns the seconds it took."""
    import time

    import numpy as np
    from shapely.geometry import box

    from ...geometry.layout import Gap, Layout, Port
    from ...media.layer import Layer, Stack
    from ...media.sheets import FILMS
    from ...problem import Band, Problem
    from .solver import PlanarSolver

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
