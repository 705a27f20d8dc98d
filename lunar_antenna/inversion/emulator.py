"""Adaptive polynomial emulator of a solver: every solver run becomes one node, used once.

Sparse Newton interpolation on Leja points (Chkifa, Cohen and Schwab, Found. Comput. Math. 14
(2014) 601; Gerstner and Griebel, Computing 71 (2003) 65).  With nodes t_0, t_1, ... per
dimension and multi-indices i from a downward-closed set,

    f(x) = sum_i s_i prod_k N_{i_k}(x_k),   N_n(t) = prod_{m<n} (t - t_m)/(t_n - t_m),

where the surplus s_i = f(node i) - (interpolant before node i)(node i) is at the same time the
error that was found there.  The set grows where the surplus is largest, until all open surpluses
are below a tolerance.  Both papers cited from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ..conventions import ComplexArray, FloatArray, IntArray

Solve = Callable[[FloatArray], ComplexArray]  # (n, d) coordinates in [-1, 1] -> (n, m)
Norm = Callable[[ComplexArray], float]  # size of an error (m,), in the caller's units
Report = Callable[[int, float], None]  # nodes so far, largest open surplus

_GRID = 20_001
_FORCED = 3  # levels of each dimension that are always taken: x^3 looks like x on the first two
_EAGER = 0.5  # all open indices within this share of the worst are refined together


@lru_cache(maxsize=1)
def _leja() -> FloatArray:
    """40 Leja points of [-1, 1] starting at the centre: each maximises the product of distances."""
    grid = np.cos(np.linspace(0.0, np.pi, _GRID))
    points = [0.0, 1.0, -1.0]
    with np.errstate(divide="ignore"):
        product = sum(np.log(np.abs(grid - point)) for point in points)
        while len(points) < 40:
            best = int(np.argmax(product))
            points.append(float(grid[best]))
            product = product + np.log(np.abs(grid - grid[best]))
    return np.array(points)


MOST_LEVEL = 39


def _newton(x: FloatArray, top: int) -> FloatArray:
    """(top + 1, n) Newton polynomials N_0 .. N_top at ``x`` (n,)."""
    t = _leja()
    out = np.ones((top + 1, x.size))
    for n in range(1, top + 1):
        for m in range(n):
            out[n] *= (x - t[m]) / (t[n] - t[m])
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Emulator:
    """index (n, d) multi-indices; surplus (n, m); error: largest open surplus, caller's norm."""

    index: IntArray
    surplus: ComplexArray
    error: float

    @property
    def nodes(self) -> int:
        """Solver runs that it holds."""
        return len(self.index)

    def __call__(self, x: FloatArray) -> ComplexArray:
        """(k, m) values at ``x`` (k, d), coordinates in [-1, 1]."""
        x = np.atleast_2d(np.asarray(x, dtype=float))
        weight = np.ones((len(x), len(self.index)))
        for k in range(self.index.shape[1]):
            weight *= _newton(x[:, k], int(self.index[:, k].max()))[self.index[:, k]].T
        return np.asarray(weight @ self.surplus)

    def mapped(self, matrix: FloatArray) -> Emulator:
        """The emulator of ``matrix @ f``: (m', m), for example an interpolation in frequency."""
        return replace(self, surplus=self.surplus @ matrix.T)


def build(
    solve: Solve,
    dimensions: int,
    norm: Norm,
    *,
    tolerance: float,
    budget: int,
    report: Report | None = None,
) -> Emulator:
    """Interpolate ``solve`` over [-1, 1]^d until every open surplus has norm < ``tolerance``.

    Stops at ``budget`` nodes at the latest (the error says how good it is then).  The first
    levels of each dimension are always taken, so that a symmetric function does not fool it.
    """
    growth = _Growth(solve, dimensions, norm)
    growth.add([(0,) * dimensions])
    while growth.open and growth.nodes < budget:
        worst = max(growth.open.values())
        if worst < tolerance:
            break
        chosen = [index for index, size in growth.open.items() if size >= _EAGER * worst]
        growth.refine(sorted(chosen, key=lambda index: -growth.open[index]), budget)
        if report is not None:
            report(growth.nodes, growth.worst)
    return Emulator(
        np.array(growth.index, dtype=np.int64).reshape(growth.nodes, dimensions),
        np.array(growth.surplus),
        growth.worst,
    )


class _Growth:
    """The growing set: ``open`` indices wait for refinement, with the norm of their surplus."""

    def __init__(self, solve: Solve, dimensions: int, norm: Norm) -> None:
        self.solve, self.dimensions, self.norm = solve, dimensions, norm
        self.index: list[tuple[int, ...]] = []
        self.surplus: list[ComplexArray] = []
        self.open: dict[tuple[int, ...], float] = {}
        self.wanted: set[tuple[int, ...]] = set()  # neighbours of refined indices, not yet solved
        self._sizes: list[float] = []

    @property
    def nodes(self) -> int:
        return len(self.index)

    @property
    def worst(self) -> float:
        """Largest open surplus that was computed; 0 where there is nothing to vary."""
        known = [self._sizes[self.index.index(i)] for i in self.open if any(i)]
        return max(known, default=0.0)

    def add(self, fresh: Sequence[tuple[int, ...]]) -> None:
        """Solve the nodes of ``fresh`` (sorted by total level) and append their surpluses."""
        t = _leja()
        nodes = np.array([[t[level] for level in item] for item in fresh])
        nodes = nodes.reshape(len(fresh), self.dimensions)
        values = self.solve(nodes)
        for item, node, value in zip(fresh, nodes, values, strict=True):
            if self.index:
                index = np.array(self.index, dtype=np.int64)
                known = Emulator(index, np.array(self.surplus), 0.0)
                value = value - known(node[None, :])[0]
            self.index.append(item)
            self.surplus.append(value)
            self._sizes.append(self.norm(value))
            forced = sum(item) == max(item, default=0) and max(item, default=0) < _FORCED
            self.open[item] = np.inf if forced else self._sizes[-1]

    def refine(self, chosen: Sequence[tuple[int, ...]], budget: int) -> None:
        """Close ``chosen`` and solve every wanted neighbour that the set can take.

        A neighbour needs all its predecessors solved, not refined: where f vanishes on an axis,
        the surpluses there are 0 and would hold back everything beyond.
        """
        for item in chosen:
            self.open.pop(item)
            for k in range(self.dimensions):
                neighbour = (*item[:k], item[k] + 1, *item[k + 1 :])
                if neighbour[k] <= MOST_LEVEL:
                    self.wanted.add(neighbour)
        known = set(self.index)
        self.wanted -= known
        fresh = [item for item in self.wanted if self._admissible(item, known)]
        fresh = sorted(fresh, key=lambda index: (sum(index), index))[: max(1, budget - self.nodes)]
        self.wanted -= set(fresh)
        if fresh:
            self.add(fresh)

    @staticmethod
    def _admissible(item: tuple[int, ...], known: set[tuple[int, ...]]) -> bool:
        return all(
            level == 0 or (*item[:k], level - 1, *item[k + 1 :]) in known
            for k, level in enumerate(item)
        )
