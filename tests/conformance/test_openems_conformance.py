"""openEMS passes what every solver must."""

from __future__ import annotations

import pytest
from shapely.geometry import box

import lunar_antenna as la
from lunar_antenna.solvers.conformance import SolverConformance
from lunar_antenna.solvers.openems.model.accuracy import ACCURACY, Density


class TestOpenEms(SolverConformance):
    """Power balance: the port of a draft model against its far field, 2 % (measured 1 %)."""

    solver = "openems"
    closure = 0.02
    reciprocity = 1e-6

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def no_cache(cls, tmp_path_factory):
        patch = pytest.MonkeyPatch()
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
        patch.undo()

    @pytest.mark.usefixtures("without_coarser_mesh")
    def test_two_ports_are_reciprocal(self, monkeypatch):
        """On coarse cells with near absorbers, of whose answer nothing but symmetry is asked."""
        coarse = Density(1, 1 / 20, 1 / 20, 1 / 10, 1.5, 8.0, 0.4e-6, 1e-3, 0.0)
        monkeypatch.setitem(ACCURACY, "draft", coarse)
        super().test_two_ports_are_reciprocal()

    def two_ports(self) -> la.Problem:
        """Two wide parallel strips: coarse cells, so that two runs take seconds."""
        strips, ports = [], []
        for number, y in enumerate((-1.2, 1.2), 1):
            strips += [box(-4.0, y - 0.3, -0.15, y + 0.3), box(0.15, y - 0.3, 4.0, y + 0.3)]
            ports.append(la.Port((la.Gap(0.0, y, 0.3, 0.6),), str(number)))
        layout = la.Layout("pair", tuple(strips), tuple(ports))
        return la.Problem(layout, la.Stack.free_space(), band=la.Band([14e6]))

    def refused(self) -> list[la.Problem]:
        turned = la.Layout(
            "turned",
            la.load_geometry("strip").conductors,
            (la.Port((la.Gap(0.0, 0.0, 0.1, 0.2, 0.5),)),),
        )
        wide = la.Problem(la.load_geometry("strip"), la.Stack.free_space(), band=la.Band.mhz(1, 35))
        return [la.Problem(turned, la.Stack.free_space()), wide]
