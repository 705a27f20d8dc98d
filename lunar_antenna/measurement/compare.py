"""Simulation against measurement on their common band, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..conventions import ComplexArray, FloatArray, JsonDict
from ..errors import InputError
from .fsv import MIN_POINTS, Fsv, fsv
from .interpolate import interpolate
from .record import Measurement
from .resonance import Resonance, matched_band, pair, resonances
from .uncertainty import Uncertainty
from .waves import decibel, impedance, ohms, plain, reference, renormalise

if TYPE_CHECKING:
    from ..solution import Solution

_COARSE = 0.02  # held-out interpolation error above which a note is made


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """One simulation against one measurement, at the measured frequencies in the solved band.

    frequency: (n,) Hz.  simulated, measured: (n,) reflections seen from ``z0`` ohm.
    solved: (frequency, reflection) of the simulation as solved, for plots.
    index: place of simulation and measurement in the lists that were compared.
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
        """(simulated, measured) widest matched bands (|Gamma|^2 <= 0.1), Hz."""
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
        """Share of points where the difference is inside the expanded (k = 2) uncertainty."""
        if self.uncertainty is None:
            return None
        limit = self.uncertainty.at(self.frequency)
        return float(np.mean(np.abs(self.measured - self.simulated) <= limit))

    def to_dict(self) -> JsonDict:
        """The document of ``lunar-antenna compare --json``."""
        grades = self.fsv
        return {
            "z0": plain(self.z0),
            "frequency_range": [float(self.frequency[0]), float(self.frequency[-1])],
            "rms_db": self.rms_db,
            "max_db": self.max_db,
            "rms_gamma": self.rms_gamma,
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
            "kind": self.measurement_kind,
            "points": int(self.frequency.size),
            "resonance": None
            if both is None
            else [{"frequency": r.frequency, "resistance": r.resistance} for r in both],
            "bands": [None if band is None else list(band) for band in self.bands],
            "bandwidth_shift": self.bandwidth_shift,
            "rms_magnitude": self.rms_magnitude,
            "interpolation": self.interpolation,
            "interpolation_error": self.interpolation_error,
            "within_uncertainty": self.within_uncertainty,
            "fsv": None if grades is None else grades.details(),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Every simulation against every measurement; ``first`` is the pair that was asked for."""

    pairs: tuple[Pair, ...]

    @property
    def first(self) -> Pair:
        return self.pairs[0]

    def __getattr__(self, name: str) -> Any:
        """Numbers of the first pair: ``comparison.rms_db`` is ``comparison.first.rms_db``."""
        if name.startswith("_") or name == "pairs":
            raise AttributeError(name)
        return getattr(self.pairs[0], name)

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

    def _repr_png_(self) -> Any:
        from ..plotting.compare import plot_comparison
        from ..plotting.notebook import figure_png

        return figure_png(plot_comparison(self))


def compare(
    simulation: Solution | Measurement | Sequence[Solution | Measurement],
    measurement: Measurement | Sequence[Measurement],
    z0: complex | None = None,
    port: int = 1,
    uncertainty: Uncertainty | None = None,
) -> Comparison:
    """Hold solutions against measurements at the measured frequencies inside the solved band.

    z0: ohm, the reference for both; None takes each measurement's own.  port: of both (a
    one-port measurement is always taken at its port 1).  The simulation is interpolated, the
    measurement is not.  Raises :class:`InputError` where the bands do not overlap.
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
    pairs = [
        _pair(one, other, z0, port, uncertainty, (row, column))
        for row, one in enumerate(simulations)
        for column, other in enumerate(measurements)
    ]
    return Comparison(tuple(pairs))


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _curve(item: Any, port: int, z0: complex) -> tuple[str, FloatArray, ComplexArray]:
    if isinstance(item, Measurement):
        return item.name, item.frequency, item.s11(z0, port=port)
    if not hasattr(item, "problem"):
        raise InputError(
            f"simulation is {type(item).__name__}; give the result of la.solve or la.load"
        )
    name = f"{item.problem.layout.name}, {item.problem.stack.name}"
    return name, item.frequency, item.s11(z0, port=port)


def _pair(
    simulation: Any,
    measurement: Measurement,
    z0: complex | None,
    port: int,
    uncertainty: Uncertainty | None,
    index: tuple[int, int],
) -> Pair:
    own = complex(measurement.z0)
    seen = own if z0 is None else reference(z0)
    name, frequency, s = _curve(simulation, port, seen)
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
    measured = renormalise(measurement.s11(port=measured_port)[inside], own, seen)
    notes = _notes(measurement, inside, result.error)
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
    )


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
