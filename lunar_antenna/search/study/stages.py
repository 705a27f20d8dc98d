"""Coarse to fine: what each stage of a study solves, and how it judged.

    screen   the first trials: few frequencies, draft mesh (on request)
    search   all other trials: the study's frequencies and accuracy
             where there are any, only they compete: a coarser mesh judges otherwise
    polish   the best of them improved by linear programs (:mod:`..polish`), on request: up to so
             many, each of as many solutions as there are variables
    check    the best few, different from each other, at "normal"
    fine     the best of those, at "fine", with its error estimate and power balance
    confirm  the same by another engine, at the reference impedance found before (on request)

``margin`` tightens every threshold and bound of screen, search and polish by that part of it: a
design that just meets them on one mesh would just miss them on the next.  The later stages judge
by the study's own.

The design is chosen by the last stage that compared designs: the check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...circuit.resampling import MIN_POINTS
from ...common.checks import choice, number, whole
from ...common.tables import Table
from ...conventions import JsonDict
from ...errors import InputError
from .trials import Evaluation

NONE = "none"
CONFIRM = "confirm"  # the stage that chooses nothing
SCREEN, SEARCH, POLISH = "screen", "search", "polish"
EARLY = (SCREEN, SEARCH, POLISH)  # judged by the goals tightened by the margin


@dataclass(frozen=True, slots=True)
class Stages:
    """How a study goes from coarse to fine; see :mod:`.file` for the keys."""

    screen_trials: int = 0
    screen_points: int = 31
    margin: float = 0.0
    polish: int = 0
    check: int = 3
    fine: bool = True
    confirm: str = NONE

    def __post_init__(self) -> None:
        for name, low in (
            ("screen_trials", 0),
            ("screen_points", MIN_POINTS),
            ("polish", 0),
            ("check", 0),
        ):
            value = whole(f"[stages] {name}", getattr(self, name), low=low)
            object.__setattr__(self, name, value)
        number("[stages] margin", self.margin, low=0.0, high=0.5)
        if self.margin > 0.0 and self.check == 0:
            raise InputError(
                "[stages] margin is for a search that is checked afterwards; give check = 1 or more"
            )
        if not isinstance(self.fine, bool):
            raise InputError(f"[stages] fine = {self.fine!r}; allowed: true or false")
        if not isinstance(self.confirm, str) or self.confirm != NONE:
            from ...solvers.registry import SOLVERS, solver_names

            if not isinstance(self.confirm, str) or self.confirm not in SOLVERS:
                choice("confirm", self.confirm, (NONE, *solver_names()))

    @classmethod
    def from_table(cls, table: Table | Mapping[str, Any]) -> Stages:
        """From [stages] of a study file."""
        table = Table.of(table, "[stages]")
        table.only(*cls.__dataclass_fields__)
        with table.naming():
            return cls(**table.content)


@dataclass(frozen=True, slots=True)
class StageResult:
    """How one stage judged one design.

    trial: its number.  points: solved frequencies.  quality: of a full solution, z_error and
    power_closure (largest over the band), the mean shares of power inside the design's band;
    for a confirmation the largest and mean |dGamma| against the stage before, at its z0.
    """

    stage: str
    trial: int
    solver: str
    accuracy: str
    points: int
    evaluation: Evaluation
    quality: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> JsonDict:
        found = self.evaluation
        return {
            "stage": self.stage,
            "trial": self.trial,
            "solver": self.solver,
            "accuracy": self.accuracy,
            "points": self.points,
            "score": found.score,
            "feasible": found.feasible,
            "band_mhz": None if found.band is None else [edge / 1e6 for edge in found.band],
            "band_ratio": found.band_ratio,
            "min_efficiency_5_35": found.lowest,
            "z0": found.z0,
            "merits": dict(found.merits),
            "reason": found.reason,
            **self.quality,
        }
