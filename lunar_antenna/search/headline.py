"""What a user asks of one solution first: its matched bands, the best source, what a study asked.

Curves are taken between the solved frequencies as a search takes them (:mod:`.between`), so that a
design that a search found shows the very numbers here that it was found with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..circuit.bands import MATCHED, bands, ratio
from ..circuit.networks import transform
from ..circuit.resampling import MIN_POINTS
from ..circuit.waves import reflection
from ..conventions import BAND_HIGH, BAND_LOW, ComplexArray, FloatArray
from ..solution import Solution
from .between import impedance_response, response_of
from .merits.efficiency import BandRatio
from .port import PortModel, Termination
from .response import Response, View
from .study.goals import Goals

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Headline:
    """Of port 1, the others open.

    matched: bands (Hz) with mismatch efficiency >= 0.9.  reflected: bands with |Gamma| <= -10 dB,
    the same without a network; a network's own losses are the difference.  best_z0: ohm, with the
    widest band of any in 25 to 600 ohm, and that band; None where no band is reached or too few
    frequencies are solved.  band, lowest, merits: as the study that is given judges the solution.
    """

    matched: tuple[Span, ...]
    reflected: tuple[Span, ...]
    best_z0: float | None = None
    best_band: Span | None = None
    lowest: float | None = None
    band: Span | None = None
    merits: Mapping[str, float] = field(default_factory=dict)

    @property
    def widest(self) -> Span | None:
        return max(self.matched, key=ratio, default=None)


def headline(
    solution: Solution, port: PortModel, at: Termination, goals: Goals | None = None
) -> Headline:
    """Bands at the termination ``at``; with ``goals`` what they say of it as well."""
    needs = "impedance" if goals is None else goals.needs
    if solution.frequency.size < MIN_POINTS:
        return _coarse(solution, port, at)
    if needs in ("layout", "impedance"):
        response = impedance_response(solution)
    else:
        response = response_of(solution)
    view = View((response,), port, at)
    seen, _ = transform(response.frequency, response.dense.z, port.network, at.values)
    best_z0, best_band = _best(response, port)
    found = Headline(
        bands(view.frequency, view.curve("mismatch"), MATCHED),
        _reflected(view.frequency, reflection(seen, at.z0)),
        best_z0,
        best_band,
    )
    if goals is None:
        return found
    judged = goals.evaluate((response,), port, {})
    return replace(found, lowest=judged.lowest, band=judged.band, merits=judged.merits)


def _coarse(solution: Solution, port: PortModel, at: Termination) -> Headline:
    """Too few frequencies for a fit: straight lines between what is solved."""
    z = solution.input_impedance()
    seen, _ = transform(solution.frequency, z, port.network, at.values)
    accepted = port.accepted(solution.frequency, z, at)
    return Headline(
        bands(solution.frequency, accepted, MATCHED),
        _reflected(solution.frequency, reflection(seen, at.z0)),
    )


def _reflected(frequency: FloatArray, gamma: ComplexArray) -> tuple[Span, ...]:
    return bands(frequency, 1.0 - np.abs(gamma) ** 2, MATCHED)


def _best(response: Response, port: PortModel) -> tuple[float | None, Span | None]:
    """The source that a search would take, with the network left as it is."""
    frequency = response.frequency
    covered = frequency[0] <= BAND_LOW * 1.0000001 and frequency[-1] * 1.0000001 >= BAND_HIGH
    goals = Goals.default() if covered else Goals((BandRatio(),))
    # network elements of a design have one value each, which is what port.values gives
    found = goals.evaluate((response,), PortModel(network=port.network), {})
    return (None, None) if found.band is None else (found.z0, found.band)
