"""What a run will cost, told before it starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .accuracy import Density
from .mesh import Grid
from .scene import SAMPLING, Scene

# Measured with the packaged engine, one thread: 120 to 165 bytes per cell, 25 to 45 million
# cell updates per second, half of that where Debye poles fill half the mesh.
BYTES_PER_CELL = 165
SPEED = 25e6
DISPERSIVE = 0.5
RIM_STEP = 0.65  # of the plain time step where rims are corrected: 0.58 to 0.82 were seen
MAX_CELLS = 20_000_000
MAX_SECONDS = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """cells: of one run.  memory: bytes.  steps: time steps.  runs: one per gap of the model.
    seconds: all runs.  dump_bytes: recorded fields of one run.  models: how many meshes; cells,
    memory, steps and dump_bytes are then those of the largest.
    """

    cells: int
    memory: int
    steps: int
    runs: int
    seconds: float
    dump_bytes: int
    models: int = 1

    @property
    def size(self) -> str:
        """The cells as words."""
        return f"{'up to ' if self.models > 1 else ''}{self.cells} cells"

    def line(self) -> str:
        """One line for the user."""
        most = "up to " if self.models > 1 else ""
        return (
            f"{self.size}, {self.runs} run{'s' if self.runs > 1 else ''} of {most}{self.steps} "
            f"steps, about {self.seconds:.0f} s and {self.memory / 1e6:.0f} MB, "
            f"{self.dump_bytes / 1e6:.0f} MB of recorded fields"
        )


def estimate(scene: Scene, density: Density, dt: float | None = None) -> Estimate:
    """Cost of ``scene``; dt: s, the engine's time step where it is known."""
    grid: Grid = scene.grid
    own = grid.courant * (RIM_STEP if scene.rims.edge.size else 1.0)
    steps = math.ceil(density.duration / (dt or own))
    window = scene.window
    nodes = math.prod(high - low + 3 for low, high in (window.x, window.y, window.z))
    n_freq = scene.problem.frequency.size
    dump = nodes * n_freq * 3 * 16
    poles = any(slab.medium.poles for slab in scene.slabs)
    runs = len(scene.gaps)
    speed = SPEED * (DISPERSIVE if poles else 1.0)
    samples = density.duration * 2.0 * SAMPLING * (scene.f0 + scene.fc)
    seconds = runs * (
        grid.cells * steps / speed + grid.cells * 4e-6 + samples * nodes * n_freq * 6 * 4e-9
    )
    return Estimate(grid.cells, grid.cells * BYTES_PER_CELL + dump, steps, runs, seconds, dump)


def together(costs: Sequence[Estimate]) -> Estimate:
    """Cost of several models, one after the other."""
    return Estimate(
        max(cost.cells for cost in costs),
        max(cost.memory for cost in costs),
        max(cost.steps for cost in costs),
        sum(cost.runs for cost in costs),
        sum(cost.seconds for cost in costs),
        max(cost.dump_bytes for cost in costs),
        sum(cost.models for cost in costs),
    )


def refuse_absurd(cost: Estimate) -> str | None:
    """One line where the run would be too large, else None."""
    if cost.cells > MAX_CELLS:
        return (
            f"the mesh has {cost.cells:.3g} cells, allowed {MAX_CELLS:.3g}; "
            "use accuracy='draft', a narrower band or a layout without such small details"
        )
    if cost.seconds > MAX_SECONDS:
        return (
            f"the run would take about {cost.seconds / 3600:.0f} h, allowed "
            f"{MAX_SECONDS / 3600:.0f} h; use accuracy='draft' or raise height to 0 or above 1 cm"
        )
    return None
