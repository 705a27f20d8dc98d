"""Touchstone 1 and 2, as the format says and as analysers write it.

Format: EIA/IBIS Open Forum, Touchstone File Format Specification, version 2.0 (2009).
Data are S, Z or Y in any unit and format; G, H, mixed-mode data and noise are not imported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...circuit.waves import ohms
from ...conventions import ComplexArray, FloatArray
from ...errors import FileFormatError
from .names import UNITS
from .pairs import complex_pairs
from .references import (
    at_one_reference,
    port_impedances,
    stated_reference,
    stated_references,
)
from .text import Lines, Notes, finite, row_tokens

FORMATS = ("DB", "MA", "RI")
MAX_PORTS = 8
_Table = list[tuple[int, list[float]]]  # (line number, its numbers)


@dataclass(slots=True)
class Raw:
    """What the file holds: frequency (n,) Hz, s (n, p, p), z0 (None: not stated).

    ohms: the file held impedances in ohm, turned into ``s`` at ``z0``; another reference then
    changes ``s``, not its meaning.
    """

    frequency: FloatArray
    s: ComplexArray
    z0: complex | None
    comments: list[str]
    format: str
    ohms: bool = False


@dataclass(slots=True)
class _Options:
    scale: float = 1e9
    parameter: str = "S"
    format: str = "MA"
    z0: float | None = None
    open_r: str = ""
    stated: bool = False
    version: int = 1
    ports: int | None = None
    order: str = "21_12"
    matrix: str = "FULL"
    count: int | None = None
    references: list[float] = field(default_factory=list)


def extension_ports(path: Path) -> int | None:
    """Number of ports that the extension promises; None for .ts."""
    match = re.fullmatch(r"\.s(\d+)p", path.suffix.lower())
    return int(match.group(1)) if match else None


def parse(path: Path, lines: Lines, notes: Notes) -> Raw:
    """Raw data of Touchstone ``lines``; :class:`FileFormatError` names file and line."""
    options = _Options(ports=extension_ports(path))
    rows = _read_options(path, lines, options, notes)
    if not options.stated:
        raise FileFormatError(
            f"{path} has no option line, so unit and format are unknown; add one such as "
            "'# Hz S RI R 50' before the data"
        )
    if not rows:
        raise FileFormatError(f"{path} has an option line but no data; export it again")
    table = _numbers(path, rows, notes)
    ports = options.ports
    if ports is None:
        raise FileFormatError(f"{path}: number of ports unknown; name it .s1p or .s2p")
    if not 1 <= ports <= MAX_PORTS:
        raise FileFormatError(f"{path} has {ports} ports; 1 to {MAX_PORTS} are read")
    records = _records(path, table, ports, options, notes)
    frequency, matrix = _matrices(path, records, ports, options)
    if options.count is not None and options.count != frequency.size:
        raise FileFormatError(
            f"{path} announces {options.count} frequencies and holds {frequency.size}; "
            "it is truncated: export it again"
        )
    z0 = _reference(path, options, ports)
    stated = _of_comments(path, lines, options, (frequency.size, ports, rows[0][0]), notes)
    used: complex | None
    if stated is not None and options.parameter == "S":
        base = 50.0 if options.z0 is None else options.z0
        s, used = at_one_reference(matrix, stated, base, lines.comments, notes)
    else:
        s, used = _to_s(matrix, options, z0, notes)
    name = f"Touchstone {options.version}, {options.parameter} {options.format}"
    in_ohms = options.parameter != "S" and options.version == 2
    return Raw(frequency, s, used, lines.comments, name, in_ohms)


# -- options and keywords ------------------------------------------------------------------


def _read_options(
    path: Path, lines: Lines, options: _Options, notes: Notes
) -> list[tuple[int, str]]:
    rows: list[tuple[int, str]] = []
    first: str | None = None
    keyword = ""
    for number, line in lines.content:
        if line.startswith("#"):
            if first is None:
                _option_line(path, number, line, options)
                first = " ".join(line.upper().split())
            elif " ".join(line.upper().split()) != first:
                raise FileFormatError(
                    f"{path} line {number}: a second option line differs from the first, so "
                    "units are mixed; split the file or keep one option line"
                )
            else:
                notes.repair(f"line {number}: repeated option line dropped")
        elif line.startswith("["):
            keyword = _keyword(path, number, line, options)
            if keyword == "END":
                break
        elif keyword in ("BEGIN INFORMATION", "NOISE DATA"):
            if keyword == "NOISE DATA":
                notes.warn("noise parameters are not imported")
        elif keyword == "REFERENCE" and len(options.references) < (options.ports or 0):
            options.references += _floats(path, number, line.split())
        elif line.upper() in FORMATS and not rows and not options.stated:
            options.format, options.scale, options.stated = line.upper(), 1.0, True
            notes.repair(
                f"line {number}: bare format word {line} without option line read as "
                f"'# Hz S {line.upper()}', reference not stated"
            )
        else:
            rows.append((number, line))
    return rows


def _option_line(path: Path, number: int, line: str, options: _Options) -> None:
    options.stated = True
    words = line[1:].upper().split()
    where = f"{path} line {number}"
    seen: set[str] = set()
    while words:
        word = words.pop(0)
        if word in UNITS:
            kind, options.scale = "unit", UNITS[word]
        elif word in ("S", "Z", "Y"):
            kind, options.parameter = "parameter", word
        elif word in ("G", "H"):
            raise FileFormatError(f"{where}: {word} parameters are not read; export S parameters")
        elif word in FORMATS:
            kind, options.format = "format", word
        elif word == "R":
            kind = "reference"
            value = _floats(path, number, words[:1])
            if value and not 0.0 < value[0] <= 1e6:
                raise _no_reference(where)
            if value:
                options.z0 = value[0]
            else:
                options.open_r = where  # scikit-rf, where each frequency has its own in a comment
            words = words[1:]
        else:
            raise FileFormatError(
                f"{where}: {word!r} in the option line is not known; write it like '# Hz S RI R 50'"
            )
        if kind in seen:
            raise FileFormatError(
                f"{where}: the option line gives {kind} twice; keep one, like '# Hz S RI R 50'"
            )
        seen.add(kind)


def _no_reference(where: str) -> FileFormatError:
    return FileFormatError(
        f"{where}: reference impedance after R is missing or not above 0; write it in ohm, e.g. "
        "R 50"
    )


def _keyword(path: Path, number: int, line: str, options: _Options) -> str:
    match = re.match(r"\[([^\]]*)\]\s*(.*)", line)
    where = f"{path} line {number}"
    if not match:
        raise FileFormatError(f"{where}: keyword {line!r} has no closing bracket; export it again")
    name, value = " ".join(match.group(1).upper().split()), match.group(2).strip()
    if name == "VERSION":
        options.version = 2
    elif name in ("NUMBER OF PORTS", "NUMBER OF FREQUENCIES"):
        if not value.isdigit() or int(value) < 1:
            raise FileFormatError(f"{where}: [{match.group(1)}] is {value!r}; give 1 or more")
        if name == "NUMBER OF FREQUENCIES":
            options.count = int(value)
        elif options.ports not in (None, int(value)):
            raise FileFormatError(
                f"{where}: {value} ports announced but the extension is {path.suffix}; "
                f"rename it to .s{value}p"
            )
        else:
            options.ports = int(value)
    elif name in ("TWO-PORT DATA ORDER", "TWO-PORT ORDER"):
        if value not in ("12_21", "21_12"):
            raise FileFormatError(f"{where}: two-port order {value!r}; allowed: 12_21, 21_12")
        options.order = value
    elif name == "MATRIX FORMAT":
        if value.upper() not in ("FULL", "LOWER", "UPPER"):
            raise FileFormatError(f"{where}: matrix format {value!r}; allowed: Full, Lower, Upper")
        options.matrix = value.upper()
    elif name == "REFERENCE":
        options.references += _floats(path, number, value.split())
    elif name == "MIXED-MODE ORDER":
        raise FileFormatError(f"{where}: mixed-mode data are not read; export single-ended S")
    elif name not in (
        "NETWORK DATA",
        "NOISE DATA",
        "NUMBER OF NOISE FREQUENCIES",
        "BEGIN INFORMATION",
        "END INFORMATION",
        "END",
    ):
        raise FileFormatError(f"{where}: keyword [{match.group(1)}] is not known; remove it")
    return name


# -- numbers ---------------------------------------------------------------------------------


def _floats(path: Path, number: int, tokens: list[str]) -> list[float]:
    return [finite(path, number, token) for token in tokens]


def _numbers(
    path: Path, rows: list[tuple[int, str]], notes: Notes
) -> list[tuple[int, list[float]]]:
    return [(number, _floats(path, number, row_tokens(line, notes))) for number, line in rows]


def _records(
    path: Path,
    table: _Table,
    ports: int,
    options: _Options,
    notes: Notes,
) -> FloatArray:
    """(n, 1 + 2 m) rows of one frequency each, m complex numbers."""
    pairs = ports * ports if options.matrix == "FULL" else ports * (ports + 1) // 2
    width = 1 + 2 * pairs
    first_width = len(table[0][1])
    if ports <= 2 and first_width != width:
        _refuse_width(path, table, ports, width, first_width)
    records: list[list[float]] = []
    current: list[float] = []
    start = table[0][0]
    for number, values in table:
        if not current:
            noise = ports == 2 and len(values) == 5 and records and values[0] <= records[-1][0]
            if noise and options.version == 1:
                notes.warn(f"noise parameters from line {number} on are not imported")
                break
            start = number
        elif ports <= 2:
            notes.repair("records broken over several lines joined")
        current = current + values
        if len(current) > width:
            raise FileFormatError(
                f"{path} line {number}: {len(current)} numbers where {width} belong to one "
                f"frequency of {ports} port(s); correct the line or the extension"
            )
        if len(current) == width:
            records.append(current)
            current = []
    if current:
        raise FileFormatError(
            f"{path} line {start}: only {len(current)} of {width} numbers of the last frequency; "
            "the file is truncated: export it again or delete the line"
        )
    return np.array(records)


def _refuse_width(path: Path, table: _Table, ports: int, width: int, found: int) -> None:
    if found < width and len(table) > 1 and len(table[1][1]) + found == width:
        return  # wrapped records
    number = table[0][0]
    fitting = [n for n in range(1, MAX_PORTS + 1) if 1 + 2 * n * n == found and n != ports]
    hint = (
        f"it looks like {fitting[0]} port(s): rename it to .s{fitting[0]}p"
        if fitting
        else "the file is truncated or has the wrong extension"
    )
    raise FileFormatError(
        f"{path} line {number}: {found} numbers where {ports} port(s) need {width}; {hint}"
    )


def _matrices(
    path: Path, records: FloatArray, ports: int, options: _Options
) -> tuple[FloatArray, ComplexArray]:
    if options.format == "DB" and np.any(records[:, 1::2] > 200.0):
        raise FileFormatError(f"{path}: more than 200 dB; the format is not DB, export it again")
    if options.format == "DB" and np.all(records[:, 1::2] > 0.0):
        raise FileFormatError(
            f"{path}: every magnitude is above 0 dB, as no passive part's is; the format is not "
            "DB or the sign is that of a return loss: correct it"
        )
    if options.format == "MA" and np.any(records[:, 1::2] < 0.0):
        raise FileFormatError(
            f"{path}: negative magnitudes under format MA; the data are dB or real parts: "
            "write DB or RI in the option line"
        )
    values = complex_pairs(records[:, 1::2], records[:, 2::2], options.format)
    matrix = np.zeros((records.shape[0], ports, ports), dtype=complex)
    if options.matrix == "FULL":
        matrix[:] = values.reshape(-1, ports, ports)
        if ports == 2 and (options.version == 1 or options.order == "21_12"):
            matrix = np.swapaxes(matrix, 1, 2).copy()
    else:
        corner = np.tril_indices(ports) if options.matrix == "LOWER" else np.triu_indices(ports)
        matrix[:, corner[0], corner[1]] = values
        matrix[:, corner[1], corner[0]] = values
    with np.errstate(over="ignore"):  # what is beyond all frequencies is refused later
        return records[:, 0] * options.scale, matrix


def _reference(path: Path, options: _Options, ports: int) -> FloatArray | None:
    if options.references:
        values = np.array(options.references)
        if values.size != ports or np.any(values <= 0.0):
            raise FileFormatError(
                f"{path}: [Reference] holds {values.size} values for {ports} port(s) or one not "
                "above 0; give one in ohm for each port"
            )
        return values
    if options.z0 is not None:
        return np.full(ports, options.z0)
    return None


def _of_comments(
    path: Path, lines: Lines, options: _Options, size: tuple[int, int, int], notes: Notes
) -> ComplexArray | None:
    """(n, p) ohm that the comments state; None where they do not or the option line is enough.

    size: number of frequencies and of ports, line of the first row.
    """
    found = port_impedances(path, lines.remarks, *size)
    if found is not None:
        if options.z0 is not None and np.any(found != options.z0):
            notes.warn(
                f"option line says {options.z0:g} ohm, the port impedances in comments are used"
            )
        return found
    if options.open_r:
        raise _no_reference(options.open_r)
    if options.references:
        return None
    if options.z0 is None:
        value = stated_reference(path, lines.comments, notes)
        return None if value is None else np.full(size[:2], value)
    others = [value for value in stated_references(lines.comments) if value != options.z0]
    for value in others:
        notes.warn(f"a comment says {ohms(value)}, the option line {options.z0:g} ohm is used")
    return None


def _to_s(
    matrix: ComplexArray, options: _Options, z0: FloatArray | None, notes: Notes
) -> tuple[ComplexArray, complex | None]:
    """S at one common reference; Z and Y of version 1 are normalised to it (section 5)."""
    import skrf

    used = None if z0 is None else complex(z0[0])
    base = 50.0 if used is None else used.real
    if options.parameter != "S":
        notes.repair(f"{options.parameter} parameters converted to S at {base:g} ohm")
        if options.parameter == "Z":
            z = matrix if options.version == 2 else matrix * base
            return np.asarray(skrf.network.z2s(z, base)), used
        y = matrix if options.version == 2 else matrix / base
        return np.asarray(skrf.network.y2s(y, base)), used
    if z0 is not None and np.any(z0 != z0[0]):
        notes.repair(f"ports had references {z0.tolist()} ohm; renormalised to {z0[0]:g} ohm")
        return np.asarray(skrf.network.renormalize_s(matrix, z0, z0[0], s_def="power")), used
    return matrix, used
