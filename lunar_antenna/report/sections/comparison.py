"""The simulation held against measurements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...plotting.style import ohms
from ..page import Picture, Section, Table, number

if TYPE_CHECKING:
    from ...measurement.compare import Comparison
    from ...measurement.record import Measurement


def comparison_section(comparison: Comparison, measurement: Any) -> Section:
    from ...plotting.compare import plot_comparison
    from ...plotting.fsv import plot_fsv

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
    for sweep_ in several(measurement):
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


def several(measurement: Measurement | Sequence[Measurement]) -> list[Measurement]:
    return list(measurement) if isinstance(measurement, (list, tuple)) else [measurement]  # type: ignore[list-item]


def _mhz(value: float | None) -> str:
    return "none" if value is None else number(value / 1e6, "MHz")
