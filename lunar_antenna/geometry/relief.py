"""Relief: how far the film lies above or below the flat plane of its layout, in metres.

A relief is a height field over the layout's plan view: the point (x, y) of every outline lies at
the elevation z(x, y), the sum of an offset and of terms,

    tilt     z = tan(angle) u
    sag      z = -4 depth t (1 - t), t from 0 to 1 between neighbouring supports, 0 outside them
    wrinkle  z = amplitude cos(2 pi u / wavelength + phase)

with u = x cos(direction) + y sin(direction), direction in rad from +x towards +y.  Outlines keep
their plan view, so that along the surface metal is longer than drawn by sqrt(1 + slope^2).

Sag law (derived): a film of weight q per plan area under the horizontal tension H per width obeys
H z'' = q, a parabola of depth q span^2 / (8 H).  A catenary (weight per length along the film) of
the same depth differs from it by at most depth^3 / (3 span^2), second order in depth / span.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np

from ..common.checks import number, whole
from ..conventions import FloatArray, JsonDict
from ..errors import GeometryError

STEEPEST = 1.0  # slope: beyond 45 degrees a plan view is no description of a film


def unit(direction: float) -> tuple[float, float]:
    """(cos, sin) of ``direction`` (rad), exact along the axes."""
    cosine, sine = math.cos(direction), math.sin(direction)
    if abs(cosine) < 1e-12 or abs(sine) < 1e-12:
        return float(round(cosine)), float(round(sine))
    return cosine, sine


def _finite(owner: str, values: Mapping[str, float], **limits: float) -> None:
    for name, value in values.items():
        low = limits.get(name, -math.inf)
        number(f"{owner} {name}", value, low=low, low_open=name in limits, error=GeometryError)


@dataclass(frozen=True, slots=True)
class Tilt:
    """Plane through the origin that rises by tan(``angle``) along ``direction``, both in rad."""

    angle: float
    direction: float = 0.0
    kind: ClassVar[str] = "tilt"

    def __post_init__(self) -> None:
        _finite(self.kind, asdict(self))
        number("tilt angle", self.angle, low=-0.8, high=0.8, unit="rad", error=GeometryError)

    @property
    def is_flat(self) -> bool:
        return self.angle == 0.0

    @property
    def scale(self) -> float:
        """Length over which the slope changes, m."""
        return math.inf

    def height(self, u: FloatArray) -> FloatArray:
        """z (m) at the distance ``u`` (m) from the origin along ``direction``."""
        return np.asarray(math.tan(self.angle) * u)

    def slope(self, u: FloatArray) -> FloatArray:
        """dz/du, the shape of ``u``."""
        return np.full(np.shape(u), math.tan(self.angle))

    def __str__(self) -> str:
        return f"tilt {self.angle:.4g} rad{_towards(self.direction)}"


@dataclass(frozen=True, slots=True)
class Sag:
    """Parabolas between ``spans`` + 1 supports, equally spaced over ``span`` (m).

    depth: m at the middle of each span, negative where the film bulges upwards.  centre: m, the
    middle of the outer supports along ``direction`` (rad).
    """

    depth: float
    span: float
    spans: int = 1
    centre: float = 0.0
    direction: float = 0.0
    kind: ClassVar[str] = "sag"

    def __post_init__(self) -> None:
        _finite(self.kind, asdict(self), span=0.0)
        whole("sag spans", self.spans, error=GeometryError)

    @property
    def is_flat(self) -> bool:
        return self.depth == 0.0

    @property
    def scale(self) -> float:
        """Length over which the slope changes, m."""
        return self.span / self.spans

    def _part(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(position 0 to 1 within its span, 1 between the outer supports and 0 outside)."""
        along = (np.asarray(u, dtype=float) - self.centre) / self.span + 0.5
        inside = (along >= 0.0) & (along <= 1.0)
        counted = along * self.spans
        return counted - np.clip(np.floor(counted), 0, self.spans - 1), inside.astype(float)

    def height(self, u: FloatArray) -> FloatArray:
        """z (m) at the distance ``u`` (m) from the origin along ``direction``."""
        t, inside = self._part(u)
        return np.asarray(-4.0 * self.depth * t * (1.0 - t) * inside)

    def slope(self, u: FloatArray) -> FloatArray:
        """dz/du, the shape of ``u``."""
        t, inside = self._part(u)
        return np.asarray(-4.0 * self.depth * (1.0 - 2.0 * t) * inside / self.scale)

    def __str__(self) -> str:
        times = f"{self.spans} x " if self.spans != 1 else ""
        return f"sag {self.depth:.4g} m over {times}{self.scale:.4g} m{_towards(self.direction)}"


