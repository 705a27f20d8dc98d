"""The wire solver: thin wires over one soil, flat or not, and in free space."""

from __future__ import annotations

import functools
import time
from dataclasses import replace

import numpy as np

from ...common.checks import whole
from ...conventions import SPEED_OF_LIGHT, FloatArray
from ...errors import GeometryError, InputError, UnsupportedProblemError
from ...media.layer import Layer
from ...problem import Problem
from ...solution import Solution
from ..protocol import ROUGH_ERROR, Progress, Solver, mesh_is_trusted
from ..thin_wire.assembly import (
    Run,
    average_gain,
    gain_is_off,
    gain_off,
    matrices_of,
    solution_of,
)
from ..thin_wire.beside import beside
from ..thin_wire.crowding import crowding_of
from ..thin_wire.ends import Ends, ended
from ..thin_wire.equivalence import (
    NEAREST,
    Doubts,
    closest,
    image_height,
    shift,
    strips_of,
)
from ..thin_wire.errors import Weighing, Weights, estimates, reflection_error
from ..thin_wire.gaps import Source, at_gaps
from ..thin_wire.lint import lint
from ..thin_wire.loading import Loading, charge_loss, coating, loading
from ..thin_wire.model import Resolution, WireModel, extent_of, wire_model
from ..thin_wire.perturbed import changes_of
from ..thin_wire.sweep import Point, Task, sweep
from ..thin_wire.types import joined_wires
from . import CAPABILITIES, engine
from .ground import ground_resistance

# segments per larger side of the layout, and at least so many per shortest wavelength
ACCURACY = {"draft": (60.0, 24.0), "normal": (100.0, 40.0), "fine": (160.0, 60.0)}
COARSER = 1.0 / 0.6  # the second segmentation, for z_error
SOURCE = Source(charge=0.137, power=1.25)
ENDS = Ends(width=-0.050, logarithm=0.066)
DOUBTS = Doubts(corner=0.007, joint=0.11, uneven=0.004, film=0.85)
WEIGHTS = Weighing(
    z=Weights(segments=0.6, shift=1.0, least=5e-5),
    shares=Weights(segments=1.25, shift=1.5, losses=1.2, least=1.65e-4),
    gain=Weights(segments=2.3, shift=1.7, losses=1.1, least=4e-5),
)
WIDEST = (30.0, 25.0)  # least wavelength and extent in widths of the widest strip
EVEN = 1.02  # ratio of widths along a strip that one radius stands for
LOWEST = 0.5  # least height of the metal above the soil, in widths
THICKEST = 0.05  # largest ln(b/a) of the coating that stands for the film
NOT_FLAT = 1e-9  # m


