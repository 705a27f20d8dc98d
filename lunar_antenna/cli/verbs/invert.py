"""``lunar-antenna invert``: soil, height and faults of the antenna from a measured reflection."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import InputError, LunarAntennaError
from .. import corrections as fix
from .. import options
from ..output import Answer, figure_out, say, table, write_out
from ..progress import progress_bar
from ..simulations import kind_of
from .base import Verb

if TYPE_CHECKING:
    from ...inversion.errors import ErrorModel
    from ...inversion.model_check import ModelCheck
    from ...inversion.result import Inversion
    from ...measurement.record import Measurement
    from ...media.layer import Stack
    from ...problem import Problem

HELP = """Read soil, height and faults back from a measured reflection.

Free parameters: eps_r, loss_tangent, conductivity (of --layer), height, arm_error (one arm longer
by this fraction), hub_capacitance (F across the port), delay (s in front). All values are SI.
Without --soil the soil is a half-space. Stated errors are standard deviations.

\b
Example:
  lunar-antenna invert bowtie measured.s1p --free eps_r,loss_tangent,height --out found
  lunar-antenna invert run.h5 measured.s1p --free eps_r,height --prior height=0:0.3 --posterior
  lunar-antenna invert bowtie raw.s1p --deembed balun.s2p --free eps_r,height,hub_capacitance
