"""Reflection coefficients from CSV tables: a frequency and a pair of columns.

With a header row the names decide: real and imaginary part, dB or return loss or magnitude with
a phase, or resistance and reactance; see :mod:`.columns`.  Without one the columns are
frequency, real, imaginary and the unit is inferred and reported.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np

from ...circuit.waves import reflection
from ...conventions import ComplexArray, FloatArray
from ...errors import FileFormatError
from .columns import Columns, find_columns
from .text import Lines, Notes, finite, row_tokens
from .touchstone import UNITS, Raw, complex_pairs

_Z_BASE = 50.0  # ohm, reference at which R and X become a reflection
_LONGEST_HEADER = 10_000  # characters; what follows is no name of a column
_PLAIN = Columns(0, 1, 2, "RI")


def parse(path: Path, lines: Lines, notes: Notes) -> Raw:
    """Raw data of a CSV; :class:`FileFormatError` names file and line."""
    rows = list(lines.content)
    words: list[tuple[int, str]] = []
    while rows and not _is_number(re.split(r"[,;\t ]+", rows[0][1].strip())[0]):
        words.append(rows.pop(0))
    if not rows:
        raise FileFormatError(f"{path} has no rows of numbers; give frequency, real, imaginary")
    table = _table(path, rows, notes)
    header = _header(words, table.shape[1], notes)
    columns = _PLAIN if header is None else find_columns(path, header, table.shape[1], notes)
    if header is None:
        _check_plain(path, table, notes)
        scale = _infer_unit(path, table[:, 0], notes)
    else:
        scale = _named_unit(path, header[columns.frequency], table[:, columns.frequency], notes)
    frequency = table[:, columns.frequency] * scale
    s = _reflection(table, columns, notes)
    what = "R X" if columns.kind == "RX" else f"S {columns.kind}"
    name = f"CSV, {what}"
    return Raw(frequency, s[:, None, None], None, lines.comments, name, columns.kind == "RX")


def _reflection(table: FloatArray, columns: Columns, notes: Notes) -> ComplexArray:
    first, second = table[:, columns.first], table[:, columns.second]
    if columns.radians:
        second = np.rad2deg(second)
    if columns.kind == "RX":
        notes.repair(f"R and X converted to S at {_Z_BASE:g} ohm")
        return reflection(first + 1j * second, _Z_BASE)
    if columns.loss:
        notes.repair("return loss read as |S11| in dB with a minus sign")
        first = -np.abs(first)
    return complex_pairs(first, second, columns.kind)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d|\.\d|nan|inf).*", text.strip('"'), re.IGNORECASE) is not None


def _header(words: list[tuple[int, str]], width: int, notes: Notes) -> list[str] | None:
    """Names of the columns: the last row of words, a row of as many names above it joined."""
    split = [(number, text, _cells(text, width)) for number, text in words]
    fitting = [cells for _, _, cells in split if len(cells) >= width]
    for number, text, cells in split:
        if len(cells) < width:
            notes.repair(f"line {number}: {text[:40]!r} above the table skipped")
    if not fitting:
        return None
    return [" ".join(names) for names in zip(*fitting[-2:], strict=False)]


def _cells(text: str, width: int) -> list[str]:
    """``text`` split by whichever separator gives as many cells as the table has columns."""
    text = text[:_LONGEST_HEADER]
    split = [next(csv.reader([text], delimiter=mark)) for mark in ";\t,"]
    split.append(text.split())
    best = min(split, key=lambda cells: abs(len(cells) - width))
    return [cell.strip().strip('"') for cell in best]


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


def _check_plain(path: Path, table: FloatArray, notes: Notes) -> None:
    if table.shape[1] != 3:
        raise FileFormatError(
            f"{path} has {table.shape[1]} columns and no header; name them in the first row, "
            "e.g. freq_MHz,re,im"
        )
    notes.repair("no header: columns taken as frequency, real, imaginary")


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
