"""A small matching network between antenna and load, put on after the solution: it costs none.

Elements follow each other from the antenna to the load.  With impedance Z (admittance Y) at the
antenna's side, a series element gives Z + Z_e and a shunt element Y + Y_e, where

    inductor   Z_e = omega L (j + 1/Q)        capacitor  Y_e = omega C (j + 1/Q)

with a quality factor Q that is the same at all frequencies.  Of the power that enters a series
element the share Re Z / Re(Z + Z_e) goes on, of that into a shunt one Re Y / Re(Y + Y_e): the
power divides as the resistances in series, or the conductances in parallel, do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..common.checks import choice, number
from ..common.tables import Table
from ..conventions import ComplexArray, FloatArray, JsonDict

ELEMENTS = ("series L", "series C", "shunt L", "shunt C")
MOST = 2  # elements; more of them are a filter design, not a match
QUALITY = {"L": 100.0, "C": 1000.0}  # assumed: air-cored coils and mica or C0G capacitors at HF
_HIGHEST = 1.0  # H or F


@dataclass(frozen=True, slots=True)
class Element:
    """One element: ``kind`` of :data:`ELEMENTS`; value fixed (H or F), or between low and high."""

    kind: str
    low: float
    high: float
    q: float

    def __post_init__(self) -> None:
        choice("network element", self.kind, ELEMENTS)
        number("network value", self.low, low=0.0, low_open=True, high=_HIGHEST, unit=self.unit)
        number("network value", self.high, low=self.low, high=_HIGHEST, unit=self.unit)
        number("network q", self.q, low=0.0, low_open=True, high=1e9)

    @property
    def unit(self) -> str:
        return "H" if self.kind.endswith("L") else "F"

    @property
    def free(self) -> bool:
        return self.low < self.high

    @classmethod
    def from_table(cls, table: Table | Mapping[str, Any]) -> Element:
        """From ``element``, ``range`` or ``value``, and ``q``."""
        table = Table.of(table, "network")
        table.only("element", "range", "value", "q")
        kind = table.choice("element", ELEMENTS)
        unit = "H" if kind.endswith("L") else "F"
        if ("range" in table) == ("value" in table):
            raise table.verdict(f"{kind} has to have a range = [low, high] or a value")
        if "range" in table:
            ends = table.numbers("range", low=0.0, high=_HIGHEST, unit=unit)
            if len(ends) != 2:
                raise table.fault(f"range holds {len(ends)} numbers; write [low, high]")
        else:
            ends = (table.number("value", low=0.0, high=_HIGHEST, unit=unit),) * 2
        with table.naming():
            return cls(kind, *ends, table.number("q", QUALITY[kind[-1]]))

    def to_dict(self) -> JsonDict:
        return {"element": self.kind, "range": [self.low, self.high], "q": self.q}


def transform(
    frequency: FloatArray, z: ComplexArray, elements: tuple[Element, ...], values: tuple[float, ...]
) -> tuple[ComplexArray, FloatArray]:
    """Impedance at the load's side (ohm), and share of the power there that reaches the antenna.

    frequency: (n,) Hz; z: (n,) ohm, with Re z > 0; values: H or F, one per element.
    """
    omega = 2.0 * np.pi * frequency
    z, passed = np.asarray(z, dtype=complex), np.ones(z.shape)
    for element, value in zip(elements, values, strict=True):
        immittance = omega * value * (1j + 1.0 / element.q)  # (n,) Z of a coil, Y of a capacitor
        series = element.kind.startswith("series")
        added = immittance if element.kind.endswith("L") == series else 1.0 / immittance
        before: ComplexArray = z if series else 1.0 / z
        after = before + added
        passed = np.asarray(passed * before.real / after.real)
        z = np.asarray(after if series else 1.0 / after)
    return z, passed
