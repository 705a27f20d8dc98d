"""``lunar-antenna doctor``: what is installed, what is missing and how to get it."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import asdict
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from ...common.registry import Registry
from ...errors import MissingEngineError
from ...version import __version__
from .. import options
from ..output import Answer, table
from .base import Verb

HELP = """Check the installation: libraries, engines, shipped data.

Exits 4 where something needed is missing; an optional engine that is absent is only said, and so
is what other packages add and cannot be used.

\b
Example:
  lunar-antenna doctor
  lunar-antenna doctor --json
"""

# distribution: module, and whether the package works without it
_LIBRARIES = {
    "numpy": ("numpy", True),
    "scipy": ("scipy", True),
    "scikit-rf": ("skrf", True),
    "matplotlib": ("matplotlib", True),
    "h5py": ("h5py", True),
    "shapely": ("shapely", True),
    "numba": ("numba", True),
    "optuna": ("optuna", True),
    "cmaes": ("cmaes", True),
    "tomli-w": ("tomli_w", True),
    "psutil": ("psutil", True),
    "jinja2": ("jinja2", True),
    "ezdxf": ("ezdxf", False),
}
_DATA = (
    ("geometries", ".toml"),
    ("soil_models", ".toml"),
    ("measurements", ".s1p"),
    ("arrays", ".toml"),
)


def doctor(as_json: options.Json = False) -> Answer:
    """See :data:`HELP`."""
    del as_json
    _stand_somewhere()
    libraries = [_library(name, module, need) for name, (module, need) in _LIBRARIES.items()]
    engines = _engines()
    data = _data()
    extensions = _extensions()
    every = (*libraries, *engines, *data, *extensions)
    healthy = all(item["ok"] for item in every if item["needed"])
    document = {
        "version": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "healthy": healthy,
        "libraries": libraries,
        "engines": engines,
        "data": data,
        "extensions": extensions,
    }
    rows: list[tuple[str, ...]] = [("what", "state", "detail")]
    for item in every:
        absent = "unusable" if item in extensions else "absent"
        state = "ok" if item["ok"] else ("MISSING" if item["needed"] else absent)
        state = "SLOW" if item.get("slow") else state
        rows.append((item["name"], state, item["detail"]))
    verdict = "healthy" if healthy else "something needed is missing: see the lines above"
    if healthy and any(item.get("slow") for item in engines):
        verdict = "healthy, but slower than it could be: see the lines above"
    head = f"lunar-antenna {__version__}, Python {platform.python_version()}"
    return Answer(document, f"{head}\n{table(rows)}\n{verdict}", exit_code=0 if healthy else 4)


def _stand_somewhere() -> None:
    """Libraries ask where they stand when they are imported: not in a folder that is gone."""
    try:
        Path.cwd()
    except FileNotFoundError:
        os.chdir("/")


def _library(name: str, module: str, needed: bool) -> dict[str, Any]:
    try:
        import_module(module)
        return {"name": name, "needed": needed, "ok": True, "detail": metadata.version(name)}
    except Exception as error:  # a broken library is what doctor is here to find
        detail = f"{type(error).__name__}: {error}; pip install {name}"
        return {"name": name, "needed": needed, "ok": False, "detail": " ".join(detail.split())}


def _engines() -> list[dict[str, Any]]:
    """The solvers, fastest first."""
    from ...solvers.registry import entries

    found = []
    for entry in entries():
        slowed = None
        try:
            solver = entry.make()
            absent = solver.missing()
            slowed = solver.slowed() if absent is None else None
        except MissingEngineError as error:
            absent = str(error)
        found.append(
            {
                "name": f"solver {entry.name}",
                "needed": not entry.capabilities.optional,
                "ok": absent is None,
                "slow": slowed is not None,
                "detail": absent or slowed or entry.capabilities.description,
                "capabilities": asdict(entry.capabilities),
            }
        )
    return found


def _data() -> list[dict[str, Any]]:
    from ...common import catalogue

    result = []
    for kind, suffix in _DATA:
        count = len(catalogue.names(kind, suffix))
        detail = f"{count} in {catalogue.folder(kind)}"
        result.append({"name": kind, "needed": True, "ok": count > 0, "detail": detail})
    return result


def _extensions() -> list[dict[str, Any]]:
    """What other packages add by entry points, usable or not."""
    from ...exports.registry import FORMATS
    from ...geometry.families import FAMILIES
    from ...geometry.modifiers import MODIFIERS
    from ...media.soils import SOILS
    from ...search.merits import MERITS
    from ...solvers.registry import SOLVERS
    from . import VERBS

    every: tuple[Registry[Any], ...] = (
        *(SOILS, FAMILIES, MODIFIERS, MERITS),
        *(FORMATS, SOLVERS, VERBS),
    )
    return [
        {
            "name": f"{kind.thing} {entry.name}",
            "needed": False,
            "ok": wrong is None,
            "detail": wrong or f"{entry.package} {entry.version}",
        }
        for kind in every
        for entry, wrong in kind.outside()
    ]


VERB = Verb("doctor", HELP, doctor)
