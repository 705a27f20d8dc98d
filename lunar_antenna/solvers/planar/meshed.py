"""The mesh of a problem, kept for all problems that share it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ...geometry.layout import Layout
from ...problem import Problem
from .accuracy import check_size, mesh_size
from .mesh import MeshSize, TriangleMesh, triangulate


def meshed(problem: Problem, accuracy: str, coarsening: float = 1.0) -> TriangleMesh:
    """The mesh that ``problem``'s soil and frequency ask for, all spacings times ``coarsening``."""
    return _mesh(problem.layout, mesh_size(problem, accuracy).coarser(coarsening))


@lru_cache(maxsize=8)
def _mesh(layout: Layout, size: MeshSize) -> TriangleMesh:
    """The mesh of a layout (by identity) and its spacings: all that it depends on."""
    mesh = triangulate(layout, size)
    check_size(len(mesh.triangles))
    return mesh


def lowest_cell(mesh: TriangleMesh) -> float:
    """Least height of a triangle over its longest side, m: nothing finer is resolved."""
    corner = mesh.vertices[mesh.triangles]
    side = np.linalg.norm(corner - np.roll(corner, 1, axis=1), axis=2).max(axis=1)
    return float((2.0 * mesh.areas / side).min())
