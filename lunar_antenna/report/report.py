"""One self-contained HTML page about a solution, with the measurement if there is one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit.bands import matched_band
from ..common.files import write_text
from ..common.rows import evenly, kilograms
from ..conventions import FRAME_CONVENTION, TIME_CONVENTION, JsonDict
from ..errors import InputError
from ..geometry.masses import film_area, film_mass, metal_mass, printed_area
from ..geometry.units import units_of
from ..measurement.resonances import resonances
from ..plotting.labels import with_unit
from ..plotting.style import ohms
from ..search.headline import headline
from ..search.port import PortModel, Termination
from .bound import bound_section
from .curves import complex_pair, current, curves, embedded, pattern, sweep
from .page import Picture, Section, Table, number, percent, small
from .script import DRAWING, script, style
from .template import PAGE

if TYPE_CHECKING:
    from ..bounds.bound import Bound
    from ..geometry.layout import Layout
    from ..measurement.compare import Comparison
    from ..measurement.record import Measurement
    from ..measurement.uncertainty import Uncertainty
    from ..solution import Solution
    from .emulated import Table as Varied

_CLOSURE_LIMIT = 0.005
_Z0 = 100.0  # ohm, S11 and efficiency where the caller names no reference


def report(
    solution: Solution,
    measurement: Measurement | Sequence[Measurement] | None = None,
    out: str | os.PathLike[str] = "report.html",
    z0: complex | None = None,
    port: int = 1,
    uncertainty: list[Uncertainty | None] | None = None,
    table: Varied | None = None,
    bound: Bound | None = None,
) -> Path:
    """Write the page to ``out`` (.html), replacing a file only by a complete one.

    z0: ohm, reference of S11, efficiency and comparison; None takes 100 ohm, and for the
    comparison each measurement's own.  uncertainty: of each measurement, drawn as a band.
    table: of soils and heights, for which the page then has sliders (:func:`.emulated.table`).
    bound: of its footprint, that the design is held against (:mod:`.bound`).
    Raises :class:`InputError` for a name that is not .html.
    """
    target = Path(out)
    if target.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{target.name}: a report ends in .html; rename it")
    if not target.parent.is_dir():
        raise InputError(f"folder {target.parent} does not exist; make it or choose another name")
    text = page(solution, measurement, z0, port, uncertainty, table, bound)
    return write_text(target, text)


def page(
    solution: Solution,
    measurement: Measurement | Sequence[Measurement] | None = None,
    z0: complex | None = None,
    port: int = 1,
    uncertainty: list[Uncertainty | None] | None = None,
    table: Varied | None = None,
    bound: Bound | None = None,
) -> str:
    """The page as HTML text."""
    comparison = None
    if measurement is not None:
        from ..measurement.compare import compare

        comparison = compare(solution, measurement, z0, port=port, uncertainty=uncertainty)
    z0 = _Z0 if z0 is None else z0
    sections = [
        _antenna(solution),
        _circuit(solution, z0, port),
        _efficiency(solution, z0, port),
        _pattern(solution, z0, port),
        *([] if bound is None else [bound_section(solution, bound, port)]),
        _trust(solution),
        *([] if comparison is None else [_comparison(comparison, measurement)]),
        _origin(solution),
    ]
    problem = solution.problem
    where = (
        "in free space"
        if problem.stack.is_free_space
        else f"{problem.height:g} m above {problem.stack.name}"
    )
    measured = [] if measurement is None else _several(measurement)
    return filled(
        title=f"{problem.layout.name} {where}",
        subtitle=(
            f"Solver {solution.provenance.solver}, accuracy {solution.provenance.accuracy}, "
            f"{solution.frequency.size} frequencies; lunar-antenna "
            f"{solution.provenance.package_version}"
        ),
        facts=_facts(solution, z0, port),
        warnings=_warnings(solution),
        sections=sections,
        live=live(solution, z0, port, measured, table),
    )


def filled(
    *,
    title: str,
    subtitle: str,
    facts: list[tuple[str, str]],
    warnings: list[str],
    sections: Sequence[Section],
    live: JsonDict | None = None,
) -> str:
    """The template filled; live: of :func:`live`, for a page with a script."""
    from jinja2 import Environment

    template = Environment(autoescape=True, trim_blocks=True).from_string(PAGE)
    return template.render(
        title=title,
        subtitle=subtitle,
        facts=facts,
        warnings=warnings,
        sections=sections,
        conventions=f"{TIME_CONVENTION}; {FRAME_CONVENTION}",
        data="" if live is None else embedded(live),
        script="" if live is None else script(*DRAWING, "page"),
        style="" if live is None else style(),
    )


def live(
    solution: Solution,
    z0: complex,
    port: int = 1,
    measured: Sequence[Measurement] = (),
    table: Varied | None = None,
) -> JsonDict:
    """What the page's script draws; the marked frequency is the one of the still figures."""
    return {
        **curves(solution, port),
        "z0": complex_pair(z0),
        "mark": _shown(solution, z0, port),
        "measurements": [sweep(item) for item in measured],
        "pattern": pattern(solution, port),
        "current": current(solution, port),
        "emulated": None if table is None else table.document(),
    }


