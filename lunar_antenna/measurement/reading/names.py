"""What the name of one column says: quantity, part, unit.

Analysers and programs name the same thing in many ways: ``S11(DEG)``, ``re:Trc1_S11``,
``ang_deg(S(1,1)) [deg]``, ``S1,1/arg,deg``, ``S11 Log Mag``, ``Z-real``, ``Rs (kOhm)``.  A name is
taken apart into units, an S-parameter and words; every word is known here or the column is not
used where that would be guessing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

UNITS = {"HZ": 1.0, "KHZ": 1e3, "MHZ": 1e6, "GHZ": 1e9, "THZ": 1e12}

_FREQUENCY = {
    "f", "freq", "freqs", "frequency", "frequencies", "frequenz", "frequence", "frecuencia",
    "frequenza", "stimulus",
}  # fmt: skip
_REAL = {"re", "real", "realteil", "reel", "reelle", "realpart"}
_IMAG = {"im", "imag", "imaginary", "imagteil", "imaginarteil", "imaginaire", "imagpart"}
_MAGNITUDE = {
    "mag", "abs", "magnitude", "magn", "lin", "linear", "linmag", "betrag", "module", "amplitude",
}  # fmt: skip
_LOG = {"db", "log", "logm", "logmag", "dbmag", "magdb", "mlog"}
_ANGLE = {
    "phase", "angle", "ang", "arg", "argument", "phs", "phas", "cang", "uphase", "winkel",
}  # fmt: skip
_LOSS = {"rl", "loss", "returnloss", "ruckflussdampfung"}
_S_WORDS = {"s", "gamma", "rho", "reflection", "refl", "reflexion", "reflektion"}
_Z_WORDS = {"z", "zin", "zant", "za", "impedance", "impedanz", "ohm"}
_R_WORDS = {"r", "rs", "rin", "resistance", "resistanz", "rser"}
_X_WORDS = {"x", "xs", "xin", "reactance", "reaktanz", "xser"}
_PARTS = {"deg", "degree", "degrees", "rad", "radian", "radians"}
_FILLERS = {
    "part", "teil", "partie", "of", "the", "in", "at", "and", "antenna", "ant", "port", "channel",
    "ch", "trace", "trc", "tr", "data", "formatted", "meas", "measured", "measurement", "sim",
    "simulated", "raw", "cal", "calibrated", "corrected", "value", "values", "coefficient",
    "coeff", "coef", "return", "series", "scattering", "parameter", "parameters", "param",
    "params", "mean", "complex", "unit", "units", "u", "sweep", "point", "points", "resp",
    "response", "input",
}  # fmt: skip
# Quantities that are not the reflection or impedance of port 1, and units that change the number.
_OTHER = {
    "y", "g", "b", "admittance", "conductance", "susceptance", "swr", "vswr", "rp", "xp",
    "parallel", "par", "ls", "cs", "lp", "cp", "l", "c", "q", "power", "gain", "efficiency",
    "delay", "group", "gd", "voltage", "v", "current", "i", "transmission", "insertion", "cable",
    "mismatch", "trans", "thru", "through", "noise", "temperature", "temp", "time", "t", "date",
    "std", "stdev", "sigma", "err", "error", "unc", "uncertainty", "min", "max", "limit", "lower",
    "upper", "norm", "normalized", "normalised", "normiert", "coupling", "isolation", "theta",
    "dbm", "dbi", "dbv", "mrad", "urad", "grad", "gon", "turns", "cycles", "mu", "resonant",
    "omega", "wavelength", "eps", "permittivity", "percent",
}  # fmt: skip
_KNOWN = (
    _FREQUENCY | _REAL | _IMAG | _MAGNITUDE | _LOG | _ANGLE | _LOSS | _S_WORDS | _Z_WORDS
    | _R_WORDS | _X_WORDS | _PARTS | _FILLERS | _OTHER
)  # fmt: skip

_HERTZ = re.compile(r"(?<![A-Za-z])(?:([kmgt])|(kilo|mega|giga|tera))?(?:hz|hertz)(?![a-z])", re.I)
_HERTZ_JOINED = re.compile(r"()()(?<=[a-z])([KMGT]?)Hz\b")
_OHMS = re.compile("(?<![A-Za-z])(k|m|meg|mega|kilo|milli)?[ -]?(?:ohms?|\u03a9)(?![a-z])", re.I)
_DB_OTHER = re.compile(r"db10(?!\d)", re.I)
_DB = re.compile(r"dB(?:20)?(?![a-z])|(?<![A-Za-z])db(?:20)?(?![a-z])|(?<=[a-z0-9])DB\b", re.ASCII)
_INDEX = r"(?:[A-Za-z]+[A-Za-z_]*)?\d*(?:[(:]\d+\)?)?"
_LETTER = r"(?:(?<![A-Za-z])([SZYHGTszyhgt])|(?<=[A-Za-z])([SZYHGT]))"
_BRACKETED = re.compile(
    rf"{_LETTER}(?:t|p|port)?[ _]?[(\[{{] ?({_INDEX}) ?[,;:] ?({_INDEX}) ?[)\]}}]"
)
_MODE = r"(?:\(\d+\))?"  # CST writes S1(1),1(1)
_DIGITS = re.compile(
    rf"([SZYsyz])[ _]?\{{?"
    rf"(?:(\d{{1,2}}){_MODE}[,_](\d{{1,2}}){_MODE}|(\d){_MODE}(\d){_MODE})\}}?(?!\d)"
)
_LOOSE = re.compile(r"(?<![a-z])(?:s|z|gamma)[^a-z0-9]{0,3}(\d+)(?:[^a-z0-9]{1,3}(\d+))?")
_MIXED = re.compile(r"s(dd|cc|cd|dc|sd|ds|sc|cs)\d*(?![a-z])", re.I)
_PORT = re.compile(r"port[ _#]*(\d+)", re.I)
_NUMBERED = re.compile(r"[A-Za-z)\]][ _]?(\d+)(?![\d.])")  # "re_2", "R3", but not "1e3"
_JOINED = re.compile(
    r"\b(z|zin|s|gamma)(re|im|real|imag|mag|abs|phase|ang|arg)\b"
    r"|\b(re|im|real|imag|mag|abs|phase|ang|arg)(z|zin|gamma)\b"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Name:
    """One column.

    quantity: "frequency", "s" (reflection of port 1), "z" (impedance there), "" (a part of an
    unnamed quantity), "other" (something else), "filler" (words that name nothing) or "unknown".
    part: "real", "imag", "db", "magnitude", "angle", "loss" or "".
    scale: Hz of the frequency unit or ohm of the impedance unit; None where not stated.
    radians: of an angle; None where not stated.  of: what the quantity is of, e.g. "s21".
    """

    text: str
    quantity: str
    part: str = ""
    scale: float | None = None
    radians: bool | None = None
    of: str = ""

    @property
    def recognised(self) -> bool:
        """Whether some of the words are those of a table's head."""
        return self.quantity not in ("filler", "unknown") or bool(self.part or self.of)


