"""Text files written whole: a temporary file beside the target, then renamed."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from ..errors import FileFormatError, InputError


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write ``text`` (UTF-8) to ``path``; an existing file is replaced only by a whole one."""
    target = Path(path)
    if target.is_dir():
        raise InputError(f"{target} is a folder; give the name of a file")
    if not target.parent.is_dir():
        raise InputError(f"folder {target.parent} does not exist; make it or choose another")
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.replace(target)
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}; choose another") from None
    finally:
        temporary.unlink(missing_ok=True)
    return target


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
