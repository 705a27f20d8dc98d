"""numba's decorator with a type, for kernels that release the GIL and are cached on disk.

Where no folder for the cache can be written, or the disk is full, kernels are compiled anew in
each process; a damaged cache is thrown away.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import FunctionCache

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """Compile in nopython mode."""
    return _cached(numba.njit(nogil=True)(function), function)


def compiled_fast(function: Kernel) -> Kernel:
    """Compile in nopython mode with fused and reordered arithmetic (no nan or inf inside)."""
    return _cached(numba.njit(nogil=True, fastmath=True)(function), function)


def cache_folder(kernel: Callable[..., Any]) -> str | None:
    """Where the machine code of ``kernel`` is kept; None where it is not."""
    cache = getattr(kernel, "_cache", None)
    return cache.cache_path if isinstance(cache, _Cache) else None


def _cached(dispatcher: Any, function: Kernel) -> Kernel:
    with contextlib.suppress(RuntimeError, OSError):  # no folder that can be written
        dispatcher._cache = _Cache(function)
    return cast(Kernel, dispatcher)


class _Cache(FunctionCache):  # type: ignore[misc]
    """numba's cache of one function, whose faults cost time and nothing else."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # unpickling damaged bytes may raise anything
            with contextlib.suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError:
            self.disable()
