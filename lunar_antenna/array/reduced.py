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
from .symmetric import factorise

SINGLE = 2000  # functions beyond which the reduced matrix is in single precision
SAMPLED = 64  # rows of the residual
MOST_RESIDUAL = 1e-5  # of the right sides; beyond it is factorised again, with pivoting
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

    def row(
        self, name: str, i: int, dtype: Any, *, everyone: bool = False
    ) -> Iterator[tuple[IntArray, ComplexArray]]:
        """Blocks (m, k_i, k_j) of element ``i`` with others (m,) behind it, or with all."""
        array, own = self.array, self.array.types[i]
        kind = self.pairs.kind[i].copy()
        if not everyone:
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


@dataclass(frozen=True, slots=True, eq=False)
class Assembled:
    """Z among primary (p) and secondary (s) functions; of z_ss the lower triangle alone."""

    z_pp: ComplexArray
    z_sp: Any
    z_ss: Any

    def rows(self, index: IntArray) -> ComplexArray:
        """(m, s) whole rows of the secondary functions' matrix."""
        out = np.empty((index.size, len(self.z_ss)), dtype=complex)
        for row, k in zip(out, index.tolist(), strict=True):
            row[: k + 1], row[k:] = self.z_ss[k, : k + 1], self.z_ss[k:, k]
        return out


def assemble(coupling: Coupling, own: Mapping[str, ComplexArray], dtype: Any) -> Assembled:
    """own: (k, k) Z of the functions of every type among themselves."""
    offsets, types = coupling.offsets, coupling.array.types
    ports = np.array([coupling.macros[key].ports for key in types])
    first = np.concatenate(([0], np.cumsum(ports)))
    second = offsets - first  # (n + 1,) first secondary function of every element
    z_pp: ComplexArray = np.zeros((first[-1],) * 2, dtype=complex)
    z_sp: Any = np.zeros((second[-1], first[-1]), dtype=dtype)
    z_ss: Any = np.zeros((second[-1],) * 2, dtype=dtype)
    p = [slice(*first[k : k + 2].tolist()) for k in range(len(types))]
    s = [slice(*second[k : k + 2].tolist()) for k in range(len(types))]
    for i, key in enumerate(types):
        n = int(ports[i])
        z_pp[p[i], p[i]], z_sp[s[i], p[i]] = own[key][:n, :n], own[key][n:, :n]
        z_ss[s[i], s[i]] = own[key][n:, n:]
        for others, made in coupling.row("z", i, dtype):
            for j, block in zip(others.tolist(), made, strict=True):
                m = int(ports[j])
                z_pp[p[i], p[j]] = block[:n, :m]
                z_sp[s[i], p[j]], z_sp[s[j], p[i]] = block[n:, :m], block[:n, m:].T
                z_ss[s[j], s[i]] = block[n:, m:].T
    return Assembled(np.triu(z_pp) + np.triu(z_pp, 1).T, z_sp, z_ss)


def solve_reduced(
    coupling: Coupling, own: Mapping[str, ComplexArray]
) -> tuple[ComplexArray, ComplexArray, float]:
    """(p, p) Z, (n_function, p) amplitudes per ampere at each port, and the relative residual.

    own: (k, k) Z of the functions of every type among themselves.
    """
    primary = coupling.is_primary
    total = primary.size
    dtype = np.complex64 if total > SINGLE else np.complex128
    made = assemble(coupling, own, dtype)
    p = len(made.z_pp)
    amplitude: Any = np.zeros((total, p), dtype=dtype)
    amplitude[primary] = np.eye(p)
    if p == total:
        return made.z_pp, amplitude, 0.0
    found, residual = _secondary(made, pivoting=dtype == np.complex128)
    if not residual < MOST_RESIDUAL:  # what went wrong without pivoting goes with it
        found, residual = _secondary(assemble(coupling, own, dtype), pivoting=True)
    amplitude[~primary] = found
    z = made.z_pp + made.z_sp.T.astype(complex) @ found
    return np.asarray(0.5 * (z + z.T)), amplitude, residual


def _secondary(made: Assembled, *, pivoting: bool) -> tuple[Any, float]:
    """(s, p) amplitudes of the secondary functions, and the residual on rows formed anew."""
    from scipy.linalg import lapack

    count = len(made.z_ss)
    index = np.unique(np.linspace(0, count - 1, min(count, SAMPLED)).astype(int))
    rows = made.rows(index)
    if pivoting:
        z = made.z_ss
        lower = np.tril(z, -1)
        z = np.tril(z) + lower.T
        single = z.dtype == np.complex64
        solve = lapack.cgesv if single else lapack.zgesv
        # symmetric: the transpose is the same matrix in the order LAPACK wants
        _, _, found, wrong = solve(z.T, made.z_sp, overwrite_a=True)
        if wrong:
            raise SolverError("array: the matrix of the secondary functions is singular")
        found = -found
    else:
        factors = factorise(made.z_ss)
        if factors is None:
            return made.z_sp, np.inf
        found = -factors.solve(made.z_sp)
    left = rows @ found + made.z_sp[index]
    return found, float(np.abs(left).max() / np.abs(made.z_sp).max())


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
        first = offsets[i]
        mine = amplitude[first : offsets[i + 1]]
        row: Any = np.zeros((len(mine), len(amplitude) - first), dtype=dtype)
        row[:, : len(mine)] = own[key]
        filled = len(mine)
        if name != "metal":
            for others, made in coupling.row(name, i, dtype):
                # twice the blocks behind the diagonal, and the Hermitian part at the end
                for j, block in zip(others.tolist(), made, strict=True):
                    row[:, offsets[j] - first : offsets[j + 1] - first] = 2.0 * block
                filled = max(filled, int(offsets[others[-1] + 1]) - int(first))
        out += mine.conj().T @ (row[:, :filled] @ amplitude[first : first + filled])
    return np.asarray(0.5 * (out + out.conj().T))
