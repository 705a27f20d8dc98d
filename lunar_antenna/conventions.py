"""Constants and conventions that every part of the package shares.

Time dependence exp(+j omega t), peak phasors.  z points up, z = 0 is the soil
surface.  theta is measured from +z, phi from +x (East) towards +y (North).
Relative permittivity is eps_r (1 - j tan delta) - j sigma / (omega eps0), so a
passive medium has a non-positive imaginary part.  All quantities are SI.

Constants: speed of light exact (SI); mu0 as in CODATA 2022.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]
IntArray = npt.NDArray[np.int64]
JsonDict = dict[str, Any]

SPEED_OF_LIGHT = 299_792_458.0  # m/s, exact
MU0 = 1.256_637_061_27e-6  # H/m, CODATA 2022
EPS0 = 1.0 / (MU0 * SPEED_OF_LIGHT**2)  # F/m
ETA0 = MU0 * SPEED_OF_LIGHT  # ohm

TIME_CONVENTION = "exp(+j*omega*t), peak phasors"
FRAME_CONVENTION = "z up, z=0 soil surface; theta from +z, phi from +x (East) to +y (North)"
FAR_FIELD_CONVENTION = "r*E*exp(+j*k*r) per ampere at the port, phase origin (0,0,0)"

BAND_LOW = 5e6  # Hz, the band the antenna must cover
BAND_HIGH = 35e6  # Hz


def wavenumber(frequency: FloatArray) -> FloatArray:
    """Free-space wavenumber 2 pi f / c in rad/m, same shape as ``frequency`` (Hz)."""
    return 2.0 * math.pi * np.asarray(frequency, dtype=float) / SPEED_OF_LIGHT
