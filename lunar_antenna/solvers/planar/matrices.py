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
"""

from __future__ import annotations

from dataclasses import dataclass

from ...conventions import ComplexArray, FloatArray
from ...problem import Problem
from .basis import Basis, ParityClass, gap_vectors, make_basis, parity_classes
from .columns import Edges, coefficients, edges_of
from .fill import fill_matrices
from .kernels import Kernels
from .mesh import TriangleMesh


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


def system(problem: Problem, kernels: Kernels, mesh: TriangleMesh) -> System:
    """The matrices of ``problem`` on ``mesh`` at the frequencies of ``kernels``."""
    basis, metal = make_basis(mesh), problem.layout.metal
    vectors = gap_vectors(basis, problem.layout)
    edges = edges_of(basis, metal, kernels)
    return System(
        basis,
        kernels,
        edges,
        vectors,
        tuple(parity_classes(basis, vectors)),
        coefficients(kernels, metal, edges),
    )
