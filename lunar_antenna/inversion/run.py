"""The steps of one inversion: emulation, global search, mesh error, local box."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..circuit.waves import reflection
from ..conventions import ComplexArray, FloatArray
from .emulator import Emulator, build
from .errors import Whitening
from .fit import Fit, fit, starting_points
from .forward import Forward
from .identify import Information
from .model import SweepModel
from .pool import Pool, available_cores
from .prior import Prior
from .setup import Setup

Report = Callable[[float, str], None]

# Norms of a whitened sweep: an error of norm 1 moves no parameter by more than 1 standard error.
SEARCH_TOLERANCE = 3.0  # while the right minimum is looked for
TOLERANCE = 0.3  # around the answer; held-out errors came out three times smaller
SEARCH_BUDGET, BUDGET = 150, 250  # solver runs
CHEAP = 4  # times as many where an emulator stands for the solver
REACH = 8.0  # standard errors that the local box extends from the answer
RIVAL = 25.0  # above the lowest chi2: other minima within it are kept in the local box
COARSER = (1.3, 1.7)  # spacings of the meshes that tell the error of the own
ROUGHER = {"fine": "normal", "normal": "draft"}  # meshes of other proportions
OTHER_MESH = 0.25  # of the difference to such a mesh
PARALLEL_SECONDS = 15.0  # of work left, above which worker processes pay for their start


@dataclass(slots=True)
class Work:
    """What was spent: solver runs by stage and seconds by stage."""

    runs: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, stage: str, runs: int, since: float) -> None:
        self.runs[stage] = self.runs.get(stage, 0) + runs
        spent = time.perf_counter() - since
        self.seconds[stage] = self.seconds.get(stage, 0.0) + spent


def emulate(
    setup: Setup,
    pool: Pool,
    box: tuple[Prior, ...],
    whitening: Whitening,
    tolerance: float,
    budget: int,
    report: Callable[[int, float], None] | None = None,
) -> Emulator:
    """Emulator of the reflection in z_ref at the solver's frequencies over ``box``."""

    def solve(x: FloatArray) -> ComplexArray:
        z = pool.solve_all(setup.forward, [setup.point(box, row) for row in x])
        return reflection(z, setup.z_ref)

    def norm(error: ComplexArray) -> float:
        return whitening.norm(setup.spread @ error)

    return build(solve, len(box), norm, tolerance=tolerance, budget=budget, report=report)


def choose_workers(setup: Setup, runs: int) -> int:
    """How many processes for ``runs`` solver runs: one where starting more would not pay."""
    start = time.perf_counter()
    setup.forward.impedance(setup.point(setup.solved, np.full(len(setup.solved), 0.5)))
    seconds = (time.perf_counter() - start) * runs
    return available_cores() if seconds > PARALLEL_SECONDS else 1


@dataclass(frozen=True, slots=True, eq=False)
class MeshError:
    """What the mesh is estimated to change in a reflection: offset (n,) to add, to its limit.

    shapes: (n,) each, what the offset may be wrong by, with amplitudes of order 1.
    """

    offset: ComplexArray
    shapes: tuple[ComplexArray, ...]


def mesh_error(setup: Setup, values: FloatArray) -> MeshError:
    """Of the reflection at ``values``, from meshes whose spacings are larger by COARSER.

    Richardson: a difference over ratio^order - 1, where order is that of the solver's convergence,
    is what the mesh lacks.  The offset is that of the nearest mesh.  It may be off by itself (the
    order), by how it differs from that of the farther mesh (higher orders), and by what a mesh of
    other proportions sees.
    """
    point = setup.solver_point(values)
    forward = setup.forward.direct()
    order = forward.mesh(forward.solver()).order

    def seen(other: Forward) -> ComplexArray:
        return setup.seen(other.impedance(point), values)

    own = seen(forward)
    steps_ = [
        (own - seen(forward.direct(coarsening=ratio * forward.coarsening))) / (ratio**order - 1.0)
        for ratio in COARSER
    ]
    shapes = [steps_[0], 2.0 * (steps_[0] - steps_[1])]
    if forward.accuracy in ROUGHER:
        other = seen(forward.direct(accuracy=ROUGHER[forward.accuracy]))
        shapes.append(OTHER_MESH * (own - other))
    return MeshError(steps_[0], tuple(shapes))


