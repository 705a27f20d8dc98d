"""Solutions of earlier runs, so that a repeated problem costs nothing."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from pathlib import Path

from ....errors import LunarAntennaError
from ....problem import Problem
from ....solution import Solution
from ....version import __version__

RECIPE = "15"  # raise when mesh, materials or evaluation change
log = logging.getLogger(__name__)


def folder() -> Path:
    """XDG_CACHE_HOME (or ~/.cache)/lunar-antenna/openems."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "lunar-antenna" / "openems"


def key(problem: Problem, accuracy: str, engine: str) -> str:
    """SHA-256 of everything that the result depends on."""
    text = "\n".join((problem.digest, accuracy, engine, __version__, RECIPE))
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
