"""The error of the mesh, from a second run of the same problem on a coarser one.

Richardson: with cells COARSENING times as large, strips of N cells across with N - 2 (1 at least),
the rest of the recipe the same,

    |dZ| / |Z| = |Z_coarse - Z| / (ratio - 1) / |Z| + (SHIFT + FEED w/L) |dZ/d ln f| / |Z|
                  + FLOOR .

dZ/df is of the coarser run too, which records a frequency beside each that was asked: those asked
may be farther apart than a resonance is wide.

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

from dataclasses import replace

import numpy as np

from ....conventions import ComplexArray, FloatArray
from ....errors import SolverError
from ....problem import Band, Problem
from .accuracy import ACCURACY, coarser_across
from .scene import Scene, prepare

COARSENING = 1.5
FLOOR = 0.0025
FEED = 0.045  # of the widest gap over the larger side of the layout
BESIDE = 0.003  # of the frequency, from one to its neighbour that tells dZ/df
STEEP = 12.0  # |d ln Z/d ln f| of a half-wave dipole, where one frequency alone is known


def coarse_scene(problem: Problem, accuracy: str) -> tuple[Scene | None, str]:
    """The coarser scene, or None and the reason why this layout has no coarser mesh.

    Its frequencies are those of ``problem`` and one beside each.
    """
    frequency = problem.frequency
    both = Band(np.union1d(frequency, beside(frequency)))
    try:
        return prepare(replace(problem, band=both), accuracy, coarser=COARSENING), ""
    except SolverError as error:
        return None, str(error)


def beside(frequency: FloatArray) -> FloatArray:
    """(n_freq,) Hz: each a little higher, or lower where that would be above the band."""
    up = frequency * (1.0 + BESIDE)
    return np.asarray(np.where(up <= frequency[-1], up, frequency * (1.0 - BESIDE)))


def parted(frequency: FloatArray, coarse: ComplexArray) -> tuple[ComplexArray, FloatArray]:
    """Z at ``frequency`` and |dZ/d ln f| / |Z| there, from ``coarse``, Z at all of the scene's."""
    moved = beside(frequency)
    every = np.union1d(frequency, moved)
    z, other = (coarse[np.searchsorted(every, f)] for f in (frequency, moved))
    rise = np.abs(other - z).max(axis=(1, 2)) / np.abs(np.log(moved / frequency))
    return z, np.asarray(rise / np.abs(z).max(axis=(1, 2)))


def mesh_error(
    z: ComplexArray,
    coarse: ComplexArray,
    steep: FloatArray,
    accuracy: str,
    feed: float = 0.0,
) -> FloatArray:
    """(n_freq,) estimated |dZ|/|Z| from Z (n_freq, n_port, n_port) of both meshes.

    steep: (n_freq,) |dZ/d ln f| / |Z|.  feed: width of the widest gap over the larger side of the
    layout.
    """
    across = ACCURACY[accuracy].across
    ratio = max(COARSENING, (across + 2 / 3) / (coarser_across(across) + 2 / 3))
    size = np.abs(z).max(axis=(1, 2))
    difference = np.abs(coarse - z).max(axis=(1, 2)) / size
    shift = (ACCURACY[accuracy].shift + FEED * feed) * steep
    return np.asarray(difference / (ratio - 1.0) + shift + FLOOR)


def steepness(z: ComplexArray, frequency: FloatArray) -> FloatArray:
    """(n_freq,) |dZ/d ln f| / |Z| where there is no coarser run: by differences of the frequencies.

    STEEP where there is one.
    """
    if frequency.size < 2:
        return np.full(frequency.size, STEEP)
    slope = np.abs(np.gradient(z, np.log(frequency), axis=0)).max(axis=(1, 2))
    return np.asarray(slope / np.abs(z).max(axis=(1, 2)))
