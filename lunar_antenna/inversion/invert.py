"""Inversion: soil, height and what is wrong with the antenna, from a measured reflection.

prepare(antenna, frequency, ...)  emulates the solver over the whole prior box, once
Prepared.invert(measurement)      finds the answer, with an emulator refined around it where
                                  the one of the whole box is not good enough
invert(antenna, measurement, ...) does both for one measurement
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ..circuit.waves import reference
from ..common.checks import reporter, whole
from ..conventions import ComplexArray, FloatArray
from ..errors import InputError
from ..measurement.record import Measurement
from . import run as steps
from .emulator import Emulator
from .errors import ErrorModel, Whitening
from .fit import Fit, fit
from .identify import Information
from .model_check import compare
from .pool import Pool
from .prior import Prior
from .result import Inversion
from .rivals import Rivals
from .settings import InversionSettings, settings_of
from .setup import Setup, make_setup

if TYPE_CHECKING:
    from ..problem import Problem
    from ..solution import Solution

Report = Callable[[float, str], None]
HELD_OUT = 3  # direct solver runs that check the emulator around the answer
ROUNDS = 3  # of local boxes, each around the answer of the one before


def invert(
    antenna: Problem | Solution,
    measurement: Measurement,
    free: str | Sequence[str] | None = None,
    *,
    settings: InversionSettings | None = None,
    priors: Mapping[str, tuple[float, float]] | None = None,
    fixed: Mapping[str, float] | None = None,
    layer: int | None = None,
    errors: ErrorModel | None = None,
    posterior: bool | None = None,
    accuracy: str | None = None,
    z0: complex | None = None,
    workers: int | None = None,
    seed: int | None = None,
    check_model: bool | None = None,
    progress: Report | None = None,
) -> Inversion:
    """Estimate the ``free`` parameters of ``antenna`` from the complex reflection of a sweep.

    antenna: problem, or a solution of it, whose layout, stack and height are the known part; its
    band is not used.  settings: see :class:`.settings.InversionSettings` for each of them and its
    default; what is given by keyword takes the place of theirs.

    Raises :class:`InputError` for names, ranges and layouts that do not fit,
    :class:`UnsupportedProblemError` for what the solver refuses and
    :class:`MissingEngineError` for a posterior without emcee.
    """
    reporter(progress)
    wanted = settings_of(
        settings,
        free=free,
        priors=priors,
        fixed=fixed,
        layer=layer,
        errors=errors,
        posterior=posterior,
        accuracy=accuracy,
        z0=z0,
        workers=workers,
        seed=seed,
        check_model=check_model,
    )
    if wanted.posterior:
        from .posterior import sampler_library

        sampler_library()
    measured = _one_port(measurement)
    seen_from = complex(measurement.z0) if wanted.z0 is None else reference(wanted.z0)
    setup = make_setup(_problem(antenna), measurement.frequency, seen_from, wanted)
    setup = replace(setup.emulated(_part(progress)), measured=measured)
    whitening = setup.errors.whitening(setup.frequency, measured)
    with Pool(_workers(wanted.workers, setup)) as pool:
        prepared = _prepare(
            setup.rough(), pool, whitening, steps.SEARCH_TOLERANCE, steps.SEARCH_BUDGET, progress
        )
        result = replace(prepared, setup=setup).answer(
            measurement, pool, wanted.seed, progress, check_model=wanted.check_model
        )
    return result.sampled(seed=wanted.seed, progress=progress) if wanted.posterior else result


def prepare(
    antenna: Problem | Solution,
    frequency: FloatArray,
    z0: complex,
    free: str | Sequence[str] | None = None,
    *,
    settings: InversionSettings | None = None,
    priors: Mapping[str, tuple[float, float]] | None = None,
    fixed: Mapping[str, float] | None = None,
    layer: int | None = None,
    errors: ErrorModel | None = None,
    accuracy: str | None = None,
    tolerance: float = steps.TOLERANCE,
    budget: int = 2 * steps.BUDGET,
    workers: int | None = None,
    progress: Report | None = None,
) -> Prepared:
    """An emulator over the whole prior box, for many measurements at ``frequency`` (Hz) and ``z0``.

    tolerance: largest error of the emulator that is aimed at, as the norm of a whitened sweep
    (below 1 it moves no parameter by a standard error); budget: most solver runs for it.  The
    other arguments are those of :func:`invert`.
    """
    wanted = settings_of(
        settings,
        free=free,
        priors=priors,
        fixed=fixed,
        layer=layer,
        errors=errors,
        accuracy=accuracy,
        workers=workers,
    )
    measured_at = np.asarray(frequency, dtype=float)
    setup = make_setup(_problem(antenna), measured_at, reference(z0), wanted)
    setup = setup.emulated(_part(progress))
    centre = setup.forward.impedance(setup.point(setup.solved, np.zeros(len(setup.solved))))
    middle = np.array([0.5 * (item.low + item.high) for item in setup.ranges])
    whitening = setup.errors.whitening(setup.frequency, setup.seen(centre, middle))
    with Pool(_workers(wanted.workers, setup)) as pool:
        return _prepare(setup, pool, whitening, tolerance, budget, progress)


class RivalsOnce:
    """Other models for one setup, made when they are first asked for."""

    def __init__(self) -> None:
        self._made: Rivals | str | None = None

    def of(self, setup: Setup, progress: Report | None) -> Rivals | str:
        if self._made is None:
            self._made = Rivals.of(setup, progress)
        return self._made if isinstance(self._made, str) else replace(self._made, setup=setup)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Antenna, priors and errors with their emulator: inverts any sweep at its frequencies.

    searched: the setup that ``emulator`` was built for; a rough one serves the search alone.
    """

    setup: Setup
    searched: Setup
    emulator: Emulator
    work: steps.Work
    rivals: RivalsOnce = field(default_factory=RivalsOnce)

    def invert(
        self,
        measurement: Measurement,
        *,
        seed: int = 1,
        workers: int = 1,
        held_out: int = HELD_OUT,
        check_model: bool = False,
    ) -> Inversion:
        """As :func:`invert`; the sweep must have the frequencies and the reference prepared.

        held_out: solver runs that check the emulator around the answer; 0 trusts its own estimate.
        check_model: hold the answer against other models; the first time makes their emulator.
        """
        measured = _one_port(measurement)
        same = measurement.frequency.shape == self.setup.frequency.shape and np.allclose(
            measurement.frequency, self.setup.frequency, rtol=1e-9
        )
        if not same or complex(measurement.z0) != complex(self.setup.z0):
            raise InputError(
                f"{measurement.name} has other frequencies or another reference than prepared; "
                "prepare for its own, or use invert"
            )
        with Pool(workers) as pool:
            setup = replace(self.setup, measured=measured)
            mine = replace(self, setup=setup, work=steps.Work())
            return mine.answer(measurement, pool, seed, None, held_out, check_model)

    def errors_at(self, points: FloatArray, workers: int = 1) -> FloatArray:
        """(k,) emulator minus solver at ``points`` (k, p), SI, as norms of whitened sweeps."""
        setup = self.setup
        model = setup.model(setup.solved, self.emulator)
        with Pool(workers) as pool:
            return np.array(
                [
                    steps.emulator_error(
                        setup,
                        model,
                        pool,
                        setup.errors.whitening(setup.frequency, model(point)[0]),
                        point[None, :],
                    )
                    for point in points
                ]
            )

    def answer(
        self,
        measurement: Measurement,
        pool: Pool,
        seed: int,
        progress: Report | None,
        held_out: int = HELD_OUT,
        check_model: bool = True,
    ) -> Inversion:
        """Search the box, weigh the mesh error in, refine around the answer, check it."""
        setup, work = self.setup, self.work
        model = self.searched.model(setup.solved, self.emulator)
        start = time.perf_counter()
        rough = setup.errors.whitening(setup.frequency, setup.measured)
        before = pool.solves
        minima = steps.ranked_minima(setup, pool, steps.search(setup, model, rough, seed), rough)
        mesh = steps.mesh_error(setup, minima[0])
        setup = replace(setup, offset=mesh.offset)
        model = replace(model, offset=mesh.offset)
        whitening = setup.errors.whitening(setup.frequency, model(minima[0])[0], mesh.shapes)
        found = fit(model, setup.measured, whitening, minima)
        work.add("search", pool.solves - before + 1 + len(mesh.shapes), start)
        box, emulator = setup.solved, self.emulator
        at_box_edge: tuple[str, ...] = ()
        if self.searched.forward is not setup.forward or emulator.error > steps.TOLERANCE:
            box, emulator, found, at_box_edge = self._refine(
                setup, found, whitening, pool, progress
            )
        model = setup.model(box, emulator)
        start = time.perf_counter()
        error = emulator.error
        if held_out and box:
            points = steps.around(setup, model, found, held_out, seed)
            error = steps.emulator_error(setup, model, pool, whitening, points)
        work.add("check", held_out, start)
        checked = None
        if check_model:
            start = time.perf_counter()
            checked = compare(
                self.rivals.of(setup, _late(progress)),
                setup,
                found.values,
                model(found.values)[0],
                found.jacobian,
                mesh.shapes,
            )
            work.add("other models", checked.solver_runs, start)
        if progress is not None:
            progress(1.0, "inversion: done")
        return Inversion(
            setup=setup,
            measurement=measurement.name,
            kind=measurement.kind,
            fit=found,
            information=Information.of(found.jacobian, setup.ranges),
            model=model,
            whitening=whitening,
            mesh_error=rough.norm(mesh.offset),
            emulator_error=error,
            work=work,
            at_box_edge=at_box_edge,
            model_check=checked,
        )

    def _refine(
        self, setup: Setup, found: Fit, whitening: Whitening, pool: Pool, progress: Report | None
    ) -> tuple[tuple[Prior, ...], Emulator, Fit, tuple[str, ...]]:
        """A local emulator, moved until the answer lies well inside its box.

        Last, the parameters that are still near an edge of it after ROUNDS of them.
        """
        start, before = time.perf_counter(), pool.solves
        budget = steps.BUDGET * (1 if setup.forward.emulator is None else steps.CHEAP)
        for number_ in range(ROUNDS):
            box = steps.local_box(setup, found)
            emulator = steps.emulate(
                setup,
                pool,
                box,
                whitening,
                steps.TOLERANCE,
                budget,
                _nodes(progress, "local emulator", steps.TOLERANCE, 0.5 + 0.15 * number_),
            )
            model = setup.model(box, emulator)
            found = fit(model, setup.measured, whitening, _starts(found))
            at_box_edge = steps.at_box_edge(setup, box, found)
            if not at_box_edge:
                break
        self.work.add("local emulator", pool.solves - before, start)
        return box, emulator, found, at_box_edge


