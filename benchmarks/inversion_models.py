"""How often an inversion names another model, where its own is right and where it is wrong.

    python benchmarks/inversion_models.py [--right 10] [--noise 1e-3,5e-3] [--layouts bowtie,strip]
        [--accuracy fine] [--seed 7] [--no-wrong] [--only width]

Right models: random half-spaces and heights.  Wrong ones: dimensions that are not as stated, soils
of two layers, a film nobody told of, a connector.  All are solved directly on finer meshes of their
own (all spacings times 0.8), with white noise on Re and Im of the reflection in 100 ohm; the
inversion keeps its DEFAULT errors, 0.2 dB and 2 degrees.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable

import numpy as np

import lunar_antenna as la
from lunar_antenna.inversion.invert import Prepared, prepare
from lunar_antenna.inversion.result import Inversion
from lunar_antenna.measurement.record import Measurement
from lunar_antenna.solvers.planar.one_mesh import PlanarMesh

Z0, FINER = 100.0, 0.8
FREQUENCY = np.linspace(5e6, 35e6, 31)
METAL, FILM = "copper_18um", "polyimide_50um"
SIZES = {"bowtie": (10.0, 2.0), "strip": (10.0, 0.2)}
LOW, HIGH = np.array([2.5, 0.004, 0.02]), np.array([4.5, 0.025, 0.25])
NAMES = ("eps_r", "loss_tangent", "height")
TRUTH = (3.2, 0.012, 0.06)


def layout(name: str, longer: float = 1.0, wider: float = 1.0, film: bool = True) -> la.Layout:
    length, width = SIZES[name]
    return la.load_geometry(
        name,
        length=length * longer,
        width=width * wider,
        metal=METAL,
        film=FILM if film else None,
    )


def reflection(shape: la.Layout, stack: la.Stack, height: float) -> np.ndarray:
    problem = la.Problem(shape, stack, height, la.Band(FREQUENCY))
    z = PlanarMesh(problem, "fine", FINER).impedance(problem)[:, 0, 0]
    return (z - Z0) / (z + Z0)


def half_space(eps_r: float, tan_delta: float = TRUTH[1]) -> la.Stack:
    return la.Stack.half_space(eps_r, loss_tangent=tan_delta)


def layered(thickness: float, upper: float, lower: float) -> la.Stack:
    return la.Stack(
        [la.Layer(thickness, upper, TRUTH[1]), la.Layer(math.inf, lower, TRUTH[1])], "layered"
    )


def wrong(name: str) -> dict[str, Callable[[], np.ndarray]]:
    """What the inversion is not told of: how to find the reflection of each case."""
    eps_r, _, height = TRUTH
    soil = half_space(eps_r)

    def sized(longer: float, wider: float, stack: la.Stack) -> Callable[[], np.ndarray]:
        return lambda: reflection(layout(name, longer, wider), stack, height)

    def on(stack: la.Stack) -> Callable[[], np.ndarray]:
        return lambda: reflection(layout(name), stack, height)

    def loaded() -> np.ndarray:
        as_stated = on(soil)()
        z = Z0 * (1.0 + as_stated) / (1.0 - as_stated)
        z = z / (1.0 + 2j * np.pi * FREQUENCY * 5e-12 * z)
        return (z - Z0) / (z + Z0)

    return {
        "length +2 %": sized(1.02, 1.0, soil),
        "0.3 m of 2.5 on 4.5": on(layered(0.3, 2.5, 4.5)),
        "3 m of 3 on 4": on(layered(3.0, 3.0, 4.0)),
        "length -1 %": sized(0.99, 1.0, soil),
        "length +3 %, soil 2.7": sized(1.03, 1.0, half_space(2.7)),
        "width +10 %": sized(1.0, 1.1, soil),
        "width -10 %": sized(1.0, 0.9, soil),
        "1 m of 2.8 on 3.6": on(layered(1.0, 2.8, 3.6)),
        "no film": lambda: reflection(layout(name, film=False), soil, height),
        "5 pF across the port": loaded,
    }


def inverted(prepared: Prepared, gamma: np.ndarray, size: float, seed: int) -> Inversion:
    white = np.random.default_rng(seed).normal(size=(2, FREQUENCY.size))
    seen = gamma + size * (white[0] + 1j * white[1])
    sweep = Measurement(FREQUENCY, seen, Z0, "synthetic", name="sweep")
    return prepared.invert(sweep, held_out=0, check_model=True)


def told(found: Inversion) -> str:
    answer = ", ".join(f"{n} {found.values[n]:.4g} ± {found.sigma[n]:.2g}" for n in NAMES)
    check = found.model_check
    assert check is not None
    others = "; ".join(f"{a.told} [{a.evidence:.0f}]: {a.answer}" for a in check.plausible)
    return (
        f"chi2 {found.chi2_per_freedom:.2f} explained {found.explained} | {answer} | "
        f"structure {check.structure:.3g} | {others or 'nothing else'}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="False alarms and detections of other models.")
    parser.add_argument("--right", type=int, default=10, help="right models of each layout")
    parser.add_argument("--layouts", default="bowtie,strip")
    parser.add_argument("--noise", default="1e-3,5e-3")
    parser.add_argument("--accuracy", default="fine")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--no-wrong", action="store_true")
    parser.add_argument("--only", default="", help="wrong models that have this in their name")
    given = parser.parse_args()
    alarms: dict[float, list[bool]] = {}
    hints: dict[float, list[bool]] = {}
    structured: dict[float, list[bool]] = {}
    noises = [float(size) for size in given.noise.split(",")]
    for name in given.layouts.split(","):
        start = time.process_time()
        prepared = prepare(
            la.Problem(layout(name), half_space(3.0, 0.01)),
            FREQUENCY,
            Z0,
            accuracy=given.accuracy,
            workers=1,
        )
        print(f"{name}: prepared in {time.process_time() - start:.0f} s", flush=True)
        cases = {} if given.no_wrong else wrong(name)
        for case in [key for key in cases if given.only in key]:
            gamma = cases[case]()
            for size in noises:
                start = time.process_time()
                found = inverted(prepared, gamma, size, 3)
                spent = time.process_time() - start
                print(f"{name} | {case} | {size:g} | {told(found)} | {spent:.0f} s", flush=True)
        random = np.random.default_rng(given.seed)
        for number in range(given.right):
            eps_r, tan_delta, height = LOW + (HIGH - LOW) * random.random(3)
            gamma = reflection(layout(name), half_space(eps_r, tan_delta), height)
            for size in noises:
                found = inverted(prepared, gamma, size, number)
                check = found.model_check
                assert check is not None
                alarms.setdefault(size, []).append(check.decisive)
                hints.setdefault(size, []).append(bool(check.plausible))
                structured.setdefault(size, []).append(check.structured)
                print(
                    f"{name} | right {eps_r:.3f} {tan_delta:.4f} {height:.3f} | {size:g} | "
                    f"{told(found)}",
                    flush=True,
                )
    for size in alarms:
        print(
            f"noise {size:g}: {len(alarms[size])} right models, decisively better "
            f"{sum(alarms[size])}, somewhat or decisively {sum(hints[size])}, structured "
            f"{sum(structured[size])}"
        )


if __name__ == "__main__":
    main()
