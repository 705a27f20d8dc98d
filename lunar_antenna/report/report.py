"""One self-contained HTML page about a solution, with the measurement if there is one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..circuit.bands import matched_band
from ..common.files import write_text
from ..conventions import FRAME_CONVENTION, TIME_CONVENTION, JsonDict
from ..errors import InputError
from ..measurement.resonances import resonances
from ..plotting.style import ohms
from ..search.headline import headline
from ..search.port import PortModel, Termination
from .curves import complex_pair, current, curves, embedded, pattern, sweep
from .page import Section, number, percent, small
from .script import DRAWING, script, style
from .sections.antenna import antenna_section
from .sections.bound import bound_section
from .sections.circuit import circuit_section
from .sections.comparison import comparison_section, several
from .sections.efficiency import efficiency_section
from .sections.origin import origin_section
from .sections.pattern import pattern_section, shown_at
from .sections.trust import trust_section, warnings_of
from .template import PAGE

if TYPE_CHECKING:
    from ..bounds.bound import Bound
    from ..measurement.record import Measurement
    from ..measurement.uncertainty import Uncertainty
    from ..solution import Solution
    from .emulated import Table as Varied

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
    bound: of its footprint, that the design is held against (:mod:`.sections.bound`).
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
        antenna_section(solution),
        circuit_section(solution, z0, port),
        efficiency_section(solution, z0, port),
        pattern_section(solution, z0, port),
        *([] if bound is None else [bound_section(solution, bound, port)]),
        trust_section(solution),
        *([] if comparison is None else [comparison_section(comparison, measurement)]),
        origin_section(solution),
    ]
    problem = solution.problem
    where = (
        "in free space"
        if problem.stack.is_free_space
        else f"{problem.height:g} m above {problem.stack.name}"
    )
    measured = [] if measurement is None else several(measurement)
    return filled(
        title=f"{problem.layout.name} {where}",
        subtitle=(
            f"Solver {solution.provenance.solver}, accuracy {solution.provenance.accuracy}, "
            f"{solution.frequency.size} frequencies; lunar-antenna "
            f"{solution.provenance.package_version}"
        ),
        facts=_facts(solution, z0, port),
        warnings=warnings_of(solution),
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
        "mark": shown_at(solution, z0, port),
        "measurements": [sweep(item) for item in measured],
        "pattern": pattern(solution, port),
        "current": current(solution, port),
        "emulated": None if table is None else table.document(),
    }


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
