"""The page of a folder: a study, one that was interrupted, an inversion or a tolerance analysis."""

from __future__ import annotations

import base64
import csv
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.files import write_text
from ..common.tables import read_json
from ..conventions import JsonDict
from ..errors import FileFormatError, InputError
from ..plotting.optimize import plot_history
from ..search.output.record import DOCUMENT, FIXED, HISTORY, StudyRecord
from .page import Picture, Section, Table, number, small
from .report import filled
from .sections.antenna import material_rows, parameter_rows
from .study import study_report

if TYPE_CHECKING:
    from ..solution import Solution
    from .emulated import Table as Varied

INVERSION, TOLERANCE, BEST = "invert.json", "tolerance.json", "best.toml"
_LARGEST = 4_000_000  # bytes of a picture that is taken into a page
_BEST_ROWS = 10  # trials of an interrupted study
_BOTH = "\N{MINUS SIGN}/+"


def folder_report(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    solution: Solution | None = None,
    table: Varied | None = None,
) -> Path:
    """Write the page of what ``folder`` holds to ``out`` (.html).

    solution, table: of a finished study, as :func:`.study.study_report` takes them.
    Raises :class:`InputError` for a folder that no verb wrote.
    """
    place = Path(folder)
    if (place / DOCUMENT).is_file():
        return study_report(folder, out, solution, table)
    makers = {INVERSION: inversion_page, TOLERANCE: tolerance_page, HISTORY: interrupted_page}
    for name, make in makers.items():
        if (place / name).is_file():
            try:
                text = make(place)
            except (KeyError, TypeError, ValueError, IndexError) as error:
                raise FileFormatError(
                    f"{place / name} cannot be read ({type(error).__name__}: {error}); make it "
                    "again"
                ) from None
            return write_text(Path(out), text)
    raise InputError(
        f"{place} holds none of {DOCUMENT}, {', '.join(makers)}; give the --out of optimize, "
        "invert or tolerance"
    )


def inversion_page(folder: Path) -> str:
    """What was fitted, how well, and what the data cannot tell apart."""
    data: JsonDict = read_json(folder / INVERSION)
    rows: list[tuple[str, ...]] = []
    posterior = data["posterior"] or {}
    intervals = posterior.get("interval_90", {})
    for name, item in data["parameters"].items():
        unit = item["unit"]
        least, most = item["prior"]
        spread = intervals.get(name)
        rows.append(
            (
                name.replace("_", " "),
                number(item["value"], unit, 5),
                "not known" if item["sigma"] is None else number(item["sigma"], unit, 2),
                f"{least:g} to {most:g} {unit}".strip(),
                "" if spread is None else f"{spread[0]:.5g} to {spread[1]:.5g}",
            )
        )
    head: tuple[str, ...] = ("Parameter", "value", "standard error", "prior", "90 % interval")
    if not intervals:
        rows, head = [row[:-1] for row in rows], head[:-1]
    low, high = data["frequency_range"]
    z0 = data["z0"]
    facts: list[tuple[str, str]] = [
        ("measurement", f"{data['measurement']} ({data['kind']})"),
        ("points", f"{data['points']}, {low / 1e6:.4g} to {high / 1e6:.4g} MHz"),
        ("reference", f"{z0:g} Ω" if isinstance(z0, (int, float)) else f"{z0[0]:g}{z0[1]:+g}j Ω"),
        ("layout", data["layout"]),
        ("soil", data["soil"]),
        *((f"fixed: {name}", f"{value:.6g}") for name, value in data["fixed"].items()),
        ("χ² per degree of freedom", number(data["chi2_per_freedom"], digits=3)),
        ("correlation of neighbouring residuals", number(data["residual_correlation"])),
        ("mesh error, norm in standard errors", number(data["mesh_error"], digits=2)),
        ("emulator error, norm in standard errors", number(data["emulator_error"], digits=2)),
    ]
    pictures = _pictures(
        folder,
        {
            "invert.png": "Measured reflection with the fit; residuals in standard errors",
            "posterior.png": "Posterior",
        },
    )
    known = "explains" if data["explained"] else "does NOT explain"  # in files of older versions
    verdict = data.get("verdict", f"the model {known} the data")
    return filled(
        title=f"Inversion of {data['measurement']}",
        subtitle=f"{data['layout']} on {data['soil']}; {verdict}",
        facts=[(row[0], f"{row[1]} ± {row[2].split(' ')[0]}") for row in rows],
        warnings=list(data["notes"]),
        sections=[
            Section("found", "What was found", tables=[Table(rows, head)]),
            Section("fit", "The fit", figures=pictures, tables=[Table(facts)]),
            *_text(folder, "soil.toml", "The soil, for --soil"),
        ],
    )


