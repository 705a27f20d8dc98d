"""Reflection and impedance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...plotting.style import ohms
from ..page import Picture, Section

if TYPE_CHECKING:
    from ...solution import Solution


def circuit_section(solution: Solution, z0: complex, port: int) -> Section:
    from ...plotting.impedance import plot_impedance
    from ...plotting.s11 import plot_s11
    from ...plotting.smith import plot_smith

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
