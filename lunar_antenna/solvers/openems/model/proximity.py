"""What a soil close below strips does to them that their cells do not show.

Strips have the width of their own cross-section in free space (:mod:`.edge_laws`).  Charge gathers
on the side of a soil that is closer than the strip is wide, which one or three cells across do not
follow, and no coarser mesh does either.  Strips of 0.2 m, one cell across, over eps_r 5 were too
slow by 0.16, 0.27, 0.67, 1.3 and 1.5 % of the frequency at 0.3, 0.15, 0.07, 0.035 and 0.02 m, over
eps_r 2.5 by 0.72 % at 0.035 m:

    NEAR (eps_r - 1)/(eps_r + 1) (s/(s + 2 h))^2 (s/w)^2

with s 5/3 of the cell at the rim, the width w of a strip of one cell.  With three across 0.07 %
were left of the 1.3 %, 0.15 % by the law.
"""

from __future__ import annotations

import numpy as np

from .metal_edges import own_edges
from .scene import Scene

NEAR = 0.035
STRIP = 5.0 / 3.0  # cells, the width of a strip of one


def near_soil(scene: Scene) -> float:
    """Share of the frequency by which resonances may be off; 0 on the soil and without one.

    The mean over the rims along the larger side of the layout.
    """
    problem, grid = scene.problem, scene.grid
    layers = problem.stack.layers
    height = grid.plane
    if not layers or height <= 0.0:
        return 0.0
    if layers[0].is_conductor:
        reflected = 1.0
    else:
        eps = float(layers[0].complex_eps_r(problem.frequency).real.mean())
        reflected = (eps - 1.0) / (eps + 1.0)
    x0, y0, x1, y1 = problem.layout.bounds
    axis = 0 if x1 - x0 >= y1 - y0 else 1
    i, j, size, at_rim, across = own_edges(grid, scene.stairs.metal[axis], axis)
    if i.size == 0:
        return 0.0
    length = np.diff(grid.axis(axis))[(i, j)[axis]]
    part = np.minimum(STRIP * size, across)
    share = (part / (part + 2.0 * height)) ** 2 * (part / across) ** 2
    return float(NEAR * reflected * np.average(share[at_rim], weights=length[at_rim]))
