"""How far patterns inside a cluster are from that of the element alone, of its own peak.

    band_mhz = [10, 30]   samples = 3   scan = 45 degrees

Of every port the field per ampere with all other ports open, E_embedded, is held against the field
of the same element at its place with no other there,

    max |E_embedded - E_alone| / max |E_alone|,

both components together; the first maximum over the directions of the scan, the second over the
whole cone too.  0.1 is 10 % of the peak.  It does not depend on what ends the ports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .over_scan import OverScan

if TYPE_CHECKING:
    from ...array_solution import ArraySolution


@dataclass(frozen=True, slots=True)
class EmbeddedPattern(OverScan):
    """Worst change of a pattern by its neighbours, over ports, frequencies and directions."""

    name = "embedded_pattern"

    def of(self, solution: ArraySolution, z0: float) -> float:
        del z0
        theta, phi = self.directions
        worst = 0.0
        for index in self.inside(solution).tolist():
            fields = np.stack(solution.fields(index, None, theta, phi))  # (2, p, n)
            first = 0
            for element in range(solution.array.n_elements):
                alone = np.stack(solution.isolated_fields(index, element, theta, phi))
                ports = alone.shape[1]
                change = np.linalg.norm(fields[:, first : first + ports] - alone, axis=0)
                peak = np.linalg.norm(alone, axis=0).max(axis=1)
                worst = max(worst, float((change.max(axis=1) / peak).max()))
                first += ports
        return worst


MERITS = (EmbeddedPattern(),)
