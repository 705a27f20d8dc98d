"""Array = layouts, where each of them lies, one stack and one band: what an array solver takes.

Every element is a layout turned by its rotation about the layout's own origin and moved to its
position; all lie in one plane over one stack.  What counts as overlapping is metal: two elements
whose metal is less than :data:`CLEARANCE` apart would be one conductor, and are refused.  Films may
overlap: the planar solver takes the film as one endless sheet anyway, so that it is told, in
:attr:`Array.notes`, and not refused.

Ports are counted element by element, and inside an element in the order of its layout.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from shapely import STRtree, affinity
from shapely.geometry import MultiPolygon
from shapely.ops import nearest_points

from .common.checks import did_you_mean, kind, number
from .common.display import picture
from .conventions import FloatArray, JsonDict
from .errors import GeometryError, InputError
from .geometry.layout import Layout
from .geometry.load import load_geometry
from .media.layer import Stack
from .media.soils import load_soil
from .problem import Band, Problem

CLEARANCE = 1e-3  # m of metal to metal: nearer is touching
FARTHEST = 1e5  # m, of a position from the origin


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Array:
    """Elements in one plane over one stack.

    layout: of every element, or None where ``layouts`` has them by name.  positions: (n, 2) m, of
    the layouts' origins.  rotations: (n,) rad from +x towards +y, 0 without.  types: (n,) keys of
    ``layouts``; without, all are ``layout``.  names: (n,) of the elements, "1", "2", ... without.
    height: m, as of a :class:`~lunar_antenna.problem.Problem`.

    Raises :class:`InputError` for what cannot be an array, GeometryError where metal overlaps.
    """

    layout: Layout | None
    positions: FloatArray
    stack: Stack
    height: float = 0.0
    band: Band = None  # type: ignore[assignment]
    rotations: FloatArray = None  # type: ignore[assignment]
    types: tuple[str, ...] = None  # type: ignore[assignment]
    layouts: Mapping[str, Layout] = None  # type: ignore[assignment]
    names: tuple[str, ...] = None  # type: ignore[assignment]
    name: str = "array"
    _problems: Mapping[str, Problem] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "positions", _positions(self.positions))
        count = len(self.positions)
        put(self, "rotations", _rotations(self.rotations, count))
        stack = load_soil(self.stack) if isinstance(self.stack, str) else self.stack
        put(self, "stack", stack)
        self._take_layouts(count)
        put(self, "names", _names(self.names, count))
        kind("array name", self.name, str, "text")
        problems = {
            key: Problem(layout, stack, self.height, self.band)
            for key, layout in self.layouts.items()
        }
        put(self, "_problems", problems)
        first = next(iter(problems.values()))
        put(self, "height", first.height)
        put(self, "band", first.band)
        self._one_plane()
        self._apart()

    def _take_layouts(self, count: int) -> None:
        """``layout``, ``layouts`` and ``types`` as one table of those used, and a key each."""
        put = object.__setattr__
        single = load_geometry(self.layout) if isinstance(self.layout, str) else self.layout
        put(self, "layout", single)
        given: dict[str, Layout] = {}
        if self.layouts is not None:
            kind("layouts", self.layouts, Mapping, "a table {name: layout}")
        for key, value in (self.layouts or {}).items():
            given[str(key)] = load_geometry(value) if isinstance(value, str) else value
        if not given:
            if single is None:
                raise InputError("array has no layout; give layout, or layouts with types")
            if self.types is not None:
                raise InputError("types given without layouts; give layouts = {name: layout}")
            key = getattr(single, "name", "element")
            given, types = {key: single}, (key,) * count
        else:
            types = _types(self.types, given, count)
        for key, value in given.items():
            if not isinstance(value, Layout):
                raise InputError(
                    f"layout {key!r} is {type(value).__name__}; give la.load_geometry(...)"
                )
        put(self, "types", types)
        put(self, "layouts", {key: given[key] for key in given if key in set(types)})

    def _one_plane(self) -> None:
        """All metal in one plane: one film for all, no relief."""
        films = {key: layout.film for key, layout in self.layouts.items()}
        kinds = list(films)
        for key in kinds[1:]:
            if films[key] != films[kinds[0]]:
                raise InputError(
                    f"layouts {kinds[0]!r} and {key!r} have different films, which would put their "
                    "metal into different planes; give both the same film"
                )
        for key, layout in self.layouts.items():
            if layout.relief is not None:
                raise InputError(
                    f"layout {key!r} is not plane ({layout.relief}); an array's elements lie in "
                    "one plane: take its relief away"
                )

    def _apart(self) -> None:
        """Refuse metal that meets."""
        surfaces = [self.surface(index) for index in range(self.n_elements)]
        tree = STRtree(surfaces)
        for index, shape in enumerate(surfaces):
            near = tree.query(shape, predicate="dwithin", distance=CLEARANCE)
            for other in sorted(int(item) for item in near if item > index):
                raise GeometryError(self._overlap(index, other, surfaces))

    def _overlap(self, first: int, second: int, surfaces: Sequence[MultiPolygon]) -> str:
        a, b = surfaces[first], surfaces[second]
        shared = a.intersection(b)
        point = nearest_points(a, b)[0] if shared.is_empty else shared.representative_point()
        # to the micrometre: what rounding leaves of a zero is no coordinate
        (x0, y0), (x1, y1) = self.positions[[first, second]].round(6) + 0.0
        return (
            f"elements {self.names[first]} at ({x0:g}, {y0:g}) m and {self.names[second]} at "
            f"({x1:g}, {y1:g}) m overlap: their metal meets at "
            f"({round(point.x, 6) + 0.0:.4g}, {round(point.y, 6) + 0.0:.4g}) m; "
            f"keep metal {CLEARANCE:g} m apart: move or turn one of them"
        )

    def __repr__(self) -> str:
        kinds = ", ".join(f"{self.types.count(key)} {key}" for key in self.layouts)
        x0, y0, x1, y1 = self.bounds
        return (
            f"<Array {self.name}: {kinds}, {self.n_ports} ports, {x1 - x0:.3g} m x {y1 - y0:.3g} m "
            f"at {self.height:g} m on {self.stack.name}, {self.band!r}>"
        )

    # -- elements and ports ----------------------------------------------------------------

    @property
    def n_elements(self) -> int:
        return len(self.positions)

    @property
    def frequency(self) -> FloatArray:
        return self.band.frequency

    @property
    def n_ports(self) -> int:
        return len(self.ports)

    @property
    def ports(self) -> tuple[tuple[int, int], ...]:
        """(element, port of its layout) of every port, both counted from 0."""
        return tuple(
            (index, port)
            for index, key in enumerate(self.types)
            for port in range(len(self.layouts[key].ports))
        )

    @property
    def port_names(self) -> tuple[str, ...]:
        """ "3" for element 3 with one port, "3.2" for the second port of one with several."""
        return tuple(
            f"{self.names[index]}.{port + 1}"
            if len(self.layouts[self.types[index]].ports) > 1
            else self.names[index]
            for index, port in self.ports
        )

    def element(self, name: str | int) -> int:
        """Index of the element called ``name``, else :class:`InputError`."""
        text = str(name)
        if text not in self.names:
            raise InputError(
                f"array has no element {text!r}; {did_you_mean(text, self.names)}"
                f"it has {self.n_elements}, from {self.names[0]} to {self.names[-1]}"
            )
        return self.names.index(text)

    def problem(self, key: str) -> Problem:
        """The element of type ``key`` by itself, at the origin."""
        return self._problems[key]

    def surface(self, index: int) -> MultiPolygon:
        """Everything of an element that carries current, where it lies."""
        return self._placed(index, self.layouts[self.types[index]].surface)

    def film(self, index: int) -> Any:
        """Outline of an element's film where it lies, or None."""
        outline = self.layouts[self.types[index]].film_outline
        return None if outline is None else self._placed(index, outline)

    def _placed(self, index: int, shape: Any) -> Any:
        turned = affinity.rotate(shape, self.rotations[index], origin=(0, 0), use_radians=True)
        return affinity.translate(turned, *self.positions[index])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """x_min, y_min, x_max, y_max of all metal, m."""
        every = np.array([self.surface(k).bounds for k in range(self.n_elements)])
        low, high = every[:, :2].min(axis=0), every[:, 2:].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def notes(self) -> tuple[str, ...]:
        """What a result says beside its numbers."""
        films = [self.film(k) for k in range(self.n_elements)]
        placed = [film for film in films if film is not None]
        if not placed:
            return ()
        first, second = STRtree(placed).query(placed, predicate="overlaps")
        pairs = [(i, j) for i, j in zip(first.tolist(), second.tolist(), strict=True) if i < j]
        if not pairs:
            return ()
        i, j = pairs[0]
        return (
            f"films of elements {self.names[i]} and {self.names[j]} overlap"
            f"{_and_others(len(pairs) - 1)}; taken as one sheet",
        )

    # -- files -----------------------------------------------------------------------------

    def with_frequency(self, frequency: object) -> Array:
        """The same array on another band (Hz)."""
        return self._with(band=Band(frequency))

    def with_positions(self, positions: object, rotations: object = None) -> Array:
        """The same elements at other places, (n, 2) m, turned as before unless told."""
        turned = self.rotations if rotations is None else rotations
        return self._with(positions=positions, rotations=turned)

    def _with(self, **changes: Any) -> Array:
        whole = {
            "layout": None,
            "positions": self.positions,
            "stack": self.stack,
            "height": self.height,
            "band": self.band,
            "rotations": self.rotations,
            "types": self.types,
            "layouts": self.layouts,
            "names": self.names,
            "name": self.name,
        }
        return Array(**{**whole, **changes})

    def without(self, *elements: str | int) -> Array:
        """The array without some of its elements, the others named as before."""
        gone = {self.element(item) for item in elements}
        keep = [k for k in range(self.n_elements) if k not in gone]
        if not keep:
            raise InputError("no element is left; take fewer away")
        return self._with(
            positions=self.positions[keep],
            rotations=self.rotations[keep],
            types=tuple(self.types[k] for k in keep),
            names=tuple(self.names[k] for k in keep),
        )

    def to_dict(self) -> JsonDict:
        return {
            "name": self.name,
            "positions": self.positions.tolist(),
            "rotations": self.rotations.tolist(),
            "types": list(self.types),
            "names": list(self.names),
            "layouts": {key: layout.to_dict() for key, layout in self.layouts.items()},
            "stack": self.stack.to_dict(),
            "height": self.height,
            "frequency": self.frequency.tolist(),
        }

    @classmethod
    def from_dict(cls, data: JsonDict) -> Array:
        return cls(
            None,
            data["positions"],
            Stack.from_dict(data["stack"]),
            data["height"],
            Band(data["frequency"]),
            data["rotations"],
            tuple(data["types"]),
            {key: Layout.from_dict(item) for key, item in data["layouts"].items()},
            tuple(data["names"]),
            data["name"],
        )

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON: equal inputs, equal digest."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _repr_png_(self) -> bytes:
        return picture(self)


