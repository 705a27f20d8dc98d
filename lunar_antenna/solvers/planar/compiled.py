"""Compilation of the numba kernels: said when it happens, and whether it lasts."""

from __future__ import annotations

import logging
from pathlib import Path

from ..protocol import Progress

_log = logging.getLogger(__name__)
_announced = False
NOT_KEPT = (
    "no folder for compiled code can be written, so that every process compiles for up to a "
    "minute; set NUMBA_CACHE_DIR to a folder that can"
)


def is_compiled() -> bool:
    """True where the machine code of the matrix fill is already in numba's on-disk cache."""
    from .jit import cache_folder
    from .pairs import fill_pairs

    folder = cache_folder(fill_pairs)
    return folder is not None and any(Path(folder).glob("pairs.fill_pairs-*.nbc"))


def slowed() -> str | None:
    """What slows the solver down on this machine, or None."""
    from .jit import cache_folder
    from .pairs import fill_pairs

    return NOT_KEPT if cache_folder(fill_pairs) is None else None


def announce_compilation(progress: Progress | None) -> None:
    """Say once, before the first call after installation, that compiling takes a while."""
    global _announced
    if _announced:
        return
    _announced = True
    if not is_compiled():
        message = f"compiling: {slowed() or 'under a minute, once'}"
        _log.info(message)
        if progress is not None:
            progress(0.0, message)
