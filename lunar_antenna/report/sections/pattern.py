"""Directivity and currents, at the frequency that the page marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...plotting.style import ohms
from ..page import Picture, Section

if TYPE_CHECKING:
    from ...solution import Solution


def pattern_section(solution: Solution, z0: complex, port: int) -> Section:
    from ...plotting.current import plot_current
    from ...plotting.pattern import plot_pattern_3d, plot_pattern_cuts

    frequency = shown_at(solution, z0, port)
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


def shown_at(solution: Solution, z0: complex, port: int) -> float:
    """Hz, where the realised efficiency is largest."""
    realised = solution.efficiency(z0, port=port).realised
    return float(solution.frequency[int(np.argmax(realised))])
