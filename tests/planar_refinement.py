"""A mesh with every triangle cut in four: finer in every direction, whatever the mesher thinks."""

from __future__ import annotations

import numpy as np

from lunar_antenna.solvers.planar.mesh import TriangleMesh


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
