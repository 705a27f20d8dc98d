"""Where the power goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...common.rows import evenly
from ..page import Picture, Section, Table, small

if TYPE_CHECKING:
    from ...solution import Solution


def efficiency_section(solution: Solution, z0: complex, port: int) -> Section:
    from ...plotting.efficiency import plot_efficiency

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
