"""Brightness of the radio sky below 100 MHz: two published laws of the galactic background.

    novaco_brown  B = 1.36e-19 f^-0.76 exp(-3.28 f^-0.64)
                  Novaco & Brown, Astrophys. J. 221, 114 (1978), from RAE-2 at 0.25-9.18 MHz
    cane          B = 2.48e-20 f^-0.52 (1 - e^-tau)/tau + 1.06e-20 f^-0.80 e^-tau, tau = 5 f^-2.1
                  Cane, Mon. Not. R. Astron. Soc. 189, 465 (1979), at the galactic poles

with f in MHz and B in W/m2/Hz/sr; T = B lambda^2/(2 k).  The coefficients were read in works that
use these laws.  Between 5 and 35 MHz both are extrapolated in part and they differ by up to 45 %
at equal frequency: what is said of noise should be said for both.  Either is an average over the
sky; the galactic plane is several times brighter and drifts through the beam.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..common.checks import choice
from ..conventions import SPEED_OF_LIGHT, FloatArray
from ..errors import InputError

BOLTZMANN = 1.380649e-23  # J/K, exact (SI)
LOWEST, HIGHEST = 0.25e6, 100e6  # Hz, beyond which neither law means anything


def novaco_brown(frequency: FloatArray) -> FloatArray:
    """B (W/m2/Hz/sr) at ``frequency`` (Hz), same shape; see the module."""
    f = np.asarray(frequency, dtype=float) / 1e6
    return np.asarray(1.36e-19 * f**-0.76 * np.exp(-3.28 * f**-0.64))


def cane(frequency: FloatArray) -> FloatArray:
    """B (W/m2/Hz/sr) at ``frequency`` (Hz), same shape; see the module."""
    f = np.asarray(frequency, dtype=float) / 1e6
    tau = 5.0 * f**-2.1
    galactic = 2.48e-20 * f**-0.52 * -np.expm1(-tau) / tau
    return np.asarray(galactic + 1.06e-20 * f**-0.80 * np.exp(-tau))


SKIES: dict[str, Callable[[FloatArray], FloatArray]] = {
    "novaco_brown": novaco_brown,
    "cane": cane,
}


def sky_temperature(frequency: object, sky: str = "novaco_brown") -> FloatArray:
    """Brightness temperature of the sky in K at ``frequency`` (Hz), same shape.

    sky: "novaco_brown" or "cane".  Raises :class:`InputError` outside 0.25-100 MHz.
    """
    choice("sky", sky, tuple(SKIES))
    f = checked(frequency)
    wavelength = SPEED_OF_LIGHT / f
    return np.asarray(SKIES[sky](f) * wavelength**2 / (2.0 * BOLTZMANN))


def checked(frequency: object) -> FloatArray:
    """Frequencies (Hz) at which the laws mean something; else :class:`InputError`."""
    f = np.asarray(frequency, dtype=float)
    if not np.all(np.isfinite(f)) or np.any(f < LOWEST) or np.any(f > HIGHEST):
        raise InputError(
            f"sky brightness asked for {np.min(f) / 1e6:g} to {np.max(f) / 1e6:g} MHz; "
            f"the laws are for {LOWEST / 1e6:g} to {HIGHEST / 1e6:g} MHz; change the band"
        )
    return f
