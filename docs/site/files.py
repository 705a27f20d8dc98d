"""Pages about files: the keys of every TOML file, and what an HDF5 file holds."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from pathlib import Path
from typing import Any

import keys
from prose import code, first, markdown, markdown_text, table

# What a reader of the package belongs to: title, what is said first, modules.  A module that reads
# a table and stands in none of them fails :func:`sections`.
SECTIONS = (
    (
        "Geometry",
        "`geometries/NAME.toml`, or a file of yours: `lunar-antenna geometry show FILE`. "
        "`[parameters]` has the "
        "parameters of the [family](families.md), each [modifier](modifiers.md) a table of "
        "its own name.",
        ("lunar_antenna.geometry.spec", "lunar_antenna.geometry.free",
         "lunar_antenna.geometry.outlines.expand", "lunar_antenna.media.sheets"),
    ),
    (
        "Soil",
        "`soil_models/NAME.toml`, or a file of yours: `lunar-antenna soil show FILE`.",
        ("lunar_antenna.media.soil_files",),
    ),
    (
        "Study",
        "What `lunar-antenna optimize FILE` searches. The rows of `[[objective]]` and "
        "`[[constraint]]` are "
        "[merits](merits.md) with their own keys.",
        ("lunar_antenna.search.study.file", "lunar_antenna.search.port",
         "lunar_antenna.circuit.networks", "lunar_antenna.search.study.scenarios",
         "lunar_antenna.search.study.stages"),
    ),
    (
        "Free-form study",
        "Metal of any shape within a rectangle: `lunar-antenna optimize freeform_band`.",
        ("lunar_antenna.search.freeform.settings",),
    ),
    (
        "Array",
        "What `lunar-antenna array FILE` solves; see [arrays](../arrays.md).",
        ("lunar_antenna.array.file", "lunar_antenna.array.places",
         "lunar_antenna.search.places.settings"),
    ),
    (
        "Measurement",
        "`x.toml` beside the sweep `x.s1p`; see [measurement](../measurement.md).",
        ("lunar_antenna.measurement.reading.sidecar",),
    ),
    (
        "Receiver",
        "For `noise --receiver FILE`, `la.noise_budget` and the merit `noise_ratio`.",
        ("lunar_antenna.sky.receiver",),
    ),
)  # fmt: skip
KEY_HEAD = ("key", "value", "default", "allowed")


def toml() -> str:
    """Every key of every file, with what the readers' docstrings say of them."""
    parts = [
        "# Keys of TOML files",
        "Read off the code that reads the files. Units are SI, frequencies in MHz where the "
        "name says so. A key "
        "that is not known is refused, with the nearest one that is. An empty default means "
        "that the "
        "key is needed, follows from others, or has nothing where it is left out.",
    ]
    for title, words, held in sections():
        parts += [f"## {title}", words]
        for module, readers in held:
            heading, _, rest = inspect.cleandoc(_doc(module) or "").partition("\n\n")
            heading = re.split(r"[:.](?: |$)", heading.replace("\n", " "))[0]
            parts += [f"### {markdown_text(heading)}", markdown(rest)]
            for reader in readers:
                parts += _keys(reader)
    return "\n\n".join(part for part in parts if part)


def _keys(reader: keys.Reader) -> list[str]:
    told = first(_function(reader).__doc__)
    where = f"`{reader.where.rpartition('.')[2]}.{reader.function}`"
    known = [key for key in reader.keys if key.kind]
    rest = ", ".join(code(key.name) for key in reader.keys if not key.kind)
    rows = table(
        KEY_HEAD,
        [
            (code(key.name), key.kind, code(key.default), markdown_text(key.allowed))
            for key in known
        ],
    )
    listed = [f"{'And' if known else 'Keys'}: {rest}."] if rest else []
    return [f"{told or 'Keys'} ({where})", *([rows] if known else []), *listed]


