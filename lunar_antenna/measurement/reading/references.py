"""Reference impedances that stand in comments.

Ansys HFSS and scikit-rf write one line per frequency, real and imaginary part for each port (or for
the full matrix, whose diagonal counts), wrapped into lines of numbers:

    ! Port Impedance 376.4 0.0

Such a line is what the numbers are normalised to, whatever the option line says.  With complex
impedances HFSS writes travelling waves, Gamma = (Z - z0)/(Z + z0); scikit-rf says which
("S-parameter uses the power definition").  Others state one number in prose ("Z0 = 75 Ohm").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...circuit.waves import reflection
from ...conventions import ComplexArray
from ...errors import FileFormatError
from .text import Notes, finite, is_number

_MOST_OHMS = 1e6
_LINE = re.compile(r"port impedances?\s*[:=]?\s*(.*)", re.IGNORECASE)
_KEY = (
    r"(?:\b(?:z0|z_0|zref|z_ref|zo)|\b(?:ref(?:erence|\.)?|port|system|normali[sz]ation)"
    r"[ _]*(?:impedance|resistance|z0))(?:\s*\((?:ohms?|\u03a9)\))?"
)
_STATED = re.compile(
    rf"{_KEY}\s*(?:[:=]|is|of)?\s*\(?([0-9.]+(?:e[+-]?\d+)?)\s*"
    r"(?:([+-]\s*[0-9.]+(?:e[+-]?\d+)?)\s*j\)?)?\)?\s*(k?)(?:ohms?|\u03a9|\u2126)?\s*(?:[,;.]|$)",
    re.IGNORECASE,
)
_DEFINITION = re.compile(r"S-parameters? uses? the (power|pseudo|traveling) definition", re.I)


def stated_references(comments: Sequence[str]) -> dict[complex, str]:
    """The impedances (ohm) that comments state in prose, each with its comment."""
    found: dict[complex, str] = {}
    for text in comments:
        match = _STATED.search(text)
        if match is None:
            continue
        real, imaginary, kilo = match.groups()
        numbers = [text.replace(" ", "") for text in (real, imaginary or "0")]
        if not all(is_number(text) for text in numbers):
            continue
        value = complex(*map(float, numbers)) * (1e3 if kilo else 1.0)
        if 0.0 < value.real <= _MOST_OHMS and abs(value.imag) <= _MOST_OHMS:
            found.setdefault(value, text)
    return found


def stated_reference(path: Path, comments: Sequence[str], notes: Notes) -> complex | None:
    """The one impedance (ohm) that the comments state in prose, or None.

    Raises :class:`FileFormatError` where they state two.
    """
    found = stated_references(comments)
    if len(found) > 1:
        both = " and ".join(list(found.values())[:2])
        raise FileFormatError(
            f"{path}: comments state two references, {both[:80]!r}; keep the right one"
        )
    for value, text in found.items():
        notes.repair(f"reference read from the comment {text[:60]!r}")
        return value
    return None


def port_impedances(
    path: Path, remarks: Sequence[tuple[int, str]], points: int, ports: int, first_row: int
) -> ComplexArray | None:
    """(points, ports) ohm from lines ``Port Impedance``; None where there are none.

    There is one for each frequency, or a single one above ``first_row``, the first row of data.
    """
    blocks: list[tuple[int, list[float]]] = []
    last = -1
    for number, text in remarks:
        match = _LINE.fullmatch(text)
        tokens = (match.group(1) if match else text).split()
        if not tokens or not all(is_number(token) for token in tokens):
            continue
        values = [finite(path, number, token) for token in tokens]
        if match and len(tokens) > 1:
            blocks.append((number, values))
            last = number
        elif blocks and not match and number == last + 1:
            blocks[-1][1].extend(values)
            last = number
    if not blocks:
        return None
    for number, values in blocks:
        if len(values) not in (2 * ports, 2 * ports * ports):
            raise FileFormatError(
                f"{path} line {number}: {len(values)} numbers of port impedance; {ports} port(s) "
                f"need {2 * ports}, real and imaginary part each"
            )
    if len(blocks) != points and not (len(blocks) == 1 and blocks[0][0] < first_row):
        raise FileFormatError(
            f"{path}: {len(blocks)} lines of port impedance for {points} frequencies; one for "
            "each, or one above them all, is understood"
        )
    rows = []
    for number, values in blocks:
        pairs = np.array(values).reshape(-1, 2)
        row = pairs[:, 0] + 1j * pairs[:, 1]
        row = np.diagonal(row.reshape(ports, ports)) if row.size != ports else row
        if row.real.min() <= 0.0 or np.abs(row).max() > _MOST_OHMS:
            raise FileFormatError(
                f"{path} line {number}: port impedance with a real part outside (0, 1e6] ohm"
            )
        rows.append(row)
    return np.broadcast_to(np.array(rows), (points, ports)).copy()


def at_one_reference(
    s: ComplexArray,
    z: ComplexArray,
    fallback: float,
    comments: Sequence[str],
    notes: Notes,
) -> tuple[ComplexArray, complex]:
    """(S, reference in ohm) of ``s`` (n, p, p) normalised to ``z`` (n, p).

    One real impedance everywhere stays the reference; anything else is renormalised to
    ``fallback``, by the definition of waves that the comments state.
    """
    first = complex(z.flat[0])
    if np.all(z == first) and first.imag == 0.0:
        return s, first
    definition = next((m.group(1).lower() for t in comments if (m := _DEFINITION.search(t))), None)
    waves = definition or "traveling"
    notes.repair(
        f"port impedances {_span(z)} in comments ({waves} waves); renormalised to {fallback:g} ohm"
    )
    if s.shape[1] == 1:
        gamma, old = s[:, 0, 0], z[:, 0]
        below = np.where(np.abs(1.0 - gamma) < 1e-15, 1e-15, 1.0 - gamma)
        left = np.conj(old) if waves == "power" else old
        impedance = (left + gamma * old) / below
        return reflection(impedance, complex(fallback))[:, None, None], complex(fallback)
    import skrf

    new = skrf.network.renormalize_s(s, z, fallback, s_def="power", s_def_old=waves)
    return np.asarray(new, dtype=complex), complex(fallback)


def _span(z: ComplexArray) -> str:
    values = np.unique(np.round(z.ravel(), 6))
    texts = [f"{v.real:g}{v.imag:+g}j" if v.imag else f"{v.real:g}" for v in values]
    return f"{texts[0]} ohm" if len(texts) == 1 else f"{texts[0]} to {texts[-1]} ohm"
