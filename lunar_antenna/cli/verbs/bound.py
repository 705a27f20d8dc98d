"""``lunar-antenna bound``: what no antenna of a footprint exceeds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import options
from ..output import Answer, check_figure, figure_out, table, write_out
from ..progress import progress_bar
from .base import Verb

if TYPE_CHECKING:
    from ...bounds.bound import Bound
    from ...geometry.layout import Gap

HELP = """What no metal within a footprint can exceed on a soil.

\b
Example:
  lunar-antenna bound 10x2 --soil simple_eps35 --quantity sky_share
  lunar-antenna bound 10x2 --soil simple_eps35 --quantity realised_sky --port 0.2x0.06 --z0 100
  lunar-antenna bound bowtie --soil simple_eps35 --quantity gain --cone 60 --json
"""


def bound(
    footprint: Annotated[
        str,
        typer.Argument(metavar="FOOTPRINT", help="LENGTHxWIDTH in m, or a geometry: its metal."),
    ],
    quantity: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="sky_share, gain, realised_sky, realised_gain; efficiency in free space.",
        ),
    ] = "sky_share",
    soil: options.Soil = None,
    height: options.Height = 0.0,
    band: options.BandText = "5:35",
    points: options.Points = 13,
    direction: Annotated[
        str | None,
        typer.Option(metavar="THETA:PHI", help="Of a gain, degrees; the zenith if not given."),
    ] = None,
    cone: Annotated[
        float | None,
        typer.Option(metavar="DEGREES", help="Mean gain over a cone of that half-angle."),
    ] = None,
    port: Annotated[
        str | None,
        typer.Option(
            metavar="LENGTHxWIDTH", help="Of what is realised: gap and its tab at the origin, m."
        ),
    ] = None,
    z0: Annotated[
        float | None, typer.Option(metavar="OHM", help="Of what is realised; default 100.")
    ] = None,
    reactance: Annotated[
        float | None,
        typer.Option(metavar="OHM", help="That the antenna has to show; 0 is self-resonant."),
    ] = None,
    metal: Annotated[str | None, typer.Option(metavar="NAME", help="Default copper_18um.")] = None,
    film: Annotated[str | None, typer.Option(metavar="NAME", help="Default none.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Figure to write.")] = None,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`HELP`."""
    del as_json
    check_figure(plot)
    frequencies = options.make_band(band, points)
    import math

    from ...bounds.bound import bound as run
    from ...bounds.footprint import parse_sides
    from ...geometry.load import load_geometry

    sides = parse_sides(footprint)
    stack = options.load_stack(soil)
    options.tell_height(stack, height)
    with progress_bar("bound") as progress:
        found = run(
            load_geometry(footprint) if sides is None else sides,
            stack,
            height,
            frequencies,
            quantity,
            direction=None if direction is None else _direction(direction),
            cone=None if cone is None else math.radians(cone),
            port=None if port is None else _gap(port),
            z0=z0,
            reactance=reactance,
            metal=metal,
            film=film,
            progress=progress,
        )
    failed = 0
    if plot is not None:
        from ...plotting.bound import plot_bound

        failed = write_out(figure_out(lambda: plot_bound(found), plot))
    return Answer(found.to_dict(), _text(found), exit_code=failed)


def _gap(text: str) -> Gap:
    """``"0.2x0.06"`` as a gap at the origin, current along x."""
    from ...bounds.footprint import parse_sides
    from ...errors import InputError
    from ...geometry.layout import Gap

    sides = parse_sides(text)
    if sides is None:
        raise InputError(f"--port {text!r} is not LENGTHxWIDTH in m; write for example 0.2x0.06")
    return Gap(0.0, 0.0, *sides)


def _direction(text: str) -> tuple[float, float]:
    """``"30:90"`` degrees as (theta, phi) rad."""
    import math

    from ...errors import InputError

    theta, colon, phi = text.partition(":")
    try:
        if not colon:
            raise ValueError
        return math.radians(float(theta)), math.radians(float(phi))
    except ValueError:
        raise InputError(
            f"--direction {text!r} is not THETA:PHI in degrees; write for example 30:90"
        ) from None


def _text(found: Bound) -> str:
    rows: list[tuple[str, ...]] = [("f/MHz", found.quantity.name, "mesh error", "gap")]
    rows += [
        (f"{f / 1e6:.2f}", f"{value:.4f}", f"{error:.1g}", f"{gap:.1g}")
        for f, value, error, gap in zip(
            found.frequency, found.value, found.mesh_error, found.gap, strict=True
        )
    ]
    sizes = ", ".join(str(count) for count in found.unknowns)
    metal = found.footprint.metal
    name = "pec" if metal is None else metal.name
    return f"{table(rows)}\n{name}; {sizes} unknowns of the largest class on three meshes"


VERB = Verb("bound", HELP, bound)
