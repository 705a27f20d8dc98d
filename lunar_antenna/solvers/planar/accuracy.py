"""The numbers behind "draft", "normal" and "fine" for the planar solver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...conventions import SPEED_OF_LIGHT, FloatArray, wavenumber
from ...errors import SolverError
from ...problem import Problem
from .mesh import MeshSize


@dataclass(frozen=True, slots=True)
class Resolution:
    """cells: nodes per shortest effective wavelength.  The others: see MeshSize."""

    cells: float
    edge: float
    growth: float
    feed: float
    feed_growth: float


RESOLUTION = {
    "draft": Resolution(7.0, 0.15, 2.0, 0.35, 1.2),
    "normal": Resolution(14.0, 0.035, 1.4, 0.15, 0.7),
    "fine": Resolution(20.0, 0.02, 0.8, 0.08, 0.5),
}

# The error estimate solves once more with all spacings this much larger and divides the
# difference by ratio^order - 1.  Edges and feed dominate the error.  Against much finer meshes
# (strip, bow-tie, coupled bow-tie, blade, folded, fan, end-loaded, profile; 5-35 MHz)
# this ratio and order gave estimates of 0.8 to 2 times the true error in the median.
COARSENING = 1.7
ORDER = 2.0


MAX_TRIANGLES = 40_000  # 4 bytes per pair and mode would exceed any desk computer beyond
MOST_CELLS = 150.0  # along the layout: over good conductors z_error says what that costs


def _felt_permittivity(problem: Problem, frequency: FloatArray) -> float:
    """|eps| below the metal as fields of a quarter of the free-space wavelength feel it."""
    from .kernels import problem_line, static_admittance

    k = 4.0 * wavenumber(frequency)
    line = problem_line(problem, frequency).without_film()
    if not problem.stack.layers or line.eps_down.shape[0] == 0:
        return 1.0
    return float(min(np.abs(static_admittance(line, k.astype(complex), 0)[0]), 1e4))


def mesh_size(problem: Problem, accuracy: str) -> MeshSize:
    """Spacings for ``problem``: wavelength of a strip between vacuum and soil, sqrt((1+eps)/2)."""
    resolution = RESOLUTION[accuracy]
    frequency = problem.frequency[-1:]
    eps = _felt_permittivity(problem, frequency)
    wavelength = SPEED_OF_LIGHT / float(frequency[0]) / np.sqrt(0.5 * (1.0 + eps))
    x0, y0, x1, y1 = problem.layout.bounds
    span = max(x1 - x0, y1 - y0)
    longest = min(wavelength / resolution.cells, span / (1.2 * resolution.cells))
    longest = max(longest, span / MOST_CELLS)
    return MeshSize(
        float(longest),
        resolution.edge,
        resolution.growth,
        resolution.feed,
        resolution.feed_growth,
    )


def span(problem: Problem) -> float:
    """Diagonal of the layout's bounding box, m: no two currents are farther apart."""
    x0, y0, x1, y1 = problem.layout.bounds
    return float(np.hypot(x1 - x0, y1 - y0))


def check_size(triangles: int) -> None:
    """:class:`SolverError` for a mesh that no desk computer holds."""
    if triangles > MAX_TRIANGLES:
        raise SolverError(
            f"planar solver: the mesh has {triangles} triangles, allowed {MAX_TRIANGLES}; "
            "use accuracy='draft' or a simpler outline"
        )
