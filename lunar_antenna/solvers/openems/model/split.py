"""Ports that mirror planes keep apart: one small model per polarisation instead of a full one.

Of a shape that is its own mirror image in x = 0 or y = 0, ports centred on the x axis excite only
fields that are odd where those of ports centred on the y axis are even (the table in
:mod:`.symmetry`, and the same with x and y exchanged):

    port along   E tangential in x = 0   E tangential in y = 0
    x                  none                    as it comes
    y                  as it comes             none

so that the gaps of one kind carry neither voltage nor current when the other kind is driven: Z and
all loss matrices have no entry between them, and the idle gaps can be left open.  Each kind is
solved in a model of its own, that of the ports along y turned by -90 degrees, so that the walls
always are electric at x = 0 and magnetic at y = 0.  Two kinds of one shape, the arms of a
turnstile, share one model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from ....conventions import FloatArray
from ....geometry.layout import Gap, Layout, Port
from ....geometry.relief import Relief
from ....problem import Problem
from .symmetry import ON_PLANE, centred, find_symmetry, same_shape, sample_points


@dataclass(frozen=True, slots=True)
class Use:
    """Which ports of the problem (indices from 0) a model answers for, and whether it is turned."""

    ports: tuple[int, ...]
    turned: bool = False

    def back(self, vectors: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """(..., 3) positions or moments of the model as they lie in the problem's own frame."""
        if not self.turned:
            return vectors
        return np.stack((0.0 - vectors[..., 1], vectors[..., 0], vectors[..., 2]), axis=-1)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A problem that is solved for its own sake, and all that its answer is used for."""

    problem: Problem
    uses: tuple[Use, ...]

    @property
    def ports(self) -> str:
        """The ports as words, numbered from 1."""
        numbers = sorted(str(index + 1) for use in self.uses for index in use.ports)
        return f"port {numbers[0]}" if len(numbers) == 1 else f"ports {' and '.join(numbers)}"


def split(problem: Problem) -> tuple[Part, ...]:
    """The models of ``problem``: itself where mirror planes keep no ports apart."""
    layout = problem.layout
    whole = (Part(problem, (Use(tuple(range(len(layout.ports)))),)),)
    kinds = [
        tuple(number for number, port in enumerate(layout.ports) if centred(port, axis))
        for axis in (0, 1)
    ]
    if not kinds[1] or len(kinds[0]) + len(kinds[1]) < len(layout.ports):
        return whole
    parts: list[Part] = []
    for ports, turned in zip(kinds, (False, True), strict=True):
        if not ports:
            continue
        own = replace(layout, ports=tuple(layout.ports[i] for i in ports), ribbons=())
        if turned:
            own = quarter_turned(own)
        if find_symmetry(own).copies == 1:
            return whole
        use = Use(ports, turned)
        if parts and same_layout(parts[0].problem.layout, own):
            parts[0] = replace(parts[0], uses=(*parts[0].uses, use))
        else:
            parts.append(Part(replace(problem, layout=own), (use,)))
    return tuple(parts)


def quarter_turned(layout: Layout) -> Layout:
    """``layout`` turned by -90 degrees about the origin, exactly: (x, y) becomes (y, -x)."""

    def turn(points: FloatArray) -> FloatArray:
        return np.column_stack((points[:, 1], 0.0 - points[:, 0]))

    def turn_gap(gap: Gap) -> Gap:
        return replace(gap, x=gap.y, y=0.0 - gap.x, angle=gap.angle - math.pi / 2.0)

    relief, outline = layout.relief, layout.film_outline
    if relief is not None:
        terms = (replace(t, direction=t.direction - math.pi / 2.0) for t in relief.terms)
        relief = Relief(tuple(terms), relief.offset)
    return replace(
        layout,
        conductors=tuple(shapely.transform(item, turn) for item in layout.conductors),
        ports=tuple(Port(tuple(map(turn_gap, port.gaps)), port.name) for port in layout.ports),
        ribbons=(),
        film_outline=None if outline is None else shapely.transform(outline, turn),
        relief=relief,
    )


def same_layout(first: Layout, second: Layout) -> bool:
    """Whether two layouts of the same materials have the same metal, film, relief and ports."""
    if len(first.ports) != len(second.ports):
        return False
    for mine, other in zip(first.ports, second.ports, strict=True):
        gaps = [
            sorted((g.x, g.y, *g.direction, g.length, g.width) for g in port.gaps)
            for port in (mine, other)
        ]
        if len(gaps[0]) != len(gaps[1]):
            return False
        if not np.allclose(gaps[0], gaps[1], rtol=0.0, atol=ON_PLANE):
            return False
    shapes: list[tuple[BaseGeometry, BaseGeometry]] = [(first.surface, second.surface)]
    if first.film_outline is not None and second.film_outline is not None:
        shapes.append((first.film_outline, second.film_outline))
    if not all(same_shape(a, b) for a, b in shapes):
        return False
    points = sample_points(first)
    heights = [
        np.zeros(points[0].shape) if item.relief is None else item.relief.elevation(*points)
        for item in (first, second)
    ]
    return bool(np.abs(heights[0] - heights[1]).max() < 1e-9)