def _and_others(count: int) -> str:
    """What follows the first of several pairs."""
    if not count:
        return ""
    return f", and those of {count} other pair{'s' if count > 1 else ''}"


def _positions(value: object) -> FloatArray:
    try:
        found = np.array(value, dtype=float)
    except (TypeError, ValueError):
        raise InputError("positions are not numbers; give (n, 2) in m") from None
    if found.ndim != 2 or found.shape[1] != 2 or not len(found):
        raise InputError(f"positions have shape {found.shape}; give (n, 2) in m, n at least 1")
    bad = np.flatnonzero(~np.all(np.abs(found) <= FARTHEST, axis=1))
    if bad.size:
        x, y = found[bad[0]]
        raise InputError(
            f"position {bad[0] + 1} = ({x:g}, {y:g}) m; give finite numbers within {FARTHEST:g} m"
        )
    found.setflags(write=False)
    return found


def _rotations(value: object, count: int) -> FloatArray:
    if value is None:
        found = np.zeros(count)
    else:
        try:
            found = np.array(value, dtype=float)
        except (TypeError, ValueError):
            raise InputError("rotations are not numbers; give (n,) in rad") from None
        if found.shape != (count,):
            raise InputError(f"rotations have shape {found.shape}; give {count}, one per element")
    for index, item in enumerate(found, 1):
        turned = number(f"rotation {index}", float(item), low=-100.0, high=100.0, unit="rad")
        if abs(turned) > 2.0 * math.pi * (1.0 + 1e-9):
            raise InputError(
                f"rotation {index} = {turned:g} rad is more than a turn; were degrees meant? "
                "give rad"
            )
    found.setflags(write=False)
    return found


def _types(value: object, layouts: Mapping[str, Any], count: int) -> tuple[str, ...]:
    if value is None:
        if len(layouts) > 1:
            raise InputError(
                f"layouts has {', '.join(layouts)}; give types, one of these for each element"
            )
        return (next(iter(layouts)),) * count
    found = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
    if len(found) != count:
        raise InputError(f"types has {len(found)} names; give {count}, one per element")
    for index, key in enumerate(found, 1):
        if key not in layouts:
            raise InputError(
                f"element {index} is of type {key!r}, which is not known; "
                f"{did_you_mean(key, layouts)}allowed: {', '.join(layouts)}"
            )
    return tuple(str(key) for key in found)


def _names(value: object, count: int) -> tuple[str, ...]:
    if value is None:
        return tuple(str(k + 1) for k in range(count))
    found = tuple(str(item) for item in value)  # type: ignore[attr-defined]
    if len(found) != count or len(set(found)) != count:
        raise InputError(f"names has {len(set(found))} different ones; give {count}")
    return found