def _shown(solution: Solution, z0: complex, port: int) -> float:
    """Hz, where the realised efficiency is largest."""
    realised = solution.efficiency(z0, port=port).realised
    return float(solution.frequency[int(np.argmax(realised))])


def _several(measurement: Measurement | Sequence[Measurement]) -> list[Measurement]:
    return list(measurement) if isinstance(measurement, (list, tuple)) else [measurement]  # type: ignore[list-item]


def _facts(solution: Solution, z0: complex, port: int) -> list[tuple[str, str]]:
    series = [item for item in resonances(solution, port=port) if item.rising]
    band = _matched(solution, z0, port)
    shares = solution.efficiency(z0, port=port)
    best = int(np.argmax(shares.realised))
    mhz = solution.frequency / 1e6
    return [
        (
            "first series resonance in the band",
            number(series[0].frequency / 1e6, "MHz", 4) if series else "none",
        ),
        (f"matched band, {ohms(z0)}", "none" if band is None else _span(*band)),
        ("largest realised efficiency", f"{percent(shares.realised[best])} at {mhz[best]:.4g} MHz"),
        ("smallest realised efficiency", small(float(shares.realised.min()))),
        ("power closure, worst", solution.quality.worst_closure),
    ]


def _matched(solution: Solution, z0: complex, port: int) -> tuple[float, float] | None:
    """The widest matched band, between the solved frequencies as every other verb tells it."""
    load = complex(z0)
    if port == 1 and load.imag == 0.0:
        at = Termination(load.real)
        return headline(solution, PortModel(load.real, load.real), at).widest
    return matched_band(solution.frequency, solution.s11(z0, port=port))


def _span(low: float, high: float) -> str:
    return f"{low / 1e6:.2f} to {high / 1e6:.2f} MHz"


def _warnings(solution: Solution) -> list[str]:
    found = []
    if not solution.quality.converged:
        found.append("The solver did not converge: do not use these numbers.")
    worst = float(solution.quality.power_closure.max())
    if worst > _CLOSURE_LIMIT:
        found.append(
            f"The power balance is open by up to {percent(worst, 2)}: efficiencies are uncertain "
            "by that much."
        )
    return found


def _antenna(solution: Solution) -> Section:
    from ..plotting.layout import plot_layout
    from ..plotting.soil import plot_stack

    problem = solution.problem
    layout = problem.layout
    figures = [Picture.of(plot_layout(layout), "The layout from above")]
    if any(not layer.is_conductor for layer in problem.stack.layers):
        figures.append(Picture.of(plot_stack(problem.stack), "The soil"))
    rows = [*_parameters(layout), *_materials(layout)]
    if not problem.stack.is_free_space:
        lowest = "film's underside" if layout.film else "metal"
        rows.append((f"height of the {lowest} above the soil", f"{problem.height:g} m"))
    return Section("antenna", "Antenna and ground", figures=figures, tables=[Table(rows)])


