"""One mesh of triangles for many problems: what an inversion runs."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from ...common.blas import one_blas_thread
from ...conventions import ComplexArray
from ...geometry.layout import Layout
from ...problem import Problem
from ..protocol import Move, OneMesh
from .accuracy import ORDER, check_size, mesh_size, span
from .kernels import kernels_for
from .mesh import MeshSize, TriangleMesh, triangulate
from .sweep import run_sweep


class PlanarMesh(OneMesh):
    """The mesh of a problem, whose soil and frequency set its spacings."""

    order = ORDER

    def __init__(self, problem: Problem, accuracy: str, coarsening: float) -> None:
        size = mesh_size(problem, accuracy).coarser(coarsening)
        self.mesh = _mesh(problem.layout, size)

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


@lru_cache(maxsize=8)
def _mesh(layout: Layout, size: MeshSize) -> TriangleMesh:
    """The mesh of a layout (by identity) and its spacings: all that it depends on."""
    mesh = triangulate(layout, size)
    check_size(len(mesh.triangles))
    return mesh
