"""Where the elements of an array lie: on a grid, at random, on a spiral, as a file says.

Each kind reads its own keys of the table [layout], checks them and gives places; what two elements
must keep between their metal is the same for all, and checked by
:class:`~lunar_antenna.array_problem.Array`.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from shapely import affinity
from shapely.geometry import MultiPolygon

from ..common.checks import did_you_mean
from ..common.files import read_text
from ..common.tables import Table
from ..conventions import FloatArray
from ..errors import FileFormatError, InputError

MOST = 10_000  # elements
TRIES = 400  # places tried for each element of a random layout
CLEAR = 0.1  # m between the metal of elements placed at random


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """positions (n, 2) m, rotations (n,) rad, types (n,) names."""

    positions: FloatArray
    rotations: FloatArray
    types: tuple[str, ...]


def places(table: Table, folder: Path, metal: Mapping[str, MultiPolygon]) -> Places:
    """Of the table [layout].  metal: of each type, at the origin; folder: of the file."""
    kind = table.choice("kind", tuple(_KINDS))
    return _KINDS[kind](table, folder, metal)


def _grid(table: Table, folder: Path, metal: Mapping[str, MultiPolygon]) -> Places:
    """Rows and columns about the origin; ``count`` alone is as square as it can be."""
    del folder
    table.only("kind", "spacing", "count", "rows", "columns", *_TURNING)
    step = _spacing(table)
    if "count" in table and ("rows" in table or "columns" in table):
        raise table.verdict("gives count and rows or columns; give one or the other")
    if "count" in table:
        count = table.whole("count", high=MOST)
        columns = math.ceil(math.sqrt(count))
        rows = math.ceil(count / columns)
    else:
        rows = table.whole("rows", high=MOST)
        columns = table.whole("columns", high=MOST)
        count = rows * columns
        if count > MOST:
            raise table.fault(f"rows x columns = {count}; allowed: up to {MOST} elements")
    index = np.arange(count)
    x = (index % columns - 0.5 * (columns - 1)) * step[0]
    y = (index // columns - 0.5 * (rows - 1)) * step[1]
    return _turned(table, np.column_stack((x, y)), metal)


def _spacing(table: Table) -> tuple[float, float]:
    if isinstance(table.content.get("spacing"), (list, tuple)):
        both = table.numbers("spacing", low=0.01, high=1e4, unit="m")
        if len(both) != 2:
            raise table.fault(f"spacing holds {len(both)} numbers; write one, or [x, y]")
        return both[0], both[1]
    step = table.number("spacing", low=0.01, high=1e4, unit="m")
    return step, step


def _random(table: Table, folder: Path, metal: Mapping[str, MultiPolygon]) -> Places:
    """Uniform in a disc, each no nearer than least_distance to the others, metal apart."""
    del folder
    table.only("kind", "count", "least_distance", "radius", "seed", "random_rotation", *_TURNING)
    count = table.whole("count", high=MOST)
    least = table.number("least_distance", low=0.0, high=1e4, unit="m")
    radius = table.number("radius", low=0.0, low_open=True, high=1e5, unit="m")
    generator = np.random.default_rng(table.whole("seed", 1, low=0, high=2**31))
    types = _types(table, count, metal)
    turned = _rotations(table, count)
    if table.flag("random_rotation", False):
        turned = generator.uniform(0.0, 2.0 * math.pi, count)
    found: list[FloatArray] = []
    shapes: list[MultiPolygon] = []
    for index in range(count):
        shape = affinity.rotate(metal[types[index]], turned[index], origin=(0, 0), use_radians=True)
        for _ in range(TRIES):
            length, angle = radius * math.sqrt(generator.random()), 2 * math.pi * generator.random()
            place = length * np.array([math.cos(angle), math.sin(angle)])
            gaps = [float(np.hypot(*(place - other))) for other in found]
            if gaps and min(gaps) < least:
                continue
            moved = affinity.translate(shape, *place)
            if all(moved.distance(other) >= CLEAR for other in shapes):
                found.append(place)
                shapes.append(moved)
                break
        else:
            raise table.fault(
                f"count = {count}: no place is left for element {index + 1} in a disc of radius "
                f"{radius:g} m with least_distance {least:g} m; take a larger radius or fewer"
            )
    return Places(np.array(found), turned, types)


def _spiral(table: Table, folder: Path, metal: Mapping[str, MultiPolygon]) -> Places:
    """Arms of one Archimedean spiral, evenly in radius from ``inner`` to ``radius``."""
    del folder
    table.only("kind", "count", "arms", "radius", "inner", "turns", *_TURNING)
    count = table.whole("count", high=MOST)
    arms = table.whole("arms", low=1, high=count)
    radius = table.number("radius", low=0.0, low_open=True, high=1e5, unit="m")
    each = math.ceil(count / arms)
    inner = table.number("inner", radius / (2 * each), low=0.0, high=radius, unit="m")
    turns = table.number("turns", 1.0, low=-20.0, high=20.0)
    index = np.arange(count)
    share = (index // arms) / max(1, each - 1)
    length = inner + (radius - inner) * share
    angle = 2.0 * math.pi * (index % arms / arms + turns * share)
    return _turned(table, np.column_stack((length * np.cos(angle), length * np.sin(angle))), metal)


def _csv(table: Table, folder: Path, metal: Mapping[str, MultiPolygon]) -> Places:
    """Columns x and y (m), and where they are there rotation (degrees) and type."""
    table.only("kind", "file")
    path = folder / table.text("file")
    rows = csv.reader(io.StringIO(read_text(path)))
    lines = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if not lines:
        raise FileFormatError(f"{path} is empty; give a header x,y and a line for each element")
    header = [cell.lstrip("# ").lower() for cell in lines[0]]
    known = ("x", "y", "rotation", "type")
    for name in header:
        if name not in known:
            raise FileFormatError(
                f"{path} has unknown column {name!r}; {did_you_mean(name, known)}"
                f"allowed: {', '.join(known)}"
            )
    if len(set(header)) != len(header):
        raise FileFormatError(f"{path} has a column twice; give each once: {', '.join(known)}")
    for name in ("x", "y"):
        if name not in header:
            raise FileFormatError(
                f"{path} lacks column {name}; it has {', '.join(header)}; give x, y (m) and, as "
                "wanted, rotation (degrees) and type"
            )
    if len(lines) - 1 > MOST:
        raise FileFormatError(f"{path} has {len(lines) - 1} elements; allowed: up to {MOST}")
    if len(lines) < 2:
        raise FileFormatError(f"{path} has a header and no element; give a line for each")
    values: dict[str, list[str]] = {name: [] for name in header}
    for number, line in enumerate(lines[1:], 1):
        if len(line) != len(header):
            raise FileFormatError(
                f"{path}: element {number} has {len(line)} values; give {len(header)}: "
                f"{', '.join(header)}"
            )
        for name, cell in zip(header, line, strict=True):
            values[name].append(cell)
    columns = {name: _floats(path, name, values[name]) for name in header if name != "type"}
    count = len(lines) - 1
    return Places(
        np.column_stack((columns["x"], columns["y"])),
        np.deg2rad(columns.get("rotation", np.zeros(count))),
        _known(f"{path}: ", values["type"], metal)
        if "type" in values
        else _default(f"{path} has no column type", count, metal),
    )


def _floats(path: Path, name: str, cells: list[str]) -> FloatArray:
    found = np.empty(len(cells))
    for index, cell in enumerate(cells):
        try:
            found[index] = float(cell)
        except ValueError:
            found[index] = math.nan
        if not math.isfinite(found[index]):
            raise FileFormatError(
                f"{path}: {name} of element {index + 1} is {cell!r}; give a finite number"
            )
    if name == "rotation" and np.abs(found).max() > 360.0:
        worst = int(np.abs(found).argmax())
        raise FileFormatError(
            f"{path}: rotation of element {worst + 1} is {found[worst]:g} degrees; allowed: "
            "-360 to 360"
        )
    return found


_KINDS: dict[str, Callable[[Table, Path, Mapping[str, MultiPolygon]], Places]] = {
    "grid": _grid,
    "random": _random,
    "spiral": _spiral,
    "csv": _csv,
}
_TURNING = ("rotation", "rotations", "types")


def _turned(table: Table, positions: FloatArray, metal: Mapping[str, MultiPolygon]) -> Places:
    count = len(positions)
    return Places(positions, _rotations(table, count), _types(table, count, metal))


def _rotations(table: Table, count: int) -> FloatArray:
    """(count,) rad: ``rotation`` of all or ``rotations`` of each, in degrees."""
    if "rotations" in table:
        if "rotation" in table:
            raise table.verdict("gives rotation and rotations; give one or the other")
        every = table.numbers("rotations", low=-360.0, high=360.0, unit="degrees")
        if len(every) != count:
            raise table.fault(f"rotations holds {len(every)} numbers; give {count}")
        return np.asarray(np.deg2rad(np.array(every)))
    one = table.number("rotation", 0.0, low=-360.0, high=360.0, unit="degrees")
    return np.full(count, math.radians(one))


def _types(table: Table, count: int, metal: Mapping[str, MultiPolygon]) -> tuple[str, ...]:
    """(count,) names: those of ``types``, again and again."""
    if "types" not in table:
        return _default(f"{table.where} has no types", count, metal)
    given = table.content["types"]
    if not isinstance(given, list) or not given:
        raise table.fault("types is not a list of names; write for example types = ['A', 'B']")
    known = _known(f"{table.where}: ", given, metal)
    return tuple(known[index % len(known)] for index in range(count))


def _default(problem: str, count: int, metal: Mapping[str, MultiPolygon]) -> tuple[str, ...]:
    if len(metal) > 1:
        raise InputError(f"{problem}; the elements are of {', '.join(metal)}: say which is which")
    return (next(iter(metal)),) * count


def _known(where: str, given: list[str], metal: Mapping[str, MultiPolygon]) -> tuple[str, ...]:
    for index, name in enumerate(given, 1):
        if not isinstance(name, str) or name not in metal:
            raise InputError(
                f"{where}type of element {index} is {name!r}, which is not known; "
                f"{did_you_mean(name, metal)}allowed: {', '.join(metal)}"
            )
    return tuple(given)
