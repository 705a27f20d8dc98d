"""From layouts at random to the best one of them, and from there one element after the other.

A layout takes the coupling of all pairs, a move that of one element with the others
(:mod:`lunar_antenna.array.moves`); a move that does not lower the merit is taken back.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable

import numpy as np

from ...array.moves import Moves
from ...array_problem import Array
from ...conventions import FloatArray
from ...errors import GeometryError
from .draw import elsewhere, scattered
from .settings import PlacesSettings
from .trail import MOVE, OWN, RANDOM, Trail, Tried

CUT = 1e-3  # of |Z|, what the macro basis may leave out while it is searched
NEAREST = 0.1  # m between metal: layouts with less are passed over
REDRAWN = 200  # random layouts whose metal meets, before it is given up
Say = Callable[[float, str], None]


class Climb:
    """The search: its trail, and the best layout so far."""

    def __init__(
        self, array: Array, settings: PlacesSettings, z0: float, accuracy: str, trail: Trail
    ) -> None:
        self.array, self.settings, self.z0 = array, settings, z0
        self.accuracy, self.trail = accuracy, trail
        self.best: Moves | None = None
        self.value = math.inf
        self._base: Moves | None = None

    def run(self, say: Say) -> None:
        """All that is left to try; what was tried is done again from its trail, without solving."""
        settings = self.settings
        self._again()
        total = 1 + settings.random + settings.moves
        while len(self.trail.rows) < total:
            number = len(self.trail.rows)
            generator = np.random.default_rng((settings.seed, number))
            started = time.process_time()
            if number == 0:
                made: Moves | None
                made, row = self._own()
            elif number <= settings.random:
                made, row = self._random(generator)
            else:
                made, row = self._move(generator)
            value = None if made is None else self._judged(made)
            self.trail.add(
                Tried(row.kind, value, row.positions, row.element, time.process_time() - started)
            )
            if row.kind != OWN or self._own_fits():
                self._take(made, value)
            say((number + 1) / total, f"layout {number + 1} of {total}: best {self.value:.4f}")

    def _begun(self) -> Moves:
        """Any layout of the elements, trained for all those that may come."""
        if self._base is None:
            settings = self.settings
            radius = _radius(self.array)
            reach = 2.0 * (settings.radius + radius)
            x0, y0, x1, y1 = self.array.bounds
            reach = max(reach, math.hypot(x1 - x0, y1 - y0))
            self._base = Moves.begin(
                self.array,
                self.accuracy,
                reach,
                max(NEAREST, settings.least_distance - 2.0 * radius),
                CUT,
            )
        return self._base

    def _judged(self, made: Moves) -> float:
        return self.settings.merit.of(made.solution(), self.z0)

    def _take(self, made: Moves | None, value: float | None) -> None:
        if made is not None and value is not None and value < self.value:
            self.best, self.value = made, value

    def _again(self) -> None:
        """The best of a trail that goes on: its layout coupled, then the moves that were kept."""
        best: list[Tried] = []
        lowest = math.inf
        for row in self.trail.rows:
            if row.kind == OWN and not self._own_fits():
                continue
            if row.value is not None and row.value < lowest:
                lowest = row.value
                best = [*best, row] if row.kind == MOVE else [row]
        if not best:
            return
        if best[0].kind == OWN:
            made = self._begun()
        else:
            made = self._begun().at(self.array.with_positions(best[0].positions))
        for row in best[1:]:
            assert row.element is not None
            made = made.moved(row.element, np.array(row.positions[0]))
        self.best, self.value = made, lowest

    def _own_fits(self) -> bool:
        """Whether the array's own layout is one that the search may find."""
        places, settings = self.array.positions, self.settings
        gaps = np.linalg.norm(places[:, None] - places, axis=2)
        np.fill_diagonal(gaps, np.inf)
        inside = np.hypot(*places.T).max() <= settings.radius
        return bool(inside and gaps.min() >= settings.least_distance)

    def _own(self) -> tuple[Moves, Tried]:
        return self._begun(), _row(OWN, self.array.positions)

    def _random(self, generator: np.random.Generator) -> tuple[Moves | None, Tried]:
        settings = self.settings
        begun = self._begun()
        places: FloatArray = self.array.positions
        for _ in range(REDRAWN):
            places = scattered(
                generator, self.array.n_elements, settings.radius, settings.least_distance
            )
            try:
                return begun.at(self.array.with_positions(places)), _row(RANDOM, places)
            except GeometryError:
                continue
        return None, _row(RANDOM, places)

    def _move(self, generator: np.random.Generator) -> tuple[Moves | None, Tried]:
        settings = self.settings
        before = self.best or self._begun()
        drawn = elsewhere(
            generator, before.array.positions, settings.radius, settings.least_distance
        )
        if drawn is None:
            return None, _row(MOVE, before.array.positions[:1], 0)
        element, place = drawn
        try:
            return before.moved(element, place), _row(MOVE, place[None], element)
        except GeometryError:
            return None, _row(MOVE, place[None], element)


def _row(kind: str, places: FloatArray, element: int | None = None) -> Tried:
    return Tried(kind, None, tuple((float(x), float(y)) for x, y in places), element, 0.0)


def _radius(array: Array) -> float:
    """m from an element's origin to its farthest metal."""
    corners = [
        np.asarray(layout.surface.convex_hull.exterior.coords)[:, :2]
        for layout in array.layouts.values()
    ]
    return max(float(np.hypot(*item.T).max()) for item in corners)


def search_digest(array: Array, settings: PlacesSettings, z0: float, accuracy: str) -> str:
    """What a search must be to be gone on with: all but how many moves are made."""
    told = settings.to_dict()
    told.pop("moves")
    text = json.dumps([array.digest, told, z0, accuracy], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
