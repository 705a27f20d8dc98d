"""The numbers behind "draft", "normal" and "fine" for the planar solver."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...conventions import SPEED_OF_LIGHT, FloatArray, wavenumber
from ...errors import SolverError
from ...geometry.layout import Layout
from ...problem import Problem
from .mesh import MeshSize


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a word means.

    nodes: per shortest effective wavelength.  cells, corner, feed: see MeshSize.  coarsening,
    coarse, outline: factor of all spacings but those across, cells and outline of the coarser mesh,
    see :func:`coarser_size`.  share, losses, least, gain, gain_least: of the estimated errors
    (:mod:`.mesh_error`); those of gains at "fine" are assumed to be as at "normal", since few
    meshes finer than it can be had.
    """

    nodes: float
    cells: float
    corner: float
    feed: float
    coarsening: float
    coarse: float
    outline: float
    share: float
    losses: float
    least: float
    gain: float
    gain_least: float


RESOLUTION = {
    "draft": Resolution(7.0, 2.0, 1.5, 2.0, 1.7, 1.0, 0.02, 0.40, 0.50, 0.0010, 0.60, 0.0021),
    "normal": Resolution(12.0, 3.0, 3.0, 3.0, 1.4, 2.0, 0.01, 0.76, 0.90, 0.0005, 1.6, 0.0010),
    "fine": Resolution(18.0, 5.0, 4.5, 4.5, 1.4, 3.0, 0.004, 0.80, 0.62, 0.0002, 1.6, 0.0010),
}

ORDER = 2.0  # Z converges with the spacings to this power, from normal on


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


def _diameter(layout: Layout) -> float:
    """Largest distance of two points of the layout, m: the same however it is turned."""
    hull = np.asarray(layout.surface.convex_hull.exterior.coords)[:, :2]
    return float(np.linalg.norm(hull[:, None] - hull, axis=2).max())


def mesh_size(problem: Problem, accuracy: str) -> MeshSize:
    """Spacings for ``problem``: wavelength of a strip between vacuum and soil, sqrt((1+eps)/2)."""
    resolution = RESOLUTION[accuracy]
    frequency = problem.frequency[-1:]
    eps = _felt_permittivity(problem, frequency)
    wavelength = SPEED_OF_LIGHT / float(frequency[0]) / np.sqrt(0.5 * (1.0 + eps))
    longest = min(wavelength, _diameter(problem.layout) / 1.2) / resolution.nodes
    longest = max(longest, _diameter(problem.layout) / MOST_CELLS)
    return MeshSize(float(longest), resolution.cells, resolution.corner, resolution.feed)


def coarser_size(size: MeshSize, accuracy: str) -> MeshSize:
    """Spacings of the mesh behind the error estimate: larger in every direction.

    Cells from a rim to the middle are few and whole numbers, which a factor might leave as they
    are.  Curves are drawn by fewer lines too, so that their vertices do not keep the mesh fine.
    """
    resolution = RESOLUTION[accuracy]
    return replace(
        size.coarser(resolution.coarsening),
        cells=resolution.coarse,
        outline=resolution.outline,
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
