r"""Sequential linear programs for the best worst case.

What a design is worth is the least of several numbers w_i, what it has to spare of each demand
another list s_j, and every variable x lies between 0 and 1:

    maximise  min_i w_i(x) - price s,    s = max(0, -min_j s_j(x)).

A step takes both lists as linear round the design, by differences, and solves

    maximise  t - price s   over d, t, s >= 0
    with      t <= w_i + (dw_i/dx) d,   0 <= s_j + (ds_j/dx) d + s,   |d| <= trust,  0 <= x + d <= 1

(Madsen 1975, J. Inst. Math. Appl. 16, 321: minimax by linear programs in a trust region).  What a
step changed corrects the slopes; differences are taken anew where they no longer lead on.  A widest
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

PRICES = (5.0, 20.0, 80.0)  # of a demand that is not met, in worth, until all are met
STEP = 0.002  # difference in a variable that wants a solution: a mesh follows it without a jump
FINE_STEP = 1e-4  # in one that wants none
TRUST = 0.03  # how far a first step goes
WIDEST, NARROWEST = 0.2, 0.001  # trust
GAIN = 2e-5  # in worth: less is not looked for
HALVED = 3  # tries of a step whose design cannot be made
FAILED = 3  # steps without gain, after which slopes are taken anew
MORE, LESS, LEAST = 1.6, 0.5, 0.7  # trust after a good step, a bad one, one that gained little


@dataclass(frozen=True, slots=True, eq=False)
class Spare:
    """worth (n,): the least of it is improved.  spare (m,): below 0 is not met."""

    worth: FloatArray
    spare: FloatArray

    @property
    def all(self) -> FloatArray:
        return np.concatenate((self.worth, self.spare))

    def merit(self, price: float) -> float:
        return float(self.worth.min()) - price * self.short

    @property
    def short(self) -> float:
        """By how much the worst demand is not met."""
        return max(0.0, -float(self.spare.min(initial=0.0)))


Possible = Callable[[FloatArray], bool]
Judge = Callable[[Sequence[FloatArray]], list[Spare | None]]
Told = Callable[[int, Spare, FloatArray], None]


def descend(
    judge: Judge,
    start: FloatArray,
    solved: Sequence[bool],
    steps: int,
    told: Told,
    possible: Possible = lambda _: True,
) -> FloatArray:
    """The design after up to ``steps`` programs; it is never worse than ``start``.

    judge: of several designs (n_var,) at once, None of one that cannot be made; the lists of all
    are equally long.  solved: of each variable whether a change of it wants a solution.  told: the
    step's number, what the best so far has, and where it is.  possible: whether a design can be
    drawn, told without a solution.
    """
    here = np.asarray(start, dtype=float)
    (first,) = judge([here])
    if first is None:
        return here
    walk = _Walk(judge, possible, solved, told, here, first, steps)
    for price in PRICES:
        last = price == PRICES[-1]
        ended = walk.go(price, walk.left if last else -(-walk.left // 2))
        if ended and walk.best.short <= 0.0:
            break
    return walk.here


@dataclass(slots=True, eq=False)
class _Walk:
    """Where a descent is.  left: programs."""

    judge: Judge
    possible: Possible
    solved: Sequence[bool]
    told: Told
    here: FloatArray
    best: Spare
    left: int
    done: int = 0

    def go(self, price: float, most: int) -> bool:
        """Whether no program leads on at this price; ``most``: programs to find it out."""
        until = self.left - most
        trust, failed, fresh, both = TRUST, 0, True, False
        slopes = self.slopes()
        while self.left > until:
            move, hoped = self.planned(slopes, trust, price)
            spent = hoped < GAIN or trust < NARROWEST
            if spent and fresh and both:
                return True
            if spent or failed == FAILED:
                # a mesh that no neighbour shares makes one-sided differences false at once
                trust = max(trust, LESS * TRUST if fresh and not both else NARROWEST)
                both, fresh, failed = fresh, True, 0
                slopes = self.slopes(both=both)
                continue
            self.left, self.done = self.left - 1, self.done + 1
            there, found, hoped = self.tried(move, hoped)
            gain = -np.inf if found is None else found.merit(price) - self.best.merit(price)
            if found is not None:
                slopes = _learnt(slopes, there - self.here, found.all - self.best.all)
            if found is None or gain <= 0.0:
                trust, failed = trust * LESS, failed + 1
            else:
                self.here, self.best, fresh, failed = there, found, False, 0
                slopes = self.slopes(slopes)
                if gain > 0.7 * hoped:
                    trust = min(trust * MORE, WIDEST)
                elif gain < 0.25 * hoped:
                    trust *= LEAST
            self.told(self.done, self.best, self.here)
        return False

    def planned(self, slopes: FloatArray, trust: float, price: float) -> tuple[FloatArray, float]:
        """(move, gain hoped for), without what alone leads to where nothing can be drawn."""
        here = self.here
        low, high = np.maximum(-trust, -here), np.minimum(trust, 1.0 - here)
        for _ in range(here.size):
            move, hoped = _program(self.best, slopes, low, high, price)
            if self.possible(np.clip(here + move, 0.0, 1.0)):
                break
            alone = [np.clip(here + np.eye(here.size)[k] * move[k], 0.0, 1.0) for k in _moved(move)]
            barred = [k for k, at in zip(_moved(move), alone, strict=True) if not self.possible(at)]
            if not barred:
                break
            for k in barred:
                low[k], high[k] = (low[k], 0.0) if move[k] > 0.0 else (0.0, high[k])
        return move, hoped

    def tried(self, move: FloatArray, hoped: float) -> tuple[FloatArray, Spare | None, float]:
        """(design, what it has, gain hoped for); what cannot be made may be possible nearer by."""
        for part in 0.5 ** np.arange(HALVED):
            there = np.clip(self.here + part * move, 0.0, 1.0)
            if not self.possible(there):
                continue
            (found,) = self.judge([there])
            if found is not None:
                return there, found, hoped * float(part)
        return there, None, hoped

    def slopes(self, known: FloatArray | None = None, *, both: bool = False) -> FloatArray:
        """(n + m, n_var) d(worth, spare)/dx; 0 along a variable that can be moved neither way.

        known: slopes along variables that want a solution, taken as they are.  both: differences
        from one side to the other, where both can be made.
        """
        here, best = self.here, self.best
        size = np.where(self.solved, STEP, FINE_STEP)
        sign = np.where(here + size <= 1.0, 1.0, -1.0)
        slopes = np.zeros((best.all.size, here.size)) if known is None else known.copy()
        left = [k for k in range(here.size) if known is None or not self.solved[k]]
        for _ in range(2):
            moved = [here + np.eye(here.size)[k] * sign[k] * size[k] for k in left]
            again = []
            for k, found in zip(left, self.judge(moved), strict=True):
                if found is not None:
                    slopes[:, k] = (found.all - best.all) / (sign[k] * size[k])
                    continue
                sign[k] = -sign[k]
                if 0.0 <= here[k] + sign[k] * size[k] <= 1.0:
                    again.append(k)
            left = again
        if both:
            self._central(slopes, size)
        return slopes

    def _central(self, slopes: FloatArray, size: FloatArray) -> None:
        """Slopes anew along all variables that want a solution and can be moved both ways."""
        here = self.here
        for k in np.flatnonzero(self.solved):
            if not size[k] <= here[k] <= 1.0 - size[k]:
                continue
            step = np.eye(here.size)[k] * size[k]
            up, down = self.judge([here + step, here - step])
            if up is not None and down is not None:
                slopes[:, k] = (up.all - down.all) / (2.0 * size[k])


def _learnt(slopes: FloatArray, move: FloatArray, change: FloatArray) -> FloatArray:
    """Slopes that say what the last move changed (Broyden 1965, Math. Comput. 19, 577)."""
    missing = change - slopes @ move
    return np.asarray(slopes + np.outer(missing, move) / (move @ move))


def _moved(move: FloatArray) -> list[int]:
    return [int(k) for k in np.flatnonzero(move)]


def _program(
    best: Spare, slopes: FloatArray, low: FloatArray, high: FloatArray, price: float
) -> tuple[FloatArray, float]:
    """(move between low and high, gain hoped for)."""
    from scipy.optimize import linprog

    n = low.size
    # variables: move, t, s
    cost = np.concatenate((np.zeros(n), [-1.0, price]))
    of_worth = (np.arange(best.all.size) < best.worth.size)[:, None]
    rows = np.hstack((-slopes, np.where(of_worth, 1.0, 0.0), np.where(of_worth, 0.0, -1.0)))
    bounds = [*zip(low, high, strict=True), (None, None), (0.0, None)]
    found = linprog(cost, rows, best.all, bounds=bounds)
    if found.x is None:  # bounded and never empty: s takes any shortfall
        raise SolverError(f"the linear program of a polish step failed: {found.message}")
    return np.asarray(found.x[:n]), float(-found.fun) - best.merit(price)
