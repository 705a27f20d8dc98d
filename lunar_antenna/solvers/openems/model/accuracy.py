"""What "draft", "normal" and "fine" mean for the FDTD solver."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Density:
    """Numbers behind an accuracy.

    across: cells N across the narrowest strip; the cell is w/(N + 2 offset) (:mod:`.metal_lines`).
    Odd, so that a magnetic symmetry plane lies half a cell inside.
    edge: largest cell at a straight edge, in larger sides of the layout.
    slanted: largest displacement of slanted or curved outlines by one cell, the same.  They become
    a staircase inside the outline, a slow-wave structure: on a bow-tie Z is too inductive.
    along: largest cell over the metal, the same; half of it where outlines are slanted.
    margin: m from the metal to the absorbing layers; half as much again in free space, more at
    low frequencies over soil.
    per_wavelength: cells per wavelength in the densest soil at the highest frequency.
    duration: s of simulated time for the first run.
    decay: largest |u| in the last tenth over the largest of the run.
    shift: of the frequency, by which resonances come too low on strips (:mod:`.companion`).
    """

    across: int
    edge: float
    slanted: float
    along: float
    margin: float
    per_wavelength: float
    duration: float
    decay: float
    shift: float


ACCURACY: dict[str, Density] = {
    "draft": Density(1, 1 / 60, 1 / 100, 1 / 30, 3.0, 10.0, 0.8e-6, 3e-4, 0.004),
    "normal": Density(3, 1 / 130, 1 / 220, 1 / 40, 4.0, 12.0, 1.0e-6, 1e-4, 0.001),
    "fine": Density(5, 1 / 200, 1 / 350, 1 / 60, 5.0, 15.0, 1.3e-6, 1e-4, 0.001),
}


def coarser_across(across: int) -> int:
    """Cells across a strip on the coarser mesh of the error estimate."""
    return max(1, across - 2)


EVEN = 2.0  # cells at edges, interfaces and metal before they begin to grow
GROWTH = 1.35
GROWTH_LIMIT = 3.6  # of the self-check; a ratio above it is a fault of the mesh
PML_CELLS = 8
LONGEST = 4  # the run is repeated with doubled time up to this factor
