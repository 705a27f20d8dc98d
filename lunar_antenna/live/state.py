"""What is steered: numbers of the layout, soil, height, reference, network; the problem meant."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

import numpy as np

from ..circuit.networks import ELEMENTS, MOST, Element
from ..common.checks import number
from ..common.parameter import Parameter
from ..conventions import JsonDict
from ..errors import InputError
from ..geometry.families import FAMILIES, family
from ..geometry.layout import Layout
from ..geometry.load import load_geometry
from ..geometry.modifiers import MODIFIERS, modifier
from ..media.layer import Stack
from ..media.soils import load_soil, soil_names
from ..problem import Band, Problem

FREE_SPACE = "free-space"
LOWEST_MHZ, HIGHEST_MHZ = 5.0, 35.0
# frequencies: a handful is solved, the reduced basis gives the others
POINTS, MOVING = 61, 31  # at rest, and while something moves
RATIO = 1.15  # in size, of layouts that are solved ahead
HIGHEST = 1.0  # m, of the slider of height, or twice what was given
WIDER = 3.0  # a slider reaches from a third to three times the number that it starts from


@dataclass(frozen=True, slots=True)
class State:
    """values: overridden parameters, SI, dotted names of modifiers.  soil: a name.  eps_r,
    loss_tangent: of the uppermost layer, None as the soil has it.  height: m.  z0: ohm.
    network: from the antenna to the load."""

    values: Mapping[str, float] = field(default_factory=dict)
    soil: str = FREE_SPACE
    eps_r: float | None = None
    loss_tangent: float | None = None
    height: float = 0.0
    z0: float = 100.0
    network: tuple[tuple[Element, float], ...] = ()

    @classmethod
    def read(cls, given: object) -> State:
        """Of a message; :class:`InputError` in one line for what is no state."""
        if not isinstance(given, Mapping):
            raise InputError(f"state is {type(given).__name__}; give a table of numbers")
        values = given.get("values", {})
        if not isinstance(values, Mapping):
            raise InputError(f"values is {type(values).__name__}; give name: number")
        network = given.get("network", [])
        if not isinstance(network, list) or len(network) > MOST:
            raise InputError(f"network holds more than {MOST} elements, or is no list")
        return cls(
            {str(name): number(str(name), value) for name, value in values.items()},
            str(given.get("soil", FREE_SPACE)),
            _optional(given, "eps_r", 1.0, 100.0),
            _optional(given, "loss_tangent", 0.0, 10.0),
            number("height", given.get("height", 0.0), low=0.0, high=100.0, unit="m"),
            number("z0", given.get("z0", 100.0), low=0.0, low_open=True, high=1e6, unit="ohm"),
            tuple(_element(item) for item in network),
        )

    @property
    def ground(self) -> tuple[Any, ...]:
        """What of it the stack depends on."""
        return self.soil, self.eps_r, self.loss_tangent


def _optional(given: Mapping[str, Any], name: str, low: float, high: float) -> float | None:
    value = given.get(name)
    return None if value is None else number(name, value, low=low, high=high)


def _element(item: object) -> tuple[Element, float]:
    if not isinstance(item, Mapping):
        raise InputError(f"network element is {type(item).__name__}; give element and value")
    table = {"element": item.get("element"), "value": item.get("value")}
    made = Element.from_table(table)
    return made, made.low


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What a workbench was opened with.

    layout: at first.  soils: extra stacks by name, those that are not shipped.  start: the state.
    """

    layout: Layout
    soils: Mapping[str, Stack]
    start: State
    _read: dict[str, Stack] = field(default_factory=dict)

    @classmethod
    def open(
        cls,
        geometry: str | os.PathLike[str] | Layout,
        soil: str | os.PathLike[str] | Stack | None = None,
        height: float = 0.0,
        z0: float = 100.0,
    ) -> Bench:
        """Raises :class:`InputError` for what cannot be read."""
        layout = load_geometry(geometry)
        free = soil is None or (isinstance(soil, str) and soil == FREE_SPACE)
        stack = Stack.free_space() if soil is None or free else load_soil(soil)
        name = FREE_SPACE if stack.is_free_space else stack.name
        own = {} if name in soil_names() and soil == name else {name: stack}
        if name == FREE_SPACE:
            own = {}
        start = State.read({"soil": name, "height": height, "z0": z0})
        return cls(layout, own, start)

    def stack(self, state: State) -> Stack:
        """The soil of ``state``, its uppermost layer changed where it says so."""
        if state.soil == FREE_SPACE:
            return Stack.free_space()
        stack = self.soils.get(state.soil) or self._read.get(state.soil)
        if stack is None:
            stack = self._read[state.soil] = load_soil(state.soil)
        changes: dict[str, Any] = {}
        if state.eps_r is not None:
            changes["eps_r"] = state.eps_r
        if state.loss_tangent is not None:
            changes["loss_tangent"] = state.loss_tangent
        if not changes or stack.layers[0].is_conductor:
            return stack
        first = replace(stack.layers[0], **changes)
        return Stack((first, *stack.layers[1:]), stack.name, stack.source)

    def drawn(self, state: State) -> Layout:
        """The layout of ``state``; raises :class:`InputError` for one that cannot be built."""
        changes: dict[str, Any] = dict(state.values)
        return load_geometry(self.layout, **changes) if changes else self.layout

    def sizes(self, state: State) -> list[Layout]:
        """Layouts from the smallest to the largest that one slider reaches, RATIO apart in size."""
        found = []
        for item in self.parameters():
            ends = []
            for value in (item["low"], item["high"]):
                with contextlib.suppress(InputError):
                    ends.append(self._with(state, item["name"], value))
            if len(ends) < 2 or _span(ends[1]) < RATIO * _span(ends[0]):
                continue
            count = math.ceil(math.log(_span(ends[1]) / _span(ends[0])) / math.log(RATIO))
            for value in np.geomspace(max(item["low"], 1e-3), item["high"], count + 1):
                with contextlib.suppress(InputError):
                    found.append(self._with(state, item["name"], float(value)))
        return found

    def _with(self, state: State, name: str, value: float) -> Layout:
        return self.drawn(replace(state, values={**state.values, name: value}))

    def problem(self, state: State, points: int = POINTS, layout: Layout | None = None) -> Problem:
        """Over the band, at ``points`` frequencies; layout: another one than that of ``state``."""
        height = 0.0 if state.soil == FREE_SPACE else state.height
        band = Band.mhz(LOWEST_MHZ, HIGHEST_MHZ, points)
        return Problem(layout or self.drawn(state), self.stack(state), height, band)

    def parameters(self) -> list[JsonDict]:
        """Sliders of the layout: name, unit, low, high, value, offset, meaning."""
        found = []
        for name, item, value in numbers_of(self.layout):
            low, high = _reach(name, item, value, self.layout)
            log = item.offset if item.offset is not None else None
            found.append(
                {
                    "name": name,
                    "label": name.replace("_", " "),
                    "unit": item.unit,
                    "low": low,
                    "high": high,
                    "value": value,
                    "offset": log,
                    "integer": item.integer,
                    "note": item.meaning,
                }
            )
        return found

    def soil_list(self) -> list[str]:
        return [FREE_SPACE, *self.soils, *soil_names()]

    def ground(self, state: State) -> JsonDict | None:
        """What the uppermost layer is, for its sliders; None where there is none to change."""
        stack = self.stack(replace(state, eps_r=None, loss_tangent=None))
        if stack.is_free_space or stack.layers[0].is_conductor:
            return None
        first = stack.layers[0]
        return {
            "layers": len(stack.layers),
            "eps_r": first.eps_r,
            "loss_tangent": first.loss_tangent,
            "ranges": {name: list(ends) for name, ends in self.reach(state).items()},
        }

    def reach(self, state: State) -> dict[str, tuple[float, float]]:
        """From where to where the sliders of height and uppermost layer go, and the emulator."""
        first = self.stack(replace(state, eps_r=None, loss_tangent=None)).layers[0]
        return {
            "height": (0.0, max(HIGHEST, 2.0 * self.start.height)),
            "eps_r": (1.0, max(6.0, 1.5 * first.eps_r)),
            "loss_tangent": (0.0, max(0.1, 3.0 * first.loss_tangent)),
        }

    def document(self) -> JsonDict:
        """What the script builds itself from."""
        start = self.start
        return {
            "name": self.layout.name,
            "family": self.layout.family,
            "parameters": self.parameters(),
            "soils": self.soil_list(),
            "ground": self.ground(start),
            "elements": list(ELEMENTS),
            "most_elements": MOST,
            "band": [LOWEST_MHZ, HIGHEST_MHZ],
            "state": {
                "values": {}, "soil": start.soil, "eps_r": None, "loss_tangent": None,
                "height": start.height, "z0": start.z0, "network": [],
            },
        }  # fmt: skip


