"""Where a geometry is solved: options first, then what a best.toml says of its design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..common.checks import number
from . import options
from .output import say

if TYPE_CHECKING:
    from ..media.layer import Stack
    from ..problem import Band
    from ..search.output.design import Design
    from ..search.port import PortModel, Termination

Z0 = 100.0  # ohm, where nothing else is said
BAND, POINTS = "5:35", 61


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Soil, height (m), band and reference (ohm) of what is solved, and the design they are of."""

    stack: Stack
    height: float
    band: Band
    z0: float
    design: Design | None = None
    network: bool = True
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def end(self) -> tuple[PortModel, Termination]:
        """What the port is ended by."""
        from ..search.port import PortModel, Termination

        if self.design is None:
            return PortModel(self.z0, self.z0), Termination(self.z0)
        return self.design.ended(self.z0, network=self.network)


def place(
    geometry: str,
    *,
    soil: str | None = None,
    height: float | None = None,
    band: str | None = None,
    points: int | None = None,
    z0: float | None = None,
    network: bool = True,
) -> Place:
    """What the options leave open is taken from the file of ``geometry`` and said on stderr."""
    from ..search.output.design import Design, design_of

    if band is not None:
        options.parse_band(band)
    if z0 is not None:
        number("--z0", z0, low=0.0, low_open=True, high=1e6, unit="ohm")
    found = design_of(geometry)
    design = found or Design()
    said: dict[str, str] = {}
    if soil is None and design.stack is not None:
        said["soil"] = design.stack.name
        stack = design.stack
    else:
        stack = options.load_stack(soil)
    if height is None and design.height is not None:
        height = design.height
        if not stack.is_free_space:
            said["height"] = f"{height:g} m"
    elif height:
        options.tell_height(stack, height)
    if z0 is None and design.z0 is not None:
        z0 = design.z0
        turns = "" if design.load is None else _turns(z0, design.load)
        said["z0"] = f"{z0:.6g} ohm{turns}"
    if network and design.network:
        said["network"] = ", ".join(
            f"{item.kind} {item.low:.4g} {item.unit}" for item in design.network
        )
    chosen = _band(band, points, design, said)
    if said:
        say(f"from {geometry}: {', '.join(f'{k} {v}' for k, v in said.items())}")
    return Place(stack, height or 0.0, chosen, Z0 if z0 is None else z0, found, network, said)


def _turns(z0: float, load: float) -> str:
    """How an ideal transformer makes ``z0`` of ``load``, ohm."""
    return f" ({load:g} ohm behind turns {(z0 / load) ** 0.5:.4g} : 1)"


def _band(band: str | None, points: int | None, design: Design, said: dict[str, str]) -> Band:
    known = design.band
    if known is None or band is not None:
        return options.make_band(band or BAND, POINTS if points is None else points)
    low, high = known.frequency[[0, -1]] / 1e6
    if points is not None:
        said["band"] = f"{low:g}:{high:g} MHz"
        return options.make_band(f"{low:.12g}:{high:.12g}", points)
    said["band"] = f"{low:g}:{high:g} MHz, {known.frequency.size} points"
    return known
