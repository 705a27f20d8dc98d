"""Speed of the planar solver on its reference problem, printed with its accuracy.

A 10 m x 4 m bow-tie with two coupled strips on sourcebook_highland, 61 frequencies 5-35 MHz.
Times are the best of several runs in this process, after compilation; the ratio that matters is
against the LU factorisation of the reduced matrices alone, measured in the same run.

With --before another checkout, and this one, solve the same problems in turn, and a table says by
how much this one is slower, in CPU time, and what both say that their mesh is off by.

    python benchmarks/planar_speed.py [--before FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import lunar_antenna as la

REPEAT = 5
TURNS = 2  # of both checkouts
ALONE = "impedance, normal"


def best(
    action: Callable[[], object],
    repeat: int = REPEAT,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Shortest of ``repeat`` runs, s."""
    times = []
    for _ in range(repeat):
        start = clock()
        action()
        times.append(clock() - start)
    return min(times)


def reference_problem() -> la.Problem:
    layout = la.load_geometry("bowtie", length=10.0, width=4.0, coupled_length=6.0)
    return la.Problem(layout, la.load_soil("sourcebook_highland"), band=la.Band.mhz(5, 35, 61))


def problems() -> dict[str, la.Problem]:
    """The reference problem and shipped geometries on a soil of eps_r 3.5."""
    soil = la.Stack.half_space(3.5, loss_tangent=0.01)
    names = ("strip", "bowtie", "membrane_10m", "end_loaded", "crossed_bowtie")
    band = la.Band.mhz(5, 35, 61)
    shipped = {name: la.Problem(la.load_geometry(name), soil, 0.0, band) for name in names}
    return {"bow-tie 10 x 4 m, coupled": reference_problem(), **shipped}


def alone() -> Callable[[la.Problem], object]:
    """Z of one mesh and nothing else, as a search takes it."""
    try:
        from lunar_antenna.solvers.registry import quick
    except ImportError:
        from lunar_antenna.solvers.planar import impedance  # of older versions

        return lambda problem: impedance(problem)
    return lambda problem: quick(problem, "planar", accuracy="normal", needs="impedance")


def times() -> dict[str, dict[str, tuple[float, float]]]:
    """CPU s of every problem and accuracy, and the median z_error, of what Python imports here."""
    impedance = alone()
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for name, problem in problems().items():
        found[name] = {}
        for word in ("draft", "normal"):
            solution = la.solve(problem, "planar", accuracy=word)  # compiles
            seconds = best(
                lambda problem=problem, word=word: la.solve(problem, "planar", accuracy=word),
                3,
                time.process_time,
            )
            found[name][word] = (seconds, float(np.median(solution.quality.z_error)))
        impedance(problem)
        seconds = best(lambda problem=problem: impedance(problem), 3, time.process_time)
        found[name][ALONE] = (seconds, 0.0)
    return found


def against(before: Path) -> None:
    """The table of both checkouts, which run in turn; the shortest time of each counts."""
    here = Path(__file__).resolve().parents[1]
    runs: dict[Path, list[dict[str, dict[str, list[float]]]]] = {before: [], here: []}
    for _ in range(TURNS):
        for folder, found in runs.items():
            command = [sys.executable, __file__, "--times"]
            alike = {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            done = subprocess.run(
                command, env={**os.environ, **alike}, capture_output=True, text=True, check=True
            )
            found.append(json.loads(done.stdout.splitlines()[-1]))
    print("| problem | what | CPU s before | now | more | z_error before | now |")
    print("|---|---|---|---|---|---|---|")
    for name, kinds in runs[here][0].items():
        for kind in kinds:
            old, new = (min(run[name][kind][0] for run in runs[k]) for k in (before, here))
            errors = [100.0 * runs[k][0][name][kind][1] for k in (before, here)]
            told = ["-", "-"] if kind == ALONE else [f"{value:.2f} %" for value in errors]
            more = 100.0 * (new / old - 1.0)
            print(
                f"| {name} | {kind} | {old:.3f} | {new:.3f} | {more:+.0f} % | {' | '.join(told)} |"
            )


def first_antiresonance(z: np.ndarray) -> int:
    """Index of the first maximum of R after the reactance has become positive."""
    start = int(np.argmax(z.imag > 0.0))
    later = z.real[start:]
    peaks = np.flatnonzero((later[1:-1] > later[:-2]) & (later[1:-1] >= later[2:]))
    return start + int(peaks[0]) + 1 if peaks.size else z.size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", type=Path, help="folder of another checkout")
    parser.add_argument("--times", action="store_true", help="CPU times alone, as JSON")
    options = parser.parse_args()
    if options.times:
        print(json.dumps(times()))
    elif options.before:
        against(options.before.resolve())
    else:
        report()


def report() -> None:
    """Time, accuracy and memory of the reference problem in this checkout."""
    from lunar_antenna.solvers.planar.kernels import clear_cache, kernels_for
    from lunar_antenna.solvers.planar.mesh import MeshSize, triangulate
    from lunar_antenna.solvers.planar.sweep import run_sweep
    from lunar_antenna.solvers.registry import quick

    problem = reference_problem()
    solution = la.solve(problem, "planar")  # compiles
    clear_cache()
    start = time.perf_counter()
    la.solve(problem, "planar")
    cold_kernels = time.perf_counter() - start
    full = best(lambda: la.solve(problem, "planar"))
    single = best(lambda: quick(problem, "planar", accuracy="normal", needs="impedance"))
    n = int(solution.quality.details["unknowns_reduced"])
    rng = np.random.default_rng(1)
    z = rng.normal(size=(61, n, n)) + 1j * rng.normal(size=(61, n, n)) + 10 * n * np.eye(n)
    right = np.ones((61, n, 1), dtype=complex)
    lu = best(lambda: np.linalg.solve(z, right))
    below = slice(0, first_antiresonance(solution.z[:, 0, 0]))
    error = solution.quality.z_error
    assert error is not None
    print(f"layers                        {len(problem.stack.layers)}")
    print(f"unknowns, reduced             {solution.provenance.unknowns}, {n}")
    print(
        f"z_error below anti-resonance  max {100 * error[below].max():.2f} %, "
        f"mean {100 * error[below].mean():.2f} % (up to "
        f"{solution.frequency[below][-1] / 1e6:.1f} MHz); whole band max {100 * error.max():.2f} %"
    )
    print(f"power closure                 {solution.quality.power_closure.max():.1e}")
    print(f"impedance and efficiencies    {full:.3f} s (error estimate and currents included)")
    print(f"impedance alone               {single:.3f} s, kernels cached")
    print(f"new stack, kernels included   {cold_kernels:.3f} s")
    print(f"LU of the reduced matrices    {lu:.3f} s; impedance alone / LU = {single / lu:.2f}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"peak memory                   {memory:.2f} GB")
    print("growth of impedance alone:    unknowns, reduced, s")
    kernels = kernels_for(problem, problem.frequency, 10.8)
    for factor in (2.2, 1.0, 0.55, 0.36):
        size = MeshSize(0.66, 2.0, 4.0, 2.5).coarser(factor)
        mesh = triangulate(problem.layout, size)
        seconds = best(
            lambda mesh=mesh: run_sweep(problem, kernels, mesh, losses=False, currents=False),
            repeat=2,
        )
        sweep = run_sweep(problem, kernels, mesh, losses=False, currents=False)
        print(f"    {sweep.unknowns:6d} {sweep.reduced:6d} {seconds:8.3f}")


if __name__ == "__main__":
    main()
