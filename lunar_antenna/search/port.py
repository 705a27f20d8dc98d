"""What ends the antenna: a reference impedance, an ideal transformer, a matching network.

None of it needs a solution: everything here is applied to impedances that are known.

An ideal transformer of turns ratio n (antenna : load) shows the antenna the impedance n^2 times
that of the load, so that a free turns ratio is a free reference impedance and is treated as one.

``accepted`` is what a study calls mismatch efficiency: power that reaches the antenna over power
available at the load's side, (1 - |Gamma|^2) x what the network does not dissipate.  Without a
network it is 1 - |Gamma|^2; with one, a lossy network gains nothing by its losses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..circuit.networks import MOST, Element, transform
from ..common.checks import number
from ..common.parameter import Parameter
from ..common.tables import Table
from ..conventions import ComplexArray, FloatArray, JsonDict
from ..errors import InputError

Z0 = "z0"
_DEFAULT = (25.0, 600.0)  # ohm
_MOST_OHM = 1e5


@dataclass(frozen=True, slots=True)
class Termination:
    """One choice: z0 in ohm, and the network's values in H or F."""

    z0: float
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class PortModel:
    """What is allowed at the port; z0_low = z0_high is a fixed reference impedance (ohm).

    load: ohm behind an ideal transformer, or None: the load is z0 itself.
    """

    z0_low: float = _DEFAULT[0]
    z0_high: float = _DEFAULT[1]
    load: float | None = None
    network: tuple[Element, ...] = ()

    def __post_init__(self) -> None:
        number("z0", self.z0_low, low=0.0, high=_MOST_OHM, low_open=True, unit="ohm")
        number("z0 range end", self.z0_high, low=self.z0_low, high=_MOST_OHM, unit="ohm")
        if len(self.network) > MOST:
            raise InputError(f"network has {len(self.network)} elements, allowed: up to {MOST}")

    @classmethod
    def from_table(cls, table: Table | Mapping[str, Any]) -> PortModel:
        """From [port]; see :mod:`.study.file`."""
        table = Table.of(table, "[port]")
        table.only("z0", "load", "turns", "network")
        elements = tuple(Element.from_table(row) for row in table.tables("network"))
        if ("load" in table) != ("turns" in table) or ("load" in table and "z0" in table):
            raise table.verdict("takes z0, or load and turns together; change one")
        with table.naming():
            if "load" in table:
                load = table.number("load", low=0.0, low_open=True, unit="ohm")
                low, high = _ends("[port] turns", table.content["turns"])
                return cls(load * low**2, load * high**2, load, elements)
            low, high = _ends("[port] z0", table.content.get("z0", list(_DEFAULT)))
            return cls(low, high, None, elements)

    @property
    def free(self) -> bool:
        return self.z0_low < self.z0_high

    def variables(self, *, with_z0: bool) -> dict[str, Parameter]:
        """What a study searches here: free network values, and z0 where it is not scanned."""
        found = {
            f"network.{index}": Parameter(
                f"network.{index}", item.unit, None, item.low, item.high, offset=0.0
            )
            for index, item in enumerate(self.network, start=1)
            if item.free
        }
        if with_z0 and self.free:
            found[Z0] = Parameter(Z0, "ohm", None, self.z0_low, self.z0_high, offset=0.0)
        return found

    def values(self, parameters: Mapping[str, float]) -> tuple[float, ...]:
        """Network values of a candidate, H or F."""
        return tuple(
            parameters.get(f"network.{index}", item.low)
            for index, item in enumerate(self.network, start=1)
        )

    def accepted(self, frequency: FloatArray, z: ComplexArray, at: Termination) -> FloatArray:
        """Power that reaches the antenna over available power, (n,); see the module."""
        if not self.network:
            return mismatch(z, at.z0)
        z, passed = transform(frequency, z, self.network, at.values)
        return mismatch(z, at.z0) * passed

    def describe(self, at: Termination) -> JsonDict:
        """The choice in words that a builder can use: turns ratio, elements with values."""
        found: JsonDict = {} if self.load is None else {"turns": (at.z0 / self.load) ** 0.5}
        if self.network:
            found["network"] = [
                {"element": item.kind, "value": value, "unit": item.unit, "q": item.q}
                for item, value in zip(self.network, at.values, strict=True)
            ]
        return found

    def to_dict(self) -> JsonDict:
        return {
            "z0": [self.z0_low, self.z0_high],
            "load": self.load,
            "network": [item.to_dict() for item in self.network],
        }

    @classmethod
    def from_dict(cls, data: JsonDict) -> PortModel:
        elements = tuple(Element.from_table(row) for row in data["network"])
        low, high = data["z0"]
        return cls(low, high, data["load"], elements)


def is_port_variable(name: str) -> bool:
    """Whether a variable of a study belongs to the port and not to the geometry."""
    return name == Z0 or name.startswith("network.")


def mismatch(z: ComplexArray, z0: float) -> FloatArray:
    """Mismatch efficiency 1 - |(Z - z0)/(Z + z0)|^2 = 4 z0 Re Z / |Z + z0|^2, shape of z."""
    return np.asarray(4.0 * z0 * z.real / ((z.real + z0) ** 2 + z.imag**2))


def _ends(name: str, value: object) -> tuple[float, float]:
    """A number as a range of no width, or the two ends of one."""
    items = value if isinstance(value, (list, tuple)) else [value, value]
    if len(items) != 2:
        raise InputError(f"{name} = {value!r} is not a number or a range; write [low, high]")
    low, high = (number(name, item, low=0.0, low_open=True, high=_MOST_OHM) for item in items)
    if low > high:
        raise InputError(f"{name} range = [{low:g}, {high:g}] is empty; give low < high")
    return low, high
