"""Time ratio of openEMS to the planar solver on one problem, with the error of both.

    python benchmarks/openems_against_planar.py [overlay.png]

Strip of 10 m x 0.2 m, 0.3 m over eps_r 3.5, 1e-4 S/m, 25 frequencies from 6 to 30 MHz; both
solvers in one process, warm, one thread, no cache.  With a file name S11 of both is drawn.
"""

from __future__ import annotations

import sys
import time

import numpy as np

import lunar_antenna as la
from lunar_antenna.solvers.openems.solver import OpenEmsSolver


def main(picture: str | None) -> None:
    stack = la.Stack.half_space(3.5, conductivity=1e-4)
    problem = la.Problem(la.load_geometry("strip"), stack, 0.3, la.Band.mhz(6, 30, 25))
    la.solve(problem, "planar")  # compiles the kernels
    start = time.perf_counter()
    planar = la.solve(problem, "planar")
    middle = time.perf_counter()
    fdtd = OpenEmsSolver(use_cache=False).solve(problem, "normal", None, 1)
    stop = time.perf_counter()
    difference = np.abs(planar.s11(100.0) - fdtd.s11(100.0))
    errors = [float(np.max(s.quality.z_error)) for s in (planar, fdtd)]
    sys.stdout.write(
        f"planar {middle - start:.2f} s, z_error {errors[0]:.3f}; "
        f"openEMS {stop - middle:.1f} s, z_error {errors[1]:.3f}; "
        f"ratio {(stop - middle) / (middle - start):.0f}; "
        f"|dGamma| mean {difference.mean():.4f}, max {difference.max():.4f}\n"
    )
    if picture is not None:
        draw(planar, fdtd, picture)


def draw(planar: la.Solution, fdtd: la.Solution, picture: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    for solution, style in ((planar, "-"), (fdtd, "--")):
        level = 20.0 * np.log10(np.abs(solution.s11(100.0)))
        name = solution.provenance.solver
        axes.plot(solution.frequency / 1e6, level, style, label=name)
    axes.set(xlabel="frequency (MHz)", ylabel="|S11| (dB), 100 ohm")
    axes.legend()
    figure.savefig(picture, dpi=120)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