"""
FREE = "eps_r,loss_tangent,height"
START = (3.0, 0.01)  # eps_r and loss tangent of the half-space where no soil is given

Errors = Annotated[float, typer.Option("--error-db", metavar="DB", help="Error of |S11|, dB.")]
Degrees = Annotated[
    float, typer.Option("--error-deg", metavar="DEG", help="Error of its phase, degrees.")
]
Floor = Annotated[
    float, typer.Option("--floor", metavar="X", help="Error of Re and Im S11, such as directivity.")
]
Share = Annotated[
    float, typer.Option("--systematic", metavar="0..1", help="Share of the variance common to all.")
]
Correlation = Annotated[
    float | None,
    typer.Option(metavar="MHZ", help="Systematic errors vary over this; default: never."),
]


def invert(
    antenna: Annotated[
        str, typer.Argument(metavar="RUN.h5|GEOMETRY", help="The antenna that was measured.")
    ],
    measured: Annotated[
        str, typer.Argument(metavar="MEASURED.s1p", help="A sweep (.s1p, .csv, shipped name).")
    ],
    free: Annotated[str, typer.Option(metavar="NAME,...", help="Parameters to estimate.")] = FREE,
    soil: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE|free-space", help="What is known of the soil."),
    ] = None,
    height: Annotated[
        float | None, typer.Option(metavar="M", help="Height where it is not free, m.")
    ] = None,
    layer: Annotated[
        int, typer.Option(parser=options.whole, metavar="N", help="Layer of the soil, 0 on top.")
    ] = 0,
    prior: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=LOW:HIGH", help="Range of a free parameter; repeat for more."),
    ] = None,
    fixed: Annotated[
        list[str] | None,
        typer.Option("--fix", metavar="NAME=VALUE", help="Value of a parameter that is not free."),
    ] = None,
    set_: options.Set = None,
    band: Annotated[
        str | None, typer.Option(metavar="LOW:HIGH", help="Measured points to use, MHz.")
    ] = None,
    error_db: Errors = 0.2,
    error_deg: Degrees = 2.0,
    floor: Floor = 1e-3,
    systematic: Share = 0.5,
    correlation: Correlation = None,
    posterior: Annotated[
        bool, typer.Option("--posterior", help="Sample the posterior (needs emcee and corner).")
    ] = False,
    check_model: Annotated[
        bool,
        typer.Option("--check-model/--no-check-model", help="Try other models (some 10 s)."),
    ] = True,
    z0: Annotated[
        float | None,
        typer.Option("--z0", metavar="OHM", help="Reference of the sweep, instead of its own."),
    ] = None,
    osl: fix.Osl = None,
    deembed: fix.Deembed = None,
    antenna_port: fix.AntennaPort = 2,
    delay: fix.Delay = None,
    hub_capacitance: fix.HubCapacitance = None,
    accuracy: options.Accuracy = "fine",
    workers: Annotated[
        int | None,
        typer.Option(parser=options.whole, metavar="N", help="Solver processes; default: as pays."),
    ] = None,
    seed: Annotated[
        int, typer.Option(parser=options.whole, metavar="N", help="Of search and sampler.")
    ] = 1,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for results and figures.")
    ] = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    if out == Path():
        raise InputError("--out is empty or the working folder; give the name of a folder")
    if posterior:
        from ...inversion.posterior import plot_library, sampler_library

        sampler_library()
        plot_library()
    request = fix.Request(
        measured_z0=z0,
        osl=osl,
        deembed=deembed,
        antenna_port=antenna_port,
        delay=delay,
        hub_capacitance=hub_capacitance,
        z0_option="--z0",
    )
    known = _Known(antenna, soil, height, set_, free)
    priors, values = _priors(prior), _values(fixed)
    errors = _errors(error_db, error_deg, floor, systematic, correlation)
    reader = fix.Reader(request)
    corrected = reader.corrected(reader.sweeps([measured]))
    sweep = corrected[0].measurement
    problem = known.problem(sweep, reader)
    reader.say_notes(corrected)
    if band is not None:
        low, high = options.parse_band(band)
        sweep = sweep.cropped(low * 1e6, high * 1e6)
    options.measured_band(sweep.frequency, sweep.name)
    from ...common.files import make_folder
    from ...inversion.invert import invert as run

    new = out is not None and make_folder(out)
    try:
        with progress_bar("invert") as progress:
            found = run(
                problem,
                sweep,
                free,
                priors=priors,
                fixed=values,
                layer=layer,
                errors=errors,
                accuracy=accuracy,
                workers=workers,
                seed=seed,
                check_model=check_model,
                progress=progress,
            )
    except BaseException as stop:
        if out is not None and new:  # nothing is in it
            with contextlib.suppress(OSError):
                out.rmdir()
        if isinstance(stop, KeyboardInterrupt):
            raise InversionInterruptedError(
                "interrupted before there was an answer; nothing written"
            ) from None
        raise
    stopped = False
    if posterior:
        failed = _write(found, out, last=False)
        try:
            with progress_bar("posterior") as progress:
                found = found.sampled(seed=seed, progress=progress)
        except KeyboardInterrupt:
            stopped = True
    told = found.model_check.sentences() if found.model_check else ()
    for note in found.notes():
        if note not in told:  # those are part of the answer's text
            say(f"note: {note}")
    if stopped:
        where = "" if out is None or failed else f"; it is kept in {out}"
        say(f"interrupted: the answer has no posterior{where}")
    else:
        failed = _write(found, out)
    return Answer(found.to_dict(), _text(found), exit_code=130 if stopped else failed)


class InversionInterruptedError(LunarAntennaError):
    """Ctrl-C before there was an answer."""

    exit_code = 130


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the antenna and its place, as given."""

    antenna: str
    soil: str | None
    height: float | None
    changes: list[str] | None
    free: str

    def problem(self, sweep: Measurement, reader: fix.Reader) -> Problem:
        """The problem whose parameters are varied."""
        from ...geometry.load import load_geometry
        from ...problem import Problem
        from ...solution import load

        kind = kind_of(self.antenna)
        if kind == "sweep" and Path(self.antenna).suffix:
            raise InputError(
                f"{self.antenna} is no antenna; give RUN.h5 of solve or a GEOMETRY first, the "
                "measurement second"
            )
        if kind == "run":
            if self.changes:
                raise InputError("--set is for a GEOMETRY; solve the changed one or leave it out")
            run = load(self.antenna).problem
            stack = run.stack if self.soil is None else options.load_stack(self.soil)
            height = run.height if self.height is None else self.height
            return Problem(run.layout, stack, height)
        layout = load_geometry(self.antenna, **options.parse_set(self.changes))
        return Problem(layout, self._stack(sweep, reader), self._height(sweep, reader))

    def _stack(self, sweep: Measurement, reader: fix.Reader) -> Stack:
        from ...inversion.forward import SOIL
        from ...inversion.prior import parse_free
        from ...media.layer import Stack

        known = sweep.metadata.get("soil")
        if self.soil is not None:
            return options.load_stack(self.soil)
        if any(name in SOIL for name in parse_free(self.free)):
            reader.notes.append("soil: a half-space (give --soil NAME for layers)")
            return Stack.half_space(START[0], loss_tangent=START[1], name="half-space")
        if isinstance(known, str):
            reader.notes.append(f"soil: {known} (from the .toml of {sweep.name})")
            return options.load_stack(known)
        return options.load_stack(None)

    def _height(self, sweep: Measurement, reader: fix.Reader) -> float:
        known = sweep.metadata.get("height")
        if self.height is not None:
            return self.height
        if "height" in self.free or not isinstance(known, (int, float)):
            return 0.0
        reader.notes.append(f"height: {known:g} m (from the .toml of {sweep.name})")
        return float(known)


