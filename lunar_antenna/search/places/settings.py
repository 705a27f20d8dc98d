"""What a search of places is told: the table [search] of an ARRAY.toml, or keywords.

    [search]
    radius = 30.0             m, of the disc about the origin that holds all positions
    least_distance = 8.0      m, centre to centre
    random = 50               layouts at random that are tried first
    moves = 500               single elements moved after that, each from the best so far
    seed = 1
    [search.merit]            what is made small: active_reflection or embedded_pattern with its
    merit = "active_reflection"    parameters (:mod:`lunar_antenna.search.merits.over_scan`)
    scan = 45.0

The elements, how each is turned, the soil, the band with its points and z0 are those of the array.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...common.checks import number, whole
from ...common.tables import Table
from ...conventions import JsonDict
from ...errors import InputError
from ..merits import MERITS, make_merit
from ..merits.over_scan import OverScan

MOST = 1_000_000  # layouts


@dataclass(frozen=True, slots=True)
class PlacesSettings:
    """See the module; lengths in m."""

    radius: float
    least_distance: float
    merit: OverScan
    random: int = 50
    moves: int = 500
    seed: int = 1

    def __post_init__(self) -> None:
        number("radius", self.radius, low=0.0, low_open=True, high=1e4, unit="m")
        number("least_distance", self.least_distance, low=0.0, high=1e4, unit="m")
        whole("random", self.random, low=0, high=MOST)
        whole("moves", self.moves, low=0, high=MOST)
        whole("seed", self.seed, low=0, high=2**31)
        if self.random + self.moves == 0:
            raise InputError("random = 0 and moves = 0: nothing is searched; give one of them")

    @classmethod
    def of(cls, table: Table, **given: Any) -> PlacesSettings:
        """From [search]; ``given`` that is not None in place of what stands there."""
        table.only("radius", "least_distance", "random", "moves", "seed", "merit")
        with table.naming():
            content = {**table.content, **{k: v for k, v in given.items() if v is not None}}
            for name in ("radius", "least_distance"):
                if name not in content:
                    raise InputError(
                        f"no {name} of the search; give it in m, in [search] of the file or as "
                        f"{name}"
                    )
            return cls(**{**content, "merit": place_merit(content.get("merit"))})

    def to_dict(self) -> JsonDict:
        return {
            "radius": self.radius,
            "least_distance": self.least_distance,
            "merit": self.merit.to_dict(),
            "random": self.random,
            "moves": self.moves,
            "seed": self.seed,
        }

    def longer(self, random: int, moves: int) -> PlacesSettings:
        """The same with other counts."""
        return replace(self, random=random, moves=moves)


def place_merit(given: object) -> OverScan:
    """A merit of a cluster by name, by table, or as it is; active_reflection without."""
    known = [name for name in MERITS.names() if isinstance(MERITS.get(name), OverScan)]
    if given is None:
        given = "active_reflection"
    if isinstance(given, str):
        given = {"merit": given}
    merit = make_merit(given) if isinstance(given, Mapping) else given
    if not isinstance(merit, OverScan):
        told = getattr(merit, "name", type(merit).__name__)
        raise InputError(f"merit {told} is not of an array; allowed: {', '.join(known)}")
    return merit
