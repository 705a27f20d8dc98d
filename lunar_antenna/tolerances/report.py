"""What a tolerance analysis found, as numbers, a table and JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..common.facts import Pictured, Rows
from ..common.files import plain
from ..conventions import JsonDict
from .builds import QUANTILES, Builds

QUANTITIES = ("band_low", "band_high", "band_ratio", "inside", "lowest")
FACTORS = ("eps_r", "loss_tangent")  # of the whole stack: 1 is the soil as it is, no permittivity
SMALLEST = 1e-9  # of a change in MHz or of a ratio: rounding
LINEAR = 0.1  # largest departure from a straight line, as a fraction of the change


@dataclass(frozen=True, slots=True)
class Effect:
    """How one quantity follows one variable.

    slope: per unit of the variable.  minus, plus: its change at -tolerance and +tolerance, None
    where that is out of range.  residual: largest departure from the straight line.  linear:
    False where that is too large, or where the band or the solution was lost (values are nan).
    """

    slope: float
    minus: float | None
    plus: float | None
    residual: float
    linear: bool

    @property
    def largest(self) -> float:
        """Largest change within the tolerance; nan where the quantity was lost."""
        given = [abs(v) for v in (self.minus, self.plus) if v is not None]
        return math.nan if any(math.isnan(v) for v in given) else max(given)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One variable: where it is, by how much it varies, what that does.

    reason: why a point could not be evaluated, or None.
    """

    name: str
    unit: str
    value: float
    tolerance: float
    effects: Mapping[str, Effect]
    reason: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ToleranceReport(Pictured):
    """All sensitivities of a design at one termination z0 (ohm).

    nominal: band_low, band_high (Hz), band_ratio, inside (lowest efficiency between those edges)
    and lowest (over the whole solved band).  corners: (lowest, highest) change of each, of the
    corners that were built; empty where none was.  With an error the band has gaps as soon as
    ``inside`` is below the threshold, whatever its edges do.
    """

    geometry: str
    soil: str
    height: float
    z0: float
    threshold: float
    efficiency: str
    solver: str
    accuracy: str
    nominal: Mapping[str, float]
    sensitivities: tuple[Sensitivity, ...]
    evaluations: int
    corners: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    corner_evaluations: int = 0
    builds: Builds | None = None

    def facts(self) -> Rows:
        low, high = (self.nominal[name] / 1e6 for name in ("band_low", "band_high"))
        rows = [
            ("design", f"{self.geometry} on {self.soil}, height {self.height:g} m"),
            ("band", f"{low:.3f} to {high:.3f} MHz, {self.efficiency} >= {self.threshold:g}"),
            ("reference", f"{self.z0:.4g} ohm"),
            ("lowest in the band", f"{self.nominal['inside']:.4f}"),
            ("variables", str(len(self.sensitivities))),
        ]
        return rows + [("", line) for line in self.yields()]

    def together(self, quantity: str) -> tuple[float, float]:
        """(root of the sum of squares, sum) of the largest changes of ``quantity``.

        Both are linear: they add single effects, and what variables do to each other is not in
        them.  The first is for independent errors, the second for all signs at their worst, which
        real corners exceed where effects are not straight.  Both leave out variables with which
        the quantity was lost.
        """
        changes = [item.effects[quantity].largest for item in self.sensitivities]
        known = [value for value in changes if not math.isnan(value)]
        return math.sqrt(sum(value**2 for value in known)), sum(known)

    def rows(self) -> list[tuple[str, ...]]:
        """A table for people: edges in MHz, largest change first; ~ marks what is not linear."""
        head = ("variable", "value", "+-", "low/MHz", "high/MHz", "ratio", "inside", "lowest")
        first = ("nominal", "", "", *_cells(self.nominal))
        ordered = sorted(
            self.sensitivities,
            key=lambda item: -_sortable(item.effects["band_ratio"].largest),
        )
        body = [
            (item.name, *_stated(item),
             *(_change(item.effects[name], name) for name in QUANTITIES))
            for item in ordered
        ]  # fmt: skip
        sums = [self.together(name) for name in QUANTITIES]
        tail = [
            (label, "", "", *(f"{pair[k] / _scale(name):.4g}"
                              for name, pair in zip(QUANTITIES, sums, strict=True)))
            for k, label in enumerate(("root sum square", "linear sum"))
        ]  # fmt: skip
        if self.corners:
            tail.append(("corners built", "", "", *(_range(self.corners, n) for n in QUANTITIES)))
        if self.builds is not None:
            for k, part in enumerate(QUANTILES):
                row = (self.builds.quantiles(name)[k] / _scale(name) for name in QUANTITIES)
                tail.append((f"{100 * part:g} % of builds", "", "", *(f"{v:.4f}" for v in row)))
        return [head, first, *body, *tail]

    def yields(self) -> list[str]:
        """A line per requirement, and one for all of them; empty without builds."""
        if self.builds is None:
            return []
        found = self.builds
        shares = [(item.label, found.share(item)) for item in found.requirements]
        if len(shares) > 1:
            shares.append(("all of them", found.together))
        lines = [
            f"yield: {label}: {100 * share.value:.1f} % of {found.count} builds "
            f"(95 % interval {100 * share.low:.1f} to {100 * share.high:.1f} %)"
            for label, share in shares
        ]
        lost = max(found.lost(name) for name in QUANTITIES)
        if lost:
            lines.append(f"{lost} builds lost a quantity; they count as failed, not in quantiles")
        return lines

    def to_dict(self) -> JsonDict:
        """The JSON document of ``lunar-antenna tolerance --json``; lost values are None."""
        return {
            "geometry": self.geometry,
            "soil": self.soil,
            "height": self.height,
            "z0": self.z0,
            "threshold": self.threshold,
            "efficiency": self.efficiency,
            "solver": self.solver,
            "accuracy": self.accuracy,
            "evaluations": self.evaluations,
            "nominal": dict(self.nominal),
            "together": {
                name: {
                    **dict(
                        zip(("root_sum_square", "linear_sum"), self.together(name), strict=True)
                    ),
                    "corners": [plain(value) for value in self.corners.get(name, ())],
                }
                for name in QUANTITIES
            },
            "corner_evaluations": self.corner_evaluations,
            "yield": None if self.builds is None else self.builds.to_dict(),
            "sensitivities": [
                {
                    "name": item.name,
                    "unit": item.unit,
                    "value": item.value,
                    "tolerance": item.tolerance,
                    "reason": item.reason,
                    "effects": {name: _effect(effect) for name, effect in item.effects.items()},
                }
                for item in self.sensitivities
            ],
        }


