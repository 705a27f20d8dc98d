"""The sky that varies in direction, seen through a beam at local times: antenna temperature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..common.facts import Pictured, Rows, megahertz, spread
from ..conventions import FloatArray, JsonDict
from ..errors import InputError
from .beam import Beam, Radiator
from .galaxy import Sky, sky_from
from .moon import Observation

GALAXY = "cane_slab"  # where none is named


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AntennaTemperature(Pictured):
    """The sky seen through a beam, of the sky alone (ground and losses are no part of it).

    frequency: (n,) Hz.  local_time: (n_time,) degrees, :attr:`.moon.Observation.local_time`.
    kelvin: (n_time, n) K.
    """

    frequency: FloatArray
    local_time: FloatArray
    kelvin: FloatArray
    observation: Observation
    sky: str

    @property
    def mean(self) -> FloatArray:
        """(n,) K, over the times."""
        return np.asarray(self.kelvin.mean(axis=0))

    def facts(self) -> Rows:
        return [
            ("", megahertz(self.frequency)),
            ("local times", str(self.local_time.size)),
            ("sky", self.sky),
            ("antenna temperature", spread(self.kelvin, "K")),
        ]

    def to_dict(self) -> JsonDict:
        return {
            "sky": self.sky,
            **self.observation.to_dict(),
            "frequency": self.frequency.tolist(),
            "local_time": self.local_time.tolist(),
            "kelvin": self.kelvin.tolist(),
        }


def antenna_temperature(
    solution: Radiator | Beam,
    sky: object = GALAXY,
    observation: Observation | None = None,
    *,
    port: int = 1,
    terminated: complex | FloatArray | None = None,
) -> AntennaTemperature:
    """``sky`` seen through the beam of ``port`` at the times of ``observation``.

    sky: a name, a map's path, K, or a :class:`.galaxy.Sky`.  observation: None is one turn of the
    Moon in 24 steps from the LuSEE-Night site.  port, terminated: as in ``far_field``.
    """
    beam = beam_of(solution, port, terminated)
    law, seen = sky_from(sky), observed(observation)
    kelvin = np.stack([beam.temperature(view) for view in views(beam, law, seen)])
    return AntennaTemperature(beam.frequency, seen.local_time, kelvin, seen, law.name)


def beam_of(
    solution: Radiator | Beam,
    port: int,
    terminated: complex | FloatArray | None,
    least: tuple[int, int] = (0, 0),
) -> Beam:
    """The beam of a solution, or the one that was given; least: rows and columns of its grid."""
    if isinstance(solution, Beam):
        return solution
    if not (hasattr(solution, "frequency") and hasattr(solution, "far_field")):
        raise InputError(f"a beam of {type(solution).__name__}; give the result of la.solve")
    return Beam.of(solution, port=port, terminated=terminated, least=least)


def observed(observation: Observation | None) -> Observation:
    """What was given, or one turn of the Moon; :class:`InputError` for anything else."""
    if observation is None:
        return Observation.turn()
    if not isinstance(observation, Observation):
        raise InputError(
            f"observation is {type(observation).__name__}; give la.Observation, or leave it out"
        )
    return observation


def local_directions(theta: FloatArray, phi: FloatArray) -> FloatArray:
    """(t, p, 3) unit vectors of a grid in the layout's axes."""
    sine, cosine = np.sin(theta)[:, None], np.cos(theta)[:, None]
    parts = np.broadcast_arrays(sine * np.cos(phi), sine * np.sin(phi), cosine)
    return np.asarray(np.stack(parts, axis=-1))


def views(beam: Beam, sky: Sky, observation: Observation) -> Iterator[FloatArray]:
    """Per time the sky on the beam's grid, (n, t, p) K."""
    local = local_directions(beam.theta, beam.phi)
    for turned in observation.galactic:
        yield sky.temperature(beam.frequency, local @ turned.T)
