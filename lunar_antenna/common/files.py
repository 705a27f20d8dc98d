"""Files written whole: a temporary file beside the target, then renamed."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from ..errors import FileFormatError, InputError, one_line


def write_bytes(path: str | os.PathLike[str], data: bytes) -> Path:
    """Write ``data`` to ``path``; an existing file is replaced only by a whole one.

    Raises :class:`InputError` where the path cannot be written.
    """
    target = Path(path)
    if target.is_dir():
        raise InputError(f"{target} is a folder; give the name of a file")
    if not target.parent.is_dir():
        raise InputError(f"folder {target.parent} does not exist; make it or choose another")
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
        temporary.replace(target)
    except OSError as error:
        why = error.strerror or one_line(error)
        raise InputError(f"cannot write {target}: {why}; choose another") from None
    finally:
        temporary.unlink(missing_ok=True)
    return target


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """:func:`write_bytes` of ``text`` in UTF-8."""
    return write_bytes(path, text.encode())


def read_text(path: str | os.PathLike[str]) -> str:
    """Content of a UTF-8 file; :class:`FileFormatError` in one line otherwise."""
    source = Path(path)
    if not source.is_file():
        raise InputError(f"{source} is not a file; give the path of a drawing")
    try:
        return source.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise FileFormatError(f"{source} is not UTF-8 text; give a text drawing") from None
    except OSError as error:
        raise FileFormatError(f"{source} cannot be read: {error.strerror}") from None
