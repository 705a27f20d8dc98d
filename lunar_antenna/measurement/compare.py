"""Simulation against measurement on their common band, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit.bands import matched_band
from ..circuit.resampling import interpolate
from ..circuit.resonance import Resonance, pair, resonances
from ..circuit.waves import decibel, impedance, ohms, plain, reference, renormalise
from ..common.checks import kind
from ..common.facts import Facts, Pictured, Rows, megahertz
from ..conventions import ComplexArray, FloatArray, JsonDict
from ..errors import InputError
from .fsv import MIN_POINTS, Fsv, fsv
from .record import Measurement
from .uncertainty import Uncertainty

if TYPE_CHECKING:
    from ..solution import Solution

_COARSE = 0.02  # held-out interpolation error above which a note is made


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pair(Facts):
    """One simulation against one measurement, at the measured frequencies in the solved band.

    frequency: (n,) Hz.  simulated, measured: (n,) reflections seen from ``z0`` ohm.
    solved: (frequency, reflection) of the simulation as solved, for plots.
    uncertainty: of ``measured``, at ``frequency``.
    index: place of simulation and measurement in the lists that were compared.
    against: "simulated", or "reference" where a sweep stands in the simulation's place.
    corrections: what was done to the measurement, in order.
    Shifts are measured minus simulated, Hz; None where one of the two has none in the band or,
    for resonances, where the nearest of the same kind is further than 20 % of the frequency.
    """

    simulation_name: str
    measurement_name: str
    measurement_kind: str
    z0: complex
    frequency: FloatArray
    simulated: ComplexArray
    measured: ComplexArray
    solved: tuple[FloatArray, ComplexArray]
    interpolation: str
    interpolation_error: float | None
    uncertainty: Uncertainty | None = None
    notes: tuple[str, ...] = ()
    index: tuple[int, int] = (0, 0)
    against: str = "simulated"
    corrections: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Pair: {self.summary}>"

    # -- differences -------------------------------------------------------------------------

    @property
    def difference_db(self) -> FloatArray:
        """(n,) |S11| measured minus simulated, dB."""
        return decibel(self.measured) - decibel(self.simulated)

    @property
    def rms_db(self) -> float:
        return float(np.sqrt(np.mean(self.difference_db**2)))

    @property
    def max_db(self) -> float:
        return float(np.abs(self.difference_db).max())

    @property
    def rms_gamma(self) -> float:
        """Root mean square of the complex difference |Gamma_measured - Gamma_simulated|."""
        return float(np.sqrt(np.mean(np.abs(self.measured - self.simulated) ** 2)))

    @property
    def rms_magnitude(self) -> float:
        """Root mean square of |Gamma_measured| - |Gamma_simulated|."""
        return float(np.sqrt(np.mean((np.abs(self.measured) - np.abs(self.simulated)) ** 2)))

    @property
    def resonance(self) -> tuple[Resonance, Resonance] | None:
        """(simulated, measured) resonances of one kind within 20 % of each other, or None."""
        return pair(
            resonances(self.frequency, impedance(self.simulated, self.z0)),
            resonances(self.frequency, impedance(self.measured, self.z0)),
        )

    @property
    def resonance_shift(self) -> float | None:
        both = self.resonance
        return None if both is None else both[1].frequency - both[0].frequency

    @property
    def bands(self) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
        """(simulated, measured) widest matched bands by hi/lo (1 - |Gamma|^2 >= 0.9), Hz."""
        return (
            matched_band(self.frequency, self.simulated),
            matched_band(self.frequency, self.measured),
        )

    @property
    def bandwidth_shift(self) -> float | None:
        first, second = self.bands
        if first is None or second is None:
            return None
        return (second[1] - second[0]) - (first[1] - first[0])

    @property
    def fsv(self) -> Fsv | None:
        """FSV of |S11| in dB; None below 32 common points."""
        if self.frequency.size < MIN_POINTS:
            return None
        return fsv(self.frequency, decibel(self.measured), decibel(self.simulated))

    @property
    def within_uncertainty(self) -> float | None:
        """Share of points where the difference is inside the uncertainty (95 %)."""
        if self.uncertainty is None:
            return None
        limit = self.uncertainty.at(self.frequency)
        return float(np.mean(np.abs(self.measured - self.simulated) <= limit))

    def facts(self) -> Rows:
        grades, shift = self.fsv, self.resonance_shift
        return [
            (self.against, self.simulation_name),
            (self.measurement_kind, self.measurement_name),
            ("reference", ohms(self.z0)),
            ("frequencies", megahertz(self.frequency)),
            ("rms of |S11|", f"{self.rms_db:.2f} dB"),
            ("complex rms", f"{self.rms_gamma:.4f}"),
            ("resonance shift", "none" if shift is None else f"{shift / 1e6:+.3f} MHz"),
            ("FSV", "none" if grades is None else f"{grades.gdm:.3f}, {grades.grade}"),
        ]

    @property
    def summary(self) -> str:
        """The pair in one line."""
        grades = self.fsv
        grade = "no FSV" if grades is None else f"FSV GDM {grades.gdm:.3f} ({grades.grade})"
        return (
            f"{self.simulation_name} against {self.measurement_name}, {ohms(self.z0)}, "
            f"{_span(self.frequency)}: rms {self.rms_db:.2f} dB, complex rms "
            f"{self.rms_gamma:.4f}, {grade}"
        )

    def to_dict(self) -> JsonDict:
        """The document of ``lunar-antenna compare --json``."""
        grades = self.fsv
        return {
            "z0": plain(self.z0),
            "frequency_range": [float(self.frequency[0]), float(self.frequency[-1])],
            "rms_db": self.rms_db,
            "max_db": self.max_db,
            "rms_gamma": self.rms_gamma,
            "rms_magnitude": self.rms_magnitude,
            "resonance_shift": self.resonance_shift,
            "fsv": dict.fromkeys(("adm", "fdm", "gdm", "grade"))
            if grades is None
            else grades.to_dict(),
        }

    def details(self) -> JsonDict:
        """Everything beyond :meth:`to_dict`: shifts, bands, interpolation, notes."""
        both, grades = self.resonance, self.fsv
        return {
            "simulation": self.simulation_name,
            "measurement": self.measurement_name,
            "against": self.against,
            "kind": self.measurement_kind,
            "corrections": list(self.corrections),
            "points": int(self.frequency.size),
            "resonance": None
            if both is None
            else [{"frequency": r.frequency, "resistance": r.resistance} for r in both],
            "bands": [None if band is None else list(band) for band in self.bands],
            "bandwidth_shift": self.bandwidth_shift,
            "interpolation": self.interpolation,
            "interpolation_error": self.interpolation_error,
            "within_uncertainty": self.within_uncertainty,
            "fsv": None if grades is None else grades.details(),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison(Pictured):
    """Every simulation against every measurement; ``first`` is the pair that was asked for.

    The properties below are those of :class:`Pair`, of the first pair; everything else is asked
    of a pair itself.
    """

    pairs: tuple[Pair, ...]

    @property
    def first(self) -> Pair:
        return self.pairs[0]

    def __repr__(self) -> str:
        """One line per pair: who against whom, and the three numbers that are asked for first."""
        return "\n".join(f"<Comparison: {item.summary}>" for item in self.pairs)

    def facts(self) -> Rows:
        several = [("pair", item.summary) for item in self.pairs[1:]]
        return [*self.first.facts(), *several]

    @property
    def z0(self) -> complex:
        """Reference of the first pair, ohm."""
        return self.first.z0

    @property
    def frequency(self) -> FloatArray:
        """(n,) Hz, of the first pair."""
        return self.first.frequency

    @property
    def rms_db(self) -> float:
        return self.first.rms_db

    @property
    def max_db(self) -> float:
        return self.first.max_db

    @property
    def rms_gamma(self) -> float:
        return self.first.rms_gamma

    @property
    def rms_magnitude(self) -> float:
        return self.first.rms_magnitude

    @property
    def resonance_shift(self) -> float | None:
        return self.first.resonance_shift

    @property
    def bandwidth_shift(self) -> float | None:
        return self.first.bandwidth_shift

    @property
    def fsv(self) -> Fsv | None:
        return self.first.fsv

    @property
    def within_uncertainty(self) -> float | None:
        return self.first.within_uncertainty

    def to_dict(self) -> JsonDict:
        """The first pair's document; with several pairs all of them under "pairs"."""
        document = self.first.to_dict()
        if len(self.pairs) > 1:
            document["pairs"] = [
                {
                    "simulation": item.simulation_name,
                    "measurement": item.measurement_name,
                    **item.to_dict(),
                }
                for item in self.pairs
            ]
        return document


