"""numba's decorator with a type, for kernels that release the GIL and are cached on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """Compile in nopython mode."""
    return cast(Kernel, numba.njit(nogil=True, cache=True)(function))


def compiled_fast(function: Kernel) -> Kernel:
    """Compile in nopython mode with fused and reordered arithmetic (no nan or inf inside)."""
    return cast(Kernel, numba.njit(nogil=True, cache=True, fastmath=True)(function))
