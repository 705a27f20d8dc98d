"""The array at one frequency in its macro basis functions: assembled, solved, its losses formed.

With the primary functions p of all ports and the secondary s of all elements

    Z = Z_pp - Z_ps Z_ss^-1 Z_sp,        current per ampere  [1; -Z_ss^-1 Z_sp],

Z is of second order in the error of the current, losses and patterns of first.  Only Z_ss is
factorised, in single precision where it is large (2e-7 of Z), and the residual is formed on rows
kept aside.  The matrix of each loss is never stored: rows of one element at a time go into X^H R X.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..array_problem import Array
from ..conventions import ComplexArray, FloatArray, IntArray
from ..errors import SolverError
from ..solvers.planar.matrices import Radial
from .blocks import Pose, blocks, near_part, poses
from .element import Element, Sources
from .macro import Macro
from .pairs import ENDS, Pairs

SINGLE = 2000  # functions beyond which the reduced matrix is in single precision
SAMPLED = 64  # rows of the residual
LOSSES = ("sky", "ground", "metal", "film")


@dataclass(frozen=True, slots=True, eq=False)
class Coupling:
    """Sources of every type for every class of pairs.

    grids: {(type, class): sources}; class 0 has those on the quadrature points.
    waves: {type: sources} on nodes that follow waves, for the sky.
    """

    array: Array
    pairs: Pairs
    radial: Radial
    elements: Mapping[str, Element]
    macros: Mapping[str, Macro]
    grids: Mapping[tuple[str, int], Sources]
    waves: Mapping[str, Sources]

    @property
    def offsets(self) -> IntArray:
        """(n + 1,) first function of every element."""
        counts = [self.macros[key].count for key in self.array.types]
        return np.concatenate(([0], np.cumsum(counts)))

    @property
    def is_primary(self) -> npt.NDArray[np.bool_]:
        """(n_function,) true for the primary functions, in the order of the ports."""
        return np.concatenate(
            [np.arange(m.count) < m.ports for m in (self.macros[k] for k in self.array.types)]
        )

    def row(self, name: str, i: int, dtype: Any) -> Iterator[tuple[IntArray, ComplexArray]]:
        """Blocks (m, k_i, k_j) of element ``i`` with others (m,) behind it."""
        array, own = self.array, self.array.types[i]
        kind = self.pairs.kind[i].copy()
        kind[: i + 1] = -1
        for number in range(len(ENDS)):
            for key in self.macros:
                same = np.array([item == key for item in array.types])
                others = np.flatnonzero((kind == number) & same)
                if not others.size or (name == "film" and number > 0):
                    continue
                where = poses(array.positions, array.rotations, i, others)
                if name == "sky":
                    first, second = self.waves[own], self.waves[key]
                else:
                    first, second = self.grids[own, number], self.grids[key, number]
                made = blocks(self.radial, name, first, second, where, dtype)
                if number == 0 and name != "sky":
                    made = made + self._near(name, own, key, where)
                yield others, made

    def _near(self, name: str, own: str, key: str, where: FloatArray) -> ComplexArray:
        functions = (self.macros[own].functions, self.macros[key].functions)
        out = np.zeros((len(where), functions[0].shape[1], functions[1].shape[1]), dtype=complex)
        for index, item in enumerate(where):
            pose = Pose(*(float(value) for value in item))
            first, second = self.elements[own], self.elements[key]
            found = near_part(self.radial, first, second, pose, (name,), functions)
            out[index] += found.get(name, 0.0)
        return out


def solve_reduced(
    coupling: Coupling, own: Mapping[str, ComplexArray]
) -> tuple[ComplexArray, ComplexArray, float]:
    """(p, p) Z, (n_function, p) amplitudes per ampere at each port, and the relative residual.

    own: (k, k) Z of the functions of every type among themselves.
    """
    from scipy.linalg import lapack

    offsets, primary = coupling.offsets, coupling.is_primary
    total = int(offsets[-1])
    place = np.empty(total, dtype=np.int64)
    place[primary] = np.arange(np.count_nonzero(primary))
    place[~primary] = np.arange(np.count_nonzero(~primary))
    p, s = int(np.count_nonzero(primary)), int(np.count_nonzero(~primary))
    dtype = np.complex64 if total > SINGLE else np.complex128
    z_pp: ComplexArray = np.zeros((p, p), dtype=complex)
    z_sp: Any = np.zeros((s, p), dtype=dtype)
    z_ss: Any = np.zeros((s, s), dtype=dtype)

    def put(i: int, j: int, block: ComplexArray) -> None:
        a, b = (slice(offsets[k], offsets[k + 1]) for k in (i, j))
        pa, pb = (place[k][primary[k]] for k in (a, b))
        sa, sb = (place[k][~primary[k]] for k in (a, b))
        n, m = pa.size, pb.size
        z_pp[np.ix_(pa, pb)] = block[:n, :m]
        z_sp[_span(sa), _span(pb)] = block[n:, :m]
        z_ss[_span(sa), _span(sb)] = block[n:, m:]
        if i != j:
            z_pp[np.ix_(pb, pa)] = block[:n, :m].T
            z_sp[_span(sb), _span(pa)] = block[:n, m:].T
            z_ss[_span(sb), _span(sa)] = block[n:, m:].T

    for i, key in enumerate(coupling.array.types):
        put(i, i, own[key])
        for others, made in coupling.row("z", i, dtype):
            for j, block in zip(others.tolist(), made, strict=True):
                put(i, j, block)
    rows = np.unique(np.linspace(0, max(0, s - 1), min(s, SAMPLED)).astype(int))
    kept = z_ss[rows].copy()
    amplitude: Any = np.zeros((total, p), dtype=dtype)
    amplitude[primary] = np.eye(p)
    residual = 0.0
    if s:
        factorise, finish = (
            (lapack.cgetrf, lapack.cgetrs)
            if dtype == np.complex64
            else (lapack.zgetrf, lapack.zgetrs)
        )
        # symmetric: the transpose is the same matrix in the order LAPACK wants
        factors, pivots, wrong = factorise(z_ss.T, overwrite_a=True)
        if wrong:
            raise SolverError("array: the matrix of the secondary functions is singular")
        found = -finish(factors, pivots, z_sp)[0]
        left = kept.astype(complex) @ found + z_sp[rows]
        residual = float(np.abs(left).max() / np.abs(z_sp).max())
        amplitude[~primary] = found
        z_pp += z_sp.T.astype(complex) @ found
    return np.asarray(0.5 * (z_pp + z_pp.T)), amplitude, residual


def _span(index: IntArray) -> slice:
    """Consecutive places as a slice."""
    return slice(int(index[0]), int(index[0]) + index.size) if index.size else slice(0, 0)


def loss_matrix(
    coupling: Coupling, name: str, own: Mapping[str, ComplexArray], amplitude: ComplexArray
) -> ComplexArray:
    """(p, p) Hermitian R of one loss.  own: (k, k) of the functions of every type.

    Metal loses where it is; the film, too, but for elements as near as class 0.
    """
    offsets = coupling.offsets
    dtype = amplitude.dtype.type
    out: ComplexArray = np.zeros((amplitude.shape[1],) * 2, dtype=complex)
    for i, key in enumerate(coupling.array.types):
        mine = amplitude[offsets[i] : offsets[i + 1]]
        right = np.asarray(own[key].astype(dtype) @ mine)
        if name != "metal":
            for others, made in coupling.row(name, i, dtype):
                # twice the blocks behind the diagonal, and the Hermitian part at the end
                part = np.concatenate([np.arange(offsets[j], offsets[j + 1]) for j in others])
                row = np.swapaxes(made, 0, 1).reshape(made.shape[1], -1)
                right = right + 2.0 * (row.astype(dtype) @ amplitude[part])
        out += mine.conj().T @ right
    return np.asarray(0.5 * (out + out.conj().T))
