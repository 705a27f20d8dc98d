"""``lunar-antenna array``: many elements on one soil, coupled."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import InputError
from .. import options
from ..output import Answer, check_figure, check_writable, figure_out, say, table, write_out
from ..progress import progress_bar
from .base import Verb

if TYPE_CHECKING:
    from ...array_solution import ArraySolution

HELP = """Solve an array: coupling, losses, embedded patterns.

ARRAY.toml names the soil, band, elements and where they lie (docs/arrays.md); station_16 is
shipped. --out keeps everything in one file; while it runs each solved frequency is kept in
FILE.parts, from which --resume goes on.

\b
Example:
  lunar-antenna array station_16 --out station.h5 --plot station.png
  lunar-antenna array my_array.toml --accuracy draft --workers 2 --json
"""
ENDINGS = (".h5", ".hdf5")


def array(
    file: Annotated[str, typer.Argument(metavar="ARRAY.toml", help="A file, or a shipped name.")],
    out: options.Out = None,
    accuracy: Annotated[
        str | None, typer.Option(metavar="WORD", help="draft, normal or fine; default the file's.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option(metavar="SHARE", help="Of |Z|, what the macro basis may leave out.")
    ] = 1e-4,
    workers: options.Workers = 1,
    scheduler: options.Scheduler = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run of --out that stopped.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Layout, coupling, patterns, reflection.")
    ] = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    check_writable(out, "station.h5")
    if out is not None and out.suffix.lower() not in ENDINGS:
        raise InputError(f"--out {out} does not end in {' or '.join(ENDINGS)}; rename it")
    if resume and out is None:
        raise InputError("--resume without --out; give the --out of the run that stopped")
    check_figure(plot)
    from ...array.file import ACCURACIES, read_array
    from ...array.run import solve_array
    from ...common.checks import choice, number
    from ...common.checks import whole as check_whole

    number("--tolerance", tolerance, low=1e-7, high=0.1)
    check_whole("--workers", workers, high=1000)
    if scheduler is not None and workers != 1:
        raise InputError(f"--workers {workers} beside --scheduler; give one of them")
    if accuracy is not None:
        choice("--accuracy", accuracy, ACCURACIES)
    found = read_array(file)
    folder = None if out is None else out.with_name(f"{out.name}.parts")
    if resume and folder is not None and not folder.is_dir():
        raise InputError(f"--resume: {folder} is not there; leave --resume out to begin")
    with progress_bar("array") as progress:
        solution = solve_array(
            found.array,
            accuracy=accuracy or found.accuracy,
            tolerance=tolerance,
            workers=workers,
            scheduler=scheduler,
            progress=progress,
            folder=folder,
            resume=resume,
        )
    for note in solution.provenance.notes:
        say(f"note: {note}")
    files: list[tuple[Path, Callable[[], object]]] = []
    if out is not None:
        files.append((out, lambda: solution.save(out)))
    if plot is not None:
        from ...plotting.array import plot_array

        files.append(figure_out(lambda: plot_array(solution, found.z0), plot))
    failed = write_out(*files) if files else 0
    if folder is not None and out is not None and out.is_file() and not failed:
        shutil.rmtree(folder, ignore_errors=True)
    converged = solution.quality.converged
    if not converged:
        say(
            "lunar-antenna: the array did not converge, see quality; try --accuracy fine or a "
            "smaller --tolerance"
        )
    return Answer(
        {**solution.summary(found.z0), "notes": list(solution.provenance.notes)},
        _text(solution, found.z0),
        exit_code=failed or (0 if converged else 3),
    )


def _text(solution: ArraySolution, z0: float) -> str:
    """A dozen frequencies: coupling, active reflection, and how far each can be trusted."""
    import numpy as np

    shown = solution.summary(z0)
    count = solution.frequency.size
    chosen = np.unique(np.linspace(0, count - 1, min(count, 13)).round().astype(int))
    rows: list[tuple[str, ...]] = [
        ("f/MHz", "coupling/dB", "active/dB", "err Z", "err pattern", "err loss", "closure")
    ]
    details = solution.quality.details

    def decibel(value: float) -> str:
        return f"{20.0 * np.log10(max(value, 1e-9)):.1f}"

    for k in chosen.tolist():
        rows.append(
            (
                f"{solution.frequency[k] / 1e6:.2f}",
                decibel(shown["largest_coupling"][k]),
                decibel(shown["worst_active_reflection"][k]),
                f"{details['error_z'][k]:.1g}",
                f"{details['error_pattern'][k]:.1g}",
                f"{details['error_loss'][k]:.1g}",
                f"{solution.quality.power_closure[k]:.1g}",
            )
        )
    origin, error = solution.provenance, solution.quality.z_error
    mesh = "" if error is None else f"; mesh error of the elements <= {np.max(error):.2g}"
    return (
        f"{solution.array.n_elements} elements, {solution.n_ports} ports on "
        f"{solution.array.stack.name}\n{table(rows)}\n"
        f"largest |S_mn| and worst active reflection (all ports driven alike) at z0 {z0:g} ohm\n"
        f"{origin.unknowns} unknowns in {int(details['functions'].max())} functions, "
        f"{origin.wall_seconds:.1f} s{mesh}, "
        f"{'converged' if solution.quality.converged else 'NOT converged'}"
    )


VERB = Verb("array", HELP, array)