def understand(text: str) -> Name:
    """The :class:`Name` of ``text``; never raises."""
    plain = _fold(text)
    if _DB_OTHER.search(plain) or "%" in plain or _MIXED.search(plain):
        return Name(text, "other", of="mixed modes" if _MIXED.search(plain) else "")
    bars = re.search(r"\|[^|]+\|", plain) is not None
    rest, hertz = _unit(plain, (_HERTZ, _HERTZ_JOINED), _hertz)
    rest, ohms = _unit(rest, (_OHMS,), _ohms)
    rest, letter, of = _parameter(rest)
    rest = _DB.sub(" db ", rest).replace("\u00b0", " deg ").replace("\u00ba", " deg ")
    plain_words = re.sub(r"[^a-z\u0370-\u03ff]+", " ", _CAMEL.sub(" ", rest).lower())
    words = _JOINED.sub(r"\1\3 \2\4", plain_words).split()
    found = set(words)
    port = _PORT.search(plain)
    loose = _LOOSE.search(rest.lower())  # "S-33", "S[3][3]", "Z0", HFSS's Gamma(1) of a line
    elsewhere = (port and int(port.group(1)) != 1) or (
        loose and (set("".join(filter(None, loose.groups()))) != {"1"} or "gamma" in loose.group())
    )
    if found & _OTHER or letter == "other" or elsewhere:
        return Name(text, "other", of=of)
    numbers = {int(text) for text in _NUMBERED.findall(rest)} if not letter else set()
    if numbers - {1} and not found & _FREQUENCY and hertz is None:
        return Name(text, "other", _part(found, bars)[0], of=f"number {max(numbers)}")
    if ohms == 0.0:
        return Name(text, "other", of="an unclear unit of ohm")
    unknown = found - _KNOWN | set(re.findall(r"[^\x20-\x7e\u0370-\u03ff]", rest))
    part, radians = _part(found, bars)
    if hertz is not None or found & _FREQUENCY:
        clean = found <= _FREQUENCY | _FILLERS and not letter and ohms is None
        return Name(text, "frequency" if clean else "unknown", scale=hertz)
    if letter == "z" or ohms is not None or found & (_Z_WORDS | _R_WORDS | _X_WORDS):
        quantity = "other" if letter == "s" else "z"
        if not part:
            part = "real" if found & _R_WORDS else "imag" if found & _X_WORDS else ""
        return Name(text, "unknown" if unknown else quantity, part, ohms, radians, of)
    if letter == "s" or found & _S_WORDS or part == "loss":
        if part == "" and "rho" in found:
            part = "magnitude"
        bracketed = set(re.findall(r"[a-z]+", " ".join(re.findall(r"[(\[](.*?)[)\]]", rest))))
        doubtful = bool(unknown & bracketed)
        return Name(text, "unknown" if doubtful else "s", part, None, radians, of)
    if part:
        return Name(text, "unknown" if unknown else "", part, None, radians, of)
    return Name(text, "unknown" if unknown or not words else "filler")


