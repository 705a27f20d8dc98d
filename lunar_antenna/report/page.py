"""Pieces of a page: figures as data URIs, tables, sections."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..plotting.save import figure_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_RAISED = str.maketrans(
    "-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)
_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure inside the page.

    live: the name by which the page's script knows it, which then draws in its place and says
    ``live_caption``.  uri: empty where it is drawn by the script alone.
    """

    uri: str
    caption: str
    live: str = ""
    live_caption: str = ""

    @classmethod
    def of(
        cls, figure: Figure, caption: str, kind: str = "svg", live: str = "", told: str = ""
    ) -> Picture:
        """``kind`` "svg" for lines, "png" for surfaces with thousands of faces."""
        data = base64.b64encode(figure_bytes(figure, kind)).decode()
        return cls(f"data:{_TYPES[kind]};base64,{data}", caption, live, told)


@dataclass(frozen=True, slots=True)
class Table:
    rows: Sequence[tuple[str, ...]]
    head: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: str
    text: str = ""
    figures: list[Picture] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    side_by_side: bool = False
    controls: bool = False  # of the page's script, before the figures


def number(value: Any, unit: str = "", digits: int = 3) -> str:
    """A number for reading; "none" where there is none."""
    if value is None:
        return "none"
    return f"{value:.{digits}g} {unit}".strip().replace("-", "\N{MINUS SIGN}")


def small(share: float) -> str:
    """A share as a percentage, below 0.01 % as a power of ten: never a rounded-off zero."""
    if share == 0.0 or abs(share) >= 1e-4:
        return percent(share, 2)
    mantissa, exponent = f"{share:.1e}".split("e")
    return f"{mantissa}\u00b710{str(int(exponent)).translate(_RAISED)}"


def percent(share: float, digits: int = 1) -> str:
    """A share as a percentage."""
    return f"{100.0 * share:.{digits}f} %"
