"""Rows of a text table as cells: separators, decimal commas, quotes."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ...conventions import FloatArray
from ...errors import FileFormatError
from .text import Notes, finite, is_number, plain_number

BLANKS = ""  # separator of tables set with blanks
_LONGEST = 10_000  # characters of a row of names; what follows is no name of a column


def separator_of(line: str) -> str:
    """``;``, tab, ``,`` or :data:`BLANKS`: what separates the numbers of ``line``.

    Commas beside another separator are decimal commas, unless one ends a cell.
    """
    if ";" in line:
        return ";"
    if "," in line and re.search(r",\s", line):
        return ","
    if "\t" in line:
        return "\t"
    if "," not in line:
        return BLANKS
    tokens = line.split()
    decimal = len(tokens) > 2 and "." not in line and all(is_number(token) for token in tokens)
    return BLANKS if decimal else ","


def split(line: str, separator: str) -> list[str]:
    """Cells of ``line``, stripped of blanks and quotes."""
    if separator == BLANKS:
        return [cell.strip("\"'") for cell in line.split()]
    if '"' not in line:
        return [cell.strip(" \t'") for cell in line.split(separator)]
    row = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    return [cell.strip().strip("\"'").strip() for cell in row]


def is_data(line: str) -> bool:
    """Whether ``line`` begins with a number (or nan, inf, a digit at least)."""
    first = split(line, separator_of(line))[0]
    return re.match(r"[+-]?\.?\d|[+-]?(nan|inf|infinity)$", first, re.IGNORECASE) is not None


def table_cells(
    path: Path, rows: Sequence[tuple[int, str]], separator: str
) -> list[tuple[int, list[str]]]:
    """(line number, cells) of every row, all of one length.

    A last column that is empty throughout (a separator at the end of each row) is dropped.
    """
    table = [(number, split(line, separator)) for number, line in rows]
    width = len(table[0][1])
    for number, cells in table:
        if len(cells) != width:
            raise FileFormatError(
                f"{path} line {number}: {len(cells)} columns where the first row has {width}; the "
                "file is truncated or damaged"
            )
    while width and all(not cells[width - 1] for _, cells in table):
        width -= 1
    return [(number, cells[:width]) for number, cells in table]


def column(
    path: Path, rows: Sequence[tuple[int, list[str]]], place: int, separator: str, notes: Notes
) -> FloatArray:
    """The numbers of one column; :class:`FileFormatError` names the line of what is none."""
    decimal = separator != ","
    return np.array(
        [finite(path, number, plain_number(row[place], notes, decimal)) for number, row in rows]
    )


def name_cells(text: str) -> list[list[str]]:
    """``text`` as names of columns, split in every way that its separators allow."""
    text = text[:_LONGEST]
    found = [split(text, mark) for mark in ";\t," if mark in text]
    if "," in text and "(" in text:
        found.append([cell.strip("\"' ") for cell in _outside(text, lambda c: c == ",")])
    if re.search(r"\S\s{2,}\S", text):
        found.append([cell.strip("\"' ") for cell in re.split(r"\s{2,}", text.strip())])
    found.append(_words(text))
    return found


def _words(text: str) -> list[str]:
    """Split at blanks outside quotes and brackets, none of them before a bracket or at a slash."""
    text = re.sub(r"\s+(?=[(\[{/])", "", text)
    text = re.sub(r"(?<=/)\s+", "", text)
    cells = (cell.strip("\"' ") for cell in _outside(text, str.isspace))
    return [cell for cell in cells if cell]


def _outside(text: str, separates: Callable[[str], bool]) -> list[str]:
    """``text`` split where a letter ``separates`` outside quotes and brackets."""
    cells, depth, quoted = [""], 0, False
    for letter in text:
        quoted ^= letter == '"'
        depth = max(0, depth + (letter in "([{") - (letter in ")]}"))
        if not depth and not quoted and separates(letter):
            cells.append("")
        else:
            cells[-1] += letter
    return cells