def _fold(text: str) -> str:
    """Without accents and quotes; ohm signs of both kinds alike, Gamma spelt out."""
    text = text.replace("\u0393", " gamma ").replace("\u2126", "\u03a9").strip().strip("\"'")
    kept = (c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(kept)).replace("\u03c1", " rho ")


def _unit(
    text: str, patterns: tuple[re.Pattern[str], ...], scale: Callable[[re.Match[str]], float]
) -> tuple[str, float | None]:
    """(text without the unit, its scale); None where there is no such unit.

    A unit that stands twice counts once; another one beside it stays in the text, unknown there.
    """
    found: float | None = None
    for pattern in patterns:
        while match := pattern.search(text):
            value = scale(match)
            if found not in (None, value):
                return text, found
            found = value
            text = f"{text[: match.start()]} {text[match.end() :]}"
    return text, found


def _hertz(match: re.Match[str]) -> float:
    prefix = next((group for group in match.groups() if group), "")[:1].upper()
    return UNITS[f"{prefix}HZ"]


def _ohms(match: re.Match[str]) -> float:
    """Ohm per unit; 0 for MOHM, where milli and mega cannot be told apart."""
    if match.group(0).startswith("MOHM"):
        return 0.0
    prefix = match.group(1) or ""
    table = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "m": 1e-3}
    words = {"kilo": 1e3, "meg": 1e6, "mega": 1e6, "milli": 1e-3}
    return table[prefix] if prefix in table else words[prefix.lower()]


def _parameter(text: str) -> tuple[str, str, str]:
    """(text without it, "s", "z", "other" or "", its name) of the S-parameter in ``text``."""
    match = _BRACKETED.search(text) or _DIGITS.search(text)
    if match is None:
        return text, "", ""
    letter, first, second = (group for group in match.groups() if group is not None)
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    name = f"{letter.lower()}({first},{second})".lower()
    if letter.lower() not in ("s", "z") or not _is_first(first, second):
        return rest, "other", name
    return rest, letter.lower(), name


def _is_first(row: str, column: str) -> bool:
    """Whether both indices are port 1, or one and the same port of a name without a number."""
    if row.lower() != column.lower():
        return False
    number = re.search(r"\d+", row.split(":")[0].split("(")[0])
    return number is None or int(number.group()) == 1


def _part(found: set[str], bars: bool) -> tuple[str, bool | None]:
    """(part, whether an angle is in radians) of the words of a name; "" where they disagree."""
    radians = None
    if found & {"rad", "radian", "radians"}:
        radians = True
    elif found & {"deg", "degree", "degrees"}:
        radians = False
    angle = bool(found & _ANGLE) or radians is not None
    size = "loss" if found & _LOSS else "db" if found & _LOG else ""
    if not size and (found & _MAGNITUDE or bars):
        size = "magnitude"
    kinds = [
        kind
        for kind, present in (
            ("real", found & _REAL),
            ("imag", found & _IMAG),
            ("angle", angle),
            (size, size),
        )
        if present
    ]
    return (kinds[0] if len(kinds) == 1 else ""), radians
