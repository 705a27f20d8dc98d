"""A HEALPix map of one's own as a sky: T(f, Omega) = T_map(Omega) (f/f_map)^-index.

Maps are read by astropy and placed by astropy-healpix (``pip install 'lunar-antenna[beams]'``).
Before it is seen through a beam a map is averaged to pixels of about the beam's grid, 2 degrees
(a mean of the pixels inside, so that no flux is lost), and taken between their centres bilinearly.
"""

from __future__ import annotations

import importlib.util
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..common.checks import choice, number, path_of
from ..common.files import is_file
from ..conventions import FloatArray
from ..errors import FileFormatError, InputError, MissingEngineError, one_line
from .beam import RESOLUTION
from .moon import GALACTIC

FRAMES = ("galactic", "icrs")
ORDERS = ("ring", "nested")
_COORDSYS = {"G": "galactic", "GALACTIC": "galactic", "C": "icrs", "Q": "icrs", "ICRS": "icrs",
             "EQUATORIAL": "icrs"}  # fmt: skip
_KELVIN = {"": 1.0, "K": 1.0, "KELVIN": 1.0, "K_CMB": 1.0, "K_RJ": 1.0, "MK": 1e-3}
_HERTZ = {"": None, "HZ": 1.0, "KHZ": 1e3, "MHZ": 1e6, "GHZ": 1e9}
INDEX = 2.5  # assumed where none is given: the mean slope of Cane's law from 5 to 30 MHz


@dataclass(frozen=True, slots=True, eq=False)
class MapSky:
    """Brightness temperature by direction, one spectral index.

    kelvin: (n_pixel,) K.  frequency: of the map, Hz.  index: one, or one per pixel.  order: of the
    pixels, "ring" or "nested".  frame: "galactic" or "icrs".
    """

    kelvin: FloatArray
    frequency: float
    index: float | FloatArray = INDEX
    order: str = "ring"
    frame: str = "galactic"
    name: str = "map"
    uniform = False

    def __post_init__(self) -> None:
        _need_astropy()
        kelvin = np.asarray(self.kelvin, dtype=float)
        choice("order", self.order, ORDERS)
        choice("frame", self.frame, FRAMES)
        number("map frequency", self.frequency, low=1e5, high=1e12, unit="Hz")
        side = int(np.sqrt(kelvin.size / 12.0) + 0.5)
        if kelvin.ndim != 1 or kelvin.size == 0 or 12 * side**2 != kelvin.size or side & (side - 1):
            raise InputError(
                f"a map of shape {kelvin.shape} is no HEALPix map; give 12 nside^2 pixels, nside a "
                "power of two"
            )
        bad = ~np.isfinite(kelvin) | (kelvin < 0.0)
        if bad.any():
            raise InputError(
                f"the map has {int(bad.sum())} pixels of {kelvin.size} without a temperature of 0 "
                "K or above; fill them, every direction is seen"
            )
        index = np.asarray(self.index, dtype=float)
        if index.shape not in ((), kelvin.shape) or not np.all(np.abs(index) <= 10.0):
            raise InputError(
                "the map's index is one number from -10 to 10, or one per pixel, T ~ f^-index"
            )
        object.__setattr__(self, "kelvin", kelvin)

    def temperature(self, frequency: FloatArray, direction: FloatArray) -> FloatArray:
        """See :class:`.galaxy.Sky`."""
        from astropy import units
        from astropy_healpix import interpolate_bilinear_lonlat

        if self.frame == "icrs":
            direction = direction @ GALACTIC
        east = np.arctan2(direction[..., 1], direction[..., 0]).ravel()
        lon = np.mod(east, 2.0 * np.pi) * units.rad
        lat = np.arcsin(np.clip(direction[..., 2], -1.0, 1.0)).ravel() * units.rad

        def seen(values: FloatArray) -> FloatArray:
            with np.errstate(divide="ignore"):  # its loop sets the flag beside valid results
                found = interpolate_bilinear_lonlat(lon, lat, self._coarse(values), order="nested")
            return np.asarray(found, dtype=float).reshape(direction.shape[:-1])

        ratio = np.asarray(frequency, dtype=float) / self.frequency
        here = seen(self.kelvin)
        if np.ndim(self.index) == 0:
            return np.multiply.outer(ratio ** -float(np.asarray(self.index)), here)
        power = np.exp(np.multiply.outer(-np.log(ratio), seen(np.asarray(self.index, float))))
        return np.asarray(power * here)

    def _coarse(self, values: FloatArray) -> FloatArray:
        """``values`` in nested order, averaged to pixels of :data:`.beam.RESOLUTION` or more."""
        from astropy_healpix import HEALPix

        side = round(float(np.sqrt(values.size / 12.0)))
        if self.order == "ring":
            grid = HEALPix(nside=side, order="nested")
            values = values[grid.nested_to_ring(np.arange(values.size))]
        while side > 1 and np.rad2deg(np.sqrt(np.pi / 3.0) / side) < 0.9 * RESOLUTION:
            values, side = values.reshape(-1, 4).mean(axis=1), side // 2
        return values


