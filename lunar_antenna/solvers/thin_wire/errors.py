"""What thin wires are off by, from two more models: coarser segments, and a shift of frequency.

The coarser model shows what segments are too long for; the same at a shifted frequency what wires
are not of strips (equivalence.py).  Both changes, of Z, of the shares of the power and of the gain,
each by its weight, add up to the estimate.  Shares of power and the gain have weights of their own,
since a shift of resonances moves Z more than them, and add what no segments show: the metal's loss
is off by 0.4 %, the film's by 20 % (against the planar solver on its fine mesh), which moves a
share x by x (1 - x) of it and the gain by what the losses leave; and of a wide strip close to a
soil 0.05 % of (width over height)^2.
The shares lack what an unbounded film guides (solvers/film_wave.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...conventions import ComplexArray, FloatArray
from ...media.stratification import Stratification
from ...problem import Problem
from ...radiation import CurrentElements
from ..film_wave import film_wave
from ..gains import relative_gains
from .ports import PortResult, element_positions
from .sweep import Point, Task

REFERENCE = 200.0  # ohm
METAL_LAW, FILM_LAW = 0.004, 0.2  # of the loss, of straight strips; weights count the rest
LEFT = 1e-3  # of the power, to the sky and the soil: less is not told from losses
LOW, LOWEST = 5e-4, 2.0  # of (width over height)^2, which counts up to LOWEST: gain over a soil


@dataclass(frozen=True, slots=True)
class Weights:
    """segments: of the change by coarser segments.  shift: of that by the shift of frequency.
    losses: of what the losses' laws are off by.  least: what none of them shows."""

    segments: float
    shift: float
    losses: float = 0.0
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Weighing:
    """An engine's weights of the errors of Z, |dZ|/|Z|, of shares of power and of the gain."""

    z: Weights
    shares: Weights
    gain: Weights


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """(n_freq,) each: by coarser segments, by the shift of frequency."""

    segments: FloatArray
    shift: FloatArray

    def weighed(self, weights: Weights) -> FloatArray:
        return np.asarray(weights.segments * self.segments + weights.shift * self.shift)


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """(n_freq,) each: errors of Z, with what it consists of; of shares of power; of the gain."""

    z: FloatArray
    z_changes: Changes
    efficiency: FloatArray
    gain: FloatArray

    def times(self, z: float, others: float) -> Estimates:
        """The error of Z by a factor, those of shares and gain by another."""
        return Estimates(z * self.z, self.z_changes, others * self.efficiency, others * self.gain)


def estimates(
    problem: Problem, points: list[Point], task: Task, by: Weighing, low: float = 0.0
) -> Estimates:
    """All of them, from the solved ``points`` of ``task``; ``low``: (width over height)^2."""
    z = impedance_changes(points)
    shares = efficiency_changes(problem, points)
    gain = gain_changes(problem, points, task)
    lost, off = loss_law(points)
    of_rest = (off / np.maximum(1.0 - lost, LEFT)).max(axis=1)
    return Estimates(
        z.weighed(by.z) + by.z.least,
        z,
        shares.weighed(by.shares)
        + by.shares.losses * off.max(axis=1)
        + by.shares.least
        + film_wave(problem),
        gain.weighed(by.gain) + by.gain.losses * of_rest + by.gain.least + LOW * min(low, LOWEST),
    )


def loss_law(points: list[Point]) -> tuple[FloatArray, FloatArray]:
    """(n_freq, p) each: share of metal and film in the power; its error, by the laws of both."""
    total, metal, film = (
        np.stack([np.diagonal(part).real for part in parts])
        for parts in zip(
            *((p.result.z, p.result.r_metal, p.result.r_film) for p in points), strict=True
        )
    )
    metal, film = metal / total, film / total

    def moved(share: FloatArray) -> FloatArray:
        """By one of the loss; a share that no power can have moves by all of it."""
        inside = (share >= 0.0) & (share <= 1.0)
        return np.asarray(np.abs(share) * np.where(inside, 1.0 - share, 1.0))

    return metal + film, METAL_LAW * moved(metal) + FILM_LAW * moved(film)


def _changes(points: list[Point], of: Callable[[PortResult], ComplexArray | FloatArray]) -> Changes:
    """Largest |change| of ``of`` of a result, which has the scale of 1."""
    answer, check, moved = (
        np.stack([of(item) for item in items])
        for items in (
            [point.result for point in points],
            [point.check for point in points],
            [point.moved for point in points],
        )
    )
    apart = tuple(range(1, answer.ndim))
    return Changes(np.abs(check - answer).max(axis=apart), np.abs(moved - check).max(axis=apart))


def impedance_changes(points: list[Point]) -> Changes:
    """|dZ|/|Z|, over the largest impedance of a port."""
    found = _changes(points, lambda result: result.z)
    scale = np.abs([np.diagonal(point.result.z) for point in points]).max(axis=1)
    return Changes(found.segments / scale, found.shift / scale)


def efficiency_changes(problem: Problem, points: list[Point]) -> Changes:
    """Of the shares of the power in sky, ground, metal and film, the other ports open."""
    soil = not problem.stack.is_free_space

    def shares(result: PortResult) -> FloatArray:
        known = [np.diagonal(r).real for r in (result.r_sky, result.r_metal, result.r_film)]
        rest = np.diagonal(result.z).real - sum(known) if soil else np.zeros_like(known[0])
        power = np.stack([*known, rest])
        return np.asarray(power / power.sum(axis=0))

    return _changes(points, shares)


def gain_changes(problem: Problem, points: list[Point], task: Task) -> Changes:
    """Of the gain in any direction, over the port's largest."""
    place, coarse_place = element_positions(task.model), element_positions(task.check)
    layers = problem.stratification
    found = []
    for point in points:
        frequency = float(problem.frequency[point.index])
        answer = _gain(point.result, place, frequency, layers)
        largest = answer.max(axis=1, keepdims=True)
        coarse = _gain(point.check, coarse_place, frequency, layers)
        moved = _gain(point.moved, coarse_place, frequency * (1.0 + task.shift), layers)
        found.append([(np.abs(d) / largest).max() for d in (coarse - answer, moved - coarse)])
    segments, by_shift = np.transpose(found)
    return Changes(segments, by_shift)


def _gain(
    result: PortResult, place: FloatArray, frequency: float, stratification: Stratification
) -> FloatArray:
    """(p, n_direction), but for a factor that all have."""
    elements = CurrentElements(place, result.moments[None])
    return relative_gains(elements, 0, frequency, stratification, result.z)


def reflection_error(points: list[Point]) -> FloatArray:
    """(n,) largest |Gamma_check - Gamma| in 200 ohm over the ports, others open."""
    z, check = (
        np.stack([np.diagonal(item.z) for item in items])
        for items in ([point.result for point in points], [point.check for point in points])
    )
    gamma = [(value - REFERENCE) / (value + REFERENCE) for value in (z, check)]
    return np.asarray(np.abs(gamma[1] - gamma[0]).max(axis=1))
