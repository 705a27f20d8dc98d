"""What merits of a cluster of elements share: frequencies of a band, and directions of a scan.

    band_mhz = [10, 30]   samples = 3, even over the band, at which the cluster is solved
    scan = 45             degrees from the zenith up to which the beam points

The cluster is that of the table [array] of a study, or the layout whose places are searched.  The
beam points to the zenith and to RINGS rings of AZIMUTHS directions, the last one at ``scan``.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...common.checks import number, whole
from ...conventions import FloatArray, IntArray
from ...errors import InputError
from ..response import Response, View
from .base import Merit, band_text, checked_band, in_band, in_hertz

if TYPE_CHECKING:
    from ...array_solution import ArraySolution

RINGS, AZIMUTHS = 6, 24


@dataclass(frozen=True, slots=True)
class OverScan(Merit):
    """A merit of a coupled cluster, the worst over a band and a cone of directions."""

    maximise = False
    band_mhz: tuple[float, float] = (10.0, 30.0)
    samples: int = 3
    scan: float = 45.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "band_mhz", checked_band(self.name, self.band_mhz))
        whole(f"{self.name} samples", self.samples, low=1, high=100)
        number(f"{self.name} scan", self.scan, low=0.0, high=85.0, unit="degrees")

    @property
    def needs(self) -> str:
        return "impedance"  # of the element; what the cluster needs is in ``array_frequency``

    @property
    def label(self) -> str:
        return f"{self.name}(to {self.scan:g} degrees, {band_text(self.band_mhz)})"

    @property
    def span(self) -> tuple[float, float]:
        return in_hertz(self.band_mhz)

    @property
    def array_frequency(self) -> FloatArray:
        low, high = self.span
        middle = 0.5 * (low + high)
        return np.array([middle]) if self.samples == 1 else np.linspace(low, high, self.samples)

    @property
    def directions(self) -> tuple[FloatArray, FloatArray]:
        """theta, phi (n,) rad."""
        if self.scan == 0.0:
            return np.zeros(1), np.zeros(1)
        ring = np.deg2rad(self.scan) * np.arange(1, RINGS + 1) / RINGS
        turn = 2.0 * np.pi * np.arange(AZIMUTHS) / AZIMUTHS
        theta, phi = (item.ravel() for item in np.meshgrid(ring, turn, indexing="ij"))
        return np.concatenate(([0.0], theta)), np.concatenate(([0.0], phi))

    def value(self, view: View) -> float:
        def worst(response: Response) -> float:
            if response.array is None:
                raise InputError(
                    f"{self.label} is of a cluster of elements; add [array] to the study, for "
                    "example kind = 'grid', count = 4, spacing = 12.0"
                )
            return self.of(response.array, view.at.z0)

        return view.each(worst, higher_is_better=False)

    def inside(self, solution: ArraySolution) -> IntArray:
        """Numbers of the frequencies that are looked at: those of the band, at least one."""
        f = solution.frequency
        found = in_band(f, self.span)
        if not found.size:
            raise InputError(
                f"{self.label}: none of {f.size} solved frequencies, {f[0] / 1e6:g} to "
                f"{f[-1] / 1e6:g} MHz, is in this band; change band_mhz"
            )
        return found

    @abstractmethod
    def of(self, solution: ArraySolution, z0: float) -> float:
        """The number of a solved array whose ports end in ``z0`` ohm."""
