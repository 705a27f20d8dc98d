"""``lunar-antenna soil``: list and show soil models."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import options
from ..output import Answer, check_figure, figure_out, table, write_out
from .base import Verb

if TYPE_CHECKING:
    from ...media.layer import Stack

HELP = """List and show soil models.

\b
Example:
  lunar-antenna soil list
  lunar-antenna soil show sourcebook_highland --plot soil.png
"""
LIST_HELP = """List the shipped soil models.

\b
Example:
  lunar-antenna soil list --json
"""
SHOW_HELP = """Show the layers of a soil model; --plot draws eps_r and tan delta against depth.

\b
Example:
  lunar-antenna soil show sourcebook_highland --plot soil.png
"""


_LISTED = 15e6  # Hz, of the loss tangents in the list
_TAN = "tan delta at 15 MHz"


def list_(as_json: options.Json = False) -> Answer:
    """See :data:`LIST_HELP`."""
    del as_json
    from ...media.soils import load_soil, soil_names

    stacks = {name: load_soil(name) for name in soil_names()}
    rows: list[tuple[str, ...]] = [("name", "layers", "eps_r", _TAN, "depth/m")]
    rows += [_row(name, stack) for name, stack in stacks.items()]
    document = [
        {
            "name": name,
            "layers": len(stack.layers),
            **_ranges(stack),
            "depth": float(stack.depths[-1]) if stack.layers else None,
            "source": stack.source,
        }
        for name, stack in stacks.items()
    ]
    note = "eps_r, tan delta: lowest to highest; depth/m: where the lowest layer begins"
    return Answer({"soils": document}, f"{table(rows)}\n{note}")


def _row(name: str, stack: Stack) -> tuple[str, ...]:
    found = _ranges(stack)
    if found["eps_r"] is None:
        return (name, str(len(stack.layers)), "conductor" if stack.layers else "", "", "")
    depth = f"{float(stack.depths[-1]):.4g}"
    return (
        name,
        str(len(stack.layers)),
        _span(found["eps_r"], 3),
        _span(found["loss_tangent"], 2),
        depth,
    )


def _span(ends: list[float], digits: int) -> str:
    low, high = (f"{value:.{digits}g}" for value in ends)
    return low if low == high else f"{low} to {high}"


def _ranges(stack: Stack) -> dict[str, Any]:
    """[lowest, highest] eps_r and loss tangent at 15 MHz of the layers that are no conductors."""
    import numpy as np

    count = len(stack.layers) - stack.has_conductor
    if count == 0:
        return {"eps_r": None, "loss_tangent": None}
    eps = stack.complex_eps_r(np.array([_LISTED]))[:count, 0]
    tan = 0.0 - eps.imag / eps.real
    return {
        "eps_r": [float(eps.real.min()), float(eps.real.max())],
        "loss_tangent": [float(tan.min()), float(tan.max())],
    }


def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Shipped name or a TOML file.")],
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Figure to write.")] = None,
    frequency: Annotated[
        float, typer.Option(metavar="MHZ", help="Frequency of tan delta in the table and figure.")
    ] = 15.0,
    as_json: options.Json = False,
) -> Answer:
    """See :data:`SHOW_HELP`."""
    del as_json
    check_figure(plot)
    from ...common.checks import number

    hertz = 1e6 * number("--frequency", frequency, low=0.01, high=1e4, unit="MHz")
    stack = options.load_stack(name)
    failed = 0
    if plot is not None:
        from ...plotting.soil import plot_stack

        failed = write_out(figure_out(lambda: plot_stack(stack, hertz), plot))
    depths = stack.depths.tolist()
    document = stack.to_dict()
    for layer, depth in zip(document["layers"], depths, strict=True):
        layer["depth"] = depth
    return Answer(document, _text(stack, depths, hertz), exit_code=failed)


def _text(stack: Stack, depths: list[float], frequency: float) -> str:
    import numpy as np

    at = f"tan delta at {frequency / 1e6:g} MHz"
    rows: list[tuple[str, ...]] = [("top/m", "thickness/m", "eps_r", at)]
    eps = stack.complex_eps_r(np.array([frequency]))
    for layer, depth, value in zip(stack.layers, depths, eps[:, 0].tolist(), strict=True):
        thickness = "inf" if math.isinf(layer.thickness) else f"{layer.thickness:.4g}"
        if layer.is_conductor:
            rows.append((f"{depth:.4g}", thickness, "conductor", ""))
        else:
            loss = 0.0 - value.imag / value.real
            rows.append((f"{depth:.4g}", thickness, f"{value.real:.4f}", f"{loss:.5f}"))
    lines = [stack.name, table(rows) if stack.layers else "no layers: free space"]
    lines += [f"source {key}: {_words(value)}" for key, value in stack.source.items()]
    return "\n".join(lines)


def _words(value: object) -> str:
    """Tables and lists as people write them."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_words(item) for item in value)
    return str(value)


VERB = Verb("soil", HELP, group={"list": (LIST_HELP, list_), "show": (SHOW_HELP, show)})