def tolerance_page(folder: Path) -> str:
    """What moves the band, in units of what was asked, and how many builds are good."""
    data: JsonDict = read_json(folder / TOLERANCE)
    nominal = data["nominal"]
    megahertz = ("band_low", "band_high")
    names = ("band_low", "band_high", "inside", "lowest")
    head = ("Variable", "tolerance", *(f"{_word(n)}, {_BOTH}" for n in names))
    rows = []
    for item in sorted(data["sensitivities"], key=_effect, reverse=True):
        cells = []
        for name in names:
            effect, scale = item["effects"][name], 1e6 if name in megahertz else 1.0
            both = (_change(effect["minus"], scale), _change(effect["plus"], scale))
            cells.append(" / ".join(both) + ("" if effect["linear"] else " ~"))
        rows.append((item["name"], number(item["tolerance"], _unit(item["unit"])), *cells))
    notes = [f"{i['name']}: {i['reason']}" for i in data["sensitivities"] if i["reason"]]
    facts = [
        ("lower edge", number(_scaled(nominal["band_low"], 1e6), "MHz", 4)),
        ("upper edge", number(_scaled(nominal["band_high"], 1e6), "MHz", 4)),
        ("lowest efficiency inside", number(nominal["inside"])),
        ("reference impedance", number(data["z0"], "Ω", 4)),
    ]
    tables = []
    found = data["yield"]
    if found is not None:
        several = [*found["requirements"], {"requirement": "all of them", **found["all"]}]
        built = [(item["requirement"], *_shares(item)) for item in several]
        confidence = f"{100 * found['confidence']:g} % interval"
        tables.append(Table(built, ("Requirement", "share of builds", confidence)))
        facts.append(("builds", str(found["builds"])))
        lost = found["quantiles"]["inside"]["lost"]
        if lost:
            notes.append(
                f"{lost} of the builds could not be built or have no band: {found['reason']}"
            )
    pictures = _pictures(
        folder,
        {"tolerance.png": "Changes at each tolerance", "yield.png": "Builds off in everything"},
    )
    text = (
        f"Changes in MHz and in efficiency at {_BOTH} tolerance; ~ is not linear. "
        f"{data['efficiency']} "
        f"efficiency ≥ {data['threshold']:g}; {data['evaluations']} evaluations, solver "
        f"{data['solver']}, accuracy {data['accuracy']}. eps_r and loss_tangent are factors of the "
        "whole soil."
    )
    return filled(
        title=f"Tolerances of {Path(data['geometry']).name}",
        subtitle=f"on {data['soil']}, height {data['height']:g} m",
        facts=facts,
        warnings=notes,
        sections=[
            Section("changes", "What moves the band", text, pictures[:1], [Table(rows, head)]),
            *(
                [Section("yield", "Builds", figures=pictures[1:], tables=tables)]
                if pictures[1:] or tables
                else []
            ),
        ],
    )


