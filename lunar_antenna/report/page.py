"""Pieces of a page: figures as data URIs, tables, sections."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..plotting.save import figure_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure inside the page."""

    uri: str
    caption: str

    @classmethod
    def of(cls, figure: Figure, caption: str, kind: str = "svg") -> Picture:
        """``kind`` "svg" for lines, "png" for surfaces with thousands of faces."""
        data = base64.b64encode(figure_bytes(figure, kind)).decode()
        return cls(f"data:{_TYPES[kind]};base64,{data}", caption)


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


def number(value: Any, unit: str = "", digits: int = 3) -> str:
    """A number for reading; "none" where there is none."""
    if value is None:
        return "none"
    return f"{value:.{digits}g} {unit}".strip().replace("-", "\N{MINUS SIGN}")


def percent(share: float, digits: int = 1) -> str:
    """A share as a percentage."""
    return f"{100.0 * share:.{digits}f} %"
