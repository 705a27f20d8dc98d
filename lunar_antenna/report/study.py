"""A finished study and the design that won: one self-contained HTML page, and its figures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..common.files import write_text
from ..conventions import JsonDict
from ..errors import InputError
from ..plotting.optimize import readable
from ..plotting.s11 import plot_s11
from ..plotting.save import save_figure
from .page import Picture, Section, Table, number, small
from .report import filled
from .report import live as live_data
from .sections.antenna import antenna_section
from .sections.circuit import circuit_section
from .sections.efficiency import efficiency_section
from .sections.origin import origin_section
from .sections.pattern import pattern_section
from .sections.trust import trust_section
from .study_figures import at_load, design_figures, reference, study_figures

if TYPE_CHECKING:
    from ..search.output.record import StudyRecord
    from ..solution import Solution
    from .emulated import Table as Varied

PAGE_NAME = "report.html"
_SHARES = ("sky", "ground", "metal", "film")


def study_report(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str] = PAGE_NAME,
    solution: Solution | None = None,
    table: Varied | None = None,
) -> Path:
    """Write the page of the study in ``folder``; ``solution`` is read from it where not given.

    table: of soils and heights, for which the page then has sliders.
    Raises :class:`InputError` for a folder without a finished study or a name that is not .html.
    """
    from ..search.output.record import StudyRecord

    target = Path(out)
    if target.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{target.name}: a report ends in .html; rename it")
    record = StudyRecord.load(folder)
    if solution is None:
        solution = best_solution(folder)
    return write_text(target, study_page(record, solution, table))


def best_solution(folder: str | os.PathLike[str]) -> Solution | None:
    """The solution of the design that won, as the folder of a study holds it."""
    from ..search.output.record import SOLUTION
    from ..solution import load

    path = Path(folder) / SOLUTION
    return load(path) if path.is_file() else None


def write_study(folder: str | os.PathLike[str], solution: Solution | None = None) -> None:
    """Figures and page of the study in ``folder``; ``solution``: of its design, or None."""
    from ..search.output.record import StudyRecord

    folder = Path(folder)
    record = StudyRecord.load(folder)
    for name, figure in study_figures(record).items():
        save_figure(figure, folder / name)
    if solution is not None:
        for name, figure in design_figures(record, solution).items():
            save_figure(figure, folder / name)
    study_report(folder, folder / PAGE_NAME, solution)


def study_page(record: StudyRecord, solution: Solution | None, table: Varied | None = None) -> str:
    """The page as HTML text; without a solution it ends after the search."""
    live = None
    best = record.document["best"]
    sections = [_search(record), _design(record), _stages(record)]
    if record.document["front"]:
        sections.append(_front(record))
    if solution is not None and best is not None:
        z0 = reference(record)
        sections += [
            antenna_section(solution),
            _at_port(record, solution, z0),
            efficiency_section(solution, z0, 1),
            pattern_section(solution, z0, 1),
            trust_section(solution),
            origin_section(solution),
        ]
        live = live_data(solution, z0, table=table)
    document = record.document
    return filled(
        title=f"Search on {document['soil']}",
        subtitle=(
            f"{document['trials']} trials by {document['sampler']}, solver {document['solver']}, "
            f"mesh of the search {document['accuracy']}"
        ),
        facts=_facts(record),
        warnings=list(document["notes"]),
        sections=[section for section in sections if section is not None],
        live=live,
    )


def _facts(record: StudyRecord) -> list[tuple[str, str]]:
    best = record.document["best"]
    found = [("feasible designs", f"{int(record.feasible.sum())} of {record.number.size}")]
    if best is None:
        return found
    found += [
        (readable(label), number(value, digits=4))
        for label, value in zip(record.labels, best["objectives"], strict=False)
    ]
    if best["band_mhz"] is not None:
        low, high = best["band_mhz"]
        found.append(("band of the design", f"{low:.2f} to {high:.2f} MHz"))
    found.append(("reference impedance", number(best["z0"], "Ω", 4)))
    return found


def _search(record: StudyRecord) -> Section:
    captions = {
        "history.png": "Every trial; the line is the best feasible value so far",
        "parallel.png": "Parallel coordinates of the feasible designs",
        "pareto.png": "The Pareto front as the search found it",
    }
    figures = [Picture.of(figure, captions[name]) for name, figure in study_figures(record).items()]
    return Section("search", "Search", figures=figures)


def _named(record: StudyRecord, name: str) -> str:
    """A variable with its unit."""
    unit = record.document.get("units", {}).get(name, "")
    return name if unit in ("", "1") else f"{name} ({unit})"


def _design(record: StudyRecord) -> Section | None:
    best = record.document["best"]
    if best is None:
        return None
    rows = [(_named(record, name), f"{value:.6g}") for name, value in best["parameters"].items()]
    rows += [(readable(name), number(value, digits=5)) for name, value in best["merits"].items()]
    if "turns" in best:
        rows.append(("turns, antenna : load", number(best["turns"], digits=4)))
    rows += [
        (f"network {index}, {item['element']}", number(item["value"], item["unit"], 4))
        for index, item in enumerate(best.get("network", ()), start=1)
    ]
    text = f"Trial {best['trial']}." if best["feasible"] else "A constraint is violated."
    return Section("design", "The design", text, tables=[Table(rows)])


def _stages(record: StudyRecord) -> Section | None:
    stages = record.document["stages"]
    if not stages:
        return None
    head = ("Stage", "trial", "solver", "mesh", "score", "band", *_SHARES, "z error")
    rows = [_stage(item) for item in stages]
    shares = (
        "How each stage judged. Sky, ground, metal and film are mean shares of the accepted "
        "power inside the design's band."
    )
    return Section("stages", "Coarse to fine", shares, tables=[Table(rows, head)])


def _stage(item: JsonDict) -> tuple[str, ...]:
    band = item["band_mhz"]
    return (
        item["stage"],
        str(item["trial"]),
        item["solver"],
        f"{item['accuracy']}, {item['points']} points",
        number(item["score"], digits=4),
        "none" if band is None else f"{band[0]:.2f} to {band[1]:.2f} MHz",
        *(small(item[name]) if name in item else "" for name in _SHARES),
        small(item["z_error"]) if "z_error" in item else "",
    )


def _front(record: StudyRecord) -> Section:
    front: list[JsonDict] = record.document["front"]
    names = list(front[0]["parameters"])
    rows: list[tuple[str, ...]] = [
        (
            str(item["trial"]),
            *(number(value, digits=4) for value in item["objectives"]),
            *(f"{item['parameters'][name]:.4g}" for name in names),
        )
        for item in front
    ]
    head = (
        "Trial",
        *(readable(label) for label in record.labels),
        *(_named(record, name) for name in names),
    )
    text = (
        "Designs that no other one beats in every objective, as the last stage that solved them "
        "judged them."
    )
    return Section("front", "Front", text, tables=[Table(rows, head)])


def _at_port(record: StudyRecord, solution: Solution, z0: float) -> Section:
    """Reflection at the design's own reference; behind its network where it has one."""
    section = circuit_section(solution, z0, 1)
    seen: Any = at_load(record, solution)
    if seen is not solution:
        picture = Picture.of(plot_s11(seen, z0), "Reflection that the load sees, with the network")
        section.figures.insert(0, picture)
    return section
