"""Goals of a study: objectives and constraints, each a merit, judged at the best termination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...circuit.bands import widest_band
from ...circuit.resampling import MIN_POINTS
from ...common.checks import number
from ...common.tables import Table
from ...conventions import BAND_HIGH, BAND_LOW, FloatArray, JsonDict
from ...errors import InputError
from ...problem import Problem
from ..merits import make_merit
from ..merits.base import NEEDS, Merit, lowest, stricter
from ..merits.efficiency import BandRatio, MinEfficiency
from ..port import Z0, PortModel, Termination
from ..response import Combine, Response, View, worst_case
from .trials import Evaluation, deb_score

_SCAN = 25  # reference impedances per pass
_PASSES = 3  # each between the neighbours of the best of the one before: 1e-3 over 25-600 ohm
_ROUNDING = 1.0 + 1e-9


@dataclass(frozen=True, slots=True)
class Constraint:
    """A merit that has to be at least ``low``, or at most ``high``."""

    merit: Merit
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if (self.low is None) == (self.high is None):
            raise InputError(f"constraint {self.merit.label} has to have at_least or at_most")
        number(f"{self.merit.label} bound", self.bound, low=0.0, high=self.merit.upper_limit)

    @property
    def bound(self) -> float:
        return self.low if self.low is not None else float(self.high or 0.0)

    @property
    def label(self) -> str:
        return f"{self.merit.label} {'>=' if self.low is not None else '<='} {self.bound:g}"

    def violation(self, value: float) -> float:
        """(bound - value) or (value - bound), relative to the bound where that is not 0."""
        short = self.bound - value if self.low is not None else value - self.bound
        return short / self.bound if self.bound > 0.0 else short

    def tightened(self, margin: float) -> Constraint:
        """The same with its bound, and the merit's own threshold, stricter by ``margin``."""
        merit = self.merit.tightened(margin)
        if self.low is not None:
            low = stricter(f"at_least of {self.merit.label}", self.low, margin, merit.upper_limit)
            return Constraint(merit, low=low)
        return Constraint(merit, high=self.bound * (1.0 - margin))

    @classmethod
    def from_table(cls, table: Table | Mapping[str, Any]) -> Constraint:
        table = Table.of(table, "constraint")
        content = table.content
        rest = {key: value for key, value in content.items() if key not in ("at_least", "at_most")}
        with table.naming():
            return cls(make_merit(rest), content.get("at_least"), content.get("at_most"))

    def to_dict(self) -> JsonDict:
        bound = {"at_least": self.low} if self.low is not None else {"at_most": self.high}
        return {**self.merit.to_dict(), **bound}


