"""The folder of a search of places.

layouts.jsonl     every layout that was tried (:mod:`.trail`)
arrangement.json  the document of ``arrange --json``
best.csv          x, y (m), rotation (degrees) and type of every element
best.toml         an ARRAY.toml of them, where the search began with one: what ``array`` reads
best.h5           the solution of the best layout, where it was solved
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...array.file import ArrayFile
from ...array_problem import Array
from ...common.files import is_file, write_json, write_text
from .result import Arrangement

PLACES, BEST, SOLUTION, DOCUMENT = "best.csv", "best.toml", "best.h5", "arrangement.json"


def write_all(found: Arrangement, given: ArrayFile, source: Path | None, folder: Path) -> None:
    """Everything but the layouts tried, which are there already."""
    write_text(folder / PLACES, places_csv(found.array))
    if source is not None:
        write_text(folder / BEST, best_toml(found, given, folder))
    if found.solution is not None:
        found.solution.save(folder / SOLUTION)
    write_json(folder / DOCUMENT, found.to_dict())


def places_csv(array: Array) -> str:
    """What [layout] kind = "csv" reads."""
    rows = [
        f"{x!r},{y!r},{float(np.rad2deg(turn))!r},{key}"
        for (x, y), turn, key in zip(
            array.positions.tolist(), array.rotations, array.types, strict=True
        )
    ]
    return "\n".join(("x,y,rotation,type", *rows)) + "\n"


def best_toml(found: Arrangement, given: ArrayFile, folder: Path) -> str:
    """The file that was searched, with the places that were found; paths seen from ``folder``."""
    import tomli_w

    content: dict[str, Any] = {
        key: value
        for key, value in given.content.items()
        if key not in ("layout", "missing", "search")
    }
    content["accuracy"], content["z0"] = given.accuracy, given.z0
    if isinstance(content["soil"], str):
        content["soil"] = _seen(content["soil"], given.folder, folder)
    content["elements"] = {
        name: {**part, "geometry": _seen(part["geometry"], given.folder, folder)}
        for name, part in content["elements"].items()
    }
    content["layout"] = {"kind": "csv", "file": PLACES}
    told: Mapping[str, Any] = found.to_dict()
    head = f"# {told['merit']} = {found.value:.5g}, the best of {len(found.tried)} layouts\n"
    return head + tomli_w.dumps(content)


def _seen(name: str, before: Path, folder: Path) -> str:
    """A path that was relative to ``before`` relative to ``folder``; names as they are."""
    path = before / name
    if Path(name).suffix and is_file(path) and not Path(name).is_absolute():
        return os.path.relpath(path.resolve(), folder.resolve())
    return name
