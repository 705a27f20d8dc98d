"""Planar solver against PyNEC in free space: time for equal accuracy, in one run.

Each solver is judged against its own finest answer (a strip's equivalent wire and a wire grid are
different models from the sheet), by the mean of |dZ|/|Z| over frequencies below 0.8 of the first
anti-resonance.  The cheapest setting of each within TOLERANCE gives the ratio.

    python benchmarks/planar_vs_nec.py
"""

from __future__ import annotations

import time

import numpy as np

import lunar_antenna as la

TOLERANCE = 0.02
CASES = {
    "strip 10 m x 0.02 m": ("strip", {"length": 10.0, "width": 0.02}, (6.0, 20.0)),
    "bow-tie 10 m x 2 m": ("bowtie", {"length": 10.0, "width": 2.0}, (6.0, 16.0)),
}
SETTINGS = ("draft", "normal", "fine")
POINTS = 15


def timed(problem: la.Problem, solver: str, accuracy: str) -> tuple[np.ndarray, float]:
    """Impedance and the shorter of two run times, s."""
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        solution = la.solve(problem, solver, accuracy=accuracy)
        seconds.append(time.perf_counter() - start)
    return solution.z[:, 0, 0], min(seconds)


def main() -> None:
    for name, (family, parameters, (low, high)) in CASES.items():
        problem = la.Problem(
            la.load_geometry(family, **parameters),
            la.Stack.free_space(),
            band=la.Band.mhz(low, high, POINTS),
        )
        print(f"{name}, {POINTS} frequencies {low:g}-{high:g} MHz")
        within: dict[str, float] = {}
        for solver in ("planar", "nec"):
            runs = {accuracy: timed(problem, solver, accuracy) for accuracy in SETTINGS}
            reference = runs["fine"][0]
            for accuracy in SETTINGS[:-1]:
                z, seconds = runs[accuracy]
                error = float(np.mean(np.abs(z - reference) / np.abs(reference)))
                print(
                    f"    {solver:7s} {accuracy:7s} {seconds:8.3f} s   error {100 * error:6.2f} %"
                )
                if error <= TOLERANCE:
                    within.setdefault(solver, seconds)
            print(f"    {solver:7s} fine    {runs['fine'][1]:8.3f} s   (its own reference)")
        if "planar" in within and "nec" in within:
            print(
                f"    time ratio NEC / planar at {100 * TOLERANCE:g} %: "
                f"{within['nec'] / within['planar']:.1f}"
            )
        else:
            missing = [s for s in ("planar", "nec") if s not in within]
            print(f"    {', '.join(missing)} does not reach {100 * TOLERANCE:g} % below 'fine'")


if __name__ == "__main__":
    main()