def interrupted_page(folder: Path) -> str:
    """A study without its end: the trials so far, and the best of them."""
    with (folder / HISTORY).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise InputError(f"{folder / HISTORY} holds no trial yet; wait, or run optimize --resume")
    names = [name for name in rows[0] if name not in FIXED]
    score = _column(rows, "score")
    record = StudyRecord(
        document={"best": None, "front": [], "units": {}},
        number=_column(rows, "trial"),
        score=score,
        feasible=_column(rows, "feasible") == 1.0,
        objectives=score[:, None],
        labels=("score",),
        maximise=(True,),
        parameters=np.column_stack([_column(rows, name) for name in names]),
        names=tuple(names),
        front=(),
    )
    order = np.argsort(np.where(record.feasible, score, -math.inf))[::-1][:_BEST_ROWS]
    units = _units(folder)
    head = (
        "Trial", "score", "band (MHz)",
        *(f"{name} ({units[name]})" if units.get(name, "1") != "1" else name for name in names),
    )  # fmt: skip
    best = [
        (
            f"{record.number[k]:.0f}",
            number(float(score[k]), digits=4),
            _band(rows[k]),
            *(f"{value:.5g}" for value in record.parameters[k]),
        )
        for k in order.tolist()
        if record.feasible[k]
    ]
    facts = [
        ("trials so far", str(len(rows))),
        ("feasible designs", str(int(record.feasible.sum()))),
        ("best score", best[0][1] if best else "none"),
    ]
    figures = [Picture.of(plot_history(record), "Every trial; the line is the best so far")]
    return filled(
        title=f"Study in {folder.name}, interrupted",
        subtitle="what the trials that were finished say",
        facts=facts,
        warnings=[
            "The study was interrupted or still runs: nothing here is final. optimize --resume "
            "with the same --out goes on."
        ],
        sections=[
            Section("search", "Search", figures=figures),
            Section("best", "The best so far", tables=[Table(best, head)] if best else []),
            *_design(folder),
        ],
    )


def _units(folder: Path) -> dict[str, str]:
    """Units of what is searched, by the design that is the best so far."""
    found = {"z0": "Ω", "height": "m"}
    if (folder / BEST).is_file():
        from ..geometry.load import load_geometry
        from ..geometry.units import units_of

        found |= units_of(load_geometry(folder / BEST))
    return found


def _design(folder: Path) -> list[Section]:
    """The drawing of best.toml, where there is one."""
    if not (folder / BEST).is_file():
        return []
    from ..geometry.load import load_geometry
    from ..plotting.layout import plot_layout

    layout = load_geometry(folder / BEST)
    rows = [*parameter_rows(layout), *material_rows(layout)]
    figure = Picture.of(plot_layout(layout), "The best design so far, from above")
    return [Section("design", "Its drawing", figures=[figure], tables=[Table(rows)])]


def _pictures(folder: Path, captions: dict[str, str]) -> list[Picture]:
    """Those of the folder's figures that are there, as they are."""
    found = []
    for name, caption in captions.items():
        path = folder / name
        if path.is_file() and path.stat().st_size <= _LARGEST:
            data = base64.b64encode(path.read_bytes()).decode()
            found.append(Picture(f"data:image/png;base64,{data}", caption))
    return found


def _text(folder: Path, name: str, title: str) -> list[Section]:
    """A small file line by line."""
    if not (folder / name).is_file():
        return []
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return [Section("file", title, f"File {name}:", tables=[Table([(line,) for line in lines])])]


def _column(rows: list[dict[str, str]], name: str) -> Any:
    return np.array([float(row[name]) if row.get(name) else math.nan for row in rows])


def _band(row: dict[str, str]) -> str:
    low, high = row.get("band_low_mhz"), row.get("band_high_mhz")
    return f"{float(low):.2f} to {float(high):.2f}" if low and high else "none"


def _word(name: str) -> str:
    words = {"band_low": "lower edge (MHz)", "band_high": "upper edge (MHz)",
             "inside": "inside", "lowest": "lowest"}  # fmt: skip
    return words[name]


def _effect(item: JsonDict) -> float:
    """The largest change of the lowest efficiency in the band; what loses the band comes first."""
    both = [item["effects"]["inside"][side] for side in ("minus", "plus")]
    return max((abs(value) for value in both if value is not None), default=math.inf)


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value / scale


def _change(value: float | None, scale: float) -> str:
    if value is None:
        return "none"
    return f"{value / scale:+.3g}".replace("-", "\N{MINUS SIGN}")


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


def _shares(item: JsonDict) -> tuple[str, str]:
    return small(item["share"]), f"{small(item['low'])} to {small(item['high'])}"
