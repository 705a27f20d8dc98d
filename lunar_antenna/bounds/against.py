"""A design against what its footprint allows: "x % of the bound", for a terminal and a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..common.facts import Facts, Rows
from ..conventions import FloatArray, JsonDict
from .bound import POINTS, Bound, Progress, bound_of

if TYPE_CHECKING:
    from ..solution import Solution


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Against(Facts):
    """``bound`` of ``shape``, and what of it a design reaches at its frequencies (n,)."""

    bound: Bound
    reached: FloatArray
    shape: str

    @property
    def line(self) -> str:
        """In one line, the worst and the best frequency."""
        worst, best = self._ends
        return f"{worst} to {best} of the bound of {self.bound.quantity.name} within {self.shape} m"

    @property
    def _ends(self) -> tuple[str, str]:
        mhz = self.bound.frequency / 1e6
        worst, best = int(self.reached.argmin()), int(self.reached.argmax())
        return (
            f"{100.0 * self.reached[worst]:.1f} % ({mhz[worst]:.2f} MHz)",
            f"{100.0 * self.reached[best]:.1f} % ({mhz[best]:.2f} MHz)",
        )

    def facts(self) -> Rows:
        worst, best = self._ends
        mean = 100.0 * float(self.reached.mean())
        return [
            ("of the bound", f"{self.bound.quantity.name} within {self.shape} m"),
            ("least", worst),
            ("most", best),
            ("mean", f"{mean:.1f} % of {self.reached.size} frequencies"),
        ]

    def to_dict(self) -> JsonDict:
        return {**self.bound.to_dict(), "reached": self.reached.tolist()}


def against(
    solution: Solution,
    shape: Any,
    points: int = POINTS,
    port: int = 1,
    progress: Progress | None = None,
) -> Against:
    """How much of the bound of sky share (efficiency in free space) within ``shape`` it reaches.

    shape, points: as in :func:`.bound.bound_of`.  Raises :class:`InputError` where the design does
    not lie within it.
    """
    found = bound_of(solution, shape, points, progress)
    x0, y0, x1, y1 = found.footprint.bounds
    named = shape if isinstance(shape, str) else f"{x1 - x0:g}x{y1 - y0:g}"
    return Against(found, found.reached_by(solution, port), named)
