"""Thin sheets that a membrane antenna is made of: printed metal and polyimide film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..common.checks import choice, did_you_mean, kind, number, shown
from ..common.tables import Table
from ..conventions import MU0, ComplexArray, FloatArray, JsonDict
from ..errors import InputError


@dataclass(frozen=True, slots=True)
class Metal:
    """A metal sheet of finite thickness with the field on both faces.

    conductivity: S/m; thickness: m.  density: kg/m3, for masses only; None is not known.
    """

    conductivity: float
    thickness: float
    name: str = "custom"
    density: float | None = None

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(
            self,
            "conductivity",
            number("metal conductivity", self.conductivity, low=1.0, high=1e10, unit="S/m"),
        )
        set_(
            self,
            "thickness",
            number("metal thickness", self.thickness, low=1e-9, high=1e-2, unit="m"),
        )
        set_(self, "density", _density("metal", self.density))
        kind("metal name", self.name, str, "text")

    def sheet_impedance(self, frequency: FloatArray) -> ComplexArray:
        """Z_s = (eta_c/2) coth(gamma t/2) in ohm per square, same shape as ``frequency`` (Hz).

        The impedance that relates tangential E to the total sheet current when both faces
        see the same tangential E, gamma = (1+j)/skin depth, eta_c = (1+j)/(sigma skin depth).
        Tends to 1/(sigma t) for thin metal and to half the surface impedance for thick metal
        (each face carries half the current).
        """
        frequency = np.asarray(frequency, dtype=float)
        skin_depth = 1.0 / np.sqrt(np.pi * frequency * MU0 * self.conductivity)
        gamma = (1.0 + 1.0j) / skin_depth
        intrinsic = (1.0 + 1.0j) / (self.conductivity * skin_depth)
        return np.asarray(intrinsic / 2.0 / np.tanh(gamma * self.thickness / 2.0))

    def to_dict(self) -> JsonDict:
        return {
            "conductivity": self.conductivity,
            "thickness": self.thickness,
            "name": self.name,
            **({} if self.density is None else {"density": self.density}),
        }


@dataclass(frozen=True, slots=True)
class Film:
    """The dielectric film the metal is printed on.

    thickness: m.  side: "above" puts the metal on top of the film (the default),
    "below" under it.  density: kg/m3, for masses only; None is not known.
    """

    thickness: float
    eps_r: float
    loss_tangent: float = 0.0
    side: str = "above"
    name: str = "custom"
    density: float | None = None

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(
            self,
            "thickness",
            number("film thickness", self.thickness, low=1e-7, high=0.1, unit="m"),
        )
        set_(self, "eps_r", number("film eps_r", self.eps_r, low=1.0, high=100.0))
        set_(
            self, "loss_tangent", number("film loss_tangent", self.loss_tangent, low=0.0, high=10.0)
        )
        choice("film side", self.side, ("above", "below"))
        set_(self, "density", _density("film", self.density))
        kind("film name", self.name, str, "text")

    def complex_eps_r(self, frequency: FloatArray) -> ComplexArray:
        """eps_r (1 - j tan delta), same shape as ``frequency``."""
        return np.full(
            np.shape(frequency), self.eps_r * (1.0 - 1j * self.loss_tangent), dtype=complex
        )

    def to_dict(self) -> JsonDict:
        return {
            "thickness": self.thickness,
            "eps_r": self.eps_r,
            "loss_tangent": self.loss_tangent,
            "side": self.side,
            "name": self.name,
            **({} if self.density is None else {"density": self.density}),
        }


def _density(kind: str, value: float | None) -> float | None:
    """Checked density, kg/m3, or None."""
    if value is None:
        return None
    return number(f"{kind} density", value, low=0.0, high=3e4, low_open=True, unit="kg/m3")


# Conductivities at 20 C: general engineering values, assumed (copper: IACS 5.80e7 S/m; aluminium
# 3.5e7, between commercial foil and the pure metal's 3.77e7).  Film: Kapton HN thicknesses from
# the maker's data sheet; eps_r 3.4 and tan delta 0.003 at HF are assumed (between 0.002 and 0.005).
# Densities: polyimide 1.42 g/cm3 from the maker's data sheet (Kapton HN); copper 8.96 and
# aluminium 2.70 g/cm3 are handbook values of the pure metals, assumed.
COPPER = 5.8e7
ALUMINIUM = 3.5e7
COPPER_DENSITY = 8960.0
ALUMINIUM_DENSITY = 2700.0
POLYIMIDE_DENSITY = 1420.0
METALS: dict[str, Metal] = {
    "copper_5um": Metal(COPPER, 5e-6, "copper_5um", COPPER_DENSITY),
    "copper_9um": Metal(COPPER, 9e-6, "copper_9um", COPPER_DENSITY),
    "copper_18um": Metal(COPPER, 18e-6, "copper_18um", COPPER_DENSITY),
    "copper_35um": Metal(COPPER, 35e-6, "copper_35um", COPPER_DENSITY),
    "aluminium_100nm": Metal(ALUMINIUM, 100e-9, "aluminium_100nm", ALUMINIUM_DENSITY),
    "aluminium_1um": Metal(ALUMINIUM, 1e-6, "aluminium_1um", ALUMINIUM_DENSITY),
    "aluminium_5um": Metal(ALUMINIUM, 5e-6, "aluminium_5um", ALUMINIUM_DENSITY),
    "aluminium_18um": Metal(ALUMINIUM, 18e-6, "aluminium_18um", ALUMINIUM_DENSITY),
}
FILMS: dict[str, Film] = {
    name: Film(thickness, 3.4, 0.003, name=name, density=POLYIMIDE_DENSITY)
    for name, thickness in (
        ("polyimide_7um", 7.6e-6),
        ("polyimide_12um", 12.7e-6),
        ("polyimide_25um", 25.4e-6),
        ("polyimide_50um", 50.8e-6),
        ("polyimide_75um", 76.2e-6),
        ("polyimide_125um", 127e-6),
    )
}


def metal_from(value: Metal | str | JsonDict | None) -> Metal | None:
    """A Metal from a name, a table or None ("pec" or None: perfect conductor)."""
    if value is None or isinstance(value, Metal):
        return value
    if isinstance(value, str):
        if value == "pec":
            return None
        if value not in METALS:
            raise InputError(
                f"metal {value!r} is not known; {did_you_mean(value, METALS)}"
                f"allowed: pec, {', '.join(METALS)}, "
                "or a table with conductivity and thickness"
            )
        return METALS[value]
    return Metal(**_table("metal", value, METALS, ("conductivity", "thickness", "density")))


def film_from(value: Film | str | JsonDict | None) -> Film | None:
    """A Film from a name, a table or None ("none" or None: no film)."""
    if value is None or isinstance(value, Film):
        return value
    if isinstance(value, str):
        if value == "none":
            return None
        if value not in FILMS:
            raise InputError(
                f"film {value!r} is not known; {did_you_mean(value, FILMS)}"
                f"allowed: none, {', '.join(FILMS)}, "
                "or a table with thickness, eps_r, loss_tangent"
            )
        return FILMS[value]
    keys = ("thickness", "eps_r", "loss_tangent", "side", "density")
    return Film(**_table("film", value, FILMS, keys))


def _table(
    kind: str,
    table: object,
    named: Mapping[str, Metal] | Mapping[str, Film],
    keys: tuple[str, ...],
) -> JsonDict:
    """Arguments for a sheet from a table: a shipped name, changed or completed by ``keys``."""
    if not isinstance(table, dict):
        raise InputError(
            f"{kind} = {shown(table)} is neither a name nor a table; allowed: a table, or one "
            f"of {', '.join(named)}"
        )
    own = Table(table, name=f"[{kind}]", error=InputError)
    own.only("name", *keys)
    name = own.text("name", "custom")
    base: JsonDict = {}
    if name in named:
        base = named[name].to_dict()
    elif name != "custom" and "thickness" not in table:
        raise InputError(
            f"[{kind}] name = {shown(name)} is not known; {did_you_mean(name, named)}"
            f"allowed: {', '.join(named)}, or all of {', '.join(keys[:2])}"
        )
    merged = {**base, **table}
    missing = [key for key in keys[:2] if key not in merged]
    if missing:
        raise InputError(
            f"{kind} lacks {', '.join(missing)}; give a name or all of {', '.join(keys[:2])}"
        )
    return merged
