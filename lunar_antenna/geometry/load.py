"""Geometry files and names -> Layout."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import Polygon

from ..common.tables import Table
from ..conventions import JsonDict
from ..errors import GeometryError, InputError, one_line
from ..media.sheets import Film, Metal, film_from, metal_from
from .drawings.files import FORMATS, import_layout
from .drawn import draw
from .families import FREE, family
from .free import read_ring
from .layout import Layout, default_film_outline
from .modifiers import modifier_names
from .rebuild import spec_of
from .spec import (
    check_spec,
    geometry_names,
    load_search,
    naming,
    override,
    own_film,
    read_spec,
)
from .validate import validate

__all__ = ["build", "geometry_names", "load_geometry", "load_search"]

FILM_MARGIN = 0.25  # m, film beyond the metal where the file does not say
SHOWN_NAMES = 12  # parameters that a message names one by one


def load_geometry(
    name_or_path: str | os.PathLike[str] | Layout,
    *,
    metal: Metal | str | JsonDict | None = "keep",
    film: Film | str | JsonDict | None = "keep",
    **overrides: object,
) -> Layout:
    """A shipped geometry or a geometry file as a Layout, ready to be solved.

    name_or_path: ``"bowtie"`` or ``"my/antenna.toml"``, or a drawing (.svg, .dxf); a Layout stays
    as it is, or is drawn again where a parameter is overridden.
    metal, film: a name, a table or an object that replaces the file's; ``"keep"`` keeps it;
    ``"pec"`` / ``"none"`` (or None) takes it away.
    overrides: family parameters by name; modifier parameters as ``coupled_length=3.0`` or
    ``**{"coupled.length": 3.0}``; lengths in m, angles in rad.
    Raises :class:`~lunar_antenna.errors.InputError` (mostly GeometryError), always in one line.
    """
    if isinstance(name_or_path, Layout):
        layout = name_or_path.with_materials(metal, film)
        return build(override(spec_of(layout), overrides)) if overrides else layout
    if is_drawing(name_or_path):
        if overrides:
            raise GeometryError(
                f"drawing {os.fspath(name_or_path)} has no parameter {next(iter(overrides))!r}; "
                "only metal and film can be overridden"
            )
        return import_layout(name_or_path).with_materials(metal, film)
    read = read_spec(name_or_path)
    spec = dict(read)
    changed = bool(overrides)
    for key, given in (("metal", metal), ("film", film)):
        if not (isinstance(given, str) and given == "keep"):
            spec[key] = given
            changed = True
    spec = override(spec, overrides)  # film.thickness is that of the film that was named
    if not changed:
        with naming(name_or_path):
            return build(spec)
    try:
        return build(spec)
    except InputError as error:
        with naming(name_or_path):
            build(read)  # a fault of the file itself is told as such
        raise _of_overrides(error, spec["name"], overrides) from None


def _of_overrides(error: InputError, name: str, overrides: Mapping[str, object]) -> InputError:
    """The error, which one of ``overrides`` made, with all of them where it names none."""
    text = str(error)
    if not overrides or any(key.rpartition(".")[2] in text for key in overrides):
        return error
    given = ", ".join(f"{key} = {value}" for key, value in overrides.items())
    return type(error)(f"{name} with {given}: {text}")


def is_drawing(name_or_path: object) -> bool:
    """True for a path whose suffix says that it is a drawing."""
    if not isinstance(name_or_path, (str, os.PathLike)):
        return False
    return Path(name_or_path).suffix.lower().removeprefix(".") in FORMATS


def build(spec: Mapping[str, Any]) -> Layout:
    """Layout of a spec (see :mod:`.spec`), validated."""
    check_spec(spec)
    with _told_with_keys(spec):
        return _built(spec)


@contextmanager
def _told_with_keys(spec: Mapping[str, Any]) -> Iterator[None]:
    """What cannot be drawn is told by its place in the drawing; this adds where to change it."""
    try:
        yield
    except GeometryError as error:
        if spec["family"] == FREE:
            keys = "[[polygon]] and [[gap]]"
        else:
            names = [item.name for item in family(spec["family"]).parameters]
            own = ", ".join(names)
            if len(names) > SHOWN_NAMES:
                own = f"the parameters of {spec['family']}"
            keys = " ".join([own, *(f"[{name}]" for name in modifier_names() if name in spec)])
        raise GeometryError(f"{error} (drawn from {keys})") from None


def _built(spec: Mapping[str, Any]) -> Layout:
    name = str(spec.get("name", spec["family"]))
    try:
        shape, parameters = draw(spec)
    except (ShapelyError, ValueError) as error:
        raise GeometryError(f"{name} cannot be drawn: {one_line(error)}") from error
    film, margin, outline = _film(spec.get("film"))
    layout = Layout(
        name=name,
        conductors=shape.conductors,
        ports=shape.ports,
        ribbons=shape.ribbons,
        metal=metal_from(spec.get("metal")),
        family=str(spec["family"]),
        parameters=parameters,
        source=dict(spec.get("source", {})),
        relief=shape.relief,
    )
    layout = validate(layout)
    if film is None:
        return layout
    if outline is None:
        outline = default_film_outline(layout.surface, margin)
    return validate(replace(layout, film=film, film_outline=outline))


def _film(value: object) -> tuple[Film | None, float, Polygon | None]:
    """Film, margin (m) and outline from a [film] entry; the last two are ours to read."""
    if not isinstance(value, dict):
        return film_from(value), FILM_MARGIN, None  # type: ignore[arg-type]
    table = Table(value, name="[film]", error=GeometryError)
    margin = table.number("margin", FILM_MARGIN, low=0.0, high=100.0, unit="m")
    outline = read_ring("film", value["outline"]) if "outline" in value else None
    return film_from(own_film(value)), margin, outline
