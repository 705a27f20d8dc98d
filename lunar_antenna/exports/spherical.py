"""Spherical-wave coefficients in HDF5: a beam of few numbers that is read at any direction.

Datasets: frequency (n,) Hz; port (p,), counted from 1; l, m (k,); tm, te (n, p, k) V per A, zero
beyond the order of a frequency; l_max (n,); error (n,), measured, relative to the largest field;
input_impedance (n, p) ohm.  Attributes: format, schema, conventions, frame, port loading,
hemisphere ("upper" or "whole"), provenance.  ``la.load_spherical`` reads them; what the
coefficients mean is told in :mod:`~lunar_antenna.spherical_waves`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..common.signals import signals_deferred
from ..conventions import (
    ETA0,
    ComplexArray,
    FloatArray,
    IntArray,
)
from ..errors import FileFormatError, InputError, one_line
from ..spherical_waves import SphericalWaves, orders
from .base import ports
from .beam import HORIZON, loading
from .hdf5 import new_file, tell
from .waves import WaveFormat

BEYOND_SENSE = 1e30  # of any quantity in SI

if TYPE_CHECKING:
    from ..solution import Solution

NAME, SCHEMA = "lunar-antenna spherical waves", 1


@dataclass(frozen=True, slots=True)
class Spherical(WaveFormat):
    """Coefficients of all ports, or of one.

    tolerance: of the sum, relative to the largest field; it sets the orders.
    """

    name = "spherical"
    endings = (".h5", ".hdf5")

    def write(
        self, solution: Solution, path: Path, port: int | None, terminated: complex | None
    ) -> None:
        which = list(ports(solution, port))
        found = list(self.expansions(solution, which, terminated))
        most = max(waves.l_max for waves in found)
        degree, order = orders(most)
        padded = np.zeros((2, len(found), len(which), degree.size), dtype=complex)
        for index, waves in enumerate(found):
            padded[0, index, :, : waves.tm.shape[1]] = waves.tm
            padded[1, index, :, : waves.te.shape[1]] = waves.te
        impedance = np.stack([solution.input_impedance(p, terminated) for p in which], axis=1)
        with new_file(path) as file:
            file.attrs["format"], file.attrs["schema"] = NAME, SCHEMA
            loads = [loading(solution, p, terminated) for p in which]
            tell(file, solution, loads, self.meaning(solution))
            file.attrs["hemisphere"] = "upper" if found[0].upper else "whole"
            file.attrs["tolerance"] = self.tolerance
            for name, value, unit in (
                ("frequency", solution.frequency, "Hz"),
                ("port", np.array(which), "1"),
                ("l", degree, "1"),
                ("m", order, "1"),
                ("tm", padded[0], "V/A"),
                ("te", padded[1], "V/A"),
                ("l_max", np.array([waves.l_max for waves in found]), "1"),
                ("error", np.array([waves.error for waves in found]), "1"),
                ("input_impedance", impedance, "ohm"),
            ):
                file.create_dataset(name, data=value).attrs["unit"] = unit


@dataclass(frozen=True, slots=True, eq=False)
class SphericalBeam:
    """A file of format ``spherical``.

    frequency: (n,) Hz.  port: (p,), counted from 1.  waves: one a frequency, its ports in the
    order of ``port``.  input_impedance: (n, p) ohm.
    """

    frequency: FloatArray
    port: IntArray
    waves: tuple[SphericalWaves, ...]
    input_impedance: ComplexArray
    loading: tuple[str, ...]

    def far_field(
        self, frequency: float, theta: FloatArray, phi: FloatArray, port: int = 1
    ) -> tuple[ComplexArray, ComplexArray]:
        """(E_theta, E_phi) in V per A at ``theta``, ``phi`` rad, broadcast; 0 below a horizon."""
        found, which = self._at(frequency, port)
        theta, phi = np.broadcast_arrays(np.asarray(theta, float), np.asarray(phi, float))
        e_theta, e_phi = (part[which] for part in found.field(theta, phi))
        seen = theta <= HORIZON * (1.0 + 1e-12) if found.upper else np.ones(theta.shape, bool)
        return np.where(seen, e_theta, 0.0), np.where(seen, e_phi, 0.0)

    def gain(
        self, frequency: float, theta: FloatArray, phi: FloatArray, port: int = 1
    ) -> FloatArray:
        """4 pi U/P_in, linear, at ``theta``, ``phi`` rad, broadcast."""
        e_theta, e_phi = self.far_field(frequency, theta, phi, port)
        index = int(np.argmin(np.abs(self.frequency - frequency)))
        resistance = self.input_impedance[index, self._at(frequency, port)[1]].real
        power = np.abs(e_theta) ** 2 + np.abs(e_phi) ** 2
        return np.asarray(4.0 * np.pi * power / (ETA0 * resistance))

    def _at(self, frequency: float, port: int) -> tuple[SphericalWaves, int]:
        index = int(np.argmin(np.abs(self.frequency - frequency)))
        if abs(self.frequency[index] - frequency) > 1e-6 * self.frequency[index]:
            raise InputError(
                f"{frequency / 1e6:g} MHz is not in the file (nearest "
                f"{self.frequency[index] / 1e6:g} MHz); solve it and export again"
            )
        if port not in self.port:
            raise InputError(f"port = {port!r}; the file holds {', '.join(map(str, self.port))}")
        return self.waves[index], int(np.flatnonzero(self.port == port)[0])


@signals_deferred()
def load_spherical(path: str | os.PathLike[str]) -> SphericalBeam:
    """The beam of a file of format ``spherical``; :class:`FileFormatError` for any other."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != NAME or file.attrs.get("schema") != SCHEMA:
                raise FileFormatError(
                    f"{path} is no file of spherical waves of schema {SCHEMA}; "
                    "write one with format spherical"
                )
            upper = file.attrs["hemisphere"] == "upper"
            frequency, l_max, error = (file[name][:] for name in ("frequency", "l_max", "error"))
            tm, te = file["tm"][:], file["te"][:]
            _check(frequency, l_max, error, tm, te, file["port"][:], file["input_impedance"][:])
            made = tuple(
                SphericalWaves(
                    float(frequency[index]),
                    tm[index, :, : order * (order + 2)],
                    te[index, :, : order * (order + 2)],
                    float(error[index]),
                    upper,
                )
                for index, order in enumerate(l_max.tolist())
            )
            return SphericalBeam(
                frequency,
                file["port"][:],
                made,
                file["input_impedance"][:],
                tuple(map(str, file.attrs["loading"])),
            )
    except FileFormatError:
        raise
    except Exception as problem:  # damaged bytes make the library raise anything
        raise FileFormatError(
            f"{path} cannot be read as spherical waves: {one_line(problem)}; write them again"
        ) from None


