"""Where a place on the Moon looks: orientation of the Moon, site, time.

Orientation: right ascension and declination of the pole and the angle W of the prime meridian,
each a polynomial and thirteen periodic terms (E1 to E13), as recommended by the IAU Working Group
on Cartographic Coordinates and Rotational Elements: Archinal et al., Celest. Mech. Dyn. Astron.
109, 101 (2011), table 2; constants read in copies of NAIF's kernel pck00010.tpc.  The series is no
ephemeris: against integrated librations (mean-Earth frame) a place on the Moon is off by 150 m
(read, of the report itself), and never by more than 300 m from 1550 to 2000 (read: J. Irwin, DE430,
spice_discussion, May 2015).  300 m of a radius of 1737.4 km are :data:`POINTING_ERROR`, 0.01
degrees: a two-hundredth of the grid on which a sky is seen here.

Time: UTC; TDB is UTC + 69.184 s (37 leap seconds, as since 2017; the Moon turns 0.55 arc seconds
per second).  Longitudes are positive to the East.  Nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from ..common.checks import every, kind, number, shown
from ..conventions import FloatArray, JsonDict
from ..errors import InputError

POINTING_ERROR = np.deg2rad(0.01)  # rad, of the series, 1550 to 2000
ROTATION = 2360591.5  # s: sidereal turn of the Moon, 360 degrees / 13.17635815 degrees per day
YEARS = (1550, 2200)  # of a time; beyond 2000 the series is taken as good (assumed)
TDB_AHEAD = 69.184  # s, TDB - UTC
_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)

# E1 .. E13: degrees, degrees per day; amplitudes in right ascension and W (sine), declination
# (cosine), degrees.
_SERIES = np.array(
    [
        [125.045, -0.0529921, -3.8787, 1.5419, 3.5610],
        [250.089, -0.1059842, -0.1204, 0.0239, 0.1208],
        [260.008, 13.0120009, 0.0700, -0.0278, -0.0642],
        [176.625, 13.3407154, -0.0172, 0.0068, 0.0158],
        [357.529, 0.9856003, 0.0, 0.0, 0.0252],
        [311.589, 26.4057084, 0.0072, -0.0029, -0.0066],
        [134.963, 13.0649930, 0.0, 0.0009, -0.0047],
        [276.617, 0.3287146, 0.0, 0.0, -0.0046],
        [34.226, 1.7484877, 0.0, 0.0, 0.0028],
        [15.134, -0.1589763, -0.0052, 0.0008, 0.0052],
        [119.743, 0.0036096, 0.0, 0.0, 0.0040],
        [239.961, 0.1643573, 0.0, 0.0, 0.0019],
        [25.053, 12.9590088, 0.0043, -0.0009, -0.0044],
    ]
)

# From ICRS to galactic coordinates: The Hipparcos and Tycho Catalogues, ESA SP-1200 (1997), vol. 1,
# eq. 1.5.11.
GALACTIC = np.array(
    [
        [-0.0548755604, -0.8734370902, -0.4838350155],
        [0.4941094279, -0.4448296300, 0.7469822445],
        [-0.8676661490, -0.1980763734, 0.4559837762],
    ]
)


def moon_orientation(time: datetime) -> tuple[float, float, float]:
    """(right ascension, declination of the pole, W) in rad at ``time``, UTC without a zone."""
    days = _days(time)
    century = days / 36525.0
    angle = np.deg2rad(_SERIES[:, 0] + _SERIES[:, 1] * days)
    sine, cosine = np.sin(angle), np.cos(angle)
    ascension = 269.9949 + 0.0031 * century + float(_SERIES[:, 2] @ sine)
    declination = 66.5392 + 0.0130 * century + float(_SERIES[:, 3] @ cosine)
    meridian = 38.3213 + 13.17635815 * days - 1.4e-12 * days**2 + float(_SERIES[:, 4] @ sine)
    found = np.deg2rad([ascension, declination, meridian % 360.0])
    return float(found[0]), float(found[1]), float(found[2])


def to_moon(time: datetime) -> FloatArray:
    """(3, 3) matrix from ICRS to axes fixed in the Moon (z pole, x prime meridian)."""
    ascension, declination, meridian = moon_orientation(time)
    return np.asarray(
        _about_z(meridian) @ _about_x(0.5 * np.pi - declination) @ _about_z(0.5 * np.pi + ascension)
    )


@dataclass(frozen=True, slots=True)
class Site:
    """A place on the Moon and how the antenna lies there, in degrees.

    latitude, longitude: planetocentric, East positive.  heading: of the layout's x axis, from East
    towards North.
    """

    latitude: float
    longitude: float
    heading: float = 0.0
    name: str = "site"

    def __post_init__(self) -> None:
        number("site latitude", self.latitude, low=-90.0, high=90.0, unit="degrees")
        number("site longitude", self.longitude, low=-360.0, high=360.0, unit="degrees")
        number("site heading", self.heading, low=-360.0, high=360.0, unit="degrees")
        kind("site name", self.name, str, "text")

    @property
    def axes(self) -> FloatArray:
        """(3, 3): rows are the layout's x, y and z in axes fixed in the Moon."""
        lat, lon = np.deg2rad(self.latitude), np.deg2rad(self.longitude)
        east = np.array([-np.sin(lon), np.cos(lon), 0.0])
        up = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
        return np.asarray(
            _about_z(np.deg2rad(self.heading)) @ np.stack((east, np.cross(up, east), up))
        )


