"""The NEC solver: free-space wire antennas, an independent check of the other solvers."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from ...common.checks import whole
from ...conventions import SPEED_OF_LIGHT, FloatArray
from ...errors import GeometryError, InputError, SolverError, UnsupportedProblemError
from ...problem import Problem
from ...radiation import CurrentElements
from ...solution import CurrentShape, Quality, Solution
from ..protocol import Progress, Solver, mesh_is_trusted, provenance
from . import CAPABILITIES, engine
from .lint import lint
from .loading import loading
from .ports import POINTS, element_positions
from .sweep import Point, Task, spread, sweep
from .wires.model import Resolution, WireModel, extent_of, wire_model


@dataclass(frozen=True, slots=True)
class Density:
    """What an accuracy means.

    strip: segments per larger side of the layout, and at least so many per shortest wavelength.
    grid: cells per larger side, per shortest wavelength and across the widest ribbon; far:
    segment length in radii away from the feed.
    """

    strip: float
    strip_per_wavelength: float
    grid: float
    grid_per_wavelength: float
    across: float
    far: float


ACCURACY: dict[str, Density] = {
    "draft": Density(50.0, 20.0, 10.0, 16.0, 2.0, 8.0),
    "normal": Density(100.0, 40.0, 14.0, 22.0, 2.5, 6.0),
    "fine": Density(160.0, 60.0, 20.0, 28.0, 4.0, 4.0),
}
COARSER = 1.0 / 0.6  # the second segmentation, for z_error
GAIN_TOLERANCE = 0.02  # of the average gain
REFLECTION_TOLERANCE = 0.05  # of Gamma in 200 ohm between the two segmentations
REFERENCE = 200.0  # ohm
OPENED_FAN = (
    0.3  # |dZ|/|Z| of a fan opened into trunk and bars: up to 0.26 against planar, six fans
)

SOIL_REFUSAL = (
    "NEC's Sommerfeld ground in PyNEC gives wrong numbers near the ground, so that soil is "
    "refused; use free space, or solver planar or openems"
)


class NecSolver(Solver):
    """Thin wires in free space by NEC-2 (Burke & Poggio 1981) through PyNEC.

    accuracy sets ``ACCURACY``.  Every frequency is solved twice, the second time with segments,
    cells and feed 1/0.6 longer; ``quality.z_error`` is the difference and thus an upper
    estimate; a fan that had to be opened (wires/fan.py) puts it at ``OPENED_FAN`` at least,
    which no segmentation shows.  ``quality.details``: average_gain = power radiated over power
    that NEC accepted less the losses (1 for an exact solution; Z is low by that factor),
    reflection_error = |difference of Gamma in 200 ohm| of the two, segments, wires.
    Converged: average gain within 2 % of 1 at every frequency and the median of z_error below
    10 %; the rest is said in the notes where reflection_error exceeds 0.05.
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
            model,
            loading(model, layout.metal, layout.film, frequency),
            check,
            loading(check, layout.metal, layout.film, frequency),
            layout.series,
            frequency,
        )

        def report(done: int) -> None:
            if progress is not None:
                progress(done / frequency.size, f"NEC {done}/{frequency.size} frequencies")

        points = sweep(task, workers, report)
        return _solution(problem, model, points, accuracy, workers, notes, started)


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
        models.append(model)
        warnings = warnings or list(found.warnings)
    return models[0], models[1], (*models[0].notes, *warnings)


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
    model: WireModel,
    points: list[Point],
    accuracy: str,
    workers: int,
    notes: tuple[str, ...],
    started: float,
) -> Solution:
    results = [point.result for point in points]
    z = np.stack([result.z for result in results])
    r_sky = np.stack([result.r_sky for result in results])
    r_metal = np.stack([result.r_metal for result in results])
    r_film = np.stack([result.r_film for result in results])
    r_ground = np.zeros_like(r_sky)
    if not all(np.isfinite(array).all() for array in (z, r_sky, r_metal, r_film)):
        raise SolverError("NEC returned a non-finite impedance; use another accuracy or solver")
    resistance = np.real(np.diagonal(z - r_metal - r_film, axis1=1, axis2=2))  # (n, p)
    average_gain = np.real(np.diagonal(r_sky, axis1=1, axis2=2)) / resistance
    reflection = _reflection_error(points)
    z_error = np.maximum(spread(points), OPENED_FAN if model.opened else 0.0)
    good_gain = bool(np.all(np.abs(average_gain - 1.0) <= GAIN_TOLERANCE))
    good_mesh = bool(np.all(reflection <= REFLECTION_TOLERANCE))
    ends = model.segment_ends
    said = list(notes)
    if not good_gain:
        worst = float(average_gain.flat[int(np.argmax(np.abs(average_gain - 1.0)))])
        said.append(f"average gain reaches {worst:.3f}, more than 2 % from 1: Z is off by about it")
    if not good_mesh:
        at = float(problem.frequency[int(np.argmax(reflection))]) / 1e6
        said.append(
            f"two segmentations differ by {reflection.max():.2f} in Gamma (200 ohm) at {at:g} MHz"
        )
    film = problem.layout.film
    if film is not None:
        said.append("film as a coating of the wires: series inductance with its dielectric loss")
    return Solution(
        problem=problem,
        frequency=problem.frequency,
        z=z,
        r_sky=r_sky,
        r_ground=r_ground,
        r_metal=r_metal,
        r_film=r_film,
        elements=CurrentElements(
            element_positions(model), np.stack([result.moments for result in results])
        ),
        quality=Quality(
            converged=good_gain and mesh_is_trusted(z_error),
            power_closure=Solution.closure(z, r_sky, r_ground, r_metal, r_film),
            z_error=z_error,
            details={
                "average_gain": average_gain,
                "reflection_error": reflection,
                "segments": model.n_segments,
                "wires": len(model.wires),
            },
        ),
        provenance=provenance(
            problem,
            solver="nec",
            version=engine.version(),
            accuracy=accuracy,
            threads=workers,
            wall_seconds=time.perf_counter() - started,
            unknowns=model.n_segments,
            notes=tuple(said),
        ),
        shape=CurrentShape(
            weight=np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1),
            per_element=POINTS,
            segments=ends,
        ),
    )


def _reflection_error(points: list[Point]) -> FloatArray:
    """(n,) largest |Gamma_check - Gamma| in 200 ohm over the ports, others open."""
    z, check = (
        np.stack([np.diagonal(item) for item in items])
        for items in ([p.result.z for p in points], [p.z_check for p in points])
    )
    gamma = [(value - REFERENCE) / (value + REFERENCE) for value in (z, check)]
    return np.asarray(np.abs(gamma[1] - gamma[0]).max(axis=1))
