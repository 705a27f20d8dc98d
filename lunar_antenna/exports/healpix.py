"""HEALPix in FITS: complex fields and gain of every port at pixel centres, one table a frequency.

Columns of a table, one row a pixel (RING order, Gorski et al., Astrophys. J. 622, 759, 2005): for
each port N E_THETA_RE_N, E_THETA_IM_N, E_PHI_RE_N, E_PHI_IM_N in V per A and GAIN_N, 4 pi U/P_in.
theta is the colatitude of the pixel from the zenith, phi its longitude from East to North: the
sphere is the antenna's own, not that of the stars.  Below the horizon of a soil are zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..common.checks import whole
from ..conventions import ETA0, FloatArray
from ..errors import InputError
from .base import Format, ports
from .beam import ascii_only, conventions, loading, need, port_fields

if TYPE_CHECKING:
    from ..solution import Solution


@dataclass(frozen=True, slots=True)
class Healpix(Format):
    """All ports, or one.

    nside: a power of two; 12 nside^2 pixels.
    """

    name = "healpix"
    endings = (".fits", ".hpx")
    far_field: ClassVar[bool] = True
    nside: int = 32

    def __post_init__(self) -> None:
        value = whole("nside", self.nside, low=1, high=1024)
        if value & (value - 1):
            raise InputError(f"nside = {value} is not a power of two; give 16, 32, 64")
        object.__setattr__(self, "nside", value)

    def check(self, solution: Solution, path: Path, port: int | None) -> None:
        Format.check(self, solution, path, port)
        need(self.name, "astropy", "astropy_healpix")

    def write(
        self, solution: Solution, path: Path, port: int | None, terminated: complex | None
    ) -> None:
        from astropy.io import fits

        which = list(ports(solution, port))
        theta, phi = centres(self.nside)
        primary = fits.PrimaryHDU()
        for line in conventions(solution, which[0], terminated):
            primary.header.add_history(ascii_only(line))
        for index in which:
            primary.header.add_history(
                f"columns _{index}: {ascii_only(loading(solution, index, terminated))}"
            )
        tables = [primary]
        resistance = [solution.input_impedance(index, terminated).real for index in which]
        for at, frequency in enumerate(solution.frequency.tolist()):
            field = port_fields(solution, frequency, theta, phi, which, terminated)
            columns = []
            for row, index in enumerate(which):
                power = (np.abs(field[:, row]) ** 2).sum(axis=0)
                for name, value, unit in (
                    ("E_THETA_RE", field[0, row].real, "V/A"),
                    ("E_THETA_IM", field[0, row].imag, "V/A"),
                    ("E_PHI_RE", field[1, row].real, "V/A"),
                    ("E_PHI_IM", field[1, row].imag, "V/A"),
                    ("GAIN", 4.0 * np.pi * power / (ETA0 * resistance[row][at]), ""),
                ):
                    columns.append(
                        fits.Column(f"{name}_{index}", format="D", unit=unit or None, array=value)
                    )
            table = fits.BinTableHDU.from_columns(columns)
            table.header.update(
                EXTNAME=f"{frequency / 1e6:g} MHz",
                FREQ=frequency,
                PIXTYPE="HEALPIX",
                ORDERING="RING",
                NSIDE=self.nside,
                FIRSTPIX=0,
                LASTPIX=theta.size - 1,
                INDXSCHM="IMPLICIT",
                OBJECT="FULLSKY",
                COORDSYS="ENU",
            )
            tables.append(table)
        fits.HDUList(tables).writeto(path)


def centres(nside: int) -> tuple[FloatArray, FloatArray]:
    """(theta, phi) rad of the 12 nside^2 pixel centres in RING order."""
    from astropy_healpix import HEALPix

    longitude, latitude = HEALPix(nside=nside, order="ring").healpix_to_lonlat(
        np.arange(12 * nside**2)
    )
    return 0.5 * np.pi - latitude.rad, longitude.rad


FORMAT = Healpix
