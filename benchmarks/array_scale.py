"""What arrays of 16, 64 and 256 crossed bow-ties take, frequency by frequency, on one core.

    python benchmarks/array_scale.py [16 64 256] [--frequency 35] [--check] [--single 1000]
    python benchmarks/array_scale.py 256 --workers 2

Irregular layouts, no two centres within 10.5 m, over sourcebook_highland, draft meshes.  Printed
are CPU seconds of the parts (kernels and training, grids, blocks with factorisation, losses,
checks), the peak memory, and the exponent with which the whole grows from one size to the next.
--check solves the largest again with a macro basis cut a factor ten lower and grids held to a tenth
of the error: independent of what the first left out.  --single N solves as many bow-ties with one
port each instead.  --workers N is the throughput of a band: N frequencies up to the given one by as
many processes, la.solve_array from its call to its return, by the clock and by the processor.
"""

from __future__ import annotations

import argparse
import math
import resource
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np

import lunar_antenna as la
from lunar_antenna.array import coupling, reduced
from lunar_antenna.array import frequency as one_frequency
from lunar_antenna.array.frequency import Model
from lunar_antenna.common.blas import one_blas_thread

LEAST = 10.5  # m between centres


def scattered(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Positions (n, 2) m in a disc that is as small as it easily can be, and turns."""
    generator = np.random.default_rng(seed)
    radius = 0.75 * LEAST * math.sqrt(count)
    found: list[np.ndarray] = []
    tries = 0
    while len(found) < count:
        place = radius * math.sqrt(generator.random()) * np.exp(2j * np.pi * generator.random())
        point = np.array([place.real, place.imag])
        tries += 1
        if all(np.hypot(*(point - other)) > LEAST for other in found):
            found.append(point)
            tries = 0
        elif tries > 4000:
            radius, tries = 1.03 * radius, 0
    return np.array(found), generator.uniform(0.0, np.pi, count)


def timed(times: dict[str, float], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **options: Any) -> Any:
        start = time.process_time()
        try:
            return function(*args, **options)
        finally:
            taken = time.process_time() - start
            times[name] += taken
            if taken > 10.0:
                print(f"    {name}: {taken:.0f} s", flush=True)

    return run


def solve(model: Model) -> tuple[Any, dict[str, float]]:
    """The solution at the only frequency, and CPU seconds by part."""
    times: dict[str, float] = defaultdict(float)
    names = {
        "radial": "kernels",
        "train": "training",
        "couple": "grids",
        "solve_reduced": "blocks of Z",
        "loss_matrix": "losses",
        "array_errors": "checks",
        "kernel_error": "checks",
    }
    before = [(one_frequency, name, label) for name, label in names.items()]
    before.append((reduced, "_secondary", "factorisation"))
    functions = [getattr(module, name) for module, name, _ in before]
    for (module, name, label), function in zip(before, functions, strict=True):
        setattr(module, name, timed(times, label, function))
    try:
        found = one_blas_thread(model.solve)(0)
    finally:
        for (module, name, _), function in zip(before, functions, strict=True):
            setattr(module, name, function)
    times["blocks of Z"] -= times["factorisation"]
    return found, times


def throughput(array: la.Array, tolerance: float, workers: int) -> None:
    """A band of ``workers`` frequencies, each solved by a process of its own."""
    top = float(array.frequency[-1])
    band = array.with_frequency(np.linspace(top - 1e6, top, workers))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start, own = time.perf_counter(), time.process_time()
    found = la.solve_array(band, accuracy="draft", tolerance=tolerance, workers=workers)
    clock, own = time.perf_counter() - start, time.process_time() - own
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = own + sum(
        getattr(after, name) - getattr(before, name) for name in ("ru_utime", "ru_stime")
    )
    each = ", ".join(f"{value:.1f}" for value in found.quality.details["seconds"])
    print(
        f"{array.n_elements} elements, {array.n_ports} ports, {workers} workers, {workers} "
        f"frequencies: {clock / workers:.1f} s a frequency by the clock, processor {spent:.0f} s "
        f"in all, {spent / workers**2:.1f} s a frequency where {workers} cores are free; "
        f"frequencies alone {each} s; a worker's peak {after.ru_maxrss / 1e6:.1f} GB; "
        f"converged {found.quality.converged}, closure {found.quality.power_closure.max():.1e}",
        flush=True,
    )
    for name in ("error_z", "error_pattern", "error_loss"):
        print(f"    {name} {found.quality.details[name].max():.1e}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="*", default=[16, 64, 256])
    parser.add_argument("--frequency", type=float, default=35.0)
    parser.add_argument("--tolerance", type=float, default=3e-4)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--single", type=int, default=0)
    parser.add_argument("--workers", type=int, default=0)
    options = parser.parse_args()
    layout = la.load_geometry("bowtie" if options.single else "crossed_bowtie", length=9.0)
    band = la.Band([options.frequency * 1e6])
    model: Model | None = None
    previous: tuple[int, float] | None = None
    for count in [options.single] if options.single else options.count:
        positions, turns = scattered(count)
        array = la.Array(layout, positions, "sourcebook_highland", band=band, rotations=turns)
        if options.workers:
            throughput(array, options.tolerance, options.workers)
            continue
        start = time.process_time()
        # the element's matrices are made once: a new layout of the same elements takes them over
        model = Model(array, "draft", options.tolerance) if model is None else model.at(array)
        made = time.process_time() - start
        found, times = solve(model)
        parts = ", ".join(f"{name} {value:.1f}" for name, value in times.items())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        growth = ""
        if previous is not None:
            exponent = math.log(found.seconds / previous[1]) / math.log(count / previous[0])
            growth = f", exponent {exponent:.2f}"
        previous = (count, found.seconds)
        print(
            f"{count} elements, {array.n_ports} ports, {int(found.errors['functions'])} functions: "
            f"{found.seconds:.1f} s ({parts}; element before {made:.1f}), "
            f"peak {peak:.1f} GB{growth}"
        )
        errors = ", ".join(f"{name} {value:.1e}" for name, value in found.errors.items())
        print(f"    {errors}")
    if options.check and model is not None:
        model.cut = 0.1 * options.tolerance
        coupling.MOST_Z, coupling.MOST_CURRENT = 1e-6, 1e-5
        coupling.THINNED, coupling.SKY_THINNED = coupling.THINNED[3:], 1e-8
        again, times = solve(model)
        z = again.matrices["z"]
        text = [f"Z {np.abs(found.matrices['z'] - z).max() / np.abs(z).max():.1e} of max |Z|"]
        for name in ("r_sky", "r_ground", "r_metal", "r_film"):
            change = np.abs(found.matrices[name] - again.matrices[name]).max()
            text.append(f"{name} {change / np.abs(z.real).max():.1e} of Re Z")
        print(f"with {int(again.errors['functions'])} functions: {'; '.join(text)}")


if __name__ == "__main__":
    main()
