"""The NEC solver: free-space wire antennas, an independent check of the other solvers."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from ...common.checks import whole
from ...conventions import SPEED_OF_LIGHT, FloatArray
from ...errors import GeometryError, InputError, UnsupportedProblemError
from ...geometry.layout import Layout
from ...media.stratification import Stratification
from ...problem import Problem
from ...solution import Solution
from ..protocol import ROUGH_ERROR, Progress, Solver, mesh_is_trusted
from ..thin_wire.assembly import GAIN_TOLERANCE, Run, average_gain, matrices_of, solution_of
from ..thin_wire.corners import crossings
from ..thin_wire.crowding import crowding_of
from ..thin_wire.ends import Ends, ended
from ..thin_wire.equivalence import NEAREST, Doubts, closest, shift, strips_of
from ..thin_wire.errors import Weighing, Weights, estimates, reflection_error
from ..thin_wire.gaps import AtGaps, Source, at_gaps
from ..thin_wire.grid_gaps import at_grid_gaps
from ..thin_wire.lint import lint
from ..thin_wire.loading import loading
from ..thin_wire.model import Resolution, WireModel, extent_of, wire_model
from ..thin_wire.perturbed import changes_of
from ..thin_wire.sweep import Point, Task, solve_one, sweep
from . import CAPABILITIES, engine
from .joints import joints_of
from .joints import run as run_nec
from .source import balanced, half_wave, source_voltages


@dataclass(frozen=True, slots=True)
class Density:
    """What an accuracy means.

    strip: segments per larger side of the layout, and at least so many per shortest wavelength.
    grid: cells per larger side, per shortest wavelength and across the widest ribbon; far:
    segment length in radii away from the feed.  more_z, more_power: times what GRIDS say of Z, and
    of shares and gain, of a grid (those were set at normal).
    """

    strip: float
    strip_per_wavelength: float
    grid: float
    grid_per_wavelength: float
    across: float
    far: float
    more_z: float
    more_power: float


ACCURACY: dict[str, Density] = {
    "draft": Density(50.0, 20.0, 10.0, 16.0, 2.0, 8.0, 1.1, 1.35),
    "normal": Density(100.0, 40.0, 14.0, 22.0, 2.5, 6.0, 1.0, 1.0),
    "fine": Density(160.0, 60.0, 20.0, 28.0, 4.0, 4.0, 1.0, 1.0),
}
COARSER = 1.0 / 0.6  # the second segmentation, for z_error
REFLECTION_TOLERANCE = 0.05  # of Gamma in 200 ohm between the two segmentations
# |dZ|/|Z| of two narrow conductors closer than NEAREST: 15 to 80 % against planar.  Of shares of
# power and gains half of it is assumed (0.12 was seen).
SHARED_CHARGE = 0.8
GRID_SHIFT = 0.03  # of the frequency at which a grid's coarser model is solved once more


@dataclass(frozen=True, slots=True)
class Terms:
    """What the errors of a kind of model consist of; voltage: of |f - 1| (source.py), in Z."""

    by: Weighing
    voltage: float


# set on random problems (tests.validation.errors --solver nec --first 140000 and on)
STRIPS = Terms(
    Weighing(
        z=Weights(segments=0.5, shift=0.93, least=9e-4),  # 0.43 of thin wires
        shares=Weights(segments=1.7, shift=1.15, losses=1.5, least=2.7e-4),
        gain=Weights(segments=1.8, shift=1.2, losses=0.75, least=2.3e-4),
    ),
    voltage=0.45,
)
FANS = Terms(  # opened into trunk and bars
    Weighing(
        z=Weights(segments=0.3, shift=4.8, least=1e-3),
        shares=Weights(segments=1.5, shift=2.1, losses=4.2, least=3e-4),
        gain=Weights(segments=2.25, shift=1.0, losses=1.25, least=2.25e-3),
    ),
    voltage=0.05,
)
GRIDS = Terms(
    Weighing(
        z=Weights(segments=0.33, shift=1.08, least=5e-3),
        shares=Weights(segments=1.8, shift=3.8, losses=18.0, least=8.5e-4),
        gain=Weights(segments=0.48, shift=1.6, losses=64.0, least=4.1e-3),
    ),
    voltage=0.33,
)
# joints that joints.py leaves need 0.6 of the width (PEC end-loaded 6 m x 0.05 m, 10 m x 0.1 m);
# steps of radius are none
DOUBTS = Doubts(corner=0.015, joint=0.5, uneven=0.008, film=2.3, apart=2.0)
# where it puts all of them right: 25 end-loaded dipoles, 95.4 % of Z within what is said at draft
RIGHTED = replace(DOUBTS, joint=0.05, joined=6e-4)

SOURCE = Source(charge=0.36, power=0.0)
ENDS = Ends(width=-0.130, segment=0.024)
SOIL_REFUSAL = (
    "NEC's Sommerfeld ground in PyNEC gives wrong numbers near the ground, so that soil is "
    "refused; use free space, or solver planar or openems"
)


class NecSolver(Solver):
    """Thin wires in free space by NEC-2 (Burke & Poggio 1981) through PyNEC.

    accuracy sets ``ACCURACY``.  Every frequency is solved twice, the second time with segments,
    cells and feed 1/0.6 longer, and once more so at a frequency shifted by what wires are not of
    strips (thin_wire/equivalence.py), or by ``GRID_SHIFT`` for a wire grid for wide metal.
    The balance of power at the ports puts right the voltage of the source (source.py).
    ``quality.z_error`` is the sum of both changes by the weights of ``STRIPS``, ``FANS`` that had
    to be opened (thin_wire/fan.py) or ``GRIDS``, efficiency_error and details' gain_error (of the
    largest gain) alike, and of Z a part of what the source was put right by; two narrow
    conductors closer than ``NEAREST`` widths put it at ``SHARED_CHARGE``, which no segmentation
    shows.
    ``quality.details``: average_gain = power radiated over power that NEC accepted less the losses
    (1 for an exact solution), before anything is put right and so the free check of the balance,
    which power_closure is in part by what was put right; source_voltage, of each port, what it
    was put right by; segment_error and equivalence_error, |dZ|/|Z|; reflection_error = |difference
    of Gamma in 200 ohm| of the two segmentations, segments, wires.
    Converged: source_voltage within 2 % of 1, the balance of power closed to 2 %, and z_error
    below 30 % at every frequency, its median below 10 %; notes say where reflection_error exceeds
    0.05.
    """

    name = "nec"
    capabilities = CAPABILITIES

    def missing(self) -> str | None:
        return engine.missing()

    def refusal(self, problem: Problem) -> str | None:
        if not problem.stack.is_free_space:
            return SOIL_REFUSAL
        try:
            _models(problem, "normal")
        except InputError as error:
            return str(error)
        return None

    def solve(
        self, problem: Problem, accuracy: str, progress: Progress | None, workers: int
    ) -> Solution:
        started = time.perf_counter()
        workers = whole("workers", workers, high=1024)
        if not problem.stack.is_free_space:
            raise UnsupportedProblemError(f"solver nec cannot do this: {SOIL_REFUSAL}")
        model, check, notes = _models(problem, accuracy)
        layout, frequency = problem.layout, problem.frequency
        task = Task(
            "NEC",
            run_nec,
            model,
            loading(model, layout.metal, layout.film, frequency),
            check,
            loading(check, layout.metal, layout.film, frequency),
            layout.series,
            frequency,
            Stratification(),
            (frequency.size + 1) * (seconds(model) + 2.0 * seconds(check)),
            shift=_shift(problem, model),
            gaps=_gaps(layout, model),
            check_gaps=_gaps(layout, check),
            changes=changes_of(model, layout),
            check_changes=changes_of(check, layout),
            crowding=crowding_of(layout, model),
            check_crowding=crowding_of(layout, check),
        )

        def report(done: int) -> None:
            if progress is not None:
                progress(done / frequency.size, f"NEC {done}/{frequency.size} frequencies")

        reference = solve_one(_each_gap(task, half_wave(layout), layout), 0)
        voltages = source_voltages(reference.result)
        task = replace(task, voltages=voltages, check_voltages=source_voltages(reference.check))
        points = sweep(task, workers, report)
        run = Run("nec", engine.version(), accuracy, workers, started)
        return _solution(problem, task, voltages, points, notes, run)


def _each_gap(task: Task, frequency: float, layout: Layout) -> Task:
    """``task`` at one ``frequency`` (Hz), unshifted, every gap a port."""
    only = np.array([frequency])
    loads, check_loads = (
        loading(model, layout.metal, layout.film, only) for model in (task.model, task.check)
    )
    gaps = np.eye(len(layout.gaps))
    return replace(
        task, series=gaps, frequency=only, loads=loads, check_loads=check_loads, shift=0.0
    )


def _models(problem: Problem, accuracy: str) -> tuple[WireModel, WireModel, tuple[str, ...]]:
    """The wire model, the coarser one and all notes; refuses what the lint finds."""
    wavelength = SPEED_OF_LIGHT / float(problem.frequency.max())
    density = ACCURACY[accuracy]
    layout = problem.layout
    extent = extent_of(layout)
    resolution = Resolution(
        min(extent / density.strip, wavelength / density.strip_per_wavelength),
        min(
            extent / density.grid,
            wavelength / density.grid_per_wavelength,
            _widest(problem) / density.across,
        ),
        density.far,
    )
    z = problem.metal_height
    models: list[WireModel] = []
    warnings: list[str] = []
    for coarser in (1.0, COARSER):
        try:
            model = wire_model(layout, z, wavelength, resolution, coarser)
        except GeometryError as error:
            raise UnsupportedProblemError(f"no wire model for NEC: {error}") from error
        found = lint(model, wavelength)
        if found.errors:
            more = f" (and {len(found.errors) - 1} more)" if len(found.errors) > 1 else ""
            raise UnsupportedProblemError(f"wire model for NEC: {found.errors[0]}{more}")
        models.append(ended(model, ENDS))
        warnings = warnings or list(found.warnings)
    return models[0], models[1], (*models[0].notes, *warnings)


def _has_grid(model: WireModel) -> bool:
    return any(wire.grid for wire in model.wires)


def _shift(problem: Problem, model: WireModel) -> float:
    """What the strips' wires may be off by; the same of all grids."""
    if _has_grid(model) or not problem.layout.ribbons:
        return GRID_SHIFT
    joints = joints_of(model)
    left = joints is None or joints.left or crossings(model)
    return shift(strips_of(problem, model), DOUBTS if left else RIGHTED)


