"""A free-form study from its file to its folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ...common.files import make_folder
from ...common.lock import only_one
from ...errors import InputError
from ..output.folder import write_all, write_progress
from ..output.result import OptimizationResult
from .run import STATE, FreeformStudy
from .settings import load_freeform

if TYPE_CHECKING:
    from ...solvers.protocol import Progress


def optimize_freeform(
    path: Path,
    *,
    out: Path | None = None,
    seed: int | None = None,
    rounds: int | None = None,
    fine: bool | None = None,
    polish: int | None = None,
    confirm: str | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    figures: bool = True,
) -> OptimizationResult:
    """Search metal of any shape: see :mod:`.settings` for the file, :mod:`.run` for the way.

    out receives best.toml and all that a study's folder holds; ``freeform.json`` in it is what
    ``resume`` goes on from.  Ctrl-C keeps the rounds that are done.
    """
    settings = load_freeform(path).changed(
        seed=seed, rounds=rounds, fine=fine, polish=polish, confirm=confirm
    )
    settings.check_confirm()

    def say(fraction: float, message: str) -> None:
        if progress is not None:
            progress(fraction, message)

    if out is None:
        return FreeformStudy(settings, None, say).run(resume=False)
    make_folder(out)
    with only_one(out / f"{STATE}.lock", f"the study {out}"):
        result = FreeformStudy(settings, out, say).run(resume=resume)
        write_progress(result, out)
        if not result.interrupted:
            write_all(result, out, figures=figures)
    return result


def refuse_options(given: Mapping[str, object]) -> None:
    """:class:`InputError` for options that a free-form study does not take."""
    used = [name for name, value in given.items() if value is not None]
    if used:
        raise InputError(
            f"a free-form study takes no {', '.join(used)}; write it into the file, and give "
            "trials (of rounds), seed, polish, fine, confirm, resume and out alone"
        )
