"""An emulator of soil and height against direct solves on the same mesh.

    python benchmarks/emulation.py [--points 200] [--accuracy normal] [--layouts bowtie,strip]
        [--repetitions 0] [--seed 11]

Bow-tie 10 m x 2 m and strip 10 m x 0.2 m, copper on film, 61 frequencies 5-35 MHz, over a
half-space of eps_r 2.5-4.5, loss tangent 0.003-0.03, height 0-0.1 m.  Printed: CPU time of building
and of a call for Z, and the largest |difference| of the reflection in 100 ohm at held-out points,
among them corners and height 0; losses over Re Z and the far
field over its peak at 12 points.  --repetitions: how held_out_error compares with the true one over
as many boxes and seeds (strip, "draft", 13 frequencies, 40 points each).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

import lunar_antenna as la
from lunar_antenna.emulation.box import corners
from lunar_antenna.emulation.build import difference
from lunar_antenna.radiation import far_field
from lunar_antenna.solvers.planar.one_mesh import PlanarMesh

OVER = {"eps_r": (2.5, 4.5), "loss_tangent": (0.003, 0.03), "height": (0.0, 0.1)}
WIDTH = {"bowtie": 2.0, "strip": 0.2}
SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)


def layout(name: str) -> la.Layout:
    return la.load_geometry(
        name, length=10.0, width=WIDTH[name], film="polyimide_50um", metal="copper_18um"
    )


def places(dimensions: int, count: int, seed: int) -> np.ndarray:
    """(n, d): corners, a tenth on the soil (last axis 0), others anywhere."""
    found = np.random.default_rng(seed).random((count, dimensions))
    ends = corners(dimensions, 8)
    found[: len(ends)] = ends
    found[len(ends) : len(ends) + count // 10, -1] = 0.0
    return found


def errors(made: la.Emulator, accuracy: str, count: int, seed: int) -> np.ndarray:
    mesh = PlanarMesh(made.box.densest, accuracy, 1.0)
    found = []
    for place in places(len(made.box.axes), count, seed):
        values = made.box.values(place)
        found.append(difference(made.z(**values), mesh.impedance(made.box.at(values))))
    return np.array(found)


def table(name: str, accuracy: str, count: int) -> None:
    problem = la.Problem(layout(name), SOIL, 0.05, la.Band.mhz(5, 35, 61))
    start = time.process_time()
    la.emulate(problem, OVER, accuracy=accuracy, needs="impedance", check=False)
    bare = time.process_time() - start
    start = time.process_time()
    la.emulate(problem, OVER, accuracy=accuracy, needs="impedance")
    alone = time.process_time() - start
    start = time.process_time()
    made = la.emulate(problem, OVER, accuracy=accuracy)
    whole = time.process_time() - start
    start = time.process_time()
    for _ in range(50):
        made.z(eps_r=3.1, loss_tangent=0.01, height=0.02)
    call = (time.process_time() - start) / 50
    off = errors(made, accuracy, count, 7)
    print(
        f"{name:7s} {accuracy:7s} build Z {bare:.1f} s, with checks {alone:.1f} s, "
        f"all {whole:.1f} s; call "
        f"{1e3 * call:.1f} ms; {count} points: max |dGamma(100)| {off.max():.1e}, median "
        f"{np.median(off):.1e}; held_out_error {made.held_out_error:.1e}",
        flush=True,
    )
    losses(made, accuracy)


def losses(made: la.Emulator, accuracy: str, count: int = 12) -> None:
    mesh = PlanarMesh(made.box.densest, accuracy, 1.0)
    worst: dict[str, float] = {}
    start = time.process_time()
    made(eps_r=3.1, loss_tangent=0.01, height=0.02)
    call = time.process_time() - start
    for place in places(3, count, 8):
        problem = made.box.at(made.box.values(place))
        direct = mesh.power(problem)
        _, shares, elements = made.power(problem)
        parts = {
            name: np.abs((shares[name] - value) / direct.z.real).max()
            for name, value in direct.shares.items()
        }
        parts["metal of itself"] = np.abs(shares["metal"] / direct.shares["metal"] - 1.0).max()
        theta, phi = np.meshgrid(np.linspace(0.0, 1.5, 7), np.linspace(0.0, np.pi, 7))
        for index in range(0, problem.frequency.size, 10):
            f, layers = problem.frequency[index], problem.stratification
            field, true = (
                np.array(far_field(item, index, f, layers, theta, phi))
                for item in (elements, direct.elements)
            )
            off = np.abs(field - true).max() / np.abs(true).max()
            parts["far field"] = max(parts.get("far field", 0.0), off)
        worst = {name: max(worst.get(name, 0.0), value) for name, value in parts.items()}
    told = ", ".join(f"{name} {value:.1e}" for name, value in worst.items())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "emulator.h5"
        made.save(file)
        size = file.stat().st_size / 1e6
    print(
        f"        {count} points, over Re Z: {told}; call {1e3 * call:.0f} ms; file {size:.0f} MB"
    )


def repetitions(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    ratios = []
    for number in range(count):
        low, width = 1.5 + 2.0 * random.random(), 0.5 + 3.0 * random.random()
        over = {"eps_r": (low, low + width), "height": (0.0, 0.02 + 0.5 * random.random())}
        problem = la.Problem(layout("strip"), SOIL, 0.05, la.Band.mhz(5, 35, 13))
        made = la.emulate(
            problem, over, 1e-2, accuracy="draft", needs="impedance", seed=seed + number
        )
        true = errors(made, "draft", 40, 100 * seed + number).max()
        ratios.append(made.held_out_error / true)
        print(f"{number + 1:3d} stated {made.held_out_error:.1e} true {true:.1e}", flush=True)
    print(f"stated over true: {min(ratios):.2f} to {max(ratios):.2f}; least asked for 0.33")


def main() -> None:
    parser = argparse.ArgumentParser(description="Emulator against direct solves.")
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--accuracy", default="normal")
    parser.add_argument("--layouts", default="bowtie,strip")
    parser.add_argument("--repetitions", type=int, default=0)
    parser.add_argument("--seed", type=int, default=11, help="of the repetitions")
    given = parser.parse_args()
    for name in filter(None, given.layouts.split(",")):
        table(name, given.accuracy, given.points)
    if given.repetitions:
        repetitions(given.repetitions, given.seed)


if __name__ == "__main__":
    main()
