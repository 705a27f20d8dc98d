"""Forward model of an inversion: port impedance for given soil, height and arm error.

One mesh for the whole prior box (:meth:`.Solver.one_mesh`), so that the impedance is a smooth
function of the parameters: a mesh that follows the soil would add steps of the size of its error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.checks import choice
from ..conventions import ComplexArray, FloatArray, JsonDict
from ..errors import InputError, UnsupportedProblemError
from ..geometry.arm_error import unequal_arms
from ..media.layer import Layer, Stack
from ..problem import Band, Problem

if TYPE_CHECKING:
    from ..emulation.emulator import Emulator
    from ..geometry.layout import Gap, Layout
    from ..solvers.protocol import Move, OneMesh, Solver

SOIL = ("eps_r", "loss_tangent", "conductivity")


@dataclass(frozen=True, slots=True, eq=False)
class Forward:
    """The antenna, its stack, and what is varied.

    layer: index of the stack's layer that eps_r, loss_tangent and conductivity refer to (0 is
    the uppermost).  densest: parameters of the problem that decides the mesh.  frequency: Hz.
    coarsening: of all spacings of the mesh that ``accuracy`` asks for.  emulator: of the impedance
    on that mesh, over the whole prior, in place of solver runs; None where there is none.
    """

    layout: Layout
    stack: Stack
    height: float
    layer: int
    frequency: FloatArray
    accuracy: str = "normal"
    densest: Mapping[str, float] = field(default_factory=dict)
    coarsening: float = 1.0
    emulator: Emulator | None = None

    def problem(self, values: Mapping[str, float]) -> Problem:
        """The problem with ``values`` (names of :mod:`prior`, those that need the solver) in."""
        layout = self.layout
        if "arm_error" in values:
            layout = unequal_arms(layout, values["arm_error"])
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

    def impedance(self, values: Mapping[str, float]) -> ComplexArray:
        """(n_freq,) ohm at the port."""
        from ..solvers.registry import refusal

        if self.emulator is not None:
            return self.emulator.z_of(self.problem(values))[:, 0, 0]
        solver, problem = self.solver(), self.problem(values)
        reason = refusal(solver, problem)
        if reason is not None:
            raise UnsupportedProblemError(f"solver {solver.name} cannot do this: {reason}")
        move: Move | None = None
        if "arm_error" in values:
            move = partial(stretched, gap=self.layout.gaps[0], error=values["arm_error"])
        return self.mesh(solver).impedance(problem, move)[:, 0, 0]

    def emulated(
        self,
        over: Mapping[str, tuple[float, float]],
        tolerance: float,
        progress: Callable[[float, str], None] | None = None,
    ) -> Forward:
        """The same with an emulator over the ranges ``over``, or itself where there can be none.

        tolerance: of the reflection.  Arms that stretch move the mesh; other solvers than planar
        keep their matrices to themselves.
        """
        from ..emulation.build import can_emulate, emulate

        solved = {name: ends for name, ends in over.items() if name in (*SOIL, "height")}
        if not solved or len(solved) < len(over) or "arm_error" in self.densest:
            return self
        if not can_emulate(self.meshed):
            return self
        names = {name: self._layered(name) for name in solved}
        made = emulate(
            self.meshed,
            {names[name]: ends for name, ends in solved.items()},
            tolerance,
            accuracy=self.accuracy,
            needs="impedance",
            check=False,  # the answer is, around itself
            progress=progress,
        )
        return replace(self, emulator=made)

    def direct(self, **changes: Any) -> Forward:
        """The same by the solver itself, with ``changes``."""
        return replace(self, emulator=None, **changes)

    def _layered(self, name: str) -> str:
        return name if name == "height" or not self.layer else f"{name}_{self.layer + 1}"

    def solver(self) -> Solver:
        """The fastest that keeps one mesh; raises as :func:`~.solvers.registry.choose` does."""
        from ..solvers.registry import choose

        return choose(self.meshed, one_mesh=True)[0]

    def mesh(self, solver: Solver) -> OneMesh:
        """The one mesh of all parameter values."""
        return solver.one_mesh(self.meshed, self.accuracy, self.coarsening)

    @property
    def meshed(self) -> Problem:
        """The problem that decides the mesh."""
        return self.problem({k: v for k, v in self.densest.items() if k != "arm_error"})

    def to_dict(self) -> JsonDict:
        return {
            "layout": self.layout.to_dict(),
            "stack": self.stack.to_dict(),
            "height": self.height,
            "layer": self.layer,
            "frequency": self.frequency.tolist(),
            "accuracy": self.accuracy,
            "densest": dict(self.densest),
            "coarsening": self.coarsening,
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
            data["coarsening"],
        )


def stretched(points: FloatArray, gap: Gap, error: float) -> FloatArray:
    """``points`` (n, 2) with the arm beyond ``gap`` longer by ``error``, as unequal_arms does.

    Moving the mesh itself keeps its cells, so that the impedance is smooth in ``error``.
    """
    beyond = np.maximum((points - [gap.x, gap.y]) @ gap.direction - 0.5 * gap.length, 0.0)
    return np.asarray(points + error * beyond[:, None] * gap.direction)


def only_gap(layout: Layout) -> Gap:
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
    losses = ("loss_tangent", "conductivity")
    free = [name for name in losses if name in named and name not in fixed]
    if len(free) == 2:
        raise InputError("loss_tangent and conductivity are both free; one loss: free one of them")
    kept = [
        name for name in losses if name not in free and fixed.get(name, getattr(layer, name)) > 0.0
    ]
    if len(free) + len(kept) > 1:
        raise InputError(
            f"layer {index} has {kept[0]} {fixed.get(kept[0], getattr(layer, kept[0])):g}; one "
            f"loss: free it, or fix {kept[0]} at 0"
        )


def check_accuracy(accuracy: str) -> None:
    """:class:`InputError` for a word that is no accuracy."""
    from ..solvers.protocol import ACCURACIES

    choice("accuracy", accuracy, ACCURACIES)
