"""Which columns of a table hold a one-port: names as analysers and programs write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ...errors import FileFormatError
from .text import Notes

_FREQUENCY = {"f", "freq", "frequency", "frequenz"}
_REAL, _IMAG = {"re", "real", "realteil"}, {"im", "imag", "imaginary", "imagteil"}
_ANGLE = {"phase", "angle", "ang", "arg", "phs"}
_SIZE = {"mag", "abs", "magnitude", "lin", "linmag"}
_LOSS = {"rl", "loss"}
_OHMS = {"z", "ohm", "ohms", "impedance", "\u03a9"}
_OTHER = {"s12", "s21", "s22", "y", "swr", "vswr"}  # not the reflection of port 1


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of frequency and of the pair; kind "RI", "DB", "MA" or "RX" (ohm).

    loss: the first of the pair is a return loss, positive dB.  radians: the angle is in rad.
    """

    frequency: int
    first: int
    second: int
    kind: str
    loss: bool = False
    radians: bool = False


def find_columns(path: Path, header: list[str], width: int, notes: Notes) -> Columns:
    """The pair that ``header`` names; :class:`FileFormatError` where there is none.

    Reflections come before impedances, parts before magnitudes.  A phase that belongs to an
    impedance, or to no stated quantity in a table that holds impedances, is not taken for that of
    S11.
    """
    roles: dict[str, int] = {}
    ohms = any(_is_impedance(_words(name)) for name in header)
    for place, name in enumerate(header[:width]):
        role = _role(name, ohms)
        if role in roles and role != "frequency":
            notes.warn(f"column {name!r} left out: {header[roles[role]]!r} is taken")
        elif role:
            roles.setdefault(role, place)
    for first, second, kind in (
        ("real", "imag", "RI"),
        ("db", "angle", "DB"),
        ("size", "angle", "MA"),
        ("resistance", "reactance", "RX"),
        ("loss", "angle", "DB"),
    ):
        if {"frequency", first, second} <= set(roles):
            radians = second == "angle" and "rad" in _words(header[roles["angle"]])
            return Columns(
                roles["frequency"], roles[first], roles[second], kind, first == "loss", radians
            )
    raise FileFormatError(
        f"{path}: columns {', '.join(header)[:80]} are not understood; name them freq_MHz,re,im or "
        "freq_MHz,dB,phase_deg"
    )


def _words(name: str) -> list[str]:
    """Lower-case words of a column's name: "dB(S(1,1)) []" gives db, s11."""
    text = re.sub(r"s\(?([12])[,_]?([12])\)?", r" s\1\2 ", name.lower())
    return re.findall(r"[a-z\u03a9]+\d*", text)


def _is_impedance(words: list[str]) -> bool:
    return bool(_OHMS & set(words)) or words[:1] in (["r"], ["x"], ["rs"], ["xs"])


def _role(name: str, ohms: bool) -> str:
    words = _words(name)
    found = set(words)
    if not words or found & _OTHER:
        return ""
    if words[0] in _FREQUENCY:
        return "frequency"
    if _is_impedance(words):
        if words[0] in ("r", "rs") or found & _REAL:
            return "resistance"
        return "reactance" if words[0] in ("x", "xs") or found & _IMAG else ""
    if found & _REAL:
        return "real"
    if found & _IMAG:
        return "imag"
    if found & (_ANGLE | {"deg", "rad"}):
        return "" if ohms and "s11" not in found else "angle"
    if found & _LOSS:
        return "loss"
    if "db" in found:
        return "db"
    return "size" if found & _SIZE or "|s11|" in name.lower() else ""
