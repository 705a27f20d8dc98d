"""The local box of an inversion: an answer that stays at its edge is told, no other."""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.inversion import run as steps
from lunar_antenna.inversion.invert import prepare
from lunar_antenna.measurement.record import Measurement

FREQUENCY = np.linspace(5e6, 35e6, 9)
HEIGHT = 0.12  # m, of the sweep


@pytest.fixture(scope="module")
def prepared():
    """So rough an emulator of the whole prior that every answer needs a local one."""
    problem = la.Problem(
        la.load_geometry("bowtie"), la.Stack.half_space(3.2, loss_tangent=0.008), 0.2
    )
    return prepare(
        problem,
        FREQUENCY,
        100.0,
        "height",
        priors={"height": (0.04, 0.3)},
        accuracy="draft",
        tolerance=1e3,
        budget=3,
        workers=1,
    )


@pytest.mark.parametrize(("ends", "told"), [(None, False), ((0.05, 0.1), True)])
def test_an_answer_at_the_edge_of_the_last_local_box_is_told(prepared, ends, told, monkeypatch):
    """A box that leaves the true height out, against the one that the inversion chooses."""
    if ends is not None:
        monkeypatch.setattr(
            steps,
            "local_box",
            lambda setup, _: tuple(item.narrowed(*ends) for item in setup.ranges),
        )
    setup = prepared.setup
    gamma = setup.seen(setup.forward.impedance(setup.solver_point(np.array([HEIGHT]))), [HEIGHT])
    found = prepared.invert(
        Measurement(FREQUENCY, gamma, 100.0, "synthetic", name="sweep"), held_out=0
    )
    assert "local emulator" in found.work.runs
    assert found.fit.at_bound == ()  # it is no edge of the prior
    assert found.at_box_edge == (("height",) if told else ())
    assert found.to_dict()["parameters"]["height"]["cramped"] is told
    assert any("still near an edge of the emulated range" in n for n in found.notes()) is told
    if not told:
        assert found.values["height"] == pytest.approx(HEIGHT, abs=found.sigma["height"])
