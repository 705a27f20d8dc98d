"""The figures of pages and of the workbench, in plain JavaScript: drawn without any library.

draw.js what all share; chart.js lines and stacks; smith.js Smith chart and polar cuts; scene.js
surfaces that turn; controls.js sliders; model.js what is known of a solution; panels.js the figures
of one antenna; page.js the report.  Files are joined in this order and are no modules, so that one
text runs inside a page, behind a server and in a notebook.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

DRAWING = ("draw", "chart", "smith", "scene", "controls", "model", "panels")
_HERE = Path(__file__).parent


@cache
def script(*names: str) -> str:
    """The files of ``names`` (without .js) as one text, for the inside of a script element."""
    text = "\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in names)
    assert "</" not in text  # would end the element
    return text


@cache
def style() -> str:
    """The style sheet of the figures."""
    return (_HERE / "figures.css").read_text(encoding="utf-8")