def compare(
    simulation: Solution | Measurement | Sequence[Solution | Measurement],
    measurement: Measurement | Sequence[Measurement],
    z0: complex | None = None,
    port: int = 1,
    uncertainty: Uncertainty | list[Uncertainty | None] | None = None,
) -> Comparison:
    """Hold solutions against measurements at the measured frequencies inside the solved band.

    z0: ohm, the reference for both; None takes each measurement's own.  port: of both (a
    one-port measurement is always taken at its port 1).  uncertainty: of each measurement's
    reflection at its own reference, one for all or one for each.  The simulation is interpolated,
    the measurement is not.  Raises :class:`InputError` where the bands do not overlap.
    """
    simulations = _as_list(simulation)
    measurements = _as_list(measurement)
    for item in measurements:
        if not isinstance(item, Measurement):
            raise InputError(
                f"measurement is {type(item).__name__}; give la.load_measurement(...) objects"
            )
    if not simulations or not measurements:
        raise InputError("nothing to compare; give at least one solution and one measurement")
    radii = uncertainty if isinstance(uncertainty, list) else [uncertainty] * len(measurements)
    if len(radii) != len(measurements):
        raise InputError(
            f"{len(radii)} uncertainties for {len(measurements)} measurement(s); give one for all "
            "or one for each"
        )
    for item in radii:
        if item is not None:
            kind("uncertainty", item, Uncertainty, "one of measurement.uncertainty, or None")
    labels = _distinct([_name(item) for item in simulations])
    pairs = [
        _pair((label, one), other, z0, port, radii[column], (row, column))
        for row, (label, one) in enumerate(zip(labels, simulations, strict=True))
        for column, other in enumerate(measurements)
    ]
    return Comparison(tuple(pairs))


