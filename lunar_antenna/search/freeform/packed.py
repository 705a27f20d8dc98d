"""Symmetric matrices of several frequencies, the lower halves alone, in panels of columns.

Panel p holds rows start[p] to n of columns start[p] to start[p] + w, so that BLAS works on whole
panels and half the memory of the full matrices is saved.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ...conventions import ComplexArray, FloatArray, IntArray

WIDTH = 160  # columns of a panel
GIGABYTE = 1e9


class Packed:
    """(n_layer, n, n) symmetric, one layer a frequency, in double or single precision."""

    def __init__(self, layers: int, n: int, *, double: bool) -> None:
        self.n, self.layers, self.double = n, layers, double
        self.start = list(range(0, n, WIDTH))
        self.panels: list[npt.NDArray[Any]] = [
            np.zeros(
                (layers, n - first, min(WIDTH, n - first)), complex if double else np.complex64
            )
            for first in self.start
        ]

    @staticmethod
    def size(layers: int, n: int, itemsize: int) -> int:
        """Bytes."""
        return sum(layers * (n - k) * min(WIDTH, n - k) * itemsize for k in range(0, n, WIDTH))

    @property
    def nbytes(self) -> int:
        return sum(panel.nbytes for panel in self.panels)

    def columns(self, layer: int, index: IntArray) -> ComplexArray:
        """(n, n_index), as complex128."""
        found = np.empty((self.n, index.size), dtype=complex)
        owner = index // WIDTH
        for first, panel in zip(self.start, self.panels, strict=True):
            one, end = panel[layer], first + panel.shape[2]
            own = owner == first // WIDTH
            found[first:, own] = one[:, index[own] - first]
            beyond = index >= end
            found[first:end, beyond] = one[index[beyond] - first].T
        return found

    def put(self, layer: int, index: IntArray, values: ComplexArray) -> None:
        """Columns (n, n_index) and with them the rows ``index``."""
        owner = index // WIDTH
        for first, panel in zip(self.start, self.panels, strict=True):
            one, end = panel[layer], first + panel.shape[2]
            own = owner == first // WIDTH
            one[:, index[own] - first] = values[first:, own]
            later = index >= first
            one[index[later] - first] = values[first:end, later].T

    def less(self, layer: int, left: ComplexArray, right: ComplexArray) -> None:
        """Minus left right^T, (n, k) each, whose product is symmetric."""
        from scipy.linalg.blas import cgemm, zgemm

        gemm = zgemm if self.double else cgemm
        left, right = (np.asarray(item, self.panels[0].dtype) for item in (left, right))
        for first, panel in zip(self.start, self.panels, strict=True):
            # the transpose of a panel is the array in the order BLAS wants
            gemm(
                -1.0, right[first : first + panel.shape[2]], left[first:], beta=1.0,
                c=panel[layer].T, trans_b=1, overwrite_c=1,
            )  # fmt: skip

    def entries(self, row: IntArray, column: IntArray) -> ComplexArray:
        """(n_layer, n_entry) of the lower half: row >= column."""
        found = np.empty((self.layers, row.size), dtype=complex)
        owner = column // WIDTH
        for k, (first, panel) in enumerate(zip(self.start, self.panels, strict=True)):
            own = owner == k
            found[:, own] = panel[:, row[own] - first, column[own] - first]
        return found

    def rows(self, first: int, last: int, most: int) -> ComplexArray:
        """(n_layer, last - first, most): columns 0 to ``most`` of rows that lie beyond them."""
        found = np.empty((self.layers, last - first, most), dtype=complex)
        for start, panel in zip(self.start, self.panels, strict=True):
            end = min(start + panel.shape[2], most)
            if start < most:
                found[:, :, start:end] = panel[:, first - start : last - start, : end - start]
        return found


class Impedance:
    """Z(f) = sum_k c_k(f) M_k with the lower halves of M_k (n, n, n_mode) alone kept.

    factors (n_freq, n_mode) ohm; modes whose factors are nought are left out.
    """

    def __init__(self, values: FloatArray, factors: ComplexArray) -> None:
        used = np.abs(factors).max(axis=0) > 0.0
        self.factors, self.n = factors[:, used], len(values)
        self.panels = [
            values[first:, first : first + WIDTH][..., used] for first in range(0, self.n, WIDTH)
        ]

    def __len__(self) -> int:
        return len(self.factors)

    @property
    def nbytes(self) -> int:
        return sum(panel.nbytes for panel in self.panels)

    def lower(self, k: int) -> Iterator[ComplexArray]:
        """The panels at frequency number ``k``, ohm."""
        factor = self.factors[k]
        for panel in self.panels:
            found = np.empty(panel.shape[:2], dtype=complex)
            found.real, found.imag = panel @ factor.real, panel @ factor.imag
            yield found

    def times(self, k: int, x: ComplexArray) -> ComplexArray:
        """Z x, (n,) or (n, m)."""
        found = np.zeros(x.shape, dtype=complex)
        first = 0
        for panel in self.lower(k):
            end = first + panel.shape[1]
            found[first:] += panel @ x[first:end]
            found[first:end] += panel[end - first :].T @ x[end:]
            first = end
        return found

    def full(self, k: int) -> ComplexArray:
        """(n, n) at frequency number ``k``, ohm."""
        found = np.empty((self.n, self.n), dtype=complex)
        first = 0
        for panel in self.lower(k):
            end = first + panel.shape[1]
            found[first:, first:end] = panel
            found[first:end, end:] = panel[end - first :].T
            first = end
        return found
