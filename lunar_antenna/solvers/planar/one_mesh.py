"""One mesh of triangles for many problems: what an inversion runs."""

from __future__ import annotations

from dataclasses import replace

from ...common.blas import one_blas_thread
from ...conventions import ComplexArray
from ...problem import Problem
from ..protocol import Move, OneMesh, Power
from .accuracy import ORDER, span
from .kernels import kernels_for
from .meshed import meshed
from .sky import sky_resistance
from .sources import lifted
from .sweep import run_sweep


class PlanarMesh(OneMesh):
    """The mesh of a problem, whose soil and frequency set its spacings."""

    order = ORDER

    def __init__(self, problem: Problem, accuracy: str, coarsening: float) -> None:
        self.mesh = meshed(problem, accuracy, coarsening)

    @one_blas_thread
    def impedance(self, problem: Problem, move: Move | None = None) -> ComplexArray:
        """See :meth:`OneMesh.impedance`; a moved mesh has no symmetry to be relied upon."""
        mesh = self.mesh
        if move is not None:
            mesh = replace(
                mesh,
                vertices=move(mesh.vertices),
                mirror_x=False,
                mirror_y=False,
                n_fundamental=len(mesh.triangles),
            )
        kernels = kernels_for(problem, problem.frequency, span(problem))
        return run_sweep(problem, kernels, mesh, losses=False, currents=False).z

    @one_blas_thread
    def power(self, problem: Problem) -> Power:
        """See :meth:`OneMesh.power`."""
        kernels = kernels_for(problem, problem.frequency, span(problem))
        found = run_sweep(problem, kernels, self.mesh, currents=False)
        shares = {
            "sky": sky_resistance(problem, problem.frequency, found.grid, found.moments),
            "ground": found.r_ground,
            "metal": found.r_metal,
            "film": found.r_film,
        }
        elements = lifted(found.grid.position, found.moments, problem.metal_height)
        return Power(found.z, shares, elements)
