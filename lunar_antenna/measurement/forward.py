"""Forward model of an inversion: port impedance for given soil, height and arm error.

The planar solver on ONE mesh for the whole prior box, so that the impedance is a smooth function
of the parameters: a mesh that follows the soil would add steps of the size of its own error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from ..checks import choice, number
from ..conventions import ComplexArray, FloatArray, JsonDict
from ..errors import InputError, UnsupportedProblemError
from ..media.layer import Layer, Stack
from ..problem import Band, Problem

if TYPE_CHECKING:
    from ..geometry.layout import Layout
    from ..geometry.mesh import TriangleMesh

SOIL = ("eps_r", "loss_tangent", "conductivity")


@dataclass(frozen=True, slots=True, eq=False)
class Forward:
    """The antenna, its stack, and what is varied.

    layer: index of the stack's layer that eps_r, loss_tangent and conductivity refer to (0 is
    the uppermost).  densest: parameters of the problem that decides the mesh.  frequency: Hz.
    """

    layout: Layout
    stack: Stack
    height: float
    layer: int
    frequency: FloatArray
    accuracy: str = "normal"
    densest: Mapping[str, float] = field(default_factory=dict)
    _meshes: dict[float, TriangleMesh] = field(default_factory=dict, repr=False)

    def problem(self, values: Mapping[str, float]) -> Problem:
        """The problem with ``values`` (names of :mod:`prior`, those that need the solver) in."""
        layout = self.layout
        if "arm_error" in values:
            layout = with_longer_arm(layout, values["arm_error"])
        return Problem(
            layout,
            self.stack_with(values),
            values.get("height", self.height),
            Band(self.frequency),
        )

    def stack_with(self, values: Mapping[str, float]) -> Stack:
        """The stack with the soil parameters of ``values`` in its layer."""
        if not any(name in values for name in SOIL):
            return self.stack
        layers = list(self.stack.layers)
        old = layers[self.layer]
        eps_r, loss_tangent, conductivity = (values.get(name, getattr(old, name)) for name in SOIL)
        layers[self.layer] = Layer(old.thickness, eps_r, loss_tangent, conductivity)
        return Stack(layers, self.stack.name, self.stack.source)

    def impedance(self, values: Mapping[str, float], coarsening: float = 1.0) -> ComplexArray:
        """(n_freq,) ohm at the port; ``coarsening`` > 1 solves on a mesh that much coarser."""
        from ..solvers.planar.blas import one_blas_thread

        return one_blas_thread(self._impedance)(values, coarsening)

    def _impedance(self, values: Mapping[str, float], coarsening: float) -> ComplexArray:
        from ..solvers.planar.kernels import kernels_for
        from ..solvers.planar.solver import PlanarSolver
        from ..solvers.planar.sweep import run_sweep

        problem = self.problem(values)
        reason = PlanarSolver().refusal(problem)
        if reason is not None:
            raise UnsupportedProblemError(f"an inversion needs the planar solver: {reason}")
        mesh = self.mesh(coarsening)
        if "arm_error" in values:
            gap = self.layout.gaps[0]
            mesh = replace(
                mesh,
                vertices=stretched(mesh.vertices, gap, values["arm_error"]),
                mirror_x=False,
                mirror_y=False,
                n_fundamental=len(mesh.triangles),
            )
        x0, y0, x1, y1 = problem.layout.bounds
        kernels = kernels_for(problem, problem.frequency, float(np.hypot(x1 - x0, y1 - y0)))
        return run_sweep(problem, kernels, mesh, losses=False, currents=False).z[:, 0, 0]

    def mesh(self, coarsening: float = 1.0) -> TriangleMesh:
        """The one mesh of all parameter values, made at its first use."""
        if coarsening not in self._meshes:
            from ..geometry.mesh import triangulate
            from ..solvers.planar.accuracy import mesh_size

            values = {k: v for k, v in self.densest.items() if k != "arm_error"}
            size = mesh_size(self.problem(values), self.accuracy)
            self._meshes[coarsening] = triangulate(self.layout, size.coarser(coarsening))
        return self._meshes[coarsening]

    def to_dict(self) -> JsonDict:
        return {
            "layout": self.layout.to_dict(),
            "stack": self.stack.to_dict(),
            "height": self.height,
            "layer": self.layer,
            "frequency": self.frequency.tolist(),
            "accuracy": self.accuracy,
            "densest": dict(self.densest),
        }

    @classmethod
    def from_dict(cls, data: JsonDict) -> Forward:
        from ..geometry.layout import Layout

        return cls(
            Layout.from_dict(data["layout"]),
            Stack.from_dict(data["stack"]),
            data["height"],
            data["layer"],
            np.array(data["frequency"]),
            data["accuracy"],
            data["densest"],
        )


def stretched(points: FloatArray, gap: object, fraction: float) -> FloatArray:
    """``points`` (n, 2) with all beyond the gap's positive end drawn out by 1 + ``fraction``."""
    direction, length = gap.direction, gap.length  # type: ignore[attr-defined]
    centre = np.array([gap.x, gap.y])  # type: ignore[attr-defined]
    along = (points - centre) @ direction
    beyond = np.maximum(along - 0.5 * length, 0.0)
    return np.asarray(points + fraction * beyond[:, None] * direction)


