"""Compilation of the numba kernels: said when it happens."""

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
