"""What "draft", "normal" and "fine" mean for the FDTD solver."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Density:
    """Numbers behind an accuracy.

    across: cells N across the narrowest strip; with thirds at the edges the cell is w/(N + 2/3).
    Odd, so that a magnetic symmetry plane lies half a cell inside.
    edge: largest cell at a straight edge, in larger sides of the layout.
    slanted: the same where outlines are slanted or curved and become a staircase.
    along: largest cell over the metal, in larger sides of the layout.
    margin: m from the metal to the absorbing layers.
    per_wavelength: cells per wavelength in the densest soil at the highest frequency.
    duration: s of simulated time for the first run.
    decay: largest |u| in the last tenth over the largest of the run.
    z_floor: relative error of Z that remains, from the agreement of strips and bow-ties with
    moment methods, see :mod:`lunar_antenna.solvers.openems.solver`.
    """

    across: int
    edge: float
    slanted: float
    along: float
    margin: float
    per_wavelength: float
    duration: float
    decay: float
    z_floor: float


ACCURACY: dict[str, Density] = {
    "draft": Density(1, 1 / 60, 1 / 60, 1 / 30, 2.0, 10.0, 1.0e-6, 3e-4, 0.08),
    "normal": Density(3, 1 / 130, 1 / 100, 1 / 40, 3.0, 12.0, 1.3e-6, 1e-4, 0.03),
    "fine": Density(5, 1 / 200, 1 / 150, 1 / 60, 4.0, 15.0, 1.6e-6, 1e-4, 0.02),
}
GROWTH = 1.35  # designed ratio of neighbouring cells
GROWTH_LIMIT = 3.6  # of the self-check; a ratio above it is a fault of the mesh
PML_CELLS = 8
LONGEST = 4  # the run is repeated with doubled time up to this factor
