"""From a solver to a :class:`Response`: what is in doubt between frequencies is solved, not fitted.

Z and the shares of power are fitted between the solved frequencies, with an upper estimate of the
error (:mod:`lunar_antenna.circuit.resampling`).  Where that exceeds what a search can bear, and
the solver's capabilities say that a dense sweep is cheap, Z is solved on FINER times as many
points, and the shares, whose kernels cost more, in the doubtful intervals alone.  Other solvers
keep the fit; what it may be off by is in the evaluation.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..circuit.resampling import (
    DenseImpedance,
    densify,
    fine_grid,
    impedance_on,
)
from ..conventions import ComplexArray, FloatArray
from ..problem import Band, Problem
from ..solution import Solution
from .response import Response

Z_DOUBT = 5e-3  # |dGamma|, half of what a mesh of "draft" is off by
SHARE_DOUBT = 0.01
FINER = 5
ADDED = 3  # frequencies put into a doubtful interval
MOST_ADDED = 60  # a round
ROUNDS = 3


def respond(problem: Problem, solver: str, accuracy: str, needs: str) -> Response:
    """The cheapest solution that holds ``needs`` (one of NEEDS), on the fine grid."""
    from ..solvers.registry import quick

    found = quick(problem, solver, accuracy=accuracy, needs=needs)
    response = Response(
        problem, _impedance(problem, found.z[:, 0, 0], solver, accuracy), found.solution
    )
    if needs == "impedance" or not _dense_sweep(problem, solver):
        return response
    return _refined(response, solver, accuracy)


def response_of(solution: Solution) -> Response:
    """The same of a full solution, by the solver and on the mesh that it is from."""
    from ..solvers.registry import SOLVERS

    made, response = solution.provenance, impedance_response(solution)
    if made.solver not in SOLVERS or not _dense_sweep(solution.problem, made.solver):
        return response
    return _refined(response, made.solver, made.accuracy)


def impedance_response(solution: Solution) -> Response:
    """The same where only what follows from the impedance will be read."""
    from ..solvers.registry import SOLVERS

    made, z = solution.provenance, solution.input_impedance()
    if made.solver not in SOLVERS or not _dense_sweep(solution.problem, made.solver):
        return Response(solution.problem, densify(solution.frequency, z), solution)
    dense = _impedance(solution.problem, z, made.solver, made.accuracy)
    return Response(solution.problem, dense, solution)


def _impedance(problem: Problem, z: ComplexArray, solver: str, accuracy: str) -> DenseImpedance:
    """Port 1, the others open; solved on more points where the fit is in doubt."""
    dense = densify(problem.frequency, z)
    if dense.held_out <= Z_DOUBT or not _dense_sweep(problem, solver):
        return dense
    from ..solvers.registry import quick

    finer = replace(problem, band=Band(fine_grid(problem.frequency, FINER)))
    solved = quick(finer, solver, accuracy=accuracy, needs="impedance").z[:, 0, 0]
    return impedance_on(finer.frequency, solved, dense.frequency)


def _refined(response: Response, solver: str, accuracy: str) -> Response:
    """Losses solved where the share radiated to the sky is in doubt between frequencies."""
    from ..solvers.registry import quick

    problem = response.problem
    solved = problem.frequency
    for _ in range(ROUNDS):
        share = response.dense_share("sky")
        if share.error <= SHARE_DOUBT:
            break
        added = _doubtful(solved, response.frequency, share.doubt)
        if added.size == 0:
            break
        # the ends keep mesh and tables what they are
        band = np.concatenate((solved[:1], added, solved[-1:]))
        found = quick(
            replace(problem, band=Band(band)), solver, accuracy=accuracy, needs="losses"
        ).solution
        assert found is not None
        response = replace(
            response, between=(*response.between, found), _shares={}, _dense_shares={}
        )
        solved = np.union1d(solved, band)
    return response


def _doubtful(solved: FloatArray, dense: FloatArray, doubt: FloatArray) -> FloatArray:
    """ADDED frequencies in every interval of ``solved`` in doubt, the worst intervals first."""
    interval = np.clip(np.searchsorted(solved, dense, side="right") - 1, 0, solved.size - 2)
    worst = np.zeros(solved.size - 1)
    np.maximum.at(worst, interval, doubt)
    order = np.argsort(-worst)[: MOST_ADDED // ADDED]
    chosen = order[worst[order] > SHARE_DOUBT]
    part = np.arange(1, ADDED + 1) / (ADDED + 1)
    step = np.diff(solved)[chosen]
    return np.sort((solved[chosen, None] + step[:, None] * part).ravel())


def _dense_sweep(problem: Problem, solver: str) -> bool:
    from ..solvers.registry import AUTO, capabilities_of, choose

    able = choose(problem)[0].capabilities if solver == AUTO else capabilities_of(solver)
    return able.dense_sweep
