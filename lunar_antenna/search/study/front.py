"""The Pareto front of finished trials: who is on it, who stands for it, which one is proposed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...conventions import FloatArray
from .trials import Trial


def front_of(trials: Sequence[Trial], maximise: Sequence[bool]) -> list[Trial]:
    """Feasible trials that no other one beats, ordered by the first objective, best first.

    A trial beats another if it is no worse in every objective and better in one.  Of equal
    ones the earliest stays.
    """
    feasible = [t for t in trials if t.evaluation is not None and t.evaluation.feasible]
    if not feasible:
        return []
    cost = _cost(feasible, maximise)
    kept = []
    for index, own in enumerate(cost):
        no_worse = (cost <= own).all(axis=1)
        better = (cost < own).any(axis=1)
        earlier_equal = (cost[:index] == own).all(axis=1).any()
        if not (no_worse & better).any() and not earlier_equal:
            kept.append(index)
    kept.sort(key=lambda index: (*cost[index], feasible[index].number))
    return [feasible[index] for index in kept]


def compromise(front: Sequence[Trial], maximise: Sequence[bool]) -> Trial:
    """The one nearest to the ideal corner, every objective in parts of its span on the front."""
    return front[int(np.argmin(np.linalg.norm(_scaled(front, maximise), axis=1)))]


def spread(front: Sequence[Trial], maximise: Sequence[bool], count: int) -> list[Trial]:
    """``count`` trials that stand for the front: the compromise, then always the farthest one."""
    if count <= 0 or not front:
        return []
    place = _scaled(front, maximise)
    chosen = [int(np.argmin(np.linalg.norm(place, axis=1)))]
    while len(chosen) < min(count, len(front)):
        gap = np.linalg.norm(place[:, None] - place[None, chosen], axis=2).min(axis=1)
        chosen.append(int(np.argmax(gap)))
    return [front[index] for index in sorted(chosen)]


def _cost(trials: Sequence[Trial], maximise: Sequence[bool]) -> FloatArray:
    """(n, objectives), the less the better."""
    sign = np.where(np.asarray(maximise), -1.0, 1.0)
    values = [trial.evaluation.objectives for trial in trials if trial.evaluation is not None]
    return np.asarray(values, dtype=float) * sign


def _scaled(front: Sequence[Trial], maximise: Sequence[bool]) -> FloatArray:
    """(n, objectives): 0 is the best on the front, 1 the worst."""
    cost = _cost(front, maximise)
    best, worst = cost.min(axis=0), cost.max(axis=0)
    return np.asarray((cost - best) / np.where(worst > best, worst - best, 1.0))