def numbers_of(layout: Layout) -> list[tuple[str, Parameter, float]]:
    """(name, parameter, value) of every number that draws ``layout``."""
    found = []
    if layout.family not in FAMILIES:
        return []
    for item in family(layout.family).parameters:
        value = layout.parameters.get(item.name)
        if _real(value):
            found.append((item.name, item, float(value)))
    for name in MODIFIERS:
        inner = layout.parameters.get(name)
        if isinstance(inner, Mapping):
            for item in modifier(name).parameters:
                own = inner.get(item.name)
                if _real(own):
                    found.append((f"{name}.{item.name}", item, float(own)))
    return found


def _span(layout: Layout) -> float:
    x0, y0, x1, y1 = layout.bounds
    return math.hypot(x1 - x0, y1 - y0)


def _real(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _reach(name: str, item: Parameter, value: float, layout: Layout) -> tuple[float, float]:
    """From where to where a slider goes: the family's own search, or around the value."""
    usual = family(layout.family).search.get(name)
    low, high = usual or (value / WIDER, value * WIDER)
    if value <= 0.0 and usual is None:
        size = max(abs(value) * WIDER, 0.1)
        low, high = -size, size
    low, high = min(low, value), max(high, value)
    low, high = max(low, item.low), min(high, item.high)
    if not low < high:
        high = low + 1.0
    return float(low), float(high)
