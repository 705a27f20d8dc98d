"""Other models of the same antenna, each with a name: what an inversion's answer is held against.

All of them are seen through one emulator on a mesh of its own accuracy, over the priors and over
what they add, on Chebyshev nodes of a band that is a tenth wider on either side.  What that mesh
is off by against the inversion's own is found by direct solves where it matters
(:meth:`Rivals.direct`).

An antenna whose lengths are all larger by s is the one that is known at frequencies larger by s,
with heights, thicknesses and 1/conductivities smaller by s (Maxwell's equations have no length of
their own).  Only metal and film keep their thickness: it changes Z by less than 1e-4 of itself.

Wider metal is no other problem of the same layout, and no emulator has it: near one answer it adds
a parabola in the share of the widths, through direct solves there (:meth:`Rivals.widened`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from ..circuit.waves import impedance, reflection
from ..common import chebyshev
from ..conventions import ComplexArray, FloatArray
from ..errors import GeometryError, InputError, UnsupportedProblemError
from ..geometry.widths import wider
from ..media.layer import Layer, Stack
from ..problem import Band, Problem
from .forward import Forward
from .model import apply_exact
from .prior import PARAMETERS, Prior
from .setup import FREQUENCY_TOLERANCE, Setup, frequency_nodes

LARGEST = 0.1  # share of its dimensions that an antenna may be off by
_ROOM = 1.0 + 1.2 * LARGEST  # of what the scale moves, on either side
ACCURACY = "normal"  # of the mesh that they are compared on
TOLERANCE = 3e-4  # of its reflection between frequencies, over FREQUENCY_TOLERANCE
_DENSE = 386  # points of the widened band, so that any number of nodes may be chosen
THICKNESS = (0.05, 10.0)  # m, of an upper layer
_FACTOR = 3.0  # by which the thickness of a known layer may be off
WIDEST, WIDER = 0.25, 0.1  # share that widths may be off by, and that direct solves take


@dataclass(frozen=True, slots=True)
class Rival:
    """One model: the name, what it adds to the free parameters, where they start."""

    name: str
    extra: tuple[Prior, ...] = ()

    @property
    def searched(self) -> bool:
        """True where its parameters have several minima: a layer nobody knows of."""
        return len(self.extra) > 1

    @property
    def wider(self) -> bool:
        return _WIDTHS in self.extra


STATED = Rival("as stated")
_SCALE = Prior("scale", "", 0.0, -LARGEST, LARGEST, "all dimensions of the antenna larger by")
_WIDTHS = Prior("widths", "", 0.0, -WIDEST, WIDEST, "all widths of the metal larger by")


@dataclass(frozen=True, slots=True, eq=False)
class Rivals:
    """The setup of an inversion and one emulator for all models.

    nodes (m,) Hz: of the emulator.  emulated: a :class:`Forward` whose emulator gives Z there.
    models: those that can be tried, the stated one not among them.  parabola (2, n): what wider
    metal adds to the reflection in z_ref, per share of the widths and per its square.
    """

    setup: Setup
    nodes: FloatArray
    emulated: Forward
    models: tuple[Rival, ...]
    parabola: ComplexArray | None = None

    @classmethod
    def of(cls, setup: Setup, progress: Callable[[float, str], None] | None = None) -> Rivals | str:
        """All models that can be tried for ``setup``, or why none can."""
        from ..emulation.build import can_emulate, emulate

        forward = setup.forward
        if forward.emulator is None:
            return "the stated model has no emulator"
        accuracy = "draft" if forward.accuracy == "draft" else ACCURACY
        low, high = setup.frequency[0] / (1.0 + LARGEST), setup.frequency[-1] * (1.0 + LARGEST)
        dense = np.linspace(low, high, _DENSE)
        probe = replace(forward, emulator=None, frequency=dense, accuracy=accuracy)
        corners = [setup.point(setup.solved, x) for x in _ends(setup)]
        nodes, _ = frequency_nodes(
            probe,
            dense,
            corners,
            setup.z_ref,
            lambda error: float(np.abs(error).max()) / TOLERANCE * FREQUENCY_TOLERANCE,
        )
        if nodes.size == _DENSE:
            return "the reflection varies too fast with frequency for them"
        models = _models(setup)
        split = any(item.name == "two layers" for item in models)
        problem = replace(probe, frequency=nodes).meshed
        if split:
            problem = Problem(
                problem.layout, _split(problem.stack, {}), problem.height, problem.band
            )
        if not can_emulate(problem):
            return "the other models cannot be emulated"
        try:
            made = emulate(
                problem,
                _over(setup, split),
                accuracy=accuracy,
                needs="impedance",
                check=False,  # the answers are, by the solver itself
                progress=progress,
            )
        except (InputError, UnsupportedProblemError) as refused:
            return str(refused)
        return cls(setup, nodes, replace(probe, frequency=nodes, emulator=made), models)

    def ranges(self, rival: Rival) -> tuple[Prior, ...]:
        """All free parameters under ``rival``."""
        return (*self.setup.ranges, *rival.extra)

    def seen(self, values: Mapping[str, float]) -> ComplexArray:
        """(n,) reflection by the emulator of the free parameters ``values`` and of extra ones."""
        scale = 1.0 + values.get("scale", 0.0)
        emulator = self.emulated.emulator
        assert emulator is not None
        z = emulator.z_of(self._problem(values, scale, self.nodes))[:, 0, 0]
        wanted = self.setup.frequency * scale
        spread = chebyshev.matrix(self.nodes, wanted, ends=True)
        gamma = spread @ reflection(z, self.setup.z_ref)
        if "widths" in values:
            assert self.parabola is not None
            share, (slope, bend) = values["widths"], self.parabola
            gamma = gamma + share * (slope + share * bend)
        return self._exact(gamma, values)

    def widened(self, values: Mapping[str, float]) -> Rivals:
        """The same with what wider metal does near ``values``: three direct solves."""
        less, same, more = (self._solved({**values, "widths": s}) for s in (-WIDER, 0.0, WIDER))
        slope, bend = (more - less) / (2.0 * WIDER), (more + less - 2.0 * same) / (2.0 * WIDER**2)
        return replace(self, parabola=np.stack((slope, bend)))

    def direct(self, values: Mapping[str, float]) -> ComplexArray:
        """The same by the solver on the inversion's own mesh; wider metal has one like it."""
        return self._exact(self._solved(values), values)

    def _solved(self, values: Mapping[str, float]) -> ComplexArray:
        """(n,) in z_ref, before what lies between the antenna and the analyser."""
        scale = 1.0 + values.get("scale", 0.0)
        forward = self.setup.forward
        problem = self._problem(values, scale, forward.frequency * scale, "thickness" in values)
        forward = replace(forward, layout=problem.layout)
        z = forward.mesh(forward.solver()).impedance(problem, None)[:, 0, 0]
        return np.asarray(self.setup.spread @ reflection(z, self.setup.z_ref))

    def problem(self, values: Mapping[str, float]) -> Problem:
        """Layout, stack and height of ``values`` at the measured frequencies, as if to scale."""
        return self._problem(values, 1.0, self.setup.frequency, "thickness" in values)

    def _problem(
        self, values: Mapping[str, float], scale: float, frequency: FloatArray, layered: bool = True
    ) -> Problem:
        forward = self.setup.forward
        known = {**self.setup.fixed, **values}
        stack = forward.stack_with({k: v for k, v in known.items() if k in PARAMETERS})
        if any(item.name == "two layers" for item in self.models):
            stack = _split(stack, known) if layered else stack
        elif "thickness" in known:
            layers = list(stack.layers)
            index = _doubted_layer(forward)
            layers[index] = replace(layers[index], thickness=known["thickness"])
            stack = Stack(layers, stack.name)
        if scale != 1.0:
            stack = Stack([_shrunk(layer, scale) for layer in stack.layers], stack.name)
        height = known.get("height", forward.height) / scale
        layout = forward.layout
        if known.get("widths", 0.0) != 0.0:
            layout = wider(layout, known["widths"])
        return Problem(layout, stack, height, Band(frequency))

    def _exact(self, gamma: ComplexArray, values: Mapping[str, float]) -> ComplexArray:
        known = {**self.setup.fixed, **values}
        return apply_exact(
            impedance(gamma, self.setup.z_ref),
            self.setup.frequency,
            self.setup.z0,
            known.get("hub_capacitance", 0.0),
            known.get("delay", 0.0),
        )