def _prepare(
    setup: Setup,
    pool: Pool,
    whitening: Whitening,
    tolerance: float,
    budget: int,
    progress: Report | None,
) -> Prepared:
    work, start = steps.Work(), time.perf_counter()
    if progress is not None:
        progress(
            0.05,
            f"{setup.frequency.size} points, solved at {setup.forward.frequency.size} frequencies",
        )
    emulator = steps.emulate(
        setup,
        pool,
        setup.solved,
        whitening,
        tolerance,
        budget,
        _nodes(progress, "emulator of the whole prior", tolerance, 0.05),
    )
    work.add("emulator", emulator.nodes if setup.forward.emulator is None else 0, start)
    return Prepared(setup, setup, emulator, work)


def _part(progress: Report | None) -> Report | None:
    """For what is done before the first emulator of the answer, a twentieth of the whole."""
    if progress is None:
        return None
    return lambda fraction, message: progress(0.05 * fraction, message)


def _late(progress: Report | None) -> Report | None:
    """For what is done after the answer, the last tenth of the whole."""
    if progress is None:
        return None
    return lambda fraction, message: progress(0.9 + 0.1 * fraction, f"other models: {message}")


def _nodes(
    progress: Report | None, label: str, tolerance: float, fraction: float
) -> Callable[[int, float], None]:
    def report(nodes: int, error: float) -> None:
        if progress is not None:
            done = fraction + 0.15 * min(1.0, tolerance / max(error, 1e-12))
            progress(done, f"{label}: {nodes} solver runs, error {error:.2g} of {tolerance:g}")

    return report


def _starts(found: Fit) -> FloatArray:
    return np.array([values for _, values in found.minima])


def _workers(asked: int | None, setup: Setup) -> int:
    if asked is None:
        return steps.choose_workers(setup, steps.SEARCH_BUDGET)
    return whole("workers", asked, high=1024)


def _problem(antenna: Problem | Solution) -> Problem:
    from ..problem import Problem

    found = getattr(antenna, "problem", antenna)
    if not isinstance(found, Problem):
        raise InputError(
            f"antenna is {type(antenna).__name__}; give a la.Problem or a solved one (la.load)"
        )
    return found


def _one_port(measurement: Measurement) -> ComplexArray:
    if not isinstance(measurement, Measurement):
        raise InputError(
            f"measurement is {type(measurement).__name__}; give the result of la.load_measurement"
        )
    if measurement.n_ports != 1:
        raise InputError(
            f"{measurement.name} has {measurement.n_ports} ports; an inversion takes one-port data"
        )
    if measurement.frequency[0] <= 0.0:
        raise InputError(f"{measurement.name} starts at 0 Hz; crop it to a band above")
    return measurement.s11()
