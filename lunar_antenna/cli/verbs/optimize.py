"""``lunar-antenna optimize``: search a parametric layout for what a study asks."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...common.rows import share
from ...errors import InputError
from .. import options
from ..output import Answer, say, table
from ..progress import progress_bar
from .base import Verb

if TYPE_CHECKING:
    from ...search.output.result import OptimizationResult

HELP = """Search a parametric layout, on the soil it will lie on.

STUDY is a study file (objectives, constraints, soil, stages; shipped: published_band,
published_band_4m, published_floor, published_robust, published_pareto) or a geometry with
[search]: then hi/lo of the contiguous band with mismatch efficiency >= 0.9 is maximised, subject
to >= 0.1 over 5-35 MHz.
Options override the study. Ctrl-C keeps everything finished; --resume goes on.

\b
Example:
  lunar-antenna optimize published_band --workers 2 --out wide
  lunar-antenna optimize bowtie --soil sourcebook_highland --search length=6:9 --out bow
  lunar-antenna solve wide/best.toml
"""

FREE_Z0 = (25.0, 600.0)  # ohm
SHARES = ("sky", "ground", "metal", "film")


def optimize(
    study: Annotated[
        str, typer.Argument(metavar="STUDY|GEOMETRY", help="Shipped name or TOML file.")
    ],
    set_: options.Set = None,
    ranges: Annotated[
        list[str] | None,
        typer.Option(
            "--search",
            metavar="NAME=LOW:HIGH",
            help="Free variables in place of the study's; LOW:HIGH:log for a log scale. SI.",
        ),
    ] = None,
    soil: options.Soil = None,
    height: options.HeightIfGiven = None,
    solver: options.SolverIfGiven = None,
    band: Annotated[str | None, typer.Option(metavar="LOW:HIGH", help="Band in MHz.")] = None,
    points: Annotated[
        int | None, typer.Option(parser=options.whole, metavar="N", help="Solved frequencies.")
    ] = None,
    z0: Annotated[
        str | None, typer.Option(metavar="OHM|LOW:HIGH|free", help="Reference impedance.")
    ] = None,
    accuracy: Annotated[
        str | None, typer.Option(metavar="WORD", help="Mesh of the search: draft, normal, fine.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Efficiency inside the band of the objective band_ratio.")
    ] = None,
    floor: Annotated[
        float | None, typer.Option(help="Bound of the constraint min_efficiency.")
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            parser=options.whole,
            metavar="N",
            help="Finished trials in all; --resume with more of them than at first differs from "
            "one long run.",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(parser=options.whole, metavar="N", help="Same seed, same designs.")
    ] = None,
    sampler: Annotated[
        str | None, typer.Option(metavar="NAME", help="auto, cma-es, tpe, gp, nsga2 or nsga3.")
    ] = None,
    screen: Annotated[
        int | None,
        typer.Option(parser=options.whole, metavar="N", help="First trials on fewer frequencies."),
    ] = None,
    polish: Annotated[
        int | None,
        typer.Option(
            parser=options.whole, metavar="N", help="Linear programs that improve the best."
        ),
    ] = None,
    check: Annotated[
        int | None,
        typer.Option(parser=options.whole, metavar="N", help="Best designs solved at normal."),
    ] = None,
    fine: Annotated[
        bool | None, typer.Option("--fine/--no-fine", help="Solve the best design at fine.")
    ] = None,
    confirm: Annotated[
        str | None, typer.Option(metavar="SOLVER|none", help="Solve it by another engine, too.")
    ] = None,
    workers: options.Workers = 1,
    scheduler: options.Scheduler = None,
    storage: Annotated[
        str | None, typer.Option(metavar="URL", help="SQLAlchemy URL; default study.db in --out.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the study in --out.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder; default STUDY-study.")
    ] = None,
    figures: Annotated[
        bool, typer.Option("--figures/--no-figures", help="Figures and a page in the folder.")
    ] = True,
    bound: Annotated[
        str | None,
        typer.Option(
            metavar="LENGTHxWIDTH",
            help="How much of what that footprint allows (verb bound) the best reaches, m.",
        ),
    ] = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    reference = None if z0 is None else parse_z0(z0)
    parameters = options.parse_set(set_)
    free = parse_ranges(ranges)
    from ...search.api import OptimizationInterrupted
    from ...search.api import optimize as run
    from ...search.freeform.api import refuse_options
    from ...search.freeform.settings import freeform_file
    from ...search.study.file import load_study

    if bound is not None:
        from ...bounds.footprint import footprint

        footprint(bound, None)  # refused before anything is searched
    if out == Path():
        raise InputError("--out is empty or the working folder; give the name of a folder")
    folder = out if out is not None else Path(f"{Path(study).stem or 'optimize'}-study")
    if freeform_file(study) is not None:
        given = {
            "set": set_ or None, "free": ranges or None, "soil": soil, "band": band,
            "points": points, "storage": storage, "scheduler": scheduler, "z0": z0,
            "solver": solver, "height": height, "accuracy": accuracy,
            "threshold": threshold, "floor": floor, "sampler": sampler,
            "screen": screen, "check": check,
        }  # fmt: skip
        refuse_options(given)
        with progress_bar("optimize") as progress:
            result = run(
                study, trials=trials, seed=seed, out=folder, figures=figures, resume=resume,
                progress=progress, fine=fine, polish=polish, confirm=confirm,
            )  # fmt: skip
        if result.interrupted:
            say(f"interrupted; finished rounds are in {folder}, go on with --resume")
            return Answer(result.to_dict(), _text(result, folder), exit_code=130)
        return _answer(result, folder, bound)
    settings = load_study(study)
    wanted = None
    if band is not None or points is not None:
        ends = settings.band.frequency[[0, -1]] / 1e6
        wanted = options.make_band(
            f"{ends[0]:.12g}:{ends[1]:.12g}" if band is None else band,
            settings.band.frequency.size if points is None else points,
        )
    robust = settings.robust is not None and bool(settings.robust.soils)
    stack = None
    if soil is not None or (settings.stack.is_free_space and not robust):
        stack = options.load_stack(soil)
    if not robust:
        options.tell_height(stack or settings.stack, height or 0.0)
    try:
        with progress_bar("optimize") as progress:
            result = run(
                study,
                stack,
                search=free,
                trials=trials,
                seed=seed,
                workers=workers,
                scheduler=scheduler,
                storage=storage,
                out=folder,
                figures=figures,
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
                screen=screen,
                polish=polish,
                check=check,
                fine=fine,
                confirm=confirm,
                parameters=parameters,
            )
    except OptimizationInterrupted as stopped:
        say(f"interrupted; finished trials are in {folder}, go on with --resume")
        return Answer(stopped.result.to_dict(), _text(stopped.result, folder), exit_code=130)
    return _answer(result, folder, bound)


def _answer(result: OptimizationResult, folder: Path, bound: str | None) -> Answer:
    """Of a finished study; with what of a footprint's bound its best reaches."""
    whole, told = result.to_dict(), _text(result, folder)
    if bound is not None and result.winner is not None:
        from ...bounds.against import against
        from ...search.output.folder import solved

        with progress_bar("bound") as progress:
            held = against(solved(result), bound, progress=progress)
        whole["bound"] = held.to_dict()
        told = f"{told}\n{held.line}"
    return Answer(whole, told)


