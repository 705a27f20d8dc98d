"""Search of one mask: the best block of cells to switch, over and over, with a short memory.

Every move switches one block of up to six cells to metal or to none; all blocks are tried, the
best that was not switched lately is taken even where it is worse (tabu search: Glover 1989, ORSA J.
Comput. 1, 190).  After a while without gain the search goes on from one of the best masks so far,
changed at random (the population of a memetic search: Capek et al. 2021, arXiv:2110.13460).
Values of a network stand while masks are compared and are chosen anew after every move.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .asks import MET, Asks
from .cells import Cells, Mask, allowed, wide_enough
from .model import Model, Seen

BLOCKS = (
    (1, 1), (2, 1), (1, 2), (2, 2), (3, 1), (1, 3), (3, 2), (2, 3), (4, 1), (1, 4), (3, 3),
    (6, 1), (4, 2), (2, 4),
)  # fmt: skip
KICKS = ((2, 2), (3, 2), (2, 3))
KICKED = 20  # changes that are tried for one of allowed widths
PATIENCE = 25  # moves without gain
MEMORY = 12  # moves that a cell rests
ELITE = 4  # masks that the search goes on from
HARDER = 1000  # steps that what is asked may take at once
TRIED = 1500  # allowed blocks at most, at random where there are more


@dataclass(frozen=True, slots=True, eq=False)
class Climbed:
    """The last mask that met all that was asked; the nearest to it where none did.

    asks: what it met, or what it is ``cost`` from.
    """

    mask: Mask
    asks: Asks
    cost: float


def climb(
    cells: Cells,
    models: Sequence[Model],
    start: Mask,
    asks: Asks,
    moves: int,
    rng: np.random.Generator,
    told: Callable[[int, Asks, float], None],
) -> Climbed:
    """Up to ``moves`` moves from ``start``.

    models: one a scenario, all on the same cells.  told: moves, asks and cost so far.
    """

    def at(mask: Mask) -> list[Seen]:
        for model in models:
            model.go(mask)
        return [model.here() for model in models]

    seen = at(start)
    asks = asks.tuned(seen)
    current = float(asks.cost(seen)[0])
    best, mask = current, start.copy()
    elite: list[tuple[float, Mask]] = [(best, mask)]
    rests = np.zeros(start.size, dtype=int)
    here, idle = start.copy(), 0
    met: Climbed | None = None
    for move in range(1, moves + 1):
        for _ in range(HARDER):
            if current > MET:
                break
            met = Climbed(here.copy(), asks, current)
            asks = asks.harder()
            current = float(asks.cost(seen)[0])
            best, mask, elite = current, here.copy(), [(current, here.copy())]
        choices = blocks(cells, here, BLOCKS, rng)
        if not choices:
            break
        sets = models[0].tableau.changes(choices)
        costs = asks.cost([model.candidates(sets) for model in models])
        taken = _choose(cells, costs, choices, here, rests, move, best)
        if taken is None:
            break
        changed = np.flatnonzero((choices[taken] != here).ravel())
        rests[changed] = move + MEMORY + int(rng.integers(6))
        here = choices[taken]
        seen = at(here)
        asks = asks.tuned(seen)
        current = float(asks.cost(seen)[0])
        if current < best - MET:
            best, mask, idle = current, here.copy(), 0
            elite = sorted([*elite, (best, mask)], key=lambda item: item[0])[:ELITE]
        else:
            idle += 1
        if idle >= PATIENCE and best > MET:
            here = _kicked(cells, elite[int(rng.integers(len(elite)))][1], rng)
            seen = at(here)
            current = float(asks.cost(seen)[0])
            rests[:] = 0
            idle = 0
        told(move, asks, best)
    if current <= MET:
        return Climbed(here, asks, current)
    return met or Climbed(mask, asks, best)


def blocks(
    cells: Cells, mask: Mask, sizes: tuple[tuple[int, int], ...], rng: np.random.Generator
) -> list[Mask]:
    """Allowed masks that differ from ``mask`` by one block, TRIED at most."""
    every = unlike(cells, mask, sizes)
    every = every[allowed(cells, every)]
    if len(every) > TRIED:
        every = every[np.sort(rng.choice(len(every), TRIED, replace=False))]
    return list(every)


def unlike(cells: Cells, mask: Mask, sizes: tuple[tuple[int, int], ...]) -> Mask:
    """(n, n_x, n_y) masks that differ from ``mask`` by one block."""
    n_x, n_y = mask.shape
    tried = []
    for a, b in sizes:
        if a > n_x or b > n_y:
            continue
        windows = np.lib.stride_tricks.sliding_window_view(mask, (a, b))
        metal = windows.reshape(*windows.shape[:2], -1).sum(axis=2)
        for value in (True, False):
            other = a * b - metal if value else metal
            i, j = np.nonzero(2 * other >= a * b)
            new = np.repeat(mask[None], i.size, axis=0)
            x, y = np.divmod(np.arange(a * b), b)
            new[np.arange(i.size)[:, None], i[:, None] + x, j[:, None] + y] = value
            tried.append((new | cells.metal) & ~cells.void)
    every = np.concatenate(tried)
    bits = np.packbits(every.reshape(len(every), -1), axis=1)
    _, first = np.unique(bits, axis=0, return_index=True)
    every = every[np.sort(first)]
    return np.asarray(every[(every != mask).any(axis=(1, 2))])


def _choose(
    cells: Cells,
    costs: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    choices: list[Mask],
    here: Mask,
    rests: np.ndarray[tuple[int, ...], np.dtype[np.int_]],
    move: int,
    best: float,
) -> int | None:
    """The cheapest wide enough that touches no resting cell, or is better than all before."""
    for k in np.argsort(costs, kind="stable"):
        changed = np.flatnonzero((choices[k] != here).ravel())
        fresh = costs[k] < best - MET or bool((rests[changed] < move).all())
        if fresh and wide_enough(cells, choices[k]):
            return int(k)
    return None


def _kicked(cells: Cells, mask: Mask, rng: np.random.Generator) -> Mask:
    for _ in range(int(rng.integers(2, 5))):
        choices = blocks(cells, mask, KICKS, rng)
        for k in rng.permutation(len(choices))[:KICKED]:
            if wide_enough(cells, choices[k]):
                mask = choices[k]
                break
    return mask