def load_sky(
    path: str | os.PathLike[str],
    *,
    frequency: float | None = None,
    index: float = INDEX,
    frame: str | None = None,
) -> MapSky:
    """The first map of a HEALPix FITS file (ORDERING and, where given, COORDSYS and TUNIT1).

    frequency: of the map, Hz; None: FREQ (with FREQUNIT or FUNIT, else MHz below 1e6, Hz above) of
    the header.  frame: in place of what the file says; galactic where it says nothing.  Raises
    :class:`FileFormatError` in one line, MissingEngineError without the libraries.
    """
    _need_astropy()
    source = path_of("map", path)
    if not is_file(source):
        raise InputError(f"map {source} does not exist; give the path of a HEALPix FITS file")
    values, header = _table(source)
    if str(header.get("INDXSCHM", "IMPLICIT")).strip().upper() != "IMPLICIT":
        raise FileFormatError(
            f"{source} holds a part of the sky (INDXSCHM); write a map of all of it, every "
            "direction is seen"
        )
    order = str(header.get("ORDERING", "")).strip().lower()
    if order not in ("ring", "nested", "nest"):
        raise FileFormatError(f"{source}: ORDERING = {order!r}; allowed: RING, NESTED")
    said = str(header.get("COORDSYS", "G")).strip().upper()
    if frame is None and said not in _COORDSYS:
        raise FileFormatError(
            f"{source}: COORDSYS = {said!r}; allowed: G (galactic), C (ICRS); or give frame"
        )
    bad = int(np.sum(~np.isfinite(values) | (values < -1e30)))
    if bad:
        raise FileFormatError(f"{source} has {bad} pixels without a value; fill them first")
    unit = str(header.get("TUNIT1", "")).strip()
    scale = _KELVIN.get(unit.upper() if unit != "mK" else "MK")
    if scale is None or unit == "MK":
        raise FileFormatError(f"{source}: unit {unit!r} of the map; allowed: K, mK")
    try:
        return MapSky(
            values * scale,
            _frequency(source, header) if frequency is None else frequency,
            index,
            "ring" if order == "ring" else "nested",
            _COORDSYS[said] if frame is None else frame,
            source.name,
        )
    except FileFormatError:
        raise
    except InputError as error:
        raise FileFormatError(f"{source}: {error}") from None


_READ = ("INDXSCHM", "ORDERING", "COORDSYS", "TUNIT1", "FREQ", "FREQUNIT", "FUNIT")


def _table(source: Path) -> tuple[FloatArray, dict[str, Any]]:
    """The first map, and what of its header is read."""
    from astropy.io import fits

    try:
        # opened here: where astropy fails it closes nothing; what it warns of is an error below
        with warnings.catch_warnings(), source.open("rb") as raw:
            warnings.simplefilter("ignore")
            with fits.open(raw, memmap=False) as file:
                for part in file[1:]:
                    if isinstance(part, fits.BinTableHDU) and len(part.columns):
                        column = np.asarray(part.data.field(0), dtype=float).ravel()
                        head = part.header
                        return column, {name: head[name] for name in head if name in _READ}
    except Exception as error:  # astropy's readers raise whatever their parsers do
        raise FileFormatError(
            f"{source} is no FITS file: {one_line(error)}; write it anew"
        ) from None
    raise FileFormatError(f"{source} holds no table with a map; write one as HEALPix FITS")


def _frequency(source: Path, header: Any) -> float:
    try:
        value = float(header["FREQ"])
    except (KeyError, TypeError, ValueError):
        raise FileFormatError(
            f"{source} does not say its frequency (FREQ); give frequency, in Hz, or "
            "--map-frequency, in MHz"
        ) from None
    unit = str(header.get("FREQUNIT", header.get("FUNIT", ""))).strip().upper()
    if unit not in _HERTZ:
        raise FileFormatError(f"{source}: unit {unit!r} of FREQ; allowed: Hz, kHz, MHz, GHz")
    factor = _HERTZ[unit]
    return value * ((1e6 if value < 1e6 else 1.0) if factor is None else factor)


def _need_astropy() -> None:
    for name in ("astropy", "astropy_healpix"):
        if importlib.util.find_spec(name) is None:
            raise MissingEngineError(
                f"HEALPix maps are read by astropy and astropy-healpix, {name} is absent; "
                "pip install 'lunar-antenna[beams]'"
            )