def _gaps(layout: Layout, model: WireModel) -> AtGaps:
    """What gaps have beside their wires."""
    return at_grid_gaps(layout) if _has_grid(model) else at_gaps(layout, model, SOURCE)


def seconds(model: WireModel) -> float:
    """Expected time for one frequency on one thread (0.15 s at 600 segments), s."""
    return float(0.01 + 0.15 * (model.n_segments / 600.0) ** 2.4)


def _widest(problem: Problem) -> float:
    """Width across the widest ribbon, or a side of a free shape's conductors, m."""
    layout = problem.layout
    if layout.ribbons:
        return max(2.0 * float(ribbon.half_width.max()) for ribbon in layout.ribbons)
    sides = []
    for polygon in layout.conductors:
        x0, y0, x1, y1 = polygon.bounds
        sides.append(min(x1 - x0, y1 - y0))
    return float(max(sides))


def _solution(
    problem: Problem,
    task: Task,
    voltages: FloatArray,
    points: list[Point],
    notes: tuple[str, ...],
    run: Run,
) -> Solution:
    model = task.model
    grid = _has_grid(model)
    share = np.abs(task.series) / np.abs(task.series).sum(axis=0)
    voltage = voltages @ share  # of each port
    found = matrices_of(points, "NEC")
    raw = found.z / np.sqrt(np.outer(voltage, voltage))
    gain = average_gain(problem, replace(found, z=raw))
    points, source = balanced(points, voltages, grid)
    found = matrices_of(points, "NEC")
    reflection = reflection_error(points)
    terms = GRIDS if grid else FANS if model.opened else STRIPS
    error = estimates(problem, points, task, terms.by)
    if grid:
        error = error.times(ACCURACY[run.accuracy].more_z, ACCURACY[run.accuracy].more_power)
    apart = np.inf if grid else closest(problem.layout)
    shared = SHARED_CHARGE if apart < NEAREST else 0.0
    z_error = np.maximum(error.z, shared) + terms.voltage * source.off
    off = source.notes(GAIN_TOLERANCE)
    said = [*notes, *off]
    if shared:
        said.append(
            f"two conductors run beside each other at {apart:.3g} of the wider one's width: below "
            f"{NEAREST:g} wires do not know how strips share their charge; use solver planar"
        )
    if np.any(reflection > REFLECTION_TOLERANCE):
        at = float(problem.frequency[int(np.argmax(reflection))]) / 1e6
        said.append(
            f"two segmentations differ by {reflection.max():.2f} in Gamma (200 ohm) at {at:g} MHz"
        )
    return solution_of(
        problem,
        model,
        points,
        found,
        run,
        z_error=z_error,
        efficiency_error=np.maximum(error.efficiency, 0.5 * shared),
        converged=not off and mesh_is_trusted(z_error, ROUGH_ERROR),
        details={
            "average_gain": gain,
            "source_voltage": np.tile(voltage, (problem.frequency.size, 1)),
            "segment_error": error.z_changes.segments,
            "equivalence_error": error.z_changes.shift,
            "gain_error": np.maximum(error.gain, 0.5 * shared),
            "reflection_error": reflection,
            "segments": model.n_segments,
            "wires": len(model.wires),
        },
        notes=said,
    )