def _parameters(layout: Layout) -> list[tuple[str, str]]:
    """Every number that drew the layout, with its unit."""
    units, rows = units_of(layout), []
    for name, value in layout.parameters.items():
        inner = value.items() if isinstance(value, Mapping) else ()
        flat = {f"{name}.{key}": item for key, item in inner} or {name: value}
        rows += [(key, with_unit(item, units.get(key))) for key, item in flat.items()]
    return rows


def _materials(layout: Layout) -> list[tuple[str, str]]:
    """What metal and film are, with areas and masses."""
    metal, film = layout.metal, layout.film
    area = f"{printed_area(layout):.4g} m²"
    if metal is None:
        rows = [("metal", f"perfect conductor, {area}")]
    else:
        mass = _mass(metal_mass, layout)
        sheet = f"{1e6 * metal.thickness:.4g} µm, {metal.conductivity:.3g} S/m"
        rows = [("metal", f"{metal.name}: {sheet}, {area}{mass}")]
    if film is None:
        return [*rows, ("film", "none")]
    sheet = f"{1e6 * film.thickness:.4g} µm, ε {film.eps_r:g}, tan δ {film.loss_tangent:g}"
    text = f"{film.name}: {sheet}, {film_area(layout):.4g} m²{_mass(film_mass, layout)}"
    return [*rows, ("film", text)]


def _mass(of: Callable[[Layout], float], layout: Layout) -> str:
    try:
        return f", {kilograms(of(layout))}"
    except InputError:
        return ""


def _circuit(solution: Solution, z0: complex, port: int) -> Section:
    from ..plotting.impedance import plot_impedance
    from ..plotting.s11 import plot_s11
    from ..plotting.smith import plot_smith

    return Section(
        "circuit",
        "Reflection and impedance",
        figures=[
            Picture.of(
                plot_s11(solution, z0, port),
                f"Reflection at {ohms(z0)}",
                live="s11",
                told="Reflection; drag in it to choose a frequency",
            ),
            Picture.of(plot_smith(solution, z0, port), "Smith chart", live="smith"),
            Picture.of(
                plot_impedance(solution, port), "Impedance; other ports open", live="impedance"
            ),
        ],
        side_by_side=True,
        controls=True,
    )


def _efficiency(solution: Solution, z0: complex, port: int) -> Section:
    from ..plotting.efficiency import plot_efficiency

    shares = solution.efficiency(z0, port=port)
    names = ("mismatch", "sky", "ground", "metal", "film", "realised")
    rows = []
    for index in evenly(solution.frequency.size):
        cells = [small(float(getattr(shares, name)[index])) for name in names]
        rows.append((f"{solution.frequency[index] / 1e6:.4g} MHz", *cells))
    return Section(
        "efficiency",
        "Efficiency",
        "Sky, ground, metal and film are shares of the accepted power; mismatch is accepted over "
        "available power; realised is mismatch times sky.",
        [
            Picture.of(
                plot_efficiency(solution, z0, port),
                "Where the power goes",
                live="shares",
                told="Where the accepted power goes",
            ),
            Picture("", "Of the power that the source has to give", "realised"),
        ],
        [Table(rows, ("Frequency", *names))],
        side_by_side=True,
    )


def _pattern(solution: Solution, z0: complex, port: int) -> Section:
    from ..plotting.current import plot_current
    from ..plotting.pattern import plot_pattern_3d, plot_pattern_cuts

    frequency = _shown(solution, z0, port)
    at = f"{frequency / 1e6:.4g} MHz, where the realised efficiency is largest at {ohms(z0)}"
    figures = [
        Picture.of(
            plot_pattern_cuts(solution, port=port),
            "Cuts through the zenith at round frequencies over the band",
            live="cuts",
            told="Cuts through the zenith",
        ),
        Picture.of(
            plot_pattern_3d(solution, frequency, port),
            f"Directivity over the sky at {at}",
            "png",
            "pattern",
            "Directivity; drag or use the arrow keys to turn it",
        ),
    ]
    if solution.shape is not None:
        figures.append(
            Picture.of(
                plot_current(solution, frequency, port),
                f"Current on the metal at {at}",
                "png",
                "current",
                "Current on the metal; drag to turn it",
            )
        )
    return Section("pattern", "Pattern and currents", figures=figures, side_by_side=True)