def _effect(effect: Effect) -> JsonDict:
    return {
        "slope": plain(effect.slope),
        "minus": plain(effect.minus),
        "plus": plain(effect.plus),
        "residual": plain(effect.residual),
        "linear": effect.linear,
    }


def _range(corners: Mapping[str, tuple[float, float]], quantity: str) -> str:
    return "/".join(_moved(value, quantity) for value in corners[quantity])


def _moved(value: float, quantity: str) -> str:
    """A change with four decimals; one that these would hide with two digits, none as 0."""
    if math.isnan(value):
        return "lost"
    change = value / _scale(quantity)
    if abs(change) < SMALLEST:
        return "0"
    return f"{change:+.4f}" if abs(change) >= 5e-4 else f"{change:+.1e}"


def _scale(quantity: str) -> float:
    return 1e6 if quantity.startswith("band_") and quantity != "band_ratio" else 1.0


def _sortable(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _stated(item: Sensitivity) -> tuple[str, str]:
    """Value and tolerance for people; of a factor of the whole stack it is said that it is one."""
    if item.name in FACTORS:
        return f"x {item.value:.6g}", f"{item.tolerance:.4g} of it"
    return f"{item.value:.6g}", f"{item.tolerance:.4g} {item.unit}".removesuffix(" 1")


def _cells(values: Mapping[str, float]) -> list[str]:
    return [f"{values[name] / _scale(name):.4f}" for name in QUANTITIES]


def _change(effect: Effect, quantity: str) -> str:
    def one(value: float | None) -> str:
        if value is None:
            return ""
        return _moved(value, quantity)

    both = "/".join(text for text in (one(effect.minus), one(effect.plus)) if text)
    return both if effect.linear else f"{both} ~"
