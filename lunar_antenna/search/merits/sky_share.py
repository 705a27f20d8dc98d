"""Share of the sky in the power that the antenna accepts, R_sky/Re Z.

    band_mhz = [5, 35]   statistic = "mean" (uniform in frequency) or "lowest"

What matters behind a high-impedance preamplifier, to which the mismatch says nothing; and what
:func:`lunar_antenna.bound` bounds for a footprint.
"""

from __future__ import annotations

from dataclasses import dataclass

from .base import ShareOverBand


@dataclass(frozen=True, slots=True)
class SkyShare(ShareOverBand):
    """Share of the sky over a band."""

    name = "sky_share"
    efficiency = "sky"


MERITS = (SkyShare(),)
