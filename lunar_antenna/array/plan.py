"""Size, memory and time of an array's solution, before anything of it begins.

The number of functions of an element is not known before it is trained: :data:`FUNCTIONS` per port
is what touching crossed bow-ties take at 35 MHz.  Times are of one core of a desk computer of 2020
(80 GFLOP/s in single precision), measured with benchmarks/array_scale.py, and good to a factor two:

    1 s + 8e-6 s u^2            kernels, training, grids and checks of an element of u unknowns
    5.5e-4 s n (n - 1)/2        blocks of n elements, Z and losses together
    4/3 f^3 + 16 f^2 p          operations, f functions, p ports: L D L^T, its solutions, X^H R X
    8/3 f^3                     in place of the first where it is pivoted, in double precision
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..array_problem import Array
from ..common.memory import usable
from ..errors import InputError
from ..solvers.planar.matrices import coupling_refusal, whole_mesh
from ..solvers.registry import get_solver, refusal
from .reduced import SINGLE

FUNCTIONS = 20  # secondary functions for each port of an element
ELEMENT_SECONDS = 8e-6  # by unknowns squared, of each kind of element
BLOCK_SECONDS = 5.5e-4  # of one pair of elements, Z and losses together
FLOPS = {8: 8e10, 16: 3e10}  # per second, by bytes of a number


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a solution takes.

    functions: of the reduced system.  unknowns: of all meshes.  bytes: held at once.  seconds: of
    one core, for each frequency.
    """

    functions: int
    unknowns: int
    bytes: float
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.functions} functions for {self.unknowns} unknowns, {self.bytes / 1e9:.2g} GB, "
            f"about {self.seconds:.2g} s of a core per frequency"
        )


def estimate(array: Array, accuracy: str) -> Estimate:
    """What solving ``array`` takes."""
    functions = unknowns = 0
    held, seconds = 0.0, 1.0
    for key in array.layouts:
        mesh = whole_mesh(array.problem(key), accuracy)
        count = array.types.count(key)
        own = int(1.5 * len(mesh.triangles))
        ports = len(array.layouts[key].ports)
        functions += count * ports * (1 + FUNCTIONS)
        unknowns += count * own
        seconds += ELEMENT_SECONDS * own**2
        # the matrices of the element at all frequencies, a few full ones at one, points of a pair
        held += 8.0 * own**2 * (20 + 2.0 * array.frequency.size**0.5 * 4) + 16.0 * own**2 * 6
        held += 16.0 * (3 * len(mesh.triangles)) ** 2 * 2
    number = 8 if functions > SINGLE else 16
    ports = array.n_ports
    held += number * functions * (functions + 4.0 * ports) + 16.0 * 12 * ports**2
    held += 9.0 * array.n_elements**2 * 8 + 2e8
    n = array.n_elements
    seconds += BLOCK_SECONDS * 0.5 * n * (n - 1)
    cube = 4.0 / 3.0 if number == 8 else 8.0 / 3.0
    seconds += (cube * functions**3 + 16.0 * functions**2 * ports) / FLOPS[number]
    return Estimate(functions, unknowns, held, seconds)


def check(array: Array, accuracy: str, workers: int) -> Estimate:
    """The estimate; :class:`InputError` for what no machine or kernel can follow."""
    found = estimate(array, accuracy)
    have = usable()
    if found.bytes * workers > have:
        each = f" for each of {workers} workers" if workers > 1 else ""
        raise InputError(
            f"array of {array.n_elements} elements needs {found.bytes / 1e9:.3g} GB{each} "
            f"({found.functions} functions), this machine has {have / 1e9:.3g} GB to spare; take "
            f"fewer elements{' or workers' if workers > 1 else ''} or a coarser accuracy"
        )
    for key in array.layouts:
        problem = array.problem(key)
        x0, y0, x1, y1 = array.bounds
        why = refusal(get_solver("planar"), problem) or coupling_refusal(
            problem, math.hypot(x1 - x0, y1 - y0)
        )
        if why is not None:
            raise InputError(f"layout {key!r}: {why}")
    return found
