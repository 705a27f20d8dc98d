"""Files: text and strict JSON, written whole - a temporary file beside the target, then renamed."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import FileFormatError, InputError, one_line
from .checks import path_of

_MOST_BYTES = 50_000_000  # of text read at once


def is_file(path: Path) -> bool:
    """Whether there is such a file; a name longer than the file system allows is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether there is such a folder; see :func:`is_file`."""
    try:
        return path.is_dir()
    except OSError:
        return False


@contextmanager
def whole(path: str | os.PathLike[str], *, folder: bool = False) -> Iterator[Path]:
    """A private path beside ``path`` to write to, renamed to it at the end; removed on failure.

    folder: what is written is a folder, which is there and empty; an existing one must be empty.

    Raises :class:`InputError` where the path cannot be written.
    """
    target = path_of("path", path)
    if folder and target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise InputError(f"{target} is there and not an empty folder; give a new or an empty one")
    if not folder and target.is_dir():
        raise InputError(f"{target} is a folder; give the name of a file")
    if not target.parent.is_dir():
        raise InputError(f"folder {target.parent} does not exist; make it or choose another")
    private = target.with_name(f".{uuid.uuid4().hex}.{target.name}")
    try:
        if folder:
            private.mkdir()
        yield private
        private.replace(target)
    except OSError as error:
        why = error.strerror or one_line(error)
        raise InputError(f"cannot write {target}: {why}; choose another") from None
    finally:
        if folder:
            shutil.rmtree(private, ignore_errors=True)
        else:
            private.unlink(missing_ok=True)


def make_folder(path: Path, option: str = "--out") -> bool:
    """Make the folder of ``option``, with its parents, and try a file in it; True if it is new.

    Raises :class:`InputError` where no file can be written, before the work that would fill it.
    """
    if path.exists() and not path.is_dir():
        raise InputError(f"{option} {path} is a file; give a folder, existing or new")
    try:
        new = not path.exists()
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{option} {path} cannot be made: {error.strerror}; choose another folder"
        ) from None
    why = unwritable(path)
    if why is not None:
        if new:
            path.rmdir()
        raise InputError(f"{option} {path} is not writable: {why}; choose another folder")
    return new


def unwritable(folder: Path) -> str | None:
    """Why no file can be made in ``folder``, found by making one without a name, or None."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return "permission denied"
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        return error.strerror or one_line(error)
    return None


def write_bytes(path: str | os.PathLike[str], data: bytes) -> Path:
    """Write ``data`` to ``path``; an existing file is replaced only by a whole one.

    Raises :class:`InputError` where the path cannot be written.
    """
    with whole(path) as private:
        try:
            _link_unnamed(private, data)
        except (OSError, AttributeError):  # a file system or a platform without unnamed files
            private.unlink(missing_ok=True)
            with private.open("xb") as file:
                file.write(data)
    return Path(path)


def _link_unnamed(path: Path, data: bytes) -> None:
    """Write ``data`` to a file that has no name until it is whole: a kill leaves nothing behind."""
    number = os.open(path.parent, os.O_WRONLY | os.O_TMPFILE, 0o666)
    with os.fdopen(number, "wb") as file:
        file.write(data)
        file.flush()
        # with a directory descriptor the link follows /proc to the file itself
        os.link(f"/proc/self/fd/{number}", path, src_dir_fd=number, follow_symlinks=True)


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """:func:`write_bytes` of ``text`` in UTF-8; of a name that is not UTF-8 escapes stand there."""
    return write_bytes(path, text.encode(errors="backslashreplace"))


def stem(path: Path) -> str:
    """A file's name without its ending, fit to print: bytes that are not UTF-8 as \\xe9."""
    return os.fsencode(path.stem).decode("utf-8", "backslashreplace")


def write_json(path: str | os.PathLike[str], document: object) -> Path:
    """:func:`write_text` of :func:`json_text`, indented."""
    return write_text(path, json_text(document, indent=1) + "\n")


def json_text(document: object, indent: int | None = None, *, ascii_only: bool = False) -> str:
    """Strict JSON: nan and infinities become null, numpy values plain ones."""
    return json.dumps(plain(document), allow_nan=False, ensure_ascii=ascii_only, indent=indent)


def plain(value: Any) -> Any:
    """``value`` in terms of dict, list, str, int, finite float, bool and None."""
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, complex):
        return [plain(value.real), plain(value.imag)]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return str(value)


def read_text(path: str | os.PathLike[str]) -> str:
    """Text of a UTF-8 file without its byte-order mark; :class:`FileFormatError` otherwise."""
    source = Path(path)
    try:
        if source.stat().st_size > _MOST_BYTES:
            raise FileFormatError(
                f"{path} has {source.stat().st_size / 1e6:.0f} MB; allowed: up to "
                f"{_MOST_BYTES / 1e6:.0f} MB of text"
            )
        return source.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FileFormatError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise FileFormatError(
            f"{path} cannot be read: {error.strerror}; give a readable file"
        ) from None
