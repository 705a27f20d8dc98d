"""``lunar-antenna noise``: what of the noise at a receiver comes from the sky."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import InputError
from .. import options
from ..designs import Z0, place
from ..output import Answer, check_figure, figure_out, say, table, write_out
from ..progress import progress_bar
from ..simulations import Wanted, failed, kind_of
from .base import Verb

if TYPE_CHECKING:
    from ...conventions import FloatArray
    from ...sky.galaxy import Sky
    from ...sky.moon import Observation
    from ...sky.temperature import NoiseBudget
    from ...solution import Solution

HELP = """Noise at a receiver: sky, ground, losses, receiver.

Gives T_sys, the shares of sky, ground, losses and receiver, and where the sky wins.

A receiver is a name, or a TOML file: resistance, capacitance, voltage_noise, current_noise,
temperature; or reflection (.s1p) with noise_parameters or noise_waves (.csv). A sky is a law that
is the same everywhere (novaco_brown, cane), a galaxy (cane_slab, power_law), a temperature in K or
a HEALPix map; what varies is seen through the beam over one turn of the Moon at --site.

A best.toml brings the soil, height and band of its study, which options replace.

\b
Example:
  lunar-antenna noise membrane_10m --soil simple_eps35 --plot noise.png
  lunar-antenna noise run.h5 --receiver lab.toml --sky cane_slab --site -23.8,182.3 --json
