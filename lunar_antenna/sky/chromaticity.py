"""Chromaticity: the error that a beam makes in a global-signal experiment, in mK.

    T_A(f) = sky that varies in direction, seen through D(f, Omega)
    T_0(f) = the same sky seen through the beam frozen at f0, D(f0, Omega)
    d(f)   = T_A(f) - T_0(f)
    r(f)   = d(f) - sum of a_n g_n(f), a_n by least squares over the frequencies

and the chromaticity is the root mean square of r over the frequencies.  A sky seen through one
beam at all frequencies is as smooth as the sky; what a beam adds to it is d, and what a fit of the
foreground cannot take away of d is r.  A frozen beam has r = 0 whatever the sky, and so has any
beam under a uniform one.  g_n: N functions, of :mod:`.foreground`, N = 5 by default.

Normalisation: D over the sky, :mod:`.beam`; T_A is of the sky alone.  Weights: "uniform" (the
default), every frequency counts alike in kelvin; "radiometer", each by 1/T_0(f), as the noise of a
receiver limited by the sky.  The number is the plain rms of r in both.  r is linear in d, so that
the average over local time may be taken before the fit or after it.  Few frequencies flatter: N of
them leave nothing; give several times N.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..common.checks import choice, number
from ..common.facts import Pictured, Rows, megahertz, spread
from ..conventions import FloatArray, JsonDict
from ..errors import InputError
from .beam import Beam, Radiator
from .foreground import TERMS, basis_functions, residual, rms
from .galaxy import sky_from
from .moon import Observation
from .seen import GALAXY, beam_of, observed, views

WEIGHTS = ("uniform", "radiometer")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Chromaticity(Pictured):
    """What a fit leaves of T_A - T_0; see the module.

    frequency: (n,) Hz.  reference: f0, Hz.  local_time: (n_time,) degrees.  difference: (n_time, n)
    K, T_A - T_0.  residual_mk: (n,) mK, of the mean over local time; rms_mk of it.
    by_time_mk: (n_time, n) mK, each local time fitted by itself; rms_by_time_mk (n_time,) of it.
    """

    frequency: FloatArray
    reference: float
    terms: int
    basis: str
    weights: str
    sky: str
    local_time: FloatArray
    difference: FloatArray
    residual_mk: FloatArray
    by_time_mk: FloatArray

    @property
    def rms_mk(self) -> float:
        return rms(self.residual_mk)

    @property
    def rms_by_time_mk(self) -> FloatArray:
        return np.asarray(np.sqrt(np.mean(self.by_time_mk**2, axis=1)))

    def facts(self) -> Rows:
        return [
            ("", megahertz(self.frequency)),
            ("beam frozen at", f"{self.reference / 1e6:.6g} MHz"),
            ("sky", self.sky),
            ("fit", f"{self.terms} terms, {self.basis}, {self.weights} weights"),
            ("residual rms", f"{self.rms_mk:.3g} mK"),
            ("by local time", spread(self.rms_by_time_mk, "mK")),
        ]

    def to_dict(self) -> JsonDict:
        return {
            "sky": self.sky,
            "reference": self.reference,
            "terms": self.terms,
            "basis": self.basis,
            "weights": self.weights,
            "frequency": self.frequency.tolist(),
            "residual_mk": self.residual_mk.tolist(),
            "rms_mk": self.rms_mk,
            "local_time": self.local_time.tolist(),
            "rms_by_time_mk": self.rms_by_time_mk.tolist(),
        }


def chromaticity(
    solution: Radiator | Beam,
    sky: object = GALAXY,
    terms: int = TERMS,
    reference: float | None = None,
    *,
    basis: str = "log_polynomial",
    weights: str = "uniform",
    observation: Observation | None = None,
    port: int = 1,
    terminated: complex | FloatArray | None = None,
) -> Chromaticity:
    """The residual of T_A - T_0 after a fit of ``terms`` terms; law in the module.

    reference: f0 in Hz, of the band; None: the solved frequency nearest to the band's geometric
    mean.  An f0 that was not solved is solved for where the solver can.  Others as in
    :func:`.seen.antenna_temperature`.  Raises :class:`InputError` for too few frequencies or an f0
    that cannot be had.
    """
    beam = beam_of(solution, port, terminated)
    functions = basis_functions(beam.frequency, terms, basis)
    choice("weights", weights, WEIGHTS)
    still_beam = _frozen(beam, solution, reference, port, terminated)
    law, seen = sky_from(sky), observed(observation)
    moving, still = [], []
    for view in views(beam, law, seen):
        moving.append(beam.temperature(view))
        still.append(still_beam.temperature(view))
    difference = np.stack(moving) - np.stack(still)  # (n_time, n) K
    weight = 1.0 / np.mean(still, axis=0) if weights == "radiometer" else None
    by_time = 1e3 * residual(functions, difference, weight)
    return Chromaticity(
        frequency=beam.frequency,
        reference=float(still_beam.frequency[0]),
        terms=int(terms),
        basis=basis,
        weights=weights,
        sky=law.name,
        local_time=seen.local_time,
        difference=difference,
        residual_mk=np.asarray(by_time.mean(axis=0)),
        by_time_mk=by_time,
    )


def _frozen(
    beam: Beam,
    solution: Radiator | Beam,
    reference: float | None,
    port: int,
    terminated: complex | FloatArray | None,
) -> Beam:
    """The beam at f0 alone."""
    frequency = beam.frequency
    wanted = float(np.sqrt(frequency[0] * frequency[-1])) if reference is None else reference
    low, high = float(frequency[0]), float(frequency[-1])
    wanted = number("reference", wanted, low=low * (1 - 1e-9), high=high * (1 + 1e-9), unit="Hz")
    nearest = int(np.argmin(np.abs(frequency - wanted)))
    if reference is None or abs(frequency[nearest] - wanted) <= 1e-6 * wanted:
        return Beam(
            frequency[nearest : nearest + 1],
            beam.theta,
            beam.phi,
            beam.weight,
            beam.directivity[nearest : nearest + 1],
        )
    if isinstance(solution, Beam) or isinstance(terminated, np.ndarray):
        raise InputError(
            f"reference = {wanted / 1e6:g} MHz was not solved (nearest "
            f"{frequency[nearest] / 1e6:g} MHz); the beam is frozen at a solved frequency"
        )
    return beam.frozen(solution, wanted, port=port, terminated=terminated)
