"""What "draft", "normal" and "fine" mean for the FDTD solver."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Density:
    """Numbers behind an accuracy.

    across: cells N across the narrowest strip; with thirds at the edges the cell is w/(N + 2/3).
    Odd, so that a magnetic symmetry plane lies half a cell inside.
    edge: largest cell at a straight edge, in larger sides of the layout.
    slanted: the same across slanted or curved outlines, which become a staircase that lies half
    a cell inside: enough for the charge, but the current sees a narrower antenna.
    along: largest cell over the metal, in larger sides of the layout; half of it where outlines
    are slanted.
    margin: m from the metal to the absorbing layers; twice as much in free space.
    per_wavelength: cells per wavelength in the densest soil at the highest frequency.
    duration: s of simulated time for the first run.
    decay: largest |u| in the last tenth over the largest of the run.
    z_floor: relative error of Z, from comparisons with the planar moment method.  Measured at
    "normal": mean |dGamma| in 100 ohm 0.007 to 0.011 and at most 0.021 on a strip in free space,
    over half-spaces and two layers at heights of 0 and 0.3 m; mean 0.019 and at most 0.056 on a
    bow-tie with coupled strips on 25 layers.  |dZ|/|Z| is 1 to 5 % on strips and up to 11 % where
    a coupled strip resonates.  "draft" and "fine" are scaled from it by the cells.
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
    "draft": Density(1, 1 / 60, 1 / 100, 1 / 30, 2.0, 10.0, 0.8e-6, 3e-4, 0.20),
    "normal": Density(3, 1 / 130, 1 / 220, 1 / 40, 3.0, 12.0, 1.0e-6, 1e-4, 0.11),
    "fine": Density(5, 1 / 200, 1 / 350, 1 / 60, 4.0, 15.0, 1.3e-6, 1e-4, 0.08),
}
GROWTH = 1.35  # designed ratio of neighbouring cells
GROWTH_LIMIT = 3.6  # of the self-check; a ratio above it is a fault of the mesh
PML_CELLS = 8
LONGEST = 4  # the run is repeated with doubled time up to this factor
