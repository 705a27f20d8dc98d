"""The error of the mesh, from a second run of the same problem on a coarser one.

Richardson: with cells COARSENING times as large, strips of N cells across with N - 2 (1 at least),
the rest of the recipe the same,

    |dZ| / |Z| = |Z_coarse - Z| / (ratio - 1) / |Z| + SHIFT |dZ/d ln f| / |Z|
                 + faces + soil + near + LOOP + FLOOR,
    soil = SOIL |d eps / eps| (|dZ/d ln f| / |Z| + 1), and near of :mod:`.proximity` likewise,
    faces = max(FEED w/L |dZ/d ln f| / |Z|, FACES omega eps0 (1 + eps_1)/2 (w - w_p) |Z|) .

dZ/df is of the coarser run too, which records a frequency beside each that was asked: those asked
may be farther apart than a resonance is wide.

The order is 1: staircases of slanted outlines and the fields at rims converge with the cell.  The
ratio is the larger of COARSENING and that of the cells across a strip.

SHIFT, FEED, FACES and FLOOR are for what no refinement of this kind shows.  Both meshes of a narrow
strip may have one cell across, and in both cells grow away from rims and gaps: resonances come too
low by the same fraction, which is little where Z is flat and several times itself where it is
steep.  FEED is for the charge beside a gap whose faces are w wide in a layout of length L, whatever
of them the port takes: the gap has two cells in any mesh.  FACES is for the same charge as what it
is to the port, a capacitance across it beside its tab of w_p, which counts where Z is large and
flat; eps_1 is of the uppermost layer.
No permittivity of constant loss is without dispersion (:mod:`.materials`): off by a share of itself
it moves resonances by half of that, as if half of the field were in air, and Z besides.
LOOP is for ports that metal shorts, with one cell across strips: at low frequencies the inductance
of the loop is all of Z, and two folded dipoles were 2.0 and 2.9 % off at 6 MHz where 1.3 and 1.9 %
were stated, on both meshes.
FLOOR is for absorbing layers at low frequencies.

Against the moment method, strips of 10 m: at draft 0.3 to 0.5 % of the frequency too low (0.2 m)
and 0.1 to 0.3 % (1 m); at normal 0.1 % and 0.44 %, fed over their width.  On a strip, a folded
dipole and two strips at draft, and on both strips at normal, the estimate covers every frequency,
1.5 to 3.2 times the error in the median.  fine takes the shift of normal, and was not measured.
At draft, shapes fed by a tab of 0.03 to 0.1 m: faces of 2.76 m (10 m x 4 m) 14 %, 0.86 m 5 % off;
by the width of the port alone 36 and 93 % of the frequencies were within both errors, by the
faces 97 and 98 %, the farthest at 1.04 of them.  Faces of 1.44 m 0.3 m apart 2.4 pF, 3.5 % of |Z|
where Z is flat, 1.38 times what was stated without FACES, 0.9 of it with.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ....conventions import EPS0, ComplexArray, FloatArray
from ....errors import SolverError
from ....geometry.faces import shorted, widths_behind
from ....geometry.layout import Layout
from ....problem import Band, Problem
from .accuracy import ACCURACY, coarser_across
from .scene import Scene, prepare

Scalar = TypeVar("Scalar", np.float64, np.complex128)

COARSENING = 1.5
FLOOR = 0.0025
FEED = 0.05  # of the widest faces of a gap over the larger side of the layout
LOOP = 0.012
SOIL = 0.5  # of the relative error of its permittivity
FACES = 0.08  # of the capacitance of a slot per unit of its length
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


def of_both(
    frequency: FloatArray, coarse: npt.NDArray[Scalar]
) -> tuple[npt.NDArray[Scalar], npt.NDArray[Scalar], FloatArray]:
    """Of ``coarse``, (n, ...) at all frequencies of the coarser scene, what is at ``frequency`` and
    what is beside them, (n_freq, ...) each, and |d ln f| between the two, (n_freq,)."""
    moved = beside(frequency)
    every = np.union1d(frequency, moved)
    at, other = (coarse[np.searchsorted(every, f)] for f in (frequency, moved))
    return at, other, np.asarray(np.abs(np.log(moved / frequency)))


def parted(frequency: FloatArray, coarse: ComplexArray) -> tuple[ComplexArray, FloatArray]:
    """Z at ``frequency`` and |dZ/d ln f| / |Z| there, from ``coarse``, Z at all of the scene's."""
    z, other, step = of_both(frequency, coarse)
    rise = np.abs(other - z).max(axis=(1, 2)) / step
    return z, np.asarray(rise / np.abs(z).max(axis=(1, 2)))


