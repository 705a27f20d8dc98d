"""``lunar-antenna tolerance``: what a design's band does when nothing is built as drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import InputError
from .. import options
from ..output import Answer, check_figure, figure_out, say, table, write_out
from ..progress import progress_bar
from .base import Verb

if TYPE_CHECKING:
    from ...tolerances.report import ToleranceReport

HELP = """Sensitivity of a design to parameters, soil and height.

Of the band edges and of the efficiency.

Each variable is moved by its tolerance, both ways and half as far: 1 mm, 1 degree or 1 % for the
geometry, 10 mm in height, 5 % in eps_r, 20 % in loss tangent, one arm longer by 0.5 %.
Then the corners that the slopes predict to be the worst are built, and --builds antennas that are
off in everything at random: the share that meets each --require (default: the threshold between
the nominal edges), and the 5, 50 and 95 % quantiles.

A best.toml brings its own soil, z0, height, threshold and efficiency, which options replace, and
its network.

\b
Example:
  lunar-antenna tolerance wide/best.toml --plot tolerance.png
  lunar-antenna tolerance wide/best.toml --out tolerances    # report makes a page of it
  lunar-antenna tolerance bowtie --soil simple_eps35 --threshold 0.8 --tolerance eps_r=0.2 --json
  lunar-antenna tolerance bowtie --require "inside>=0.75" --require "band_low<=13e6"
"""


def tolerance(
    geometry: options.Geometry,
    set_: options.Set = None,
    soil: options.Soil = None,
    height: Annotated[
        float | None, typer.Option(metavar="M", help="Height above the surface, m; default 0.")
    ] = None,
    solver: options.Solver = "auto",
    band: options.BandText = "5:35",
    points: options.Points = 61,
    z0: Annotated[
        float | None,
        typer.Option("--z0", metavar="OHM", help="Reference impedance; default the best."),
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Efficiency at the band edges; default 0.9.")
    ] = None,
    efficiency: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="mismatch, sky or realised; default mismatch."),
    ] = None,
    tolerances: Annotated[
        list[str] | None,
        typer.Option(
            "--tolerance", metavar="NAME=VALUE", help="In place of a default; 0 leaves it out. SI."
        ),
    ] = None,
    accuracy: options.Accuracy = "normal",
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Tornado plot.")] = None,
    builds: Annotated[
        int, typer.Option(metavar="N", help="Antennas drawn for the yield; 0: none.")
    ] = 200,
    require: Annotated[
        list[str] | None,
        typer.Option(
            "--require",
            metavar="Q>=VALUE",
            help="band_low, band_high (Hz), band_ratio, inside or lowest; >= or <=.",
        ),
    ] = None,
    distribution: Annotated[
        str,
        typer.Option(metavar="NAME", help="uniform, or normal with half the tolerance as sigma."),
    ] = "uniform",
    seed: Annotated[int, typer.Option(help="Of the builds.")] = 1,
    yield_plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Distributions over the builds.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for results and figures.")
    ] = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    if out == Path():
        raise InputError("--out is empty or the working folder; give the name of a folder")
    check_figure(plot)
    check_figure(yield_plot, "--yield-plot")
    if yield_plot is not None and builds == 0:
        raise InputError("--yield-plot needs builds; give --builds 200 or more")
    parameters = options.parse_set(set_)
    wanted = _tolerances(tolerances)
    frequencies = options.make_band(band, points)
    from ...search.output.design import Design, design_of
    from ...tolerances.tolerance import ToleranceInterrupted
    from ...tolerances.tolerance import tolerance as analyse

    design = design_of(geometry) or Design()
    given = {"z0": z0, "height": height, "threshold": threshold, "efficiency": efficiency}
    network = design.network
    own = {name: getattr(design, name) for name in given}
    taken = {name: own[name] for name, value in given.items() if value is None and own[name]}
    if network:
        say(f"from {geometry}: network {', '.join(item.kind for item in network)}")
    if taken:
        say(f"from {geometry}: {', '.join(f'{k} {_formatted(v)}' for k, v in taken.items())}")
    chosen = {"height": 0.0, "threshold": 0.9, "z0": None, "efficiency": "mismatch", **taken}
    chosen |= {name: value for name, value in given.items() if value is not None}
    if soil is None and design.stack is not None:
        say(f"from {geometry}: soil {design.stack.name}")
        stack = design.stack
    else:
        stack = options.load_stack(soil)
    options.tell_height(stack, chosen["height"])
    stopped = False
    try:
        with progress_bar("tolerance") as progress:
            report = analyse(
                geometry,
                stack,
                band=frequencies,
                network=network,
                tolerances=wanted,
                parameters=parameters,
                solver=solver,
                accuracy=accuracy,
                progress=progress,
                builds=builds,
                requirements=require or (),
                distribution=distribution,
                seed=seed,
                **chosen,
            )
    except ToleranceInterrupted as interrupt:
        report, stopped = interrupt.report, True
        done = 0 if report.builds is None else report.builds.count
        say(
            f"interrupted: {len(report.sensitivities)} variables and {done} builds are finished, "
            "and are all that follows counts"
        )
    for item in report.sensitivities:
        if item.reason is not None:
            say(f"note: {item.name}: {item.reason}")
    if report.builds is not None and report.builds.reason is not None:
        say(f"note: builds: {report.builds.reason}")
    yields = "".join(f"{line}\n" for line in report.yields())
    text = (
        f"{table(report.rows())}\n{yields}"
        f"changes at -/+ tolerance, ~ not linear; {report.efficiency} efficiency "
        f"{report.threshold:g} at z0 {report.z0:.4g} ohm\n"
        "inside: lowest between the nominal edges; lowest: of the whole band\n"
        f"{report.evaluations} evaluations, solver {report.solver}, accuracy {report.accuracy}"
    )
    from ...plotting.tolerance import plot_tolerance, plot_yield

    outs = []
    if plot is not None and report.sensitivities:
        outs.append(figure_out(lambda: plot_tolerance(report), plot))
    if yield_plot is not None and report.builds is not None:
        outs.append(figure_out(lambda: plot_yield(report), yield_plot))
    if out is not None:
        outs += _folder(report, out)
    failed = write_out(*outs)
    return Answer(report.to_dict(), text, exit_code=130 if stopped else failed)


def _folder(report: ToleranceReport, folder: Path) -> list[tuple[Path, Callable[[], object]]]:
    """What ``report`` makes a page of: the document and its figures."""
    from ...common.files import make_folder, write_json
    from ...plotting.tolerance import plot_tolerance, plot_yield

    make_folder(folder)
    name = folder / "tolerance.json"
    outs: list[tuple[Path, Callable[[], object]]] = [
        (name, lambda: write_json(name, report.to_dict()))
    ]
    if report.sensitivities:
        outs.append(figure_out(lambda: plot_tolerance(report), folder / "tolerance.png"))
    if report.builds is not None:
        outs.append(figure_out(lambda: plot_yield(report), folder / "yield.png"))
    return outs


def _formatted(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def _tolerances(items: list[str] | None) -> dict[str, float]:
    """``["eps_r=0.1"]`` as numbers."""
    parsed = options.parse_set(items)
    for name, value in parsed.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InputError(f"--tolerance {name}={value} is not a number; give one in SI units")
    return parsed


VERB = Verb("tolerance", HELP, tolerance)
