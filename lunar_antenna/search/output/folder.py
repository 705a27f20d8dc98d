"""The folder of a finished study: tables, drawings and figures of the design that won.

    best.toml       the design, as ``solve`` reads it     best.svg, best.dxf   its drawing
    best.h5         its full solution                     history.csv          every trial
    pareto.csv      the front, with several objectives    study.json           the document
    history.png     parallel.png     pareto.png           the search
    best_layout.png best_s11.png best_efficiency.png best_pattern.png          the design
    report.html     all of it on one page (``lunar-antenna report DIR`` makes it again)

best.toml says in [source.optimised] how the design was found: trial, merits, soil and height (of
a robust study the nominal ones, with the names of all scenarios), z0 and network, efficiency
and threshold of the band; stage, accuracy and points are of the last stage that judged it; layer
holds a soil that is not shipped.

Each file is replaced only by a complete one.  While a study runs, best.toml and history.csv alone
are refreshed; an interrupted one leaves these and its database.
"""

from __future__ import annotations

import contextlib
import csv
import io
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...common.display import study_pages
from ...common.files import write_json, write_text
from ...conventions import JsonDict
from ...errors import LunarAntennaError, MissingEngineError, one_line
from ...geometry.units import units_of
from ..port import Z0
from ..study.evaluate import HEIGHT
from ..study.front import front_of
from ..study.trials import Trial
from .best import BEST, best_toml
from .record import DOCUMENT, FIXED, HISTORY, SOLUTION
from .result import OptimizationResult

if TYPE_CHECKING:
    from ...solution import Solution

DATABASE, PARETO, DRAWINGS = "study.db", "pareto.csv", ("best.svg", "best.dxf")
_HOW = ("stage", "solver", "accuracy", "points")  # of the numbers in a row of the front
_log = logging.getLogger(__name__)


def write_progress(result: OptimizationResult, folder: Path) -> None:
    """``best.toml`` (once there is a best) and ``history.csv``, each replaced atomically."""
    write_text(folder / HISTORY, history(result))
    found = result.winner
    if found is not None and found.evaluation is not None and found.evaluation.reason is None:
        write_text(folder / BEST, best_toml(result))


def write_all(result: OptimizationResult, folder: Path, *, figures: bool = True) -> None:
    """Everything but best.toml, which is there; a figure that fails is a warning in the log."""
    write_json(folder / DOCUMENT, _document(result))
    write_text(folder / HISTORY, history(result))
    if result.front:
        write_text(folder / PARETO, pareto(result))
    winner = result.winner
    if winner is None or winner.evaluation is None or winner.evaluation.reason is not None:
        return
    _draw(result, folder)
    if not figures:
        return
    try:
        solution = solved(result)
        solution.save(folder / SOLUTION)
    except LunarAntennaError as error:  # the study is complete without it
        _log.warning("%s is not written: %s", SOLUTION, one_line(error))
        solution = None
    study_pages(folder, solution)


def solved(result: OptimizationResult) -> Solution:
    """The chosen design as the last stage of its own solver meshed it."""
    from ...solvers.registry import solve

    own, judged = result.evaluator, result.judged
    accuracy = own.accuracy if judged is None else judged.accuracy
    return solve(own.problem(result.best.parameters), own.solver, accuracy=accuracy)


def _draw(result: OptimizationResult, folder: Path) -> None:
    from ...geometry.drawings.files import export_layout

    for name in DRAWINGS:
        with contextlib.suppress(MissingEngineError):  # DXF needs an extra; doctor says so
            export_layout(result.layout, folder / name, notes=True)


def _document(result: OptimizationResult) -> JsonDict:
    goals = result.evaluator.goals.objectives
    maximise = tuple(item.maximise for item in goals)
    front = front_of(result.trials, maximise) if len(goals) > 1 else []
    return {
        **result.to_dict(),
        "units": _units(result),
        "objectives": [{"label": item.label, "maximise": item.maximise} for item in goals],
        "front_of_search": [trial.number for trial in front],
        "soil": result.evaluator.stack.name,
        "height": result.evaluator.height,
        "surroundings": list(result.scenarios),
    }


def _units(result: OptimizationResult) -> dict[str, str]:
    """Units of whatever a study can search, by name."""
    network = {
        f"network.{index}": item.unit
        for index, item in enumerate(result.evaluator.port.network, start=1)
    }
    layout = {} if result.winner is None else units_of(result.layout)
    return {**layout, HEIGHT: "m", Z0: "ohm", **network}


def history(result: OptimizationResult) -> str:
    """All finished trials as CSV: stage that judged each, score, objectives, parameters in SI."""
    labels = [item.label for item in result.evaluator.goals.objectives]
    names = sorted({name for trial in result.trials for name in trial.parameters} - {Z0})
    rows: list[tuple[Any, ...]] = [(*FIXED[:5], *labels, *FIXED[5:], *names)]
    for trial in result.trials:
        found = trial.evaluation
        values = found.objectives if found and found.objectives else (None,) * len(labels)
        own = [trial.parameters.get(name) for name in names]
        stage = "screen" if trial.number < result.screened else "search"
        rows.append((trial.number, stage, *_judged(trial), *values, *_reached(trial), *own))
    return _csv(rows)


def _judged(trial: Trial) -> tuple[Any, ...]:
    found = trial.evaluation
    if found is None:
        return None, None, None
    return found.score, int(found.feasible), found.violation


def _reached(trial: Trial) -> tuple[Any, ...]:
    found = trial.evaluation
    seconds, reason = f"{trial.seconds:.4f}", trial.failed
    if found is None:
        return None, None, None, None, seconds, reason
    low, high = (None, None) if found.band is None else (edge / 1e6 for edge in found.band)
    return low, high, found.lowest, found.z0, seconds, reason or found.reason


def pareto(result: OptimizationResult) -> str:
    """The front as CSV, as the last stage that solved it judged it, best first objective first.

    Stage, solver, accuracy and number of frequencies stand in each row: designs that only the
    search judged stand beside others that a finer mesh judged, and their numbers are not alike.
    """
    goals = result.evaluator.goals
    labels = [item.label for item in goals.objectives]
    others = [item.merit.label for item in goals.constraints]
    others = [label for label in others if label not in labels]
    names = sorted({name for trial in result.front for name in trial.parameters} - {Z0})
    rows: list[tuple[Any, ...]] = [("trial", *_HOW, *labels, *others, Z0, *names)]
    for trial, by in zip(result.front, result.judged_front, strict=True):
        found = trial.evaluation
        assert found is not None
        merits = [found.merits.get(label) for label in others]
        values = [trial.parameters.get(name) for name in names]
        how = [getattr(by, name) for name in _HOW]
        rows.append((trial.number, *how, *found.objectives, *merits, found.z0, *values))
    return _csv(rows)


def _csv(rows: list[tuple[Any, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
