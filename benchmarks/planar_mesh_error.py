"""How good z_error of the planar solver is: random designs against a mesh finer in every direction.

For each design Z is computed as ``solve`` does, with its z_error, and on a mesh with all spacings
halved (twice the cells from rim to middle, twice the nodes per wavelength, half the spacing at the
feed).  The ratio of z_error to the difference says whether the estimate covers the error.  As a
check of that reference which does not depend on the mesher's rules, --subdivide cuts every triangle
of the solver's own mesh in four instead (that halves the cells at rims only, so a part of their
error is in both).

    python benchmarks/planar_mesh_error.py [--accuracy draft] [--designs 100] [--first 0]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from planar_refinement import subdivided
from random_designs import random_problem

from lunar_antenna.solvers.planar.accuracy import (
    coarser_size,
    estimated_error,
    mesh_size,
    span,
)
from lunar_antenna.solvers.planar.kernels import kernels_for
from lunar_antenna.solvers.planar.mesh import triangulate
from lunar_antenna.solvers.planar.sweep import run_sweep

FREQUENCY = np.linspace(5e6, 35e6, 9)
LARGEST = 7000  # triangles of the reference; larger designs are left out


def errors(seed: int, accuracy: str, subdivide: bool) -> tuple[str, np.ndarray, np.ndarray] | None:
    """(design, stated error (n,), true error (n,)), None for a design that is too large."""
    what, problem = random_problem(seed, FREQUENCY)
    size = mesh_size(problem, accuracy)
    own = triangulate(problem.layout, size)
    finer = subdivided(own) if subdivide else triangulate(problem.layout, size.coarser(0.5))
    if len(finer.triangles) > LARGEST:
        return None
    kernels = kernels_for(problem, problem.frequency, span(problem), flux=False)
    z, coarse, right = (
        run_sweep(problem, kernels, mesh, losses=False, currents=False).z
        for mesh in (own, triangulate(problem.layout, coarser_size(size, accuracy)), finer)
    )
    scale = np.abs(np.diagonal(right, axis1=1, axis2=2)).max(axis=1)
    true = np.abs(z - right).max(axis=(1, 2)) / scale
    return f"{what}, {len(own.triangles)} triangles", estimated_error(z, coarse, accuracy), true


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accuracy", nargs="+", default=["draft", "normal", "fine"])
    parser.add_argument("--designs", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="seed of the first design")
    parser.add_argument("--subdivide", action="store_true")
    options = parser.parse_args()
    for accuracy in options.accuracy:
        started = time.perf_counter()
        stated, true, left_out = [], [], 0
        for seed in range(options.first, options.first + options.designs):
            found = errors(seed, accuracy, options.subdivide)
            if found is None:
                left_out += 1
                continue
            what, z_error, error = found
            stated.append(z_error)
            true.append(error)
            print(
                f"{what}: true median {100 * np.median(error):.2f} %, max "
                f"{100 * error.max():.2f} %, z_error over it {np.median(z_error / error):.2f}, "
                f"covered {100 * np.mean(z_error >= error):.0f} %",
                flush=True,
            )
        ratio = np.concatenate(stated) / np.concatenate(true)
        error = np.concatenate(true)
        print(
            f"== {accuracy}: {len(true)} designs ({left_out} too large), {ratio.size} frequencies; "
            f"true error median {100 * np.median(error):.2f} %, 95 % below "
            f"{100 * np.quantile(error, 0.95):.2f} %, largest {100 * error.max():.2f} %; z_error "
            f"covers it at {100 * np.mean(ratio >= 1.0):.1f} %, median ratio "
            f"{np.median(ratio):.2f}; {time.perf_counter() - started:.0f} s"
        )


if __name__ == "__main__":
    main()