def parse_ranges(items: list[str] | None) -> dict[str, list[float | str]] | None:
    """``["length=6:10", "w0=0.02:0.5:log"]`` as the table that [search] would be."""
    found: dict[str, list[float | str]] = {}
    for item in items or []:
        name, _, text = item.partition("=")
        ends = text.split(":")
        try:
            values: list[float | str] = [float(ends[0]), float(ends[1])]
        except (ValueError, IndexError):
            values = []
        if not name.strip() or not values or ends[2:] not in ([], ["log"]):
            raise InputError(
                f"--search {item!r} is not NAME=LOW:HIGH; write for example --search length=6:10"
            )
        if name.strip() in found:
            raise InputError(f"--search gives {name.strip()} twice; give it once")
        found[name.strip()] = [*values, *ends[2:]]
    return found or None


def parse_z0(text: str) -> float | tuple[float, float]:
    """``"100"`` as 100.0, ``"50:400"`` as a range, ``"free"`` as the widest one, ohm."""
    if text.strip() == "free":
        return FREE_Z0
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
    lines += [f"{label} = {value:.5g}" for label, value in best["merits"].items()]
    if best["band_mhz"] is not None:
        lo, hi = best["band_mhz"]
        lines.append(f"band {lo:.3f} to {hi:.3f} MHz, ratio {best['band_ratio']:.4f}")
    if best["min_efficiency_5_35"] is not None:
        lines.append(
            f"lowest mismatch efficiency over 5-35 MHz {best['min_efficiency_5_35']:.4f}; "
            f"z0 {best['z0']:.2f} ohm"
        )
    if "turns" in best:
        lines.append(f"ideal transformer, turns antenna : load {best['turns']:.4g}")
    lines += [
        f"network, from the antenna on: {item['element']} {item['value']:.4g} {item['unit']}, "
        f"Q {item['q']:g}"
        for item in best.get("network", ())
    ]
    if not best["feasible"]:
        lines.append("NOT feasible: a constraint is not met; search more or wider")
    lines += _stages(document["stages"], best["trial"])
    lines += [f"note: {note}" for note in document["notes"]]
    if document["front"]:
        lines.append(f"front: {len(document['front'])} designs, of which this is the compromise")
    abandoned = f", {document['abandoned']} abandoned" if document["abandoned"] else ""
    lines.append(
        f"{document['trials']} trials ({document['failed']} failed{abandoned}), {result.sampler}, "
        f"{result.seconds:.1f} s, {result.evaluations_per_second:.2f} evaluations/s"
    )
    if result.scenarios:
        own = result.evaluator
        lines.append(
            f"judged over {len(result.scenarios)} scenarios, drawn and solved in one of "
            f"them: {own.stack.name}, height {best['parameters'].get('height', own.height):g} m"
        )
    lines.append(_next(result, folder / "best.toml"))
    return "\n".join(lines)