def mesh_ratio(accuracy: str) -> float:
    """Of the cells of the coarser mesh and of the mesh."""
    across = ACCURACY[accuracy].across
    return max(COARSENING, (across + 2 / 3) / (coarser_across(across) + 2 / 3))


def mesh_error(
    z: ComplexArray,
    coarse: ComplexArray,
    steep: FloatArray,
    accuracy: str,
    faces: FloatArray | float = 0.0,
    soil: FloatArray | float = 0.0,
    near: float = 0.0,
    loop: float = 0.0,
) -> FloatArray:
    """(n_freq,) estimated |dZ|/|Z| from Z (n_freq, n_port, n_port) of both meshes.

    steep: (n_freq,) |dZ/d ln f| / |Z|.  faces: (n_freq,) of :func:`faces_error`.  soil: (n_freq,)
    relative error of its permittivity.  near: of :func:`.proximity.near_soil`.
    loop: of :func:`loop_error`.
    """
    size = np.abs(z).max(axis=(1, 2))
    difference = np.abs(coarse - z).max(axis=(1, 2)) / size
    seen = difference / (mesh_ratio(accuracy) - 1.0) + ACCURACY[accuracy].shift * steep
    return np.asarray(seen + faces + (near + SOIL * soil) * (steep + 1.0) + loop + FLOOR)


def loop_error(problem: Problem, accuracy: str) -> float:
    """LOOP where a port is shorted by metal and strips have one cell across."""
    layout = problem.layout
    coarse = ACCURACY[accuracy].across == 1
    return LOOP if coarse and any(shorted(layout, gap) for gap in layout.gaps) else 0.0


def faces_error(problem: Problem, z: ComplexArray, steep: FloatArray) -> FloatArray:
    """(n_freq,) |dZ|/|Z| by the charge beside a gap.

    z: (n_freq, n_port, n_port) ohm.  steep: (n_freq,) |dZ/d ln f| / |Z|.
    """
    layout = problem.layout
    x0, y0, x1, y1 = layout.bounds
    width = face_width(layout)
    layers = problem.stack.layers[:1]
    first = layers[0].complex_eps_r(problem.frequency).real if layers else 1.0
    beside = max(0.0, width - min(gap.width for gap in layout.gaps))  # the tab's own has its law
    capacitance = EPS0 * 0.5 * (1.0 + first) * beside  # F
    across = 2.0 * np.pi * problem.frequency * capacitance * np.abs(z).max(axis=(1, 2))
    moved = FEED * width / max(x1 - x0, y1 - y0) * steep
    return np.asarray(np.maximum(moved, FACES * across))


def face_width(layout: Layout) -> float:
    """Width (m) of the metal at the faces of the widest gap, or of its tab where that is wider."""
    return max(max(gap.width, *widths_behind(layout, gap)) for gap in layout.gaps)


def steepness(z: ComplexArray, frequency: FloatArray) -> FloatArray:
    """(n_freq,) |dZ/d ln f| / |Z| where there is no coarser run: by differences of the frequencies.

    STEEP where there is one.
    """
    if frequency.size < 2:
        return np.full(frequency.size, STEEP)
    slope = np.abs(np.gradient(z, np.log(frequency), axis=0)).max(axis=(1, 2))
    return np.asarray(slope / np.abs(z).max(axis=(1, 2)))
