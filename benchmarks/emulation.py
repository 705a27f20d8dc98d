"""An emulator of soil and height against direct solves on the same mesh.

    python benchmarks/emulation.py [--cases bowtie,strip,...] [--points 200]
                                  [--repetitions 20] [--after 0]

Copper on film, 61 frequencies 5-35 MHz, height 0-0.1 m; `bowtie`, `strip`: 10 m x 2 m and
10 m x 0.2 m on a half-space of eps_r 2.5-4.5 and loss tangent 0.003-0.03, the same on the fine mesh
in `..._fine`; `layers`: six parameters of two layers; `crossed`: two bow-ties, a port each, on
the draft mesh, `crossed_normal` on the normal one, its direct solves of some half a minute each;
`conductivity`, `floor` (metal below), `film_below`, `no_film`.

Printed for each: CPU seconds of building Z alone and all, each with the direct solves that tell
held_out_error; milliseconds of a call for Z and for a solution; megabytes of the file; then against
direct solves at held-out points, corners and a tenth of them at height 0 among them, the largest
difference of the reflection (S for several ports) in 100 ohm by the emulator of Z alone and by that
of all, of R_sky, R_ground, R_film over Re Z, of R_metal over itself, of the far field over its
peak.  Last, how held_out_error compares with the true error over as many boxes and seeds (strip,
"draft", 13 frequencies, Z alone, 40 points each); --after leaves out the first ones.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import lunar_antenna as la
from lunar_antenna.conventions import FloatArray
from lunar_antenna.emulation.box import corners
from lunar_antenna.emulation.build import difference
from lunar_antenna.problem import Problem
from lunar_antenna.radiation import far_field
from lunar_antenna.solvers.planar.one_mesh import PlanarMesh
from lunar_antenna.solvers.protocol import Power

BAND = la.Band.mhz(5, 35, 61)
SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)
LAYERS = la.Stack([la.Layer(0.5, 3.0, 0.01), la.Layer(math.inf, 4.0, 0.01)])
FLOOR = la.Stack([la.Layer(3.0, 3.0, 0.01), la.Layer.conductor()])
OVER = {"eps_r": (2.5, 4.5), "loss_tangent": (0.003, 0.03), "height": (0.0, 0.1)}
UPPER = {"eps_r": (2.0, 3.5), "loss_tangent": (0.003, 0.03), "thickness": (0.2, 3.0)}
LOWER = {"eps_r_2": (3.0, 6.0), "loss_tangent_2": (0.003, 0.03), "height": (0.0, 0.1)}
SIGMA = {"eps_r": (2.5, 4.5), "conductivity": (1e-5, 1e-3), "height": (0.0, 0.1)}
WIDTH = {"bowtie": 2.0, "strip": 0.2, "crossed_bowtie": 2.0}
FILM = {"thickness": 5e-5, "eps_r": 3.4, "loss_tangent": 0.003}
LOOK = np.meshgrid(np.linspace(0.0, 1.5, 7), np.linspace(0.0, 2.0 * np.pi, 9))
HEADS = (
    "case",
    "accuracy",
    "points",
    "build Z / all, s",
    "call Z / all, ms",
    "file Z / all, MB",
    "reflection: Z",
    "all",
    "stated Z / all",
    "R_sky",
    "R_ground",
    "R_film",
    "R_metal of itself",
    "far field",
)


def layout(name: str, side: str | None = "above") -> la.Layout:
    film = {**FILM, "side": side} if side else None
    return la.load_geometry(name, length=10.0, width=WIDTH[name], film=film, metal="copper_18um")


@dataclass(frozen=True, slots=True)
class Case:
    layout: la.Layout
    stack: la.Stack = SOIL
    over: dict[str, tuple[float, float]] | None = None
    accuracy: str = "normal"


def cases() -> dict[str, Case]:
    strip = layout("strip")
    return {
        "bowtie": Case(layout("bowtie")),
        "strip": Case(strip),
        "bowtie_fine": Case(layout("bowtie"), accuracy="fine"),
        "strip_fine": Case(strip, accuracy="fine"),
        "layers": Case(layout("bowtie"), LAYERS, {**UPPER, **LOWER}),
        "crossed": Case(layout("crossed_bowtie"), accuracy="draft"),
        "crossed_normal": Case(layout("crossed_bowtie")),
        "conductivity": Case(strip, SOIL, SIGMA),
        "floor": Case(strip, FLOOR, {"thickness": (1.0, 5.0), "height": (0.0, 0.1)}),
        "film_below": Case(layout("strip", "below")),
        "no_film": Case(layout("strip", None)),
    }


def places(dimensions: int, count: int, seed: int) -> FloatArray:
    """(n, d): corners, a tenth on the soil (last axis 0), others anywhere."""
    found = np.random.default_rng(seed).random((count, dimensions))
    ends = corners(dimensions, 8)
    found[: len(ends)] = ends
    found[len(ends) : len(ends) + count // 10, -1] = 0.0
    return found


def seconds(work: Callable[[], object], repeat: int = 1) -> float:
    start = time.process_time()
    for _ in range(repeat):
        work()
    return (time.process_time() - start) / repeat


def megabytes(made: la.Emulator) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "emulator.h5"
        made.save(file)
        return file.stat().st_size / 1e6


def field_error(problem: Problem, elements: object, direct: Power) -> float:
    """Of the largest field at each of seven frequencies and each port."""
    worst = 0.0
    for index in range(0, problem.frequency.size, 10):
        f, layers = problem.frequency[index], problem.stratification
        field, true = (
            np.array(far_field(item, index, f, layers, *LOOK))
            for item in (elements, direct.elements)
        )
        for port in range(true.shape[1]):
            peak = np.abs(true[:, port]).max()
            worst = max(worst, np.abs(field[:, port] - true[:, port]).max() / peak)
    return worst


def errors(alone: la.Emulator, whole: la.Emulator, count: int, seed: int) -> dict[str, float]:
    mesh = PlanarMesh(whole.box.densest, whole.accuracy, 1.0)
    worst: dict[str, float] = {}
    for place in places(len(whole.box.axes), count, seed):
        problem = whole.box.at(whole.box.values(place))
        direct = mesh.power(problem)
        z, shares, elements = whole.power(problem)
        resistance = np.diagonal(direct.z, axis1=1, axis2=2).real.max(axis=1)[:, None, None]
        found = {
            "reflection: Z": difference(alone.z_of(problem), direct.z),
            "all": difference(z, direct.z),
            "far field": field_error(problem, elements, direct),
        }
        for name in ("sky", "ground", "film"):
            off = np.abs(shares[name] - direct.shares[name]) / resistance
            found[f"R_{name}"] = off.max()
        mine, true = (
            np.diagonal(s["metal"], axis1=1, axis2=2).real for s in (shares, direct.shares)
        )
        found["R_metal of itself"] = np.abs(mine / true - 1.0).max()
        worst = {name: max(worst.get(name, 0.0), float(value)) for name, value in found.items()}
    return worst


def row(name: str, case: Case, count: int) -> None:
    problem = la.Problem(case.layout, case.stack, 0.05, BAND)
    over, made = case.over or OVER, {}

    def build(needs: str) -> None:
        made[needs] = la.emulate(problem, over, accuracy=case.accuracy, needs=needs)

    build_z, build_all = (seconds(lambda n=n: build(n)) for n in ("impedance", "far_field"))
    alone, whole = made["impedance"], made["far_field"]
    values = whole.box.values(np.full(len(over), 0.37))
    call_z = seconds(lambda: alone.z(**values), 100)
    call_all = seconds(lambda: whole(**values), 5)
    off = errors(alone, whole, count, 7)
    cells = {
        "case": f"`{name}`",
        "accuracy": case.accuracy,
        "points": f"{count}",
        "build Z / all, s": f"{build_z:.1f} / {build_all:.1f}",
        "call Z / all, ms": f"{1e3 * call_z:.1f} / {1e3 * call_all:.0f}",
        "file Z / all, MB": f"{megabytes(alone):.0f} / {megabytes(whole):.0f}",
        "stated Z / all": f"{alone.held_out_error:.0e} / {whole.held_out_error:.0e}",
        **{head: f"{value:.1e}" for head, value in off.items()},
    }
    print("| " + " | ".join(cells[head] for head in HEADS) + " |", flush=True)


def repetitions(count: int, seed: int, after: int) -> None:
    random = np.random.default_rng(seed)
    ratios = []
    for number in range(count):
        low, width = 1.5 + 2.0 * random.random(), 0.5 + 3.0 * random.random()
        over = {"eps_r": (low, low + width), "height": (0.0, 0.02 + 0.5 * random.random())}
        if number < after:
            continue
        problem = la.Problem(layout("strip"), SOIL, 0.05, la.Band.mhz(5, 35, 13))
        made = la.emulate(
            problem, over, 1e-2, accuracy="draft", needs="impedance", seed=seed + number
        )
        mesh = PlanarMesh(made.box.densest, "draft", 1.0)
        true = 0.0
        for place in places(2, 40, 100 * seed + number):
            at = made.box.at(made.box.values(place))
            true = max(true, difference(made.z_of(at), mesh.impedance(at)))
        ratios.append(made.held_out_error / true)
        print(f"{number + 1:3d} stated {made.held_out_error:.1e} true {true:.1e}", flush=True)
    print(
        f"stated over true: {min(ratios):.2f} to {max(ratios):.2f}, median {np.median(ratios):.2f}"
    )


def main() -> None:
    every = cases()
    parser = argparse.ArgumentParser(description="Emulator against direct solves.")
    parser.add_argument("--cases", default=",".join(every), help="by comma; '' for none")
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--after", type=int, default=0, help="repetitions left out at first")
    parser.add_argument("--seed", type=int, default=11, help="of the repetitions")
    given = parser.parse_args()
    la.emulate(  # compiles
        la.Problem(layout("strip"), SOIL, 0.05, la.Band.mhz(10, 20, 3)), OVER, accuracy="draft"
    )
    print("| " + " | ".join(HEADS) + " |")
    print("|" + "---|" * len(HEADS), flush=True)
    for name in filter(None, given.cases.split(",")):
        row(name, every[name], given.points)
    if given.repetitions:
        repetitions(given.repetitions, given.seed, given.after)


if __name__ == "__main__":
    main()
