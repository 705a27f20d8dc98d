"""LAPACK without Python's lock: other threads, and signals, go on while a matrix is solved.

scipy's own wrapper of zsysv keeps the lock for as long as the matrix takes, minutes for the
largest; what is called here is the same routine of the same library.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any

import numpy as np

from ..conventions import ComplexArray, FloatArray


def solve_symmetric(
    matrix: ComplexArray, right: ComplexArray | FloatArray
) -> tuple[ComplexArray, bool]:
    """Solution x (n, m) of A x = b for complex symmetric A, and whether it is one.

    Bunch-Kaufman factors (zsysv).  matrix: A (n, n), C-contiguous, overwritten by its factors.
    right: b, real or complex.
    """
    n, columns = right.shape
    if matrix.shape != (n, n) or not matrix.flags.c_contiguous or matrix.dtype != np.complex128:
        raise ValueError(f"matrix {matrix.shape} {matrix.dtype} is not ({n}, {n}) complex, C order")
    x = np.array(right, dtype=np.complex128, order="F")
    pivots = np.empty(n, dtype=np.int32)
    work = np.empty(_work_size(n), dtype=np.complex128)
    # symmetric: the transpose is the same matrix in the order LAPACK wants
    return x, _zsysv(n, columns, matrix, pivots, x, work, work.size) == 0


def _zsysv(n: int, columns: int, a: Any, pivots: Any, b: Any, work: Any, size: int) -> int:
    info = ctypes.c_int(0)
    whole = [ctypes.c_int(value) for value in (n, columns, max(1, n), max(1, n), size)]
    order, count, lda, ldb, lwork = (ctypes.byref(item) for item in whole)
    arrays = [item.ctypes.data_as(ctypes.c_void_p) for item in (a, pivots, b, work)]
    _routine()(
        ctypes.c_char_p(b"U"), order, count, arrays[0], lda, arrays[1], arrays[2], ldb, arrays[3],
        lwork, ctypes.byref(info),
    )  # fmt: skip
    return int(info.value)


@lru_cache(maxsize=8)
def _work_size(n: int) -> int:
    one, pivot = np.empty(1, dtype=np.complex128), np.empty(1, dtype=np.int32)
    _zsysv(n, 1, one, pivot, one, one, -1)
    return max(1, int(one[0].real))


@lru_cache(maxsize=1)
def _routine() -> Any:
    """zsysv of the LAPACK that scipy is linked with, through its public table for Cython."""
    from scipy.linalg import cython_lapack

    capsule = cython_lapack.__pyx_capi__["zsysv"]
    name = ctypes.pythonapi.PyCapsule_GetName
    name.restype, name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    kind = ctypes.CFUNCTYPE(None, *([ctypes.c_void_p] * 11))
    return kind(pointer(capsule, name(capsule)))
