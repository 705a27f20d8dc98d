"""Quadrature nodes and transforms for G(rho) = 1/(2 pi) int g(k) k J0(k rho) dk.

The complex kernels are integrated along a path lifted into the first quadrant, above every pole
and branch point of a passive stack; the flux kernels, which are not analytic, along the real axis
with panels refined at branch points and narrow peaks.  Beyond the last singularity both share a
tail on the real axis, where the kernels are smooth: they are sampled on a few Chebyshev panels,
and the oscillating transform of those samples is computed once per path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from ...common import chebyshev
from ...conventions import ComplexArray, FloatArray
from ...errors import SolverError

TAIL_ORDER = 12
MAX_PANELS = 200_000  # of the real-axis integral
PATH_ORDER = 12


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """nodes (n,) and transform (n_rho, n): G(rho) = transform @ g(nodes)."""

    nodes: ComplexArray
    transform: ComplexArray


@lru_cache(maxsize=64)
def _gauss(order: int) -> tuple[FloatArray, FloatArray]:
    return np.polynomial.legendre.leggauss(order)


def panels(edges: FloatArray, order: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes and weights on consecutive panels, each (n_panel * order,)."""
    x, w = _gauss(order)
    half = 0.5 * np.diff(edges)[:, None]
    middle = 0.5 * (edges[1:] + edges[:-1])[:, None]
    return (middle + half * x).ravel(), (half * w).ravel()


def lifted_path(rho: FloatArray, end: float, finest: float) -> Path:
    """Path from 0 to ``end`` above the real axis.

    finest: smallest scale of the integrand near the origin (the lowest k0).  The height is kept
    below 3/rho_max so that J0 stays of order one.
    """
    from scipy.special import jv

    height = min(0.15 * end, 2.5 / float(rho.max()))
    longest = 4.0 / float(rho.max())
    edges = [0.0, min(0.25 * finest, longest)]
    while edges[-1] < end:
        width = min(0.8 * edges[-1], max(1.5 * height, 0.25 * finest), longest)
        edges.append(edges[-1] + width)
    edges[-1] = end
    if edges[-1] - edges[-2] < 1e-9 * end:
        edges.pop(-2)
    t, w = panels(np.array(edges), PATH_ORDER)
    nodes = t + 1j * height * np.sin(np.pi * t / end)
    slope = 1.0 + 1j * height * np.pi / end * np.cos(np.pi * t / end)
    bessel = jv(0, nodes[None, :] * rho[:, None])
    return Path(nodes, bessel * (nodes * slope * w) / (2.0 * np.pi))


def tail(rho: FloatArray, start: float, end: float) -> Path:
    """The real axis from ``start`` to ``end`` for kernels that are smooth there.

    nodes: Chebyshev panels growing by 1.6; transform: exact for their interpolants.
    """
    from scipy.special import j0

    count = max(1, int(np.ceil(np.log(end / start) / np.log(1.6))))
    edges = start * (end / start) ** (np.arange(count + 1) / count)
    roots = chebyshev.points(-1.0, 1.0, TAIL_ORDER, ends=False)
    nodes, blocks = [], []
    for a, b in pairwise(edges):
        pieces = max(1, int(np.ceil((b - a) * float(rho.max()) / 6.0)))
        k, w = panels(np.linspace(a, b, pieces + 1), 10)
        interpolate = chebyshev.matrix(roots, (2.0 * k - a - b) / (b - a), ends=False)
        interpolate *= (w * k / (2.0 * np.pi))[:, None]
        blocks.append(j0(np.outer(rho, k)) @ interpolate)
        nodes.append(0.5 * (a + b) + 0.5 * (b - a) * roots)
    return Path(np.concatenate(nodes).astype(complex), np.hstack(blocks).astype(complex))


