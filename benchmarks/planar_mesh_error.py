"""How good the planar solver's estimates of its own error are: random designs, much finer meshes.

For each design Z, the split of power and gains are computed as ``solve`` does, with z_error,
r_error, efficiency_error and gain_error, and on a mesh with all spacings halved (twice the cells
from rim to middle, twice the nodes per wavelength, half the spacing at corners and the feed;
tests/planar_refinement.py).  The ratio of an estimate to the difference says whether it covers the
error; at best: of an estimate that knew each design's own rms error (tests/estimate_measures.py).
Errors below 1e-4 are none.  With --out what each design is on its three meshes is written as it is
found: a second run goes on from there, and holds the estimates in force against all that is
written.

    python benchmarks/planar_mesh_error.py [--accuracy draft] [--designs 100] [--close] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from estimate_measures import measures
from planar_refinement import MOST_PAIRS, Meshes, meshes
from random_designs import close_rims, random_problem

NAMES = ("z_error", "r_error", "efficiency_error", "gain_error")
FELT = 1e-4  # of |Z| or Re Z
FREQUENCY = np.linspace(5e6, 35e6, 9)


def row(word: str, name: str, found: list[dict[str, Any]]) -> str:
    """One line of the table: an estimate and the error it stands for, over all designs."""
    both = [Meshes.from_dict(item["meshes"]).errors(word)[name] for item in found]
    stated, true = ([np.ravel(pair[k]) for pair in both] for k in range(2))
    covered, ratio, at_best = measures(stated, true, FELT)
    felt = np.concatenate(true)
    felt = felt[felt > FELT]
    error = " | ".join(f"{value:.2f} %" for value in 100.0 * np.quantile(felt, (0.5, 0.95, 1.0)))
    return (
        f"| {word} | {name} | {len(found)} | {felt.size} | {error} | "
        f"{100.0 * covered:.1f} % | {ratio:.2f} | {at_best:.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accuracy", nargs="+", default=["draft", "normal"])
    parser.add_argument("--designs", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="seed of the first design")
    parser.add_argument("--close", action="store_true", help="wide metal with rims close to others")
    parser.add_argument("--most", type=float, default=MOST_PAIRS, help="pairs of the reference")
    parser.add_argument("--out", type=Path, help="file for all numbers, one design a line")
    options = parser.parse_args()
    draw = close_rims if options.close else random_problem
    found: dict[tuple[str, int], dict[str, Any]] = {}
    if options.out and options.out.exists():
        for line in options.out.read_text().splitlines():
            item = json.loads(line)
            found[item["accuracy"], item["seed"]] = item
    for seed in range(options.first, options.first + options.designs):
        for word in options.accuracy:
            if (word, seed) in found:
                continue
            what, problem = draw(seed, FREQUENCY)
            solved = meshes(problem, word, options.most)
            small = solved is not None
            item: dict[str, Any] = {"accuracy": word, "seed": seed, "what": what, "small": small}
            if solved is not None:
                item["meshes"] = solved.to_dict()
            found[word, seed] = item
            if options.out:
                with options.out.open("a") as file:
                    file.write(json.dumps(item) + "\n")
            print(f"{word} {what}: {'compared' if small else 'too large'}", flush=True)
    columns = ("mesh", "estimate", "designs", "values", "median error", "95 % below", "largest")
    print("| " + " | ".join((*columns, "covered", "median ratio", "at best")) + " |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for word in options.accuracy:
        small = [item for key, item in found.items() if key[0] == word and item["small"]]
        for name in NAMES if small else ():
            print(row(word, name, small))


if __name__ == "__main__":
    main()
