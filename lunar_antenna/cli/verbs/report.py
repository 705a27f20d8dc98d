"""``lunar-antenna report``: one self-contained HTML page about a solution."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import InputError
from .. import corrections as fix
from .. import options
from ..output import Answer, check_writable, written
from ..progress import progress_bar
from .base import Verb

if TYPE_CHECKING:
    from ...bounds.bound import Bound
    from ...report.emulated import Table
    from ...solution import Solution

HELP = """Write a page about a solution, an array or a study.

HTML, with measurements if there are any.

The page works offline in any browser: patterns and currents turn, figures say their values, and
sliders move reference impedance and frequency. On soil, of one port and solver planar, also height
and the uppermost layer's permittivity and loss, by an emulator (some 15 s; --vary chooses others,
--vary none leaves them out). The corrections are those of compare.

\b
Example:
  lunar-antenna report run.h5 --out report.html
  lunar-antenna report run.h5 measured.s1p --vary height=0:0.3 --vary eps_r=2.5:4
  lunar-antenna report blade-study --out study.html      # also of one that was interrupted
  lunar-antenna report found --out inversion.html
  lunar-antenna report run.h5 prototype_synthetic --deembed prototype_synthetic_fixture
"""


def report(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN.h5|DIR", help="Of solve --out; of optimize, invert, tolerance."
        ),
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
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary", metavar="NAME=LOW:HIGH|none", help="Sliders of soil and height. SI."
        ),
    ] = None,
    bound: Annotated[
        str | None,
        typer.Option(
            metavar="LENGTHxWIDTH", help="How much of what that footprint allows (verb bound), m."
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
    ranges = _ranges(vary)
    if bound is not None:
        from ...bounds.footprint import footprint

        if run.is_dir():
            raise InputError(f"--bound is for a run; of a study give {run}/best.h5")
        footprint(bound, None)
    if run.is_dir():
        return _study(run, measured, out, ranges)
    from ...array_store import holds_array

    if holds_array(run):
        return _array(run, measured, out, ranges, z0)
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
        corrected = reader.corrected(sweeps, fix.as_sweep(solution, sweeps[0]))
    write(
        solution, [item.measurement for item in corrected] or None, out, z0,
        uncertainty=[item.uncertainty for item in corrected], table=_table(solution, ranges),
        bound=None if bound is None else _bound(solution, bound),
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


def _ranges(given: list[str] | None) -> dict[str, tuple[float, float]] | None:
    """``["eps_r=2:4"]`` as ranges; None for the default ones, empty for none."""
    if not given:
        return None
    found: dict[str, tuple[float, float]] = {}
    for item in given:
        if item == "none":
            if len(given) > 1:
                raise InputError("--vary none stands alone; leave it out or the others")
            return {}
        name, _, text = item.partition("=")
        try:
            low, high = (float(part) for part in text.split(":"))
        except ValueError:
            raise InputError(
                f"--vary {item!r} is not NAME=LOW:HIGH; write for example --vary eps_r=2.5:4.5"
            ) from None
        if name in found:
            raise InputError(f"--vary gives {name} twice; give it once")
        found[name] = (low, high)
    return found


def _bound(solution: Solution, shape: str) -> Bound:
    """What the footprint allows, the design within it."""
    from ...bounds.bound import bound_of

    with progress_bar("bound") as progress:
        found = bound_of(solution, shape, progress=progress)
    found.reached_by(solution)
    return found


def _table(solution: Solution, ranges: dict[str, tuple[float, float]] | None) -> Table | None:
    """Of the sliders of soil and height; None where there are none."""
    from ...report.emulated import can_table, table

    if ranges is not None and not ranges:
        return None
    if not can_table(solution):
        if ranges:
            raise InputError(
                "--vary needs a soil, one port and a solution of solver planar; leave it out"
            )
        return None
    with progress_bar("sliders of soil and height") as progress:
        return table(solution, ranges, progress)


def _study(
    folder: Path,
    measured: list[str] | None,
    out: Path,
    ranges: dict[str, tuple[float, float]] | None,
) -> Answer:
    """The page of a folder of optimize, invert or tolerance."""
    if measured:
        raise InputError(
            f"{folder} is a folder; a measurement is compared with a run: of a study give "
            f"{folder}/best.h5"
        )
    from ...report.folder import folder_report
    from ...report.study import best_solution

    solution = best_solution(folder)
    table = None if solution is None else _table(solution, ranges)
    folder_report(folder, out, solution, table)
    written(out)
    return Answer({"out": str(out), "study": str(folder)}, f"page about {folder} in {out}")


def _array(
    run: Path,
    measured: list[str] | None,
    out: Path,
    ranges: dict[str, tuple[float, float]] | None,
    z0: float | None,
) -> Answer:
    """The page of an array."""
    if measured or ranges:
        raise InputError(
            f"{run} holds an array; leave {'measurements' if measured else '--vary'} out"
        )
    from ...array_solution import load_array_solution
    from ...common.checks import number
    from ...report.array import array_report

    if z0 is not None:
        number("--z0", z0, low=0.0, low_open=True, unit="ohm")
    solution = load_array_solution(run)
    array_report(solution, out, z0)
    written(out)
    name = solution.array.name
    return Answer({"out": str(out), "array": name, "z0": z0}, f"page about {name} in {out}")


VERB = Verb("report", HELP, report)
