"""``lunar-antenna solve``: geometry and soil in, impedance and efficiency out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import InputError
from .. import openems, options
from ..output import Answer, check_figure, check_writable, say, table, write_out
from ..progress import progress_bar
from .base import Verb

if TYPE_CHECKING:
    from ...solution import Solution

HELP = """Solve a layout: impedance, efficiency and where the power goes.

\b
Example:
  lunar-antenna solve bowtie --set length=9 --soil sourcebook_highland --out run.h5
  lunar-antenna solve strip --soil free-space --band 10:20 --points 21 --z0 72 --json
  lunar-antenna solve bowtie --soil simple_eps35 --solver openems --dry-run --plot mesh.png
"""
ENDINGS = (".h5", ".hdf5")


def solve(
    geometry: options.Geometry,
    set_: options.Set = None,
    soil: options.Soil = None,
    height: options.Height = 0.0,
    solver: options.Solver = "auto",
    band: options.BandText = "5:35",
    points: options.Points = 61,
    z0: options.Reference = 100.0,
    accuracy: options.Accuracy = "normal",
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
    overrides = options.parse_set(set_)
    frequencies = options.make_band(band, points)
    from ...common.checks import choice, number
    from ...geometry.load import load_geometry
    from ...problem import Problem
    from ...solvers.protocol import ACCURACIES
    from ...solvers.registry import check_name
    from ...solvers.registry import solve as run

    number("--z0", z0, low=0.0, low_open=True, unit="ohm")
    check_name(solver, "--solver")
    choice("--accuracy", accuracy, ACCURACIES)
    problem = Problem(
        load_geometry(geometry, **overrides),
        options.load_stack(soil),
        height=height,
        band=frequencies,
    )
    options.tell_height(problem.stack, height)
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
        say(
            f"lunar-antenna: solver {solution.provenance.solver} did not converge, see "
            "quality and notes; try --accuracy fine or another solver"
        )
    document = {**solution.summary(z0), "notes": list(notes)}
    return Answer(document, _text(solution, z0), exit_code=failed or (0 if converged else 3))


def _text(solution: Solution, z0: float) -> str:
    """A short table: a dozen frequencies of the sweep, then how far it can be trusted."""
    import numpy as np

    efficiency = solution.efficiency(z0)
    gamma_db = 20.0 * np.log10(np.maximum(np.abs(solution.s11(z0)), 1e-6))
    count = solution.frequency.size
    chosen = np.unique(np.linspace(0, count - 1, min(count, 13)).round().astype(int))
    names = ("mismatch", "sky", "ground", "metal", "film", "realised")
    rows: list[tuple[str, ...]] = [("f/MHz", "R/ohm", "X/ohm", "|S11|/dB", *names)]
    for k in chosen.tolist():
        z = complex(solution.z[k, 0, 0])
        shares: list[Any] = [getattr(efficiency, name)[k] for name in names]
        rows.append(
            (
                f"{solution.frequency[k] / 1e6:.2f}",
                f"{z.real:.1f}",
                f"{z.imag:.1f}",
                f"{gamma_db[k]:.1f}",
                *(f"{share:.3f}" for share in shares),
            )
        )
    quality, origin = solution.quality, solution.provenance
    error = "" if quality.z_error is None else f", z_error <= {np.nanmax(quality.z_error):.2g}"
    closure = float(np.max(quality.power_closure))
    return (
        f"{table(rows)}\nz0 {z0:g} ohm; solver {origin.solver}, {origin.unknowns} unknowns, "
        f"{origin.wall_seconds:.2f} s\npower closure <= {closure:.2g}{error}, "
        f"{'converged' if quality.converged else 'NOT converged'}"
    )


VERB = Verb("solve", HELP, solve)
