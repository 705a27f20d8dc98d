"""Slanted rims and open slots of the FDTD mesh, with and without what corrects them."""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.solvers.openems.model import plan as plan_room
from lunar_antenna.solvers.openems.model import scene as scene_room
from lunar_antenna.solvers.openems.model.rims import no_rims
from lunar_antenna.solvers.openems.run import runner
from lunar_antenna.solvers.openems.solver import OpenEmsSolver

pytestmark = pytest.mark.skipif(
    runner.executable() is None, reason="openEMS is not installed: apt-get install openems"
)
SOIL = la.Stack.half_space(3.5, conductivity=1e-4)


@pytest.mark.parametrize(("name", "worst"), [("bowtie", 0.015), ("blade", 0.02)])
def test_draft_of_slanted_rims_and_slots_agrees_with_the_moment_method(monkeypatch, name, worst):
    """A bow-tie (slanted rims) and a blade (an open slot of 2 m beside a narrow tab), draft.

    Budget: 0.01 in the mean as for strips.  And the corrections are what does it: without them the
    mean difference is at least three times as large.
    """
    problem = la.Problem(la.load_geometry(name), SOIL, 0.3, la.Band.mhz(6, 34, 15))
    monkeypatch.setattr(plan_room, "coarse_scene", lambda *_: (None, "left out"))
    other = la.solve(problem, "planar", accuracy="fine").s11(100.0)
    engine = OpenEmsSolver(use_cache=False)
    mine = np.abs(engine.solve(problem, "draft", None, 1).s11(100.0) - other)
    assert mine.mean() < 0.01
    assert mine.max() < worst
    monkeypatch.setattr(scene_room, "find_rims", lambda *_: no_rims())
    plain = engine.solve(problem, "draft", None, 1).s11(100.0)
    assert np.abs(plain - other).mean() > 3.0 * mine.mean()