def _name(item: Any) -> str:
    """A sweep's name; of a solution layout, soil and, where it is not zero, height."""
    if isinstance(item, Measurement):
        return item.name
    problem = getattr(item, "problem", None)
    if problem is None:
        raise InputError(
            f"simulation is {type(item).__name__}; give the result of la.solve or la.load"
        )
    raised = problem.height != 0.0 and not problem.stack.is_free_space
    height = f" at {problem.height:.3g} m" if raised else ""
    return f"{problem.layout.name}, {problem.stack.name}{height}"


def _distinct(names: list[str]) -> list[str]:
    """Names that occur twice get a number: two runs may differ in what the name does not say."""
    return [
        f"{name} ({names[: place + 1].count(name)})" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _pair(
    named: tuple[str, Any],
    measurement: Measurement,
    z0: complex | None,
    port: int,
    uncertainty: Uncertainty | None,
    index: tuple[int, int],
) -> Pair:
    own = complex(measurement.z0)
    seen = own if z0 is None else reference(z0)
    name, simulation = named
    frequency, s = simulation.frequency, reflection_beside(simulation, measurement, seen, port)
    edge = 1e-9 * frequency[-1]
    inside = (measurement.frequency >= frequency[0] - edge) & (
        measurement.frequency <= frequency[-1] + edge
    )
    if not inside.any():
        raise InputError(
            f"{measurement.name} ({_span(measurement.frequency)}) and {name} ({_span(frequency)}) "
            "share no measured frequency; solve the band of the measurement"
        )
    wanted = measurement.frequency[inside]
    result = interpolate(frequency, s, wanted)
    measured_port = 1 if measurement.n_ports == 1 else port
    recorded = measurement.s11(port=measured_port)[inside]
    if measurement.n_ports > 1 and not recorded.any() and measurement.s.any():
        raise InputError(
            f"{measurement.name} holds no measured S{measured_port}{measured_port} (0 at every "
            "frequency), as an analyser of one direction writes it; choose the port it measured"
        )
    measured = renormalise(recorded, own, seen)
    if uncertainty is not None:
        here = uncertainty.with_radius(wanted, uncertainty.at(wanted))
        uncertainty = here.seen_from(recorded, own, seen)
    notes = _notes(measurement, inside, result.error)
    if measurement.n_ports == 1 < simulation.n_ports and not isinstance(simulation, Measurement):
        notes += (
            f"the other ports of {name} are open; the sweep does not tell how they were ended",
        )
    return Pair(
        simulation_name=name,
        measurement_name=measurement.name,
        measurement_kind=measurement.kind,
        z0=seen.real if seen.imag == 0.0 else seen,
        frequency=wanted,
        simulated=result.values,
        measured=measured,
        solved=(frequency, s),
        interpolation=result.method,
        interpolation_error=result.error,
        uncertainty=uncertainty,
        notes=notes,
        index=index,
        against="reference" if isinstance(simulation, Measurement) else "simulated",
        corrections=measurement.history,
    )


def reflection_beside(
    simulation: Any, measurement: Measurement, seen: complex, port: int
) -> ComplexArray:
    """(n,) of ``simulation`` seen from ``seen`` ohm; its other ports end as those
    of a sweep of several do, in the sweep's reference, and are open beside a sweep of one."""
    matched = measurement.n_ports > 1 and simulation.n_ports > 1
    if matched and not isinstance(simulation, Measurement):
        found = simulation.s11(seen, port=port, terminated=complex(measurement.z0))
    else:
        found = simulation.s11(seen, port=port)
    return np.asarray(found)


def _span(frequency: FloatArray) -> str:
    return f"{frequency[0] / 1e6:g} to {frequency[-1] / 1e6:g} MHz"


def _notes(measurement: Measurement, inside: Any, error: float | None) -> tuple[str, ...]:
    notes = []
    outside = int(inside.size - inside.sum())
    if outside:
        notes.append(f"{outside} of {inside.size} measured points lie outside the solved band")
    if error is None:
        notes.append("too few solved points to check the interpolation; solve more")
    elif error > _COARSE:
        notes.append(
            f"held-out interpolation error {error:.3f} in S11 is above {_COARSE}; "
            "solve more frequencies"
        )
    if inside.sum() < MIN_POINTS:
        notes.append(f"fewer than {MIN_POINTS} common points: no FSV grade")
    if measurement.report is not None and measurement.report.z0_source == "assumed":
        z0 = measurement.report.z0_used
        notes.append(f"reference of {measurement.name} not stated, {ohms(z0)} assumed")
    return tuple(notes)
