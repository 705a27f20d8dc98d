"""From a geometry to an optimised membrane dipole on lunar soil, and a prototype held to its .s1p.

1. optimise a bow-tie of copper on polyimide film for its widest band on 25 layers of highland soil
2. solve the best design where the study did, as `lunar-antenna solve best.toml` does
3. draw it: for the workshop (SVG) and for the eye
4. solve the design of the shipped (synthetic) prototype and hold it against its .s1p, with cable,
   balun and hub taken off
5. write the page

A finished demo is shown again in a moment; delete its folder to make it anew.

    python examples/demo.py --out out/demo
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import lunar_antenna as la
from lunar_antenna.cli.progress import progress_bar
from lunar_antenna.common.catalogue import folder
from lunar_antenna.common.files import write_json
from lunar_antenna.geometry.drawings.files import export_layout
from lunar_antenna.measurement.corrections.deembed import deembed, without_capacitance
from lunar_antenna.report.report import report
from lunar_antenna.search.headline import headline
from lunar_antenna.search.output.design import design_of

SOIL = "sourcebook_highland"
MATERIALS = {"metal": "copper_18um", "film": "polyimide_50um"}
PROTOTYPE = "prototype_synthetic"
STEPS = 5
MADE = {
    "report.html": "the page: design, reflection, efficiency, pattern, trust",
    "prototype.html": "the prototype's design against its measurement",
    "study/report.html": "the search: every trial and stage",
    "study/best.toml": "the design: lunar-antenna solve, tolerance, geometry show",
    "study/best.h5": "its solution: lunar-antenna export, report, compare",
    "workshop.svg": "its drawing for the workshop, in millimetres, with dimensions",
    "overview.png": "reflection, where the power goes, pattern",
    "pattern.png": "directivity over the sky",
    "comparison.png": "simulation over measurement",
    "summary.json": "all numbers",
}


def main(out: Path, trials: int, workers: int) -> dict[str, Any]:
    """Run everything; returns what is written to ``summary.json``."""
    start = time.perf_counter()
    study = out / "study"
    with progress_bar(f"1/{STEPS} optimise on {SOIL}") as progress:
        found = la.optimize(
            "bowtie", SOIL, trials=trials, seed=1, workers=workers, parameters=MATERIALS,
            check=1, out=study, resume=study.is_dir(), progress=progress,
        )  # fmt: skip
    z0 = found.z0
    design = design_of(study / "best.toml")
    assert z0 is not None
    assert design is not None
    solution = la.load(study / "best.h5")
    tell(2, "judge the best design as lunar-antenna solve does")
    port, at = design.ended(z0)
    judged = headline(solution, port, at, design.goals)

    tell(3, "draw it")
    best = solution.problem.layout
    export_layout(best, out / "workshop.svg", unit="mm", notes=True)
    la.plot.overview(solution, z0).savefig(out / "overview.png")
    la.plot.pattern_3d(solution, 15e6).savefig(out / "pattern.png")

    tell(4, f"solve the prototype's design and hold it against {PROTOTYPE}")
    measurement = la.load_measurement(PROTOTYPE)
    fixture = la.load_measurement(folder("measurements") / f"{PROTOTYPE}_fixture.s2p")
    truth = measurement.metadata["truth"]  # a synthetic measurement says what it was made from
    measured = without_capacitance(deembed(measurement, fixture), truth["hub_capacitance"])
    shape = la.load_geometry(measurement.metadata["geometry"], **truth["geometry_parameters"])
    prototype = la.solve(la.Problem(shape, "free-space", band=la.Band.mhz(5, 35, points=61)))
    comparison = la.compare(prototype, measured)
    la.plot.comparison(comparison).savefig(out / "comparison.png")

    tell(5, "write the pages")
    report(solution, None, out / "report.html", z0)
    report(prototype, measured, out / "prototype.html")
    band = judged.band
    summary = {
        "asked": asked(trials),
        "optimisation": found.to_dict(),
        "best": {
            "soil": SOIL,
            "z0": z0,
            "band_mhz": None if band is None else [edge / 1e6 for edge in band],
            "min_efficiency_5_35": judged.lowest,
            "solver": solution.provenance.solver,
            "accuracy": solution.provenance.accuracy,
            "power_closure": float(solution.quality.power_closure.max()),
        },
        "measurement": {"name": measurement.name, "kind": measurement.kind},
        "prototype_design_against_measurement": comparison.to_dict(),
        "files": [name for name in MADE if name != "summary.json"],
        "seconds": time.perf_counter() - start,
    }
    write_json(out / "summary.json", summary)
    return summary


def asked(trials: int) -> dict[str, Any]:
    """What a finished demo has to have been asked for to be shown again."""
    return {"version": la.__version__, "soil": SOIL, "trials": trials, "seed": 1}


def finished(out: Path, trials: int) -> dict[str, Any] | None:
    """The summary of a demo that is whole in ``out``, or None."""
    try:
        summary: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = all((out / name).is_file() for name in MADE)
    return summary if whole and summary.get("asked") == asked(trials) else None


def tell(step: int, what: str) -> None:
    print(f"{step}/{STEPS} {what}", file=sys.stderr, flush=True)


def human(summary: dict[str, Any], out: Path) -> str:
    """Results, then what was made, then the one page to open."""
    best, own = summary["best"], summary["prototype_design_against_measurement"]
    band = best["band_mhz"]
    wide = "none" if band is None else f"{band[0]:.2f} to {band[1]:.2f} MHz"
    width = max(len(str(out / name)) for name in MADE)
    lines = [
        f"best design on {best['soil']}: mismatch efficiency >= 0.9 over {wide} from "
        f"{best['z0']:.4g} ohm,",
        f"  at least {100 * best['min_efficiency_5_35']:.3g} % from 5 to 35 MHz "
        f"(solver {best['solver']}, {best['accuracy']}; power closure "
        f"{best['power_closure']:.1e})",
        f"prototype's design against {summary['measurement']['name']}: rms {own['rms_db']:.2f} dB "
        f"of |S11|, FSV {own['fsv']['grade']}",
        "made:",
        *(f"  {out / name!s:<{width}}  {what}" for name, what in MADE.items()),
        f"open {out / 'report.html'}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/demo"))
    parser.add_argument("--trials", type=int, default=120)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        result = finished(options.out, options.trials)
        if result is None:
            result = main(options.out, options.trials, options.workers)
        else:
            print(f"made before; delete {options.out} to make it anew", file=sys.stderr)
    except la.LunarAntennaError as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        print("demo: interrupted; what is finished is kept, start it again", file=sys.stderr)
        sys.exit(130)
    print(human(result, options.out))
