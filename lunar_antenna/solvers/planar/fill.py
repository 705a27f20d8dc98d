"""Moment-method matrices of all radial modes and static parts, filled in one pass.

What each pair of triangles adds is in :mod:`.pairs`; here are the columns, the images as a mesh
sees them, the rules, and how the work is shared between threads.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numba
import numpy as np

from ...common.memory import usable
from ...conventions import FloatArray
from ...errors import SolverError
from .asymptote import Images
from .basis import Basis, ParityClass
from .columns import Edges
from .kernels import Kernels
from .near import (
    NearRules,
    Rule,
    SideRule,
)
from .pairs import Cells, Modes, Statics, fill_pairs, symmetrise
from .rules import RULE_3, RULE_7, RULE_28, RULE_112, WEIGHT_3, WEIGHT_7, WEIGHT_28, WEIGHT_112
from .taper import step_matrix

# A worker process limited to one numba thread stays serial; more than two gain little here.
THREADS = min(2, int(numba.config.NUMBA_NUM_THREADS))
FACTORS = 8  # matrices of 8 bytes a number that the factors at one frequency take
SIDE_POINTS, OWN_POINTS = 4, 10  # of the outer rule along a side, for images
THIN = 0.03  # of the lowest triangle: images nearer than that act as one


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """values (n, n, n_column) of one parity class; columns as laid out below.

    [0, n_a): modes of A; n_a: static A; then n_phi modes of phi; then n_static shapes of the static
    phi; the metal Gram matrix without the tabs; last n_current and n_charge parts of the matrices
    of the rims (see :mod:`.rim`).  What multiplies them is in :mod:`.columns`.
    """

    values: FloatArray
    n_a: int
    n_phi: int
    n_static: int
    n_current: int
    n_charge: int

    @property
    def columns(self) -> dict[str, slice]:
        result, start = {}, 0
        for name, count in (
            ("a", self.n_a),
            ("a_static", 1),
            ("phi", self.n_phi),
            ("phi_static", self.n_static),
            ("metal", 1),
            ("rim_current", self.n_current),
            ("rim_charge", self.n_charge),
        ):
            result[name] = slice(start, start + count)
            start += count
        return result


def fill_matrices(basis: Basis, parity: ParityClass, kernels: Kernels, edges: Edges) -> Matrices:
    """Matrices of one class."""
    n_a, n_phi = kernels.modes_a.shape[1], kernels.modes_phi.shape[1]
    mesh = basis.mesh
    index = np.where(basis.index >= 0, parity.orbit[basis.index], -1)
    coefficient = np.where(index >= 0, basis.coefficient * parity.sign[basis.index], 0.0)
    statics = statics_of(kernels.images, basis)
    n_static = statics.weight.shape[1]
    rims = edges.matrices(basis, index, coefficient, parity.count)
    start = n_a + n_phi + n_static + 2
    shape = (parity.count, parity.count, start + sum(rim.shape[2] for rim in rims))
    n_fund = mesh.n_fundamental
    threads = _threads(pairs=n_fund * len(index), size=8 * int(np.prod(shape)))
    _refuse_beyond_memory(shape, threads)
    cells = Cells(
        basis.corner,
        basis.centroid,
        basis.area,
        index,
        coefficient,
        mesh.triangles,
        mesh.tab,
        mesh.n_fundamental,
    )
    modes = Modes(_padded(kernels.modes_a), _padded(kernels.modes_phi), n_a, n_phi, kernels.step)
    rule, near = Rule(RULE_3, WEIGHT_3), _near_rules()

    def part(start: int, end: int) -> FloatArray:
        values = np.zeros(shape)
        fill_pairs(start, end, cells, modes, statics, rule, near, values)
        return values

    values = _in_threads(part, n_fund, threads)
    values[:, :, start:] = np.concatenate(rims, axis=2)
    values[:, :, start - 1] -= step_matrix(basis, index, coefficient, parity.count)
    values *= float(parity.order)
    symmetrise(values)
    return Matrices(values, n_a, n_phi, n_static, *(rim.shape[2] for rim in rims))


def _refuse_beyond_memory(shape: tuple[int, int, int], threads: int) -> None:
    """:class:`SolverError` where the matrices do not fit: those of each thread while they are
    filled, then one set of them with its factors at one frequency."""
    count, _, columns = shape
    need, have = 8.0 * count**2 * max(threads * columns, columns + FACTORS), usable()
    if need > have:
        raise SolverError(
            f"planar solver: {count} unknowns of one symmetry need {need / 1e9:.3g} GB, this "
            f"machine has {have / 1e9:.3g} GB to spare; take a coarser accuracy, wider metal or a "
            "layout with mirror planes"
        )


def statics_of(images: Images, basis: Basis) -> Statics:
    """Images as this mesh sees them: those within THIN of its lowest triangle as one.

    The sum of the coefficients and their first moment, all that such cells can feel, is kept.
    """
    side = np.linalg.norm(basis.corner - np.roll(basis.corner, 1, axis=1), axis=2).max(axis=1)
    lowest = float((2.0 * basis.area / side).min())
    distance, weight = images.distance, images.weight
    close = (distance > 0.0) & (distance < THIN * lowest)
    if np.count_nonzero(close) > 1:
        moment = weight[close] * distance[close, None]
        size = np.abs(moment).sum(axis=1)
        common = float((size * distance[close]).sum() / size.sum())
        joint = moment.sum(axis=0) / common
        at_zero = weight[0] + weight[close].sum(axis=0) - joint
        weight = np.vstack((at_zero, joint, weight[1:][~close[1:]]))
        distance = np.concatenate(([0.0, common], distance[1:][~close[1:]]))
    mirror = 0.0 if np.isinf(images.mirror) else images.mirror
    return Statics(distance, np.ascontiguousarray(weight), mirror)


def _near_rules() -> NearRules:
    sides = []
    for points in (SIDE_POINTS, OWN_POINTS):
        node, weight = np.polynomial.legendre.leggauss(points)
        sides.append(SideRule(0.5 + 0.5 * node, 0.5 * weight))
    return NearRules(
        Rule(RULE_7, WEIGHT_7), Rule(RULE_28, WEIGHT_28), Rule(RULE_112, WEIGHT_112), *sides
    )


def _threads(*, pairs: int, size: int) -> int:
    """One, or two where they pay for matrices of ``size`` bytes, of which each owns a set.

    numba's thread count says how many may run, so that worker processes limited to one thread
    stay serial.
    """
    return 1 if THREADS < 2 or pairs < 20_000 or size > 400e6 else 2


def _in_threads(part: Callable[[int, int], FloatArray], count: int, threads: int) -> FloatArray:
    """Sum of ``part`` over ranges of observers, one thread each."""
    if threads < 2:
        return part(0, count)
    middle = int(count * 0.7071)  # the work grows as the square of the index
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(part, middle, count)
        values = part(0, middle)
        values += other.result()
    return values


def _padded(modes: FloatArray) -> FloatArray:
    """Columns filled up to a multiple of sixteen, so that inner loops run on whole vectors."""
    extra = -modes.shape[1] % 16
    return np.ascontiguousarray(np.pad(modes, ((0, 0), (0, extra))))
