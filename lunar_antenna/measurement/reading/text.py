"""From the bytes of a measurement file to clean numbered lines, every repair recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import FileFormatError, InputError

LIMIT_BYTES = 64 * 2**20
_BLOCK = re.compile(r"^#\d(\d{1,9})!")  # IEEE 488.2 definite-length block before a comment
_FRAME = re.compile(r"BEGIN( \w{1,40})?|END", re.IGNORECASE)
_COMMA_NUMBER = re.compile(r"^[+-]?\d+,\d+([eE][+-]?\d+)?$")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|1\.#\w+)", re.IGNORECASE)
_COMMENT_MARKS = ("%", "//", "*")  # Matlab, C, old instruments
_FORTRAN = re.compile(r"(?<=\d)[dD](?=[+-]?\d)")


@dataclass(slots=True)
class Notes:
    """Collects what the reader changed and what it only noticed."""

    repairs: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def repair(self, text: str) -> None:
        if text not in self.repairs:
            self.repairs.append(text)

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


def read_text(path: Path, notes: Notes) -> str:
    """The file as text; refuses folders, empty, huge and binary files in one line."""
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise InputError(f"{path} is a folder; give a measurement file such as x.s1p")
        if size > LIMIT_BYTES:
            raise FileFormatError(
                f"{path} has {size / 2**20:.0f} MB; measurements up to {LIMIT_BYTES >> 20} MB are "
                "read: thin it out or cut the band"
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; give a readable file") from None
    if not data.strip():
        raise FileFormatError(f"{path} is empty; export the measurement again")
    return _decode(path, data, notes)


def _decode(path: Path, data: bytes, notes: Notes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError:
            raise FileFormatError(f"{path} is damaged UTF-16 text; export it again") from None
        notes.repair("UTF-16 text converted")
        return text
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
        notes.repair("byte-order mark dropped")
    control = sum(byte < 32 and byte not in (9, 10, 12, 13, 26) for byte in data[:65536])
    if b"\0" in data or control > 8:
        raise FileFormatError(
            f"{path} is binary, not text; export the measurement as Touchstone (.s1p) or CSV"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        notes.repair("text is not UTF-8; read as Latin-1")
        return data.decode("latin-1")


def finite(path: Path, line: int, token: str) -> float:
    """``token`` as a number; :class:`FileFormatError` names file and line otherwise.

    Stricter than ``float``: no underscores, no digits of other scripts, no nan, no overflow.
    """
    value = float(token) if _NUMBER.fullmatch(token) else float("nan")
    if value == value and abs(value) != float("inf"):
        return value
    known = _NUMBER.fullmatch(token) or _NOT_FINITE.fullmatch(token)
    kind = "is not finite" if known else "is not a number"
    raise FileFormatError(f"{path} line {line}: {token[:40]!r} {kind}; correct or delete the line")


@dataclass(slots=True)
class Lines:
    """Remarks (comments) apart from content; each is (line number, text without the mark)."""

    remarks: list[tuple[int, str]]
    content: list[tuple[int, str]]

    @property
    def comments(self) -> list[str]:
        return [text for _, text in self.remarks]


def split_lines(text: str, notes: Notes, comment: str = "!") -> Lines:
    """Strip comments, block prefixes, BEGIN/END frames and control marks of analysers.

    A line of a table (``comment`` "#") may also begin with another program's mark of comments.
    """
    remarks: list[tuple[int, str]] = []
    content: list[tuple[int, str]] = []
    framed = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip().strip("\x1a\x0c").strip()
        block = _BLOCK.match(line)
        if block:
            notes.repair(f"line {number}: block-length prefix {line[: block.end() - 1]} dropped")
            line = line[block.end() - 1 :]
        if _FRAME.fullmatch(line):
            notes.repair(f"line {number}: frame word {line} dropped")
            framed = line.upper().split()[0]
            continue
        if line.startswith("!"):
            line = comment + line[1:]
        elif comment == "#" and line.startswith(_COMMENT_MARKS):
            line = comment + line.lstrip("%/*")
        body, mark, remark = _parted(line, comment)
        remark = remark.strip().lstrip(f"{comment}! ").strip()
        if mark and remark:
            remarks.append((number, remark))
        if body.strip():
            content.append((number, body.strip()))
    if framed == "BEGIN":
        notes.warn("BEGIN without END: the analyser's file may be cut short")
    return Lines(remarks, content)


def is_number(text: str) -> bool:
    """Whether ``text`` is one number, a decimal comma or Fortran exponent allowed."""
    return bool(_NUMBER.fullmatch(_FORTRAN.sub("e", text)) or _COMMA_NUMBER.match(text))


def plain_number(text: str, notes: Notes, decimal_commas: bool) -> str:
    """``text`` with a point for its decimal comma (where allowed) and e for its exponent."""
    if decimal_commas and "," in text and _COMMA_NUMBER.match(text):
        notes.repair("decimal commas read as points")
        text = text.replace(",", ".")
    return _exponents([text], notes)[0] if "d" in text or "D" in text else text


def _parted(line: str, comment: str) -> tuple[str, str, str]:
    """``line.partition(comment)``; in a row of a table ``#`` ends it only after a blank.

    "1.#QNAN" is a number that is none, and a name may hold "#1".
    """
    if comment == "!" or line.startswith(comment):
        return line.partition(comment)
    match = re.search(r"\s#", line) if re.match(r"[-+.\d]", line) else None
    if match is None:
        return line, "", ""
    return line[: match.start()], comment, line[match.end() :]


def row_tokens(line: str, notes: Notes) -> list[str]:
    """The numbers' texts of one data line; decimal commas and comma separators repaired.

    Split by blanks, tabs or semicolons first: then ``1,5`` is a decimal comma.  A comma that
    separates is followed by a blank or stands in a line without other separators; a line with
    both commas and points in numbers is never taken for decimal commas (10,000.5 is unclear).
    """
    tokens = line.replace(";", " ").split()
    if "," not in line:
        return _exponents(tokens, notes)
    decimal = all(_COMMA_NUMBER.match(token) or "," not in token for token in tokens)
    if len(tokens) > 1 and decimal and "." not in line:
        notes.repair("decimal commas read as points")
        return _exponents([token.replace(",", ".") for token in tokens], notes)
    notes.repair("comma-separated columns read")
    return _exponents(line.replace(",", " ").replace(";", " ").split(), notes)


def _exponents(tokens: list[str], notes: Notes) -> list[str]:
    result = [_FORTRAN.sub("e", token) for token in tokens]
    if result != tokens:
        notes.repair("Fortran exponents (1.0D+06) read as 1.0e+06")
    return result