@dataclass(frozen=True, slots=True)
class Goals:
    """Objectives, of which the first orders single-objective candidates, and constraints."""

    objectives: tuple[Merit, ...]
    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        labels = [item.label for item in self.objectives]
        labels += [item.label for item in self.constraints]
        twice = [label for label in labels if labels.count(label) > 1]
        if twice:
            raise InputError(f"{twice[0]} is given twice; give it once")

    @classmethod
    def default(cls, threshold: float = 0.9, floor: float = 0.1) -> Goals:
        """Widest band of mismatch efficiency >= threshold, subject to >= floor over 5-35 MHz."""
        number("floor", floor, low=0.0, high=number("threshold", threshold, low=0.0, high=1.0))
        return cls((BandRatio(threshold=threshold),), (Constraint(MinEfficiency(), low=floor),))

    @classmethod
    def from_tables(
        cls,
        objectives: Sequence[Table | Mapping[str, Any]],
        constraints: Sequence[Table | Mapping[str, Any]],
    ) -> Goals:
        """From [[objective]] and [[constraint]]; without objectives the widest band."""
        merits = []
        for row in objectives:
            table = Table.of(row, "objective")
            with table.naming():
                merits.append(make_merit(table.content))
        return cls(
            tuple(merits) or (BandRatio(),),
            tuple(Constraint.from_table(table) for table in constraints),
        )

    @property
    def merits(self) -> tuple[Merit, ...]:
        return (*self.objectives, *(item.merit for item in self.constraints))

    @property
    def several(self) -> bool:
        """Whether the study looks for a Pareto front."""
        return len(self.objectives) > 1

    @property
    def uses_port(self) -> bool:
        """Whether any merit depends on the reference impedance and the network."""
        return any(item.uses_port for item in self.merits)

    @property
    def needs(self) -> str:
        """The most that any merit needs to be solved; the impedance in any case."""
        return max(("impedance", *(item.needs for item in self.merits)), key=NEEDS.index)

    @property
    def array_frequency(self) -> FloatArray | None:
        """All frequencies (Hz) at which merits look at a cluster of elements; None without any."""
        asked = [item.array_frequency for item in self.merits]
        known = [item for item in asked if item is not None]
        return np.unique(np.concatenate(known)) if known else None

    @property
    def band_merit(self) -> BandRatio:
        """The band that is reported: the study's own, or mismatch >= 0.9."""
        found = [item for item in self.merits if isinstance(item, BandRatio)]
        return found[0] if found else BandRatio()

    def with_threshold(self, threshold: float) -> Goals:
        """The same with another threshold of the first band_ratio."""
        for index, merit in enumerate(self.objectives):
            if isinstance(merit, BandRatio):
                changed = list(self.objectives)
                changed[index] = replace(merit, threshold=threshold)
                return replace(self, objectives=tuple(changed))
        raise InputError("threshold is given, but the study has no objective band_ratio")

    def with_floor(self, floor: float) -> Goals:
        """The same with another bound of the first constraint on min_efficiency."""
        for index, item in enumerate(self.constraints):
            if isinstance(item.merit, MinEfficiency) and item.low is not None:
                changed = list(self.constraints)
                changed[index] = replace(item, low=number("floor", floor, low=0.0, high=1.0))
                return replace(self, constraints=tuple(changed))
        raise InputError("floor is given, but the study has no constraint min_efficiency at_least")

    def tightened(self, margin: float) -> Goals:
        """The same with every threshold and bound stricter by the part ``margin`` of it.

        Raises :class:`InputError` where that asks for an efficiency of 1 or more.
        """
        if margin == 0.0:
            return self
        return Goals(
            tuple(item.tightened(margin) for item in self.objectives),
            tuple(item.tightened(margin) for item in self.constraints),
        )

    def check(self, problem: Problem, port: PortModel) -> None:
        """Refuse, before anything is solved, a band or a layout that a merit cannot use."""
        frequency = problem.frequency
        if frequency.size < MIN_POINTS:
            raise InputError(
                f"{frequency.size} frequencies are too few for band edges; "
                f"give {MIN_POINTS} points or more"
            )
        for place, merit in enumerate(self.merits, 1):
            if merit.span is not None:
                later = place - len(self.objectives)
                owner = f"constraint {later}" if later > 0 else f"objective {place}"
                _covers(frequency, merit.span, merit.label, owner)
            merit.check(problem, port)

    def evaluate(
        self,
        responses: tuple[Response, ...],
        port: PortModel,
        parameters: Mapping[str, float],
        combine: Combine = worst_case,
    ) -> Evaluation:
        """Judge a solved candidate; the best z0 is found by scanning where it is free.

        parameters: z0 and network values where they are variables of the study.
        """
        judge = _Judge(self, responses, port, port.values(parameters), combine)
        if Z0 in parameters:
            return judge.evaluation(parameters[Z0])
        return judge.evaluation(judge.best_z0())

    def to_dict(self) -> JsonDict:
        return {
            "objectives": [item.to_dict() for item in self.objectives],
            "constraints": [item.to_dict() for item in self.constraints],
        }

    @classmethod
    def from_dict(cls, data: JsonDict) -> Goals:
        return cls.from_tables(data["objectives"], data["constraints"])


