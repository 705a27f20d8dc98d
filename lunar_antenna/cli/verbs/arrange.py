"""``lunar-antenna arrange``: places of an array's elements, searched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import InputError
from .. import options
from ..output import Answer, check_figure, figure_out, say, write_out
from ..progress import progress_bar
from .base import Verb

if TYPE_CHECKING:
    from ...search.places.result import Arrangement

HELP = """Search the places of an array's elements.

ARRAY.toml is that of the verb array; its table [search] says in which disc, how far apart, and
what is made small: the worst active reflection over a scan, or the change of embedded patterns
(docs/arrays.md; station_places is shipped). --out receives best.toml, which array reads. Ctrl-C
keeps every layout that was tried; --resume goes on.

\b
Example:
  lunar-antenna arrange station_places --out places
  lunar-antenna arrange my_array.toml --radius 30 --least-distance 8 --moves 200 --json
"""


def arrange(
    file: Annotated[str, typer.Argument(metavar="ARRAY.toml", help="A file, or a shipped name.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder for all that is found.")
    ] = None,
    radius: Annotated[
        float | None, typer.Option(metavar="M", help="Of the disc that holds all positions.")
    ] = None,
    least_distance: Annotated[
        float | None, typer.Option(metavar="M", help="Centre to centre.")
    ] = None,
    merit: Annotated[
        str | None, typer.Option(metavar="NAME", help="active_reflection or embedded_pattern.")
    ] = None,
    z0: Annotated[
        float | None, typer.Option(metavar="OHM", help="At the ports; default the file's.")
    ] = None,
    random: Annotated[
        int | None, typer.Option(parser=options.whole, metavar="N", help="Layouts at random.")
    ] = None,
    moves: Annotated[
        int | None, typer.Option(parser=options.whole, metavar="N", help="Elements moved then.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(parser=options.whole, metavar="N", help="Same seed, same layouts.")
    ] = None,
    accuracy: Annotated[
        str | None, typer.Option(metavar="WORD", help="draft, normal or fine; default the file's.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the search of --out that stopped.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Best layout and course of the search.")
    ] = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    if resume and out is None:
        raise InputError("--resume without --out; give the --out of the search that stopped")
    check_figure(plot)
    from ...search.places.api import arrange as search

    with progress_bar("arrange") as progress:
        found = search(
            file,
            radius=radius,
            least_distance=least_distance,
            merit=merit,
            z0=z0,
            random=random,
            moves=moves,
            seed=seed,
            accuracy=accuracy,
            out=out,
            resume=resume,
            progress=progress,
        )
    failed = 0
    if plot is not None and found.tried:
        from ...plotting.arrangement import plot_arrangement

        failed = write_out(figure_out(lambda: plot_arrangement(found), plot))
    if found.interrupted:
        kept = "" if out is None else f"; everything tried is in {out}, go on with --resume"
        say(f"lunar-antenna: interrupted after {len(found.tried)} layouts{kept}")
        return Answer(found.to_dict(), _text(found, out), exit_code=130)
    bad = found.solution is not None and not found.solution.quality.converged
    if bad:
        say("lunar-antenna: the best layout did not converge; try --accuracy fine")
    return Answer(found.to_dict(), _text(found, out), exit_code=failed or (3 if bad else 0))


def _text(found: Arrangement, folder: Path | None) -> str:
    told = found.to_dict()
    random, moves = told["random"], told["moves"]
    lines = []
    if told["own"] is not None:
        lines.append(f"layout of the file: {told['own']:.4f}")
    if random["count"]:
        lines.append(
            f"{random['count']} at random: best {random['best']:.4f}, median "
            f"{random['median']:.4f}, worst {random['worst']:.4f}; "
            f"{random['seconds_per_layout']:.2g} s of a core each"
        )
    if moves["count"]:
        each = moves["seconds_per_layout"]
        cost = "" if each is None else f"; {each:.2g} s of a core each"
        lines.append(f"{moves['count']} moves of one element: best {found.value:.4f}{cost}")
    lines.append(f"{told['merit']} = {found.value:.4f} at z0 {found.z0:g} ohm")
    if found.solved is not None and found.solution is not None:
        error = float(found.solution.quality.details["error_z"].max())
        lines.append(f"solved with all errors stated: {found.solved:.4f}, Z to {error:.1g}")
    if folder is not None:
        lines.append(f"next: lunar-antenna array {folder / 'best.toml'} --out station.h5")
    return "\n".join(lines)


VERB = Verb("arrange", HELP, arrange)
