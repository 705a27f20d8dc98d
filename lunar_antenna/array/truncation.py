"""What the macro basis and the grids leave out, in the array itself and not on pairs of it.

At elements where the array is densest the fields of *all* others are formed again: on the triangles
and with planar's own integrals from those nearby, on fine grids from those beyond, whatever the
solution took.  Each of these elements answers with all functions of its mesh,

    x_i' = X_p - P_i sum_j Z_ij x_j,        delta_i = x_i' - x_i,

P_i its response to a field with its gaps open.  Of this one sweep come the errors of

    Z         sum_i delta_i^T Z_i delta_i, of second order as Z itself,
    pattern   sum_i of the largest field of delta_i,
    losses    2 sum_i (R x)_i^H delta_i for the ground, of first order,

over the elements looked at, for currents driven at the ports of the densest one.  A further sweep
would change delta by a coupling, below a third even where films touch: :data:`SWEEPS` says so.

Apart from that, the element's own matrices have kernels that serve the whole band, while blocks
have those of one frequency; :func:`kernel_error` says how far Z of the element differs between
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..solvers.planar.matrices import Radial
from .blocks import Pose, near_part, poses
from .element import Element, Grid, Sources, real_times
from .macro import Driven, sky_fields
from .reduced import Coupling

LOOKED_AT = 4  # elements: the densest and those nearest to it
POINTS_TO = 2  # class of pairs below which triangles are integrated themselves
PARTS_TO = 4  # class below which grids are by part
FINE_PARTS, FINE_BOX = 20, 18  # nodes along the longest side
SWEEPS = 1.5
ALLOWED = 3.0
TABLES = 1e-5


Classes = list[tuple[int, dict[str, Grid] | None]]


@dataclass(frozen=True, slots=True, eq=False)
class Looker:
    """Everything that is asked about at one frequency.

    ground: {type: (n, n)} of all functions.  amplitude (n_function, p) per ampere at each port.
    known: moments of the functions on grids, as they are formed.
    """

    coupling: Coupling
    driven: Mapping[str, Driven]
    ground: Mapping[str, ComplexArray]
    amplitude: ComplexArray
    known: dict[tuple[str, int], Sources] = field(default_factory=dict)

    def densest(self) -> list[int]:
        """Elements to look at: the one with most beside it, and those nearest to it."""
        gap = self.coupling.pairs.gap
        size = max(item.diameter for item in self.coupling.elements.values())
        crowd = (1.0 / (gap / size + 0.05) ** 2).sum(axis=1)
        first = int(crowd.argmax())
        others = np.argsort(gap[first], kind="stable")[: LOOKED_AT - 1]
        return [first, *(int(k) for k in others if k != first)]

    def current(self, j: int, columns: slice) -> ComplexArray:
        """(n, m) currents of element ``j`` for 1 A at the ports ``columns``."""
        start, stop = self.coupling.offsets[j : j + 2]
        functions = self.coupling.macros[self.coupling.array.types[j]].functions
        return np.asarray(functions @ self.amplitude[start:stop, columns].astype(complex))

    def fields(self, name: str, i: int, columns: slice, classes: Classes) -> ComplexArray:
        """(n, m) reactions of all functions of element ``i`` with the currents of all others.

        What others of one class do is summed on the nodes over element ``i``, and tested once.
        """
        made = self.coupling
        array, own = made.array, made.elements[made.array.types[i]]
        out = np.zeros((own.unknowns, columns.stop - columns.start), dtype=complex)
        for kind, grids in classes:
            others = np.flatnonzero(made.pairs.kind[i] == kind)
            if not others.size:
                continue
            grid = None if grids is None else grids[own.key]
            points = own.points if grid is None else grid.position
            sums: list[ComplexArray] = [
                np.zeros((len(points), out.shape[1]), dtype=complex) for _ in range(3)
            ]
            every = poses(array.positions, array.rotations, i, others)
            for j, where in zip(others.tolist(), every, strict=True):
                pose = Pose(*(float(value) for value in where))
                for sum_, part in zip(
                    sums,
                    _acting(made.radial, name, points, self._source(j, columns, grids), pose),
                    strict=True,
                ):
                    sum_ += part
                if grids is None:
                    other = made.elements[array.types[j]]
                    whole = (np.eye(own.unknowns), self.current(j, columns))
                    near = near_part(made.radial, own, other, pose, (name,), whole)
                    out += near.get(name, 0.0)
            out += _tested(own, grid, *sums)
        return out

    def _source(self, j: int, columns: slice, grids: dict[str, Grid] | None) -> Sources:
        """Moments of the currents of element ``j`` on the nodes of its type, or its points."""
        key = self.coupling.array.types[j]
        functions = self.coupling.grids[key, 0] if grids is None else self._on_grid(key, grids[key])
        start, stop = self.coupling.offsets[j : j + 2]
        amplitude = self.amplitude[start:stop, columns].astype(complex)
        return Sources(
            functions.position,
            functions.x @ amplitude,
            functions.y @ amplitude,
            functions.charge @ amplitude,
        )

    def _on_grid(self, key: str, grid: Grid) -> Sources:
        """Moments of the functions of a type on a grid, formed once."""
        if (key, id(grid)) not in self.known:
            functions = self.coupling.macros[key].functions
            self.known[key, id(grid)] = self.coupling.elements[key].on_grid(grid, functions)
        return self.known[key, id(grid)]

    def classes(self) -> Classes:
        """Classes of pairs, each with the grids of every type; None: the triangles themselves."""
        from .pairs import ENDS

        elements = self.coupling.elements
        parts = {key: item.grid(FINE_PARTS, by_part=True) for key, item in elements.items()}
        boxes = {key: item.grid(FINE_BOX, by_part=False) for key, item in elements.items()}
        return [
            (number, None if number < POINTS_TO else parts if number < PARTS_TO else boxes)
            for number in range(len(ENDS))
        ]


def _acting(
    radial: Radial, name: str, points: FloatArray, source: Sources, pose: Pose
) -> tuple[ComplexArray, ComplexArray, ComplexArray]:
    """x, y and charge part (n, m) of the field of ``source``, which stands at ``pose``."""
    a: Any
    phi: Any
    if name == "z":
        a, phi = radial.impedance(points, pose.move(source.position))
    else:
        a, phi = radial.loss(name, points, pose.move(source.position))
    c, s = np.cos(pose.angle), np.sin(pose.angle)
    x, y = c * source.x - s * source.y, s * source.x + c * source.y
    if name != "z":
        return tuple(real_times(k, v) for k, v in ((a, x), (a, y), (phi, source.charge)))  # type: ignore[return-value]
    return a @ x, a @ y, phi @ source.charge


def _tested(
    element: Element, grid: Grid | None, x: ComplexArray, y: ComplexArray, charge: ComplexArray
) -> ComplexArray:
    """(n, m) reactions of all functions with a field on the nodes of ``grid``, or the points."""
    if grid is not None:
        return element.tested(grid, x, y, charge)
    return np.asarray(sum(m.T @ f for m, f in zip(element.moments, (x, y, charge), strict=True)))


def array_errors(looker: Looker) -> FloatArray:
    """(3,) errors of Z (of max |Z|), pattern (of the largest field) and losses (of max Re Z)."""
    made = looker.coupling
    array = made.array
    if array.n_elements == 1:
        return np.zeros(3)
    elements, classes = looker.densest(), looker.classes()
    ports = np.array([made.macros[key].ports for key in array.types])
    start = int(ports[: elements[0]].sum())
    columns = slice(start, start + int(ports[elements[0]]))
    z = loss = np.zeros((columns.stop - columns.start,) * 2, dtype=complex)
    beam = 0.0
    for i in elements:
        driven = looker.driven[array.types[i]]
        current = looker.current(i, columns)
        answered = -driven.response(looker.fields("z", i, columns, classes))
        if i == elements[0]:
            answered = answered + driven.primary
        change = answered - current
        z = z + np.abs(change.T @ (driven.z @ change))
        lost = looker.ground[array.types[i]] @ current + looker.fields(
            "ground", i, columns, classes
        )
        loss = loss + 2.0 * np.abs(lost.conj().T @ change)
        sky = sky_fields(driven.element, made.radial.frequency)
        beam += float(np.abs(sky.T @ change).max())
    whole = [item.impedance for item in looker.driven.values()]
    peak = max(
        float(np.abs(sky_fields(item.element, made.radial.frequency).T @ item.primary).max())
        for item in looker.driven.values()
    )
    return SWEEPS * np.array(
        [
            float(np.abs(z).max()) / max(float(np.abs(item).max()) for item in whole),
            beam / peak,
            float(np.abs(loss).max()) / max(float(np.abs(item.real).max()) for item in whole),
        ]
    )


def kernel_error(radial: Radial, driven: Driven) -> float:
    """How far Z of an element with kernels of the band is from that with those of one frequency.

    Of max |Z|.
    """
    other = driven.element.whole.impedance_by(radial.kernels)
    difference = driven.primary.T @ ((other - driven.z) @ driven.primary)
    return float(np.abs(difference).max() / np.abs(driven.impedance).max())


def stated(errors: Mapping[str, float]) -> dict[str, float]:
    """Errors of Z (of max |Z|), pattern (of its peak) and losses (of max Re Z), all that is known.

    :data:`ALLOWED` times what was found, since not every element is looked at, and what linear
    interpolation in two tables, 4e-6 of terms that partly cancel, may cost.
    """
    z = errors["basis_z"] + errors["far_z"]
    return {
        "error_z": ALLOWED * z + errors["kernel_z"] + errors["residual"] + TABLES,
        "error_pattern": ALLOWED * (errors["basis_pattern"] + errors["far_current"]) + TABLES,
        "error_loss": ALLOWED * (errors["basis_loss"] + errors["far_z"]) + TABLES,
    }
