"""NEC passes what every solver must."""

from __future__ import annotations

import lunar_antenna as la
from lunar_antenna.solvers.conformance import SolverConformance


class TestNec(SolverConformance):
    solver = "nec"

    def refused(self) -> list[la.Problem]:
        layout = la.load_geometry("bowtie")
        band = la.Band([14e6])
        return [
            la.Problem(layout, la.Stack.half_space(3.5), band=band),
            la.Problem(layout, la.load_soil("sourcebook_highland"), 0.1, band),
            la.Problem(layout, la.Stack([la.Layer.conductor()]), 1.0, band),
        ]