def _check(
    frequency: FloatArray,
    l_max: IntArray,
    error: FloatArray,
    tm: ComplexArray,
    te: ComplexArray,
    port: IntArray,
    impedance: ComplexArray,
) -> None:
    """ValueError where another program put what no beam is."""
    count, ports = len(frequency), len(port)
    most = int(l_max.max()) if l_max.size and l_max.dtype.kind in "iu" else 0
    wanted = {
        "frequency": (frequency, "f", (count,)),
        "error": (error, "f", (count,)),
        "l_max": (l_max, "iu", (count,)),
        "port": (port, "iu", (ports,)),
        "tm": (tm, "c", (count, ports, most * (most + 2))),
        "te": (te, "c", (count, ports, most * (most + 2))),
        "input_impedance": (impedance, "c", (count, ports)),
    }
    for name, (value, kind, shape) in wanted.items():
        if value.dtype.kind not in kind or value.shape != shape or not value.size:
            raise ValueError(f"/{name} is {value.dtype} of shape {value.shape}, not {shape}")
        if not np.all(np.abs(value) < BEYOND_SENSE):  # nor where it is not a number
            raise ValueError(f"/{name} has values that are not finite or beyond {BEYOND_SENSE:g}")
    if np.any(np.diff(frequency) <= 0.0) or frequency[0] <= 0.0 or l_max.min() < 1:
        raise ValueError("/frequency does not increase from above 0, or /l_max is below 1")


FORMAT = Spherical
