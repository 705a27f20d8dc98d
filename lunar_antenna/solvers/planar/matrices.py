"""The matrices of one problem on one mesh, for rooms that need more of them than a solution.

The only file of this solver that rooms outside it may import: the contract of the rooms says so.

    Z(f) = sum_k c_k(f) M_k        and for each loss the same M_k with factors of its own,

M_k real, symmetric and the same at all frequencies; c_k in ohm.  The unknowns are the currents
x (A) of RWG functions.  For 1 V at gap g the right side is column g of ``vectors``, and the
current through gap h is the product with column h: y_hg = v_h^T Z^-1 v_g, exact in power and
reciprocity.  A current x loses 1/2 x^H R x, with R from the factors of "ground", "film" and
"metal".

On a mesh with mirror planes the unknowns fall into parity classes, which do not see each other;
each has matrices of its own, and their sum over the classes is the whole.

:func:`system` holds the classes that the gaps excite, :func:`every_current` all of them, for rooms
that ask what any current does: :class:`Sources` then leads from the unknowns to the sky.
:func:`share` holds the matrices of one mesh that a whole family of stacks shares, and
:class:`Projection` what a basis of currents sees of them.

:func:`whole` keeps all functions together, for layouts that are coupled with others: between them
act the kernels of :mod:`.radial`, and near each other :func:`loose_triangles`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...conventions import ComplexArray, FloatArray, IntArray, wavenumber
from ...problem import Problem
from . import floor
from .accuracy import check_size, mesh_size, span
from .basis import Basis, ParityClass, gap_vectors, make_basis, parity_classes
from .cells import cell_mesh
from .columns import Edges, coefficients, edges_of
from .fill import fill_matrices
from .kernels import Kernels, kernels_for
from .mesh import TriangleMesh, triangulate
from .radial import Radial as Radial
from .radial import near_rule as near_rule
from .radial import radial as radial
from .reduction import Projection as Projection
from .reduction import driving as driving
from .reduction import enrich as enrich
from .rules import RULE_3 as RULE_3
from .shared import Factors as Factors
from .shared import Shared as Shared
from .shared import share as share
from .sky import SourceGrid, sky_resistance
from .sources import densities, grid_moments, point_moments
from .sources import lifted as lifted

COUPLED = 1500.0  # rad of Re k over which layouts are coupled: half a million table points
EVEN_CELLS, EVEN_CORNER = 1.2, 1.0  # of MeshSize, for bounds


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """What a sweep over frequency solves.

    vectors (n, n_gap): weights of 1 V at each gap on all RWG functions.  classes: each with its
    share (n_class, n_gap) of them.  factors: "z", "ground", "film" and "metal", each
    (n_freq, n_column) ohm; the losses need kernels with flux.
    """

    basis: Basis
    kernels: Kernels
    edges: Edges
    vectors: FloatArray
    classes: tuple[tuple[ParityClass, FloatArray], ...]
    factors: dict[str, ComplexArray]

    def values(self, parity: ParityClass) -> FloatArray:
        """(n_class, n_class, n_column) matrices M_k of one class; filled at every call."""
        return fill_matrices(self.basis, parity, self.kernels, self.edges).values

    def cells(self, parity: ParityClass) -> IntArray:
        """(n_class, 2): the cells of :func:`cell_system` that each function lies in.

        A function within one cell, or across a mirror plane, has its cell twice.
        """
        fundamental = self.basis.index[: self.basis.mesh.n_fundamental]
        number = np.where(fundamental >= 0, parity.orbit[fundamental], -1)
        triangle, _ = np.nonzero(number >= 0)
        cell, function = triangle // 2, number[number >= 0]
        first = np.full(parity.count, np.iinfo(np.int64).max)
        last = np.full(parity.count, -1)
        np.minimum.at(first, function, cell)
        np.maximum.at(last, function, cell)
        return np.column_stack((first, last))

    def tabs(self, parity: ParityClass) -> FloatArray:
        """(n_class, n_class) m2/m2: products of the functions over the feed tabs.

        The matrix of a loss of one ohm per square there, where the model has none.
        """
        _, moments = point_moments(self.basis, parity)
        mesh, n_point = self.basis.mesh, RULE_3.shape[0]
        weight = np.repeat(np.where(mesh.tab >= 0, n_point / self.basis.area, 0.0), n_point)
        found = sum((part.T @ part.multiply(weight[:, None])).toarray() for part in moments)
        return np.asarray(found)

    def sheet_factors(self, more: float = 0.0) -> dict[str, ComplexArray]:
        """``factors`` of a sheet whose current no rim piles up: the rims' columns at zero.

        What a rim adds holds for the metal that ends there alone, not for every metal within it.
        more: ohm per square beyond the metal's own.
        """
        rims = self.edges.current.weight.shape[1] + self.edges.charge.weight.shape[1]
        found = {name: factor.copy() for name, factor in self.factors.items()}
        for name, factor in found.items():
            first = factor.shape[1] - rims
            factor[:, first:] = 0.0
            if name in ("z", "metal"):
                factor[:, first - 1] += more
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """The far field of the functions, through moments on a grid that serves every frequency.

    position: (n_grid, 2) m.  Moments m are (2 n_grid,) A m, those along x first; radiated power is
    1/2 m^H sky[f] m, sky (n_freq, 2 n_grid, 2 n_grid) ohm/m2, real and symmetric.
    """

    basis: Basis
    grid: SourceGrid
    sky: FloatArray

    @property
    def position(self) -> FloatArray:
        return self.grid.position

    def moments(self, parity: ParityClass) -> FloatArray:
        """(2 n_grid, n_class): moments of 1 A in each function of a class."""
        found = grid_moments(self.basis, parity, self.grid)
        return found.reshape(-1, parity.count)

    def density(self, parity: ParityClass, current: ComplexArray) -> ComplexArray:
        """(n_t, 2) A/m at the centroids for the currents (n_class,) A of a class."""
        return np.column_stack([part @ current for part in densities(self.basis, parity)])


def sources(problem: Problem, basis: Basis) -> Sources:
    """The way from functions to the sky for ``problem`` at its frequencies."""
    frequency = problem.frequency
    grid = SourceGrid.cover(problem.layout.bounds, float(wavenumber(frequency).max()))
    n_grid = grid.x.size * grid.y.size
    each = np.zeros((2 * n_grid, n_grid, 2), dtype=complex)
    node = np.arange(n_grid)
    each[node, node, 0] = each[n_grid + node, node, 1] = 1.0
    sky = np.empty((frequency.size, 2 * n_grid, 2 * n_grid))
    for k in range(frequency.size):
        sky[k] = sky_resistance(problem, frequency[k : k + 1], grid, each[None])[0].real
    return Sources(basis, grid, sky)


def cell_system(problem: Problem, x: FloatArray, y: FloatArray) -> System:
    """The matrices of metal in every cell between lines ``x`` and ``y`` (m) of the quarter.

    The layout of ``problem`` is the whole plate with one gap at the origin, along x.  Without
    losses: kernels of Z alone.
    """
    mesh = cell_mesh(x, y)
    check_size(len(mesh.triangles))
    kernels = kernels_for(problem, problem.frequency, span(problem), flux=False)
    return system(problem, kernels, mesh)


def every_current(problem: Problem, coarsening: float) -> System:
    """All currents within ``problem``'s layout, excited or not, on a mesh of its own.

    coarsening: of the spacings of "draft".  The layout may have no port.  Cells are all but even:
    no current is known to pile up, and a charge that alternates between slender cells would have an
    energy smaller than the error of the quadrature, which the best of all currents would find.
    """
    even = replace(
        mesh_size(problem, "draft"),
        cells=EVEN_CELLS,
        corner=EVEN_CORNER,
        feed=EVEN_CORNER,
        least=EVEN_CORNER,
    )
    mesh = triangulate(problem.layout, even.coarser(coarsening))
    mesh = replace(mesh, cell=np.full(len(mesh.triangles), -1))  # any current, smooth or not
    check_size(len(mesh.triangles))
    return system(problem, kernels_for(problem, problem.frequency, span(problem)), mesh, every=True)


def system(
    problem: Problem, kernels: Kernels, mesh: TriangleMesh, *, every: bool = False
) -> System:
    """The matrices of ``problem`` on ``mesh`` at the frequencies of ``kernels``.

    every: classes that no gap excites too.
    """
    basis, metal = make_basis(mesh), problem.layout.metal
    vectors = gap_vectors(basis, problem.layout)
    edges = edges_of(basis, metal, kernels)
    return System(
        basis,
        kernels,
        edges,
        vectors,
        tuple(parity_classes(basis, vectors, every=every)),
        coefficients(kernels, metal, edges),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """One layout on one mesh, all of it in one class: what is coupled with others keeps no parity.

    values (n, n, n_column): the matrices M_k.
    """

    problem: Problem
    system: System
    values: FloatArray

    def matrix(self, name: str, index: int) -> ComplexArray:
        """(n, n) of "z", "ground", "film" or "metal" at frequency number ``index``, ohm."""
        return combined(self.values, self.system.factors[name][index])

    def impedance_by(self, kernels: Kernels) -> ComplexArray:
        """(n, n) "z" with ``kernels`` of one frequency in place of those of the band, ohm."""
        basis, metal = self.system.basis, self.problem.layout.metal
        edges = edges_of(basis, metal, kernels)
        ((parity, _),) = parity_classes(basis, np.ones((basis.count, 1)))
        values = fill_matrices(basis, parity, kernels, edges).values
        return combined(values, coefficients(kernels, metal, edges)["z"][0])


def combined(values: FloatArray, factor: ComplexArray) -> ComplexArray:
    """(n, n) sum over columns of ``values`` (n, n, n_column) times ``factor``."""
    flat = values.reshape(-1, values.shape[2])
    whole = np.empty(len(flat), dtype=complex)
    whole.real, whole.imag = flat @ factor.real, flat @ factor.imag
    return whole.reshape(values.shape[:2])


def whole_mesh(problem: Problem, accuracy: str) -> TriangleMesh:
    """The mesh that the solver takes for ``problem``, its mirrors not to be relied upon."""
    mesh = triangulate(problem.layout, mesh_size(problem, accuracy))
    check_size(len(mesh.triangles))
    return replace(mesh, mirror_x=False, mirror_y=False, n_fundamental=len(mesh.triangles))


def whole(problem: Problem, mesh: TriangleMesh) -> Whole:
    """Matrices of ``problem`` on a mesh without mirrors, losses too."""
    made = system(problem, kernels_for(problem, problem.frequency, span(problem)), mesh)
    ((parity, _),) = made.classes
    return Whole(problem, made, made.values(parity))


def coupling_refusal(problem: Problem, across: float) -> str | None:
    """Why layouts over the stack of ``problem`` cannot be coupled over ``across`` (m), or None."""
    return floor.refusal(problem, across, COUPLED)


def loose_triangles(
    corner: FloatArray, kernels: Kernels, names: tuple[str, ...]
) -> dict[str, ComplexArray]:
    """(3 n, 3 n) matrices of the three halves of functions on each of ``corner`` (n, 3, 2).

    Half i of triangle t is (r - v_i)/(2 A), its divergence 1/A, joined to nothing: the matrix of
    whole functions is a sum of these, with their lengths and signs.  Kernels of one frequency.
    """
    count = len(corner)
    index = np.arange(3 * count).reshape(count, 3)
    alone = np.full(count, -1)
    mesh = TriangleMesh(corner.reshape(-1, 2), index, alone, alone, False, False, count)
    basis = Basis(mesh, index, np.ones((count, 3)), 3 * count, corner, mesh.centroids, mesh.areas)
    (parity,) = [item for item, _ in parity_classes(basis, np.ones((3 * count, 1)))]
    edges = edges_of(basis, None, kernels)
    values = fill_matrices(basis, parity, kernels, edges).values
    factors = coefficients(kernels, None, edges)
    return {name: combined(values, factors[name][0]) for name in names}
