"""Robust search: every candidate in several scenarios, one number from all of them.

    [robust]
    soils = ["simple_eps35", {eps_r = 2.5, loss_tangent = 0.005}]   names, paths or half-spaces
    heights = [0.0, 0.1]              m, in place of the candidate's
    arm_errors = [0.0, 0.01]          one arm longer by that fraction
    statistic = "worst"               or a quantile in (0, 0.5]: 0.1 gives up the worst tenth

What is left out stays as the study has it; the scenarios are all combinations.  Curves over
frequency are combined point by point before any merit is taken from them, so that a band ratio
is that of a band which holds in all scenarios at once, with one common termination, and not
the smallest of their own band ratios.  Corners of a box of soils and heights do not prove the
inside of the box; put a point in its middle where it matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from ...common.checks import number, shown
from ...common.tables import Table
from ...conventions import FloatArray, JsonDict
from ...errors import InputError
from ...geometry.arm_error import unequal_arms
from ...media.layer import Stack
from ...problem import Problem

KEYS = ("soils", "heights", "arm_errors", "statistic")
WORST = "worst"
MOST = 64  # scenarios; each is a solution per candidate


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """One soil, height and arm error: what it is called, and a candidate in it."""

    label: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Scenarios:
    """The scenarios of a robust study; empty tuples keep what the candidate has.

    soils: stacks.  heights: m.  arm_errors: fractions.  statistic: "worst", or the quantile that
    stands for all, counted from the bad end: 0.1 is reached or surpassed in nine tenths of them.
    """

    soils: tuple[Stack, ...] = ()
    heights: tuple[float, ...] = ()
    arm_errors: tuple[float, ...] = ()
    statistic: str | float = WORST

    def __post_init__(self) -> None:
        for height in self.heights:
            number("[robust] height", height, low=0.0, high=1000.0, unit="m")
        for error in self.arm_errors:
            number("[robust] arm_error", error, low=-0.5, high=1.0)
        if self.statistic != WORST:
            if isinstance(self.statistic, str):
                raise InputError(
                    f"[robust] statistic = {self.statistic!r} is not known; "
                    "allowed: worst, or a quantile in (0, 0.5]"
                )
            number("[robust] statistic", self.statistic, low=0.0, high=0.5, low_open=True)
        for name, values in (
            ("soils", [item.to_dict()["layers"] for item in self.soils]),
            ("heights", list(self.heights)),
            ("arm_errors", list(self.arm_errors)),
        ):
            if any(values.count(value) > 1 for value in values):
                raise InputError(f"[robust] {name} holds the same value twice; give it once")
        if self.count > MOST:
            raise InputError(
                f"[robust] makes {self.count} scenarios of soils x heights x arm_errors; "
                f"allowed: up to {MOST}; leave some out"
            )

    @property
    def count(self) -> int:
        """How many problems every candidate becomes."""
        return int(np.prod([max(1, len(v)) for v in (self.soils, self.heights, self.arm_errors)]))

    def of(self, problem: Problem) -> list[Scenario]:
        """Every scenario of the candidate ``problem``."""
        found = []
        layouts = {
            error: unequal_arms(problem.layout, error) for error in self.arm_errors or (0.0,)
        }
        for stack, height, error in product(
            self.soils or (problem.stack,), self.heights or (problem.height,), layouts
        ):
            parts = [stack.name] if self.soils else []
            parts += [f"height {height:g} m"] if self.heights else []
            parts += [f"arm {100.0 * error:+g} %"] if self.arm_errors else []
            case = replace(problem, layout=layouts[error], stack=stack, height=height)
            found.append(Scenario(", ".join(parts) or "nominal", case))
        return found

    def combine(self, values: FloatArray, higher_is_better: bool) -> FloatArray:
        """Values of all scenarios (k, ...) as one (...): the worst, or the quantile.

        The quantile interpolates linearly between the sorted values, as numpy's default does.
        """
        values = np.asarray(values, dtype=float)
        share = 0.0 if isinstance(self.statistic, str) else self.statistic
        return np.asarray(np.quantile(values, share if higher_is_better else 1.0 - share, axis=0))

    def to_dict(self) -> JsonDict:
        return {
            "soils": [stack.to_dict() for stack in self.soils],
            "heights": list(self.heights),
            "arm_errors": list(self.arm_errors),
            "statistic": self.statistic,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Scenarios:
        return cls(
            tuple(Stack.from_dict(item) for item in data["soils"]),
            tuple(data["heights"]),
            tuple(data["arm_errors"]),
            data["statistic"],
        )

    @classmethod
    def from_table(cls, table: Table | Mapping[str, Any]) -> Scenarios:
        """From [robust] of a study file.  Raises :class:`InputError` naming the key."""
        table = Table.of(table, "[robust]")
        table.only(*KEYS)
        soils = table.content.get("soils", ())
        if not isinstance(soils, (list, tuple)):
            raise table.fault(f"soils = {shown(soils)} is not a list; write soils = [...]")
        heights = table.numbers("heights", (), low=0.0, high=1000.0, unit="m")
        arm_errors = table.numbers("arm_errors", (), low=-0.5, high=1.0)
        if not (soils or heights or arm_errors):
            raise table.verdict("is empty; give soils, heights or arm_errors")
        with table.naming():
            return cls(
                tuple(_stack(item, table, index) for index, item in enumerate(soils, start=1)),
                heights,
                arm_errors,
                table.content.get("statistic", WORST),
            )


def _stack(value: object, table: Table, index: int) -> Stack:
    """A soil by name or path, a table of one half-space, or a Stack."""
    from ...media.soil_files import read_half_space
    from ...media.soils import load_soil

    if isinstance(value, (str, Stack)):
        return load_soil(value)
    if not isinstance(value, Mapping):
        raise table.fault(f"soil {shown(value)} is neither a name nor a table with eps_r; give one")
    return read_half_space(Table(value, table.file, f"{table.name} soil {index}", table.error))
