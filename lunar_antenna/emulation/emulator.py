"""Emulator: what :func:`.build.emulate` makes and a user calls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..common.blas import one_blas_thread
from ..conventions import ComplexArray, FloatArray
from ..problem import Problem
from ..solvers.planar.matrices import Factors
from .box import Box
from .levels import Reduced, Small


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Emulator:
    """Z of one layout over a box of soils and heights, on one mesh.

    box: what varies and between what.  accuracy: of the mesh, that of the densest soil of the box
    (its own error is not in ``held_out_error``).  held_out_error: largest difference from direct
    solves on the same mesh at points that were not used, see :func:`.build.emulate`.
    """

    box: Box
    accuracy: str
    factors: Factors
    first: tuple[Reduced, ...]
    second: tuple[Small, ...]
    held_out_error: float

    def __repr__(self) -> str:
        problem = self.box.problem
        return (
            f"<Emulator of {problem.layout.name} over {', '.join(self.box.names)}, "
            f"{problem.band!r}, accuracy {self.accuracy}, held-out error {self.held_out_error:.1g}>"
        )

    @property
    def frequency(self) -> FloatArray:
        """(n,) Hz."""
        return self.box.problem.frequency

    @one_blas_thread
    def z(self, **values: float) -> ComplexArray:
        """(n, p, p) ohm at ``values``, every emulated parameter by name, SI.

        Raises :class:`InputError` for a name or a value that is not in the box.
        """
        return self.z_of(self.box.at(self.box.checked(values)))

    def z_of(self, problem: Problem) -> ComplexArray:
        """(n, p, p) ohm of a problem of the box, not checked to be one."""
        return self.from_factors(self.factors.at(problem)["z"])

    def from_factors(self, factors: ComplexArray) -> ComplexArray:
        """(n, p, p) ohm from the factors of the columns for Z, (n, n_column)."""
        y_gap = sum(part.admittance(factors) for part in self.second)
        return ports(np.asarray(y_gap), self.box.problem.layout.series)

    def first_z(self, factors: ComplexArray) -> ComplexArray:
        """The same by the first level alone: slower, what the second one is made from."""
        y_gap = sum(
            np.einsum("rg,frh->fgh", part.drive, part.currents(factors)) for part in self.first
        )
        return ports(np.asarray(y_gap), self.box.problem.layout.series)


def ports(y_gap: ComplexArray, series: FloatArray) -> ComplexArray:
    """(n, p, p) ohm of ports made of gaps in series, from the gaps' admittance (n, g, g)."""
    z_gap = np.linalg.inv(y_gap)
    z_gap = 0.5 * (z_gap + np.swapaxes(z_gap, 1, 2))
    return np.asarray(np.einsum("gp,fgh,hq->fpq", series, z_gap, series))