def _models(setup: Setup) -> tuple[Rival, ...]:
    """Those whose parameters are not already known or free."""
    found = [Rival("dimensions", (_SCALE,))]
    with suppress(GeometryError):  # a free shape has no widths, and wider metal may not fit
        for share in (-WIDEST, WIDEST):
            wider(setup.forward.layout, share)
        found.append(Rival("widths", (_WIDTHS,)))
    layers = setup.forward.stack.layers
    if len(layers) == 1 and not layers[0].is_conductor:
        found.append(Rival("two layers", (_lower(setup), _thickness(*THICKNESS))))
    elif len(layers) > 1:
        known = layers[_doubted_layer(setup.forward)].thickness
        found.append(Rival("layer thickness", (_thickness(*_within("thickness", known, _FACTOR)),)))
    named = {item.name for item in setup.ranges} | set(setup.fixed)
    for name in ("hub_capacitance", "delay"):
        if name not in named:
            item = PARAMETERS[name]
            least = -item.high if name == "hub_capacitance" else item.low
            found.append(Rival(name.replace("_", " "), (replace(item, low=least),)))
    return tuple(found)


def _lower(setup: Setup) -> Prior:
    """Permittivity of what lies below an upper layer: the prior of the soil, or its default."""
    usual = PARAMETERS["eps_r"]
    given = next((item for item in setup.ranges if item.name == "eps_r"), usual)
    low, high = min(given.low, usual.low), max(given.high, usual.high)
    return replace(usual, name="eps_r_2", low=low, high=high, meaning="permittivity below")


