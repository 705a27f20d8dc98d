"""Noise of all ports at once: auto and cross spectra behind receivers, for a correlator.

With every port ended in the same kind of receiver, Z_L, and open-circuit noise v of the antenna,

    V = Z_L (Z + Z_L)^-1 (v + e + Z i),      C = <V V^H>,      C_ab = <V_a V_b*>
    <v v^H> = 4 k (T_sky R_sky + T_moon R_ground + T_ant (R_metal + R_film))*

e and i are the voltage and current sources ahead of each receiver's noiseless input, independent
from receiver to receiver (Twiss, J. Appl. Phys. 26, 599, 1955, for the antenna as a network at one
temperature).  The conjugate is that of matrices in power = 1/2 I^H R I: R_ab integrates E_a* E_b,
what is received E_a E_b*.  A sky that varies is integrated with its own temperature,
4 k/eta0 times the integral of T E_a . E_b* over the sky, averaged over local time.  The diagonal is
the total of :func:`.temperature.noise_budget` with ``terminated``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..common.checks import kind, number
from ..conventions import ETA0, ComplexArray, FloatArray, JsonDict
from ..solution import Solution
from .beam import beam_grid
from .brightness import BOLTZMANN
from .galaxy import Sky, sky_from
from .moon import Observation
from .receiver import receiver_from
from .seen import local_directions, observed
from .temperature import MOON


@dataclass(frozen=True, slots=True, eq=False)
class NoiseCovariance:
    """V^2/Hz, each (n, p, p), Hermitian.  frequency: (n,) Hz.  receiver: of all of them."""

    frequency: FloatArray
    sky: ComplexArray
    moon: ComplexArray
    loss: ComplexArray
    receiver: ComplexArray

    @property
    def total(self) -> ComplexArray:
        return self.sky + self.moon + self.loss + self.receiver

    @property
    def coherence(self) -> ComplexArray:
        """(n, p, p): C_ab/sqrt(C_aa C_bb) of the total."""
        auto = np.sqrt(np.einsum("faa->fa", self.total).real)
        return np.asarray(self.total / (auto[:, :, None] * auto[:, None, :]))

    def to_dict(self) -> JsonDict:
        names = ("sky", "moon", "loss", "receiver", "total")
        parts = {name: getattr(self, name) for name in names}
        return {
            "frequency": self.frequency.tolist(),
            **{name: np.stack((c.real, c.imag), axis=-1).tolist() for name, c in parts.items()},
        }


def noise_covariance(
    solution: Solution,
    receiver: object = None,
    sky: object = "novaco_brown",
    *,
    moon: float = MOON,
    antenna: float = MOON,
    observation: Observation | None = None,
) -> NoiseCovariance:
    """Auto and cross spectra at the inputs of ``receiver``, one at each port.

    Parameters as in :func:`.temperature.noise_budget`.
    """
    kind("solution", solution, Solution, "the result of la.solve")
    device, law = receiver_from(receiver), sky_from(sky)
    number("moon temperature", moon, low=0.0, high=1e4, unit="K")
    number("antenna temperature", antenna, low=0.0, high=1e4, unit="K")
    frequency, z = solution.frequency, solution.z
    load = device.impedance(frequency)
    unit = np.eye(solution.n_ports)
    divide = load[:, None, None] * np.linalg.inv(z + load[:, None, None] * unit)  # (n, p, p)

    def received(matrix: npt.NDArray[Any]) -> ComplexArray:
        return np.asarray(divide @ matrix @ np.conj(np.swapaxes(divide, 1, 2)))

    bright: ComplexArray
    if law.uniform:
        kelvin = law.temperature(frequency, np.array([[0.0, 0.0, 1.0]]))[:, 0]
        bright = np.asarray(kelvin[:, None, None] * np.conj(solution.r_sky))
    else:
        bright = _weighed(solution, law, observed(observation))
    voltage, current, cross = device.sources(frequency)
    mixed = z * cross[:, None, None]  # Z <i e*>
    own = voltage[:, None, None] * unit + mixed + np.conj(np.swapaxes(mixed, 1, 2))
    own = own + current[:, None, None] * (z @ np.conj(np.swapaxes(z, 1, 2)))
    nyquist = 4.0 * BOLTZMANN
    return NoiseCovariance(
        frequency=frequency,
        sky=received(nyquist * bright),
        moon=received(nyquist * moon * np.conj(solution.r_ground)),
        loss=received(nyquist * antenna * np.conj(solution.r_metal + solution.r_film)),
        receiver=received(own),
    )


def _weighed(solution: Solution, sky: Sky, observation: Observation) -> ComplexArray:
    """(n, p, p) K ohm: 1/eta0 times the integral of T E_a . E_b*, T the mean over the times."""
    theta, phi, weight = beam_grid(solution)
    directions = local_directions(theta, phi)
    bright = np.zeros((solution.frequency.size, theta.size, phi.size))
    turns = observation.galactic
    for turned in turns:
        bright += sky.temperature(solution.frequency, directions @ turned.T) / len(turns)
    found = []
    for index, f in enumerate(solution.frequency):
        fields = [
            solution.far_field(float(f), theta[:, None], phi[None, :], port=port)
            for port in range(1, solution.n_ports + 1)
        ]
        field = np.stack([(item.e_theta, item.e_phi) for item in fields])  # (p, 2, t, p)
        heavy = field * (weight[:, None] * bright[index])
        found.append(np.einsum("actp,bctp->ab", heavy, field.conj()) / ETA0)
    return np.stack(found)
