"""Solutions of earlier runs, so that a repeated problem costs nothing.

A solution is found again only by the very sources that made it: the digest of all that an answer
depends on is part of its key.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from functools import lru_cache
from pathlib import Path, PurePosixPath

from ....common.sources import digest
from ....errors import LunarAntennaError
from ....problem import Problem
from ....solution import Solution
from ....version import __version__

# Everything that this solver imports, apart from what is read back from a file (store).
SOURCES = (
    "conventions.py", "errors.py", "common", "media", "geometry/faces.py", "geometry/layout.py",
    "geometry/relief.py", "geometry/relief_range.py", "geometry/ribbon.py", "problem.py",
    "radiation.py", "solution.py", "solution_parts.py", "soundness.py", "solvers/protocol.py",
    "solvers/film_wave.py", "solvers/gains.py", "solvers/openems", "solvers/thickness.py",
)  # fmt: skip
log = logging.getLogger(__name__)


def folder() -> Path:
    """XDG_CACHE_HOME (or ~/.cache)/lunar-antenna/openems."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "lunar-antenna" / "openems"


@lru_cache(maxsize=1)
def recipe() -> str:
    """Digest of :data:`SOURCES` as this process found them."""
    return digest(depends_on)


def depends_on(path: PurePosixPath) -> bool:
    """Whether a solution may depend on the source at ``path`` inside the package."""
    return any(path.is_relative_to(part) for part in SOURCES)


def key(problem: Problem, accuracy: str, engine: str) -> str:
    """SHA-256 of everything that the result depends on."""
    text = "\n".join((problem.digest, accuracy, engine, __version__, recipe()))
    return hashlib.sha256(text.encode()).hexdigest()


def fetch(name: str) -> Solution | None:
    """The stored solution, None where there is none or it cannot be read."""
    path = folder() / f"{name}.h5"
    if not path.exists():
        return None
    from ....solution import load

    try:
        return load(path)
    except (LunarAntennaError, OSError, KeyError, ValueError) as error:
        log.warning("cached openEMS result %s cannot be read (%s); solving again", path, error)
        with contextlib.suppress(OSError):
            path.unlink()
        return None


def keep(name: str, solution: Solution) -> None:
    """Stores ``solution``; a cache that cannot be written costs a warning only."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
        solution.save(folder() / f"{name}.h5")
    except (OSError, LunarAntennaError) as error:
        log.warning("openEMS result not cached in %s: %s", folder(), error)
