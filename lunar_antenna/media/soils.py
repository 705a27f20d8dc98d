"""Soils by name: TOML files of the folder ``soil_models``, those of packages outside, and files.

[project.entry-points."lunar_antenna.soils"]
crater = "lunar_extras.soils:CRATER"      a Stack, or the path of a soil file
extras = "lunar_extras.soils:FOLDER"      the path of a folder: each .toml in it is one soil
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..common import catalogue
from ..common.files import is_folder
from ..common.registry import Outside, Registry
from ..errors import InputError
from .layer import Stack
from .soil_files import read_soil

KIND = "soil_models"
SUFFIX = ".toml"
FREE_SPACE = "free-space"


class SoilRegistry(Registry[Stack]):
    """Shipped files and what packages outside add, read when first asked for."""

    def _walk(self) -> dict[str, str | Stack]:
        return {name: name for name in catalogue.names(KIND)}

    def _of_module(self, module: str) -> dict[str, Stack]:
        return {module: read_soil(catalogue.folder(KIND) / f"{module}{SUFFIX}")}

    def _entries(self) -> Iterable[Outside]:
        """Entry points; a folder's is replaced by one for each file in it."""
        for entry in super()._entries():
            try:
                path = _path(entry.load())
            except (Exception, SystemExit):  # said where the soil is asked for, and by doctor
                path = None
            if path is None or not is_folder(path):
                yield entry
                continue
            for name in sorted(item.stem for item in path.glob(f"*{SUFFIX}")):
                yield entry._replace(name=name)

    def _load(self, entry: Outside) -> Any:
        found = entry.load()
        path = _path(found)
        if path is not None:
            found = read_soil(path / f"{entry.name}{SUFFIX}" if is_folder(path) else path)
        if isinstance(found, Stack):
            return Stack(found.layers, entry.name, found.source)
        return found


def _path(thing: object) -> Path | None:
    return Path(thing) if isinstance(thing, (str, os.PathLike)) else None


SOILS = SoilRegistry("lunar_antenna.media", thing="soil", things="soils", attribute="", kind=Stack)


def soil_names() -> tuple[str, ...]:
    """Every name that :func:`load_soil` knows: "free-space", the shipped soils and others'."""
    return (FREE_SPACE, *SOILS.all())


def load_soil(soil: str | os.PathLike[str] | Stack) -> Stack:
    """The Stack of a name, of a TOML file, or of "free-space"; a Stack passes through.

    Raises InputError for an unknown name and FileFormatError for a file that is no soil model.
    """
    if isinstance(soil, Stack):
        return soil
    if not isinstance(soil, (str, os.PathLike)):
        raise InputError(
            f"soil is {type(soil).__name__}; give a name, a path of a TOML file or a Stack"
        )
    if soil == FREE_SPACE:
        return Stack.free_space()
    if soil not in catalogue.names(KIND) and soil in SOILS:
        return SOILS.get(soil)
    try:
        path = catalogue.find(KIND, soil, also=SOILS.names)
    except InputError as error:
        raise InputError(f"soil: {error}; or {FREE_SPACE}") from None
    return read_soil(path)
