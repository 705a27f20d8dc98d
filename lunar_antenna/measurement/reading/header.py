"""The names of a table's columns: the last row of words above the numbers, or a comment line.

Programs put names into the first row, into comment lines (numpy, CST, RigExpert), into two rows
(names, then units), or into keyed comments (``! DATA Freq,S11``, ``! XDATA UNIT Real`` of field
analysers).  Whatever reads like names has to fit the columns: names that are dropped would leave
the quantities to be guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import FileFormatError
from .cells import BLANKS, name_cells
from .columns import ADVICE
from .names import Name, understand
from .text import Notes, is_number

_MOST_JOINED = 3  # rows of names above each other
_PREFIX = re.compile(r"(?:columns?|fields?|names?|header|format|legend|units?)\s*[:=]\s*", re.I)
_KEY = re.compile(r"(X?DATA|YDATA|FREQ)(?:\s+(UNIT))?\s*[:= ]\s*(.+)", re.I)


@dataclass(frozen=True, slots=True)
class Words:
    """A line above the numbers."""

    line: int
    text: str
    comment: bool


def find_header(
    path: Path, above: Sequence[Words], width: int, separator: str, notes: Notes
) -> tuple[Name, ...] | None:
    """Names of the ``width`` columns; None where nothing above the numbers reads like names.

    Raises :class:`FileFormatError` for names that do not fit the columns, and for a row that is
    neither names nor numbers where the table begins.
    """
    heads: list[tuple[Words, list[str]]] = []
    misfit: tuple[Words, int] | None = None
    for words in above:
        if words.comment and _KEY.match(words.text):
            continue
        cells = _names(words, width)
        if cells is None:
            continue
        if len(cells) == width:
            heads.append((words, cells))
        else:
            misfit = (words, len(cells))
    content = [words for words in above if not words.comment]
    if heads:
        last = heads[-1][0].line
        _told_above(path, [w for w in content if w not in [head for head, _ in heads]], last, notes)
        columns = zip(*(cells for _, cells in heads[-_MOST_JOINED:]), strict=True)
        return tuple(understand(" ".join(dict.fromkeys(parts))) for parts in columns)
    if misfit is not None:
        words, count = misfit
        raise FileFormatError(
            f"{path} line {words.line}: {words.text[:60]!r} names {count} column(s), the table has "
            f"{width}; name each column once, such as {ADVICE}"
        )
    keyed = _keyed(path, [words.text for words in above if words.comment], width)
    if keyed is None:
        _check_headless(path, content, width, separator, notes)
    return keyed


def _told_above(path: Path, skipped: Sequence[Words], last: int, notes: Notes) -> None:
    for words in skipped:
        if words.line > last and re.search(r"\w", words.text):
            raise _neither(path, words)
        notes.repair(f"line {words.line}: {words.text[:40]!r} above the table skipped")


def _neither(path: Path, words: Words) -> FileFormatError:
    return FileFormatError(
        f"{path} line {words.line}: {words.text[:60]!r} is neither names nor numbers; correct or "
        "delete the line"
    )


def _names(words: Words, width: int) -> list[str] | None:
    """Cells of ``words`` where they read like names; those that fit the width come first.

    A comment is prose until it names a frequency and another column, all of its cells known where
    they do not fit.
    """
    text = _PREFIX.sub("", words.text, count=1) if words.comment else words.text
    best: tuple[int, list[str]] | None = None
    for cells in name_cells(text):
        kept = list(cells)
        while len(kept) > width and not kept[-1]:
            kept.pop()
        names = [understand(cell) for cell in kept]
        known = sum(name.recognised for name in names)
        if any(is_number(cell) for cell in kept) or not known:
            continue
        fits = len(kept) == width
        if words.comment:
            frequencies = sum(name.quantity == "frequency" for name in names)
            if not frequencies or known == frequencies or not (fits or known == len(names)):
                continue
        score = 1000 * fits + known
        if best is None or score > best[0]:
            best = (score, kept)
    return None if best is None else best[1]


def _keyed(path: Path, comments: Sequence[str], width: int) -> tuple[Name, ...] | None:
    """Names from ``DATA a,b`` with ``FREQ UNIT``, ``DATA UNIT``, ``XDATA UNIT``, ``YDATA UNIT``."""
    found: dict[str, str] = {}
    for text in comments:
        match = _KEY.match(text.strip())
        if match:
            key = " ".join(part.upper() for part in match.groups()[:2] if part)
            found.setdefault(key, match.group(3).strip())
    data = [cell.strip() for cell in found.get("DATA", "").split(",")]
    if len(data) < 2 or understand(data[0]).quantity != "frequency":
        return None
    texts = [f"{data[0]} {found.get('FREQ UNIT', '')}"]
    if "XDATA UNIT" in found and "YDATA UNIT" in found:
        for name in data[1:]:
            texts += [f"{name} {found[key]}" for key in ("XDATA UNIT", "YDATA UNIT")]
    else:
        texts += [f"{name} {found.get('DATA UNIT', '')}" for name in data[1:]]
    if len(texts) != width:
        raise FileFormatError(
            f"{path}: its comments name {', '.join(texts)[:60]}, {len(texts)} columns, the table "
            f"has {width}; name each column in the first row, such as {ADVICE}"
        )
    return tuple(understand(text) for text in texts)


def _check_headless(
    path: Path, content: Sequence[Words], width: int, separator: str, notes: Notes
) -> None:
    """A table without names may have a title; anything like a row of cells is no title."""
    for words in content:
        rows = name_cells(words.text)
        if separator != BLANKS:
            rows = rows[:-1]  # blanks in a title separate nothing
        rows = [cells for cells in rows if len(cells) > 1]
        numbered = [cells for cells in rows if any(is_number(cell) for cell in cells)]
        if any(len(cells) == width for cells in numbered):
            raise _neither(path, words)
        if words is content[-1] and rows and not numbered:
            raise FileFormatError(
                f"{path} line {words.line}: columns {words.text[:60]!r} are not understood; name "
                f"them {ADVICE}"
            )
        notes.repair(f"line {words.line}: {words.text[:40]!r} above the table skipped")
