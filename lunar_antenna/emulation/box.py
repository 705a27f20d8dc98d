"""What an emulator lets vary: numbers of the stack by name, their ranges, the problems there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..common.checks import did_you_mean, span
from ..common.parameter import Parameter
from ..conventions import FloatArray, JsonDict
from ..errors import InputError
from ..media.layer import Layer, Stack
from ..problem import Problem

# Samples are uniform on the scale of each (see Parameter.offset): denser where Z bends more.
KINDS = {
    item.name: item
    for item in (
        Parameter("eps_r", "", None, 1.0, 100.0, "relative permittivity", offset=1.0),
        Parameter("loss_tangent", "", None, 0.0, 10.0, "tan delta", offset=1e-3),
        Parameter("conductivity", "S/m", None, 0.0, 10.0, "conductivity", offset=1e-4),
        Parameter("thickness", "m", None, 1e-3, 1000.0, "thickness of a layer", offset=0.0),
        Parameter("height", "m", None, 0.0, 100.0, "height of the film", offset=3e-3),
    )
}
_NAME = re.compile(r"([a-z_]+?)(?:_([1-9][0-9]*))?")
_ALLOWED = "eps_r, loss_tangent, conductivity, thickness (of layer 2: eps_r_2, ...) and height"


@dataclass(frozen=True, slots=True)
class Axis:
    """One varied number: its range, and the layer that it belongs to, 0 the uppermost."""

    name: str
    kind: str
    layer: int
    range: Parameter


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A problem and the ranges of what varies in it."""

    problem: Problem
    axes: tuple[Axis, ...]

    @classmethod
    def of(cls, problem: Problem, over: Mapping[str, tuple[float, float]]) -> Box:
        """Raises :class:`InputError` for a name or a range that the problem does not have."""
        if not isinstance(over, Mapping) or not over:
            raise InputError(f"over names nothing to vary; allowed: {_ALLOWED}")
        axes = tuple(_axis(problem, name, ends) for name, ends in over.items())
        seen: dict[tuple[str, int], str] = {}
        for axis in axes:
            first = seen.setdefault((axis.kind, axis.layer), axis.name)
            if first != axis.name:
                raise InputError(f"{first} and {axis.name} are the same number; give one of them")
        return cls(problem, axes)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(axis.name for axis in self.axes)

    def values(self, place: FloatArray) -> dict[str, float]:
        """The parameters at ``place`` (d,), each from 0 to 1 over its range."""
        return {
            axis.name: float(axis.range.at(u)) for axis, u in zip(self.axes, place, strict=True)
        }

    def checked(self, given: Mapping[str, object]) -> dict[str, float]:
        """``given`` as numbers of the box, every name once; :class:`InputError` for any other."""
        for name in given:
            if name not in self.names:
                raise InputError(
                    f"{name} was not emulated; {did_you_mean(name, self.names)}"
                    f"emulated: {self._told()}"
                )
        missing = [name for name in self.names if name not in given]
        if missing:
            raise InputError(f"{missing[0]} is not given; emulated: {self._told()}")
        return {axis.name: axis.range.check(given[axis.name], "emulated ") for axis in self.axes}

    def at(self, values: Mapping[str, float]) -> Problem:
        """The problem with ``values`` in it."""
        layers = list(self.problem.stack.layers)
        height = self.problem.height
        for axis in self.axes:
            value = values[axis.name]
            if axis.kind == "height":
                height = value
            else:
                changed: dict[str, Any] = {axis.kind: value}
                layers[axis.layer] = replace(layers[axis.layer], **changed)
        stack = self.problem.stack
        if layers != list(stack.layers):
            stack = Stack(layers, stack.name, stack.source)
        return Problem(self.problem.layout, stack, height, self.problem.band)

    @property
    def densest(self) -> Problem:
        """The problem with the shortest wavelength on the metal, which decides the mesh."""
        return self.at(
            {a.name: a.range.low if a.kind == "height" else a.range.high for a in self.axes}
        )

    def _told(self) -> str:
        return ", ".join(f"{a.name} {a.range.low:g} to {a.range.high:g}" for a in self.axes)

    def to_dict(self) -> JsonDict:
        return {
            "problem": self.problem.to_dict(),
            "over": {a.name: [a.range.low, a.range.high] for a in self.axes},
        }

    @classmethod
    def from_dict(cls, data: JsonDict) -> Box:
        over = {name: (low, high) for name, (low, high) in data["over"].items()}
        return cls.of(Problem.from_dict(data["problem"]), over)


def _axis(problem: Problem, name: str, ends: object) -> Axis:
    match = _NAME.fullmatch(name) if isinstance(name, str) else None
    kind = match[1] if match else ""
    if kind not in KINDS or (kind == "height" and match is not None and match[2]):
        raise InputError(
            f"over names {name!r}, which is not known; {did_you_mean(str(name), KINDS)}"
            f"allowed: {_ALLOWED}"
        )
    assert match is not None
    rule, layers = KINDS[kind], problem.stack.layers
    layer = int(match[2] or 1) - 1
    if problem.stack.is_free_space:
        raise InputError(f"{name} means nothing in free space; give a soil")
    if kind != "height":
        _check_layer(name, kind, layers, layer)
    low, high = span(
        f"over {name}",
        list(ends) if isinstance(ends, tuple) else ends,
        low=rule.low,
        high=rule.high,
        unit=rule.unit,
    )
    return Axis(name, kind, layer, replace(rule, name=name, low=low, high=high))


def _check_layer(name: str, kind: str, layers: tuple[Layer, ...], layer: int) -> None:
    if layer >= len(layers):
        raise InputError(
            f"{name} is of layer {layer + 1}; the stack has layers 1 (uppermost) to {len(layers)}"
        )
    if layers[layer].is_conductor:
        raise InputError(f"{name}: layer {layer + 1} is a perfect conductor; choose another")
    if kind == "thickness" and layer == len(layers) - 1:
        raise InputError(
            f"{name}: the last layer is infinitely thick; choose one of 1 to {len(layers) - 1}"
        )


def corners(count: int, most: int) -> FloatArray:
    """(n, count) up to ``most`` corners of the unit box, spread where it has more."""
    every = 2**count
    step = max(1, every // most)
    number = np.arange(0, every, step)[:most]
    number = np.append(number, every - 1)
    # the low bits of a number that counts in steps would be alike: they take the parity of all
    bits = (number[:, None] >> np.arange(count)) & 1
    if step > 1:
        alike = int(np.log2(step))
        bits[:, :alike] = (bits[:, alike:].sum(axis=1)[:, None] + np.arange(alike)) % 2
        bits[-1] = 1
    return np.unique(bits.astype(float), axis=0)
