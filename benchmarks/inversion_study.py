"""Can the soil be read back?  Synthetic sweeps over random soils and heights, and the time.

    python benchmarks/inversion_study.py [--sweeps 200] [--geometry bowtie] [--out FILE.json]

Truth: planar solver, accuracy "fine" on a mesh of its own for every soil; inversion: emulator of
accuracy "normal" on one mesh.  Errors 0.2 dB and 2 degrees (standard deviations), half of the
variance common to the sweep.  "Possible": 1.645 standard errors of the Fisher information at the
truth are at most 3 % of eps_r and 1 cm of height; found: the least-squares answer is as near.
Coverage: of the 90 % posterior intervals, with a two-sided binomial test.

At the end one full inversion of three parameters, with and without posterior, is timed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

import lunar_antenna as la
from lunar_antenna.inversion.invert import prepare
from lunar_antenna.inversion.study import run_study, true_sweep
from lunar_antenna.measurement.record import Measurement

PRIORS = {"eps_r": (2.5, 4.5), "loss_tangent": (0.002, 0.02), "height": (0.0, 0.5)}
TOLERANCE = {"eps_r": (0.03, True), "height": (0.01, False)}
Z0 = 100.0  # ohm
POINTS = 151
HELD_OUT = 20


def antenna(name: str) -> la.Problem:
    """The antenna on a soil whose numbers are all free."""
    return la.Problem(la.load_geometry(name), la.Stack.half_space(3.0, loss_tangent=0.01))


def main() -> None:
    parser = argparse.ArgumentParser(description="Study of the inversion.")
    parser.add_argument("--sweeps", type=int, default=200)
    parser.add_argument("--geometry", default="bowtie")
    parser.add_argument("--points", type=int, default=POINTS)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, help="JSON with one row per sweep")
    given = parser.parse_args()
    frequency = np.linspace(5e6, 35e6, given.points)
    start = time.perf_counter()
    prepared = prepare(antenna(given.geometry), frequency, Z0, priors=PRIORS)
    print(
        f"{given.geometry}, {given.points} points: emulator of {prepared.emulator.nodes} solver "
        f"runs, largest open surplus {prepared.emulator.error:.2g} standard errors, "
        f"{time.perf_counter() - start:.1f} s"
    )
    box = prepared.setup.ranges
    random = np.random.default_rng(given.seed + 1)
    low, high = [item.low for item in box], [item.high for item in box]
    errors = prepared.errors_at(random.uniform(low, high, size=(HELD_OUT, len(box))))
    print(
        f"emulator at {HELD_OUT} held-out points of the prior, in standard errors of a sweep: "
        f"median {np.median(errors):.2g}, largest {errors.max():.2g}"
    )
    last = [time.perf_counter()]

    def tell(fraction: float, message: str) -> None:
        del fraction
        if time.perf_counter() - last[0] > 30.0:
            last[0] = time.perf_counter()
            print(message, file=sys.stderr, flush=True)

    start = time.perf_counter()
    study = run_study(prepared, given.sweeps, seed=given.seed, progress=tell)
    print(f"{given.sweeps} sweeps in {time.perf_counter() - start:.0f} s")
    result = study.to_dict(TOLERANCE)
    print(json.dumps(result, indent=1))
    share = result["found_where_possible"] / max(1, result["possible"])
    print(f"found in {100.0 * share:.1f} % of the possible cases")
    if given.out is not None:
        rows = {
            name: getattr(study, name).tolist()
            for name in ("truth", "estimate", "sigma", "interval", "chi2")
        }
        given.out.write_text(json.dumps({"names": study.names, **result, **rows}))
    clean = true_sweep(prepared.setup, np.array([3.2, 0.008, 0.12]), "fine")
    seen = prepared.setup.errors.draw(frequency, clean, np.random.default_rng(3))
    sweep = Measurement(frequency, seen, Z0, "synthetic", name="timed")
    start = time.perf_counter()
    found = la.invert(antenna(given.geometry), sweep)
    middle = time.perf_counter()
    found = found.sampled()
    end = time.perf_counter()
    print(
        f"one inversion, default priors: {middle - start:.1f} s, "
        f"{sum(found.work.runs.values())} solver runs; posterior {end - middle:.1f} s more"
    )


if __name__ == "__main__":
    main()
