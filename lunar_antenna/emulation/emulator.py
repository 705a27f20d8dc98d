"""Emulator: what :func:`.build.emulate` makes and a user calls."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, fields

import numpy as np

from ..common.blas import one_blas_thread
from ..conventions import ComplexArray, FloatArray
from ..errors import InputError
from ..problem import Problem
from ..radiation import CurrentElements
from ..solution import Quality, Solution
from ..solvers.planar.matrices import Factors, lifted
from ..solvers.protocol import provenance
from ..version import __version__
from .box import Box
from .levels import Reduced, Small

SAME = 1e-6  # of Z in the middle of the box: what a file must give again
MOST_ERROR = 0.1  # held-out error beyond which a solution is not called converged


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Emulator:
    """Z, losses and far field of one layout over a box of soils and heights, on one mesh.

    box: what varies and between what.  accuracy: of the mesh, that of the densest soil of the box
    (its own error is not in ``held_out_error``).  position (n_grid, 2) m: of the moments that
    radiate.  held_out_error: three times the largest difference from direct solves on the same
    mesh at points that were not used, see :func:`.build.emulate`; nan where none were made.
    """

    box: Box
    accuracy: str
    factors: Factors
    first: tuple[Reduced, ...]
    second: tuple[Small, ...]
    position: FloatArray
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
    def __call__(self, **values: float) -> Solution:
        """The solution at ``values``, every emulated parameter by name, SI: all that one has.

        quality.power_closure tells nothing of it: ground is all that neither sky nor film takes.
        Raises :class:`InputError` as :meth:`z` does, and where Z alone was emulated.
        """
        started = time.perf_counter()
        problem = self.box.at(self.box.checked(values))
        z, shares, elements = self.power(problem)
        closure = Solution.closure(z, *shares.values())
        return Solution(
            problem=problem,
            frequency=self.frequency,
            z=z,
            r_sky=shares["sky"],
            r_ground=shares["ground"],
            r_metal=shares["metal"],
            r_film=shares["film"],
            elements=elements,
            quality=Quality(
                converged=not self.held_out_error > MOST_ERROR,
                power_closure=closure,
                details={"held_out_error": self.held_out_error},
            ),
            provenance=provenance(
                problem,
                solver="planar",
                version=__version__,
                accuracy=self.accuracy,
                threads=1,
                wall_seconds=time.perf_counter() - started,
                unknowns=sum(len(part.drive) for part in self.first),
                notes=(f"emulated over {', '.join(self.box.names)}",),
            ),
        )

    def power(
        self, problem: Problem
    ) -> tuple[ComplexArray, dict[str, ComplexArray], CurrentElements]:
        """Z, the four loss matrices and what radiates, of a problem of the box."""
        if self.factors.family.flux is None:
            raise InputError("Z alone was emulated; emulate with needs='far_field'")
        factors = self.factors.at(problem, losses=True)
        series = self.box.problem.layout.series
        currents = [part.currents(factors["z"]) for part in self.first]
        y_gap = sum(
            np.einsum("rg,frh->fgh", part.drive, y)
            for part, y in zip(self.first, currents, strict=True)
        )
        z_gap = gaps(np.asarray(y_gap))
        voltage = z_gap @ series  # (n_freq, n_gap, p): for 1 A at each port
        shape = (len(y_gap), series.shape[1], series.shape[1])
        shares = {name: np.zeros(shape, complex) for name in ("sky", "ground", "metal", "film")}
        moments = np.zeros((*shape[:2], len(self.position), 2), dtype=complex)
        for part, y_volt in zip(self.first, currents, strict=True):
            y = y_volt @ voltage
            found = part.forms({name: factors[name] for name in shares}, y)
            for name, value in shares.items():
                value += found[name]
            moments += np.einsum("cgr,frp->fpgc", part.moments, y, optimize=True)
        z = np.einsum("gp,fgh,hq->fpq", series, z_gap, series)
        return np.asarray(z), shares, lifted(self.position, moments, problem.metal_height)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a sealed HDF5 file; :meth:`load` reads it."""
        from .file import Record, write

        own = {field.name: getattr(self, field.name) for field in fields(self)}
        write(path, Record(**own, centre=self._centre()))

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Emulator:
        """The emulator that :meth:`save` wrote.

        Raises :class:`FileFormatError` where the file does not hold one, or a damaged one.
        """
        from .file import Record, read

        def make(record: Record) -> Emulator:
            own = {field.name: getattr(record, field.name) for field in fields(Emulator)}
            made = Emulator(**own)
            size = np.abs(record.centre).max()
            if not np.abs(made._centre() - record.centre).max() <= SAME * size:
                raise ValueError("it does not give the impedance that it was written with")
            return made

        return read(path, make)

    def _centre(self) -> ComplexArray:
        """(n, p, p) ohm in the middle of the box."""
        middle = self.box.values(np.full(len(self.box.axes), 0.5))
        return self.z_of(self.box.at(middle))

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
    return np.asarray(np.einsum("gp,fgh,hq->fpq", series, gaps(y_gap), series))


def gaps(y_gap: ComplexArray) -> ComplexArray:
    """(n, g, g) ohm, symmetric."""
    z_gap = np.linalg.inv(y_gap)
    return np.asarray(0.5 * (z_gap + np.swapaxes(z_gap, 1, 2)))
