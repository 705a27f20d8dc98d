"""``lunar-antenna solve``: geometry and soil in, impedance and efficiency out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...errors import InputError
from .. import openems, options
from ..designs import place
from ..output import Answer, check_figure, check_writable, say, write_out
from ..progress import progress_bar
from .base import Verb

HELP = """Solve a layout: impedance, and where the power goes.

A best.toml brings the soil, height, band, z0 and network of its study, which options replace.

\b
Example:
  lunar-antenna solve bowtie --set length=9 --soil sourcebook_highland --out run.h5
  lunar-antenna solve strip --soil free-space --band 10:20 --points 21 --z0 72 --json
  lunar-antenna solve membrane_10m --soil simple_eps35 --bound 10x2
  lunar-antenna solve bowtie --soil simple_eps35 --solver openems --dry-run --plot mesh.png
  lunar-antenna solve wide/best.toml
"""
ENDINGS = (".h5", ".hdf5")


def solve(
    geometry: options.Geometry,
    set_: options.Set = None,
    soil: options.Soil = None,
    height: Annotated[
        float | None, typer.Option(metavar="M", help="Height above the surface, m; default 0.")
    ] = None,
    solver: options.Solver = "auto",
    band: Annotated[
        str | None, typer.Option(metavar="LOW:HIGH", help="Band in MHz; default 5:35.")
    ] = None,
    points: Annotated[
        int | None,
        typer.Option(
            parser=options.whole, metavar="N", help="Number of solved frequencies; default 61."
        ),
    ] = None,
    z0: Annotated[
        float | None,
        typer.Option("--z0", metavar="OHM", help="Reference impedance; default 100."),
    ] = None,
    network: Annotated[
        bool, typer.Option("--network/--no-network", help="The matching network of a best.toml.")
    ] = True,
    accuracy: options.Accuracy = "normal",
    bound: Annotated[
        str | None,
        typer.Option(
            metavar="LENGTHxWIDTH", help="How much of what that footprint allows (verb bound), m."
        ),
    ] = None,
    out: options.Out = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="openems: mesh and cost only, nothing is run.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Figure of the mesh of a dry run.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="openems: keep the run directories, say where.")
    ] = False,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    openems.check_options(solver, dry_run, keep, plot, out)
    check_writable(out, "run.h5")
    if out is not None and out.suffix.lower() not in ENDINGS:
        raise InputError(f"--out {out} does not end in {' or '.join(ENDINGS)}; rename it")
    check_figure(plot)
    if bound is not None:
        from ...bounds.footprint import footprint

        footprint(bound, None)  # refused before anything is solved
    overrides = options.parse_set(set_)
    from ...common.checks import choice
    from ...geometry.load import load_geometry
    from ...problem import Problem
    from ...solvers.protocol import ACCURACIES
    from ...solvers.registry import check_name
    from ...solvers.registry import solve as run

    check_name(solver, "--solver")
    choice("--accuracy", accuracy, ACCURACIES)
    where = place(
        geometry, soil=soil, height=height, band=band, points=points, z0=z0, network=network
    )
    problem = Problem(load_geometry(geometry, **overrides), where.stack, where.height, where.band)
    if dry_run:
        return openems.dry_run(problem, accuracy, plot)
    with progress_bar("solve") as progress:
        if keep:
            solution = openems.solve_and_keep(problem, accuracy, progress)
        else:
            solution = run(problem, solver, accuracy=accuracy, progress=progress)
    notes = solution.provenance.notes
    for note in notes:
        say(f"note: {note}")
    failed = 0 if out is None else write_out((out, lambda: solution.save(out)))
    converged = solution.quality.converged
    if not converged:
        from ..simulations import doubt

        say(f"lunar-antenna: solver {solution.provenance.solver} did not converge{doubt(solution)}")
    from ...search.headline import headline
    from ..solved import document, text

    design = where.design
    goals = None if design is None or overrides else design.goals
    found = headline(solution, *where.end, goals)
    whole = {**document(solution, where, found), "notes": list(notes)}
    code = failed or (0 if converged else 3)
    told = text(solution, whole, where, found)
    if bound is not None:
        from ...bounds.against import against

        with progress_bar("bound") as progress:
            held = against(solution, bound, progress=progress)
        whole["bound"] = held.to_dict()
        told = f"{told}\n{held.line}"
    return Answer(whole, told, exit_code=code)


VERB = Verb("solve", HELP, solve)