"""


def noise(
    item: Annotated[str, typer.Argument(metavar="RUN.h5|GEOMETRY", help="Solved, or solved here.")],
    set_: options.Set = None,
    soil: options.Soil = None,
    height: Annotated[
        float | None, typer.Option(metavar="M", help="Height above the surface, m; default 0.")
    ] = None,
    solver: options.SolverIfGiven = None,
    band: Annotated[
        str | None, typer.Option(metavar="LOW:HIGH", help="Band in MHz; default 5:35.")
    ] = None,
    points: Annotated[
        int | None, typer.Option(parser=options.whole, metavar="N", help="Of --band; default 61.")
    ] = None,
    accuracy: options.AccuracyIfGiven = None,
    receiver: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A shipped name or a TOML file.")
    ] = "lusee_like",
    sky: Annotated[str, typer.Option(metavar="NAME|K|MAP", help="See above.")] = "novaco_brown",
    map_frequency: Annotated[
        float | None, typer.Option(metavar="MHZ", help="Of a map that does not say it.")
    ] = None,
    map_index: Annotated[
        float | None, typer.Option(metavar="BETA", help="T ~ f^-BETA of a map; default 2.5.")
    ] = None,
    site: Annotated[
        str | None, typer.Option(metavar="LAT,LON[,HEADING]", help="Degrees, or a shipped name.")
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help="UTC at which the turn begins.")
    ] = None,
    port: Annotated[int, typer.Option(parser=options.whole, metavar="N", help="From 1.")] = 1,
    terminated: Annotated[
        bool, typer.Option("--terminated", help="Other ports end in the same receiver.")
    ] = False,
    moon: Annotated[float, typer.Option(metavar="K", help="Of the ground.")] = 255.0,
    antenna: Annotated[float, typer.Option(metavar="K", help="Of metal and film.")] = 255.0,
    threshold: Annotated[
        float, typer.Option(metavar="RATIO", help="Sky over receiver where the sky wins.")
    ] = 10.0,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Figure.")] = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    check_figure(plot)
    import numpy as np

    from ...common.checks import number
    from ...sky.receiver import receiver_from
    from ...sky.temperature import noise_budget

    number("--threshold", threshold, low=0.0, low_open=True, high=1e6)
    device = receiver_from(receiver)
    seen = _sky(sky, map_frequency, map_index)
    observation = _observation(site, start, seen)

    def check(frequency: FloatArray, ports: int) -> None:
        """What the sky, the receiver or the port cannot do is told before anything is solved."""
        seen.temperature(frequency, np.array([[0.0, 0.0, 1.0]]))
        device.noise(frequency, np.full(frequency.shape, 50.0 + 0j))
        if not 1 <= port <= ports:
            raise InputError(f"--port {port}: the layout has ports 1 to {ports}")

    wanted = Wanted(soil, height, set_, band, points, solver, accuracy)
    solution = _solution(item, wanted, check)
    budget = noise_budget(
        solution, device, seen, port=port, terminated=terminated, moon=moon, antenna=antenna,
        observation=observation,
    )  # fmt: skip
    code = int(failed([solution])) * 3
    if plot is not None:
        from ...plotting.sky import plot_noise

        code = write_out(figure_out(lambda: plot_noise(budget, threshold), plot)) or code
    document = {
        "receiver_name": device.name,
        "sky_name": seen.name,
        "port": port,
        "threshold": threshold,
        **({} if observation is None else observation.to_dict()),
        **budget.to_dict(),
        "sky_limited": [list(edges) for edges in budget.sky_limited(threshold)],
        "solver": solution.provenance.solver,
        "converged": solution.quality.converged,
    }
    return Answer(document, _text(budget, device.name, seen.name, threshold), exit_code=code)


def _sky(name: str, map_frequency: float | None, map_index: float | None) -> Sky:
    from ...sky.galaxy import MAP_ENDINGS, sky_from

    if Path(name).suffix.lower() in MAP_ENDINGS:
        from ...sky.healpix import INDEX, load_sky

        return load_sky(
            name,
            frequency=None if map_frequency is None else 1e6 * map_frequency,
            index=INDEX if map_index is None else map_index,
        )
    if map_frequency is not None or map_index is not None:
        raise InputError(f"--map-frequency and --map-index are for a map, and --sky is {name}")
    try:
        return sky_from(float(name))
    except ValueError:
        return sky_from(name)


def _observation(site: str | None, start: str | None, sky: Sky) -> Observation | None:
    """The turn in which a sky that varies is seen; None under one that does not."""
    from ...sky.moon import START, Observation, time_from

    if sky.uniform:
        if site is not None or start is not None:
            raise InputError(
                f"--site and --start mean nothing under --sky {sky.name}, the same in all "
                "directions; give a galaxy or a map"
            )
        return None
    began = START if start is None else time_from(start)
    found = Observation.turn("lusee_night" if site is None else site, start=began)
    say(f"site: {found.site.name}, one turn of the Moon from {found.times[0]:%Y-%m-%d %H:%M} UTC")
    return found


def _solution(item: str, wanted: Wanted, check: Callable[[FloatArray, int], None]) -> Solution:
    """The run, or the geometry solved once ``check`` of frequencies and ports has passed."""
    from ...geometry.load import load_geometry
    from ...problem import Problem
    from ...solution import load
    from ...solvers.registry import solve

    if kind_of(item) == "run":
        wanted.check([item])
        return load(item)
    given = wanted.band
    wanted = replace(wanted, band="5:35" if given is None else given)
    layout = load_geometry(item, **options.parse_set(wanted.changes))
    wanted.check([])
    where = place(
        item, soil=wanted.soil, height=wanted.height, band=given, points=wanted.points, z0=Z0,
        network=False,
    )  # fmt: skip
    check(where.band.frequency, len(layout.ports))
    problem = Problem(layout, where.stack, height=where.height, band=where.band)
    with progress_bar("solve") as progress:
        solution = solve(
            problem, wanted.solver or "auto", accuracy=wanted.accuracy or "normal",
            progress=progress,
        )  # fmt: skip
    for note in solution.provenance.notes:
        say(f"note: {note}")
    return solution


def _text(budget: NoiseBudget, receiver: str, sky: str, threshold: float) -> str:
    """A dozen frequencies, then where the sky wins."""
    import numpy as np

    from ...common.rows import share
    from ...plotting.sky import NAMES

    count = budget.frequency.size
    chosen = np.unique(np.linspace(0, count - 1, min(count, 13)).round().astype(int))
    shares = budget.shares
    rows: list[tuple[str, ...]] = [
        ("f/MHz", "T_sky/K", "T_sys/K", *(NAMES[part] for part in shares), "sky/receiver")
    ]
    for k in chosen.tolist():
        rows.append(
            (
                f"{budget.frequency[k] / 1e6:.2f}",
                f"{budget.sky_temperature[k]:.4g}",
                f"{budget.system_temperature[k]:.4g}",
                *(share(float(part[k])) for part in shares.values()),
                f"{budget.ratio[k]:.4g}",
            )
        )
    bands = ", ".join(
        f"{low / 1e6:.2f}-{high / 1e6:.2f} MHz" for low, high in budget.sky_limited(threshold)
    )
    return (
        f"{table(rows)}\nreceiver {receiver}, sky {sky}; sky over receiver >= {threshold:g}: "
        f"{bands or 'nowhere in the band'}"
    )


VERB = Verb("noise", HELP, noise)
