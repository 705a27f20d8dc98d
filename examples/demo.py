"""From a geometry file to an optimised membrane dipole, held against a .s1p, in minutes.

Optimises a bow-tie of copper on polyimide film in free space for its widest band, solves the
best design with a finer mesh, solves the design of the shipped (synthetic) prototype, takes the
prototype's cable, balun and hub off its .s1p, and compares both with it.

    python examples/demo.py --out out/demo
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import lunar_antenna as la
from lunar_antenna.common.catalogue import folder
from lunar_antenna.measurement.corrections.deembed import deembed, without_capacitance
from lunar_antenna.plotting.compare import plot_comparison
from lunar_antenna.plotting.layout import plot_layout
from lunar_antenna.plotting.notebook import plot_solution
from lunar_antenna.plotting.pattern import plot_pattern_3d
from lunar_antenna.plotting.save import save_figure
from lunar_antenna.report.report import report
from lunar_antenna.search.port import PortModel

MATERIALS = {"metal": "copper_18um", "film": "polyimide_50um"}
PROTOTYPE = "prototype_synthetic"


def tell(step: str) -> Callable[[float, str], None]:
    """A progress callback that prints a line at every tenth of ``step``."""
    last = [-1]

    def progress(fraction: float, message: str) -> None:
        if int(10 * fraction) > last[0]:
            last[0] = int(10 * fraction)
            print(f"{step} {100 * fraction:3.0f} %  {message}", file=sys.stderr, flush=True)

    return progress


def main(out: Path, trials: int, workers: int) -> dict:
    """Run everything; returns what is written to ``summary.json``."""
    start = time.perf_counter()
    found = la.optimize(
        "bowtie",
        la.Stack.free_space(),
        trials=trials,
        seed=1,
        workers=workers,
        parameters=MATERIALS,
        out=out,
        resume=True,
        progress=tell("optimise"),
    )
    z0 = found.z0
    best = la.load_geometry(out / "best.toml")
    band = la.Band.mhz(5, 35, points=61)
    solution = la.solve(la.Problem(best, la.Stack.free_space(), band=band), progress=tell("solve"))
    solution.save(out / "best.h5")

    measurement = la.load_measurement(PROTOTYPE)
    fixture = la.load_measurement(folder("measurements") / f"{PROTOTYPE}_fixture.s2p")
    truth = measurement.metadata["truth"]  # a synthetic measurement says what it was made from
    measured = without_capacitance(deembed(measurement, fixture), truth["hub_capacitance"])
    design = la.load_geometry(measurement.metadata["geometry"], **truth["geometry_parameters"])
    prototype = la.solve(la.Problem(design, la.Stack.free_space(), band=band))
    comparison = la.compare([solution, prototype], measured, z0=z0)

    figures = (
        (plot_layout(best), "layout.png"),
        (plot_solution(solution, z0), "solution.png"),
        (plot_pattern_3d(solution, 15e6), "pattern.png"),
        (plot_comparison(comparison), "comparison.png"),
    )
    for figure, name in figures:
        save_figure(figure, out / name)
    report(solution, measured, out / "report.html", z0)

    optimised, own = (item.to_dict() for item in comparison.pairs)
    at_z0 = replace(found.evaluator, port=PortModel(z0, z0))
    checked = at_z0.judge([solution], found.best.parameters)
    summary = {
        "optimisation": found.to_dict(),
        "checked_on_a_finer_mesh": {
            "solver": solution.provenance.solver,
            "accuracy": solution.provenance.accuracy,
            "unknowns": solution.provenance.unknowns,
            "band_mhz": None if checked.band is None else [edge / 1e6 for edge in checked.band],
            "band_ratio": checked.band_ratio,
            "min_efficiency_5_35": checked.lowest,
            "power_closure": float(solution.quality.power_closure.max()),
        },
        "measurement": {"name": measurement.name, "kind": measurement.kind},
        "optimised_against_measurement": optimised,
        "prototype_design_against_measurement": own,
        "files": sorted(path.name for path in out.iterdir() if path.is_file()),
        "seconds": time.perf_counter() - start,
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=1, allow_nan=False))
    return summary


def human(summary: dict) -> tuple[str, str, str]:
    """The summary in three lines."""
    checked = summary["checked_on_a_finer_mesh"]
    best = summary["optimised_against_measurement"]
    own = summary["prototype_design_against_measurement"]
    band = checked["band_mhz"]
    wide = "none" if band is None else f"{band[0]:.1f} to {band[1]:.1f} MHz"
    return (
        f"band of the best design, checked on a finer mesh: {wide}, source {best['z0']:.4g} ohm",
        f"smallest efficiency from 5 to 35 MHz {100 * checked['min_efficiency_5_35']:.3g} %, "
        f"power closure {checked['power_closure']:.1e}",
        f"|S11| against {summary['measurement']['name']}, FSV of dB values: prototype's design "
        f"rms {own['rms_db']:.2f} dB, {own['fsv']['grade']}; best design "
        f"rms {best['rms_db']:.2f} dB, {best['fsv']['grade']}",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/demo"))
    parser.add_argument("--trials", type=int, default=120)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    try:
        result = main(options.out, options.trials, options.workers)
    except la.LunarAntennaError as error:
        sys.exit(f"demo: {error}")
    best = result["optimisation"]["best"]
    print(json.dumps({"best": best, "seconds": result["seconds"]}, indent=1))
    for line in (*human(result), f"open {options.out / 'report.html'}"):
        print(line, file=sys.stderr)
