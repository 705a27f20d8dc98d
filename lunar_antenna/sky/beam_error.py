"""Beam error: what two beams of one problem differ by, in dB of the peak and in mK.

Two meshes, two engines or two soils.  dB: 10 log10 of the largest |D_a - D_b| over the largest D_a.
mK: what the fit of :mod:`.chromaticity` leaves of T_A of a minus T_A of b, so that an error of a
solver stands in the same unit as the chromaticity of the design.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..conventions import FloatArray, JsonDict
from ..errors import InputError
from .beam import Beam, Radiator
from .foreground import TERMS, basis_functions, residual, rms
from .galaxy import sky_from
from .moon import Observation
from .seen import GALAXY, beam_of, observed, views

FAINTEST = -200.0  # dB: two beams that are the same are told apart by this much


@dataclass(frozen=True, slots=True, eq=False)
class BeamError:
    """Difference of two beams of one problem.

    peak_db: (n,) dB, 10 log10 of the largest |D_a - D_b| over the largest D_a.  residual_mk: (n,)
    mK, what the fit of :class:`Chromaticity` leaves of T_A of a minus T_A of b, of the mean over
    local time; rms_mk of it.  rms_by_time_mk: (n_time,).
    """

    frequency: FloatArray
    peak_db: FloatArray
    residual_mk: FloatArray
    rms_by_time_mk: FloatArray
    terms: int
    basis: str
    sky: str

    @property
    def rms_mk(self) -> float:
        return rms(self.residual_mk)

    def to_dict(self) -> JsonDict:
        return {
            "sky": self.sky,
            "terms": self.terms,
            "basis": self.basis,
            "frequency": self.frequency.tolist(),
            "peak_db": self.peak_db.tolist(),
            "residual_mk": self.residual_mk.tolist(),
            "rms_mk": self.rms_mk,
            "rms_by_time_mk": self.rms_by_time_mk.tolist(),
        }


def beam_error(
    a: Radiator | Beam,
    b: Radiator | Beam,
    sky: object = GALAXY,
    terms: int = TERMS,
    *,
    basis: str = "log_polynomial",
    observation: Observation | None = None,
    port: int = 1,
    terminated: complex | FloatArray | None = None,
) -> BeamError:
    """What two beams differ by: two meshes, two engines, two soils of one problem.

    Parameters as in :func:`chromaticity`.  Raises :class:`InputError` where they are not at the
    same frequencies or do not see the same sky (one over soil, the other in free space).
    """
    first, second = _on_one_grid(a, b, port, terminated)
    functions = basis_functions(first.frequency, terms, basis)
    law, seen = sky_from(sky), observed(observation)
    difference = np.stack(
        [first.temperature(view) - second.temperature(view) for view in views(first, law, seen)]
    )
    by_time = 1e3 * residual(functions, difference)
    apart = np.abs(first.directivity - second.directivity).max(axis=(1, 2))
    relative = apart / first.directivity.max(axis=(1, 2))
    return BeamError(
        frequency=first.frequency,
        peak_db=np.asarray(10.0 * np.log10(np.maximum(relative, 10.0 ** (FAINTEST / 10.0)))),
        residual_mk=np.asarray(by_time.mean(axis=0)),
        rms_by_time_mk=np.asarray(np.sqrt(np.mean(by_time**2, axis=1))),
        terms=int(terms),
        basis=basis,
        sky=law.name,
    )


def _on_one_grid(
    a: Radiator | Beam, b: Radiator | Beam, port: int, terminated: complex | FloatArray | None
) -> tuple[Beam, Beam]:
    """Both beams at the same frequencies on one grid, the finer of their own."""
    first, second = beam_of(a, port, terminated), beam_of(b, port, terminated)
    if first.frequency.shape != second.frequency.shape or not np.allclose(
        first.frequency, second.frequency, rtol=1e-6
    ):
        raise InputError(
            f"two beams of {first.frequency.size} and {second.frequency.size} frequencies from "
            f"{first.frequency[0] / 1e6:g} and {second.frequency[0] / 1e6:g} MHz; solve both in "
            "one band"
        )
    shapes = first.directivity.shape[1:], second.directivity.shape[1:]
    if shapes[0] != shapes[1]:
        least = max(shapes[0][0], shapes[1][0]), max(shapes[0][1], shapes[1][1])
        first, second = (beam_of(item, port, terminated, least) for item in (a, b))
    if first.theta.shape != second.theta.shape or not (
        np.allclose(first.theta, second.theta) and first.phi.size == second.phi.size
    ):
        raise InputError(
            "two beams that do not see the same sky (one over soil, the other without) or stand on "
            "grids of their own; give two solutions over soil, or two without"
        )
    return first, second
