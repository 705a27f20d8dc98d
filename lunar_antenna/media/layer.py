"""Layer and Stack: horizontally layered soil below z = 0."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..common.checks import flag, kind, number
from ..common.display import picture
from ..conventions import EPS0, ComplexArray, FloatArray, JsonDict, wavenumber
from ..errors import InputError

THICKEST = 1e9  # m, of a layer that is not the half-space


@dataclass(frozen=True, slots=True)
class Layer:
    """One homogeneous, isotropic, non-magnetic layer.

    thickness: m, up to THICKEST, or ``math.inf`` for the half-space at the bottom.
    eps_r: real relative permittivity, constant over the band.
    loss_tangent: tan delta, constant over the band (the default law for dry lunar soil).
    conductivity: S/m; a datum that lists both for one loss is one loss: pass one.
    """

    thickness: float
    eps_r: float
    loss_tangent: float = 0.0
    conductivity: float = 0.0
    is_conductor: bool = False

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(
            self,
            "thickness",
            math.inf
            if isinstance(self.thickness, (float, np.floating)) and self.thickness == math.inf
            else number(
                "layer thickness", self.thickness, low=0.0, low_open=True, high=THICKEST, unit="m"
            ),
        )
        set_(self, "is_conductor", flag("layer is_conductor", self.is_conductor))
        set_(self, "eps_r", number("layer eps_r", self.eps_r, low=1.0, high=1e4))
        set_(
            self,
            "loss_tangent",
            number("layer loss_tangent", self.loss_tangent, low=0.0, high=100.0),
        )
        set_(
            self,
            "conductivity",
            number("layer conductivity", self.conductivity, low=0.0, high=1e9, unit="S/m"),
        )

    @classmethod
    def conductor(cls) -> Layer:
        """A perfect conductor that fills everything below; only allowed as the last layer."""
        return cls(math.inf, 1.0, is_conductor=True)

    @property
    def is_vacuum(self) -> bool:
        return (
            not self.is_conductor
            and self.eps_r == 1.0
            and self.loss_tangent == 0.0
            and self.conductivity == 0.0
        )

    def complex_eps_r(self, frequency: FloatArray) -> ComplexArray:
        """Complex relative permittivity eps_r (1 - j tan d) - j sigma/(omega eps0), shape of f."""
        omega = 2.0 * math.pi * np.asarray(frequency, dtype=float)
        return np.asarray(
            self.eps_r * (1.0 - 1j * self.loss_tangent) - 1j * self.conductivity / (omega * EPS0)
        )

    def wavenumber(self, frequency: FloatArray) -> ComplexArray:
        """k = k0 sqrt(eps), Im k <= 0, rad/m, shape of ``frequency`` (Hz); no perfect conductor."""
        return np.asarray(wavenumber(frequency) * np.sqrt(self.complex_eps_r(frequency)))

    def skin_depth(self, frequency: FloatArray) -> float:
        """Least depth at which a field has fallen to 1/e, m; inf without loss, 0 in a conductor."""
        if self.is_conductor:
            return 0.0
        decay = float(-self.wavenumber(frequency).imag.min())
        return 1.0 / decay if decay > 0.0 else math.inf

    def conducts(self, frequency: FloatArray) -> bool:
        """True for a good conductor: conduction above displacement at every ``frequency`` (Hz)."""
        eps = self.complex_eps_r(frequency)
        return self.is_conductor or bool(np.all(-eps.imag > eps.real))

    def to_dict(self) -> JsonDict:
        if self.is_conductor:
            return {"conductor": True}
        return {
            "thickness": self.thickness if math.isfinite(self.thickness) else "inf",
            "eps_r": self.eps_r,
            "loss_tangent": self.loss_tangent,
            "conductivity": self.conductivity,
        }

    @classmethod
    def from_dict(cls, data: JsonDict) -> Layer:
        if data.get("conductor"):
            return cls.conductor()
        return cls(
            float(data["thickness"]),
            data["eps_r"],
            data.get("loss_tangent", 0.0),
            data.get("conductivity", 0.0),
        )


@dataclass(frozen=True, slots=True, repr=False)
class Stack:
    """Layers from the surface (z = 0) downwards; no layers means free space.

    The last layer must have infinite thickness, all others a finite one.
    """

    layers: tuple[Layer, ...]
    name: str = "unnamed"
    source: JsonDict = field(default_factory=dict, compare=False)

    def __init__(
        self, layers: Sequence[Layer], name: str = "unnamed", source: JsonDict | None = None
    ) -> None:
        kind("layers", layers, Iterable, "a list of la.Layer objects from the surface down")
        object.__setattr__(self, "layers", tuple(layers))
        kind("stack name", name, str, "text")
        if source is not None:
            kind("stack source", source, Mapping, "a table of text, DOI and the like")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "source", dict(source or {}))
        self._validate()

    def _validate(self) -> None:
        for index, layer in enumerate(self.layers):
            if not isinstance(layer, Layer):
                raise InputError(
                    f"stack layer {index} is {type(layer).__name__}; give la.Layer objects"
                )
            last = index == len(self.layers) - 1
            if math.isinf(layer.thickness) != last:
                what = (
                    "the last layer must be infinitely thick"
                    if last
                    else "only the last layer may be"
                )
                raise InputError(
                    f"stack layer {index} has thickness {layer.thickness:g} m, but {what}; "
                    "set thickness = inf on the last layer alone"
                )

    @classmethod
    def free_space(cls) -> Stack:
        """No soil at all: the whole sphere is sky."""
        return cls((), name="free-space")

    @classmethod
    def half_space(
        cls,
        eps_r: float,
        *,
        loss_tangent: float = 0.0,
        conductivity: float = 0.0,
        name: str | None = None,
    ) -> Stack:
        """One homogeneous soil down to infinity."""
        layer = Layer(math.inf, eps_r, loss_tangent, conductivity)
        return cls((layer,), name=f"half-space eps_r {eps_r:g}" if name is None else name)

    def __repr__(self) -> str:
        return f"<Stack {self.name}: {len(self.layers)} layer(s)>"

    @property
    def is_free_space(self) -> bool:
        """True where every layer is vacuum (or there is none)."""
        return all(layer.is_vacuum for layer in self.layers)

    @property
    def has_conductor(self) -> bool:
        return bool(self.layers) and self.layers[-1].is_conductor

    @property
    def depths(self) -> FloatArray:
        """Depth of each layer's top below the surface, m, shape (n_layers,)."""
        thickness = [layer.thickness for layer in self.layers[:-1]]
        return np.concatenate(([0.0], np.cumsum(thickness))) if self.layers else np.zeros(0)

    def complex_eps_r(self, frequency: FloatArray) -> ComplexArray:
        """(n_layers, n_freq) complex relative permittivities."""
        frequency = np.atleast_1d(np.asarray(frequency, dtype=float))
        if not self.layers:
            return np.zeros((0, frequency.size), dtype=complex)
        return np.stack([layer.complex_eps_r(frequency) for layer in self.layers])

    def to_dict(self) -> JsonDict:
        return {
            "name": self.name,
            "layers": [layer.to_dict() for layer in self.layers],
            "source": self.source,
        }

    @classmethod
    def from_dict(cls, data: JsonDict) -> Stack:
        return cls(
            [Layer.from_dict(item) for item in data["layers"]],
            name=data.get("name", "unnamed"),
            source=data.get("source"),
        )

    def _repr_png_(self) -> bytes:
        return picture(self)
