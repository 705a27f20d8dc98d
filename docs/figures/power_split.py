"""Where the power of a membrane on graded soil goes, and how well the sum closes.

Run: ``python docs/figures/power_split.py``.
"""

from __future__ import annotations

import common
import numpy as np

import lunar_antenna as la
from lunar_antenna.plotting.style import BLUE, GREEN, ORANGE, VERMILION, new_figure, styled

SHARES = (("ground", ORANGE), ("sky", BLUE), ("metal", VERMILION), ("film", GREEN))


@styled
def draw(solution):
    figure = new_figure(height=3.1)
    left, right = figure.subplots(1, 2)
    mhz = solution.frequency / 1e6
    efficiency = solution.efficiency()
    for name, colour in SHARES:
        left.semilogy(mhz, getattr(efficiency, name), color=colour, label=name)
    left.set(xlabel="Frequency (MHz)", ylabel="Share of the accepted power", xlim=(5, 35))
    left.set_ylim(1e-6, 2)
    left.legend(loc="center right", ncols=2, bbox_to_anchor=(1.0, 0.6))
    left.set_title("Membrane of 10 m on sourcebook_highland")
    right.semilogy(mhz, solution.quality.power_closure, color=BLUE, label="power closure")
    right.semilogy(mhz, solution.quality.z_error, color=VERMILION, label="estimated |dZ|/|Z|")
    right.axhline(0.005, color="#666666", lw=0.8, ls="--")
    right.text(5.5, 1e-3, "closure asked for: 0.5 % (dashed)")
    right.set(xlabel="Frequency (MHz)", ylabel="Relative error", xlim=(5, 35), ylim=(1e-9, 1))
    right.legend(loc="center right")
    right.set_title("Closure and error estimate")
    return figure


def main() -> None:
    layout = la.load_geometry("membrane_10m")
    stack = la.load_soil("sourcebook_highland")
    band = la.Band.mhz(5, 35, points=61)
    solution = la.solve(la.Problem(layout, stack, 0.0, band), "planar")
    print(f"{len(stack.layers)} layers, {solution.provenance.unknowns} unknowns")
    print(f"closure {solution.quality.power_closure.max():.1e} at worst")
    print(f"z_error {solution.quality.z_error.max():.4f} at worst")
    efficiency = solution.efficiency()
    for name, _ in SHARES:
        value = getattr(efficiency, name)
        print(f"  {name:7s} {value.min():.2e} to {value.max():.2e}")
    for index in np.searchsorted(solution.frequency, [5e6, 15e6, 30e6]):
        parts = ", ".join(f"{n} {getattr(efficiency, n)[index]:.2e}" for n, _ in SHARES)
        print(f"  {solution.frequency[index] / 1e6:g} MHz: {parts}")
    common.save(draw(solution), "regolith_power_split.png")


if __name__ == "__main__":
    main()
