"""Noise at the receiver's input: sky, ground, the antenna's own losses, the receiver.

Nyquist's theorem on the split Herm(Z) = R_sky + R_ground + R_metal + R_film: each part of the
antenna's resistance is as noisy as the body it loses its power to,

    V^2_sky  = 4 k T_sky  R_sky |M|^2          M = Z_L/(Z_A + Z_L)
    V^2_moon = 4 k T_moon R_ground |M|^2
    V^2_loss = 4 k T_ant (R_metal + R_film) |M|^2
    V^2_rx   = e_n^2 + (i_n^2 + 4 k T_R/R_L) |Z_A || Z_L|^2

in V^2/Hz.  With all temperatures T the antenna's parts add up to 4 k T Re Z_A |M|^2, and with
the input resistance to 4 k T Re(Z_A || Z_L).  A reactive mismatch divides sky and moon alike, so
that as long as V^2_sky is well above V^2_rx it costs no sensitivity at all: 1 - |Gamma|^2 says
nothing about an antenna at a high-impedance preamplifier.  The sky counts as uniformly bright.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..common.checks import number
from ..conventions import ComplexArray, FloatArray, JsonDict
from ..solution import Solution
from .brightness import BOLTZMANN, sky_temperature
from .receiver import Receiver, receiver_from

MOON = 255.0  # K: the deep isotherm is 250-260 K (read)
SKY_LIMITED = 10.0  # V^2_sky/V^2_rx above which a receiver counts as sky-limited (read)


@dataclass(frozen=True, slots=True, eq=False)
class NoiseBudget:
    """Mean-square noise voltages at the receiver's input, V^2/Hz, each (n,).

    frequency: (n,) Hz.  sky_temperature: (n,) K.  other: from the loads of other ports.
    """

    frequency: FloatArray
    sky_temperature: FloatArray
    sky: FloatArray
    moon: FloatArray
    loss: FloatArray
    other: FloatArray
    receiver: FloatArray

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

    def to_dict(self) -> JsonDict:
        names = ("frequency", "sky_temperature", "sky", "moon", "loss", "other", "receiver")
        derived = ("total", "ratio", "sky_share", "system_temperature")
        return {name: getattr(self, name).tolist() for name in (*names, *derived)}


def noise_budget(
    solution: Solution,
    receiver: Receiver | str | None = None,
    sky: str | FloatArray = "novaco_brown",
    *,
    port: int = 1,
    terminated: bool = False,
    moon: float = MOON,
    antenna: float = MOON,
) -> NoiseBudget:
    """The noise at ``receiver`` on ``port``.

    receiver: a Receiver or its name; None is the LuSEE-like one.  sky: "novaco_brown", "cane",
    or a temperature in K, one or (n,).  terminated: other ports end in the same receiver, whose
    input resistance then radiates into this one; otherwise they are open.  moon, antenna: K.
    """
    device = receiver_from(receiver)
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
    coupled = load.real * (np.abs(others) ** 2).sum(axis=1) if terminated else 0.0 * z.real
    kelvin = np.broadcast_to(
        sky_temperature(frequency, sky) if isinstance(sky, str) else np.asarray(sky, float),
        frequency.shape,
    )
    transfer = 4.0 * BOLTZMANN * np.abs(load / (z + load)) ** 2
    return NoiseBudget(
        frequency=frequency,
        sky_temperature=kelvin,
        sky=transfer * kelvin * resistance(solution.r_sky),
        moon=transfer * moon * resistance(solution.r_ground),
        loss=transfer * antenna * resistance(solution.r_metal + solution.r_film),
        other=transfer * device.temperature * coupled,
        receiver=device.noise(frequency, z),
    )


def noise_ratio(
    solution: Solution,
    receiver: Receiver | str | None = None,
    sky: str | FloatArray = "novaco_brown",
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

    Crossings are found between the frequencies by straight lines in log-log; one frequency
    counts as all of its band.
    """
    number("threshold", threshold, low=0.0, low_open=True)
    level = np.log(budget.ratio / threshold)
    f = budget.frequency
    if f.size == 1:
        return float(level[0] > 0.0)
    log_f = np.log(f)
    inside = 0.0
    for k in range(f.size - 1):
        left, right = float(level[k]), float(level[k + 1])
        if left > 0.0 and right > 0.0:
            inside += float(f[k + 1] - f[k])
        elif left > 0.0 or right > 0.0:
            part = left / (left - right)
            cross = float(np.exp(log_f[k] + part * (log_f[k + 1] - log_f[k])))
            inside += cross - float(f[k]) if left > 0.0 else float(f[k + 1]) - cross
    return inside / float(f[-1] - f[0])
