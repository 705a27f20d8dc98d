"""How good the planar solver's estimates of its own error are: random designs, much finer meshes.

For each design Z and the split of power are computed as ``solve`` does, with z_error, r_error and
efficiency_error, and on a mesh with all spacings halved (twice the cells from rim to middle, twice
the nodes per wavelength, half the spacing at corners and the feed; tests/planar_refinement.py).
The ratio of an estimate to the difference says whether it covers the error.  Errors below 1e-4 are
none.  With --out each design is written as it is found, and a second run goes on from there.

    python benchmarks/planar_mesh_error.py [--accuracy draft] [--designs 100] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from planar_refinement import MOST_PAIRS, compared
from random_designs import random_problem

NAMES = ("z_error", "r_error", "efficiency_error")
FELT = 1e-4  # of |Z| or Re Z
FREQUENCY = np.linspace(5e6, 35e6, 9)


def row(word: str, name: str, found: list[dict[str, Any]]) -> str:
    """One line of the table: an estimate and the error it stands for, over all designs."""
    stated, true = (np.concatenate([np.ravel(item[name][k]) for item in found]) for k in range(2))
    felt = true > FELT
    ratio = stated[felt] / true[felt]
    quantiles = 100.0 * np.quantile(true[felt], (0.5, 0.95, 1.0))
    error = " | ".join(f"{value:.2f} %" for value in quantiles)
    return (
        f"| {word} | {name} | {len(found)} | {felt.sum()} | {error} | "
        f"{100.0 * np.mean(ratio >= 1.0):.1f} % | {np.median(ratio):.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accuracy", nargs="+", default=["draft", "normal"])
    parser.add_argument("--designs", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="seed of the first design")
    parser.add_argument("--most", type=float, default=MOST_PAIRS, help="pairs of the reference")
    parser.add_argument("--out", type=Path, help="file for all numbers, one design a line")
    options = parser.parse_args()
    found: dict[tuple[str, int], dict[str, Any]] = {}
    if options.out and options.out.exists():
        for line in options.out.read_text().splitlines():
            item = json.loads(line)
            found[item["accuracy"], item["seed"]] = item
    for seed in range(options.first, options.first + options.designs):
        for word in options.accuracy:
            if (word, seed) in found:
                continue
            what, problem = random_problem(seed, FREQUENCY)
            pair = compared(problem, word, options.most)
            item = {"accuracy": word, "seed": seed, "what": what, "small": pair is not None}
            for name, values in (pair or {}).items():
                item[name] = [np.round(value, 6).tolist() for value in values]
            found[word, seed] = item
            if options.out:
                with options.out.open("a") as file:
                    file.write(json.dumps(item) + "\n")
            print(f"{word} {what}: {'compared' if pair else 'too large'}", flush=True)
    columns = ("mesh", "estimate", "designs", "values", "median error", "95 % below", "largest")
    print("| " + " | ".join((*columns, "covered", "median ratio")) + " |")
    print("|---|---|---|---|---|---|---|---|---|")
    for word in options.accuracy:
        small = [item for key, item in found.items() if key[0] == word and item["small"]]
        for name in NAMES:
            print(row(word, name, small))


if __name__ == "__main__":
    main()
