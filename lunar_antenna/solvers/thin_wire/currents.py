"""What a thin-wire engine answers."""

from __future__ import annotations

from dataclasses import dataclass

from ...conventions import ComplexArray


@dataclass(frozen=True, slots=True, eq=False)
class Currents:
    """Response to 1 V across one gap, the other gaps shorted; (n_gap, n_segment) each.

    current: A at the segments' centres, positive from start to end.  slope: A/m, its
    derivative along the segment, of the engine's own current or charge.
    admittance: (n_gap, n_gap) S, read with the weights the engine tests with; None where the
    currents at the sources are.
    """

    current: ComplexArray
    slope: ComplexArray
    admittance: ComplexArray | None = None
