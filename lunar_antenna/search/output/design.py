"""What a best.toml says of its design beside the geometry: where it lies and what ends it.

The table [source.optimised], written by :mod:`.best`.  Every key may be left out: files of older
versions, and such as were written by hand, have fewer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...circuit.networks import Element
from ...common.tables import Table
from ...conventions import JsonDict
from ...geometry.load import is_drawing
from ...geometry.spec import read_spec
from ...media.layer import Stack
from ...media.soil_files import read_layers
from ...media.soils import load_soil
from ...problem import Band
from ..port import PortModel, Termination
from ..response import EFFICIENCIES
from ..study.goals import Goals

KEY = "optimised"  # of [source]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """None is what the file does not say.

    z0: ohm.  load: ohm behind an ideal transformer, z0 = load x turns^2.  network: from the
    antenna to the load.  height: m.  band: solved frequencies of the stage that judged it.
    threshold, efficiency: of its band.  goals: what it was judged by.  scenarios: names of those
    that a robust study judged it in, all at once.
    """

    z0: float | None = None
    load: float | None = None
    network: tuple[Element, ...] = ()
    stack: Stack | None = None
    height: float | None = None
    band: Band | None = None
    threshold: float | None = None
    efficiency: str | None = None
    goals: Goals | None = None
    scenarios: tuple[str, ...] = ()

    def ended(self, z0: float, *, network: bool = True) -> tuple[PortModel, Termination]:
        """The port as the design ends it, at the reference impedance ``z0`` (ohm)."""
        elements = self.network if network else ()
        return PortModel(z0, z0, self.load, elements), Termination(
            z0, tuple(item.low for item in elements)
        )


def design_of(geometry: str | os.PathLike[str]) -> Design | None:
    """The design that an optimisation wrote into the file; None for every other geometry.

    Raises :class:`InputError` in one line that names file and key.
    """
    if is_drawing(geometry):
        return None
    source = Table(read_spec(geometry).get("source", {}), os.fspath(geometry), "[source]")
    if KEY not in source:
        return None
    return _read(source.table(KEY))


def _read(table: Table) -> Design:
    found: dict[str, Any] = {}
    if "z0" in table:
        found["z0"] = table.number("z0", low=0.0, low_open=True, high=1e6, unit="ohm")
    if "load" in table:
        found["load"] = table.number("load", low=0.0, low_open=True, high=1e6, unit="ohm")
    if "height" in table:
        found["height"] = table.number("height", low=0.0, high=1000.0, unit="m")
    if "threshold" in table:
        found["threshold"] = table.number("threshold", low=0.0, low_open=True, high=1.0)
    if "efficiency" in table:
        found["efficiency"] = table.choice("efficiency", EFFICIENCIES)
    with table.naming():
        found["stack"] = _stack(table)
        found["band"] = _band(table)
        if "goals" in table:
            found["goals"] = Goals.from_dict(_goals(table.table("goals")))
    found["network"] = tuple(
        Element.from_table(replace(row, content=_without(row.content, "unit")))
        for row in table.tables("network")
    )
    found["scenarios"] = tuple(str(item) for item in table.content.get("surroundings", ()))
    return Design(**found)


def _goals(table: Table) -> JsonDict:
    return {name: list(table.tables(name)) for name in ("objectives", "constraints")}


def _stack(table: Table) -> Stack | None:
    """The layers written out, or else the shipped soil of that name."""
    if "soil" not in table:
        return None
    name = table.text("soil")
    return Stack(read_layers(table), name) if "layer" in table else load_soil(name)


def _band(table: Table) -> Band | None:
    """``solved_mhz``: both ends of ``points`` even frequencies, or all of them."""
    if "solved_mhz" not in table:
        return None
    mhz = table.numbers("solved_mhz", low=0.01, high=1e4, unit="MHz")
    if len(mhz) == 2:
        return Band.mhz(*mhz, table.whole("points", 61, high=100_001))
    return Band(np.array(mhz) * 1e6)


def solved_mhz(band: Band, points: int) -> list[float]:
    """What :func:`design_of` reads back as ``band``: its ends where it is even, else all of it."""
    mhz = band.frequency / 1e6
    even = np.linspace(mhz[0], mhz[-1], mhz.size)
    uniform = mhz.size != points or np.allclose(mhz, even, rtol=1e-12, atol=0.0)
    return [float(mhz[0]), float(mhz[-1])] if uniform else mhz.tolist()


def _without(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name != key}
