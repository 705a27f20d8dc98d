"""Figures, each drawn on a canvas of its own that needs no screen."""

from __future__ import annotations

import importlib.util
import os
import sys


def _drop_foreign_backend() -> None:
    """Forget a MPLBACKEND that stops the import of matplotlib; no figure here needs one.

    A process started from Jupyter inherits the module of the kernel's own environment.
    """
    name = os.environ.get("MPLBACKEND", "")
    if not name or "matplotlib" in sys.modules:
        return
    try:
        if name.startswith("module://"):
            found = importlib.util.find_spec(name.removeprefix("module://")) is not None
        else:
            import matplotlib  # noqa: F401

            found = True
    except (ValueError, ImportError):
        found = False
    if not found:
        del os.environ["MPLBACKEND"]
        for module in [item for item in sys.modules if item.split(".")[0] == "matplotlib"]:
            del sys.modules[module]  # what a failed import leaves behind spoils the next


_drop_foreign_backend()
