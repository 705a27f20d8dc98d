"""Merits of the layout alone: masses and areas, in kg and m2, the less the better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...geometry import masses
from ...geometry.layout import Layout
from ...problem import Problem
from ..port import PortModel
from ..response import View
from .base import Merit

QUANTITIES: dict[str, Callable[[Layout], float]] = {
    "film_mass": masses.film_mass,
    "metal_mass": masses.metal_mass,
    "printed_area": masses.printed_area,
    "film_area": masses.film_area,
    "stowed_area": masses.stowed_area,
}


@dataclass(frozen=True, slots=True)
class LayoutMerit(Merit):
    """One of :data:`QUANTITIES`, the same whatever the layout lies on; no parameters."""

    maximise = False
    quantity: str

    @property
    def name(self) -> str:
        return self.quantity

    @property
    def parameters(self) -> tuple[str, ...]:
        return ()

    @property
    def needs(self) -> str:
        return "layout"

    def check(self, problem: Problem, port: PortModel) -> None:
        del port
        self.of(problem.layout)

    def value(self, view: View) -> float:
        return self.of(view.responses[0].problem.layout)

    def of(self, layout: Layout) -> float:
        """The quantity of ``layout``."""
        return float(QUANTITIES[self.quantity](layout))


MERITS = tuple(LayoutMerit(name) for name in QUANTITIES)
