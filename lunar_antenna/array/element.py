"""One kind of element: its mesh and matrices, and its currents as moments on points and grids.

A current acts on what is far from it through its moments J dS and charges div J dS alone.  On the
quadrature points of its triangles they are those of the planar solver itself; on Chebyshev nodes
over each arm, or over the whole element, they are those that reproduce any field smooth there
(interpolation, transposed), with so many fewer points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from shapely.ops import unary_union

from ..common import chebyshev
from ..conventions import ComplexArray, FloatArray, IntArray
from ..problem import Problem
from ..solvers.planar.matrices import RULE_3, Whole, whole, whole_mesh

LEAST_NODES = 3  # along the shorter side of a box


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """position (n, 2) m; x, y (n, k) A m and charge (n, k) A: moments of k functions there."""

    position: FloatArray
    x: ComplexArray
    y: ComplexArray
    charge: ComplexArray

    @property
    def count(self) -> int:
        return int(self.x.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """position (n, 2) m of the nodes; spread (n_point, n): from quadrature points to nodes."""

    position: FloatArray
    spread: FloatArray


class Element:
    """A layout over the stack of its problem, in the frame in which it was drawn."""

    def __init__(self, key: str, problem: Problem, accuracy: str) -> None:
        self.key, self.problem = key, problem
        self.whole: Whole = whole(problem, whole_mesh(problem, accuracy))
        basis = self.whole.system.basis
        self.unknowns = basis.count
        self.vectors = self.whole.system.vectors  # (n, n_gap)
        self.series = problem.layout.series  # (n_gap, p)
        self.ports = self.series.shape[1]
        self.points = np.einsum("qi,tic->tqc", RULE_3, basis.corner).reshape(-1, 2)
        self.moments = _moment_matrices(basis)
        self.part = np.repeat(_part_of(problem, basis.centroid), len(RULE_3))

    @property
    def corner(self) -> FloatArray:
        """(n_t, 3, 2) m."""
        return self.whole.system.basis.corner

    @cached_property
    def diameter(self) -> float:
        """Largest distance of two points of the metal, m."""
        hull = np.asarray(self.problem.layout.surface.convex_hull.exterior.coords)[:, :2]
        return float(np.linalg.norm(hull[:, None] - hull, axis=2).max())

    @property
    def radius(self) -> float:
        """Largest distance of the metal from the origin, m."""
        hull = np.asarray(self.problem.layout.surface.convex_hull.exterior.coords)[:, :2]
        return float(np.hypot(*hull.T).max())

    def on_points(self, functions: ComplexArray) -> Sources:
        """Moments of currents ``functions`` (n, k) on the quadrature points."""
        x, y, charge = (matrix @ functions for matrix in self.moments)
        return Sources(self.points, x, y, charge)

    def on_grid(self, grid: Grid, functions: ComplexArray) -> Sources:
        """The same on the nodes of ``grid``."""
        fine = self.on_points(functions)
        x, y, charge = (real_times(grid.spread.T, k) for k in (fine.x, fine.y, fine.charge))
        return Sources(grid.position, x, y, charge)

    def tested(
        self, grid: Grid, x: ComplexArray, y: ComplexArray, charge: ComplexArray
    ) -> ComplexArray:
        """(n, m) reaction of every function with fields given on the nodes of ``grid``.

        x, y, charge: (n_node, m), what multiplies the moments there.
        """
        out = np.zeros((self.unknowns, x.shape[1]), dtype=complex)
        for matrix, field in zip(self.moments, (x, y, charge), strict=True):
            out += matrix.T @ real_times(grid.spread, field)
        return out

    def loose(self, triangles: IntArray) -> Any:
        """(3 n, n_function) sparse: halves of functions on ``triangles`` in whole functions."""
        from scipy.sparse import csr_array

        basis = self.whole.system.basis
        index, length = basis.index[triangles].ravel(), basis.coefficient[triangles].ravel()
        live = np.flatnonzero(index >= 0)
        return csr_array((length[live], (live, index[live])), shape=(index.size, self.unknowns))

    def box_grid(self, bounds: FloatArray, count: tuple[int, int], points: IntArray) -> Grid:
        """Chebyshev nodes over ``bounds`` (4,) that hold the moments of ``points`` alone."""
        x, y = box_nodes(bounds, count)
        spread = np.zeros((len(self.points), x.size * y.size))
        lx = chebyshev.matrix(x, self.points[points, 0], ends=False)
        ly = chebyshev.matrix(y, self.points[points, 1], ends=False)
        spread[points] = (lx[:, :, None] * ly[:, None, :]).reshape(points.size, -1)
        return Grid(tensor(x, y), spread)

    def grid(self, order: int, *, by_part: bool) -> Grid:
        """``order`` nodes along the longest side, others in proportion; over each part or all."""
        groups = (
            [np.flatnonzero(self.part == k) for k in range(self.part.max() + 1)]
            if by_part
            else [np.arange(len(self.points))]
        )
        sides = [np.concatenate((self.points[g].min(0), self.points[g].max(0))) for g in groups]
        longest = max(float(max(b[2] - b[0], b[3] - b[1])) for b in sides)
        made = []
        for points, bounds in zip(groups, sides, strict=True):
            extent = bounds[2:] - bounds[:2]
            # square roots: what a shorter side saves in size, nearness takes back
            nodes = np.maximum(LEAST_NODES, np.ceil(order * np.sqrt(extent / longest))).astype(int)
            made.append(self.box_grid(bounds, (int(nodes[0]), int(nodes[1])), points))
        return Grid(
            np.vstack([item.position for item in made]),
            np.hstack([item.spread for item in made]),
        )

    def wave_grid(self, k_max: float, tolerance: float) -> Grid:
        """Nodes on which exp(j k . r) is interpolated to ``tolerance`` for all k <= ``k_max``."""
        bounds = np.array(self.problem.layout.bounds)
        count = wave_counts(self.problem, k_max, tolerance)
        return self.box_grid(bounds, count, np.arange(len(self.points)))


def real_times(matrix: FloatArray, values: ComplexArray) -> ComplexArray:
    """``matrix`` @ ``values``, of which the former is not made complex first."""
    out = np.empty((matrix.shape[0], values.shape[1]), dtype=complex)
    out.real = matrix @ np.ascontiguousarray(values.real)
    out.imag = matrix @ np.ascontiguousarray(values.imag)
    return out


def box_nodes(bounds: FloatArray, count: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
    """Chebyshev nodes along x and y over ``bounds`` (4,) m."""
    x0, y0, x1, y1 = (float(value) for value in bounds)
    return (
        chebyshev.points(x0, x1, count[0], ends=False),
        chebyshev.points(y0, y1, count[1], ends=False),
    )


def tensor(x: FloatArray, y: FloatArray) -> FloatArray:
    """(n_x n_y, 2), y fastest."""
    gx, gy = np.meshgrid(x, y, indexing="ij")
    return np.column_stack((gx.ravel(), gy.ravel()))


def wave_counts(problem: Problem, k_max: float, tolerance: float) -> tuple[int, int]:
    """Nodes along x and y that follow exp(j k . r) over a layout to ``tolerance``."""
    x0, y0, x1, y1 = problem.layout.bounds
    return (
        _nodes(0.5 * k_max * (x1 - x0), tolerance),
        _nodes(0.5 * k_max * (y1 - y0), tolerance),
    )


def wave_nodes(problem: Problem, k_max: float, tolerance: float) -> FloatArray:
    """(n, 2) m: where the moments of an element stand from which its field is made."""
    count = wave_counts(problem, k_max, tolerance)
    return tensor(*box_nodes(np.array(problem.layout.bounds), count))


def _nodes(argument: float, tolerance: float) -> int:
    """Chebyshev nodes for exp(j a x) on [-1, 1]: the first left out is 2 J_n(a)."""
    from scipy.special import jv

    count = LEAST_NODES
    while count < argument or 4.0 * abs(float(jv(count, argument))) > tolerance:
        count += 1
    return count


def _moment_matrices(basis: Any) -> tuple[Any, Any, Any]:
    """Sparse (n_point, n): x and y moments and charges of the functions."""
    from scipy.sparse import csr_array

    n_t, n_q = len(basis.index), len(RULE_3)
    points = np.einsum("qi,tic->tqc", RULE_3, basis.corner)
    weight = np.where(basis.index >= 0, basis.coefficient, 0.0)
    arm = points[:, :, None, :] - basis.corner[:, None, :, :]  # (t, q, i, 2)
    # l/(2A) (r - v) times the share A/n_q of the area; its divergence l/A
    share = 0.5 * weight[:, None, :, None] * arm / n_q
    charge = np.broadcast_to((weight / n_q)[:, None, :], (n_t, n_q, 3))
    row = np.broadcast_to(np.arange(n_t * n_q).reshape(n_t, n_q, 1), (n_t, n_q, 3)).ravel()
    column = np.broadcast_to(np.maximum(basis.index, 0)[:, None, :], (n_t, n_q, 3)).ravel()
    shape = (n_t * n_q, basis.count)
    x, y, q = (
        csr_array((value.ravel(), (row, column)), shape=shape)
        for value in (share[..., 0], share[..., 1], charge)
    )
    return x, y, q


def _part_of(problem: Problem, centroid: FloatArray) -> IntArray:
    """(n_t,) number of the conductor that each triangle belongs to; tabs to the nearest."""
    merged = unary_union(list(problem.layout.conductors))
    parts = list(getattr(merged, "geoms", [merged]))
    points = shapely.points(centroid)
    distance = np.stack([shapely.distance(part, points) for part in parts])
    number = distance.argmin(axis=0)
    return np.asarray(np.unique(number, return_inverse=True)[1].ravel())
