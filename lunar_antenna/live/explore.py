"""``la.explore``: the workbench, where one is."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import Any

from ..geometry.layout import Layout
from ..media.layer import Stack
from .server import Server
from .session import Session
from .state import Bench


def explore(
    geometry: str | os.PathLike[str] | Layout,
    soil: str | os.PathLike[str] | Stack | None = None,
    height: float = 0.0,
    z0: float = 100.0,
) -> Any:
    """Steer a design: sliders for its numbers, soil, height, z0 and network; all figures follow.

    geometry: a name, a path or a Layout.  soil: a name, a path or a Stack; None is free space.
    height: m.  z0: ohm.

    In a notebook a widget (extra ``live``); elsewhere the address of the workbench, which opens in
    the browser and is served until the program ends.  Raises :class:`InputError` for what cannot be
    read, :class:`MissingEngineError` in a notebook without anywidget.
    """
    session = Session(Bench.open(geometry, soil, height, z0))
    if in_notebook():
        from .widget import widget

        return widget(session)
    server = Server(session)
    server.in_background()
    webbrowser.open(server.url)
    return server.url


def in_notebook() -> bool:
    """True under a Jupyter kernel."""
    shell = sys.modules.get("IPython")
    found = shell.get_ipython() if shell is not None else None
    return found is not None and hasattr(found, "kernel")
