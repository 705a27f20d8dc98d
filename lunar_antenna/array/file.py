"""ARRAY.toml: the file of an array, read by the one checked reader of tables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..array_problem import Array
from ..common.catalogue import find
from ..common.checks import kind
from ..common.files import is_file
from ..common.tables import Table, read_toml
from ..errors import InputError
from ..geometry.layout import Layout
from ..geometry.load import load_geometry
from ..media.layer import Stack
from ..media.soils import load_soil
from ..problem import Band
from .places import places

FREE_SPACE = ("free-space", "free_space")
ACCURACIES = ("draft", "normal", "fine")
_KEYS = ("name", "soil", "height", "band", "points", "z0", "accuracy", "elements", "layout")


@dataclass(frozen=True, slots=True)
class ArrayFile:
    """What a file says: the array, how finely it is to be solved, the reference of its figures.

    search: its table [search] of a search of places, unread.  content: of the whole file; folder:
    what its relative paths are seen from.
    """

    array: Array
    accuracy: str
    z0: float
    search: Table
    content: Mapping[str, Any]
    folder: Path


def load_array(path: str | os.PathLike[str]) -> Array:
    """The array of an ARRAY.toml, or of a shipped one by name.

    Raises :class:`InputError`, in one line that names file and key.
    """
    return read_array(path).array


def read_array(path: str | os.PathLike[str]) -> ArrayFile:
    """Everything that an ARRAY.toml says."""
    kind("array", path, (str, os.PathLike), "the path of a TOML file or the name of a shipped one")
    source = find("arrays", path)
    table = Table(read_toml(source), str(source))
    table.only(*_KEYS, "missing", "search")
    table.needs("soil", "band", "elements", "layout")
    layouts = _layouts(table.table("elements"), source.parent)
    soil = table.text("soil")
    with table.naming():
        stack = Stack.free_space() if soil in FREE_SPACE else load_soil(_near(soil, source.parent))
        band = _band(table)
        metal = {key: layout.surface for key, layout in layouts.items()}
        found = places(table.table("layout"), source.parent, metal)
        if len(found.positions) < 2:
            raise InputError("an array of one element; use the verb solve, or give more elements")
        array = Array(
            None,
            found.positions,
            stack,
            table.number("height", 0.0, low=0.0, high=1000.0, unit="m"),
            band,
            found.rotations,
            found.types,
            layouts,
            name=table.text("name", source.stem),
        )
        gone = _missing(table, array.n_elements)
        if gone:
            array = array.without(*gone)
    return ArrayFile(
        array,
        table.choice("accuracy", ACCURACIES, "normal"),
        table.number("z0", 100.0, low=0.0, low_open=True, high=1e6, unit="ohm"),
        table.table("search"),
        table.content,
        source.parent,
    )


def _layouts(table: Table, folder: Path) -> dict[str, Layout]:
    """[elements.NAME]: geometry, and in ``set`` what is changed of it."""
    if not table.content:
        raise table.verdict("has no element; write [elements.A] with geometry = 'NAME'")
    found: dict[str, Layout] = {}
    for key in table:
        part = table.table(key)
        part.only("geometry", "set", "metal", "film")
        changes: dict[str, Any] = dict(part.table("set").content)
        for name in ("metal", "film"):
            if name in part:
                changes[name] = part.content[name]
        with part.naming():
            found[key] = load_geometry(_near(part.text("geometry"), folder), **changes)
    return found


def _near(name: str, folder: Path) -> str:
    """A relative path is seen from the folder of the file; a bare name is a shipped one."""
    path = folder / name
    return str(path) if Path(name).suffix and is_file(path) else name


def _band(table: Table) -> Band:
    text = table.text("band")
    low, colon, high = text.partition(":")
    try:
        ends = float(low), float(high if colon else low)
    except ValueError:
        raise table.fault(f"band = {text!r} is not LOW:HIGH in MHz; write '5:35'") from None
    default = 1 if ends[0] == ends[1] else 31
    with table.naming():
        return Band.mhz(*ends, table.whole("points", default, high=10_001))


def _missing(table: Table, count: int) -> list[int]:
    """Numbers of elements that are not there."""
    part = table.table("missing")
    part.only("elements")
    if not part.content:
        return []
    gone = part.numbers("elements", low=1, high=count)
    for item in gone:
        if item != int(item):
            raise part.fault(f"elements holds {item:g}; give whole numbers from 1 to {count}")
    return sorted({int(item) for item in gone})
