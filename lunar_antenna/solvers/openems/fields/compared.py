"""What shares of power and gains are off by, from the answers of a mesh and a coarser one.

As of Z (:mod:`..model.companion`): the change from the coarser mesh, of first order, and a shift of
resonances that both have.  And what neither shows:

- of shares: METAL of s (1 - s) of the metal's share s, FILM of the film's, the relative error of
  the soil's permittivity (:func:`..model.materials.dispersion`) of the sky's, and the wave that
  an unbounded film guides (:mod:`lunar_antenna.solvers.film_wave`);
- of the gain: the balance of the powers, since it is over what the port takes, the losses by
  their laws, and the soil's permittivity of what does not go to the sky;
- where the metal's resistance is not in the mesh its share s again, since currents are those of a
  perfect conductor.

Set on 20 random problems at draft and held against 19 others (docs/validation.md), after which
BALANCE and DISPERSED were raised from 1.  normal and fine take the same laws, with the change that
is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....conventions import FloatArray
from ....problem import Problem
from ...film_wave import film_wave
from ...gains import relative_gains
from ..model.accuracy import ACCURACY
from ..model.companion import mesh_ratio, of_both
from ..model.materials import dispersion
from ..model.proximity import near_soil
from ..model.scene import Scene
from .evaluate import Answer

METAL, FILM = 0.12, 0.3  # of the losses: laws of rims, corners of tabs and thin edges
GAIN_CHANGE, GAIN_SHIFT = 0.75, 2.0  # of the gain's changes
BALANCE, DISPERSED = 1.25, 1.5  # of what the powers do not add up to; of the soil's permittivity
SHARE_FLOOR, GAIN_FLOOR = 0.0002, 0.001


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """(n_freq,) each: from the coarser mesh to the mesh; by a change of ln f, of the coarser."""

    mesh: FloatArray
    slope: FloatArray

    def error(self, accuracy: str, shift: float, mesh: float = 1.0) -> FloatArray:
        """First order in the cells, times ``mesh``, and ``shift`` of the frequency."""
        return np.asarray(mesh * self.mesh / (mesh_ratio(accuracy) - 1.0) + shift * self.slope)


@dataclass(frozen=True, slots=True, eq=False)
class Doubts:
    """What no mesh shows of a scene: soil (n_freq,), relative error of its permittivity; near, the
    share of the frequency by which resonances are off close to it."""

    soil: FloatArray
    near: float


def doubts_of(scene: Scene) -> Doubts:
    problem = scene.problem
    return Doubts(dispersion(problem.stack.layers, problem.frequency), near_soil(scene))


def share_error(
    scene: Scene, accuracy: str, answer: Answer, rough: Answer, doubts: Doubts
) -> FloatArray:
    """(n_freq,) of the largest share of the power; ``rough`` at the coarser mesh's frequencies."""
    problem, own = scene.problem, shares(answer)
    changes = _changes(problem.frequency, own, shares(rough))
    sky, ground, metal, film = np.moveaxis(np.abs(own * (1.0 - own)), 2, 0)
    laws = METAL * metal + FILM * film + doubts.soil[:, None] * sky
    if scene.resistance is None:
        laws = laws + own[..., 2] * np.maximum(sky, ground)
    least = film_wave(problem) + SHARE_FLOOR
    shift = ACCURACY[accuracy].shift + doubts.near
    return np.asarray(changes.error(accuracy, shift) + laws.max(axis=1) + least)


def gain_error(
    scene: Scene,
    accuracy: str,
    answer: Answer,
    coarser: Problem,
    rough: Answer,
    doubts: Doubts,
) -> FloatArray:
    """(n_freq,) of the gain in any direction, over the port's largest.

    coarser: the problem of the coarser mesh, at all of its frequencies, those of ``rough``.
    """
    own, part = gains(scene.problem, answer), shares(answer)
    largest = own.max(axis=2, keepdims=True)
    changes = _changes(scene.problem.frequency, own, gains(coarser, rough), largest)
    soil = DISPERSED * doubts.soil[:, None] * (1.0 - part[..., 0])
    lost = METAL * part[..., 2] + FILM * part[..., 3]
    if scene.resistance is None:
        lost = lost + part[..., 2]
    more = (BALANCE * _open(answer) + soil + lost).max(axis=1)
    shift = GAIN_SHIFT * ACCURACY[accuracy].shift + doubts.near
    return np.asarray(changes.error(accuracy, shift, GAIN_CHANGE) + more + GAIN_FLOOR)


def _open(answer: Answer) -> FloatArray:
    """(n_freq, n_port) by how much of its power each port's balance is open."""
    parts = answer.r_sky + answer.r_ground + answer.r_metal + answer.r_film
    taken = np.diagonal(answer.z, axis1=1, axis2=2).real
    return np.asarray(np.abs(np.diagonal(parts, axis1=1, axis2=2).real / taken - 1.0))


def _changes(
    frequency: FloatArray, own: FloatArray, other: FloatArray, over: FloatArray | float = 1.0
) -> Changes:
    """Largest of all ports and shares or directions, (n_freq, n_port, n), over ``over``."""
    at, moved, step = of_both(frequency, other)
    mesh, beside = ((np.abs(d) / over).max(axis=(1, 2)) for d in (at - own, moved - at))
    return Changes(mesh, beside / step)


def shares(answer: Answer) -> FloatArray:
    """(n_freq, n_port, 4) of sky, ground, metal and film in the power, the other ports open."""
    parts = (answer.r_sky, answer.r_ground, answer.r_metal, answer.r_film)
    power = np.stack([np.diagonal(part, axis1=1, axis2=2).real for part in parts], axis=-1)
    return np.asarray(power / power.sum(axis=-1, keepdims=True))


def gains(problem: Problem, answer: Answer) -> FloatArray:
    """(n_freq, n_port, n_direction), but for a factor that all have."""
    layers = problem.stratification
    return np.stack(
        [
            relative_gains(answer.elements, index, float(f), layers, answer.z[index])
            for index, f in enumerate(problem.frequency)
        ]
    )
