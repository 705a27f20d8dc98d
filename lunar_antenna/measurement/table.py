"""Reflection coefficients from CSV tables: frequency and a pair of columns.

With a header row the names decide (freq_MHz, re, im; dB, phase_deg; magnitude; R, X).
Without one the columns are frequency, real, imaginary and the unit is inferred and reported.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..errors import FileFormatError
from .text import Lines, Notes, finite, row_tokens
from .touchstone import UNITS, Raw, complex_pairs

_FREQUENCY = re.compile(r"^(f|freq|frequency)\b|^(f|freq|frequency)[ _(\[]", re.IGNORECASE)
_COLUMNS = {
    "real": re.compile(r"^(re|real)\b|^(re|real)[ _(\[]|[ _.(](re|real)\)?$", re.IGNORECASE),
    "imag": re.compile(r"^(im|imag)\b|^(im|imag)[ _(\[]|[ _.(](im|imag)\)?$", re.IGNORECASE),
    "db": re.compile(r"\bdb\b|[ _(\[]db", re.IGNORECASE),
    "angle": re.compile(r"phase|angle|deg|\barg", re.IGNORECASE),
    "magnitude": re.compile(r"^(mag|abs|magnitude)|[ _(](mag|abs)", re.IGNORECASE),
}


def parse(path: Path, lines: Lines, notes: Notes) -> Raw:
    """Raw data of a CSV; :class:`FileFormatError` names file and line."""
    rows = list(lines.content)
    header: list[str] | None = None
    if rows and not _is_number(re.split(r"[,;\t ]+", rows[0][1].strip())[0]):
        header = [cell.strip().strip('"') for cell in re.split(r"[,;\t]", rows.pop(0)[1])]
    if not rows:
        raise FileFormatError(f"{path} has no rows of numbers; give frequency, real, imaginary")
    table = _table(path, rows, notes)
    columns, kind, scale = _layout(path, header, table, notes)
    frequency = table[:, columns[0]] * scale
    s = complex_pairs(table[:, columns[1]], table[:, columns[2]], kind)
    return Raw(frequency, _cube(s), None, lines.comments, f"CSV, S {kind}")


def _cube(s: ComplexArray) -> ComplexArray:
    return np.asarray(s[:, None, None])


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d|\.\d|nan|inf).*", text.strip('"'), re.IGNORECASE) is not None


def _table(path: Path, rows: list[tuple[int, str]], notes: Notes) -> FloatArray:
    values: list[list[float]] = []
    for number, line in rows:
        tokens = row_tokens(line, notes) if ";" in line else line.replace(",", " ").split()
        row = [finite(path, number, token) for token in tokens]
        if values and len(row) != len(values[0]):
            raise FileFormatError(
                f"{path} line {number}: {len(row)} columns where the first row has "
                f"{len(values[0])}; the file is truncated or damaged"
            )
        values.append(row)
    table = np.array(values)
    if table.shape[1] < 3:
        raise FileFormatError(
            f"{path} has {table.shape[1]} column(s); give frequency and two columns (real, imag)"
        )
    return table


def _layout(
    path: Path, header: list[str] | None, table: FloatArray, notes: Notes
) -> tuple[tuple[int, int, int], str, float]:
    if header is None:
        if table.shape[1] != 3:
            raise FileFormatError(
                f"{path} has {table.shape[1]} columns and no header; name them in the first row, "
                "e.g. freq_MHz,re,im"
            )
        notes.repair("no header: columns taken as frequency, real, imaginary")
        return (0, 1, 2), "RI", _infer_unit(path, table[:, 0], notes)
    found = {
        name: next((i for i, cell in enumerate(header) if pattern.search(cell)), None)
        for name, pattern in {"frequency": _FREQUENCY, **_COLUMNS}.items()
    }
    for first, second, kind in (
        ("real", "imag", "RI"),
        ("db", "angle", "DB"),
        ("magnitude", "angle", "MA"),
    ):
        i, j, k = found["frequency"], found[first], found[second]
        if i is not None and j is not None and k is not None:
            if max(i, j, k) >= table.shape[1]:
                break
            return (i, j, k), kind, _named_unit(path, header[i], table[:, i], notes)
    raise FileFormatError(
        f"{path}: columns {', '.join(header)[:80]} are not understood; name them freq_MHz,re,im or "
        "freq_MHz,dB,phase_deg"
    )


def _named_unit(path: Path, name: str, frequency: FloatArray, notes: Notes) -> float:
    match = re.search(r"([kmgt]?hz)", name, re.IGNORECASE)
    return UNITS[match.group(1).upper()] if match else _infer_unit(path, frequency, notes)


def _infer_unit(path: Path, frequency: FloatArray, notes: Notes) -> float:
    top = float(frequency.max())
    if top >= 1e5:
        unit = "Hz"
    elif 1.0 <= top <= 3e4:
        unit = "MHz"
    else:
        raise FileFormatError(
            f"{path}: unit of frequencies up to {top:g} is unclear; name the column freq_Hz or "
            "freq_MHz"
        )
    notes.repair(f"frequency unit not stated; {unit} inferred from values up to {top:g}")
    return UNITS[unit.upper()]
