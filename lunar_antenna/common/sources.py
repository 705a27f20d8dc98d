"""Which sources a result was made by: a digest, in place of a number that somebody has to raise."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

PACKAGE = Path(__file__).resolve().parents[1]


def digest(concerns: Callable[[PurePosixPath], bool], package: Path = PACKAGE) -> str:
    """SHA-256 of the names and bytes of all sources of ``package`` that ``concerns`` is true of.

    concerns: asked with each path inside the package, such as ``media/layer.py``.
    """
    found = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        name = PurePosixPath(path.relative_to(package).as_posix())
        if concerns(name):
            found.update(str(name).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
