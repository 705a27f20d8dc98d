"""How good the planar solver's estimates of its own error are: random designs, much finer meshes.

For each design Z and the split of power are computed as ``solve`` does, with z_error, r_error and
efficiency_error, and on a mesh with all spacings halved (twice the cells from rim to middle, twice
the nodes per wavelength, half the spacing at corners and the feed).  The ratio of an estimate to
the difference says whether it covers the error.  As a check of that reference which does not depend
on the mesher's rules, --subdivide cuts every triangle of the solver's own mesh in four instead.

    python benchmarks/planar_mesh_error.py [--accuracy draft] [--designs 100] [--first 0]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from planar_refinement import LARGEST, compared
from random_designs import random_problem

NAMES = ("z_error", "r_error", "efficiency_error")


def summary(what: str, stated: list[np.ndarray], true: list[np.ndarray]) -> str:
    """One line on an estimate and the error it stands for, over all designs."""
    estimate, error = np.concatenate(stated), np.concatenate(true)
    ratio = estimate / np.maximum(error, 1e-12)
    return (
        f"  {what}: true error median {100 * np.median(error):.2f} %, 95 % below "
        f"{100 * np.quantile(error, 0.95):.2f} %, largest {100 * error.max():.2f} %; covered at "
        f"{100 * np.mean(ratio >= 1.0):.1f} %, median ratio {np.median(ratio):.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accuracy", nargs="+", default=["draft", "normal"])
    parser.add_argument("--designs", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="seed of the first design")
    parser.add_argument("--largest", type=int, default=LARGEST, help="triangles of the reference")
    parser.add_argument("--subdivide", action="store_true")
    parser.add_argument("--out", help="file for all numbers (npz)")
    options = parser.parse_args()
    frequency = np.linspace(5e6, 35e6, 9)
    for accuracy in options.accuracy:
        started, left_out = time.perf_counter(), 0
        found = {name: ([], []) for name in NAMES}
        kept = {}
        for seed in range(options.first, options.first + options.designs):
            what, problem = random_problem(seed, frequency)
            pair = compared(problem, accuracy, options.subdivide, options.largest)
            if pair is None:
                left_out += 1
                continue
            line = []
            for name in NAMES:
                stated, true = pair[name]
                found[name][0].append(stated.ravel())
                found[name][1].append(true.ravel())
                kept[f"{seed} {name}"] = np.stack((stated, true))
                line.append(
                    f"{name} true {100 * np.median(true):.2f} %, covered "
                    f"{100 * np.mean(stated >= true):.0f} %"
                )
            print(f"{what}: " + "; ".join(line), flush=True)
            if options.out:
                np.savez(options.out, **kept)
        count = len(found["z_error"][0])
        print(
            f"== {accuracy}: {count} designs ({left_out} too large), "
            f"{time.perf_counter() - started:.0f} s"
        )
        for name in NAMES:
            print(summary(name, *found[name]), flush=True)


if __name__ == "__main__":
    main()
