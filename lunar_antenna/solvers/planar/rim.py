"""Metal loss that the current piled up at an edge adds to what the mesh resolves.

Within a cell of width s at a free edge the current along the edge goes as 1/sqrt(distance), down
to the stopping distance d of the metal (:mod:`lunar_antenna.media.edge`).  The mean of J^2 over
that cell is ln(s/d)/4 times the square of the mean of J; RWG functions hold the mean, so

    extra loss = Re Z_s * integral over edge cells of |J_t|^2 (ln(s/d)/4 - 1)

The logarithm grows as the cell shrinks just as the resolved part falls, which makes the loss
independent of the mesh.
"""

from __future__ import annotations

import numpy as np

from ...conventions import FloatArray, IntArray
from .basis import Basis


def rim_matrices(basis: Basis, index: IntArray, coefficient: FloatArray, count: int) -> FloatArray:
    """(count, count, 2): sums over edge cells of |J_t|^2 area times (ln(s)/4 - 1) and -1/4.

    The extra loss matrix is the first plus ln(d) times the second, s and d in m.  index and
    coefficient: (n_t, 3) reduced functions; only fundamental triangles are summed.  A triangle
    with its side on the rim stands for its whole cell, twice its own area.
    """
    out = np.zeros((count, count, 2))
    fundamental = np.arange(len(index)) < basis.mesh.n_fundamental
    for i in range(3):
        rows = np.flatnonzero((basis.index[:, i] < 0) & (basis.mesh.tab < 0) & fundamental)
        if rows.size == 0:
            continue
        a, b = basis.corner[rows, (i + 1) % 3], basis.corner[rows, (i + 2) % 3]
        side = b - a
        length = np.linalg.norm(side, axis=1)
        along = side / length[:, None]
        area = basis.area[rows]
        cell = 2.0 * area  # area of the edge cell, and its width times the side
        weight = np.stack((cell * (0.25 * np.log(cell / length) - 1.0), -0.25 * cell), axis=1)
        arm = basis.centroid[rows, None, :] - basis.corner[rows]  # (n, 3, 2)
        value = 0.5 * coefficient[rows] * np.einsum("njc,nc->nj", arm, along) / area[:, None]
        for j in range(3):
            for k in range(3):
                live = (index[rows, j] >= 0) & (index[rows, k] >= 0)
                np.add.at(
                    out,
                    (index[rows[live], j], index[rows[live], k]),
                    (value[live, j] * value[live, k])[:, None] * weight[live],
                )
    return out
