"""A dry run: mesh, cost and a picture, without starting the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...common.checks import choice
from ...conventions import FloatArray
from ...errors import UnsupportedProblemError
from ...problem import Problem
from ..protocol import ACCURACIES
from .model.accuracy import PML_CELLS
from .model.estimate import Estimate, refuse_absurd
from .model.levels import step_of
from .model.plan import Model, Plan, make_plan
from .model.scene import Scene
from .model.stairs import wires
from .solver import OpenEmsSolver

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Preview:
    """What ``--dry-run`` shows.

    refusal: one line where the run would not start, else None.
    """

    plan: Plan
    refusal: str | None

    @property
    def scene(self) -> Scene:
        """The first model's, the one that is drawn; the only one unless symmetry splits ports."""
        return self.plan.models[0].scene

    @property
    def cost(self) -> Estimate:
        """Of all models without the runs for z_error."""
        return self.plan.cost

    @property
    def coarse(self) -> Estimate | None:
        """Cost of the runs for z_error, None where there is no coarser mesh."""
        return self.plan.rough_cost

    def lines(self) -> list[str]:
        """Text for the user, one fact per line."""
        models = self.plan.models
        result = [self.plan.split_line] if self.plan.split_line else []
        for model in models:
            result.extend(_mesh_lines(model, f"{model.part.ports}: " if len(models) > 1 else ""))
        result.append(self.cost.line())
        if self.coarse is not None:
            size, seconds = self.coarse.size, self.coarse.seconds
            result.append(f"before it for z_error: {size}, about {seconds:.0f} s")
        return result if self.refusal is None else [*result, f"refused: {self.refusal}"]

    def figure(self) -> Figure:
        """Mesh over the layout from above and from the side; a staircase once more, stretched."""
        from matplotlib.figure import Figure

        grid, problem = self.scene.grid, self.scene.problem
        figure = Figure(figsize=(9.0, 8.0), layout="constrained")
        panels = figure.subplots(2 if grid.levels.size == 1 else 3, 1)
        top, side = panels[:2]
        _mesh(top, grid.x, grid.y)
        for polygon in problem.layout.conductors:
            x, y = polygon.exterior.xy
            top.fill(x, y, color="#b5651d", alpha=0.7, lw=0)
        for gap in problem.layout.gaps:
            x, y = gap.polygon.exterior.xy
            top.fill(x, y, color="#c00000", lw=0)
        x0, y0, x1, y1 = problem.layout.bounds
        _limits(top, grid.x, grid.y, (x0, x1), (y0, y1))
        top.set(xlabel="x (m)", ylabel="y (m)", title=_mesh_lines(self.plan.models[0])[0])
        _mesh(side, grid.x, grid.z)
        for slab in self.scene.slabs:
            shade = min(0.6, 0.12 * slab.medium.eps_r)
            side.axhspan(slab.low, slab.high, color="#8c7853", alpha=shade, lw=0)
        _metal(side, self.scene, 3.0 if len(panels) == 2 else 1.5)
        low, high = (float(grid.z[i]) for i in (PML_CELLS - 2, -PML_CELLS + 1))
        side.set_ylim(low, high)
        side.set_xlim(*top.get_xlim())
        side.set(xlabel="x (m)", ylabel="z (m)", title=self.plan.models[0].cost.line())
        if len(panels) == 3:
            _stairs(panels[2], self.scene, top.get_xlim())
        for axes in panels:
            axes.title.set_fontsize(9)
        return figure


def preview(problem: Problem, accuracy: str = "normal") -> Preview:
    """Mesh and cost of ``problem``; raises UnsupportedProblemError where no mesh can be made."""
    choice("accuracy", accuracy, ACCURACIES)
    reason = OpenEmsSolver().refusal(problem)
    if reason is not None:
        raise UnsupportedProblemError(f"solver openems cannot do this: {reason}")
    plan = make_plan(problem, accuracy)
    return Preview(plan, refuse_absurd(plan.cost))


def _mesh_lines(model: Model, name: str = "") -> list[str]:
    """Size of a model's mesh and of its cells, behind ``name``."""
    grid = model.scene.grid
    share = grid.symmetry.copies
    smallest = min(float(np.diff(a).min()) for a in (grid.x, grid.y, grid.z))
    largest = max(float(np.diff(a).max()) for a in (grid.x, grid.y, grid.z))
    part = "full model" if share == 1 else f"1/{share} of the model by symmetry"
    turned = ", turned by 90 degrees" if model.part.uses[0].turned else ""
    return [
        f"{name}mesh {' x '.join(str(n) for n in grid.shape)} = {grid.cells} cells, {part}{turned}",
        f"{name}cells {smallest * 1e3:.0f} mm to {largest * 1e3:.0f} mm, "
        f"neighbours differ by up to {grid.ratio:.2f}",
    ]


def _metal(axes: Axes, scene: Scene, width: float) -> None:
    """Metal edges of the model from the side."""
    from matplotlib.collections import LineCollection

    lines = {(a[0], a[2], b[0], b[2]) for a, b in wires(scene.stairs, scene.grid)}
    segments = [((x0, z0), (x1, z1)) for x0, z0, x1, z1 in lines]
    axes.add_collection(LineCollection(segments, colors="#b5651d", linewidths=width))


def _stairs(axes: Axes, scene: Scene, span: tuple[float, float]) -> None:
    """The staircase and, dashed, the relief on the axis that it stands for."""
    grid, layout = scene.grid, scene.problem.layout
    _mesh(axes, grid.x, grid.z)
    _metal(axes, scene, 2.5)
    x0, y0, x1, y1 = layout.bounds
    x = np.linspace(max(x0, float(grid.x[0])), x1, 400)
    assert layout.relief is not None
    z = scene.problem.metal_height + layout.relief.elevation(x, 0.5 * (y0 + y1))
    axes.plot(x, z, color="k", lw=1, ls="--", label="relief on the axis")
    low, high = float(grid.levels[0]), float(grid.levels[-1])
    axes.set_ylim(low - 0.3 * (high - low), high + 0.3 * (high - low))
    axes.set_xlim(*span)
    step = step_of(grid.levels)
    title = f"staircase of {grid.levels.size} levels, {step * 1e3:.3g} mm apart; z stretched"
    axes.set(xlabel="x (m)", ylabel="z (m)", title=title)
    axes.legend(fontsize=8, loc="upper right")


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