def sections() -> list[tuple[str, str, list[tuple[str, list[keys.Reader]]]]]:
    """(title, first words, [(module, its readers)]); LookupError for a module that is in none."""
    by_module: dict[str, list[keys.Reader]] = {}
    for reader in keys.readers():
        by_module.setdefault(reader.where, []).append(reader)
    known = {module for *_, modules in SECTIONS for module in modules}
    if set(by_module) != known:
        raise LookupError(
            f"readers of tables in no section of docs/site/files.py: {set(by_module) - known}; "
            f"modules there that read none: {known - set(by_module)}"
        )
    return [(t, words, [(m, by_module[m]) for m in held]) for t, words, held in SECTIONS]


def _doc(module: str) -> str | None:
    return importlib.import_module(module).__doc__


def _function(reader: keys.Reader) -> Any:
    found: Any = importlib.import_module(reader.where)
    for part in reader.function.split("."):
        found = getattr(found, part)
    return found


def hdf5(root: Path, work: Path) -> str:
    """What a solution's file holds, seen in one that is written for this page."""
    import h5py

    from lunar_antenna import array_store, solution_parts, store, store_seal
    from lunar_antenna.emulation import file as emulator_file

    tests = str(root / "tests")
    sys.path.insert(0, tests)
    try:
        solution = importlib.import_module("hand_made").solution(2, points=7)
    finally:
        sys.path.remove(tests)
    path = solution.save(work / "solution.h5") or work / "solution.h5"
    sizes = {7: "n", 2: "p", len(solution.elements.position): "n_el"}
    with h5py.File(path, "r") as file:
        root_rows = [(code(k), markdown_text(_short(v))) for k, v in file.attrs.items()]
        rows: list[tuple[str, ...]] = []
        file.visititems(lambda name, item: rows.append(_row(name, item, sizes)))
    seen = {row[0].strip("`/") for row in rows}
    for group, names in (
        ("elements", store._MOMENTS),
        ("shape", store._SHAPE),
        ("quality", store._QUALITY),
    ):
        missing = [name for name in names if f"{group}/{name}" not in seen]
        rows += [(code(f"/{group}/{name}"), "", "", "where the solver has it") for name in missing]
    return "\n\n".join(
        (
            "# HDF5 files",
            "## A solution",
            markdown(store.__doc__),
            "The problem and the provenance are JSON documents; the problem can be solved "
            "again from them. "
            "n: frequencies, p: ports, n_el: elements of the current.",
            table(("attribute of the file", "for example"), root_rows),
            table(("path", "shape", "type", "unit, attributes"), sorted(rows)),
            "### What the arrays mean",
            markdown(store.Record.__doc__),
            markdown(solution_parts.CurrentShape.__doc__),
            markdown(solution_parts.Quality.__doc__),
            "## Seals",
            markdown(store_seal.__doc__),
            "## An array's solution",
            markdown(array_store.__doc__),
            "## An emulator",
            markdown(emulator_file.__doc__),
        )
    )


def _row(name: str, item: Any, sizes: dict[int, str]) -> tuple[str, ...]:
    own = {k: v for k, v in item.attrs.items() if k not in ("DIMENSION_LIST", "REFERENCE_LIST")}
    told = ", ".join(f"{k} = {_short(v)}" for k, v in own.items())
    if not hasattr(item, "shape"):
        return code(f"/{name}"), "group", "", markdown_text(told)
    shape = ", ".join(sizes.get(size, str(size)) for size in item.shape)
    kind = "text" if item.dtype.kind == "O" else str(item.dtype)
    return code(f"/{name}"), f"({shape})" if shape else "one", kind, markdown_text(told)


def _short(value: Any) -> str:
    text = value.decode() if isinstance(value, bytes) else str(value)
    if text.startswith("{"):
        text = f"JSON with {', '.join(list(json.loads(text))[:12])}"
    return text if len(text) < 160 else text[:157] + "..."