def _covers(frequency: FloatArray, span: tuple[float, float], label: str, owner: str) -> None:
    low, high = float(frequency[0]), float(frequency[-1])
    if low > span[0] * _ROUNDING or high * _ROUNDING < span[1]:
        raise InputError(
            f"band {low / 1e6:g}:{high / 1e6:g} MHz does not cover {label}, "
            f"{span[0] / 1e6:g}:{span[1] / 1e6:g} MHz; widen it, or give {owner} "
            "a band_mhz within it"
        )


def _mean_mismatch(view: View) -> float:
    """Over the solved band, uniform in frequency, not normalised."""
    return float(np.trapezoid(view.curve("mismatch"), view.frequency))


class _Judge:
    """One candidate: merits that do not depend on the termination are computed once."""

    def __init__(
        self,
        goals: Goals,
        responses: tuple[Response, ...],
        port: PortModel,
        values: tuple[float, ...],
        combine: Combine,
    ) -> None:
        self.goals, self.responses, self.port = goals, responses, port
        self.network, self.combine = values, combine
        self.constant: dict[str, float] = {}

    def view(self, z0: float) -> View:
        return View(self.responses, self.port, Termination(z0, self.network), self.combine)

    def value(self, merit: Merit, view: View) -> float:
        if merit.uses_port:
            return merit.value(view)
        if merit.label not in self.constant:
            self.constant[merit.label] = merit.value(view)
        return self.constant[merit.label]

    def judged(self, view: View) -> tuple[float, tuple[float, ...], tuple[float, ...]]:
        """(score, objectives, violations)."""
        objectives = tuple(self.value(merit, view) for merit in self.goals.objectives)
        violations = tuple(
            item.violation(self.value(item.merit, view)) for item in self.goals.constraints
        )
        first = self.goals.objectives[0]
        return deb_score(objectives[0], first.maximise, violations), objectives, violations

    def best_z0(self) -> float:
        """The reference impedance with the highest score.

        Of equals the one furthest inside the constraints that depend on it, then the one with
        the highest mean mismatch efficiency over the solved band.
        """
        low, high = self.port.z0_low, self.port.z0_high
        if low == high:
            return low
        tried = np.geomspace(low, high, _SCAN)
        best = self.best_of(tried)
        for _ in range(_PASSES - 1):
            step = tried[1] / tried[0]
            tried = np.geomspace(max(low, best / step), min(high, best * step), _SCAN)
            best = self.best_of(np.array([best, *tried]))
        return best

    def best_of(self, choices: FloatArray) -> float:
        """The best of ``choices``, ohm, as :meth:`best_z0`; of what is left the first."""
        ranked = [(self.rank(view), view) for view in map(self.view, choices.tolist())]
        highest = max(rank for rank, _ in ranked)
        equal = [view for rank, view in ranked if rank == highest]
        best = equal[0] if len(equal) == 1 else max(equal, key=_mean_mismatch)
        return best.at.z0

    def rank(self, view: View) -> tuple[float, float]:
        """(score, how far inside the constraints that depend on the port)."""
        score, _, violations = self.judged(view)
        own = [
            violation
            for item, violation in zip(self.goals.constraints, violations, strict=True)
            if item.merit.uses_port
        ]
        return score, -max(own, default=0.0)

    def evaluation(self, z0: float) -> Evaluation:
        view = self.view(z0)
        score, objectives, violations = self.judged(view)
        merits = {item.label: self.value(item, view) for item in self.goals.merits}
        frequency, curve = view.frequency, view.curve("mismatch")
        covered = frequency[0] <= BAND_LOW * _ROUNDING and frequency[-1] * _ROUNDING >= BAND_HIGH
        named = self.goals.band_merit
        return Evaluation(
            score=score,
            objectives=objectives,
            violations=violations,
            merits=merits,
            z0=z0,
            band=widest_band(frequency, view.curve(named.efficiency), named.threshold),
            lowest=lowest(frequency, curve, (BAND_LOW, BAND_HIGH)) if covered else None,
            held_out=max(item.error for item in self.responses),
        )
