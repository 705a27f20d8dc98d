"""Which columns of a table hold the one-port: a frequency and a pair that belongs together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import FileFormatError
from .names import Name
from .text import Notes

ADVICE = "freq_MHz,re,im or freq_MHz,dB,phase_deg or freq_MHz,R,X"
_PAIRS = (("real", "imag", "RI"), ("db", "angle", "DB"), ("magnitude", "angle", "MA"),
          ("loss", "angle", "DB"))  # fmt: skip
_COMPLEMENTS = {pair[:2] for pair in _PAIRS}


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of frequency and of the pair; kind "RI", "DB", "MA" or "RX" (ohm).

    scale: Hz of the frequency's unit, None where not stated.  ohms: of the pair's unit (RX).
    loss: the first of the pair is a return loss.  radians: the angle's unit, None: not stated.
    named: the quantity itself is named, not only its parts.
    """

    frequency: int
    first: int
    second: int
    kind: str
    scale: float | None = None
    ohms: tuple[float, float] = (1.0, 1.0)
    loss: bool = False
    radians: bool | None = None
    named: bool = True


def find_columns(path: Path, header: Sequence[Name], notes: Notes) -> Columns:
    """The pair that ``header`` names; :class:`FileFormatError` where there is none.

    Reflections come before impedances, parts before magnitudes.  A part without a quantity belongs
    to the column before it where the two make a pair; elsewhere it is taken for the reflection's
    only where the table holds nothing else that it could belong to.
    """
    names = _with_neighbours(header)
    _one_port_only(path, names)
    frequency = next((k for k, name in enumerate(names) if name.quantity == "frequency"), None)
    if frequency is None:
        raise FileFormatError(
            f"{path}: columns {_listed(header)} are not understood, none is a frequency; name the "
            f"columns {ADVICE}"
        )
    alone = not any(
        name.quantity == "z"
        or (name.quantity == "other" and name.of and not name.of.startswith("number"))
        for name in names
    )
    choices = [({"s"}, _PAIRS), ({"z"}, (("real", "imag", "RX"),))]
    if alone:
        choices.append(({"s", ""}, _PAIRS))
    for quantities, pairs in choices:
        for first, second, kind in pairs:
            places = [_places(names, quantities, part) for part in (first, second)]
            if places[0] and places[1]:
                return _chosen(path, names, frequency, places, kind, notes)
    raise FileFormatError(f"{path}: {_why(names)}; name the columns {ADVICE}")


def _chosen(
    path: Path,
    names: Sequence[Name],
    frequency: int,
    places: list[list[int]],
    kind: str,
    notes: Notes,
) -> Columns:
    first, second = places[0][0], places[1][0]
    for kept, *others in places:
        part = names[kept].part
        numbered = [
            k for k, name in enumerate(names) if name.of.startswith("number") and name.part == part
        ]
        for other in (*others, *numbered):
            notes.warn(f"column {names[other].text!r} left out: {names[kept].text!r} is taken")
    one, two = names[first], names[second]
    if (one.scale or 1.0) != (two.scale or 1.0) and None in (one.scale, two.scale):
        raise FileFormatError(
            f"{path}: one of {one.text!r} and {two.text!r} has a unit; write it at both"
        )
    return Columns(
        frequency,
        first,
        second,
        kind,
        names[frequency].scale,
        (one.scale or 1.0, two.scale or 1.0),
        one.part == "loss",
        two.radians,
        one.quantity != "" or two.quantity != "",
    )


def _places(names: Sequence[Name], quantities: set[str], part: str) -> list[int]:
    return [
        place
        for place, name in enumerate(names)
        if name.quantity in quantities and name.part == part
    ]


def _with_neighbours(header: Sequence[Name]) -> list[Name]:
    """Parts without a quantity get that of the column before where both make a pair."""
    names: list[Name] = []
    for name in header:
        before = names[-1] if names else None
        if (
            before is not None
            and name.quantity == ""
            and before.quantity in ("s", "z", "other")
            and (before.part, name.part) in _COMPLEMENTS
        ):
            name = replace(name, quantity=before.quantity, of=before.of)
        names.append(name)
    return names


def _one_port_only(path: Path, names: Sequence[Name]) -> None:
    for quantity in ("s", "z"):
        found = sorted({name.of for name in names if name.quantity == quantity and name.of})
        if len(found) > 1:
            raise FileFormatError(
                f"{path} holds {' and '.join(found)}, which may both be meant; keep one of them or "
                "name the antenna's S11"
            )


def _why(names: Sequence[Name]) -> str:
    others = sorted({name.of for name in names if name.quantity == "other" and name.of})
    if others and not any(name.quantity in ("s", "z") for name in names):
        return f"columns hold {', '.join(others)[:60]} and no reflection of port 1"
    return f"columns {_listed(names)} are not understood as a reflection or an impedance"


def _listed(names: Sequence[Name]) -> str:
    return ", ".join(name.text for name in names)[:80]
