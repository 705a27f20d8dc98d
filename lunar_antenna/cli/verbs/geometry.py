"""``lunar-antenna geometry``: list, show and export layouts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ...common.rows import kilograms
from ...errors import InputError
from .. import options
from ..output import (
    Answer,
    check_figure,
    check_writable,
    figure_out,
    say,
    table,
    write_out,
    written,
)
from .base import Verb

HELP = """List, show and export layouts.

\b
Example:
  lunar-antenna geometry list
  lunar-antenna geometry show bowtie --plot bowtie.png
  lunar-antenna geometry export bowtie --format dxf --out bowtie.dxf
"""
LIST_HELP = """List the shipped layouts, and apart from them the shipped studies.

\b
Example:
  lunar-antenna geometry list --json
"""
SHOW_HELP = """Show parameters, ranges, sizes, masses and source of a layout; --plot draws it.

\b
Example:
  lunar-antenna geometry show bowtie --set length=9 --set metal=copper_18um --plot bowtie.png
"""
EXPORT_HELP = """Write a layout as a drawing with dimensions and a title block.

\b
Example:
  lunar-antenna geometry export bowtie --set length=9 --unit mm --out bowtie.dxf
"""
FORMATS = ("dxf", "svg")


def list_(as_json: options.Json = False) -> Answer:
    """See :data:`LIST_HELP`."""
    del as_json
    from ...geometry.show import list_geometries, list_studies

    geometries, studies = list_geometries(), list_studies()
    rows: list[tuple[str, ...]] = [("name", "size/m", "ports", "metal", "film")]
    for item in geometries:
        width, height = item["size"]
        row = (item["name"], f"{width:.3g} x {height:.3g}", str(item["ports"]))
        rows.append((*row, item["metal"], item["film"]))
    of_studies: list[tuple[str, ...]] = [("study", "geometry", "soil")]
    of_studies += [(i["name"], i["geometry"], i["soil"] or "free-space") for i in studies]
    text = f"{table(rows)}\n\nstudies, for lunar-antenna optimize:\n{table(of_studies)}"
    return Answer({"geometries": geometries, "studies": studies}, text)


def show(
    name: options.Geometry,
    set_: options.Set = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Figure to write.")] = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`SHOW_HELP`."""
    del as_json
    check_figure(plot)
    from ...geometry.show import describe

    overrides = options.parse_set(set_)
    document = describe(name, overrides)
    failed = 0
    if plot is not None:
        from ...geometry.load import load_geometry
        from ...plotting.layout import plot_layout

        failed = write_out(figure_out(lambda: plot_layout(load_geometry(name, **overrides)), plot))
    return Answer(document, _text(document), exit_code=failed)


def export(
    name: options.Geometry,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Drawing to write.")],
    format_: Annotated[
        str | None,
        typer.Option("--format", metavar="dxf|svg", help="Default: the ending of --out."),
    ] = None,
    set_: options.Set = None,
    unit: Annotated[
        str, typer.Option(metavar="m|cm|mm|in|ft", help="Of all coordinates; said in the file.")
    ] = "m",
    bare: Annotated[
        bool, typer.Option("--bare", help="Without dimensions and title block.")
    ] = False,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`EXPORT_HELP`."""
    del as_json
    from ...common.checks import choice
    from ...geometry.drawings.files import export_layout
    from ...geometry.drawings.sheet import UNITS, flat_note
    from ...geometry.load import load_geometry

    check_writable(out, "layout.dxf")
    wanted = out.suffix.removeprefix(".").lower() if format_ is None else format_
    choice("--format", wanted, FORMATS)
    choice("--unit", unit, tuple(UNITS))
    if out.suffix.lower() not in ("", f".{wanted}"):
        raise InputError(
            f"--out {out} given with --format {wanted}; end the name in .{wanted} "
            "or change --format"
        )
    layout = load_geometry(name, **options.parse_set(set_))
    export_layout(layout, out, wanted, unit=unit, notes=not bare)
    written(out)
    note = flat_note(layout)
    if note is not None:
        say(f"note: {note}")
    document = {
        "name": layout.name,
        "format": wanted,
        "out": str(out),
        "unit": unit,
        "bounds": list(layout.bounds),
        "note": note,
    }
    return Answer(document, f"{layout.name} in {out}, in {unit}")


def _text(document: dict[str, Any]) -> str:
    lines = [f"{document['name']}: {document['summary']}", str(document["description"]).rstrip()]
    rows: list[tuple[str, ...]] = [("parameter", "value", "unit", "search", "meaning")]
    for item in document["parameters"]:
        ends = document["search"].get(item["name"])
        value = item["value"]
        rows.append(
            (
                item["name"],
                f"{value:.6g}" if isinstance(value, (int, float)) else str(value),
                str(item.get("unit", "")),
                "" if ends is None else f"{ends[0]:g} to {ends[1]:g}",
                str(item.get("meaning", "")),
            )
        )
    if len(rows) > 1:  # an outline that was read has none
        lines.append(table(rows))
    lines += _sheets(document)
    relief = document["relief"]
    if relief is not None:
        lines.append(
            f"relief: {relief['text']}; {relief['lowest']:.4g} to {relief['highest']:.4g} m, "
            f"slope up to {relief['steepest']:.3g}"
        )
    lines += [f"source {key}: {value}" for key, value in document["source"].items()]
    return "\n".join(line for line in lines if line)


def _sheets(document: dict[str, Any]) -> list[str]:
    """Size, area and mass of metal and film."""
    x0, y0, x1, y1 = document["bounds"]
    metal, film = document["metal"], document["film"]
    size = f"{x1 - x0:.4g} x {y1 - y0:.4g} m, {document['metal_area']:.4g} m2"
    lines = [f"metal: {metal['name'] if metal else 'perfect conductor'}, {size}"]
    if document["metal_mass"] is not None:
        lines[0] += f", {kilograms(document['metal_mass'])}"
    if film is None:
        return [*lines, "film: none"]
    length, width = document["film_size"]
    text = f"film: {film['name']}, {length:.4g} x {width:.4g} m, {document['film_area']:.4g} m2"
    mass = document["film_mass"]
    return [*lines, text if mass is None else f"{text}, {kilograms(mass)}"]


VERB = Verb(
    "geometry",
    HELP,
    group={
        "list": (LIST_HELP, list_),
        "show": (SHOW_HELP, show),
        "export": (EXPORT_HELP, export),
    },
)
