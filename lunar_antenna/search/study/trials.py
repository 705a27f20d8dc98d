"""Trials: what each candidate achieved, and the one number that orders them.

Feasibility comes first (Deb, Comput. Methods Appl. Mech. Eng. 186, 311, 2000).  With V the sum of
all violations and f the first objective, which is never negative,

    f            feasible, f is maximised        1/(1 + f)    feasible, f is minimised
    -V/(1 + V)   infeasible, in (-1, 0): the nearer to the constraints the better
    -2           could not be built or solved

so that every feasible candidate beats every infeasible one, and any sampler can use the score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from ...conventions import JsonDict

INVALID = -2.0
ABANDONED = "stopped while being proposed"  # no design: the study ended while asking for it


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one candidate achieved.

    score: see the module.  objectives: natural values, in the order of the study.  violations:
    one per constraint, relative to its bound, > 0 is violated.  merits: every objective and
    constraint by name.  z0: ohm.  band: (lo, hi) Hz of the study's first band_ratio (without one:
    of mismatch >= 0.9), or None.  lowest: minimum mismatch efficiency over 5-35 MHz, None where
    that is not solved.  held_out: upper estimate of what interpolation in
    frequency is off by: |dGamma| at 50 to 400 ohm, and shares of power where they were asked for.
    reason: why the candidate could not be evaluated, or None.
    """

    score: float
    objectives: tuple[float, ...] = ()
    violations: tuple[float, ...] = ()
    merits: Mapping[str, float] = field(default_factory=dict)
    z0: float | None = None
    band: tuple[float, float] | None = None
    lowest: float | None = None
    held_out: float | None = None
    reason: str | None = None

    @classmethod
    def invalid(cls, reason: str) -> Evaluation:
        """A candidate that could not be built or solved."""
        return cls(INVALID, reason=reason)

    @property
    def feasible(self) -> bool:
        return self.score >= 0.0

    @property
    def violation(self) -> float:
        """Sum of all violations."""
        return total_violation(self.violations)

    @property
    def band_ratio(self) -> float | None:
        return None if self.band is None else self.band[1] / self.band[0]

    def to_dict(self) -> JsonDict:
        return {**asdict(self), "merits": dict(self.merits)}

    @classmethod
    def from_dict(cls, data: JsonDict) -> Evaluation:
        band = data.get("band")
        return cls(
            score=data["score"],
            objectives=tuple(data.get("objectives", ())),
            violations=tuple(data.get("violations", ())),
            merits=dict(data.get("merits", {})),
            z0=data.get("z0"),
            band=None if band is None else (band[0], band[1]),
            lowest=data.get("lowest"),
            held_out=data.get("held_out"),
            reason=data.get("reason"),
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """One finished trial; ``evaluation`` is None where the trial failed (``failed`` says why)."""

    number: int
    parameters: dict[str, float]
    evaluation: Evaluation | None
    seconds: float
    failed: str | None = None

    @property
    def score(self) -> float:
        return INVALID if self.evaluation is None else self.evaluation.score


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """Highest score; among equals the earliest."""
    scored = [trial for trial in trials if trial.evaluation is not None]
    return max(scored, key=lambda trial: (trial.score, -trial.number), default=None)


def total_violation(violations: Sequence[float]) -> float:
    """Sum of what is above 0."""
    return sum(max(0.0, item) for item in violations)


def deb_score(objective: float, maximise: bool, violations: Sequence[float]) -> float:
    """The score of a candidate that was solved; see the module."""
    violation = total_violation(violations)
    if violation > 0.0:
        return -violation / (1.0 + violation)
    return objective if maximise else 1.0 / (1.0 + objective)
