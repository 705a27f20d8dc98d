r"""Sequential linear programs for the best worst case.

What a design is worth is the least of several numbers w_i, what it has to spare of each demand
another list s_j, and every variable x lies between 0 and 1:

    maximise  min_i w_i(x) - PRICE s,    s = max(0, -min_j s_j(x)).

A step takes both lists as linear round the design, by differences, and solves

    maximise  t - PRICE s   over d, t, s >= 0
    with      t <= w_i + (dw_i/dx) d,   0 <= s_j + (ds_j/dx) d + s,   |d| <= trust,  0 <= x + d <= 1

(Madsen 1975, J. Inst. Math. Appl. 16, 321: minimax by linear programs in a trust region).  A widest
band or a highest floor lies where several dips touch their level at once; there a score has no
derivative, which other searches need, but each frequency's own curve has, and as many of them as
there are variables fix the optimum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...conventions import FloatArray
from ...errors import SolverError

PRICE = 20.0  # of a demand that is not met, in worth
STEP = 0.01  # difference in a variable that wants a solution: above what a mesh is noisy by
FINE_STEP = 1e-4  # in one that wants none
TRUST = 0.03  # how far a first step goes
WIDEST, NARROWEST = 0.2, 0.001  # trust
GAIN = 2e-5  # in worth: less is not looked for
HALVED = 3  # tries of a step whose design cannot be made
MORE, LESS, LEAST = 1.6, 0.4, 0.6  # trust after a good step, a bad one, one that gained little


@dataclass(frozen=True, slots=True, eq=False)
class Spare:
    """worth (n,): the least of it is improved.  spare (m,): below 0 is not met."""

    worth: FloatArray
    spare: FloatArray

    @property
    def merit(self) -> float:
        return float(self.worth.min()) - PRICE * self.short

    @property
    def short(self) -> float:
        """By how much the worst demand is not met."""
        return max(0.0, -float(self.spare.min(initial=0.0)))


Judge = Callable[[Sequence[FloatArray]], list[Spare | None]]
Told = Callable[[int, Spare, FloatArray], None]


def descend(
    judge: Judge, start: FloatArray, solved: Sequence[bool], steps: int, told: Told
) -> FloatArray:
    """The design after up to ``steps`` programs; it is never worse than ``start``.

    judge: of several designs (n_var,) at once, None of one that cannot be made; the lists of all
    are equally long.  solved: of each variable whether a change of it wants a solution.  told: the
    step's number, what the best so far has, and where it is.
    """
    here = np.asarray(start, dtype=float)
    (best,) = judge([here])
    if best is None:
        return here
    trust = TRUST
    slopes: tuple[FloatArray, FloatArray] | None = None
    for step in range(1, steps + 1):
        if slopes is None:
            slopes = _slopes(judge, here, best, solved)
        move, hoped = _program(here, best, *slopes, trust)
        if hoped < GAIN:
            break
        for _ in range(HALVED):  # what cannot be made may be possible nearer by
            there = np.clip(here + move, 0.0, 1.0)
            (found,) = judge([there])
            if found is not None:
                break
            move, hoped = 0.5 * move, 0.5 * hoped
        gain = -np.inf if found is None else found.merit - best.merit
        if found is None or gain <= 0.0:
            trust *= LESS
            if trust < NARROWEST:
                break
        else:
            here, best, slopes = there, found, None
            if gain > 0.7 * hoped:
                trust = min(trust * MORE, WIDEST)
            elif gain < 0.25 * hoped:
                trust *= LEAST
        told(step, best, here)
    return here


def _slopes(
    judge: Judge, here: FloatArray, best: Spare, solved: Sequence[bool]
) -> tuple[FloatArray, FloatArray]:
    """(dw/dx (n, n_var), ds/dx (m, n_var)); 0 along a variable that can be moved neither way."""
    n = here.size
    size = np.where(solved, STEP, FINE_STEP)
    sign = np.where(here + size <= 1.0, 1.0, -1.0)
    worth, spare = np.zeros((best.worth.size, n)), np.zeros((best.spare.size, n))
    left = list(range(n))
    for _ in range(2):
        moved = [here + np.eye(n)[k] * sign[k] * size[k] for k in left]
        again = []
        for k, found in zip(left, judge(moved), strict=True):
            if found is None:
                sign[k] = -sign[k]
                if 0.0 <= here[k] + sign[k] * size[k] <= 1.0:
                    again.append(k)
                continue
            worth[:, k] = (found.worth - best.worth) / (sign[k] * size[k])
            spare[:, k] = (found.spare - best.spare) / (sign[k] * size[k])
        left = again
    return worth, spare


def _program(
    here: FloatArray, best: Spare, worth: FloatArray, spare: FloatArray, trust: float
) -> tuple[FloatArray, float]:
    """(move, gain hoped for)."""
    from scipy.optimize import linprog

    n = here.size
    # variables: move, t, s
    cost = np.concatenate((np.zeros(n), [-1.0, PRICE]))
    rows = np.vstack(
        (
            np.hstack((-worth, np.ones((worth.shape[0], 1)), np.zeros((worth.shape[0], 1)))),
            np.hstack((-spare, np.zeros((spare.shape[0], 1)), -np.ones((spare.shape[0], 1)))),
        )
    )
    low, high = np.maximum(-trust, -here), np.minimum(trust, 1.0 - here)
    bounds = [*zip(low, high, strict=True), (None, None), (0.0, None)]
    found = linprog(cost, rows, np.concatenate((best.worth, best.spare)), bounds=bounds)
    if found.x is None:  # bounded and never empty: s takes any shortfall
        raise SolverError(f"the linear program of a polish step failed: {found.message}")
    return np.asarray(found.x[:n]), float(-found.fun) - best.merit
