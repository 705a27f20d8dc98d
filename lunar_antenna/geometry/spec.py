"""Spec: a geometry file as read, checked for its keys, with overrides merged in.

Keys: ``family``; ``[parameters]``; modifier tables ``[slots] [coupled] [bend] [crossed]`` and, out
of the plane, ``[tilt] [sag] [wrinkle]``; ``[metal]`` and ``[film]`` (a table or a name);
``[search]``; ``[source]``; and for ``family = "free"`` the tables ``[[polygon]]`` and ``[[gap]]``.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from ..common import catalogue
from ..common.checks import did_you_mean, span
from ..common.files import is_file, stem, write_text
from ..common.tables import Table, read_toml
from ..conventions import JsonDict
from ..errors import GeometryError, InputError
from ..media.sheets import Film, Metal, film_from, metal_from
from .families import FAMILIES, FREE, family
from .families.base import Family
from .layout import Layout
from .modifiers import MODIFIERS, modifier, modifier_names
from .modifiers.base import Modifier
from .outlines.expand import expand, has_files
from .rebuild import spec_of

KIND = "geometries"
STUDY_KEY = "geometry"  # a file with this key is a study for ``optimize``, not a geometry
FREEFORM_KEY = "freeform"  # and one with this a study of metal of any shape
FREE_KEYS = ("polygon", "gap")
MATERIALS = ("metal", "film")
FILM_KEYS = ("margin", "outline")  # of [film], but of the layout and not of the sheet
# Free variables of a study that belong to the problem, not to the geometry: allowed in [search].
PROBLEM_VARIABLES = ("z0", "height")


def tables() -> tuple[str, ...]:
    """Keys of a geometry file that are tables."""
    return ("parameters", *modifier_names(), "search", "source")


def geometry_names() -> tuple[str, ...]:
    """Names that need no path: shipped files, studies beside them left out, and all families."""
    shipped = set(catalogue.names(KIND)).difference(study_names())
    return tuple(sorted({*shipped, *FAMILIES.all()}))


def study_names() -> tuple[str, ...]:
    """Names of the shipped studies, which stand beside the geometries."""
    folder = catalogue.folder(KIND)
    return tuple(
        name for name in catalogue.names(KIND) if is_study(read_toml(folder / f"{name}.toml"))
    )


def _studies() -> dict[str, tuple[str, ...]]:
    return {"studies, for optimize": study_names()}


def is_study(content: Mapping[str, Any]) -> bool:
    """Whether a file's content is a study's and no geometry's."""
    return STUDY_KEY in content or FREEFORM_KEY in content


def study_file(name_or_path: str | os.PathLike[str]) -> Path | None:
    """The file of that name or path if it holds a study, None if it is a geometry."""
    found = _find(name_or_path)
    return found if isinstance(found, Path) and STUDY_KEY in read_toml(found) else None


def read_spec(name_or_path: str | os.PathLike[str] | Layout) -> JsonDict:
    """The checked content of a geometry by name or of a file, with its ``name`` added.

    Of a Layout the content of the file that would draw it.
    """
    if isinstance(name_or_path, Layout):
        return spec_of(name_or_path)
    if not isinstance(name_or_path, (str, os.PathLike)):
        raise GeometryError(
            f"geometry is {type(name_or_path).__name__}; give a name, a path or a Layout; "
            f"shipped: {', '.join(geometry_names())}"
        )
    path = _find(name_or_path)
    if isinstance(path, str):
        return {**family(path).geometry(), "name": path}
    table = Table.read(path, GeometryError)
    if is_study(table.content):
        of = f"geometry {table.content[STUDY_KEY]!r}" if STUDY_KEY in table else "free form"
        raise GeometryError(
            f"{path.name} is a study of {of}; run lunar-antenna optimize {name_or_path}, "
            "or give a geometry"
        )
    check_spec(table)
    content = dict(table.content)
    if has_files(content):
        with table.naming():
            content = expand(content, path.parent)
    return {**content, "name": stem(path)}


def naming(name_or_path: str | os.PathLike[str]) -> AbstractContextManager[None]:
    """Errors raised inside get the name of the geometry's file in front, if it is one."""
    found = _find(name_or_path)
    return Table({}, "" if isinstance(found, str) else str(found)).naming()


def _find(name_or_path: str | os.PathLike[str]) -> Path | str:
    """Path of a file, or the name of a family whose own geometry is meant."""
    text = os.fspath(name_or_path)
    name = text.removesuffix(".toml")
    if name not in FAMILIES or name in catalogue.names(KIND):
        try:
            return catalogue.find(KIND, name_or_path, also=FAMILIES.names, apart=_studies)
        except InputError as error:
            raise InputError(f"geometry: {error}") from None
    own = text.endswith(".toml") and is_file(Path(text))
    return Path(text) if own else name


