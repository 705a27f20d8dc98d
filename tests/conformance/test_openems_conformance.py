"""openEMS passes what every solver must."""

from __future__ import annotations

import pytest
from solver_conformance import SolverConformance

import lunar_antenna as la


class TestOpenEms(SolverConformance):
    """Power balance: absorbing layers 2 m from a 10 m strip reflect up to 4 % of the sky power
    at 8 MHz (37 m wavelength), less above; a far field on the metal's own elements is exact."""

    solver = "openems"
    closure = 0.05
    reciprocity = 1e-6

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def no_cache(cls, tmp_path_factory):
        patch = pytest.MonkeyPatch()
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
        patch.undo()

    def refused(self) -> list[la.Problem]:
        turned = la.Layout(
            "turned",
            la.load_geometry("strip").conductors,
            (la.Port((la.Gap(0.0, 0.0, 0.1, 0.2, 0.5),)),),
        )
        wide = la.Problem(la.load_geometry("strip"), la.Stack.free_space(), band=la.Band.mhz(1, 35))
        return [la.Problem(turned, la.Stack.free_space()), wide]
