"""The error of the mesh, from a second run of the same problem on a coarser one.

Richardson: with cells COARSENING times as large, strips of N cells across with N - 2 (1 at least),
the rest of the recipe the same,

    |dZ| / |Z| = |Z_coarse - Z| / (ratio - 1) / |Z| + FLOOR .

The order is 1: staircases of slanted outlines and the fields at rims converge with the cell.  The
ratio is the larger of COARSENING and that of the cells across a strip.  FLOOR is what no
refinement of this kind shows (growth of the cells away from the metal, absorbing layers): measured
against the moment method on strips, bow-ties and blades, where the whole estimate is 1.0 to 2.7
times the difference in the median over the band and 0.3 times at the worst frequency.
"""

from __future__ import annotations

import numpy as np

from ....conventions import ComplexArray, FloatArray
from ....errors import SolverError
from ....problem import Problem
from .accuracy import ACCURACY, coarser_across
from .scene import Scene, prepare

COARSENING = 1.5
FLOOR = 0.006


def coarse_scene(problem: Problem, accuracy: str) -> tuple[Scene | None, str]:
    """The coarser scene, or None and the reason why this layout has no coarser mesh."""
    try:
        return prepare(problem, accuracy, coarser=COARSENING), ""
    except SolverError as error:
        return None, str(error)


def mesh_error(z: ComplexArray, coarse: ComplexArray, accuracy: str) -> FloatArray:
    """(n_freq,) estimated |dZ|/|Z| from Z (n_freq, n_port, n_port) of both meshes."""
    across = ACCURACY[accuracy].across
    ratio = max(COARSENING, (across + 2 / 3) / (coarser_across(across) + 2 / 3))
    size = np.abs(z).max(axis=(1, 2))
    difference = np.abs(coarse - z).max(axis=(1, 2))
    return np.asarray(difference / (ratio - 1.0) / size + FLOOR)