def check_spec(spec: Table | Mapping[str, Any]) -> None:
    """:class:`GeometryError` for a key that does not exist, or a value that is none of its kind.

    What depends on several values together is left to the drawing.
    """
    table = Table.of(spec, "", GeometryError)
    known = f"one of {', '.join(FAMILIES)}, {FREE}"
    if "family" not in table:
        raise table.fault(f"no family given; write family = {known}; a study has geometry = NAME")
    name = table.text("family")
    with table.naming():
        owners: dict[str, Family | Modifier] = {} if name == FREE else {"parameters": family(name)}
    free = name == FREE
    table.only("family", "name", *MATERIALS, *tables(), *(FREE_KEYS if free else ()))
    content = {key: table.table(key).content for key in tables() if key in table}
    if free and content.get("parameters"):
        raise table.fault("family free has no [parameters]; draw [[polygon]] and [[gap]]")
    with table.naming():
        for key in modifier_names():
            if key in content:
                owners[key] = modifier(key)
        for key, owner in owners.items():
            owner.check(content.get(key, {}))
        metal_from(table.content.get("metal"))
        film_from(own_film(table.content.get("film")))
        _search(table.content)


def own_film(film: Any) -> Any:
    """A [film] entry without what the layout and not the sheet is made of."""
    if not isinstance(film, Mapping):
        return film
    return {key: value for key, value in film.items() if key not in FILM_KEYS}


def parameter_names(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """What can be overridden: family parameters, then modifier parameters with a dot."""
    own = (
        ()
        if spec["family"] == FREE
        else tuple(item.name for item in family(spec["family"]).parameters)
    )
    present = [name for name in modifier_names() if name in spec]
    return own + tuple(
        f"{name}.{item.name}" for name in present for item in modifier(name).parameters
    )


def address(spec: Mapping[str, Any], key: str) -> tuple[str, str]:
    """(table, name) of an override such as ``length``, ``coupled.length``, ``coupled_length``.

    A family parameter wins over a modifier's; naming a modifier that the file does not have
    adds it with its defaults.
    """
    own = parameter_names({"family": spec["family"]})
    if key in own:
        return "parameters", key
    table, dot, name = key.partition(".")
    if dot:
        if table in MATERIALS:
            return table, name
        if table == "parameters" and name in own:
            return table, name
        if table in MODIFIERS and any(item.name == name for item in modifier(table).parameters):
            return table, name
    else:
        for table in modifier_names():
            name = key.removeprefix(f"{table}_")
            if name != key and any(item.name == name for item in modifier(table).parameters):
                return table, name
    added = (f"{t}.{item.name}" for t in modifier_names() for item in modifier(t).parameters)
    every = (*own, *added)
    raise GeometryError(
        f"{spec.get('name', spec['family'])} has no parameter {key!r}; {did_you_mean(key, every)}"
        f"allowed: {', '.join(parameter_names(spec)) or 'none'}; modifiers: "
        f"{', '.join(f'{name}.*' for name in modifier_names())}"
    )


def override(spec: JsonDict, overrides: Mapping[str, object]) -> JsonDict:
    """A copy of ``spec`` with overrides merged; see :func:`address` for their names."""
    result = copy.deepcopy(spec)
    for key, value in overrides.items():
        table, name = address(result, key)
        if table in MATERIALS and not isinstance(result.get(table), dict):
            known = result.get(table)
            if isinstance(known, (Metal, Film)):
                result[table] = known.to_dict()
            else:
                result[table] = {} if known is None else {"name": known}
        result.setdefault(table, {})[name] = value
    return result


def write_spec(spec: Mapping[str, Any], path: str | os.PathLike[str]) -> Path:
    """Write a spec as a geometry file that :func:`read_spec` reads back, whole or not at all."""
    import tomli_w

    content: JsonDict = {}
    for key, value in spec.items():
        if key == "name":
            continue
        if value is None:
            value = "pec" if key == "metal" else "none"
        content[key] = value.to_dict() if isinstance(value, (Metal, Film)) else value
    return write_text(path, tomli_w.dumps(content))


def load_search(name_or_path: str | os.PathLike[str] | Layout) -> dict[str, tuple[float, float]]:
    """The [search] table: parameter (modifiers with a dot) -> (low, high), SI."""
    return _search(read_spec(name_or_path))


def _search(spec: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for key, value in spec.get("search", {}).items():
        items = (
            {f"{key}.{name}": item for name, item in value.items()}
            if isinstance(value, dict)
            else {key: value}
        )
        for name, item in items.items():
            found[name] = _range(spec, name, item)
    return found


def _range(spec: Mapping[str, Any], name: str, value: object) -> tuple[float, float]:
    low, high = span(f"[search] {name}", value, error=GeometryError)
    if name in PROBLEM_VARIABLES:
        return low, high
    table, own = address(spec, name)
    if table in MATERIALS:
        return low, high
    owner = family(spec["family"]) if table == "parameters" else modifier(table)
    for item in owner.parameters:
        if item.name == own:
            item.check(low, "[search] ", GeometryError)
            item.check(high, "[search] ", GeometryError)
    return low, high
