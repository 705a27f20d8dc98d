"""Designs found on the soil by the shipped studies: table and figures of docs/designs.md.

Studies whose results are not in ``out/designs`` are run first (some minutes on two cores); the
designs are then solved again on the fine mesh, in every surrounding of the robust study, too.

Run: ``python docs/figures/designs.py [openems_solution.h5]``; the optional file is a solution of
published_band's design by openEMS.
"""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import common
import numpy as np

import lunar_antenna as la
from lunar_antenna.circuit.bands import widest_band
from lunar_antenna.circuit.resampling import densify
from lunar_antenna.plotting.pattern_measure import plot_pattern_measures
from lunar_antenna.plotting.style import BLACK, BLUE, GREEN, GREY, VERMILION, new_figure, styled
from lunar_antenna.search.port import Termination
from lunar_antenna.search.study.file import load_study
from lunar_antenna.search.study.plan import StudyPlan

OUT = Path("out/designs")
NOMINAL, ROBUST, FLOOR, WIDE = (
    "published_band",
    "published_robust",
    "published_floor",
    "published_band_4m",
)
PARETO = "published_pareto"
COLOURS = {NOMINAL: BLUE, FLOOR: GREEN, WIDE: VERMILION}
LABELS = {
    NOMINAL: "10 m x 2 m, no null near zenith",
    FLOOR: "10 m x 2 m, network, at least 0.3",
    WIDE: "10 m x 4 m",
}


@dataclass(frozen=True)
class Design:
    """The design a study chose: its plan, its best as in study.json, its fine solution."""

    name: str
    plan: StudyPlan
    best: dict
    solution: la.Solution

    @property
    def termination(self) -> Termination:
        port = self.plan.evaluator.port
        return Termination(self.best["z0"], port.values(self.best["parameters"]))

    def accepted(self, frequency: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Mismatch efficiency, network losses included."""
        return self.plan.evaluator.port.accepted(frequency, z, self.termination)

    def curve(self, solution: la.Solution) -> tuple[np.ndarray, np.ndarray]:
        dense = densify(solution.frequency, solution.input_impedance())
        return dense.frequency, self.accepted(dense.frequency, dense.z)


def design(name: str) -> Design:
    folder = OUT / name
    if not (folder / "study.json").exists():
        la.optimize(name, out=folder, workers=2)
    best = json.loads((folder / "study.json").read_text())["best"]
    plan = load_study(name).plan()
    problem = replace(plan.evaluator.problem(best["parameters"]), band=la.Band.mhz(5, 35, 61))
    return Design(name, plan, best, la.solve(problem, "planar", accuracy="fine"))


def row(item: Design) -> str:
    frequency, curve = item.curve(item.solution)
    low, high = widest_band(frequency, curve, 0.9)
    inside = (item.solution.frequency >= low) & (item.solution.frequency <= high)
    share = item.solution.efficiency()
    parts = [
        f"{getattr(share, part)[inside].mean():.2{'f' if part in ('sky', 'ground') else 'e'}}"
        for part in ("sky", "ground", "metal", "film")
    ]
    quality = item.solution.quality
    return (
        f"| {item.name} | {low / 1e6:.2f}-{high / 1e6:.2f} | {high / low:.2f} "
        f"| {curve.min():.3f} | {item.best['z0']:.0f} | {' | '.join(parts)} "
        f"| {np.median(quality.z_error):.4f} | {quality.power_closure.max():.0e} |"
    )


@styled
def bands(items: list[Design]) -> None:
    figure = new_figure(height=4.2)
    ax = figure.subplots()
    for item in items:
        frequency, curve = item.curve(item.solution)
        ax.plot(frequency / 1e6, curve, color=COLOURS[item.name], label=LABELS[item.name])
    claim = {"color": GREY, "lw": 5.0, "alpha": 0.55, "solid_capstyle": "butt"}
    ax.plot([12, 19], [0.9, 0.9], label="published: > 0.9, > 0.1", **claim)
    ax.plot([5, 35], [0.1, 0.1], **claim)
    ax.axhline(0.9, color=BLACK, ls=":", lw=0.9)
    ax.set(xlim=(5, 35), ylim=(0, 1.02), xlabel="Frequency (MHz)", ylabel="Mismatch efficiency")
    ax.legend(loc="center right")
    common.save(figure, "designs_bands.png")


def robust_table(nominal: Design, robust: Design) -> None:
    scenarios = robust.plan.evaluator.robust
    print("\n| scenario | nominal design | robust design |\n|---|---|---|")
    columns = []
    for item in (nominal, robust):
        found = scenarios.of(item.solution.problem)
        curves = [(case.label, *item.curve(la.solve(case.problem, "planar"))) for case in found]
        cells = {label: cell(frequency, curve) for label, frequency, curve in curves}
        worst = np.min([curve for *_, curve in curves], axis=0)
        cells["all at once"] = cell(curves[0][1], worst)
        columns.append(cells)
    for label in columns[0]:
        print(f"| {label} | {columns[0][label]} | {columns[1][label]} |")


def cell(frequency: np.ndarray, curve: np.ndarray) -> str:
    band = widest_band(frequency, curve, 0.9)
    text = "none"
    if band is not None:
        text = f"{band[0] / 1e6:.2f}-{band[1] / 1e6:.2f} MHz ({band[1] / band[0]:.2f}:1)"
    return f"{text}, at least {curve.min():.2f}"


def confirmation(nominal: Design, path: str) -> None:
    other = la.load(path)
    difference = np.abs(other.s11(nominal.best["z0"]) - nominal.solution.s11(nominal.best["z0"]))
    frequency, curve = nominal.curve(other)
    print(
        f"\nopenEMS, {other.provenance.unknowns} cells: |dGamma| mean {difference.mean():.4f}, "
        f"largest {difference.max():.4f}; lowest efficiency above 9 MHz "
        f"{curve[frequency > 9e6].min():.3f}, over the band {curve.min():.3f}"
    )


def main() -> None:
    items = {name: design(name) for name in (NOMINAL, FLOOR, WIDE, ROBUST)}
    print("| study | band, MHz | ratio | lowest | z0, ohm | sky | ground | metal | film |", end="")
    print(" z_error | closure |\n|" + "---|" * 11)
    for name in (NOMINAL, FLOOR, WIDE):
        print(row(items[name]))
    bands([items[name] for name in COLOURS])
    pattern = plot_pattern_measures(items[NOMINAL].solution, band=(5e6, 30e6))
    common.save(pattern, "designs_pattern.png")
    robust_table(items[NOMINAL], items[ROBUST])
    if not (OUT / PARETO / "pareto.png").exists():
        la.optimize(PARETO, out=OUT / PARETO, workers=2)
    shutil.copyfile(OUT / PARETO / "pareto.png", common.IMAGES / "designs_pareto.png")
    if len(sys.argv) > 1:
        confirmation(items[NOMINAL], sys.argv[1])


if __name__ == "__main__":
    main()
