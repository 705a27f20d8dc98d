"""The thin-wire solver passes what every solver must."""

from __future__ import annotations

import lunar_antenna as la
from lunar_antenna.geometry.layout import Gap, Layout, Port
from lunar_antenna.geometry.ribbon import Ribbon
from lunar_antenna.solvers.conformance import SolverConformance


class TestWire(SolverConformance):
    solver = "wire"

    def two_ports(self) -> la.Problem:
        """Two strips of unlike length beside each other: crossed bow-ties are wide metal."""
        ribbons, ports = [], []
        for y, half in ((0.0, 5.0), (3.0, 4.0)):
            ribbons += [Ribbon([(s * 0.05, y), (s * half, y)], 0.025) for s in (-1.0, 1.0)]
            ports.append(Port((Gap(0.0, y, 0.1, 0.05),), str(len(ports) + 1)))
        pair = Layout(
            "pair", tuple(ribbon.polygon for ribbon in ribbons), tuple(ports), tuple(ribbons)
        )
        return la.Problem(pair, la.Stack.half_space(3.0, loss_tangent=0.01), 0.3, la.Band([14e6]))

    def problem(self) -> la.Problem:
        layout = la.load_geometry(
            "strip", length=10.0, width=0.05, metal="copper_18um", film="polyimide_50um"
        )
        return la.Problem(layout, la.Stack.free_space(), 0.5, la.Band(self.frequency))

    def refused(self) -> list[la.Problem]:
        band = la.Band([14e6])
        soil = la.Stack.half_space(3.5)
        strip = la.load_geometry("strip", width=0.1)
        return [
            la.Problem(la.load_geometry("bowtie"), soil, 1.0, band),
            la.Problem(strip, la.load_soil("sourcebook_highland"), 1.0, band),
            la.Problem(strip, soil, 0.0, band),
            la.Problem(strip, la.Stack([la.Layer.conductor()]), 1.0, band),
            la.Problem(
                la.load_geometry(
                    "end_loaded", length=6.0, width=0.05, bar_length=1.5, bar_width=0.2
                ),
                soil,
                1.0,
                band,
            ),
            la.Problem(
                la.load_geometry("strip", width=0.02, film=la.Film(5e-3, 3.4)), soil, 1.0, band
            ),
        ]