# Read in luseepy, whose default place of observation it is.
SITES = {"lusee_night": Site(-23.814, 182.258, name="lusee_night")}
START = datetime(2027, 1, 1, tzinfo=UTC)  # assumed: the galaxy comes back every turn


@dataclass(frozen=True, slots=True)
class Observation:
    """A site at times (UTC)."""

    site: Site
    times: tuple[datetime, ...]

    def __post_init__(self) -> None:
        kind("observation site", self.site, Site, "la.Site")
        times = every("observation times", self.times, datetime, "datetime objects (UTC)")
        object.__setattr__(self, "times", times)
        if not times:
            raise InputError(f"times = {shown(self.times)}; give one datetime or more")

    @classmethod
    def turn(
        cls, site: Site | str = "lusee_night", count: int = 24, start: datetime = START
    ) -> Observation:
        """``count`` times, evenly over one turn of the Moon against the stars (27.32 days)."""
        count = int(number("times", count, low=1, high=10000))
        steps = (timedelta(seconds=ROTATION * k / count) for k in range(count))
        return cls(site_from(site), tuple(start + step for step in steps))

    @property
    def galactic(self) -> FloatArray:
        """(n_time, 3, 3): from the layout's axes to galactic ones."""
        axes = self.site.axes
        return np.stack([GALACTIC @ (axes @ to_moon(time)).T for time in self.times])

    @property
    def local_time(self) -> FloatArray:
        """(n_time,) degrees: W + longitude, the local sidereal time of the Moon."""
        turned = [
            np.rad2deg(moon_orientation(time)[2]) + self.site.longitude for time in self.times
        ]
        return np.asarray(np.mod(turned, 360.0))

    def to_dict(self) -> JsonDict:
        site = self.site
        return {
            "site": site.name,
            "latitude": site.latitude,
            "longitude": site.longitude,
            "heading": site.heading,
            "times": [_utc(time).strftime("%Y-%m-%dT%H:%M:%SZ") for time in self.times],
        }


def site_from(value: Site | str | Sequence[float]) -> Site:
    """A Site, a shipped name, or (latitude, longitude[, heading]) in degrees, as text too."""
    if isinstance(value, Site):
        return value
    if isinstance(value, str):
        if value in SITES:
            return SITES[value]
        parts: Sequence[object] = value.split(",")
    else:
        parts = value
    try:
        numbers = [float(part) for part in parts]  # type: ignore[arg-type]
        if len(numbers) not in (2, 3):
            raise ValueError
    except (TypeError, ValueError):
        raise InputError(
            f"site = {shown(value)}; allowed: {', '.join(SITES)}, or LATITUDE,LONGITUDE[,HEADING] "
            "in degrees"
        ) from None
    latitude, longitude, heading = (*numbers, 0.0)[:3]
    return Site(latitude, longitude, heading)


def time_from(text: str) -> datetime:
    """A time from ISO 8601 text, UTC where it names no zone."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"time {text!r} is not ISO 8601; write for example 2027-01-31T18:00:00"
        ) from None
    if not YEARS[0] <= time.year <= YEARS[1]:
        raise InputError(f"time {text!r} lies outside the years {YEARS[0]} to {YEARS[1]}")
    return _utc(time)


def _utc(time: datetime) -> datetime:
    zone = UTC
    return time.replace(tzinfo=zone) if time.tzinfo is None else time.astimezone(zone)


def _days(time: datetime) -> float:
    """Days of TDB since J2000."""
    return ((_utc(time) - _J2000).total_seconds() + TDB_AHEAD) / 86400.0


def _about_x(angle: float) -> FloatArray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])


def _about_z(angle: float) -> FloatArray:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
