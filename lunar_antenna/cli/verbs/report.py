"""``lunar-antenna report``: one self-contained HTML page about a solution."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...errors import InputError
from .. import corrections as fix
from .. import options
from ..output import Answer, check_writable, written
from .base import Verb

HELP = """Write a self-contained page about a solution or a study.

HTML, with measurements if there are any.

The corrections are those of compare.

\b
Example:
  lunar-antenna report run.h5 --out report.html
  lunar-antenna report run.h5 measured.s1p --out report.html
  lunar-antenna report blade-study --out study.html
  lunar-antenna report run.h5 prototype_synthetic --deembed prototype_synthetic_fixture
"""


def report(
    run: Annotated[
        Path, typer.Argument(metavar="RUN.h5|DIR", help="Of solve --out, or optimize --out.")
    ],
    measured: Annotated[
        list[str] | None,
        typer.Argument(metavar="[MEASURED.s1p]...", help="Touchstone files or shipped names."),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Page to write.")] = Path("report.html"),
    z0: Annotated[
        float | None,
        typer.Option(
            "--z0", metavar="OHM", help="Reference; default 100, a measurement's own for its part."
        ),
    ] = None,
    measured_z0: fix.MeasuredZ0 = None,
    osl: fix.Osl = None,
    gate: fix.Gate = None,
    differential: fix.Differential = False,
    deembed: fix.Deembed = None,
    antenna_port: fix.AntennaPort = 2,
    delay: fix.Delay = None,
    delay_to: fix.DelayTo = None,
    hub_capacitance: fix.HubCapacitance = None,
    repeats: fix.Repeats = False,
    vna_accuracy: fix.VnaAccuracy = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    check_writable(out, "report.html")
    if out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--out {out} does not end in .html; rename it")
    if run.is_dir():
        return _study(run, measured, out)
    from ...common.checks import number
    from ...report.report import report as write
    from ...solution import load

    if z0 is not None:
        number("--z0", z0, low=0.0, low_open=True, unit="ohm")
    reader = fix.Reader(
        fix.Request(
            measured_z0, osl, gate, differential, deembed, antenna_port, delay, delay_to,
            hub_capacitance, repeats, vna_accuracy,
        )
    )  # fmt: skip
    solution = load(run)
    corrected = []
    if measured:
        sweeps = reader.sweeps(measured)
        corrected = reader.corrected(sweeps, fix.as_sweep(solution, sweeps[0].z0))
    write(
        solution, [item.measurement for item in corrected] or None, out, z0,
        uncertainty=[item.uncertainty for item in corrected],
    )  # fmt: skip
    reader.say_notes(corrected)
    written(out)
    document = {
        "out": str(out),
        "layout": solution.problem.layout.name,
        "measurement": corrected[0].measurement.name if corrected else None,
        "measurements": [fix.document(item) for item in corrected],
        "z0": z0,
    }
    return Answer(document, f"page about {solution.problem.layout.name} in {out}")


def _study(folder: Path, measured: list[str] | None, out: Path) -> Answer:
    """The page of a finished study."""
    if measured:
        raise InputError(
            f"{folder} is a study; a measurement is compared with a run: give {folder}/best.h5"
        )
    from ...report.study import study_report

    study_report(folder, out)
    written(out)
    return Answer({"out": str(out), "study": str(folder)}, f"page about {folder} in {out}")


VERB = Verb("report", HELP, report)
