"""How far from passive S-parameters are, and where that is refused.

A network of passive parts returns no more power than it is given: no singular value of its S
exceeds 1, for power waves at any reference with a positive real part (Kurokawa 1965, eq. 24).
Measured ones exceed it by what noise and calibration leave over.
"""

from __future__ import annotations

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..errors import FileFormatError, InputError

PASSIVE_MARGIN = 0.05  # residual of a calibration of 26 dB; networks that are inverted keep within
TOLD_ABOVE = 1.02  # |S| above 1 by more than this is told
BEYOND_SENSE = 2.0  # 6 dB: more than the raw, uncalibrated reading of a passive part reaches


def gains(s: ComplexArray) -> FloatArray:
    """(n,) largest singular value of ``s`` (n, p, p) at each frequency."""
    if s.shape[1] == 1:
        return np.abs(s[:, 0, 0])
    size = np.abs(s).max(axis=(1, 2))
    safe = np.where(size > 1e100, 1.0, size + (size == 0.0))  # keeps squares within doubles
    found = np.linalg.svd(s / np.maximum(safe, 1e-100)[:, None, None], compute_uv=False)
    return np.asarray(np.where(size > 1e100, size, found[:, 0] * safe))


def check_sense(what: str, s: ComplexArray) -> FloatArray:
    """:func:`gains` of ``s``; :class:`FileFormatError` where they are no passive part's at all."""
    size = np.abs(s)
    worst = np.unravel_index(int(size.argmax()), size.shape)
    if size[worst] > BEYOND_SENSE:
        name = f"S{worst[1] + 1}{worst[2] + 1}"
        raise FileFormatError(
            f"{what}: |{name}| reaches {size[worst]:.3g} (allowed: up to {BEYOND_SENSE:g}); the "
            "data are not a passive part's S in the stated format and columns: correct format "
            "(RI, MA, DB), columns or rows"
        )
    found = gains(s)
    if found.max() > BEYOND_SENSE:
        raise FileFormatError(
            f"{what}: its S-parameters give out {found.max():.3g} times the wave put in (allowed: "
            f"up to {BEYOND_SENSE:g}); no passive part does: correct format, order or rows"
        )
    return found


def check_passive(what: str, s: ComplexArray, frequency: FloatArray) -> None:
    """Refuse ``s`` (n, p, p) with a singular value above 1 + :data:`PASSIVE_MARGIN`."""
    found = gains(s)
    place = int(found.argmax())
    if found[place] > 1.0 + PASSIVE_MARGIN:
        raise InputError(
            f"{what} gives out {found[place]:.4g} times the wave put in at "
            f"{frequency[place] / 1e6:g} MHz (allowed for a passive part: "
            f"{1.0 + PASSIVE_MARGIN:g}); check its file, port order and calibration"
        )