def _trust(solution: Solution) -> Section:
    from ..plotting.balance import plot_balance

    quality = solution.quality
    rows = [
        ("converged", "yes" if quality.converged else "no"),
        ("power closure, worst", quality.worst_closure),
        (
            "estimated |dZ|/|Z|, worst",
            "not given" if quality.z_error is None else small(float(np.max(quality.z_error))),
        ),
        (
            "estimated error of the shares of power, worst",
            "not given"
            if quality.efficiency_error is None
            else small(float(np.max(quality.efficiency_error))),
        ),
    ]
    for name, value in quality.details.items():
        array = np.asarray(value)
        if array.dtype.kind in "fiub" and array.size:
            low, high = float(array.min()), float(array.max())
            text = number(low, digits=4) if low == high else f"{low:.4g} to {high:.4g}"
            rows.append((name.replace("_", " "), text))
    return Section(
        "trust",
        "Power balance and quality",
        "Closure compares the real part of the impedance with the sum of all powers, each found "
        "on its own; the error of Z is the solver's estimate.",
        [Picture.of(plot_balance(solution), "Relative errors against frequency")],
        [Table(rows)],
    )


def _comparison(comparison: Comparison, measurement: Any) -> Section:
    from ..plotting.compare import plot_comparison
    from ..plotting.fsv import plot_fsv

    rows = []
    references = {ohms(item.z0) for item in comparison.pairs}
    for item in comparison.pairs:
        grades = item.fsv
        rows.append(
            (
                item.measurement_name,
                "not stated" if item.measurement_kind == "unknown" else item.measurement_kind,
                *([] if len(references) == 1 else [ohms(item.z0)]),
                f"{item.rms_db:.2f}",
                f"{item.max_db:.2f}",
                f"{item.rms_gamma:.4f}",
                _mhz(item.resonance_shift),
                _mhz(item.bandwidth_shift),
                "none" if grades is None else f"{grades.gdm:.3f} ({grades.grade})",
            )
        )
    same = f", reference {references.pop()}" if len(references) == 1 else ""
    head = (
        f"Measurement{same}",
        "kind",
        *([] if same else ["reference"]),
        "rms dB",
        "max dB",
        "rms |ΔΓ|",
        "resonance shift",
        "bandwidth shift",
        "FSV GDM of |S11| in dB",
    )
    tables = [Table(rows, head)]
    for sweep_ in _several(measurement):
        lines = (
            []
            if sweep_.report is None
            else [line.split(": ", 1) for line in sweep_.report.lines(folder=False)]
        )
        facts = [(parts[0], parts[-1]) for parts in lines]
        facts += [("corrected", step) for step in sweep_.history]
        if facts:
            tables.append(Table(facts))
    figures = [Picture.of(plot_comparison(comparison), "Simulation over measurement")]
    if comparison.first.fsv is not None:
        figures.append(
            Picture.of(plot_fsv(comparison.first), "Feature selective validation, first pair")
        )
    notes = "; ".join(comparison.first.notes)
    return Section(
        "comparison",
        "Measurement",
        "Shifts are measured minus simulated; a resonance shift needs two resonances of one kind "
        f"within 20 %. FSV judges |S11| in dB only, not the phase. {notes}".strip(),
        figures,
        tables,
    )


def _mhz(value: float | None) -> str:
    return "none" if value is None else number(value / 1e6, "MHz")


def _origin(solution: Solution) -> Section:
    record = solution.provenance
    rows = [
        ("solver", f"{record.solver} {record.solver_version}"),
        ("package", f"lunar-antenna {record.package_version}"),
        ("accuracy", record.accuracy),
        ("unknowns", str(record.unknowns)),
        ("created", record.created),
        ("platform", record.platform),
        ("threads, wall time", f"{record.threads}, {record.wall_seconds:.1f} s"),
        ("problem (SHA-256)", record.problem_digest),
        *(("note", text) for text in record.notes),
    ]
    return Section("origin", "Provenance", tables=[Table(rows)])
