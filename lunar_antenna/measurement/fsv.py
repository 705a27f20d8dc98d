"""Feature selective validation: how alike two curves are, as engineers judge them by eye.

Law: IEEE Std 1597.1-2008; Duffy et al., "Feature selective validation (FSV) for validation of
computational electromagnetics (CEM), part I", IEEE Trans. EMC 48 (2006) 449-459, with the
offset term of Duffy, Orlandi and Sasse, IEEE Trans. EMC 50 (2008) 413-415.  Each curve is split
by a discrete Fourier transform into DC, Lo and Hi parts and

    ADM = | |Lo1|-|Lo2| | / <|Lo1|+|Lo2|> + odm exp(odm),  odm = | |DC1|-|DC2| | / <|DC1|+|DC2|>
    FDM = 2 | FDM1 + FDM2 + FDM3 |
    FDM1 = (|Lo1'|-|Lo2'|) / (2 <|Lo1'|+|Lo2'|>)       trend
    FDM2 = (|Hi1'|-|Hi2'|) / (6 <|Hi1'|+|Hi2'|>)       features
    FDM3 = (|Hi1"|-|Hi2"|) / (7.2 <|Hi1"|+|Hi2"|>)     sharp features
    GDM = sqrt(ADM^2 + FDM^2)

point by point, <> the mean over the curve; the single values are means over the points.

The standard itself was not read.  The formulae, constants and the scale are those on which its
open restatements agree (the developers' 1-D FSV manual, University of L'Aquila; Sasse, Duffy and
Orlandi, ARMMS 2008; Bongiorno and Mariscotti, Electronics 11 (2022) 2532).  Where these differ
the choice here is: differences over +-2 points for the first derivative and +-3 for the second,
a taper of +-3 points between Lo and Hi, an absolute value round the FDM sum, values only where
all differences exist (the outer 5 points at each end are left out).  Tools that take +-1 point
instead find values of smooth pairs some per cent away, and FDM and GDM of pairs whose noise is not
small against their difference 1.5 to 2 times as large: compare grades of one tool.  No published
pair of curves with its numbers was found to check this against; the tests use cases worked by hand
and a slow twin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..conventions import FloatArray, JsonDict
from ..errors import InputError

GRADES = ("Excellent", "Very good", "Good", "Fair", "Poor", "Very poor")
BOUNDS = (0.1, 0.2, 0.4, 0.8, 1.6)
DC_POINTS = 4  # the DC term and this many neighbours on each side
BREAK_SHARE = 0.4  # of the spectrum's area above the DC part
BREAK_OFFSET = 5  # points from there to the middle of the Lo/Hi transition
TAPER = 3  # half-width of the transition, points
FIRST_SPAN, SECOND_SPAN = 2, 3  # +- points of the differences
EDGE = FIRST_SPAN + SECOND_SPAN
MIN_POINTS = 32
_SHARE = 0.85  # of the points, for grade and spread


def grade_of(value: float) -> str:
    """The word of the standard's scale; a value on a boundary takes the better word."""
    return GRADES[int(np.searchsorted(BOUNDS, value, side="left"))]


@dataclass(frozen=True, slots=True, eq=False)
class Fsv:
    """Point-by-point measures on ``x`` (the points that have all differences) and their means."""

    x: FloatArray
    adm_points: FloatArray
    fdm_points: FloatArray
    gdm_points: FloatArray

    @property
    def adm(self) -> float:
        """Amplitude difference measure: level and trend."""
        return float(self.adm_points.mean())

    @property
    def fdm(self) -> float:
        """Feature difference measure: positions and shapes of features."""
        return float(self.fdm_points.mean())

    @property
    def gdm(self) -> float:
        """Global difference measure."""
        return float(self.gdm_points.mean())

    @property
    def grade(self) -> str:
        """The word for the global difference measure."""
        return grade_of(self.gdm)

    def histogram(self, measure: str = "gdm") -> FloatArray:
        """(6,) shares of points in each class of :data:`GRADES` ("adm", "fdm" or "gdm")."""
        if measure not in ("adm", "fdm", "gdm"):
            raise InputError(f"measure = {measure!r}; allowed: adm, fdm, gdm")
        classes = np.searchsorted(BOUNDS, getattr(self, f"{measure}_points"), side="left")
        return np.asarray(np.bincount(classes, minlength=6) / classes.size)

    def grade_spread(self, measure: str = "gdm") -> tuple[int, int]:
        """(grade, spread), 1 best to 6.

        Grade: classes counted from Excellent that hold 85 % of the points.  Spread: classes
        counted from the fullest that hold 85 %.
        """
        shares = self.histogram(measure)

        def count(values: FloatArray) -> int:
            return int(np.searchsorted(np.cumsum(values), _SHARE - 1e-12) + 1)

        return count(shares), count(np.sort(shares)[::-1])

    def to_dict(self) -> JsonDict:
        return {"adm": self.adm, "fdm": self.fdm, "gdm": self.gdm, "grade": self.grade}

    def details(self) -> dict[str, Any]:
        """Histograms, grade and spread of each measure."""
        return {
            name: {
                "value": getattr(self, name),
                "word": grade_of(getattr(self, name)),
                "histogram": dict(zip(GRADES, self.histogram(name).tolist(), strict=True)),
                "grade": self.grade_spread(name)[0],
                "spread": self.grade_spread(name)[1],
            }
            for name in ("adm", "fdm", "gdm")
        }


