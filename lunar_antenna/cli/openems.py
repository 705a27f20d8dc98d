"""The options of ``solve`` that only openEMS has: a dry run, and keeping its run directories."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .output import Answer, figure_out, say, write_out

if TYPE_CHECKING:
    from ..problem import Problem
    from ..solution import Solution
    from ..solvers.openems.preview import Preview
    from ..solvers.protocol import Progress

KEPT = "openems_runs"  # folder of kept runs, in the working directory, unless the environment says


def check_options(
    solver: str, dry_run: bool, keep: bool, plot: Path | None, out: Path | None
) -> None:
    """Refuse combinations that mean nothing."""
    for option, given in (("--dry-run", dry_run), ("--keep", keep)):
        if given and solver != "openems":
            raise InputError(
                f"{option} given with --solver {solver}; only openems has it: "
                "add --solver openems or leave it out"
            )
    if plot is not None and not dry_run:
        raise InputError(
            f"--plot {plot} draws the mesh of a dry run; add --solver openems --dry-run"
        )
    if dry_run and keep:
        raise InputError("--keep given with --dry-run, which runs nothing; leave one of them out")
    if dry_run and out is not None:
        raise InputError(
            f"--out {out} given with --dry-run, which solves nothing; leave one of them out"
        )


def dry_run(problem: Problem, accuracy: str, plot: Path | None) -> Answer:
    """Mesh and cost; needs no engine and runs nothing."""
    from ..solvers.openems.preview import preview
    from ..solvers.openems.solver import OpenEmsSolver

    result = preview(problem, accuracy)
    absent = OpenEmsSolver().missing()
    if absent is not None:
        say(f"note: {absent}")
    failed = 0 if plot is None else write_out(figure_out(result.figure, plot))
    document = _document(result, problem, accuracy)
    document["installed"] = absent is None
    document["plot"] = None if plot is None else str(plot)
    head = f"dry run of {problem.layout.name} over {problem.stack.name}, accuracy {accuracy}"
    return Answer(document, "\n".join((head, *result.lines())), exit_code=failed)


def _document(result: Preview, problem: Problem, accuracy: str) -> dict[str, Any]:
    import numpy as np

    grid, cost = result.scene.grid, result.cost
    spacings = np.concatenate([np.diff(lines) for lines in (grid.x, grid.y, grid.z)])
    return {
        "solver": "openems",
        "dry_run": True,
        "layout": problem.layout.name,
        "soil": problem.stack.name,
        "accuracy": accuracy,
        "mesh": {
            "shape": list(grid.shape),
            "cells": grid.cells,
            "copies": grid.symmetry.copies,
            "smallest": float(spacings.min()),
            "largest": float(spacings.max()),
            "ratio": grid.ratio,
        },
        "models": [
            {
                "ports": model.part.ports,
                "cells": model.scene.grid.cells,
                "copies": model.scene.grid.symmetry.copies,
            }
            for model in result.plan.models
        ],
        "estimate": {
            "runs": cost.runs,
            "steps": cost.steps,
            "seconds": cost.seconds,
            "memory_bytes": cost.memory,
            "recorded_bytes": cost.dump_bytes,
        },
        "z_error_run": None
        if result.coarse is None
        else {"cells": result.coarse.cells, "seconds": result.coarse.seconds},
        "refusal": result.refusal,
    }


def solve_and_keep(problem: Problem, accuracy: str, progress: Progress) -> Solution:
    """Solve without the cache; the run directories stay and are named, also after a failure."""
    from ..solvers.openems.solver import KEEP, OpenEmsSolver
    from ..solvers.registry import solve

    folder = Path(os.environ.get(KEEP) or KEPT)
    before = set(folder.glob(f"run-{os.getpid()}-*"))
    try:
        return solve(problem, OpenEmsSolver(keep=folder), accuracy=accuracy, progress=progress)
    finally:
        # run directories carry the number of their process: others may share the folder
        for path in sorted(set(folder.glob(f"run-{os.getpid()}-*")) - before):
            say(f"kept: {path.resolve()}")
