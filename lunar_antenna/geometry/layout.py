"""Layout: what is printed on the film, seen from above, in metres."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.ops import unary_union

from ..common.checks import choice, every, kind, number
from ..common.display import picture
from ..conventions import FloatArray, JsonDict
from ..errors import GeometryError
from ..media.sheets import Film, Metal, film_from, metal_from
from .relief import Relief, relief_from
from .ribbon import Ribbon

FARTHEST = 1e8  # m from the origin; beyond, a double's steps are no longer small against SNAP

_GAP_FIELDS = ("x", "y", "length", "width", "angle", "feed")


@dataclass(frozen=True, slots=True)
class Gap:
    """A rectangle bridging two conductors, in which the field of the port is impressed.

    x, y: centre, m.  length: m, along the field.  width: m, across it (the feed tab).
    angle: rad, direction of positive current through the gap, from +x towards +y.
    The current flows on the tab; the tab itself is not lossy metal.
    feed: "uniform" impresses the field evenly along the gap; "delta" puts it all on the gap's
    centre line, the textbook model, which does not converge as the mesh is refined.
    """

    x: float
    y: float
    length: float
    width: float
    angle: float = 0.0
    feed: str = "uniform"

    def __post_init__(self) -> None:
        number("gap angle", self.angle, error=GeometryError)
        for name in ("x", "y"):
            value = getattr(self, name)
            number(f"gap {name}", value, low=-FARTHEST, high=FARTHEST, error=GeometryError)
        choice("gap feed", self.feed, ("uniform", "delta"))
        for name in ("length", "width"):
            number(
                f"gap {name}",
                getattr(self, name),
                low=0.0,
                low_open=True,
                high=FARTHEST,
                unit="m",
                error=GeometryError,
            )

    @property
    def direction(self) -> FloatArray:
        """(2,) unit vector of positive current; exact along the axes."""
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        if abs(cosine) < 1e-15 or abs(sine) < 1e-15:
            return np.array([float(round(cosine)), float(round(sine))])
        return np.array([cosine, sine])

    @property
    def corners(self) -> FloatArray:
        """(4, 2) m, counter-clockwise."""
        along = self.direction * self.length / 2.0
        across = np.array([-self.direction[1], self.direction[0]]) * self.width / 2.0
        centre = np.array([self.x, self.y])
        return np.array(
            [
                centre - along - across,
                centre + along - across,
                centre + along + across,
                centre - along + across,
            ]
        )

    @property
    def polygon(self) -> Polygon:
        return Polygon(self.corners)

    def to_dict(self) -> JsonDict:
        return {name: getattr(self, name) for name in _GAP_FIELDS}


@dataclass(frozen=True, slots=True)
class Port:
    """One port: a gap, or the electrical series of several gaps."""

    gaps: tuple[Gap, ...]
    name: str = "1"

    def __post_init__(self) -> None:
        kind("port name", self.name, str, "text", GeometryError)
        gaps = every("port gaps", self.gaps, Gap, "la.Gap", GeometryError)
        object.__setattr__(self, "gaps", gaps)
        if not self.gaps:
            raise GeometryError(f"port {self.name!r} has no gap; give at least one")

    def to_dict(self) -> JsonDict:
        return {"name": self.name, "gaps": [gap.to_dict() for gap in self.gaps]}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Layout:
    """Conductors on a film seen from above, the film below or above them, and the ports.

    conductors: metal without the feed tabs (those are the gaps' rectangles).
    ribbons: the same metal along its length, for wire models; empty for free shapes.
    metal: None is a perfect conductor.  film: None is no film.
    film_outline: edge of the film; None where there is no film.
    relief: elevation of film and metal over the plan view; None (also for one that is 0
    everywhere) is a plane.
    """

    name: str
    conductors: tuple[Polygon, ...]
    ports: tuple[Port, ...]
    ribbons: tuple[Ribbon, ...] = ()
    metal: Metal | None = None
    film: Film | None = None
    film_outline: Polygon | None = None
    family: str = "free"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)
    relief: Relief | None = None

    def __post_init__(self) -> None:
        self._kinds()
        if self.relief is not None and self.relief.is_flat:
            object.__setattr__(self, "relief", None)
        if not self.conductors:
            raise GeometryError(f"layout {self.name!r} has no conductor; draw at least one")
        if not self.ports:
            raise GeometryError(f"layout {self.name!r} has no port; give at least one gap")

    def _kinds(self) -> None:
        """One line for whatever is of another type than it must be."""
        for name in ("name", "family"):
            kind(f"layout {name}", getattr(self, name), str, "text", GeometryError)
        for name, wanted, give in (
            ("conductors", Polygon, "shapely polygons (m)"),
            ("ports", Port, "la.Port"),
            ("ribbons", Ribbon, "ribbons"),
        ):
            found = every(f"layout {name}", getattr(self, name), wanted, give, GeometryError)
            object.__setattr__(self, name, found)
        for name, wanted, give in (
            ("metal", Metal, "la.Metal, or None for a perfect conductor"),
            ("film", Film, "la.Film, or None for none"),
            ("film_outline", (Polygon, MultiPolygon), "a shapely polygon (m), or None"),
            ("relief", Relief, "a relief, or None for a plane"),
        ):
            if getattr(self, name) is not None:
                kind(f"layout {name}", getattr(self, name), wanted, give, GeometryError)
        for name in ("parameters", "source"):
            kind(f"layout {name}", getattr(self, name), Mapping, "a table", GeometryError)

    def __repr__(self) -> str:
        x0, y0, x1, y1 = self.bounds
        metal = self.metal.name if self.metal else "pec"
        film = self.film.name if self.film else "no film"
        relief = f", {self.relief}" if self.relief else ""
        return (
            f"<Layout {self.name}: {x1 - x0:g} m x {y1 - y0:g} m, "
            f"{len(self.ports)} port(s), {metal}, {film}{relief}>"
        )

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """All gaps, port after port."""
        return tuple(gap for port in self.ports for gap in port.gaps)

    @property
    def series(self) -> FloatArray:
        """(n_gap, n_port) incidence: 1 where a gap is one of the port's series."""
        matrix = np.zeros((len(self.gaps), len(self.ports)))
        row = 0
        for column, port in enumerate(self.ports):
            for _ in port.gaps:
                matrix[row, column] = 1.0
                row += 1
        return matrix

    @property
    def surface(self) -> MultiPolygon:
        """Everything that carries current: conductors and feed tabs, merged."""
        merged = unary_union([*self.conductors, *(gap.polygon for gap in self.gaps)])
        return MultiPolygon([merged]) if merged.geom_type == "Polygon" else merged

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """x_min, y_min, x_max, y_max of the current-carrying surface, m."""
        return tuple(float(v) for v in self.surface.bounds)  # type: ignore[return-value]

    @property
    def regions(self) -> tuple[Polygon | MultiPolygon, ...]:
        """What a relief lifts: the current-carrying surface and, where there is one, the film."""
        film = () if self.film_outline is None else (self.film_outline,)
        return (self.surface, *film)

    @property
    def elevations(self) -> tuple[float, float]:
        """Lowest and highest elevation of metal and film above the flat plane, m."""
        if self.relief is None:
            return 0.0, 0.0
        from .relief_range import highest, lowest

        regions = self.regions
        return lowest(self.relief, regions).value, highest(self.relief, regions).value

    @property
    def metal_area(self) -> float:
        """m2, without the tabs."""
        return float(unary_union(self.conductors).area)

    def with_materials(
        self,
        metal: Metal | str | JsonDict | None = "keep",
        film: Film | str | JsonDict | None = "keep",
    ) -> Layout:
        """The same layout in other materials; ``"keep"`` leaves one as it is."""
        changes: dict[str, Any] = {}
        if metal != "keep":
            changes["metal"] = metal_from(metal)
        if film != "keep":
            changes["film"] = film_from(film)
            if changes["film"] is None:
                changes["film_outline"] = None
            elif self.film_outline is None:
                changes["film_outline"] = default_film_outline(self.surface)
        return replace(self, **changes)

    def with_feed(self, feed: str) -> Layout:
        """The same layout with all gaps fed by the model ``feed``, "uniform" or "delta"."""
        ports = tuple(
            Port(tuple(replace(gap, feed=feed) for gap in port.gaps), port.name)
            for port in self.ports
        )
        return replace(self, ports=ports)

    def to_dict(self) -> JsonDict:
        """Everything needed to rebuild the layout; lengths in m.  A plane has no ``relief``."""
        relief = {} if self.relief is None else {"relief": self.relief.to_dict()}
        return {
            **relief,
            "name": self.name,
            "family": self.family,
            "parameters": dict(self.parameters),
            "source": dict(self.source),
            "conductors": [mapping(polygon) for polygon in self.conductors],
            "ports": [port.to_dict() for port in self.ports],
            "ribbons": [ribbon.to_dict() for ribbon in self.ribbons],
            "metal": self.metal.to_dict() if self.metal else None,
            "film": self.film.to_dict() if self.film else None,
            "film_outline": mapping(self.film_outline) if self.film_outline else None,
        }

    @classmethod
    def from_dict(cls, data: JsonDict) -> Layout:
        outline = data.get("film_outline")
        return cls(
            name=data["name"],
            conductors=tuple(shape(item) for item in data["conductors"]),
            ports=tuple(
                Port(tuple(Gap(**gap) for gap in port["gaps"]), port["name"])
                for port in data["ports"]
            ),
            ribbons=tuple(
                Ribbon(item["path"], item["half_width"]) for item in data.get("ribbons", ())
            ),
            metal=metal_from(data.get("metal")),
            film=film_from(data.get("film")),
            film_outline=shape(outline) if outline else None,
            family=data.get("family", "free"),
            parameters=data.get("parameters", {}),
            source=data.get("source", {}),
            relief=relief_from(data.get("relief")),
        )

    def _repr_png_(self) -> bytes:
        return picture(self)


def default_film_outline(surface: MultiPolygon, margin: float = 0.25) -> Polygon:
    """The rectangle ``margin`` (m) larger than the conductors on every side."""
    x0, y0, x1, y1 = surface.bounds
    return Polygon(
        [
            (x0 - margin, y0 - margin),
            (x1 + margin, y0 - margin),
            (x1 + margin, y1 + margin),
            (x0 - margin, y1 + margin),
        ]
    )
