"""The error of the mesh, from a second run of the same problem on a coarser one.

Richardson: with cells COARSENING times as large, strips of N cells across with N - 2 (1 at least),
the rest of the recipe the same,

    |dZ| / |Z| = |Z_coarse - Z| / (ratio - 1) / |Z| + (SHIFT + FEED w/L) |dZ/d ln f| / |Z|
                  + FLOOR .

The order is 1: staircases of slanted outlines and the fields at rims converge with the cell.  The
ratio is the larger of COARSENING and that of the cells across a strip.

SHIFT, FEED and FLOOR are for what no refinement of this kind shows.  Both meshes of a narrow strip
may have one cell across, and in both cells grow away from rims and gaps: resonances come too low by
the same fraction, which is little where Z is flat and several times itself where it is steep.  FEED
is for the charge beside a gap of width w in a layout of length L, which has two cells in any mesh.
FLOOR is for absorbing layers at low frequencies.

Against the moment method, strips of 10 m: at draft 0.3 to 0.5 % of the frequency too low (0.2 m)
and 0.1 to 0.3 % (1 m); at normal 0.1 % and 0.44 %, fed over their width.  On a strip, a folded
dipole and two strips at draft, and on both strips at normal, the estimate covers every frequency,
1.5 to 3.2 times the error in the median.  fine takes the shift of normal, and was not measured.
"""

from __future__ import annotations

import numpy as np

from ....conventions import ComplexArray, FloatArray
from ....errors import SolverError
from ....problem import Problem
from .accuracy import ACCURACY, coarser_across
from .scene import Scene, prepare

COARSENING = 1.5
FLOOR = 0.0025
FEED = 0.045  # of the widest gap over the larger side of the layout
STEEP = 6.0  # |d ln Z/d ln f| where a single frequency does not tell it


def coarse_scene(problem: Problem, accuracy: str) -> tuple[Scene | None, str]:
    """The coarser scene, or None and the reason why this layout has no coarser mesh."""
    try:
        return prepare(problem, accuracy, coarser=COARSENING), ""
    except SolverError as error:
        return None, str(error)


def mesh_error(
    z: ComplexArray,
    coarse: ComplexArray,
    frequency: FloatArray,
    accuracy: str,
    feed: float = 0.0,
) -> FloatArray:
    """(n_freq,) estimated |dZ|/|Z| from Z (n_freq, n_port, n_port) of both meshes.

    feed: width of the widest gap over the larger side of the layout.
    """
    across = ACCURACY[accuracy].across
    ratio = max(COARSENING, (across + 2 / 3) / (coarser_across(across) + 2 / 3))
    size = np.abs(z).max(axis=(1, 2))
    difference = np.abs(coarse - z).max(axis=(1, 2)) / size
    shift = (ACCURACY[accuracy].shift + FEED * feed) * steepness(z, frequency)
    return np.asarray(difference / (ratio - 1.0) + shift + FLOOR)


def steepness(z: ComplexArray, frequency: FloatArray) -> FloatArray:
    """(n_freq,) |dZ/d ln f| / |Z|, the mean of both sides; STEEP where there is one frequency."""
    if frequency.size < 2:
        return np.full(frequency.size, STEEP)
    step = np.abs(np.diff(z, axis=0)).max(axis=(1, 2)) / np.diff(np.log(frequency))
    below, above = np.concatenate((step[:1], step)), np.concatenate((step, step[-1:]))
    return np.asarray(0.5 * (below + above) / np.abs(z).max(axis=(1, 2)))
