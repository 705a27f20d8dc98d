"""Reflection coefficients from CSV tables: a frequency and a pair of columns.

Names decide, in a row above the numbers or in a comment line (:mod:`.header`, :mod:`.names`,
:mod:`.columns`): real and imaginary part, dB or return loss or magnitude with a phase, or
resistance and reactance.  Three columns without any names are taken as frequency, real part,
imaginary part where the values can be nothing else; the unit is then inferred and reported.  What
names and values leave open is asked, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...circuit.waves import reflection
from ...conventions import ComplexArray, FloatArray
from ...errors import FileFormatError
from .cells import column, is_data, separator_of, split, table_cells
from .columns import ADVICE, Columns, find_columns
from .header import Words, find_header
from .names import understand
from .pairs import complex_pairs
from .references import stated_reference
from .text import Lines, Notes, is_number
from .touchstone import Raw

_Z_BASE = 50.0  # ohm, reference at which R and X become a reflection
_GUESS_LIMIT = 1.1  # |S11| up to which columns without a named quantity pass for a reflection
_MOST_DB = 200.0
_MOST_OHMS = 1e9
_MOST_DEGREES = 1e6
_MOST_RADIANS = 20.0 * np.pi  # of a smooth phase without a unit: ten turns, or 63 degrees
_PLAIN = Columns(0, 1, 2, "RI", named=False)
_OTHER_WORDS = re.compile(
    r"\b(phase|magnitude|mag|v?swr|resistance|reactance|log ?mag|return loss)\b", re.I
)


def parse(path: Path, lines: Lines, notes: Notes) -> Raw:
    """Raw data of a CSV; :class:`FileFormatError` names file and line."""
    start = next((k for k, (_, text) in enumerate(lines.content) if is_data(text)), None)
    if start is None:
        raise FileFormatError(f"{path} has no rows of numbers; give frequency, real, imaginary")
    rows = lines.content[start:]
    separator = separator_of(rows[0][1])
    cells = table_cells(path, rows, separator)
    width = len(cells[0][1])
    if width < 3:
        raise FileFormatError(
            f"{path} has {width} column(s); give frequency and two columns (real, imag)"
        )
    for number, text in lines.remarks:
        row = split(text, separator)
        if len(row) == width and all(is_number(cell) for cell in row):
            notes.repair(f"line {number}: a row of numbers that is a comment left out")
    header = find_header(path, _above(lines, start), width, separator, notes)
    columns = _PLAIN if header is None else find_columns(path, header, notes)
    values = [
        column(path, cells, place, separator, notes)
        for place in (columns.frequency, columns.first, columns.second)
    ]
    comments = lines.comments
    if header is None:
        _check_plain(path, width, values[1], values[2], comments, notes)
    scale = columns.scale or _unit_of_comments(comments) or _infer_unit(path, values[0], notes)
    s = _reflection(path, values[1], values[2], columns, notes)
    if not columns.named and header is not None and np.abs(s).max() > _GUESS_LIMIT:
        raise FileFormatError(
            f"{path}: the columns name no quantity and |S11| would reach {np.abs(s).max():.3g}; "
            "name them R,X in ohm, or S11_re,S11_im"
        )
    with np.errstate(over="ignore"):
        frequency = values[0] * scale
    ohms = columns.kind == "RX"
    name = f"CSV, {'R X' if ohms else f'S {columns.kind}'}"
    z0 = None if ohms else stated_reference(path, comments, notes)
    return Raw(frequency, s[:, None, None], z0, comments, name, ohms)


def _above(lines: Lines, start: int) -> list[Words]:
    """Every line above the first row of numbers, in order."""
    first = lines.content[start][0]
    above = [Words(number, text, False) for number, text in lines.content[:start]]
    above += [Words(number, text, True) for number, text in lines.remarks if number < first]
    return sorted(above, key=lambda words: words.line)


def _reflection(
    path: Path, first: FloatArray, second: FloatArray, columns: Columns, notes: Notes
) -> ComplexArray:
    if columns.kind == "RX":
        z = first * columns.ohms[0] + 1j * second * columns.ohms[1]
        if np.abs(z).max() > _MOST_OHMS or np.abs(z + _Z_BASE).min() == 0.0:
            raise FileFormatError(f"{path}: R and X beyond any antenna's; check columns and unit")
        notes.repair(f"R and X converted to S at {_Z_BASE:g} ohm")
        return reflection(z, _Z_BASE)
    if columns.kind != "RI":
        second = _degrees(path, second, columns)
    if columns.kind == "DB":
        first = _decibels(path, first, columns.loss, notes)
    elif columns.kind == "MA" and first.min() < 0.0:
        raise FileFormatError(f"{path}: negative magnitudes; if the column is in dB name it S11_dB")
    return complex_pairs(first, second, columns.kind)


def _degrees(path: Path, angle: FloatArray, columns: Columns) -> FloatArray:
    largest = float(np.abs(angle).max())
    # radians without jumps go beyond pi, but from row to row by less
    smooth = largest <= _MOST_RADIANS and np.abs(np.diff(angle)).max(initial=0.0) < np.pi
    if columns.radians is None and (0.0 < largest <= np.pi + 1e-3 or smooth):
        raise FileFormatError(
            f"{path}: the phase has no unit and stays within {largest:.3g}; name it phase_deg or "
            "phase_rad"
        )
    if columns.radians:
        angle = np.rad2deg(np.clip(angle, -_MOST_DEGREES, _MOST_DEGREES))
        largest = float(np.abs(angle).max())
    if largest > _MOST_DEGREES:
        raise FileFormatError(f"{path}: a phase of {largest:.3g} degrees is no phase; correct it")
    return angle


def _decibels(path: Path, level: FloatArray, loss: bool, notes: Notes) -> FloatArray:
    if np.abs(level).max() > 10.0 * _MOST_DB or level.max() > _MOST_DB:
        raise FileFormatError(
            f"{path}: more than {_MOST_DB:g} dB; the column is not in dB, name it as it is"
        )
    if loss:
        if level.min() < -0.5 and level.max() > 0.5:
            raise FileFormatError(
                f"{path}: return losses of both signs; name the column S11_dB if it is |S11|"
            )
        notes.repair("return loss read as |S11| in dB with a minus sign")
        return -level if level.sum() > 0.0 else level
    if level.min() > 0.0:
        raise FileFormatError(
            f"{path}: |S11| in dB above 0 throughout; name the column RL_dB if it is a return "
            "loss, or mag if it is not in dB"
        )
    return level


def _check_plain(
    path: Path,
    width: int,
    first: FloatArray,
    second: FloatArray,
    comments: Sequence[str],
    notes: Notes,
) -> None:
    """Refuse a table without names whose values may be something else than Re and Im of S11.

    |S11| <= 1 leaves magnitude with a phase in rad, and R with X in units of the reference: both
    have a first column that is never negative.  A size that hardly changes while its parts do is
    a reflection's all the same.
    """
    if width != 3:
        raise FileFormatError(
            f"{path} has {width} columns and no header; name them in the first row, e.g. {ADVICE}"
        )
    size = np.hypot(first, second)
    turning = np.ptp(size) < 0.25 * np.ptp(first) and size.min() > 0.5
    told = next((match.group() for text in comments if (match := _OTHER_WORDS.search(text))), None)
    why = ""
    if size.max() > _GUESS_LIMIT:
        why = f"|S11| would reach {size.max():.3g}"
    elif told is not None:
        why = f"its comments speak of {told.lower()}"
    elif first.min() >= 0.0 and not turning:
        why = "the first value is never negative"
    if why:
        raise FileFormatError(
            f"{path} has no names of columns and {why}: are they real and imaginary part, "
            f"magnitude and phase, or R and X? write them in the first row, e.g. {ADVICE}"
        )
    notes.repair("no header: columns taken as frequency, real, imaginary")


def _unit_of_comments(comments: Sequence[str]) -> float | None:
    """Hz per unit where one comment is a frequency with its unit ("FREQ UNIT kHz"), else None."""
    found = {name.scale for name in map(understand, comments) if name.quantity == "frequency"}
    return found.pop() if len(found) == 1 else None


def _infer_unit(path: Path, frequency: FloatArray, notes: Notes) -> float:
    """Hz or MHz, where the values leave no other unit for an antenna of metres.

    1 to 1000 is MHz (in GHz a millimetre antenna, in kHz one of kilometres), 1e6 and more is Hz;
    between them kHz, MHz and Hz are all possible.
    """
    top = float(frequency.max())
    if top >= 1e6:
        unit, scale = "Hz", 1.0
    elif 1.0 <= top <= 1e3:
        unit, scale = "MHz", 1e6
    else:
        raise FileFormatError(
            f"{path}: unit of frequencies up to {top:g} is unclear; name the column freq_Hz, "
            "freq_kHz or freq_MHz"
        )
    notes.repair(f"frequency unit not stated; {unit} inferred from values up to {top:g}")
    return scale