def _next(result: OptimizationResult, best: Path) -> str:
    """How to solve the design as it was judged; where it lies and what ends it is in its file."""
    from ...solvers.registry import choose

    own, judged = result.evaluator, result.judged
    command = f"next: lunar-antenna solve {shlex.quote(str(best))}"
    accuracy = own.accuracy if judged is None else judged.accuracy
    solver = own.solver if judged is None else judged.solver
    if choose(own.problem(result.best.parameters))[0].name != solver:
        command += f" --solver {solver}"
    return command if accuracy == "normal" else f"{command} --accuracy {accuracy}"


def _stages(stages: list[dict[str, Any]], trial: int) -> list[str]:
    """How each stage judged the design, as a table."""
    own = [item for item in stages if item["trial"] == trial]
    if not own:
        return []
    rows: list[tuple[str, ...]] = [("stage", "solver", "mesh", "points", "score", "band/MHz", "z0")]
    for item in own:
        band = item["band_mhz"]
        rows.append(
            (
                item["stage"],
                item["solver"],
                item["accuracy"],
                str(item["points"]),
                f"{item['score']:.4f}",
                "none" if band is None else f"{band[0]:.2f}-{band[1]:.2f}",
                "" if item["z0"] is None else f"{item['z0']:.1f}",
            )
        )
    lines = table(rows).splitlines()
    for item in own:
        if "sky" in item:
            shares = ", ".join(f"{name} {share(item[name])}" for name in SHARES)
            lines.append(f"{item['stage']}, mean power in the band: {shares}")
        if "gamma_difference_max" in item:
            lines.append(
                f"{item['solver']} against the stage before: |dGamma| mean "
                f"{item['gamma_difference_mean']:.4f}, max {item['gamma_difference_max']:.4f}"
            )
    return lines


VERB = Verb("optimize", HELP, optimize)
