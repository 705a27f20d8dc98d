"""Evaluations per second of the planar solver in a search, printed with their accuracy.

Every evaluation is a new geometry: the layout is built, meshed, filled and swept over 61
frequencies, 5-35 MHz; only the kernels of the stack are kept, as in any search on one soil.  Each
process computes on one thread.  Seconds of processor time are printed beside wall-clock rates,
because those depend on what else the machine does; the ratio of reduced to full sweep is taken on
the same matrices in the same process.

    python benchmarks/planar_search_speed.py [--seconds 10] [--accuracy normal]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
DESIGNS = ("bowtie", "coupled", "profile", "membrane_10m")


def candidate(design: str, number: int) -> object:
    """Problem number ``number`` of a search: lengths and widths from a fixed random sequence."""
    import lunar_antenna as la

    rng = np.random.default_rng(number)
    length, width = rng.uniform(8.6, 11.2), rng.uniform(3.0, 4.6)
    if design == "coupled":
        layout = la.load_geometry("bowtie", length=length, width=width, coupled_length=0.6 * length)
    elif design == "bowtie":
        layout = la.load_geometry("bowtie", length=length, width=width)
    else:
        layout = la.load_geometry(design, length=length)
    return la.Problem(layout, la.load_soil("sourcebook_highland"), band=la.Band.mhz(5, 35, 61))


def rate(action: Callable[[object], object], design: str, seconds: float) -> dict[str, float]:
    """Evaluations per second, and seconds of processor time of each."""
    for number in range(4):
        action(candidate(design, number))  # compiles, and tabulates the sizes of layout in use
    count, started, used = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - started < seconds:
        action(candidate(design, 100 + count))
        count += 1
    return {
        "rate": count / (time.perf_counter() - started),
        "processor": (time.process_time() - used) / count,
    }


def sweep_ratio(design: str, accuracy: str) -> dict[str, float]:
    """Reduced against full sweep on the same matrices, and how far Z differs."""
    from threadpoolctl import threadpool_limits

    from lunar_antenna.solvers.planar.accuracy import mesh_size
    from lunar_antenna.solvers.planar.kernels import kernels_for
    from lunar_antenna.solvers.planar.matrices import system
    from lunar_antenna.solvers.planar.mesh import triangulate
    from lunar_antenna.solvers.planar.reduction import reduce_band
    from lunar_antenna.solvers.planar.solver import SEARCH_TOLERANCE

    problem = candidate(design, 0)
    x0, y0, x1, y1 = problem.layout.bounds
    span = float(np.hypot(x1 - x0, y1 - y0))
    kernels = kernels_for(problem, problem.frequency, span, flux=False)
    made = system(problem, kernels, triangulate(problem.layout, mesh_size(problem, accuracy)))
    factor = made.factors["z"]
    parity, drive = made.classes[0]
    times = {}
    with threadpool_limits(1):
        start = time.process_time()
        values = made.values(parity)
        times["fill"] = time.process_time() - start
        start = time.process_time()
        reduced = reduce_band(values, factor, problem.frequency, drive, SEARCH_TOLERANCE)
        times["reduced"] = time.process_time() - start
        start = time.process_time()
        flat = values.reshape(-1, values.shape[2]).T
        z = (factor.real @ flat + 1j * (factor.imag @ flat)).reshape(-1, *values.shape[:2])
        full = np.einsum("ng,fnh->fgh", drive, np.linalg.solve(z, drive[None].astype(complex)))
        times["full"] = time.process_time() - start
    y = np.einsum("rg,frh->fgh", reduced.vectors.T @ drive, reduced.current)
    return {
        **times,
        "unknowns": made.basis.count,
        "reduced_unknowns": parity.count,
        "solved": len(reduced.solved),
        "difference": float((np.abs(y - full) / np.abs(full)).max()),
    }


def worker(design: str, accuracy: str, kind: str, seconds: float) -> None:
    """What a subprocess does: one JSON document on standard output."""
    from lunar_antenna.solvers.registry import quick

    def action(problem: Any) -> object:
        return quick(problem, "planar", accuracy=accuracy, needs=kind)

    print(json.dumps(rate(action, design, seconds)))


def in_processes(count: int, arguments: list[str]) -> list[dict[str, float]]:
    """Run ``count`` workers at once; what each of them measured."""
    command = [sys.executable, __file__, *arguments]
    running = [
        subprocess.Popen(command, env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE)
        for _ in range(count)
    ]
    return [json.loads(process.communicate()[0]) for process in running]


def new_stack() -> tuple[float, float]:
    """Processor seconds of the kernels of a new stack, for Z alone and with losses."""
    from lunar_antenna.solvers.planar.kernels import clear_cache, kernels_for

    problem = candidate("bowtie", 0)
    seconds = []
    for flux in (False, True):
        best = np.inf
        for _ in range(3):
            clear_cache()
            start = time.process_time()
            kernels_for(problem, problem.frequency, 10.8, flux=flux)
            best = min(best, time.process_time() - start)
        seconds.append(best)
    return seconds[0], seconds[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--accuracy", default="normal")
    parser.add_argument("--designs", nargs="*", default=list(DESIGNS))
    parser.add_argument("--worker", nargs=2, metavar=("DESIGN", "KIND"))
    given = parser.parse_args()
    if given.worker:
        worker(given.worker[0], given.accuracy, given.worker[1], given.seconds)
        return
    for design in given.designs:
        ratio = sweep_ratio(design, given.accuracy)
        ratio = sweep_ratio(design, given.accuracy)  # the first one compiles
        print(
            f"{design}, {given.accuracy}: {ratio['unknowns']} unknowns, "
            f"{ratio['reduced_unknowns']} reduced; fill {1e3 * ratio['fill']:.0f} ms"
        )
        print(
            f"    sweep: {ratio['solved']} of 61 frequencies solved, "
            f"{1e3 * ratio['reduced']:.1f} ms against {1e3 * ratio['full']:.1f} ms in full "
            f"(ratio {ratio['reduced'] / ratio['full']:.3f}), "
            f"max |dZ|/|Z| {ratio['difference']:.1e}"
        )
        for kind in ("impedance", "losses"):
            for count in (1, 2):
                arguments = ["--worker", design, kind, "--accuracy", given.accuracy]
                results = in_processes(count, [*arguments, "--seconds", str(given.seconds)])
                total = sum(result["rate"] for result in results)
                processor = np.mean([result["processor"] for result in results])
                print(
                    f"    {kind:15s} {count} process(es): {total:6.1f} evaluations/s, "
                    f"{1e3 * processor:.0f} ms of processor time each"
                )
    alone, losses = new_stack()
    print(f"new stack of 25 layers: kernels {alone:.3f} s for Z alone, {losses:.3f} s with losses")


if __name__ == "__main__":
    main()
