"""Reading a measurement: Touchstone or CSV, with the .toml beside it."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...circuit.waves import ohms, reference, renormalise_all
from ...common import catalogue
from ...common.checks import shown
from ...common.files import is_file, is_folder, stem
from ...errors import FileFormatError, InputError
from ..passivity import TOLD_ABOVE, check_sense
from ..record import ImportReport, Measurement
from . import table, touchstone
from .sidecar import sidecar
from .text import Lines, Notes, read_text, split_lines
from .touchstone import Raw

DEFAULT_Z0 = 50.0  # ohm, where neither file nor caller says; reported as assumed
_OPTION_LINE = re.compile(
    r"\s*#(?=.*\b(?:RI|MA|DB)\b)(?:\s+(?:[kMG]?Hz|[SZY]|RI|MA|DB|R(?:\s+[\d.eE+]+)?))+\s*$",
    re.IGNORECASE,
)
_TABLES = (".csv", ".txt", ".dat")
_TOLD = ("kind", "what", "who", "when", "load", "soil", "height", "geometry")  # keys of a .toml


def load_measurement(path: str | os.PathLike[str], z0: complex | None = None) -> Measurement:
    """Read a Touchstone (.s1p, .s2p, .ts) or CSV file, by path or by shipped name.

    z0: reference impedance in ohm that replaces what the file says (the reflections stay as they
    are; use it where a file says 50 ohm but the fixture makes it 100; impedances in ohm stay as
    they are instead).  The report says which one is in use and every repair made.  Raises
    :class:`FileFormatError` in one line.
    """
    source = _find(path)
    notes = Notes()
    lines, raw = _parse(source, notes)
    _check_frequencies(source, raw)
    raw = _ordered(source, raw, notes)
    _check_values(source, raw, notes)
    metadata = sidecar(source, notes)
    used, told = _choose_z0(raw, metadata, z0, notes)
    if raw.ohms:
        base = complex(DEFAULT_Z0) if raw.z0 is None else raw.z0
        raw = replace(raw, s=renormalise_all(raw.s, base, used))
    report = ImportReport(
        path=str(source),
        format=raw.format,
        points=int(raw.frequency.size),
        start=float(raw.frequency[0]),
        stop=float(raw.frequency[-1]),
        z0_file=raw.z0,
        z0_used=used,
        z0_source=told,
        reference_plane=str(metadata.get("reference_plane", "not stated")),
        instrument=str(metadata.get("instrument", _instrument(lines.comments))),
        header=tuple(lines.comments),
        about=tuple(_told(key, metadata[key]) for key in _TOLD if key in metadata),
        repairs=tuple(notes.repairs),
        warnings=tuple(notes.warnings),
    )
    kind = str(metadata.get("kind", "unknown"))
    return Measurement(raw.frequency, raw.s, used, kind, report, metadata, stem(source))


def _find(path: str | os.PathLike[str]) -> Path:
    if not isinstance(path, (str, os.PathLike)):
        raise InputError(
            f"measurement = {shown(path)} is neither a name nor a path; shipped: "
            f"{', '.join(catalogue.names('measurements', '.s1p'))}"
        )
    text = os.fspath(path)
    direct = Path(text)
    if text.strip() and (is_file(direct) or is_folder(direct)):
        return direct
    if direct.suffix.lower() == ".s2p" or text in catalogue.names("measurements", ".s2p"):
        return catalogue.find("measurements", text, suffix=".s2p")
    return catalogue.find("measurements", text, suffix=".s1p")


def _parse(source: Path, notes: Notes) -> tuple[Lines, Raw]:
    suffix = source.suffix.lower()
    is_touchstone = touchstone.extension_ports(source) is not None or suffix == ".ts"
    if not is_touchstone and suffix not in _TABLES:
        raise FileFormatError(
            f"{source} has the extension {source.suffix or '(none)'}; a measurement ends in .s1p, "
            ".s2p, .ts or .csv: rename it"
        )
    text = read_text(source, notes)
    if is_touchstone:
        lines = split_lines(text, notes)
        return lines, touchstone.parse(source, lines, notes)
    if any(_OPTION_LINE.match(line) for line in text.splitlines()):
        raise FileFormatError(
            f"{source} holds a Touchstone option line; rename it to .s1p (one port) or .s2p"
        )
    lines = split_lines(text, notes, comment="#")
    return lines, table.parse(source, lines, notes)


def _ordered(source: Path, raw: Raw, notes: Notes) -> Raw:
    """Strictly increasing frequencies: a reversed sweep is turned, equal repeats dropped."""
    frequency, s = raw.frequency, raw.s
    if frequency.size > 1 and np.all(np.diff(frequency) < 0.0):
        frequency, s = frequency[::-1], s[::-1]
        notes.repair("frequencies fell; sweep turned round")
    repeat = np.flatnonzero(np.diff(frequency) == 0.0)
    if repeat.size:
        if not np.array_equal(s[repeat], s[repeat + 1]):
            bad = frequency[repeat[0]]
            raise FileFormatError(
                f"{source}: {bad / 1e6:g} MHz stands twice with different values; keep one sweep"
            )
        keep = np.ones(frequency.size, dtype=bool)
        keep[repeat + 1] = False
        frequency, s = frequency[keep], s[keep]
        notes.repair(f"{repeat.size} repeated point(s) dropped")
    falls = np.flatnonzero(np.diff(frequency) <= 0.0)
    if falls.size:
        before, after = frequency[falls[0]], frequency[falls[0] + 1]
        raise FileFormatError(
            f"{source}: frequency falls from {before / 1e6:g} to {after / 1e6:g} MHz at point "
            f"{falls[0] + 2} of {frequency.size}; split the sweeps or sort the file"
        )
    return replace(raw, frequency=frequency.copy(), s=s.copy())


def _check_frequencies(source: Path, raw: Raw) -> None:
    low, high = float(raw.frequency.min()), float(raw.frequency.max())
    if not low >= 0.0 or high > 1e12 or high < 1e3:
        raise FileFormatError(
            f"{source} spans {low:g} to {high:g} Hz with the unit it states; allowed: 0 to 1e12 "
            "Hz, top above 1 kHz: correct the unit in the option line"
        )


def _check_values(source: Path, raw: Raw, notes: Notes) -> None:
    positive = raw.frequency[raw.frequency > 0.0]
    if positive.size > 2 and np.max(positive[1:] / positive[:-1]) > 500.0:
        raise FileFormatError(
            f"{source}: neighbouring frequencies differ more than 500 times, so units are mixed; "
            "write all in one unit"
        )
    if not np.isfinite(raw.s).all():
        raise FileFormatError(f"{source} holds values that are not finite; export it again")
    found = check_sense(str(source), raw.s)
    if found.max() > TOLD_ABOVE:
        count = int((found > TOLD_ABOVE).sum())
        what = "|S11|" if raw.s.shape[1] == 1 else "a singular value of S"
        notes.warn(
            f"{what} above 1 at {count} point(s), largest {found.max():.4g}: not passive, or the "
            "calibration or the format is wrong"
        )


def _choose_z0(
    raw: Raw, metadata: dict[str, Any], z0: complex | None, notes: Notes
) -> tuple[complex, str]:
    if z0 is not None:
        used, told = reference(z0), "argument"
    elif "z0" in metadata:
        used, told = complex(metadata["z0"]), "sidecar"
    elif raw.z0 is not None:
        return raw.z0, "file"
    elif raw.ohms:
        return complex(DEFAULT_Z0), "ohms"
    else:
        notes.warn(f"reference impedance not stated; {DEFAULT_Z0:g} ohm assumed, give z0 if wrong")
        return complex(DEFAULT_Z0), "assumed"
    if raw.z0 is not None and raw.z0 != used and not raw.ohms:
        notes.warn(f"file says {ohms(raw.z0)}, {ohms(used)} used instead ({told})")
    return used, told


def _instrument(comments: list[str]) -> str:
    for line in comments:
        lowered = line.lower()
        if any(maker in lowered for maker in _MAKERS):
            return line
    return "not stated"


_MAKERS = (
    "agilent",
    "keysight",
    "hewlett",
    "rohde",
    "anritsu",
    "copper mountain",
    "nanovna",
    "tektronix",
    "rigol",
    "siglent",
)


def _told(key: str, value: object) -> str:
    """One line of what the file beside it says, with the unit of a number that has one."""
    metres = key == "height" and isinstance(value, (int, float)) and not isinstance(value, bool)
    return f"{key}: {value} m" if metres else f"{key}: {value}"
