"""``lunar-antenna warmup``: compile the planar solver now instead of at its first use."""

from __future__ import annotations

import typer

from .. import options
from ..output import Answer
from ..progress import progress_bar

HELP = """Compile the planar solver now instead of at its first use.

\b
Example:
  lunar-antenna warmup
"""


def register(app: typer.Typer) -> None:
    """Add the verb to ``app``."""
    app.command("warmup", help=HELP)(warmup)


def warmup(as_json: options.Json = False) -> Answer:
    """See :data:`HELP`."""
    del as_json
    from ...solvers.planar.warmup import warmup as compile_all

    with progress_bar("warmup") as progress:
        seconds = compile_all(progress)
    return Answer({"solver": "planar", "seconds": seconds}, f"planar solver ready, {seconds:.1f} s")
