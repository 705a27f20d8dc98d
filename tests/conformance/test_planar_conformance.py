"""The planar solver passes what every solver must do."""

from __future__ import annotations

import math

import lunar_antenna as la
from lunar_antenna.solvers.conformance import SolverConformance


class TestPlanar(SolverConformance):
    """Budgets of the base class; the power balance of this solver is tighter."""

    solver = "planar"
    closure = 5e-4

    def refused(self) -> list[la.Problem]:
        layout = la.load_geometry("strip", metal="pec", film="none")
        guiding = la.Stack([la.Layer(2.0, 6.0), la.Layer(math.inf, 2.0)])
        return [la.Problem(layout, guiding, 0.0, la.Band([14e6]))]
