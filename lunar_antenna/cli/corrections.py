"""What is done to measured sweeps before they are used: options, and the work."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InputError
from .output import say

if TYPE_CHECKING:
    from ..measurement.corrections.correct import Corrected, Corrections
    from ..measurement.record import Measurement
    from ..measurement.uncertainty import Uncertainty

SIMULATION = "simulation"  # word of --delay-to for the simulation itself

MeasuredZ0 = Annotated[
    float | None,
    typer.Option(metavar="OHM", help="Reference of the sweeps, instead of what the files say."),
]
Osl = Annotated[
    tuple[str, str, str] | None,
    typer.Option(metavar="OPEN SHORT LOAD", help="Raw sweeps of the three standards."),
]
Gate = Annotated[
    tuple[float, float] | None,
    typer.Option(metavar="START STOP", help="Echoes to keep, s there and back."),
]
Differential = Annotated[
    bool, typer.Option("--differential", help="Two-port sweep of both arms: their difference.")
]
Deembed = Annotated[
    str | None, typer.Option(metavar="FIXTURE.s2p", help="Fixture or balun to take off.")
]
AntennaPort = Annotated[
    int, typer.Option(metavar="1|2", help="Port of the fixture at the antenna.")
]
Delay = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="Move the plane to the antenna, one way."),
]
DelayTo = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|simulation", help="Find the delay that brings it nearest to this sweep."
    ),
]
HubCapacitance = Annotated[
    float | None,
    typer.Option(metavar="FARAD", help="Capacitance across the antenna to take off."),
]
Repeats = Annotated[
    bool,
    typer.Option("--repeats", help="The sweeps are repeats: take mean and spread (3 or more)."),
]
VnaAccuracy = Annotated[
    tuple[float, float] | None,
    typer.Option(metavar="DB DEGREES", help="Stated accuracy of the analyser, 95 % (k = 2) each."),
]

# Options by the field of Corrections that they fill, for messages.
_OPTIONS = {
    "osl": "--osl", "time_gate": "--gate", "make_differential": "--differential",
    "fixture": "--deembed", "delay": "--delay", "delay_to": "--delay-to",
    "hub_capacitance": "--hub-capacitance",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """The options of one call, as given."""

    measured_z0: float | None = None
    osl: tuple[str, str, str] | None = None
    gate: tuple[float, float] | None = None
    differential: bool = False
    deembed: str | None = None
    antenna_port: int = 2
    delay: float | None = None
    delay_to: str | None = None
    hub_capacitance: float | None = None
    repeats: bool = False
    vna_accuracy: tuple[float, float] | None = None
    z0_option: str = "--measured-z0"

    def check(self) -> None:
        """Refuse values that no file can make right, before any file is read."""
        from ..common.checks import choice, number
        from ..measurement.corrections.delay import MAX_DELAY
        from ..measurement.corrections.gate import MAX_GATE
        from ..measurement.uncertainty import MAX_DB, MAX_DEGREES

        if self.measured_z0 is not None:
            number(self.z0_option, self.measured_z0, low=0.0, low_open=True, high=1e6, unit="ohm")
        choice("--antenna-port", str(self.antenna_port), ("1", "2"))
        if self.delay is not None:
            number("--delay", self.delay, low=-MAX_DELAY, high=MAX_DELAY, unit="s")
            if self.delay_to is not None:
                raise InputError("--delay and --delay-to are both given; leave one of them out")
        if self.hub_capacitance is not None:
            number("--hub-capacitance", self.hub_capacitance, low=0.0, high=1e-6, unit="F")
        for name, value in zip(("START", "STOP"), self.gate or (), strict=False):
            number(f"--gate {name}", value, low=-MAX_GATE, high=MAX_GATE, unit="s")
        if self.vna_accuracy is not None:
            db, degrees = self.vna_accuracy
            number("--vna-accuracy DB", db, low=0.0, high=MAX_DB, unit="dB")
            number("--vna-accuracy DEGREES", degrees, low=0.0, high=MAX_DEGREES, unit="degrees")
        if self.repeats and self.vna_accuracy is not None:
            raise InputError("--repeats and --vna-accuracy are both given; leave one of them out")


class Reader:
    """Reads sweeps and keeps what is to be said about them until all has been read."""

    def __init__(self, request: Request) -> None:
        request.check()
        self.request = request
        self.notes: list[str] = []  # an error stands alone, so this is said last
        self._read: dict[tuple[str, float | None], Measurement] = {}

    def sweep(self, name: str, *, brief: bool = False, z0: float | None = None) -> Measurement:
        """One file; its import report is kept, with ``brief`` only what is odd in it."""
        from ..measurement.reading.load import load_measurement

        if (name, z0) in self._read:
            return self._read[name, z0]
        result = self._read[name, z0] = load_measurement(name, z0)
        report = result.report
        if report is not None and brief:
            self.notes += [f"{report.path}: {text}" for text in (*report.repairs, *report.warnings)]
        elif report is not None:
            self.notes += report.lines()
        return result

    def sweeps(self, names: Sequence[str]) -> list[Measurement]:
        """The measurements themselves, at --measured-z0 where it is given."""
        return [self.sweep(name, z0=self.request.measured_z0) for name in names]

    def corrected(
        self, sweeps: list[Measurement], simulation: Measurement | None = None
    ) -> list[Corrected]:
        """Every sweep after the corrections; with --repeats one, their mean.

        simulation: what --delay-to simulation aims at.
        """
        from ..measurement.corrections.correct import CorrectionError, correct

        todo = self._corrections(simulation)
        try:
            return [correct(sweep, todo, radius) for sweep, radius in self._with_radius(sweeps)]
        except CorrectionError as error:
            raise InputError(f"{_OPTIONS[error.step]}: {error.reason}") from None

    def _with_radius(
        self, sweeps: list[Measurement]
    ) -> list[tuple[Measurement, Uncertainty | None]]:
        from ..measurement.uncertainty import from_accuracy, from_sweeps

        if self.request.repeats:
            try:
                return [from_sweeps(sweeps)]
            except InputError as error:
                raise InputError(f"--repeats: {error}") from None
        stated = self.request.vna_accuracy
        return [
            (sweep, None if stated is None else from_accuracy(sweep, *stated)) for sweep in sweeps
        ]

    def _corrections(self, simulation: Measurement | None) -> Corrections:
        from ..common.catalogue import find
        from ..measurement.corrections.correct import Corrections
        from ..measurement.corrections.deembed import with_capacitance

        given = self.request
        fixture: Measurement | None = None
        if given.deembed is not None:
            with _about("--deembed"):
                present = Path(given.deembed).is_file()
                source = given.deembed if present else find("measurements", given.deembed, ".s2p")
                fixture = self.sweep(str(source), brief=True)
        target: Measurement | None = None
        if given.delay_to == SIMULATION:
            if simulation is None:
                raise InputError(
                    f"--delay-to {SIMULATION} needs one simulation; give one, or a sweep"
                )
            hub = given.hub_capacitance
            target = simulation if hub is None else with_capacitance(simulation, hub)
        elif given.delay_to is not None:
            with _about("--delay-to"):
                target = self.sweep(given.delay_to, brief=True)
        with _about("--osl"):
            osl = None if given.osl is None else [self.sweep(n, brief=True) for n in given.osl]
        return Corrections(
            osl=osl,
            time_gate=given.gate,
            make_differential=given.differential,
            fixture=fixture,
            antenna_port=given.antenna_port,
            delay=given.delay,
            delay_to=target,
            hub_capacitance=given.hub_capacitance,
        )

    def say_notes(self, corrected: list[Corrected]) -> None:
        """Import reports and corrections, on stderr."""
        for line in self.notes:
            say(line)
        for item in corrected:
            for step in (*item.measurement.history, *item.side_effects):
                say(f"{item.measurement.name}: {step}")


@contextlib.contextmanager
def _about(option: str) -> Iterator[None]:
    """Errors of bad input raised inside are told of ``option``."""
    try:
        yield
    except InputError as error:
        raise type(error)(f"{option}: {error}") from None


def as_sweep(simulation: Any, sweep: Measurement) -> Measurement:
    """The reflection of a solution or a sweep as a one-port measurement at the reference of
    ``sweep``, its other ports ended as there."""
    from ..measurement.compare import reflection_beside
    from ..measurement.record import Measurement

    name = str(getattr(simulation, "name", SIMULATION))
    z0 = sweep.z0
    found = reflection_beside(simulation, sweep, complex(z0), 1)
    return Measurement(simulation.frequency, found, z0, name=name)


def delay_text(item: Corrected) -> str | None:
    """The delay that was found, in words; None where none was looked for."""
    fit = item.delay_fit
    if fit is None:
        return None
    return (
        f"delay found and applied: {fit.delay * 1e9:.4f} ns one way, rms |dGamma| to the target "
        f"{fit.rms_before:.4f} before, {fit.rms_after:.4f} after"
    )


def document(item: Corrected) -> dict[str, Any]:
    """One measurement in the document of --json."""
    fit, report, radius = item.delay_fit, item.measurement.report, item.uncertainty
    return {
        "name": item.measurement.name,
        "kind": item.measurement.kind,
        "corrections": list(item.measurement.history),
        "side_effects": list(item.side_effects),
        "delay_fit": None
        if fit is None
        else {"delay": fit.delay, "rms_before": fit.rms_before, "rms_after": fit.rms_after},
        "uncertainty": None if radius is None else radius.source,
        "import": None if report is None else report.to_dict(),
    }
