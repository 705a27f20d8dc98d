"""The workbench's own script and style; the figures are those of :mod:`...report.script`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ...report.script import DRAWING
from ...report.script import script as drawing
from ...report.script import style as figures

_HERE = Path(__file__).parent


@cache
def script() -> str:
    """Everything that ``LA.workbench(root, ask)`` needs."""
    return drawing(*DRAWING) + "\n" + (_HERE / "workbench.js").read_text(encoding="utf-8")


@cache
def style() -> str:
    return figures() + (_HERE / "workbench.css").read_text(encoding="utf-8")
