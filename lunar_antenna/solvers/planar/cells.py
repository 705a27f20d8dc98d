r"""A mesh of rectangular cells, two triangles each, of which any may be metal.

    y ^
      |__ __ ____ _____        lines of x and y, graded as their caller likes; the diagonals
      |\ |/ |\   |  / |        alternate.  The quarter x > 0, y > 0 is meshed and mirrored; the
      |_\|/_|_\__|/___| -> x   cell at the origin is a quarter of the feed tab.

Metal or none in a cell changes which functions there are, and nothing else of the matrices.
"""

from __future__ import annotations

import numpy as np

from ...conventions import FloatArray, IntArray
from .mesh import TriangleMesh


def cell_mesh(x: FloatArray, y: FloatArray) -> TriangleMesh:
    """Cells between the lines ``x`` (n_x + 1,) and ``y`` (n_y + 1,), m, both from 0 upwards.

    Cell (i, j) is triangles 2 (i n_y + j) and the next one of the fundamental part; tab 0 is the
    cell at the origin.
    """
    n_x, n_y = x.size - 1, y.size - 1
    grid_x, grid_y = np.meshgrid(x, y, indexing="ij")
    quarter = np.column_stack((grid_x.ravel(), grid_y.ravel()))
    i, j = (index.ravel() for index in np.meshgrid(range(n_x), range(n_y), indexing="ij"))
    low = i * (n_y + 1) + j
    a, b, c, d = low, low + n_y + 1, low + n_y + 2, low + 1  # counter-clockwise
    up = ((i + j) % 2 == 1)[:, None]
    first = np.where(up, np.column_stack((a, b, c)), np.column_stack((a, b, d)))
    second = np.where(up, np.column_stack((a, c, d)), np.column_stack((b, c, d)))
    triangles = np.stack((first, second), axis=1).reshape(-1, 3)
    return _mirrored(quarter, triangles)


def _mirrored(points: FloatArray, triangles: IntArray) -> TriangleMesh:
    """The quarter and its images x, y and xy, vertices on the axes shared."""
    signs = ((1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0))
    every = np.vstack([points * sign for sign in signs]) + 0.0
    blocks = [
        (block if sx * sy > 0 else block[:, [0, 2, 1]])
        for k, (sx, sy) in enumerate(signs)
        for block in (triangles + k * len(points),)
    ]
    vertices, inverse = np.unique(every, axis=0, return_inverse=True)
    tab = np.full(len(triangles), -1)
    tab[:2] = 0
    return TriangleMesh(
        vertices=vertices,
        triangles=inverse.ravel()[np.vstack(blocks)],
        tab=np.tile(tab, len(signs)),
        cell=np.arange(len(signs) * len(triangles)) // 2,
        mirror_x=True,
        mirror_y=True,
        n_fundamental=len(triangles),
    )
