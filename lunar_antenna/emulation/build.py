"""How an emulator is made, and what it is off by."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..circuit.waves import reflection
from ..common.blas import one_blas_thread
from ..common.checks import choice, flag, kind, number, reporter, whole
from ..conventions import ComplexArray, FloatArray
from ..errors import InputError, UnsupportedProblemError
from ..problem import Problem
from ..radiation import far_field
from ..solvers.planar.matrices import Projection, share
from ..solvers.protocol import ACCURACIES, NEEDS, OneMesh, Power
from ..solvers.registry import choose, refusal
from .box import Box, corners
from .emulator import Emulator
from .levels import BAND, BAND_LOSSES, first_level, grow, looked_at, second_level

_log = logging.getLogger(__name__)
Report = Callable[[float, str], None]

SHARING = "planar"  # the solver that hands its matrices out
REFERENCE = 100.0  # ohm, of the reflections that errors are told in
LOSSES = 0.01  # of the tolerance, for the residual where losses are wanted
ROUNDS = 2  # the second with twice the samples and a tenth of the tolerances
SAFETY = 3.0  # on the largest difference found: the worst point is hardly among those looked at
# Direct solves to compare with: corners of the box, points where the projections themselves are
# most in doubt out of POOL random ones, and points drawn blindly
CORNERS, DOUBTED, POOL, BLIND = 4, 4, 32, 3


@one_blas_thread
def emulate(
    problem: Problem,
    over: Mapping[str, tuple[float, float]],
    tolerance: float = 1e-3,
    *,
    accuracy: str = "normal",
    needs: str = "far_field",
    check: bool = True,
    seed: int = 1,
    progress: Report | None = None,
) -> Emulator:
    """Z, losses and far field of ``problem``'s layout as functions of soil and height.

    over: name -> (low, high), of eps_r, loss_tangent, conductivity and thickness of a layer
    (``eps_r_2``: of the second from above) and of height; the rest stays as it is in ``problem``.
    tolerance: aimed at for ``held_out_error``.  accuracy: of the one mesh, that of the densest
    soil; against a mesh that follows each soil it is some 1e-3 of |Gamma| at "normal".

    needs: "impedance" leaves out losses and far field.  check: compare with a dozen direct solves;
    without, ``held_out_error`` is nan and nothing is refined.

    Raises :class:`InputError` for what cannot vary, :class:`UnsupportedProblemError` for a problem
    that no solver with one mesh takes.
    """
    reporter(progress)
    check = flag("check", check)
    kind("over", over, Mapping, 'ranges by name, {"eps_r": (2.5, 4.5)}')
    tolerance = number("tolerance", tolerance, low=1e-7, high=0.1)
    choice("accuracy", accuracy, ACCURACIES)
    losses = choice("needs", needs, NEEDS) != "impedance"
    seed = whole("seed", seed, low=0, high=2**31)
    if not isinstance(problem, Problem):
        raise InputError(f"emulate of a {type(problem).__name__}; give a la.Problem")
    box = Box.of(problem, over)
    mesh = _one_mesh(box, accuracy)
    say = progress or (lambda _fraction, _message: None)
    for round_ in range(ROUNDS):
        count = samples_for(len(box.axes)) * 2**round_
        direct = mesh if check else None
        made = _attempt(box, direct, accuracy, tolerance * 0.1**round_, count, seed, losses, say)
        if not check or made.held_out_error <= tolerance:
            break
    else:
        _log.warning(
            "emulator: held-out error %.2g, asked for %.2g; narrow the ranges",
            made.held_out_error,
            tolerance,
        )
    say(1.0, f"emulator: held-out error {made.held_out_error:.2g}" if check else "emulator: built")
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


def can_emulate(problem: Problem) -> bool:
    """True where the solver that keeps one mesh for ``problem`` shares its matrices."""
    return choose(problem, one_mesh=True)[0].name == SHARING


def _one_mesh(box: Box, accuracy: str) -> OneMesh:
    """The mesh of direct solves; refuses what the solver of shared matrices refuses."""
    solver, _ = choose(box.densest, one_mesh=True)
    reason = refusal(solver, box.densest)
    if reason is None and solver.name != SHARING:
        reason = f"only solver {SHARING} shares its matrices"
    if reason is not None:
        raise UnsupportedProblemError(f"emulate cannot do this: {reason}")
    return solver.one_mesh(box.densest, accuracy)


def _attempt(
    box: Box,
    mesh: OneMesh | None,
    accuracy: str,
    tolerance: float,
    count: int,
    seed: int,
    losses: bool,
    say: Report,
) -> Emulator:
    """The emulator from ``count`` samples, with its held-out error."""
    places = sample(len(box.axes), count, seed)
    say(0.0, f"emulator: kernels of {len(places)} stacks")
    shared = share([box.at(box.values(u)) for u in places], box.densest, accuracy, losses=losses)
    position = shared.grid.position if losses else np.zeros((0, 2))
    factors = np.array([shared.factors.at(box.at(box.values(u)))["z"] for u in places])
    bases, first, second = [], [], []
    for index, (parity, excitation) in enumerate(shared.classes):
        size = 0.7 / len(shared.classes)
        base = 0.1 + index * size
        say(base, f"emulator: {parity.count} unknowns")

        def report(done: float, message: str, base: float = base, size: float = size) -> None:
            say(base + size * done, f"emulator: {message}")

        values = shared.values(parity)
        basis, _, _ = grow(
            values,
            excitation,
            factors,
            box.problem.frequency,
            tolerance * (LOSSES if losses else 1.0),
            BAND_LOSSES if losses else BAND,
            report,
        )
        bases.append(basis)
        moments = shared.moments(parity) if losses else np.zeros((2, 0, parity.count))
        first.append(first_level(basis, excitation, moments))
        second.append(second_level(first[-1], factors, 0.01 * tolerance))
    made = Emulator(box, accuracy, shared.factors, tuple(first), tuple(second), position, np.nan)
    if mesh is None:
        return made
    say(0.8, "emulator: direct solves to compare with")
    points = np.vstack((corners(len(box.axes), CORNERS), _doubted(made, bases, seed)))
    worst = 0.0
    for u in points:
        problem = box.at(box.values(u))
        if losses:
            worst = max(worst, _power_difference(made, mesh.power(problem), problem))
        else:
            worst = max(worst, difference(made.z_of(problem), mesh.impedance(problem)))
    return replace(made, held_out_error=SAFETY * worst)


def _doubted(made: Emulator, bases: Sequence[Projection], seed: int) -> FloatArray:
    """(DOUBTED + BLIND, d) places to look at, none of them a sample.

    What the second level changes and what the residual of the first says are cheap to have.
    """
    box = made.box
    places = np.random.default_rng(seed + 1).random((POOL, len(box.axes)))
    looked = looked_at(box.problem.frequency.size)
    doubt = []
    for u in places:
        factors = made.factors.at(box.at(box.values(u)))["z"]
        left = [
            basis.estimate(factors[looked], basis.currents(factors[looked])).max()
            for basis in bases
        ]
        doubt.append(max(left) + difference(made.from_factors(factors), made.first_z(factors)))
    order = np.argsort(doubt)
    return places[np.concatenate((order[-DOUBTED:], order[:BLIND]))]


def _power_difference(made: Emulator, direct: Power, problem: Problem) -> float:
    """Largest of the differences of S, of the losses over Re Z, and of the field over its peak."""
    _, shares, elements = made.power(problem)
    worst = difference(made.z_of(problem), direct.z)
    resistance = np.diagonal(direct.z, axis1=1, axis2=2).real.max(axis=1)[:, None, None]
    for name, value in shares.items():
        worst = max(worst, float(np.abs((value - direct.shares[name]) / resistance).max()))
    theta, phi = np.meshgrid(np.linspace(0.0, 1.4, 4), np.linspace(0.0, np.pi, 5))
    frequency = problem.frequency
    for index in {0, frequency.size // 2, frequency.size - 1}:
        field, true = (
            np.array(far_field(e, index, frequency[index], problem.stratification, theta, phi))
            for e in (elements, direct.elements)
        )
        worst = max(worst, float(np.abs(field - true).max() / np.abs(true).max()))
    return worst


def difference(z: ComplexArray, other: ComplexArray) -> float:
    """Largest |difference| of the scattering matrices in REFERENCE ohm, (n, p, p)."""
    if z.shape[1] == 1:
        return float(np.abs(reflection(z, REFERENCE) - reflection(other, REFERENCE)).max())
    one = REFERENCE * np.eye(z.shape[1])

    def scattering(z: ComplexArray) -> ComplexArray:
        return np.asarray(np.linalg.solve(z + one, z - one))

    return float(np.abs(scattering(z) - scattering(other)).max())
