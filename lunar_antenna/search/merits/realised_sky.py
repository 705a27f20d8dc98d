"""Share of the available power that reaches the sky: mismatch efficiency times the sky's share.

band_mhz = [5, 35]   statistic = "mean" (uniform in frequency) or "lowest"
"""

from __future__ import annotations

from dataclasses import dataclass

from .base import ShareOverBand


@dataclass(frozen=True, slots=True)
class RealisedSky(ShareOverBand):
    """Realised efficiency towards the sky over a band."""

    name = "realised_sky"
    efficiency = "realised"


MERITS = (RealisedSky(),)
