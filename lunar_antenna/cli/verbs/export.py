"""``lunar-antenna export``: a solution in the formats of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...errors import InputError
from ...exports.registry import FORMATS
from .. import options
from ..output import Answer, written
from .base import Verb

HELP = """Write a solution in the format of another program.

Formats that need more than one file write a folder.

\b
Example:
  lunar-antenna export run.h5 --format touchstone --set z0=50 --out run.s1p
  lunar-antenna export run.h5 --format csv --out run.csv
"""


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN.h5", help="Written by solve or array --out.")],
    out: Annotated[Path, typer.Option(metavar="FILE|FOLDER", help="What to write.")],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help=f"{', '.join(FORMATS)}; by default the one that ends as --out does.",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(parser=options.whole, metavar="N", help="This port alone, counted from 1."),
    ] = None,
    element: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of an array: the ports of this element, others open."),
    ] = None,
    terminated: Annotated[
        float | None,
        typer.Option(metavar="OHM", help="Ends the other ports, which are open without."),
    ] = None,
    z0: Annotated[
        float | None, typer.Option("--z0", metavar="OHM", help="Reference impedance, or 100.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="An option of the format; repeat."),
    ] = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    from ...array_solution import load_array_solution
    from ...array_store import holds_array
    from ...common.checks import number
    from ...exports.registry import export as write
    from ...exports.registry import format_of, make_format
    from ...solution import load

    if out == Path():
        raise InputError("--out is empty or the working folder; give a name such as run.s1p")
    given = options.parse_set(set_)
    if z0 is not None:
        if "z0" in given:
            raise InputError("--z0 and --set z0 are both given; give one")
        given["z0"] = number("--z0", z0, low=0.0, low_open=True, high=1e6, unit="ohm")
    if terminated is not None:
        number("--terminated", terminated, low=0.0, unit="ohm")
    if out.exists() and run.exists() and out.samefile(run):
        raise InputError(f"--out {out} is the solution itself; give another name")
    name = format_of(out) if format_ is None else format_
    made = make_format(name, **given)
    solution = load_array_solution(run) if holds_array(run) else load(run)
    write(solution, out, name, port, terminated, element, **given)
    written(out)
    document = {
        "format": name,
        "out": str(out),
        "z0": getattr(made, "z0", None),
        "ports": solution.n_ports,
        "points": solution.frequency.size,
    }
    return Answer(document, f"{solution.frequency.size} points as {name} in {out}")


VERB = Verb("export", HELP, export)
