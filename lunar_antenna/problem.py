"""Problem = Layout + Stack + height + Band: the one input of every solver."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass

import numpy as np

from .common.checks import number, whole
from .conventions import FloatArray, JsonDict
from .errors import InputError
from .geometry.layout import Layout
from .geometry.load import load_geometry
from .geometry.relief import Relief
from .media.layer import Stack
from .media.soils import load_soil
from .media.stratification import Stratification


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Band:
    """Solved frequencies, Hz, strictly increasing, shape (n,)."""

    frequency: FloatArray

    def __init__(self, frequency: object) -> None:
        try:
            values = np.atleast_1d(np.asarray(frequency, dtype=float)).copy()
        except (TypeError, ValueError):
            raise InputError(
                f"band is {type(frequency).__name__}; give la.Band.mhz(5, 35), or frequencies in Hz"
            ) from None
        if values.ndim != 1 or values.size == 0:
            raise InputError(f"band has shape {values.shape}; give a list of frequencies in Hz")
        if not np.all(np.isfinite(values)) or np.any(values < 1e4) or np.any(values > 1e10):
            raise InputError(
                f"band holds {values.min():g} to {values.max():g} Hz; allowed: 1e4 to 1e10 Hz; "
                "in MHz it is la.Band.mhz(5, 35)"
            )
        if np.any(np.diff(values) <= 0.0):
            raise InputError("band frequencies do not increase; sort them and drop repeats")
        values.setflags(write=False)
        object.__setattr__(self, "frequency", values)

    def __repr__(self) -> str:
        low, high = self.frequency[0] / 1e6, self.frequency[-1] / 1e6
        return f"<Band {low:g}-{high:g} MHz, {self.frequency.size} points>"

    @classmethod
    def mhz(cls, low: float, high: float, points: int = 61) -> Band:
        """``points`` equidistant frequencies from ``low`` to ``high`` MHz."""
        low = number("band start", low, low=0.01, high=1e4, unit="MHz")
        high = number("band end", high, low=0.01, high=1e4, unit="MHz")
        count = whole("band points", points, high=100_001)
        if count == 1 and low == high:
            return cls([low * 1e6])
        if high <= low or count < 2:
            raise InputError(
                f"band {low:g}:{high:g} MHz with {count} points is empty; "
                "give LOW < HIGH and at least 2 points, or LOW = HIGH and 1 point"
            )
        return cls(np.linspace(low * 1e6, high * 1e6, count))


@dataclass(frozen=True, slots=True, eq=False, repr=False, init=False)
class Problem:
    """What is solved.

    layout: a Layout, or a shipped name or path that :func:`la.load_geometry` reads.  stack: a
    Stack, or a name or path for :func:`la.load_soil`.  band: a Band, frequencies in Hz, or None
    for 5-35 MHz in 61 points.
    height: m, of the film's underside (of the metal plane where there is no film) above z = 0,
    where the layout's relief is 0: of a sagging film that of its supports, of a tilted one that
    of its feed.  Over soil no part of the film may lie below z = 0.
    """

    layout: Layout
    stack: Stack
    height: float
    band: Band

    def __init__(
        self,
        layout: Layout | str | os.PathLike[str],
        stack: Stack | str | os.PathLike[str],
        height: float = 0.0,
        band: Band | FloatArray | None = None,
    ) -> None:
        if isinstance(layout, (str, os.PathLike)):
            layout = load_geometry(layout)
        if not isinstance(layout, Layout):
            raise InputError(
                f"layout is {type(layout).__name__}; give a Layout, the name of a geometry or the "
                "path of its file"
            )
        if band is None:
            band = Band.mhz(5, 35, 61)
        made = {
            "layout": layout,
            "stack": load_soil(stack),
            "height": number("height", height, low=0.0, high=1000.0, unit="m"),
            "band": band if isinstance(band, Band) else Band(band),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)
        self._check_place()

    def _check_place(self) -> None:
        lowest = self.height
        if self.layout.relief is not None and self.stack.layers:
            lowest = self._lowest_underside(self.layout.relief)
        if lowest <= 0.0 and self.stack.has_conductor and len(self.stack.layers) == 1:
            raise InputError(
                "height = 0 m puts the metal on a perfect conductor; "
                "raise it or put a layer between"
            )

    def _lowest_underside(self, relief: Relief) -> float:
        """z of the lowest point of the film, m; raises InputError below the surface."""
        from .geometry.relief_range import lowest

        place = lowest(relief, self.layout.regions)
        if self.height + place.value < -1e-9:
            raise InputError(
                f"height = {self.height:g} m puts the film {-self.height - place.value:.4g} m "
                f"below the surface at ({place.x:.4g}, {place.y:.4g}) m, the lowest point of its "
                f"relief ({relief}); give a height of at least {-place.value:.6g} m"
            )
        return max(0.0, self.height + place.value)

    def __repr__(self) -> str:
        return (
            f"<Problem {self.layout.name} at {self.height:g} m on {self.stack.name}, {self.band!r}>"
        )

    @property
    def frequency(self) -> FloatArray:
        return self.band.frequency

    @property
    def metal_height(self) -> float:
        """z of the metal where the relief is 0, m: on top of the film unless that lies above."""
        film = self.layout.film
        return self.height + (film.thickness if film and film.side == "above" else 0.0)

    @property
    def stratification(self) -> Stratification:
        """The layers over and under the metal: film, air, soil.

        Under a relief the soil alone, as the far field sees it: there the film is no layer.
        """
        if self.layout.relief is not None:
            return Stratification.build(self.stack)
        return Stratification.build(self.stack, self.height, self.layout.film)

    def with_frequency(self, frequency: object) -> Problem:
        """The same problem on another band (Hz)."""
        return Problem(self.layout, self.stack, self.height, Band(frequency))

    def to_dict(self) -> JsonDict:
        return {
            "layout": self.layout.to_dict(),
            "stack": self.stack.to_dict(),
            "height": self.height,
            "frequency": self.frequency.tolist(),
        }

    @classmethod
    def from_dict(cls, data: JsonDict) -> Problem:
        return cls(
            Layout.from_dict(data["layout"]),
            Stack.from_dict(data["stack"]),
            data["height"],
            Band(data["frequency"]),
        )

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of the problem: equal inputs, equal digest."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()
