"""How often the stated intervals hold the truth, where the noise is below the error of the mesh.

    python benchmarks/inversion_coverage.py [--truths 15] [--noise 1e-3,5e-3] [--points 31]
        [--layouts bowtie,strip,coupled,film_below] [--seed 5] [--accuracy fine]
        [--truth-file FILE.npz]

Truths: random soils and heights, solved directly on meshes finer than "fine" (all spacings times
0.7) that follow each soil; white noise of the stated size on Re and Im of the reflection in 100
ohm, and the inversion is told its size.  Counted: eps_r, loss tangent and height within 1 and
within 1.96 standard errors.  The finer meshes are kept in --truth-file and read from it.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

import lunar_antenna as la
from lunar_antenna.inversion.errors import ErrorModel
from lunar_antenna.inversion.invert import prepare
from lunar_antenna.measurement.record import Measurement
from lunar_antenna.solvers.planar.one_mesh import PlanarMesh

PRIORS = {"eps_r": (2.5, 4.5), "loss_tangent": (0.003, 0.03), "height": (0.0, 0.3)}
DRAWN = {"eps_r": (2.7, 4.3), "loss_tangent": (0.005, 0.025), "height": (0.02, 0.25)}
NAMES = tuple(PRIORS)
Z0, FINER = 100.0, 0.7


def layouts() -> dict[str, la.Layout]:
    film, metal = "polyimide_50um", "copper_18um"
    below = {"thickness": 5e-5, "eps_r": 3.4, "loss_tangent": 0.003, "side": "below"}
    wide = {"length": 10.0, "width": 2.0, "metal": metal}
    return {
        "bowtie": la.load_geometry("bowtie", film=film, **wide),
        "strip": la.load_geometry("strip", length=10.0, width=0.2, metal=metal, film=film),
        "coupled": la.load_geometry("coupled_bowtie"),
        "film_below": la.load_geometry("bowtie", film=below, **wide),
    }


def reflections(layout: la.Layout, frequency: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(n, n_freq) of soils and heights ``values`` (n, 3), each on a finer mesh of its own."""
    rows = []
    for eps_r, tan_delta, height in values:
        soil = la.Stack.half_space(eps_r, loss_tangent=tan_delta)
        problem = la.Problem(layout, soil, height, la.Band(frequency))
        z = PlanarMesh(problem, "fine", FINER).impedance(problem)[:, 0, 0]
        rows.append((z - Z0) / (z + Z0))
    return np.array(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Coverage of the inversion's intervals.")
    parser.add_argument("--truths", type=int, default=15, help="of each layout")
    parser.add_argument("--layouts", default="bowtie,strip,coupled,film_below")
    parser.add_argument("--noise", default="1e-3,5e-3")
    parser.add_argument("--points", type=int, default=31)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--accuracy", default="fine")
    parser.add_argument("--truth-file", type=Path)
    given = parser.parse_args()
    frequency = np.linspace(5e6, 35e6, given.points)
    random = np.random.default_rng(given.seed)
    low, high = np.array(list(DRAWN.values())).T
    every: dict[float, list[np.ndarray]] = {}
    for name in given.layouts.split(","):
        layout = layouts()[name]
        truth = low + (high - low) * random.random((given.truths, 3))
        kept = given.truth_file and given.truth_file.with_suffix(f".{name}.npz")
        if kept and kept.exists():
            stored = np.load(kept)
            truth, clean = stored["truth"][: given.truths], stored["gamma"][: given.truths]
        else:
            clean = reflections(layout, frequency, truth)
            if kept:
                np.savez(kept, truth=truth, gamma=clean)
        soil = la.Stack.half_space(3.0, loss_tangent=0.01)
        for size in map(float, given.noise.split(",")):
            start = time.process_time()
            errors = ErrorModel(db=1e-4, degrees=1e-3, systematic=0.0, floor=size)
            prepared = prepare(
                la.Problem(layout, soil),
                frequency,
                Z0,
                priors=PRIORS,
                errors=errors,
                accuracy=given.accuracy,
                workers=1,
            )
            rows = []
            for values, gamma in zip(truth, clean, strict=True):
                white = random.normal(size=(2, given.points))
                seen = gamma + size * (white[0] + 1j * white[1])
                sweep = Measurement(frequency, seen, Z0, "synthetic", name="sweep")
                found = prepared.invert(sweep, held_out=0)
                best = np.array([found.values[item] for item in NAMES])
                rows.append((best - values) / np.array([found.sigma[item] for item in NAMES]))
            off = np.array(rows)
            every.setdefault(size, []).append(off)
            tell(f"{name} {size:g}", off, time.process_time() - start)
    for size, parts in every.items():
        tell(f"all {size:g}", np.vstack(parts), 0.0)


def tell(label: str, off: np.ndarray, seconds: float) -> None:
    """off (n, 3): answer less truth in standard errors."""
    one, two = np.abs(off) < 1.0, np.abs(off) < 1.96
    print(
        f"{label:18s} {len(off)} truths: within 68 % "
        + " ".join(f"{n} {100 * v:.0f}" for n, v in zip(NAMES, one.mean(axis=0), strict=True))
        + f" all {100 * one.mean():.0f} %; within 95 % "
        + " ".join(f"{n} {100 * v:.0f}" for n, v in zip(NAMES, two.mean(axis=0), strict=True))
        + f" all {100 * two.mean():.0f} %; mean "
        + " ".join(f"{v:+.2f}" for v in off.mean(axis=0))
        + f"; largest {np.abs(off).max():.1f}; {seconds:.0f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()