def local_box(setup: Setup, answer: Fit) -> tuple[Prior, ...]:
    """Ranges of the solved parameters within REACH standard errors of ``answer``.

    Minima that fit nearly as well are inside too.
    """
    covariance = Information.of(answer.jacobian, setup.ranges).covariance()
    reach = REACH * np.sqrt(np.diagonal(covariance))
    rivals = np.array([v for chi2, v in answer.minima if chi2 < answer.chi2 + RIVAL])
    box = []
    for k, item in enumerate(setup.ranges):
        if item.solved:
            size = max(float(reach[k]), 1e-3 * item.width)
            box.append(
                item.narrowed(float(rivals[:, k].min()) - size, float(rivals[:, k].max()) + size)
            )
    return tuple(box)


def at_box_edge(setup: Setup, box: tuple[Prior, ...], answer: Fit) -> tuple[str, ...]:
    """Parameters within 3 standard errors of an edge of ``box`` that is not their prior's."""
    covariance = Information.of(answer.jacobian, setup.ranges).covariance()
    sigma = {r.name: float(np.sqrt(covariance[k, k])) for k, r in enumerate(setup.ranges)}
    value = {r.name: float(answer.values[k]) for k, r in enumerate(setup.ranges)}
    prior = {r.name: r for r in setup.ranges}
    found = []
    for item in box:
        whole, near = prior[item.name], 3.0 * sigma[item.name]
        below = item.low > whole.low and value[item.name] - item.low < near
        above = item.high < whole.high and item.high - value[item.name] < near
        if below or above:
            found.append(item.name)
    return tuple(found)


def search(setup: Setup, model: SweepModel, whitening: Whitening, seed: int) -> Fit:
    """Best minimum over the whole prior box."""
    starts = starting_points(model, setup.measured, whitening, seed)
    return fit(model, setup.measured, whitening, starts)


def ranked_minima(setup: Setup, pool: Pool, found: Fit, whitening: Whitening) -> FloatArray:
    """(k, p) minima of ``found`` ordered by the solver itself, those that fit as well kept.

    The emulator of a wide prior may rank two minima wrongly; one solver run for each does not.
    """
    if len(found.minima) == 1 or not setup.solved:
        return np.array([values for _, values in found.minima])
    minima = np.array([values for _, values in found.minima])
    z = pool.solve_all(setup.forward, [setup.solver_point(values) for values in minima])
    chi2 = np.array(
        [
            float((whitening(setup.measured - setup.seen(row, values)) ** 2).sum())
            for row, values in zip(z, minima, strict=True)
        ]
    )
    order = np.argsort(chi2)
    return np.asarray(minima[order[chi2[order] < chi2.min() + RIVAL]])


def around(setup: Setup, model: SweepModel, found: Fit, count: int, seed: int) -> FloatArray:
    """(count, p) points drawn from the answer's own covariance, inside the model's limits."""
    covariance = Information.of(found.jacobian, setup.ranges).covariance()
    drawn = np.random.default_rng(seed).multivariate_normal(found.values, covariance, size=count)
    limits = model.limits
    return np.clip(drawn, [item.low for item in limits], [item.high for item in limits])


def emulator_error(
    setup: Setup, model: SweepModel, pool: Pool, whitening: Whitening, points: FloatArray
) -> float:
    """Largest norm of emulator minus solver at ``points`` (k, p), which it has not seen."""
    z = pool.solve_all(setup.forward.direct(), [setup.solver_point(row) for row in points])
    direct = reflection(z, setup.z_ref) @ setup.spread.T
    return max(whitening.norm(error) for error in model.emulated(points) - direct)
