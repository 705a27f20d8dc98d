"""``lunar-antenna report``: one self-contained HTML page about a solution."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError
from . import options
from .output import Answer, check_writable, say

HELP = """Write a self-contained HTML page about a solution, with a measurement if there is one.

\b
Example:
  lunar-antenna report run.h5 --out report.html
  lunar-antenna report run.h5 measured.s1p --out report.html
"""


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("report", help=HELP)(report)


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN.h5", help="Written by solve --out.")],
    measured: Annotated[
        str | None,
        typer.Argument(metavar="[MEASURED.s1p]", help="Touchstone file or a shipped name."),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Page to write.")] = Path("report.html"),
    z0: options.Reference = 100.0,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    check_writable(out, "report.html")
    if out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--out {out} does not end in .html; rename it")
    from ..checks import number
    from ..measurement.load import load_measurement
    from ..report.report import report as write
    from ..store import load

    number("--z0", z0, low=0.0, low_open=True, unit="ohm")
    solution = load(run)
    measurement = None if measured is None else load_measurement(measured)
    write(solution, measurement, out, z0)
    say(f"written: {out}")
    document = {
        "out": str(out),
        "layout": solution.problem.layout.name,
        "measurement": None if measurement is None else measurement.name,
        "z0": z0,
    }
    return Answer(document, f"page about {solution.problem.layout.name} in {out}")
