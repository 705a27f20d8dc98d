"""``lunar-antenna warmup``: compile the planar solver now instead of at its first use."""

from __future__ import annotations

from .. import options
from ..output import Answer
from ..progress import progress_bar
from .base import Verb

HELP = """Compile the planar solver now instead of at its first use.

\b
Example:
  lunar-antenna warmup
"""


def warmup(as_json: options.Json = False) -> Answer:
    """See :data:`HELP`."""
    del as_json
    from ...solvers.planar.warmup import warmup as compile_all

    with progress_bar("warmup") as progress:
        seconds = compile_all(progress)
    return Answer({"solver": "planar", "seconds": seconds}, f"planar solver ready, {seconds:.1f} s")


VERB = Verb("warmup", HELP, warmup)
