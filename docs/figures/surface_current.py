"""Surface current of a bow-tie with coupled strips on graded soil.

Run: ``python docs/figures/surface_current.py``.
"""

from __future__ import annotations

import common

import lunar_antenna as la
from lunar_antenna.plotting.current import plot_current


def main() -> None:
    layout = la.load_geometry("coupled_bowtie")
    stack = la.load_soil("sourcebook_highland")
    frequencies = [8e6, 19e6]
    solution = la.solve(
        la.Problem(layout, stack, 0.0, la.Band(frequencies)), "planar", accuracy="fine"
    )
    print(f"{solution.provenance.unknowns} unknowns, Z {solution.z[:, 0, 0].round(1)}")
    for frequency in frequencies:
        name = f"regolith_current_{frequency / 1e6:g}mhz.png"
        common.save(plot_current(solution, frequency), name)


if __name__ == "__main__":
    main()