class WireSolver(Solver):
    """Thin wires by momwire: Galerkin with quadratic B-splines, Sommerfeld's ground.

    Strips are wires of a quarter of their width, over a soil at the height of their image
    (thin_wire/equivalence.py).  Refused: wide metal, metal closer to the soil than half its width,
    conductors beside each other closer than 1.5 widths, steps of width, films that are more than a
    light coating, layers.

    Every frequency is solved three times: as ``ACCURACY`` says, with segments 1/0.6 longer, and
    with those again at a frequency shifted by what the equivalence of strip and wire may be off.
    ``quality.z_error`` is the sum of both changes, by ``WEIGHTS``, and 5e-5; efficiency_error and
    details' gain_error (n,), of the largest gain, come from the same changes.  ``quality.details``
    has both, segment_error and equivalence_error (n,), |dZ|/|Z|; reflection_error (n,), of the
    segments, in 200 ohm; average_gain (n, p): power to sky and soil over power accepted less the
    losses (to the sky alone in free space), 1 for an exact solution; segments, wires.  Where the
    wires are not at one height over a soil, r_ground is what is left and average_gain is not given.
    """

    name = "wire"
    capabilities = CAPABILITIES

    def missing(self) -> str | None:
        return engine.missing()

    def refusal(self, problem: Problem) -> str | None:
        if len(problem.stack.layers) > 1:
            return None  # the capabilities say it
        try:
            reason = _beyond(problem)
            if reason is None:
                for coarser in (1.0, COARSER):
                    _model(problem, "normal", coarser)
        except InputError as error:
            return str(error)
        return reason

    def solve(
        self, problem: Problem, accuracy: str, progress: Progress | None, workers: int
    ) -> Solution:
        started = time.perf_counter()
        workers = whole("workers", workers, high=1024)
        reason = self.refusal(problem)
        if reason is not None:
            raise UnsupportedProblemError(f"solver wire cannot do this: {reason}")
        model, check = (_model(problem, accuracy, coarser) for coarser in (1.0, COARSER))
        soil = problem.stack.layers[0] if problem.stack.layers else None
        run = functools.partial(engine.run, soil=soil, film=problem.layout.film)
        frequency = problem.frequency
        layout, strips = problem.layout, strips_of(problem, model)
        flat = float(np.ptp(model.segment_ends[:, :, 2])) < NOT_FLAT
        task = Task(
            "momwire",
            run,
            model,
            _loads(problem, model, frequency),
            check,
            _loads(problem, check, frequency),
            layout.series,
            frequency,
            problem.stratification,
            frequency.size * _seconds(model, soil),
            functools.partial(ground_resistance, soil=soil) if soil and flat else None,
            shift(strips, DOUBTS),
            at_gaps(layout, model, SOURCE),
            at_gaps(layout, check, SOURCE),
            changes_of(model),
            changes_of(check),
            crowding=crowding_of(layout, model),
            check_crowding=crowding_of(layout, check),
        )

        def report(done: int) -> None:
            if progress is not None:
                progress(done / frequency.size, f"wire {done}/{frequency.size} frequencies")

        points = sweep(task, workers, report)
        made = Run("wire", engine.version(), accuracy, workers, started)
        return _solution(problem, task, points, made)


def _beyond(problem: Problem) -> str | None:
    """What of the problem is beyond thin wires, and the way out, or None."""
    layout, stack = problem.layout, problem.stack
    if not layout.ribbons:
        return "it knows strips along lines only, not outlines; use solver planar or openems"
    wavelength = SPEED_OF_LIGHT / float(problem.frequency.max())
    width = max(2.0 * float(ribbon.half_width.max()) for ribbon in layout.ribbons)
    most = min(wavelength / WIDEST[0], extent_of(layout) / WIDEST[1])
    if width > most:
        return (
            f"metal is {width:.3g} m wide, a thin wire is at most {most:.3g} m here "
            f"(1/{WIDEST[0]:g} wavelength, 1/{WIDEST[1]:g} of the layout); use solver planar or "
            "openems"
        )
    apart = closest(layout)
    if apart < NEAREST:
        return (
            f"two conductors run beside each other at {apart:.3g} of the wider one's width, "
            f"allowed {NEAREST:g}, between axes: closer strips share their charge; use solver "
            "planar or openems"
        )
    if stack.is_free_space:
        return None
    if stack.layers[0].is_conductor:
        return "it knows no perfect conductor below; use solver planar"
    low = problem.metal_height
    if layout.relief is not None:
        heights = [
            float(layout.relief.elevation(x, y))
            for ribbon in layout.ribbons
            for x, y in ribbon.path
        ]
        low += min(heights)
    if low < LOWEST * width:
        return (
            f"metal {width:.3g} m wide is {low:.3g} m above the soil, a thin wire needs "
            f"{LOWEST * width:.3g} m; use solver planar or openems"
        )
    return None


