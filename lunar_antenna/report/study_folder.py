"""Figures and page of a finished study, written into its folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..plotting.save import save_figure
from ..search.output.record import StudyRecord
from .study import study_report
from .study_figures import design_figures, study_figures

if TYPE_CHECKING:
    from ..solution import Solution

PAGE = "report.html"


def write_study(folder: str | os.PathLike[str], solution: Solution | None = None) -> None:
    """Figures and page of the study in ``folder``; ``solution``: of its design, or None."""
    folder = Path(folder)
    record = StudyRecord.load(folder)
    for name, figure in study_figures(record).items():
        save_figure(figure, folder / name)
    if solution is not None:
        for name, figure in design_figures(record, solution).items():
            save_figure(figure, folder / name)
    study_report(folder, folder / PAGE, solution)