def fsv(x: FloatArray, first: FloatArray, second: FloatArray) -> Fsv:
    """FSV of two real curves on the same ``x`` (n,), n >= 32.

    Unequally spaced points are first resampled linearly to as many equidistant ones.  Raises
    :class:`InputError` for complex curves, whose phase the measures cannot see.
    """
    x, first, second = (_real(values) for values in (x, first, second))
    if x.ndim != 1 or first.shape != x.shape or second.shape != x.shape:
        raise InputError(
            f"FSV needs two curves on one axis; given {first.shape}, {second.shape} on {x.shape}"
        )
    if x.size < MIN_POINTS:
        raise InputError(f"FSV of {x.size} points is meaningless; give at least {MIN_POINTS}")
    if not all(np.isfinite(values).all() for values in (x, first, second)):
        raise InputError("FSV was given values that are not finite; clean the curves")
    step = np.diff(x)
    if np.any(step <= 0.0):
        raise InputError("FSV needs an increasing axis; sort the points")
    if np.ptp(step) > 1e-3 * step.mean():
        even = np.linspace(x[0], x[-1], x.size)
        first, second = np.interp(even, x, first), np.interp(even, x, second)
        x = even
    parts = [_split(np.fft.fft(values)) for values in (first, second)]
    middle = min(break_point(np.fft.fft(values)) for values in (first, second))
    low = low_pass(x.size, middle)
    (dc1, lo1, hi1), (dc2, lo2, hi2) = (
        (dc, np.fft.ifft(rest * low).real, np.fft.ifft(rest * (1.0 - low)).real)
        for dc, rest in parts
    )
    floor = 1e-12 * float(np.mean(np.abs(first) + np.abs(second)))
    trend = np.abs(_ratio(lo1, lo2, 1.0, floor))
    offset = np.abs(_ratio(dc1, dc2, 1.0, floor))
    adm = trend + offset * np.exp(offset)
    slow = _ratio(_difference(lo1, FIRST_SPAN), _difference(lo2, FIRST_SPAN), 2.0, floor)
    hi1, hi2 = _difference(hi1, FIRST_SPAN), _difference(hi2, FIRST_SPAN)
    fast = _ratio(hi1, hi2, 6.0, floor)
    sharp = _ratio(_difference(hi1, SECOND_SPAN), _difference(hi2, SECOND_SPAN), 7.2, floor)
    inner = slice(SECOND_SPAN, -SECOND_SPAN)
    fdm = 2.0 * np.abs(slow[inner] + fast[inner] + sharp)
    adm = adm[EDGE:-EDGE]
    return Fsv(x[EDGE:-EDGE], adm, fdm, np.hypot(adm, fdm))


def _real(values: Any) -> FloatArray:
    if np.iscomplexobj(values):
        raise InputError(
            "FSV compares real curves and was given complex ones; give |S11| in dB or another real "
            "quantity of each"
        )
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError("FSV was given values that are not numbers; give real arrays") from None


def _distance(n: int) -> FloatArray:
    """Distance of each transform point from the DC term, (n,)."""
    index = np.arange(n)
    return np.minimum(index, n - index)


def _split(spectrum: Any) -> tuple[FloatArray, Any]:
    near = _distance(spectrum.size) <= DC_POINTS
    return np.fft.ifft(np.where(near, spectrum, 0.0)).real, np.where(near, 0.0, spectrum)


def break_point(spectrum: Any) -> int:
    """Distance from DC of the middle of the Lo/Hi transition, for one curve."""
    area = np.abs(spectrum[DC_POINTS + 1 : spectrum.size // 2 + 1])
    reached = int(np.searchsorted(np.cumsum(area), BREAK_SHARE * area.sum()))
    return DC_POINTS + 1 + reached + BREAK_OFFSET


def low_pass(n: int, middle: int) -> FloatArray:
    """1 up to ``middle`` - 3, falling linearly to 0 at ``middle`` + 3, (n,)."""
    return np.clip((middle + TAPER - _distance(n)) / (2.0 * TAPER), 0.0, 1.0)


def _ratio(first: FloatArray, second: FloatArray, weight: float, floor: float) -> FloatArray:
    """(|a| - |b|) over ``weight`` times the mean of |a| + |b|; 0 where a band is empty."""
    mean = float(np.mean(np.abs(first) + np.abs(second)))
    if mean <= floor:
        return np.zeros(first.shape)
    return np.asarray((np.abs(first) - np.abs(second)) / (weight * mean))


def _difference(values: FloatArray, span: int) -> FloatArray:
    """v[i + span] - v[i - span], shorter by 2 span."""
    return values[2 * span :] - values[: -2 * span]
