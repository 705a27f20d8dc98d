"""Solvers by name: order, capabilities, what is imported, and the default quick way."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.errors import InputError, MissingEngineError, UnsupportedProblemError
from lunar_antenna.solvers import registry
from lunar_antenna.solvers.protocol import Capabilities, Solver, SolverEntry
from lunar_antenna.solvers.registry import choose, entries, get_solver, quick, refusal, solver_names

BAND = la.Band([10e6, 14e6])
STRIP = la.load_geometry("strip")
FREE = la.Stack.free_space()
ONE = la.Stack.half_space(3.0, loss_tangent=0.01)
TWO = la.Stack([la.Layer(1.0, 2.0, 0.01), la.Layer(math.inf, 4.0, 0.01)])


def capabilities(**changes) -> Capabilities:
    return Capabilities(**{"description": "a solver", "order": 1.0, "metal": "wire", **changes})


class Willing(Solver):
    """Refuses nothing by itself; counts its solutions, which are planar's."""

    name = "willing"
    capabilities = capabilities()
    solved = 0

    def refusal(self, problem):
        del problem

    def solve(self, problem, accuracy, progress, workers):
        type(self).solved += 1
        return get_solver("planar").solve(problem, accuracy, progress, workers)


def able(**changes) -> Solver:
    return type("Able", (Willing,), {"capabilities": capabilities(**changes)})()


def test_order_is_that_of_the_capabilities():
    orders = [entry.capabilities.order for entry in entries()]
    assert orders == sorted(orders)
    assert solver_names() == ("planar", "nec", "wire", "openems")
    assert [entry.capabilities.slow for entry in entries()] == [False, False, False, True]
    assert [entry.capabilities.optional for entry in entries()] == [False, True, True, True]


def test_names_and_capabilities_import_no_engine():
    code = (
        "import sys; from lunar_antenna.solvers.registry import solver_names; solver_names(); "
        "print([n for n in sys.modules if n.startswith('lunar_antenna.solvers.') "
        "and n.count('.') > 2 or n in ('numba', 'PyNEC')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("changes", "problem", "told"),
    [
        ({}, la.Problem(STRIP, TWO, 0.5, BAND), None),
        ({"soil": "none"}, la.Problem(STRIP, ONE, 0.5, BAND), "no soil"),
        ({"soil": "none"}, la.Problem(STRIP, FREE, 0.5, BAND), None),
        ({"soil": "half-space"}, la.Problem(STRIP, ONE, 0.5, BAND), None),
        ({"soil": "half-space"}, la.Problem(STRIP, TWO, 0.5, BAND), "2 layers"),
        ({}, la.Problem(STRIP.with_feed("delta"), FREE, 0.5, BAND), "only solver planar has"),
        ({"delta_gap": True}, la.Problem(STRIP.with_feed("delta"), FREE, 0.5, BAND), None),
        ({}, la.Problem(la.load_geometry("strip", tilt_angle=0.1), FREE, 1.0, BAND), "nec or"),
        ({"relief": True}, la.Problem(la.load_geometry("strip", tilt_angle=0.1), FREE, 1.0, BAND),
         None),
    ],
)  # fmt: skip
def test_what_capabilities_rule_out_is_refused_without_asking(changes, problem, told):
    reason = refusal(able(**changes), problem)
    assert (reason is None) == (told is None)
    if told is not None:
        assert told in reason
        with pytest.raises(UnsupportedProblemError, match="solver willing cannot do this"):
            la.solve(problem, able(**changes), accuracy="draft")


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"metal": "foil"}, "sheet, wire"), ({"soil": "some"}, "half-space"), ({"order": "a"}, "ord")],
)
def test_capabilities_are_checked_when_they_are_made(changes, told):
    with pytest.raises(InputError, match=told):
        capabilities(**changes)


@pytest.mark.parametrize("needs", ["impedance", "losses", "far_field"])
def test_the_quick_way_of_a_solver_without_one_is_its_solution(needs):
    problem = la.Problem(STRIP, ONE, 0.5, BAND)
    Willing.solved = 0
    found = quick(problem, Willing(), needs=needs)
    assert Willing.solved == 1
    assert np.array_equal(found.z, la.solve(problem, "planar", accuracy="draft").z)
    assert found.solution is not None


def test_planar_leaves_out_what_is_not_needed():
    problem = la.Problem(STRIP, ONE, 0.5, BAND)
    assert quick(problem, "planar", needs="impedance").solution is None
    assert quick(problem, "planar", needs="losses").solution.r_ground.real.min() > 0.0
    with pytest.raises(InputError, match="impedance, losses, far_field"):
        quick(problem, "planar", needs="everything")


def test_a_solver_whose_module_cannot_be_imported_is_missing(monkeypatch):
    gone = SolverEntry("gone", capabilities(order=0.0), "no_such_module:Gone")
    with pytest.raises(MissingEngineError, match="solver gone cannot be loaded") as caught:
        gone.make()
    assert "\n" not in str(caught.value)
    everyone = entries()
    monkeypatch.setattr(registry, "entries", lambda: (gone, *everyone))
    solver, why = choose(la.Problem(STRIP, ONE, 0.5, BAND))
    assert solver.name == "planar"
    assert "not gone: solver gone cannot be loaded" in why


def test_one_mesh_is_asked_of_those_that_have_it():
    problem = la.Problem(STRIP, ONE, 0.5, BAND)
    assert choose(problem, one_mesh=True)[0].name == "planar"
    tilted = replace(problem, layout=la.load_geometry("strip", tilt_angle=0.1), stack=FREE)
    assert choose(tilted)[0].name == "nec"
    with pytest.raises(UnsupportedProblemError, match="keeps one mesh over many problems"):
        choose(tilted, one_mesh=True)


@pytest.mark.parametrize("name", ["plannar", 3, None, "", ["planar"]])
def test_unknown_solver_lists_the_known(name):
    problem = la.Problem(STRIP, ONE, 0.5, BAND)
    with pytest.raises(InputError):
        la.solve(problem, name)
