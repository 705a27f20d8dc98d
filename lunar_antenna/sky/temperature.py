"""Noise at the receiver's input: sky, ground, the antenna's own losses, the receiver.

Nyquist's theorem on the split Herm(Z) = R_sky + R_ground + R_metal + R_film: each part of the
antenna's resistance is as noisy as the body it loses its power to,

    V^2_sky  = 4 k T_sky  R_sky |M|^2          M = Z_L/(Z_A + Z_L)
    V^2_moon = 4 k T_moon R_ground |M|^2
    V^2_loss = 4 k T_ant (R_metal + R_film) |M|^2
    V^2_rx   = e_n^2 + (i_n^2 + 4 k T_R/R_L) |Z_A || Z_L|^2, or as measured

in V^2/Hz.  With all temperatures T the antenna's parts add up to 4 k T Re Z_A |M|^2, and with
the input resistance to 4 k T Re(Z_A || Z_L).  A reactive mismatch divides sky and moon alike, so
that as long as V^2_sky is well above V^2_rx it costs no sensitivity at all: 1 - |Gamma|^2 says
nothing about an antenna at a high-impedance preamplifier.

Several ports: R is the form I^H R I of the port currents, off-diagonals included: 1 A at this port
and in the others what their loads let flow, I_q.  What another receiver drives into its port, i_q,
arrives here by reciprocity as |M I_q Z_L|^2 i_q^2.  T_sky is the temperature of a uniform sky, or
what this port's beam sees of one that varies (:mod:`.seen`), averaged over local time.  Referred to
the sky each part is T_sky V^2/V^2_sky; the parts add up to T_sys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..circuit.bands import bands
from ..common.checks import flag, number
from ..common.facts import Pictured, Rows, megahertz, spread
from ..conventions import ComplexArray, FloatArray, JsonDict
from ..errors import InputError
from ..solution import Solution
from .brightness import BOLTZMANN
from .galaxy import sky_from
from .moon import Observation
from .receiver import receiver_from
from .seen import antenna_temperature, observed

MOON = 255.0  # K: the deep isotherm is 250-260 K (read)
SKY_LIMITED = 10.0  # V^2_sky/V^2_rx above which a receiver counts as sky-limited (read)
PARTS = ("sky", "moon", "loss", "other", "receiver")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NoiseBudget(Pictured):
    """Mean-square noise voltages at the receiver's input, V^2/Hz, each (n,).

    frequency: (n,) Hz.  sky_temperature: (n,) K.  other: from the receivers at other ports.
    """

    frequency: FloatArray
    sky_temperature: FloatArray
    sky: FloatArray
    moon: FloatArray
    loss: FloatArray
    other: FloatArray
    receiver: FloatArray

    def facts(self) -> Rows:
        return [
            ("", megahertz(self.frequency)),
            ("sky over receiver, mean square", spread(self.ratio)),
            ("sky's share of the noise", spread(self.sky_share)),
            ("system temperature", spread(self.system_temperature, "K")),
        ]

    @property
    def total(self) -> FloatArray:
        return self.sky + self.moon + self.loss + self.other + self.receiver

    @property
    def ratio(self) -> FloatArray:
        """V^2_sky/V^2_rx: mean squares, so the square of the ratio of the rms voltages."""
        return np.asarray(self.sky / self.receiver)

    @property
    def sky_share(self) -> FloatArray:
        """Share of the sky in the total noise: 1 is a perfect radio telescope."""
        return np.asarray(self.sky / self.total)

    @property
    def system_temperature(self) -> FloatArray:
        """K: the sky that alone would give the total noise; T_sky where nothing else is noisy."""
        return np.asarray(self.sky_temperature * self.total / self.sky)

    @property
    def shares(self) -> dict[str, FloatArray]:
        """Share of each of :data:`PARTS` in the total noise, (n,); they add up to 1."""
        return {part: np.asarray(getattr(self, part) / self.total) for part in PARTS}

    @property
    def temperatures(self) -> dict[str, FloatArray]:
        """Each of :data:`PARTS` in K referred to the sky, (n,); they add up to T_sys."""
        return {part: share * self.system_temperature for part, share in self.shares.items()}

    def sky_limited(self, threshold: float = SKY_LIMITED) -> tuple[tuple[float, float], ...]:
        """(low, high) Hz of every band in which V^2_sky/V^2_rx >= ``threshold``, rising.

        Crossings are found between the frequencies by straight lines in log-log.
        """
        number("threshold", threshold, low=0.0, low_open=True)
        level = np.log(np.maximum(self.ratio, np.finfo(float).tiny))
        place = np.log(self.frequency)
        ends = {float(place[k]): float(self.frequency[k]) for k in (0, -1)}  # to the last digit
        found = bands(place, level, float(np.log(threshold)))
        low, high = ([ends.get(band[k], float(np.exp(band[k]))) for band in found] for k in (0, 1))
        return tuple(zip(low, high, strict=True))

    def to_dict(self) -> JsonDict:
        names = ("frequency", "sky_temperature", *PARTS)
        derived = ("total", "ratio", "sky_share", "system_temperature")
        return {
            **{name: getattr(self, name).tolist() for name in (*names, *derived)},
            "shares": {part: share.tolist() for part, share in self.shares.items()},
            "temperatures": {part: kelvin.tolist() for part, kelvin in self.temperatures.items()},
            "sky_limited": [list(band) for band in self.sky_limited()],
        }


def noise_budget(
    solution: Solution,
    receiver: object = None,
    sky: object = "novaco_brown",
    *,
    port: int = 1,
    terminated: bool = False,
    moon: float = MOON,
    antenna: float = MOON,
    observation: Observation | None = None,
) -> NoiseBudget:
    """The noise at ``receiver`` on ``port``.

    receiver: what :func:`.receiver.receiver_from` takes: a Receiver, a name, a table, a TOML file;
    None is the LuSEE-like one.  sky: what :func:`.galaxy.sky_from` takes: a uniform law, a galaxy,
    a map, or a temperature in K, one or (n,).  terminated: other ports end in the same receiver,
    whose own noise then reaches this one; otherwise they are open.  moon, antenna: K.
    observation: where and when a sky that varies is seen; None as in
    :func:`.seen.antenna_temperature`.
    """
    if not isinstance(solution, Solution):
        raise InputError(f"solution is {type(solution).__name__}; give the result of la.solve")
    device = receiver_from(receiver)
    terminated = flag("terminated", terminated)
    if observation is not None:
        observed(observation)
    number("moon temperature", moon, low=0.0, high=1e4, unit="K")
    number("antenna temperature", antenna, low=0.0, high=1e4, unit="K")
    frequency = solution.frequency
    load = device.impedance(frequency)
    ends: Any = load if terminated else None  # complex, one per frequency
    current = solution.port_currents(port, ends)
    z = solution.input_impedance(port, ends)

    def resistance(matrix: ComplexArray) -> FloatArray:
        return np.asarray(np.einsum("fp,fpq,fq->f", current.conj(), matrix, current).real)

    others = np.delete(current, port - 1, axis=1)
    driven = (np.abs(others) ** 2).sum(axis=1) * np.abs(load) ** 2 if terminated else 0.0 * z.real
    law = sky_from(sky)
    if law.uniform:
        kelvin = law.temperature(frequency, np.array([[0.0, 0.0, 1.0]]))[:, 0]
    else:
        kelvin = antenna_temperature(solution, law, observation, port=port, terminated=ends).mean
    divided = np.abs(load / (z + load)) ** 2
    transfer = 4.0 * BOLTZMANN * divided
    return NoiseBudget(
        frequency=frequency,
        sky_temperature=kelvin,
        sky=transfer * kelvin * resistance(solution.r_sky),
        moon=transfer * moon * resistance(solution.r_ground),
        loss=transfer * antenna * resistance(solution.r_metal + solution.r_film),
        other=divided * driven * device.emitted(frequency),
        receiver=device.noise(frequency, z),
    )


def noise_ratio(
    solution: Solution,
    receiver: object = None,
    sky: object = "novaco_brown",
    *,
    port: int = 1,
    terminated: bool = False,
) -> FloatArray:
    """(n,) V^2_sky/V^2_rx at ``port``; the merit of an antenna at a high-impedance preamplifier.

    Parameters as in :func:`noise_budget`.
    """
    return noise_budget(solution, receiver, sky, port=port, terminated=terminated).ratio


def sky_limited_fraction(budget: NoiseBudget, threshold: float = SKY_LIMITED) -> float:
    """Share of the band (by bandwidth) where V^2_sky/V^2_rx > ``threshold``.

    Of the bands of :meth:`NoiseBudget.sky_limited`; one frequency counts as all of its band.
    """
    if budget.frequency.size == 1:
        return float(budget.ratio[0] > threshold)
    inside = sum(high - low for low, high in budget.sky_limited(threshold))
    return inside / float(budget.frequency[-1] - budget.frequency[0])
