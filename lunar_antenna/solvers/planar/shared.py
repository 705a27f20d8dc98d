"""The matrices of one mesh for all stacks of a family.

Where :mod:`.matrices` has matrices M_k for one stack, these serve a whole family of them: only the
factors c_k(f) belong to a stack, and are had in milliseconds.  The columns are those of
:class:`.fill.Matrices`; the modes and image shapes are those of :mod:`.family`, the corrections at
the rims come from a few rims that tell the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from ...conventions import ETA0, ComplexArray, FloatArray, IntArray, wavenumber
from ...media.sheets import Metal
from ...problem import Problem
from .accuracy import span
from .basis import Basis, ParityClass, gap_vectors, make_basis, parity_classes
from .columns import Edges, coefficients
from .family import Family, family, lightened, symbols
from .fill import THIN, fill_matrices
from .kernels import Kernels, problem_line, table_radius
from .meshed import lowest_cell, meshed
from .rim import Excess, Rims, find_rims, separable
from .rim_laws import current_excess, held_charge_excess
from .sky import SourceGrid
from .sources import grid_moments
from .spectral import Line


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """From a stack to what multiplies the columns of the shared matrices.

    family: without its modes.  rims: few of those of the mesh, whose charge tells that of all by
    ``inverse`` (k, k); carriers, carried: the same of their current.
    """

    family: Family
    metal: Metal | None
    rims: Rims
    inverse: FloatArray
    carriers: Rims
    carried: FloatArray

    def line(self, problem: Problem) -> Line:
        return problem_line(problem, self.family.frequency, self.family.rho_max)

    def at(self, problem: Problem, *, losses: bool = False) -> dict[str, ComplexArray]:
        """Factors of ``problem``, whose layout and band are the family's: (n_freq, n_column) ohm.

        Of "z"; with ``losses``, for a family made with them, of "sky", "ground", "film" and
        "metal" too.
        """
        line = self.line(problem)
        kernels, sky_a, sky_phi = self.family.with_sky(line, losses=losses)
        found = coefficients(kernels, self.metal, self._edges(kernels, line))
        if not losses:
            return {"z": found["z"]}
        k0 = wavenumber(kernels.frequency)[:, None] * ETA0
        sky = np.zeros_like(found["z"])
        n_a, n_phi = sky_a.shape[1], sky_phi.shape[1]
        sky[:, :n_a] = k0 * sky_a
        sky[:, n_a + 1 : n_a + 1 + n_phi] = ETA0**2 / k0 * sky_phi
        return {**found, "sky": sky}

    def _edges(self, kernels: Kernels, line: Line) -> Edges:
        current = _current(self.carriers, self.metal, kernels.frequency, line)
        parts = [held_charge_excess(self.rims, kernels.symbol_k, part) for part in kernels.symbol]
        n = kernels.frequency.size
        whole = (len(self.inverse), n)
        charge = np.hstack([np.broadcast_to(self.inverse @ part, whole) for part in parts])
        none = np.zeros((0, 0))
        return Edges(
            self.rims,
            Excess(none, self.carried @ current),
            Excess(none, charge[:, :n]),
            charge[:, :n] - charge[:, -n:],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """One mesh and the family of stacks it is to be solved over.

    vectors (n, n_gap), classes: as in :class:`.matrices.System`.
    """

    factors: Factors
    basis: Basis
    vectors: FloatArray
    classes: tuple[tuple[ParityClass, FloatArray], ...]
    grid: SourceGrid
    _kernels: Kernels
    _edges: Edges

    def moments(self, parity: ParityClass) -> FloatArray:
        """(2, n_grid, n_class) A m, along x and y, of 1 A in each function of a class."""
        return grid_moments(self.basis, parity, self.grid)

    def values(self, parity: ParityClass) -> FloatArray:
        """(n_class, n_class, n_column) matrices M_k of one class; filled at every call."""
        return fill_matrices(self.basis, parity, self._kernels, self._edges).values


def share(
    problems: Sequence[Problem], densest: Problem, accuracy: str, *, losses: bool = False
) -> Shared:
    """The mesh of ``densest`` for stacks and heights of which ``problems`` are samples.

    All have the same layout, band and number of layers.
    """
    layout, frequency = densest.layout, densest.frequency
    radius = table_radius(span(densest))
    mesh = meshed(densest, accuracy)
    lines = [problem_line(problem, frequency, radius) for problem in problems]
    made = family(lines, frequency, radius, THIN * lowest_cell(mesh), losses=losses)
    kernels = made.at(lines[0])
    basis = make_basis(mesh)
    vectors = gap_vectors(basis, layout)
    rims = find_rims(basis)
    every = [_current(rims, layout.metal, frequency, line) for line in lines]
    current = separable(np.hstack(every)).weight
    charge = _charge_shapes(rims, made, lines)
    rows, carriers = _telling(charge), _telling(current)
    none = np.zeros((charge.shape[1], frequency.size), dtype=complex)
    return Shared(
        factors=Factors(
            lightened(made),
            layout.metal,
            _some(rims, rows),
            np.asarray(np.linalg.inv(charge[rows])),
            _some(rims, carriers),
            np.asarray(np.linalg.inv(current[carriers])),
        ),
        basis=basis,
        vectors=vectors,
        classes=tuple(parity_classes(basis, vectors)),
        grid=SourceGrid.cover(layout.bounds, float(wavenumber(frequency).max())),
        _kernels=kernels,
        _edges=Edges(rims, Excess(current, none), Excess(charge, none), none),
    )


def _some(rims: Rims, rows: IntArray) -> Rims:
    return Rims(*(getattr(rims, field.name)[rows] for field in fields(rims)))


def _current(rims: Rims, metal: Metal | None, frequency: FloatArray, line: Line) -> ComplexArray:
    return current_excess(rims, metal, frequency, 2.0 * line.mirror_depth)


def _charge_shapes(rims: Rims, made: Family, lines: Sequence[Line]) -> FloatArray:
    """(n_rim, k) shapes of the charge at the rims over all ``lines``."""
    found = []
    for line in lines:
        symbol = symbols(line, made.symbol_k)
        found += [held_charge_excess(rims, made.symbol_k, part) for part in symbol]
    return separable(np.hstack(found)).weight


def _telling(shapes: FloatArray) -> IntArray:
    """(k,) rows of ``shapes`` (n, k) that tell the coefficients of all best."""
    from scipy.linalg import qr

    return np.asarray(qr(shapes.T, mode="r", pivoting=True)[1][: shapes.shape[1]])
