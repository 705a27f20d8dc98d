"""The planar solver passes what every solver must do."""

from __future__ import annotations

import lunar_antenna as la
from lunar_antenna.solvers.conformance import SolverConformance


class TestPlanar(SolverConformance):
    """Budgets of the base class; the power balance of this solver is tighter."""

    solver = "planar"
    closure = 5e-4

    def refused(self) -> list[la.Problem]:
        tilted = la.load_geometry("strip", metal="pec", film="none", **{"tilt.angle": 0.1})
        return [la.Problem(tilted, la.Stack.half_space(3.5), 1.0, la.Band([14e6]))]
