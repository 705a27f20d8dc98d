"""Figure of docs/designs.md: all that is published at once, the pattern over the whole band.

Run: ``python docs/figures/beam.py`` (half a minute).
"""

from __future__ import annotations

import common
import numpy as np

import lunar_antenna as la
from lunar_antenna.circuit.matching_limit import matching_limit
from lunar_antenna.circuit.networks import Element
from lunar_antenna.geometry.spec import read_spec
from lunar_antenna.pattern import DIPOLE_LIKE, dipole_likeness
from lunar_antenna.plotting.style import BLACK, BLUE, GREEN, new_figure, styled
from lunar_antenna.search.port import PortModel, Termination

BAND = la.Band.mhz(5, 35, points=121)
DESIGNS = {
    "membrane_claims_10x2": ("7.8 m, nothing\nat the port", GREEN),
    "membrane_beam_10x2": ("6.0 m, plates beyond\nthe tips, two elements", BLUE),
}


def solved(name):
    """(solution, accepted share (n,), likeness (n,) dB)"""
    told = read_spec(name)["source"]["optimised"]
    problem = la.Problem(la.load_geometry(name), la.load_soil(told["soil"]), band=BAND)
    solution = la.solve(problem, "planar", accuracy="fine")
    rows = told.get("network", [])
    network = tuple(Element(row["element"], row["value"], row["value"], row["q"]) for row in rows)
    port = PortModel(told["z0"], told["z0"], None, network)
    at = Termination(told["z0"], tuple(row["value"] for row in rows))
    accepted = port.accepted(solution.frequency, solution.input_impedance(), at)
    return solution, accepted, dipole_likeness(solution)


@styled
def draw(found):
    figure = new_figure(height=5.2)
    grid = figure.add_gridspec(2, len(DESIGNS), height_ratios=(1.0, 2.4))
    left, right = (figure.add_subplot(grid[1, k]) for k in range(2))
    for k, (name, (label, colour)) in enumerate(DESIGNS.items()):
        solution, accepted, likeness = found[name]
        ax = figure.add_subplot(grid[0, k])
        for polygon in solution.problem.layout.conductors:
            ax.fill(*np.asarray(polygon.exterior.coords).T[:2], color=colour, lw=0.0)
        ax.set(xlim=(-5.2, 5.2), ylim=(-1.4, 1.4), aspect="equal", title=name)
        left.plot(solution.frequency / 1e6, accepted, color=colour)
        right.plot(solution.frequency / 1e6, likeness, color=colour, label=label)
    for x, y in (((5, 35), 0.1), ((12, 19), 0.9)):
        left.plot(x, (y, y), color=BLACK, ls=":", lw=0.9)
    right.axhline(DIPOLE_LIKE, color=BLACK, ls=":", lw=0.9)
    left.set(ylim=(0, 1.02), ylabel="Mismatch efficiency")
    right.set(ylim=(0, 6), ylabel="From a short dipole, at most (dB)")
    right.legend(loc="upper left", fontsize="small")
    for ax in (left, right):
        ax.set(xlim=(5, 35), xlabel="Frequency (MHz)")
    return figure


def plate(length):
    """What any lossless network makes of a plate 2 m wide, fed at the middle: one line."""
    layout = la.load_geometry(
        "taper", length=length, metal="copper_18um", film="polyimide_50um", gap=0.18,
        port_width=0.07, w0=0.05, x1=0.2, w1=0.9, x2=1.0, w2=1.0, tip=1.0,
    )  # fmt: skip
    band = la.Band.mhz(5, 35, points=61)
    solution = la.solve(la.Problem(layout, "simple_eps35", band=band), accuracy="draft")
    f = solution.frequency
    level = np.where((f >= 12e6) & (f <= 19e6), 0.9, 0.1)
    limit = matching_limit(f, solution.input_impedance(), level)
    like = f[np.cumsum(dipole_likeness(solution) > DIPOLE_LIKE) == 0].max() / 1e6
    return f"plate of {length:g} m: {limit:.3f} of both levels, dipole-like to {like:g} MHz"


def main() -> None:
    for length in (3.0, 4.0, 4.5, 5.0, 6.0):
        print(plate(length))
    found = {name: solved(name) for name in DESIGNS}
    for name, (solution, accepted, likeness) in found.items():
        f = solution.frequency / 1e6
        inside = accepted[(f >= 12.0) & (f <= 19.0)].min()
        print(
            f"{name}: at least {inside:.3f} over 12-19 MHz, {accepted.min():.4f} over 5-35 MHz, "
            f"likeness {likeness.max():.2f} dB, z_error {solution.quality.z_error.max():.4f}"
        )
    common.save(draw(found), "designs_beam.png")


if __name__ == "__main__":
    main()
