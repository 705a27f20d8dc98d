"""Reflection coefficients and impedances of one port, as power waves.

Gamma = (Z - z0*)/(Z + z0) (Kurokawa 1965, eq. 8); for a real z0 this is the ordinary
reflection coefficient.  All functions work elementwise on arrays.
"""

from __future__ import annotations

import numpy as np

from ..common.checks import shown
from ..conventions import ComplexArray, FloatArray
from ..errors import InputError

FLOOR_DB = -120.0  # dB, shown for a reflection of zero


def reference(z0: object) -> complex:
    """``z0`` as one complex number with Re z0 > 0; :class:`InputError` otherwise."""
    try:
        value: complex = complex(z0)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise InputError(
            f"z0 = {shown(z0)} is not an impedance; give one in ohm, e.g. 50"
        ) from None
    if not np.isfinite(value) or value.real <= 0.0 or abs(value) > 1e6:
        raise InputError(f"z0 = {z0} ohm is not allowed; its real part must be in (0, 1e6]")
    return value


def loads(name: str, given: object, count: int, *, reactive: bool) -> ComplexArray:
    """(count,) ohm of a passive load, one value or one per frequency; reactive: Re = 0 is allowed.

    Raises :class:`InputError` for anything else.
    """
    try:
        load = np.asarray(given, dtype=complex)
    except (TypeError, ValueError):
        raise InputError(f"{name} = {shown(given)} is not a number; give ohms") from None
    if load.ndim > 1 or (load.ndim == 1 and load.shape != (count,)):
        raise InputError(f"{name} has shape {load.shape}; give one value or one per frequency")
    bad = load.real < 0.0 if reactive else load.real <= 0.0
    if not np.all(np.isfinite(load)) or np.any(bad):
        allowed = "not below 0" if reactive else "above 0"
        raise InputError(f"{name} = {shown(given)} ohm; its real part must be finite and {allowed}")
    return np.broadcast_to(load, (count,))


def plain(z0: complex) -> float | list[float]:
    """``z0`` for JSON: a number where it is real, else [re, im]."""
    return float(z0.real) if z0.imag == 0.0 else [float(z0.real), float(z0.imag)]


def ohms(z0: complex) -> str:
    """``z0`` for a message: "50 ohm" or "50-10j ohm"."""
    value = complex(z0)
    return f"{value.real:g} ohm" if value.imag == 0.0 else f"{value.real:g}{value.imag:+g}j ohm"


def impedance(gamma: ComplexArray, z0: complex) -> ComplexArray:
    """Z = (z0* + Gamma z0)/(1 - Gamma), ohm; Gamma = 1 gives a very large number, not inf."""
    gamma = np.asarray(gamma, dtype=complex)
    below = 1.0 - gamma
    below = np.where(np.abs(below) < 1e-15, 1e-15, below)
    return np.asarray((np.conj(z0) + gamma * z0) / below)


def reflection(z: ComplexArray, z0: complex) -> ComplexArray:
    """Gamma = (Z - z0*)/(Z + z0)."""
    z = np.asarray(z, dtype=complex)
    return np.asarray((z - np.conj(z0)) / (z + z0))


def renormalise(gamma: ComplexArray, old: complex, new: complex) -> ComplexArray:
    """The same one-port seen from another reference impedance."""
    if old == new:
        return np.asarray(gamma, dtype=complex)
    return reflection(impedance(gamma, old), new)


def renormalise_all(s: ComplexArray, old: complex, new: complex) -> ComplexArray:
    """The same n-port, ``s`` (n, p, p), all ports seen from another reference impedance."""
    if old == new:
        return s
    if s.shape[1] == 1:
        return renormalise(s[:, 0, 0], old, new)[:, None, None]
    import skrf

    return np.asarray(skrf.network.renormalize_s(s, old, new, s_def="power"))


def decibel(gamma: ComplexArray | FloatArray) -> FloatArray:
    """20 lg |Gamma|, not below :data:`FLOOR_DB`."""
    return np.asarray(20.0 * np.log10(np.maximum(np.abs(gamma), 10.0 ** (FLOOR_DB / 20.0))))
