"""Cuts through the far field as rows of CSV: half planes of constant phi, theta from the zenith."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..common.checks import number
from ..conventions import FloatArray
from ..errors import InputError
from .base import ports

if TYPE_CHECKING:
    from ..solution import Solution

COLUMNS = (
    "frequency_hz,port,phi_deg,theta_deg,e_theta_re,e_theta_im,e_phi_re,e_phi_im,"
    "directivity_dbi,gain_dbi"
)


def azimuths(cuts: object) -> tuple[float, ...]:
    """``cuts`` in degrees as an option gives it: one number or several."""
    several = cuts if isinstance(cuts, (list, tuple)) else (cuts,)
    return tuple(number("cuts", cut, low=-360.0, high=360.0, unit="degrees") for cut in several)


def check_lowest(solution: Solution, lowest: float) -> None:
    """:class:`InputError` for directions below ground."""
    if lowest > 90.0 and not solution.problem.stack.is_free_space:
        raise InputError(
            f"lowest = {lowest:g} degrees is below ground, where there is no far field; give 90 "
            "or less"
        )


def cut_rows(
    solution: Solution,
    cuts: tuple[float, ...],
    elevation: FloatArray,
    port: int | None,
    terminated: complex | None,
) -> list[list[float]]:
    """Rows of :data:`COLUMNS` at every frequency, port, cut and theta (``elevation``, degrees)."""
    phi, theta = (a.ravel() for a in np.meshgrid(np.array(cuts), elevation, indexing="ij"))
    rows: list[list[float]] = []
    for frequency in solution.frequency.tolist():
        for index in ports(solution, port):
            at = solution.far_field(
                frequency,
                theta[:, None],
                phi[:, None],
                port=index,
                terminated=terminated,
                degrees=True,
            )
            e_theta, e_phi = at.e_theta[:, 0], at.e_phi[:, 0]
            fixed = (np.full(phi.size, frequency), np.full(phi.size, index))
            level = (at.directivity_db[:, 0], at.gain_db[:, 0])
            field = (e_theta.real, e_theta.imag, e_phi.real, e_phi.imag)
            rows += np.column_stack([*fixed, phi, theta, *field, *level]).tolist()
    return rows
