"""How an emulator is made, and what it is off by."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..circuit.waves import reflection
from ..common.blas import one_blas_thread
from ..common.checks import choice, number
from ..conventions import ComplexArray, FloatArray
from ..errors import UnsupportedProblemError
from ..problem import Problem
from ..solvers.planar.matrices import Projection, share
from ..solvers.protocol import ACCURACIES, OneMesh
from ..solvers.registry import choose, refusal
from .box import Box, corners
from .emulator import Emulator
from .levels import STRIDE, first_level, grow, second_level

_log = logging.getLogger(__name__)
Report = Callable[[float, str], None]

REFERENCE = 100.0  # ohm, of the reflections that errors are told in
ROUNDS = 2  # the second with twice the samples and a tenth of the tolerances
SAFETY = 2.0  # on the largest difference found: the worst point is hardly among those looked at
# Direct solves to compare with: corners of the box, points where the projections themselves are
# most in doubt out of POOL random ones, and points drawn blindly
CORNERS, DOUBTED, POOL, BLIND = 4, 4, 64, 3


@one_blas_thread
def emulate(
    problem: Problem,
    over: Mapping[str, tuple[float, float]],
    tolerance: float = 1e-3,
    *,
    accuracy: str = "normal",
    seed: int = 1,
    progress: Report | None = None,
) -> Emulator:
    """Z of ``problem``'s layout as a function of soil and height.

    over: name -> (low, high), of eps_r, loss_tangent, conductivity and thickness of a layer
    (``eps_r_2``: of the second from above) and of height; the rest stays as it is in ``problem``.
    tolerance: aimed at for ``held_out_error``.  accuracy: of the one mesh, that of the densest
    soil; against a mesh that follows each soil it is some 1e-3 of |Gamma| at "normal".

    Raises :class:`InputError` for what cannot vary, :class:`UnsupportedProblemError` for a problem
    that no solver with one mesh takes.
    """
    tolerance = number("tolerance", tolerance, low=1e-7, high=0.1)
    choice("accuracy", accuracy, ACCURACIES)
    box = Box.of(problem, over)
    say = progress or (lambda _fraction, _message: None)
    mesh = _one_mesh(box, accuracy)
    say = progress or (lambda _fraction, _message: None)
    for round_ in range(ROUNDS):
        count = samples_for(len(box.axes)) * 2**round_
        made = _attempt(box, mesh, accuracy, tolerance * 0.1**round_, count, seed, say)
        if made.held_out_error <= tolerance:
            break
    else:
        _log.warning(
            "emulator: held-out error %.2g, asked for %.2g; narrow the ranges",
            made.held_out_error,
            tolerance,
        )
    say(1.0, f"emulator: held-out error {made.held_out_error:.2g}")
    return made


def samples_for(dimensions: int) -> int:
    """Stacks from which the modes, the directions and the factors are found."""
    return {1: 48, 2: 64, 3: 80, 4: 96, 5: 112}.get(dimensions, 128)


def sample(dimensions: int, count: int, seed: int) -> FloatArray:
    """(n, d) places from 0 to 1: some corners, then a low-discrepancy sequence."""
    from scipy.stats import qmc

    ends = corners(dimensions, count // 4)
    power = int(np.ceil(np.log2(count)))
    inner = qmc.Sobol(dimensions, seed=seed).random_base2(power)[: count - len(ends)]
    return np.vstack((ends, inner))


def _one_mesh(box: Box, accuracy: str) -> OneMesh:
    """The mesh of direct solves; refuses what the solver of shared matrices refuses."""
    solver, _ = choose(box.densest, one_mesh=True)
    reason = refusal(solver, box.densest)
    if reason is None and solver.name != "planar":
        reason = "only solver planar shares its matrices"
    if reason is not None:
        raise UnsupportedProblemError(f"emulate cannot do this: {reason}")
    return solver.one_mesh(box.densest, accuracy)


def _attempt(
    box: Box,
    mesh: OneMesh,
    accuracy: str,
    tolerance: float,
    count: int,
    seed: int,
    say: Report,
) -> Emulator:
    """The emulator from ``count`` samples, with its held-out error."""
    places = sample(len(box.axes), count, seed)
    say(0.0, f"emulator: kernels of {len(places)} stacks")
    shared = share([box.at(box.values(u)) for u in places], box.densest, accuracy)
    factors = np.array([shared.factors.at(box.at(box.values(u)))["z"] for u in places])
    bases, first, second = [], [], []
    for index, (parity, excitation) in enumerate(shared.classes):
        size = 0.7 / len(shared.classes)
        base = 0.1 + index * size
        say(base, f"emulator: {parity.count} unknowns")

        def report(done: float, message: str, base: float = base, size: float = size) -> None:
            say(base + size * done, f"emulator: {message}")

        values = shared.values(parity)
        basis, _, _ = grow(values, excitation, factors, box.problem.frequency, tolerance, report)
        bases.append(basis)
        first.append(first_level(basis, excitation))
        second.append(second_level(first[-1], factors, 0.01 * tolerance))
    made = Emulator(box, accuracy, shared.factors, tuple(first), tuple(second), np.inf)
    say(0.8, "emulator: direct solves to compare with")
    points = np.vstack((corners(len(box.axes), CORNERS), _doubted(made, bases, seed)))
    worst = 0.0
    for u in points:
        problem = box.at(box.values(u))
        worst = max(worst, difference(made.z_of(problem), mesh.impedance(problem)))
    return replace(made, held_out_error=SAFETY * worst)


def _doubted(made: Emulator, bases: Sequence[Projection], seed: int) -> FloatArray:
    """(DOUBTED + BLIND, d) places to look at, none of them a sample.

    What the second level changes and what the residual of the first says are cheap to have.
    """
    box = made.box
    places = np.random.default_rng(seed + 1).random((POOL, len(box.axes)))
    doubt = []
    for u in places:
        factors = made.factors.at(box.at(box.values(u)))["z"]
        left = [
            basis.estimate(factors[::STRIDE], basis.currents(factors[::STRIDE])).max()
            for basis in bases
        ]
        doubt.append(max(left) + difference(made.from_factors(factors), made.first_z(factors)))
    order = np.argsort(doubt)
    return places[np.concatenate((order[-DOUBTED:], order[:BLIND]))]


def difference(z: ComplexArray, other: ComplexArray) -> float:
    """Largest |difference| of the scattering matrices in REFERENCE ohm, (n, p, p)."""
    if z.shape[1] == 1:
        return float(np.abs(reflection(z, REFERENCE) - reflection(other, REFERENCE)).max())
    one = REFERENCE * np.eye(z.shape[1])

    def scattering(z: ComplexArray) -> ComplexArray:
        return np.asarray(np.linalg.solve(z + one, z - one))

    return float(np.abs(scattering(z) - scattering(other)).max())
