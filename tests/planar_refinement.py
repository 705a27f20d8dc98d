"""What a planar solution is off by: the same problem on meshes finer in every direction."""

from __future__ import annotations

import numpy as np

import lunar_antenna as la
from lunar_antenna.solvers.planar.accuracy import coarser_size, mesh_size, span
from lunar_antenna.solvers.planar.kernels import Kernels, kernels_for
from lunar_antenna.solvers.planar.mesh import TriangleMesh, triangulate
from lunar_antenna.solvers.planar.mesh_error import Parts, estimated_errors, parts_of
from lunar_antenna.solvers.planar.sky import sky_resistance
from lunar_antenna.solvers.planar.sweep import run_sweep

LARGEST = 5000  # triangles of the finer mesh


def subdivided(mesh: TriangleMesh) -> TriangleMesh:
    """Each triangle as its three corners and its middle, cut along the middles of its sides.

    The current functions of ``mesh`` are among those of the result.  Triangles of mirror images
    have two corners exchanged, so two of their quarters change places to keep the order.
    """
    tri = mesh.triangles
    n = len(mesh.vertices)
    sides = np.vstack((tri[:, [0, 1]], tri[:, [1, 2]], tri[:, [2, 0]]))
    code, inverse = np.unique(sides.min(axis=1) * n + sides.max(axis=1), return_inverse=True)
    middles = 0.5 * (mesh.vertices[code // n] + mesh.vertices[code % n])
    ab, bc, ca = np.asarray(inverse).ravel().reshape(3, -1) + n
    a, b, c = tri.T
    quarters = np.stack(
        [
            np.stack((a, ab, ca), axis=1),
            np.stack((ab, b, bc), axis=1),
            np.stack((ca, bc, c), axis=1),
            np.stack((bc, ca, ab), axis=1),
        ],
        axis=1,
    )  # (n_t, 4, 3)
    part = np.arange(len(tri)) // mesh.n_fundamental
    turned = (part == 1) | (part == 2)
    quarters[turned] = quarters[turned][:, [0, 2, 1, 3]]
    return TriangleMesh(
        vertices=np.vstack((mesh.vertices, middles)),
        triangles=quarters.reshape(-1, 3),
        tab=np.repeat(mesh.tab, 4),
        mirror_x=mesh.mirror_x,
        mirror_y=mesh.mirror_y,
        n_fundamental=4 * mesh.n_fundamental,
    )


def compared(
    problem: la.Problem, accuracy: str, subdivide: bool = False, largest: int = LARGEST
) -> dict[str, tuple[np.ndarray, np.ndarray]] | None:
    """Stated and true z_error, r_error and efficiency_error, shapes as in ``Quality``.

    The truth is a mesh with all spacings halved, or the own one subdivided; None where that has
    more than ``largest`` triangles.
    """
    size = mesh_size(problem, accuracy)
    own = triangulate(problem.layout, size)
    finer = subdivided(own) if subdivide else triangulate(problem.layout, size.coarser(0.5))
    if len(finer.triangles) > largest:
        return None
    kernels = kernels_for(problem, problem.frequency, span(problem))
    coarse = triangulate(problem.layout, coarser_size(size, accuracy))
    found, rough, right = (_parts(problem, kernels, mesh) for mesh in (own, coarse, finer))
    stated = estimated_errors(found, rough, accuracy)
    scale = np.abs(np.diagonal(right.z, axis1=1, axis2=2)).max(axis=1)
    total = np.diagonal(right.z, axis1=1, axis2=2).real[..., None]
    one, other = found.power, right.power
    share = one / one.sum(axis=-1, keepdims=True) - other / other.sum(axis=-1, keepdims=True)
    true = {
        "z_error": np.abs(found.z - right.z).max(axis=(1, 2)) / scale,
        "r_error": (np.abs(one - other) / total).max(axis=1),
        "efficiency_error": np.abs(share).max(axis=(1, 2)),
    }
    return {name: (stated[name], value) for name, value in true.items()}


def _parts(problem: la.Problem, kernels: Kernels, mesh: TriangleMesh) -> Parts:
    sweep = run_sweep(problem, kernels, mesh, currents=False)
    return parts_of(sweep, sky_resistance(problem, problem.frequency, sweep.grid, sweep.moments))
