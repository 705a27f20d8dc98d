"""Families of layouts; each is a module of its own name, imported when first asked for."""

from __future__ import annotations

import importlib

from ...errors import GeometryError
from .base import Family

NAMES = (
    "strip",
    "bowtie",
    "blade",
    "bent",
    "meander",
    "folded",
    "end_loaded",
    "fan",
    "profile",
)


def family(name: object) -> Family:
    """The family of that name; :class:`GeometryError` lists those that exist."""
    if name not in NAMES:
        raise GeometryError(f"family {name!r} is not known; families: {', '.join(NAMES)}, free")
    found = importlib.import_module(f".{name}", __name__).FAMILY
    assert isinstance(found, Family)
    return found
