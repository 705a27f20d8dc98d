"""Speed of the planar solver on its reference problem, printed with its accuracy.

A 10 m x 4 m bow-tie with two coupled strips on sourcebook_highland, 61 frequencies 5-35 MHz.
Times are the best of several runs in this process, after compilation; the ratio that matters is
against the LU factorisation of the reduced matrices alone, measured in the same run.

    python benchmarks/planar_speed.py
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

import numpy as np

import lunar_antenna as la
from lunar_antenna.solvers.planar.kernels import clear_cache, kernels_for
from lunar_antenna.solvers.planar.mesh import MeshSize, triangulate
from lunar_antenna.solvers.planar.sweep import run_sweep
from lunar_antenna.solvers.registry import quick

REPEAT = 5


def best(action: Callable[[], object], repeat: int = REPEAT) -> float:
    """Shortest of ``repeat`` runs, s."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def reference_problem() -> la.Problem:
    layout = la.load_geometry("bowtie", length=10.0, width=4.0, coupled_length=6.0)
    return la.Problem(layout, la.load_soil("sourcebook_highland"), band=la.Band.mhz(5, 35, 61))


def first_antiresonance(z: np.ndarray) -> int:
    """Index of the first maximum of R after the reactance has become positive."""
    start = int(np.argmax(z.imag > 0.0))
    later = z.real[start:]
    peaks = np.flatnonzero((later[1:-1] > later[:-2]) & (later[1:-1] >= later[2:]))
    return start + int(peaks[0]) + 1 if peaks.size else z.size


def main() -> None:
    problem = reference_problem()
    solution = la.solve(problem, "planar")  # compiles
    clear_cache()
    start = time.perf_counter()
    la.solve(problem, "planar")
    cold_kernels = time.perf_counter() - start
    full = best(lambda: la.solve(problem, "planar"))
    alone = best(lambda: quick(problem, "planar", accuracy="normal", needs="impedance"))
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
    print(f"impedance alone               {alone:.3f} s, kernels cached")
    print(f"new stack, kernels included   {cold_kernels:.3f} s")
    print(f"LU of the reduced matrices    {lu:.3f} s; impedance alone / LU = {alone / lu:.2f}")
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