@dataclass(frozen=True, slots=True)
class Wrinkle:
    """Sinusoid of ``amplitude`` and ``wavelength`` (m); a crest in the origin at ``phase`` 0."""

    amplitude: float
    wavelength: float
    direction: float = 0.0
    phase: float = 0.0
    kind: ClassVar[str] = "wrinkle"

    def __post_init__(self) -> None:
        _finite(self.kind, asdict(self), wavelength=0.0)

    @property
    def is_flat(self) -> bool:
        return self.amplitude == 0.0

    @property
    def scale(self) -> float:
        """Length over which the slope changes, m."""
        return self.wavelength

    def height(self, u: FloatArray) -> FloatArray:
        """z (m) at the distance ``u`` (m) from the origin along ``direction``."""
        k = 2.0 * math.pi / self.wavelength
        return np.asarray(self.amplitude * np.cos(k * np.asarray(u) + self.phase))

    def slope(self, u: FloatArray) -> FloatArray:
        """dz/du, the shape of ``u``."""
        k = 2.0 * math.pi / self.wavelength
        return np.asarray(-k * self.amplitude * np.sin(k * np.asarray(u) + self.phase))

    def __str__(self) -> str:
        return (
            f"wrinkle {self.amplitude:.4g} m every {self.wavelength:.4g} m"
            f"{_towards(self.direction)}"
        )


Term = Tilt | Sag | Wrinkle
_KINDS: dict[str, type[Tilt] | type[Sag] | type[Wrinkle]] = {
    "tilt": Tilt,
    "sag": Sag,
    "wrinkle": Wrinkle,
}


@dataclass(frozen=True, slots=True)
class Relief:
    """Sum of ``terms`` and a constant ``offset`` (m)."""

    terms: tuple[Term, ...] = ()
    offset: float = 0.0

    def __post_init__(self) -> None:
        number("relief offset", self.offset, unit="m", error=GeometryError)

    @property
    def is_flat(self) -> bool:
        """True where the elevation is 0 everywhere."""
        return self.offset == 0.0 and all(term.is_flat for term in self.terms)

    @property
    def scale(self) -> float:
        """Shortest length over which the slope changes, m; infinite for planes."""
        return min((t.scale for t in self.terms if not t.is_flat), default=math.inf)

    def scale_along(self, axis: int) -> float:
        """The same along x (0) or y (1): a term across the axis does not change along it."""
        lengths = [
            term.scale / max(abs(unit(term.direction)[axis]), 1e-9)
            for term in self.terms
            if not term.is_flat
        ]
        return min(lengths, default=math.inf)

    def elevation(self, x: FloatArray | float, y: FloatArray | float) -> FloatArray:
        """z (m) above the flat plane at the plan coordinates ``x``, ``y`` (m), their shape."""
        x, y = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        result = np.full(x.shape, self.offset)
        for term in self.terms:
            cosine, sine = unit(term.direction)
            result = result + term.height(x * cosine + y * sine)
        return np.asarray(result)

    def gradient(self, x: FloatArray | float, y: FloatArray | float) -> FloatArray:
        """(2, ...) dz/dx and dz/dy at ``x``, ``y`` (m)."""
        x, y = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
        result = np.zeros((2, *x.shape))
        for term in self.terms:
            cosine, sine = unit(term.direction)
            slope = term.slope(x * cosine + y * sine)
            result[0] += cosine * slope
            result[1] += sine * slope
        return result

    def and_also(self, term: Term) -> Relief:
        """The relief with one more term."""
        return Relief((*self.terms, term), self.offset)

    def __str__(self) -> str:
        parts = [str(term) for term in self.terms if not term.is_flat]
        if self.offset != 0.0:
            parts.append(f"offset {self.offset:.4g} m")
        return ", ".join(parts) or "flat"

    def to_dict(self) -> JsonDict:
        """Terms as tables with their ``kind``; lengths in m, angles in rad."""
        return {
            "offset": self.offset,
            "terms": [{"kind": term.kind, **asdict(term)} for term in self.terms],
        }

    @classmethod
    def from_dict(cls, data: JsonDict) -> Relief:
        """Raises :class:`GeometryError` for a term that does not exist."""
        terms = []
        for item in data.get("terms", ()):
            values = dict(item)
            kind = values.pop("kind", None)
            if kind not in _KINDS:
                raise GeometryError(
                    f"relief term {kind!r} is not known; terms: {', '.join(_KINDS)}"
                )
            try:
                terms.append(_KINDS[kind](**values))
            except TypeError:
                raise GeometryError(
                    f"relief term {kind} has the keys {', '.join(values) or 'none'}; allowed: "
                    f"{', '.join(_KINDS[kind].__slots__)}"
                ) from None
        return cls(tuple(terms), data.get("offset", 0.0))


def relief_from(value: Relief | JsonDict | None) -> Relief | None:
    """A Relief from itself or its table; None for none."""
    return value if value is None or isinstance(value, Relief) else Relief.from_dict(value)


def _towards(direction: float) -> str:
    along = {(1.0, 0.0): "", (-1.0, 0.0): " along -x", (0.0, 1.0): " along y"}
    return along.get(unit(direction), f" along {math.degrees(direction):.4g} degrees")
