"""What a verb hands back: one JSON document or plain text on stdout, and the files it writes."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ..common.files import json_text, unwritable
from ..errors import InputError, one_line
from .failures import PROGRAM, explain
from .signals import last_step

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Answer:
    """Result of a verb: ``document`` for --json, ``text`` for people."""

    document: Mapping[str, Any] | list[Any]
    text: str
    exit_code: int = 0

    def write(self, as_json: bool) -> None:
        """Print to stdout; the only place of the command line that does."""
        text = self.text.rstrip("\n")
        if as_json:
            text = json_text(self.document)
            if not _fits(sys.stdout, text):
                text = json_text(self.document, ascii_only=True)
        put(sys.stdout, f"{text}\n")
        sys.stdout.flush()


def say(message: str) -> None:
    """One line for people, on stderr."""
    put(sys.stderr, f"{message}\n")
    sys.stderr.flush()


def put(stream: TextIO, text: str) -> None:
    """Write ``text``; what the stream's encoding lacks (a name that is not UTF-8) is escaped."""
    if not _fits(stream, text):
        coding = stream.encoding or "utf-8"
        text = text.encode(coding, "backslashreplace").decode(coding)
    stream.write(text)


def _fits(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


@contextlib.contextmanager
def reserved_stdout(active: bool) -> Iterator[None]:
    """Everything printed meanwhile, by Python or by a linked library, goes to stderr."""
    if not active:
        yield
        return
    saved = None
    try:
        sys.stdout.flush()
        if sys.stdout.fileno() == 1:
            saved = os.dup(1)
            os.dup2(2, 1)
    except (OSError, ValueError, AttributeError):
        saved = None
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        if saved is not None:
            os.dup2(saved, 1)
            os.close(saved)


def table(rows: list[tuple[str, ...]]) -> str:
    """Left-aligned columns, two spaces apart."""
    widths = [max(len(row[k]) for row in rows if k < len(row)) for k in range(max(map(len, rows)))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    )


def check_writable(path: Path | None, example: str, option: str = "--out") -> None:
    """Refuse the file of ``option`` if it cannot be written, before the work starts."""
    if path is None:
        return
    if path == Path():
        raise InputError(
            f"{option} is empty or the working folder; give the name of a file such as {example}"
        )
    if path.is_dir():
        raise InputError(f"{option} {path} is a folder; give the name of a file such as {example}")
    if not path.parent.is_dir():
        raise InputError(f"{option} {path}: folder {path.parent} does not exist; make it first")
    why = unwritable(path.parent)
    if why is not None:
        raise InputError(
            f"{option} {path}: folder {path.parent} is not writable: {why}; choose another"
        )
    if path.exists() and not path.is_file():
        raise InputError(f"{option} {path} is not a regular file; choose another name")


def check_figure(path: Path | None, option: str = "--plot") -> None:
    """Refuse a file that cannot be written, or whose ending is no figure format, at once."""
    if path is None:
        return
    from ..plotting.save import FORMATS

    check_writable(path, "figure.png", option)
    if path.suffix.lower() not in FORMATS:
        raise InputError(
            f"{option} {path} does not end in a figure format; allowed: {', '.join(FORMATS)}"
        )


def write_out(*files: tuple[Path, Callable[[], object]], last: bool = True) -> int:
    """Write what a verb was asked for, beside its answer, and say so; the exit code.

    files: path and what writes it; that may return the paths of several.  A file that cannot be
    written is told and changes the exit code alone: the answer is printed all the same.
    last: nothing but the answer follows.
    """
    code = 0
    with last_step() if last else contextlib.nullcontext():
        for path, write in files:
            try:
                made = write()
            except Exception as error:
                message, code = explain(error)
                say(f"{PROGRAM}: {path} is not written: {one_line(message)}")
                continue
            for item in made if isinstance(made, tuple) else (path,):
                say(f"written: {item}")
    return code


def written(path: Path) -> None:
    """Say that the file which was all that the verb is for is there; what comes now is too late."""
    with last_step():
        say(f"written: {path}")


def figure_out(draw: Callable[[], Figure], path: Path) -> tuple[Path, Callable[[], object]]:
    """A figure for :func:`write_out`, drawn when it is written."""

    def write() -> None:
        from ..plotting.save import save_figure

        save_figure(draw(), path)

    return path, write