def with_longer_arm(layout: Layout, fraction: float) -> Layout:
    """``layout`` with the arm on the positive side of its only gap longer by ``fraction``."""
    fraction = number("arm_error", fraction, low=0.0, high=0.5)
    gap = only_gap(layout)

    def stretch(points: FloatArray) -> FloatArray:
        return stretched(points, gap, fraction)

    outline = layout.film_outline
    return replace(
        layout,
        conductors=tuple(shapely.transform(part, stretch) for part in layout.conductors),
        ribbons=(),
        film_outline=None if outline is None else shapely.transform(outline, stretch),
    )


def only_gap(layout: Layout) -> object:
    """The gap of a layout with one port of one gap; :class:`InputError` for any other."""
    if len(layout.gaps) != 1:
        raise InputError(
            f"arm_error needs a layout with one gap, {layout.name} has {len(layout.gaps)}; "
            "leave arm_error out"
        )
    return layout.gaps[0]


def check(
    layout: Layout, stack: Stack, layer: int, free: tuple[str, ...], fixed: Mapping[str, float]
) -> None:
    """:class:`InputError` where the parameters named do not fit the layout or the stack."""
    named = {*free, *fixed}
    if len(layout.ports) != 1:
        raise InputError(
            f"{layout.name} has {len(layout.ports)} ports; an inversion takes one-port layouts"
        )
    if "arm_error" in named:
        only_gap(layout)
    soil = [name for name in SOIL if name in named]
    if not soil:
        if "height" in named and stack.is_free_space:
            raise InputError("height means nothing in free space; give a soil")
        return
    if not stack.layers:
        raise InputError(f"{soil[0]} needs a soil, this stack is free space; give a soil")
    if not isinstance(layer, int) or not 0 <= layer < len(stack.layers):
        raise InputError(
            f"layer = {layer!r}; {stack.name} has layers 0 (uppermost) to {len(stack.layers) - 1}"
        )
    _check_loss(stack.layers[layer], layer, named, fixed)


def _check_loss(layer: Layer, index: int, named: set[str], fixed: Mapping[str, float]) -> None:
    if layer.is_conductor:
        raise InputError(f"layer {index} is a perfect conductor and has no eps_r; choose another")
    for free, other in (("loss_tangent", "conductivity"), ("conductivity", "loss_tangent")):
        if free not in named:
            continue
        held = fixed.get(other, getattr(layer, other))
        if other in named - set(fixed):
            raise InputError(f"{free} and {other} are both free; one loss: free one of them")
        if held > 0.0:
            raise InputError(
                f"layer {index} has {other} {held:g}; one loss: free {other} instead of {free}, "
                f"or fix {other} at 0"
            )


def check_accuracy(accuracy: str) -> None:
    """:class:`InputError` for a word that is no accuracy."""
    from ..solvers.base import ACCURACIES

    choice("accuracy", accuracy, ACCURACIES)
