"""Options that several verbs share, and how their text becomes values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import InputError
from .output import say

if TYPE_CHECKING:
    from ..conventions import FloatArray
    from ..media.layer import Stack
    from ..problem import Band


def whole(text: str | int) -> int:
    """A whole number, else an error that shows what was given."""
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a whole number; write for example 20") from None


Geometry = Annotated[
    str, typer.Argument(metavar="GEOMETRY", help="Shipped name (geometry list) or a TOML file.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="A parameter, metal or film; repeat for more. SI."
    ),
]
Soil = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE|free-space", help="Soil model (soil list); free-space if not given."
    ),
]
_height = typer.Option(metavar="M", help="Height above the surface, m.")
Height = Annotated[float, _height]
HeightIfGiven = Annotated[float | None, _height]
_solver = typer.Option(metavar="NAME", help="auto, or one of those doctor lists.")
Solver = Annotated[str, _solver]
SolverIfGiven = Annotated[str | None, _solver]
BandText = Annotated[str, typer.Option("--band", metavar="LOW:HIGH", help="Band in MHz.")]
Points = Annotated[
    int, typer.Option(parser=whole, metavar="N", help="Number of solved frequencies.")
]
_accuracy = typer.Option(metavar="WORD", help="draft, normal or fine.")
Accuracy = Annotated[str, _accuracy]
AccuracyIfGiven = Annotated[str | None, _accuracy]
Workers = Annotated[int, typer.Option(parser=whole, metavar="N", help="Worker processes.")]
Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="A dask scheduler's, in their place.")
]
Reference = Annotated[float, typer.Option("--z0", metavar="OHM", help="Reference impedance.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="File to write.")]

FREE_SPACE = ("free-space", "free_space")


def parse_set(items: list[str] | None) -> dict[str, Any]:
    """``["length=9", "metal=copper_18um"]`` as a table; values are TOML, else plain text."""
    result: dict[str, Any] = {}
    for item in items or []:
        name, equals, text = item.partition("=")
        name, text = name.strip(), text.strip()
        if not equals or not name or not text:
            raise InputError(f"--set {item!r} is not NAME=VALUE; write for example --set length=9")
        if name in result:
            raise InputError(f"--set gives {name} twice; give it once")
        result[name] = _value(name, text)
    return result


def _value(name: str, text: str) -> Any:
    if "\n" in text:
        raise InputError(f"--set value {text!r} has a line break; give one value")
    from ..common.tables import toml_value

    try:
        return toml_value(text)
    except InputError as error:
        raise InputError(f"--set {name}: {error}") from None


def parse_band(text: str) -> tuple[float, float]:
    """``"5:35"`` as (5.0, 35.0) MHz."""
    low, colon, high = text.partition(":")
    try:
        if not colon:
            raise ValueError
        return float(low), float(high)
    except ValueError:
        raise InputError(
            f"--band {text!r} is not LOW:HIGH in MHz; write for example 5:35"
        ) from None


def make_band(text: str, points: int) -> Band:
    """The band of ``--band`` and ``--points``."""
    from ..problem import Band

    low, high = parse_band(text)
    if points == 1 and low < high:
        raise InputError(
            f"--points 1 given with --band {text}; for one frequency give it twice, "
            f"for example --band {low:g}:{low:g}, or give --points 2 or more"
        )
    try:
        return Band.mhz(low, high, points)
    except InputError as error:
        about = f"--points {points}" if low < high and "points" in str(error) else f"--band {text}"
        raise InputError(f"{about}: {error}") from None


def measured_band(frequency: FloatArray, name: str) -> Band:
    """The band of measured frequencies (n,) Hz; a refusal shows how to leave some of them out."""
    from ..problem import Band

    try:
        return Band(frequency)
    except InputError as error:
        low = next((value for value in frequency if value >= 1e5), 5e6)
        high = min(float(frequency[-1]), 1e9)
        raise InputError(
            f"{name} spans {frequency[0] / 1e6:g} to {frequency[-1] / 1e6:g} MHz and not all of it "
            f"can be solved ({error}); give --band LOW:HIGH in MHz, for example --band "
            f"{low / 1e6:.6g}:{max(low, high) / 1e6:.6g}"
        ) from None


def tell_height(stack: Stack, height: float) -> None:
    """Say that a height means nothing where there is nothing below."""
    if height != 0.0 and stack.is_free_space:
        say(f"note: --height {height:g} has no effect in free space; give --soil NAME")


def load_stack(soil: str | None) -> Stack:
    """The stack of ``--soil``; free space, said on stderr, where none is given."""
    from ..media.layer import Stack

    if soil is None:
        say("soil: free-space (give --soil NAME for a soil; see lunar-antenna soil list)")
        return Stack.free_space()
    if soil in FREE_SPACE:
        return Stack.free_space()
    from ..media.soils import load_soil

    return load_soil(soil)
