"""``lunar-antenna optimize``: search a parametric layout for its widest band."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError
from . import options
from .output import Answer, say
from .progress import progress_bar

if TYPE_CHECKING:
    from ..optimize.result import OptimizationResult

HELP = """Search the widest band of a parametric layout.

Maximises hi/lo of the contiguous band with mismatch efficiency >= --threshold, subject to
mismatch efficiency >= --floor over 5-35 MHz. Ctrl-C keeps everything finished; --resume goes on.

\b
Example:
  lunar-antenna optimize bowtie --trials 100 --workers 2 --out wide
  lunar-antenna solve wide/best.toml --out wide/best.h5
"""

_FREE = ("free", "")


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("optimize", help=HELP)(optimize)


def optimize(
    geometry: Annotated[
        str, typer.Argument(metavar="GEOMETRY", help="Shipped name or file with [search].")
    ],
    set_: options.Set = None,
    soil: options.Soil = None,
    height: options.Height = 0.0,
    solver: options.Solver = "auto",
    band: options.BandText = "5:35",
    points: options.Points = 61,
    z0: Annotated[
        str, typer.Option(metavar="OHM|LOW:HIGH|free", help="Reference impedance.")
    ] = "free",
    accuracy: options.Accuracy = "draft",
    threshold: Annotated[float, typer.Option(help="Mismatch efficiency inside the band.")] = 0.9,
    floor: Annotated[float, typer.Option(help="Mismatch efficiency over 5-35 MHz.")] = 0.1,
    trials: Annotated[
        int, typer.Option(parser=options.whole, metavar="N", help="Finished trials wanted in all.")
    ] = 200,
    seed: Annotated[
        int, typer.Option(parser=options.whole, metavar="N", help="Same seed, same designs.")
    ] = 1,
    sampler: Annotated[str, typer.Option(metavar="NAME", help="auto, cma-es or tpe.")] = "auto",
    workers: Annotated[
        int, typer.Option(parser=options.whole, metavar="N", help="Worker processes.")
    ] = 1,
    storage: Annotated[
        str | None, typer.Option(metavar="URL", help="SQLAlchemy URL; default study.db in --out.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the study in --out.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder; default GEOMETRY-study.")
    ] = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    reference = parse_z0(z0)
    parameters = options.parse_set(set_)
    from ..optimize.api import OptimizationInterrupted
    from ..optimize.api import optimize as search

    folder = out if out is not None else Path(f"{Path(geometry).stem or 'optimize'}-study")
    wanted = options.make_band(band, points)
    stack = options.load_stack(soil)
    options.tell_height(stack, height)
    try:
        with progress_bar("optimize") as progress:
            result = search(
                geometry,
                stack,
                trials=trials,
                seed=seed,
                workers=workers,
                storage=storage,
                out=folder,
                z0=reference,
                resume=resume,
                progress=progress,
                solver=solver,
                band=wanted,
                height=height,
                accuracy=accuracy,
                threshold=threshold,
                floor=floor,
                sampler=sampler,
                parameters=parameters,
            )
    except OptimizationInterrupted as stopped:
        say(f"interrupted; finished trials are in {folder}, go on with --resume")
        return Answer(stopped.result.to_dict(), _text(stopped.result, folder), exit_code=130)
    return Answer(result.to_dict(), _text(result, folder))


def parse_z0(text: str) -> float | tuple[float, float] | None:
    """``"free"`` as None, ``"100"`` as 100.0, ``"50:400"`` as a range, ohm."""
    if text.strip() in _FREE:
        return None
    try:
        values = [float(part) for part in text.split(":")]
    except ValueError:
        values = []
    if len(values) == 1:
        return values[0]
    if len(values) == 2:
        return values[0], values[1]
    raise InputError(f"--z0 {text!r} is not OHM, LOW:HIGH or free; write for example 100 or 50:400")


def _text(result: OptimizationResult, folder: Path) -> str:
    document = result.to_dict()
    best = document["best"]
    if best is None:
        return f"no trial finished; study in {folder}"
    lines = [f"{name} = {value:.6g}" for name, value in best["parameters"].items()]
    if best["band_mhz"] is not None:
        lo, hi = best["band_mhz"]
        lines.append(f"band {lo:.3f} to {hi:.3f} MHz, ratio {best['band_ratio']:.4f}")
    if best["min_efficiency_5_35"] is not None:
        lines.append(
            f"lowest mismatch efficiency over 5-35 MHz {best['min_efficiency_5_35']:.4f}; "
            f"z0 {best['z0']:.2f} ohm"
        )
    if not best["feasible"]:
        lines.append("NOT feasible: the floor over 5-35 MHz is not reached; search more or wider")
    abandoned = f", {document['abandoned']} abandoned" if document["abandoned"] else ""
    lines.append(
        f"{document['trials']} trials ({document['failed']} failed{abandoned}), {result.sampler}, "
        f"{result.seconds:.1f} s, {result.evaluations_per_second:.2f} evaluations/s"
    )
    lines.append(f"next: lunar-antenna solve {folder / 'best.toml'}")
    return "\n".join(lines)
