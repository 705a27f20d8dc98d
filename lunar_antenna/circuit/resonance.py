"""Resonances of a one-port."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..common.facts import Facts, Rows
from ..conventions import ComplexArray, FloatArray

NEAR = 0.2  # resonances further apart than this share of the frequency are not one (our choice)
_CLUSTER = 0.01  # crossings closer than this share of f are one, broken up by noise


@dataclass(frozen=True, slots=True, repr=False)
class Resonance(Facts):
    """A zero of the reactance: frequency in Hz, resistance in ohm, rising (series) or not."""

    frequency: float
    resistance: float
    rising: bool

    def facts(self) -> Rows:
        return [
            ("", "series" if self.rising else "parallel"),
            ("", f"{self.frequency / 1e6:.6g} MHz"),
            ("", f"{self.resistance:.4g} ohm"),
        ]


def resonances(frequency: FloatArray, z: ComplexArray) -> tuple[Resonance, ...]:
    """Zero crossings of Im ``z`` (n,), linear between points.

    Crossings within 1 % of each other are one, at their mean; noise breaks a crossing into an
    odd number, and an even number is a touch, not a crossing.
    """
    x = z.imag
    sign = np.sign(x)
    sign[sign == 0.0] = 1.0
    index = np.flatnonzero(sign[1:] != sign[:-1])
    share = x[index] / (x[index] - x[index + 1])
    where = frequency[index] + share * (frequency[index + 1] - frequency[index])
    groups: list[list[int]] = []
    for number in range(index.size):
        if groups and where[number] - where[groups[-1][-1]] <= _CLUSTER * where[number]:
            groups[-1].append(number)
        else:
            groups.append([number])
    found = []
    for group in groups:
        if len(group) % 2 == 0:
            continue
        place = float(where[group].mean())
        resistance = float(np.interp(place, frequency, z.real))
        found.append(Resonance(place, resistance, bool(sign[index[group[0]] + 1] > 0.0)))
    return tuple(found)


def pair(
    simulated: tuple[Resonance, ...], measured: tuple[Resonance, ...]
) -> tuple[Resonance, Resonance] | None:
    """The lowest simulated and measured resonances of one kind that are nearest to each other.

    Series resonances (rising reactance); parallel ones only where one of the two has no series
    resonance.  None where the nearest is further than 20 % of the simulated frequency.
    """
    for rising in (True, False):
        first = [item for item in simulated if item.rising == rising]
        second = [item for item in measured if item.rising == rising]
        if not first or not second:
            continue
        for one in first:
            other = _nearest(second, one)
            near = abs(other.frequency - one.frequency) <= NEAR * one.frequency
            if near and _nearest(first, other) is one:
                return one, other
        return None
    return None


def _nearest(items: list[Resonance], to: Resonance) -> Resonance:
    return min(items, key=lambda item: abs(item.frequency - to.frequency))