def real_axis(
    integrand: Callable[[FloatArray], FloatArray],
    branch: FloatArray,
    end: float,
    longest: float,
    tolerance: float | FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Nodes, weights and integrand values (n, m) on [0, end] for a real vector integrand.

    branch: points with square-root singularities; panels shrink towards them geometrically.
    Panels are halved until two halves agree with the whole to ``tolerance`` (one for all columns or
    (m,)) of the column's total; columns below 1e-8 of the largest are rounding noise and need not
    converge.

    Raises :class:`SolverError` where more than MAX_PANELS are needed.
    """
    inside = np.sort(branch[(branch > 0.0) & (branch < end)])
    # media alike to rounding share a branch point
    apart = np.concatenate(([True], np.diff(inside) > 1e-6 * end))[: inside.size]
    cuts = np.unique(np.concatenate(([0.0, end], inside[apart])))
    edges: list[float] = [0.0]
    for a, b in pairwise(cuts):
        # substitution-free grading: (1/5)^m towards both ends resolves square roots to 1e-7
        steps = 0.5 * 0.2 ** np.arange(7, -1, -1)
        local = np.concatenate((steps, 1.0 - steps[::-1][1:]))
        for value in a + (b - a) * local:
            _extend(edges, float(value), longest)
        _extend(edges, float(b), longest)
    order = 8
    x, w = _gauss(order)

    def evaluate(lo: FloatArray, hi: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        half, middle = 0.5 * (hi - lo)[:, None], 0.5 * (hi + lo)[:, None]
        nodes = middle + half * x  # (n_panel, order)
        values = integrand(nodes.ravel()).reshape(*nodes.shape, -1)
        return nodes, half * w, values

    lo, hi = np.array(edges[:-1]), np.array(edges[1:])
    nodes, weights, values = evaluate(lo, hi)
    done: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    total = np.einsum("po,poc->c", weights, np.abs(values))
    total = np.maximum(total, 1e-8 * total.max())
    for _ in range(40):
        middle = 0.5 * (lo + hi)
        left, right = evaluate(lo, middle), evaluate(middle, hi)
        whole = np.einsum("po,poc->pc", weights, values)
        halves = np.einsum("po,poc->pc", left[1], left[2]) + np.einsum(
            "po,poc->pc", right[1], right[2]
        )
        total = np.maximum(total, np.abs(halves).sum(axis=0))
        bad = np.any(np.abs(whole - halves) > tolerance * total + 1e-300, axis=1)
        if np.any(~bad):
            keep = ~bad
            done.append((nodes[keep], weights[keep], values[keep]))
        if not np.any(bad):
            break
        if sum(len(part[0]) for part in done) + 2 * np.count_nonzero(bad) > MAX_PANELS:
            raise SolverError(
                "planar solver: the flux integral does not converge (too many guided waves); make "
                "the layers thinner or give them a larger loss_tangent"
            )
        parts = [(side[0][bad], side[1][bad], side[2][bad]) for side in (left, right)]
        lo, hi = (
            np.concatenate((lo[bad], middle[bad])),
            np.concatenate((middle[bad], hi[bad])),
        )
        nodes, weights, values = (np.concatenate([part[k] for part in parts]) for k in range(3))
    else:
        done.append((nodes, weights, values))
    columns = values.shape[-1]
    return (
        np.concatenate([d[0].ravel() for d in done]),
        np.concatenate([d[1].ravel() for d in done]),
        np.vstack([d[2].reshape(-1, columns) for d in done]),
    )


def gathered(k: FloatArray, values: FloatArray, width: float) -> tuple[FloatArray, FloatArray]:
    """Nodes closer than ``width`` as one: sorted nodes (m,) and sums (m, c) of ``values`` (n, c).

    A narrow peak takes hundreds of nodes that a transform cannot tell apart; each group stands at
    its centre of |values|, which leaves an error of (width rho)^2/24 of its share.
    """
    order = np.argsort(k)
    k, values = k[order], values[order]
    group = np.floor(k / width).astype(np.int64)
    start = np.flatnonzero(np.concatenate(([True], np.diff(group) > 0)))
    size = np.abs(values).sum(axis=1) + 1e-300
    centre = np.add.reduceat(size * k, start) / np.add.reduceat(size, start)
    return centre, np.add.reduceat(values, start, axis=0)


def _extend(edges: list[float], target: float, longest: float) -> None:
    """Append panels no longer than ``longest`` up to ``target``."""
    start = edges[-1]
    if target <= start:
        return
    pieces = max(1, int(np.ceil((target - start) / longest)))
    edges.extend(start + (target - start) * (np.arange(1, pieces + 1) / pieces))