def _model(problem: Problem, accuracy: str, coarser: float) -> WireModel:
    """The wires, over a soil at the height of their images; refuses what the lint finds."""
    layout = problem.layout
    wavelength = SPEED_OF_LIGHT / float(problem.frequency.max())
    slow = 1.0
    if not problem.stack.is_free_space:  # a wire close to a soil has the mean of both media
        slow = float(np.sqrt(0.5 * (1.0 + problem.stack.layers[0].eps_r)))
    sides, waves = ACCURACY[accuracy]
    segment = min(extent_of(layout) / sides, wavelength / (slow * waves))
    resolution = Resolution(segment, wavelength, even=EVEN)
    try:
        model = wire_model(layout, problem.metal_height, wavelength, resolution, coarser)
    except GeometryError as error:
        raise UnsupportedProblemError(f"no wire model: {error}") from error
    if model.opened or any(wire.grid for wire in model.wires):
        raise UnsupportedProblemError(
            "its metal is no set of narrow strips, or some lie in an acute fan; use solver planar "
            "or openems"
        )
    film = layout.film
    if film is not None:
        wire = max(model.wires, key=lambda wire: coating(wire, film))
        if coating(wire, film) > THICKEST:
            raise UnsupportedProblemError(
                f"a film of {film.thickness * 1e6:.3g} um on a strip of {wire.width:.3g} m is more "
                "than a light coating; use solver planar or openems"
            )
    found = lint(model, wavelength / slow)
    if found.errors:
        more = f" (and {len(found.errors) - 1} more)" if len(found.errors) > 1 else ""
        raise UnsupportedProblemError(f"wire model: {found.errors[0]}{more}")
    if not problem.stack.is_free_space:
        model = _raised(model)
    model = ended(beside(model), ENDS)
    return replace(model, notes=(*model.notes, *found.warnings))


def _raised(model: WireModel) -> WireModel:
    """``model`` at the heights of its images: those of the mean width of all wires that hang
    together, so that joints stay joints."""
    widths = 4.0 * np.array([wire.radius for wire in model.wires])
    lengths = np.array([wire.length for wire in model.wires])

    def lifted(point: tuple[float, float, float], width: float) -> tuple[float, float, float]:
        x, y, z = point
        return x, y, float(image_height(np.array(z), width))

    wires = list(model.wires)
    for group in joined_wires(model):
        mean = float(np.exp(np.average(np.log(widths[group]), weights=lengths[group])))
        if np.ptp(widths[group]) == 0.0:
            mean = float(widths[group[0]])  # to the last bit
        for k in group:
            start, end = (lifted(point, mean) for point in (wires[k].start, wires[k].end))
            wires[k] = replace(wires[k], start=start, end=end)
    return replace(model, wires=tuple(wires))


def _loads(problem: Problem, model: WireModel, frequency: FloatArray) -> Loading:
    """Metal in series; the film is the engine's own coating."""
    metal, film = problem.layout.metal, problem.layout.film
    found = loading(model, metal, None, frequency)
    if film is None:
        return found
    return replace(found, film_charge=charge_loss(model, film, frequency), in_z=True)


def _seconds(model: WireModel, soil: Layer | None) -> float:
    """Expected time of a frequency on one thread, s (0.06 at 200 segments over a soil)."""
    return float((0.02 if soil is None else 0.06) * (1.0 + (model.n_segments / 200.0) ** 2))


def _solution(problem: Problem, task: Task, points: list[Point], run: Run) -> Solution:
    model = task.model
    found = matrices_of(points, "momwire")
    strips = strips_of(problem, model)
    low = (strips.width / strips.height) ** 2
    error = estimates(problem, points, task, WEIGHTS, low)
    gain = average_gain(problem, found)
    details = {
        "segment_error": error.z_changes.segments,
        "equivalence_error": error.z_changes.shift,
        "gain_error": error.gain + gain_off(gain),
        "reflection_error": reflection_error(points),
        "segments": model.n_segments,
        "wires": len(model.wires),
    }
    if gain is not None:
        details["average_gain"] = gain
    off = gain_is_off(gain)
    return solution_of(
        problem,
        model,
        points,
        found,
        run,
        z_error=error.z,
        efficiency_error=error.efficiency,
        converged=not off and mesh_is_trusted(error.z, ROUGH_ERROR),
        details=details,
        notes=[*model.notes, *off],
    )