def _priors(items: list[str] | None) -> dict[str, tuple[float, float]]:
    from ...inversion.prior import parse_prior

    found: dict[str, tuple[float, float]] = {}
    for item in items or []:
        name, limits = parse_prior(item)
        if name in found:
            raise InputError(f"--prior gives {name} twice; give it once")
        found[name] = limits
    return found


def _values(items: list[str] | None) -> dict[str, float]:
    found: dict[str, float] = {}
    for item in items or []:
        name, equals, text = item.partition("=")
        try:
            value = float(text)
        except ValueError:
            equals = ""
        if not equals:
            raise InputError(
                f"--fix {item!r} is not NAME=VALUE; write for example --fix hub_capacitance=3e-12"
            )
        found[name.strip()] = value
    return found


def _errors(
    db: float, degrees: float, floor: float, share: float, correlation: float | None
) -> ErrorModel:
    from ...common.checks import number
    from ...inversion.errors import ErrorModel

    number("--error-db", db, low=0.0, high=10.0, low_open=True, unit="dB")
    number("--error-deg", degrees, low=0.0, high=90.0, low_open=True, unit="degrees")
    length = math.inf
    if correlation is not None:
        length = 1e6 * number("--correlation", correlation, low=1e-6, high=1e9, unit="MHz")
    return ErrorModel(db, degrees, share, floor, length)


def _write(found: Inversion, folder: Path | None, *, last: bool = True) -> int:
    """Results and figures so far, again once there is a posterior; the exit code."""
    if folder is None:
        return 0
    from ...plotting.inversion import plot_inversion, plot_posterior

    def write() -> tuple[Path, ...]:
        folder.mkdir(exist_ok=True)
        return found.write(folder)

    files: list[tuple[Path, Callable[[], object]]] = [
        (folder, write),
        figure_out(lambda: plot_inversion(found), folder / "invert.png"),
    ]
    if found.posterior is not None:
        files.append(figure_out(lambda: plot_posterior(found), folder / "posterior.png"))
    return write_out(*files, last=last)


def _text(found: Inversion) -> str:
    """Parameters with errors and intervals, then how well the model fits."""
    posterior, checked = found.posterior, found.model_check
    others = checked is not None and bool(checked.plausible)
    head = ("parameter", "value", "error", "unit", "prior")
    rows: list[tuple[str, ...]] = [
        (
            *head,
            *(("all models that fit",) if others else ()),
            *(("90 % interval",) if posterior is not None else ()),
        )
    ]
    for k, item in enumerate(found.setup.ranges):
        value, sigma = found.values[item.name], found.sigma[item.name]
        row: tuple[str, ...] = (
            item.name,
            f"{value:.5g}",
            f"{sigma:.2g}",
            item.unit or "-",
            f"{item.low:g} to {item.high:g}",
        )
        if checked is not None and others:
            low, high = checked.span(item.name, value, sigma)
            row = (*row, f"{low:.4g} to {high:.4g}")
        if posterior is not None:
            low, high = posterior.interval()[k]
            row = (*row, f"{low:.5g} to {high:.5g}")
        rows.append(row)
    low, high = found.frequency[0] / 1e6, found.frequency[-1] / 1e6
    lines = [
        table(rows),
        f"{found.frequency.size} points, {low:g} to {high:g} MHz; chi2 per degree of freedom "
        f"{found.chi2_per_freedom:.3g}: {found.verdict}",
        *(() if checked is None else _tried(checked)),
        f"{sum(found.work.runs.values())} solver runs, {sum(found.work.seconds.values()):.1f} s",
    ]
    if posterior is not None:
        times = ", ".join(f"{value:.0f}" for value in posterior.autocorrelation)
        lines.append(
            f"posterior: {posterior.walkers} walkers, {posterior.steps} steps, autocorrelation "
            f"times {times}, {'converged' if posterior.converged else 'NOT converged'}"
        )
    return "\n".join(lines)


def _tried(checked: ModelCheck) -> tuple[str, ...]:
    """What else would fit and how the answer would change, or that nothing tried does."""
    told = checked.sentences()
    if told:
        return told
    if checked.untried:
        return (checked.untried,)
    names = ", ".join(item.name for item in checked.alternatives)
    return (f"no other model that was tried fits better ({names})",)


VERB = Verb("invert", HELP, invert)
