"""Pictures, pages and further frequencies of a result, reached by name.

Figures, pages and solvers import the results they show or make; a result knows only that it can
be shown, or solved at one frequency more.  The
one place that knows both is the table below: what is wanted, and the function that makes it,
imported when it is first asked for.  Nothing else in the package may import by name.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

_MAKERS = {
    "picture": ("plotting.notebook", "picture"),
    "figure": ("plotting.front", "draw"),
    "again": ("solvers.again", "solve_again"),
    "study pages": ("report.study", "write_study"),
}


def picture(thing: object) -> bytes:
    """PNG bytes of what ``thing`` shows of itself in a notebook (``_repr_png_``)."""
    made: bytes = _maker("picture")(thing)
    return made


def figure(kind: str, thing: object, **options: Any) -> Any:
    """The matplotlib figure ``kind`` of a solution, which shows itself in a notebook."""
    return _maker("figure")(kind, thing, **options)


def again(solution: Any, frequency: float) -> Any:
    """``solution`` with ``frequency`` (Hz) among its solved ones, by the solver it is from."""
    return _maker("again")(solution, frequency)


def study_pages(folder: str | os.PathLike[str], solution: object | None = None) -> None:
    """Write figures and page of the finished study in ``folder``.

    solution: of the design that won; None leaves out the figures that need it.
    """
    _maker("study pages")(folder, solution)


def _maker(wanted: str) -> Any:
    module, name = _MAKERS[wanted]
    package = __name__.split(".", 1)[0]
    return getattr(importlib.import_module(f"{package}.{module}"), name)
