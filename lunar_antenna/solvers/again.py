"""A solution at one more frequency inside its band: solved again, on the mesh that it is from.

The ends of the band are solved with it, because mesh and tables follow from them: what comes out
joins the sweep without a step.  The last few are kept.
"""

from __future__ import annotations

import logging
from collections import OrderedDict

from ..errors import InputError
from ..problem import Band
from ..solution import Solution
from .registry import SOLVERS, capabilities_of, solve

KEPT = 32
LEAST = 1e4  # Hz; less is a number in MHz
_log = logging.getLogger(__name__)
_kept: OrderedDict[tuple[str, str, str, float], Solution] = OrderedDict()


def solve_again(solution: Solution, frequency: float) -> Solution:
    """The problem of ``solution`` with ``frequency`` (Hz) among the solved ones.

    By the same solver, with the same accuracy; a line in the log says that it is solved.  Raises
    :class:`InputError` outside the band, and for solvers that take minutes or are not known.
    """
    made, band = solution.provenance, solution.frequency
    low, high = float(band[0]), float(band[-1])
    nearest = float(band[abs(band - frequency).argmin()])
    if frequency < LEAST:
        raise InputError(
            f"frequency = {frequency:g} Hz; frequencies are in Hz, {frequency:g} MHz is "
            f"{frequency:g}e6"
        )
    told = f"{frequency / 1e6:g} MHz was not solved (nearest {nearest / 1e6:g} MHz)"
    if not low < frequency < high:
        raise InputError(
            f"{told} and lies outside the band, {low / 1e6:g} to {high / 1e6:g} MHz; put it into "
            "the band and solve again"
        )
    if made.solver not in SOLVERS or capabilities_of(made.solver).slow:
        raise InputError(
            f"{told}, and solver {made.solver} is not asked again unbidden; put it into the band "
            "and solve again"
        )
    key = (solution.problem.digest, made.solver, made.accuracy, float(frequency))
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    _log.warning(
        "%g MHz was not solved; it is now, by %s at accuracy %s, from the stored problem",
        frequency / 1e6,
        made.solver,
        made.accuracy,
    )
    problem = solution.problem.with_frequency(Band([low, frequency, high]).frequency)
    found = _kept[key] = solve(problem, made.solver, accuracy=made.accuracy)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found
