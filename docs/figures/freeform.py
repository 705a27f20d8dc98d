"""Figure and table of docs/designs.md: the shipped designs of free form and of break points.

Run: ``python docs/figures/freeform.py`` (two minutes).
"""

from __future__ import annotations

import common
import numpy as np

import lunar_antenna as la
from lunar_antenna.circuit.bands import widest_band
from lunar_antenna.circuit.resampling import densify
from lunar_antenna.geometry.spec import read_spec
from lunar_antenna.pattern import deepest_level
from lunar_antenna.plotting.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    VERMILION,
    new_figure,
    styled,
)

BAND = la.Band.mhz(5, 35, points=61)
DESIGNS = {
    "membrane_wide_10x2": ("free form, no demand on the pattern", BLUE),
    "membrane_pattern_10x2": ("break points, no null near the zenith", GREEN),
    "membrane_wide_10x4": ("break points, 10 m x 4 m", VERMILION),
    "membrane_sky_10x2": ("most power to the sky", ORANGE),
}
REFERENCE = "membrane_band_10x2"


def solved(name):
    told = read_spec(name)["source"]["optimised"]
    problem = la.Problem(la.load_geometry(name), la.load_soil(told["soil"]), band=BAND)
    return la.solve(problem, "planar", accuracy="normal"), told["z0"]


def accepted(solution, z0):
    """Mismatch efficiency on the fine grid."""
    dense = densify(solution.frequency, solution.input_impedance())
    return dense.frequency, 1.0 - np.abs((dense.z - z0) / (dense.z + z0)) ** 2


def row(name, solution, z0):
    frequency, curve = accepted(solution, z0)
    low, high = widest_band(frequency, curve, 0.9) or (np.nan, np.nan)
    above = solution.frequency >= 10e6
    realised = solution.efficiency(z0).realised[above]
    mean = np.trapezoid(realised, solution.frequency[above]) / 25e6
    cone = -deepest_level(solution, BAND.frequency[BAND.frequency <= 30e6]).min()
    return (
        f"| `{name}` | {low / 1e6:.3f}-{high / 1e6:.2f} | {high / low:.2f} | {curve.min():.3f} "
        f"| {z0:.1f} | {mean:.4f} | {cone:.1f} | {solution.quality.z_error.max():.4f} |"
    )


@styled
def draw(found):
    figure = new_figure(height=5.4)
    grid = figure.add_gridspec(2, len(DESIGNS), height_ratios=(1.0, 2.4))
    for k, (name, (_, colour)) in enumerate(DESIGNS.items()):
        ax = figure.add_subplot(grid[0, k])
        for polygon in found[name][0].problem.layout.conductors:
            ax.fill(*np.asarray(polygon.exterior.coords).T[:2], color=colour, lw=0.0)
            for hole in polygon.interiors:
                ax.fill(*np.asarray(hole.coords).T[:2], color="white", lw=0.0)
        ax.set(xlim=(-5.2, 5.2), ylim=(-2.2, 2.2), aspect="equal", xticks=(-5, 0, 5))
        ax.set(yticks=(-2, 0, 2) if k == 0 else ())
        ax.set_title(name.removeprefix("membrane_"))
    left, right = (figure.add_subplot(grid[1, 2 * k : 2 * k + 2]) for k in range(2))
    for name, (label, colour) in DESIGNS.items():
        solution, z0 = found[name]
        frequency, curve = accepted(solution, z0)
        left.plot(frequency / 1e6, curve, color=colour, label=label)
        right.plot(solution.frequency / 1e6, solution.efficiency(z0).realised, color=colour)
    solution, z0 = found[REFERENCE]
    right.plot(
        solution.frequency / 1e6,
        solution.efficiency(z0).realised,
        color=GREY,
        ls="--",
        label=REFERENCE,
    )
    left.axhline(0.9, color=BLACK, ls=":", lw=0.9)
    left.set(xlim=(5, 35), ylim=(0, 1.02), ylabel="Mismatch efficiency")
    right.set(xlim=(5, 35), ylim=(0, None), ylabel="Of the available power to the sky")
    for ax in (left, right):
        ax.set_xlabel("Frequency (MHz)")
        ax.legend(loc="lower right", fontsize="small")
    return figure


def main() -> None:
    found = {name: solved(name) for name in (*DESIGNS, REFERENCE)}
    print(
        "| design | >= 0.9, MHz | ratio | lowest | ohm | realised sky 10-35 | null, dB | z_error |"
    )
    print("|" + "---|" * 8)
    for name, (solution, z0) in found.items():
        print(row(name, solution, z0))
    common.save(draw(found), "designs_freeform.png")


if __name__ == "__main__":
    main()
