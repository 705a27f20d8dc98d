"""Arrays are exported like antennas of many ports: the embedded pattern of each, the others open.

What formats ask of a solution an array's answers too, once its elements lie in one layout.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from shapely import affinity

from ..conventions import ComplexArray, FloatArray, IntArray, wavenumber
from ..errors import InputError
from ..geometry.layout import Gap, Layout, Port
from ..problem import Problem
from ..radiation import CurrentElements
from ..solution import Solution
from ..store import MATRICES

if TYPE_CHECKING:
    from ..array_solution import ArraySolution

MOST_BYTES = 2e9  # of the matrices of all frequencies, which formats hold at once


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WholeArray(Solution):
    """An ArraySolution as formats take it: its matrices in memory, its fields where they are.

    elements: the corners of the array, for its size, and no moments.
    element: number of the one whose ports these are, the phase origin at its place; None: all.
    """

    source: ArraySolution | None = None
    element: int | None = None

    def fields(
        self, index: int, current: ComplexArray | None, theta: FloatArray, phi: FloatArray
    ) -> tuple[ComplexArray, ComplexArray]:
        source = self.source
        assert source is not None
        if self.element is None:
            return source.fields(index, current, theta, phi)
        members = _members(source, self.element)
        given = np.eye(members.size) if current is None else current
        every = np.zeros((len(given), source.n_ports), dtype=complex)
        every[:, members] = given
        k = float(wavenumber(source.frequency[index : index + 1])[0])
        x, y = source.array.positions[self.element]
        path = np.sin(theta) * (x * np.cos(phi) + y * np.sin(phi))
        back = np.exp(-1j * k * path)
        e_theta, e_phi = source.fields(index, every, theta, phi)
        return e_theta * back, e_phi * back


def _members(solution: ArraySolution, element: int) -> IntArray:
    """Ports of an element, from 0."""
    return np.flatnonzero([owner == element for owner, _ in solution.array.ports])


def one_element(solution: ArraySolution, element: int) -> WholeArray:
    """The ports of one element among all others, the phase origin at the element's position."""
    array, members = solution.array, _members(solution, element)
    x, y = array.positions[element]
    whole = _layout(solution)
    layout = Layout(
        f"{array.name}: element {array.names[element]}",
        tuple(affinity.translate(item, -x, -y) for item in whole.conductors),
        tuple(
            Port(
                tuple(replace(gap, x=gap.x - x, y=gap.y - y) for gap in whole.ports[k].gaps),
                whole.ports[k].name,
            )
            for k in members
        ),
        metal=whole.metal,
        film=whole.film,
    )
    problem = Problem(layout, array.stack, array.height, array.band)
    x0, y0, x1, y1 = array.bounds
    corners = np.array([(a - x, b - y, problem.metal_height) for a in (x0, x1) for b in (y0, y1)])
    rows = np.ix_(members, members)
    count = solution.frequency.size
    matrices: dict[str, Any] = {
        name: np.stack([solution.matrix(name, k)[rows] for k in range(count)]) for name in MATRICES
    }
    return WholeArray(
        problem=problem,
        frequency=solution.frequency,
        **matrices,
        elements=CurrentElements(
            corners, np.zeros((solution.frequency.size, members.size, 0, 3), dtype=complex)
        ),
        quality=solution.quality,
        provenance=solution.provenance,
        source=solution,
        element=element,
    )


def whole_array(solution: ArraySolution) -> WholeArray:
    """``solution`` as formats take it; :class:`InputError` where it does not fit into memory."""
    count = solution.frequency.size * solution.n_ports**2 * 16 * len(MATRICES)
    if count > MOST_BYTES:
        raise InputError(
            f"{solution.n_ports} ports at {solution.frequency.size} frequencies have "
            f"{count / 1e9:.1f} GB of matrices; allowed are {MOST_BYTES / 1e9:g}: solve fewer "
            "frequencies"
        )
    array = solution.array
    layout = _layout(solution)
    problem = Problem(layout, array.stack, array.height, array.band)
    x0, y0, x1, y1 = array.bounds
    corners = np.array([(x, y, problem.metal_height) for x in (x0, x1) for y in (y0, y1)])
    nothing = np.zeros((solution.frequency.size, solution.n_ports, 0, 3), dtype=complex)
    return WholeArray(
        problem=problem,
        frequency=solution.frequency,
        **{name: getattr(solution, name) for name in MATRICES},
        elements=CurrentElements(corners, nothing),
        quality=solution.quality,
        provenance=solution.provenance,
        source=solution,
    )


def _layout(solution: ArraySolution) -> Layout:
    """All elements where they lie, with the ports in the array's order."""
    array = solution.array
    conductors, gaps_of = [], []
    for index, key in enumerate(array.types):
        turn, place = float(array.rotations[index]), array.positions[index]
        for polygon in array.layouts[key].conductors:
            turned = affinity.rotate(polygon, turn, origin=(0, 0), use_radians=True)
            conductors.append(affinity.translate(turned, *place))
        for port in array.layouts[key].ports:
            gaps_of.append(tuple(_placed(gap, turn, place) for gap in port.gaps))
    first = next(iter(array.layouts.values()))
    ports = (Port(gaps, name) for gaps, name in zip(gaps_of, solution.port_names, strict=True))
    return Layout(array.name, tuple(conductors), tuple(ports), metal=first.metal, film=first.film)


def _placed(gap: Gap, turn: float, place: FloatArray) -> Gap:
    c, s = np.cos(turn), np.sin(turn)
    x, y = c * gap.x - s * gap.y + place[0], s * gap.x + c * gap.y + place[1]
    return replace(gap, x=float(x), y=float(y), angle=gap.angle + turn)
