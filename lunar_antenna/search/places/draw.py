"""Layouts by chance: all elements anew, or one of them elsewhere."""

from __future__ import annotations

import math

import numpy as np

from ...conventions import FloatArray
from ...errors import InputError

DARTS = 4000  # thrown for one layout before it is begun again
BEGUN = 50
DRAWN = 300  # places tried for one element that is moved
NEAR = 0.3  # of the radius: how far an element is moved that is not put anywhere


def anywhere(generator: np.random.Generator, radius: float) -> FloatArray:
    """(2,) m, uniform in the disc."""
    length, angle = radius * math.sqrt(generator.random()), 2 * math.pi * generator.random()
    return length * np.array([math.cos(angle), math.sin(angle)])


def scattered(
    generator: np.random.Generator, count: int, radius: float, least: float
) -> FloatArray:
    """(count, 2) m in a disc, no two nearer than ``least``.

    Raises :class:`InputError` where none is found.
    """
    for _ in range(BEGUN):
        found: list[FloatArray] = []
        for _ in range(DARTS):
            point = anywhere(generator, radius)
            if all(np.hypot(*(point - other)) >= least for other in found):
                found.append(point)
            if len(found) == count:
                return np.array(found)
    raise InputError(
        f"{count} elements at least {least:g} m apart are not found room for in a disc of radius "
        f"{radius:g} m; take a larger radius or a smaller least_distance"
    )


def elsewhere(
    generator: np.random.Generator, positions: FloatArray, radius: float, least: float
) -> tuple[int, FloatArray] | None:
    """An element and its new place: half the time nearby; None where none is found."""
    for _ in range(DRAWN):
        element = int(generator.integers(len(positions)))
        if generator.random() < 0.5:
            point = anywhere(generator, radius)
        else:
            step = NEAR * radius * generator.random() ** 2
            point = positions[element] + step * generator.normal(size=2)
        others = np.delete(positions, element, axis=0)
        apart = np.hypot(*(others - point).T).min(initial=np.inf)
        if np.hypot(*point) <= radius and apart >= least:
            return element, point
    return None
