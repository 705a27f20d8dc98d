"""A dry run: mesh, cost and a picture, without starting the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...checks import choice
from ...conventions import FloatArray
from ...errors import UnsupportedProblemError
from ...problem import Problem
from ..base import ACCURACIES
from .accuracy import ACCURACY, PML_CELLS
from .companion import coarse_scene
from .estimate import Estimate, estimate, refuse_absurd
from .scene import Scene, prepare
from .solver import OpenEmsSolver

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Preview:
    """What ``--dry-run`` shows.

    coarse: cost of the run for z_error, None where there is no coarser mesh.  refusal: one line
    where the run would not start, else None.
    """

    scene: Scene
    cost: Estimate
    coarse: Estimate | None
    refusal: str | None

    def lines(self) -> list[str]:
        """Text for the user, one fact per line."""
        grid = self.scene.grid
        share = grid.symmetry.copies
        smallest = min(float(np.diff(a).min()) for a in (grid.x, grid.y, grid.z))
        largest = max(float(np.diff(a).max()) for a in (grid.x, grid.y, grid.z))
        part = "full model" if share == 1 else f"1/{share} of the model by symmetry"
        result = [
            f"mesh {' x '.join(str(n) for n in grid.shape)} = {grid.cells} cells, {part}",
            f"cells {smallest * 1e3:.0f} mm to {largest * 1e3:.0f} mm, "
            f"neighbours differ by up to {grid.ratio:.2f}",
            self.cost.line(),
        ]
        if self.coarse is not None:
            cells, seconds = self.coarse.cells, self.coarse.seconds
            result.append(f"before it for z_error: {cells} cells, about {seconds:.0f} s")
        return result if self.refusal is None else [*result, f"refused: {self.refusal}"]

    def figure(self) -> Figure:
        """Mesh over the layout seen from above and from the side."""
        from matplotlib.figure import Figure

        grid, problem = self.scene.grid, self.scene.problem
        figure = Figure(figsize=(9.0, 8.0), layout="constrained")
        top, side = figure.subplots(2, 1)
        _mesh(top, grid.x, grid.y)
        for polygon in problem.layout.conductors:
            x, y = polygon.exterior.xy
            top.fill(x, y, color="#b5651d", alpha=0.7, lw=0)
        for gap in problem.layout.gaps:
            x, y = gap.polygon.exterior.xy
            top.fill(x, y, color="#c00000", lw=0)
        x0, y0, x1, y1 = problem.layout.bounds
        _limits(top, grid.x, grid.y, (x0, x1), (y0, y1))
        top.set(xlabel="x (m)", ylabel="y (m)", title="; ".join(self.lines()[:1]))
        _mesh(side, grid.x, grid.z)
        for slab in self.scene.slabs:
            shade = min(0.6, 0.12 * slab.medium.eps_r)
            side.axhspan(slab.low, slab.high, color="#8c7853", alpha=shade, lw=0)
        side.plot([x0, x1], [grid.plane, grid.plane], color="#b5651d", lw=3)
        low, high = (float(grid.z[i]) for i in (PML_CELLS - 2, -PML_CELLS + 1))
        side.set_ylim(low, high)
        side.set_xlim(*top.get_xlim())
        side.set(xlabel="x (m)", ylabel="z (m)", title=self.cost.line())
        for axes in (top, side):
            axes.title.set_fontsize(9)
        return figure


def preview(problem: Problem, accuracy: str = "normal") -> Preview:
    """Mesh and cost of ``problem``; raises UnsupportedProblemError where no mesh can be made."""
    choice("accuracy", accuracy, ACCURACIES)
    reason = OpenEmsSolver().refusal(problem)
    if reason is not None:
        raise UnsupportedProblemError(f"solver openems cannot do this: {reason}")
    scene = prepare(problem, accuracy)
    cost = estimate(scene, ACCURACY[accuracy])
    rough, _ = coarse_scene(problem, accuracy)
    coarse = None if rough is None else estimate(rough, ACCURACY[accuracy])
    return Preview(scene, cost, coarse, refuse_absurd(cost))


def _mesh(axes: Axes, x: FloatArray, y: FloatArray) -> None:
    axes.vlines(x, y[0], y[-1], color="0.6", lw=0.3)
    axes.hlines(y, x[0], x[-1], color="0.6", lw=0.3)


def _limits(
    axes: Axes,
    x: FloatArray,
    y: FloatArray,
    span_x: tuple[float, float],
    span_y: tuple[float, float],
) -> None:
    margin = 0.15 * (span_x[1] - span_x[0])
    axes.set_xlim(max(float(x[0]), span_x[0] - margin), min(float(x[-1]), span_x[1] + margin))
    axes.set_ylim(max(float(y[0]), span_y[0] - margin), min(float(y[-1]), span_y[1] + margin))
