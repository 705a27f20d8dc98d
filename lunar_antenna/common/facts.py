"""Results show themselves as a few facts: one line of text, or a table in a notebook.

A result says what it is in :meth:`Facts.facts`, pairs of name and value as text, and gets its
``repr`` and its HTML from here.  One that has a picture as well is :class:`Pictured`.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from .display import picture

Rows = Sequence[tuple[str, str]]


class Facts:
    """Mixin of a result without a picture."""

    __slots__ = ()

    def facts(self) -> Rows:
        """(name, value) of what a reader asks first."""
        raise NotImplementedError

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {value}".strip() for name, value in self.facts())
        return f"<{type(self).__name__}: {told}>"

    def _repr_html_(self) -> str:
        return table(type(self).__name__, self.facts())


class Pictured(Facts):
    """Mixin of a result that :mod:`.display` can draw: picture and facts."""

    __slots__ = ()

    def _repr_png_(self) -> bytes:
        return picture(self)

    def _repr_html_(self) -> str:
        return _framed(self, picture(self))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """All forms at once, so that a notebook has the picture drawn once."""
        drawn = picture(self)
        return {"text/plain": repr(self), "text/html": _framed(self, drawn), "image/png": drawn}


class Summary(Facts):
    """Facts on their own, as a result's ``summary()`` gives them; ``str`` has a line for each."""

    __slots__ = ("rows", "title")

    def __init__(self, title: str, rows: Rows) -> None:
        self.title, self.rows = title, tuple(rows)

    def facts(self) -> Rows:
        return self.rows

    def __repr__(self) -> str:
        width = max((len(name) for name, _ in self.rows), default=0)
        lines = (f"  {name:<{width}}  {value}" for name, value in self.rows)
        return "\n".join((self.title, *lines))

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return table(self.title, self.rows)


def table(title: str, rows: Rows) -> str:
    """A small HTML table under ``title``."""
    body = "".join(
        f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
        f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
        for name, value in rows
    )
    return f"<table><caption>{html.escape(title)}</caption><tbody>{body}</tbody></table>"


def _framed(thing: Facts, drawn: bytes) -> str:
    data = base64.b64encode(drawn).decode()
    title = html.escape(type(thing).__name__)
    return (
        f"<img alt='{title}' style='max-width:100%' src='data:image/png;base64,{data}'>"
        f"{table(title, thing.facts())}"
    )


def megahertz(frequency: Any) -> str:
    """Both ends and number of frequencies (n,) Hz."""
    values = np.atleast_1d(np.asarray(frequency, dtype=float)) / 1e6
    if values.size == 1:
        return f"{values[0]:.6g} MHz"
    return f"{values[0]:.6g}-{values[-1]:.6g} MHz, {values.size} frequencies"


def spread(values: Any, unit: str = "", scale: float = 1.0) -> str:
    """Lowest and highest of ``values``, three digits."""
    found = np.asarray(values, dtype=float) * scale
    low, high = float(np.min(found)), float(np.max(found))
    text = f"{low:.3g}" if f"{low:.3g}" == f"{high:.3g}" else f"{low:.3g} to {high:.3g}"
    return f"{text} {unit}".strip()