def _thickness(low: float, high: float) -> Prior:
    return Prior("thickness", "m", None, low, high, "thickness of the layer", offset=0.0)


def _doubted_layer(forward: Forward) -> int:
    """Of a stack of several layers, the one whose thickness is doubted: the free or the last."""
    return min(forward.layer, len(forward.stack.layers) - 2)


def _split(stack: Stack, values: Mapping[str, float]) -> Stack:
    """A half-space as a layer on a half-space; alike where ``values`` do not tell them apart."""
    (soil,) = stack.layers
    below = replace(soil, eps_r=values.get("eps_r_2", soil.eps_r))
    return Stack([replace(soil, thickness=values.get("thickness", 1.0)), below], stack.name)


def _shrunk(layer: Layer, scale: float) -> Layer:
    if layer.is_conductor:
        return layer
    return replace(
        layer, thickness=layer.thickness / scale, conductivity=layer.conductivity * scale
    )


def _over(setup: Setup, split: bool) -> dict[str, tuple[float, float]]:
    """What the emulator varies: the priors, what models add, and all that a scale moves."""
    forward = setup.forward
    axes: dict[str, tuple[float, float]] = {}
    for item in setup.solved:
        name = item.name
        low, high = item.low, item.high
        if name in ("height", "conductivity"):
            low, high = low / _ROOM, high * _ROOM
        axes[name if name == "height" else _of_layer(name, forward.layer)] = (low, high)
        if split and name in ("loss_tangent", "conductivity"):
            axes[f"{name}_2"] = (low, high)
    if split:
        lower = _lower(setup)
        axes["eps_r_2"] = (lower.low, lower.high)
        if "eps_r" in axes:
            axes["eps_r"] = (lower.low, lower.high)
        axes["thickness"] = (THICKNESS[0] / _ROOM, THICKNESS[1] * _ROOM)
    known = setup.fixed
    height = known.get("height", forward.height)
    if "height" not in axes and height > 0.0:
        axes["height"] = (height / _ROOM, height * _ROOM)
    layers = list(forward.stack_with(dict(known)).layers)
    for index, layer in enumerate(layers):
        if math.isfinite(layer.thickness):
            factor = _ROOM * (_FACTOR if index == _doubted_layer(forward) else 1.0)
            axes[_of_layer("thickness", index)] = (
                layer.thickness / factor,
                layer.thickness * factor,
            )
        if layer.conductivity > 0.0:
            ends = (layer.conductivity / _ROOM, layer.conductivity * _ROOM)
            for k in (0, 1) if split else (index,):
                axes.setdefault(_of_layer("conductivity", k), ends)
    return {name: _allowed(name, *ends) for name, ends in axes.items()}


def _within(kind: str, value: float, factor: float) -> tuple[float, float]:
    return _allowed(kind, value / factor, value * factor)


def _allowed(name: str, low: float, high: float) -> tuple[float, float]:
    """The part of a range that can be emulated."""
    from ..emulation.box import KINDS

    rule = next(item for kind, item in KINDS.items() if name.startswith(kind))
    return max(low, rule.low), min(high, rule.high)


def _of_layer(name: str, layer: int) -> str:
    return f"{name}_{layer + 1}" if layer else name


def _ends(setup: Setup) -> list[FloatArray]:
    """Centre of the priors and the corners where the reflection varies fastest with frequency."""
    signs = {"loss_tangent": -1.0, "conductivity": -1.0}
    count = len(setup.solved)
    return [
        np.zeros(count),
        *(
            np.array([signs.get(item.name, end) for item in setup.solved])
            for end in ((-1.0, 1.0) if count else ())
        ),
    ]
