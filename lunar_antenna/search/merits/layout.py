"""Merits of the layout alone: masses and areas, in kg and m2, the less the better."""

from __future__ import annotations

from dataclasses import dataclass

from ...geometry import masses
from ...geometry.layout import Layout
from ...problem import Problem
from ..study.port import PortModel
from ..study.response import View
from .base import Merit


@dataclass(frozen=True, slots=True)
class LayoutMerit(Merit):
    """A number of the layout, the same whatever it lies on."""

    maximise = False

    @property
    def needs(self) -> str:
        return "layout"

    def check(self, problem: Problem, port: PortModel) -> None:
        del port
        self.of(problem.layout)

    def value(self, view: View) -> float:
        return self.of(view.responses[0].problem.layout)

    def of(self, layout: Layout) -> float:
        """The function of :mod:`lunar_antenna.geometry.masses` that has the merit's name."""
        return float(getattr(masses, self.name)(layout))


@dataclass(frozen=True, slots=True)
class FilmMass(LayoutMerit):
    name = "film_mass"


@dataclass(frozen=True, slots=True)
class MetalMass(LayoutMerit):
    name = "metal_mass"


@dataclass(frozen=True, slots=True)
class PrintedArea(LayoutMerit):
    name = "printed_area"


@dataclass(frozen=True, slots=True)
class FilmArea(LayoutMerit):
    name = "film_area"


@dataclass(frozen=True, slots=True)
class StowedArea(LayoutMerit):
    name = "stowed_area"


LAYOUT_MERITS: tuple[type[LayoutMerit], ...] = (
    FilmMass, MetalMass, PrintedArea, FilmArea, StowedArea
)  # fmt: skip
