"""Debye fits, soil slabs, effective boxes of films: what the engine is told."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.solvers.openems.model.materials import (
    debye_fit,
    film_box,
    fit_error,
    interface_slabs,
    medium_at,
    soil_slabs,
)
from lunar_antenna.solvers.openems.model.scene import document
from lunar_antenna.solvers.openems.solver import OpenEmsSolver, prepare

BAND = np.linspace(5e6, 35e6, 31)


@pytest.mark.parametrize("loss_tangent", [0.003, 0.01, 0.05])
def test_debye_fit_is_close_and_causal(loss_tangent):
    """tan delta within 5 % over 5-35 MHz.  Budget for eps': Kramers-Kronig gives a drift of
    (2/pi) tan d ln 7 = 1.24 tan d over the band, so at most 0.7 of that about its mean."""
    layer = la.Layer(math.inf, 3.4, loss_tangent)
    real, loss = fit_error(layer, BAND)
    assert loss < 0.05 * loss_tangent
    assert 0.2 * loss_tangent < real < 0.9 * loss_tangent
    fit = debye_fit(3.4, loss_tangent, BAND)
    assert all(strength > 0.0 for strength, _ in fit.poles)
    assert np.all(fit.complex_eps_r(BAND).imag < 0.0)


def test_no_loss_no_pole():
    assert debye_fit(3.0, 0.0, BAND).poles == ()


def test_poles_are_slow_enough_for_the_time_step():
    """The engine drops a pole whose relaxation time is below its time step."""
    problem = la.Problem(la.load_geometry("coupled_bowtie"), la.load_soil("sourcebook_highland"))
    scene = prepare(problem, "fine")
    fastest = min(tau for slab in scene.slabs for _, tau in slab.medium.poles)
    assert fastest > 3.0 * scene.grid.courant


def test_slabs_keep_the_mean_of_thin_layers():
    stack = la.Stack([la.Layer(0.01, 2.0), la.Layer(0.01, 4.0), la.Layer(math.inf, 4.0)])
    problem = la.Problem(la.load_geometry("strip"), stack)
    z = np.array([-1.0, -0.02, 0.0, 0.1])
    slabs = soil_slabs(problem, z)
    assert slabs[0].medium.eps_r == pytest.approx(3.0)
    assert slabs[1].medium.eps_r == pytest.approx(4.0)
    assert slabs[0].high == 0.0
    assert medium_at(slabs, 0.05).eps_r == 1.0


def test_interface_boxes_hold_the_mean_of_the_poles():
    problem = la.Problem(
        la.load_geometry("strip"), la.Stack.half_space(3.0, loss_tangent=0.01), 0.5
    )
    z = np.array([-1.0, 0.0, 1.0])
    slabs = soil_slabs(problem, z)
    (box,) = interface_slabs(slabs, z)
    assert box.low == pytest.approx(-0.1)
    assert box.high == pytest.approx(0.1)
    assert box.medium.poles[0][0] == pytest.approx(slabs[0].medium.poles[0][0] / 2.0)
    assert (
        interface_slabs(soil_slabs(la.Problem(problem.layout, la.Stack.half_space(3.0)), z), z)
        == ()
    )


def test_film_box_in_air():
    """Tangential 1 + 2 (eps - 1) t/D in half the dual cell, normal 1/[1 + (1/eps - 1) t/D]."""
    film = {"thickness": 1e-3, "eps_r": 4.0, "loss_tangent": 0.0}
    problem = la.Problem(la.load_geometry("strip", film=film), la.Stack.free_space(), 1.0)
    z = np.array([0.0, 0.9 + 1e-3, 1.0 + 1e-3, 1.2])
    box = film_box(problem, z, 1.0 + 1e-3, ())
    assert box.tangential.eps_r == pytest.approx(1.0 + 2 * 3.0 * 0.01)
    assert box.normal.eps_r == pytest.approx(1.0 / (1.0 - 0.01 + 0.01 / 4.0))
    assert box.low == pytest.approx(1.001 - 0.06)


def test_film_box_on_soil_is_in_series_with_it():
    film = {"thickness": 1e-3, "eps_r": 4.0, "loss_tangent": 0.0}
    problem = la.Problem(la.load_geometry("strip", film=film), la.Stack.half_space(3.0))
    z = np.array([-1.0, -0.1, 0.0, 0.1])
    box = film_box(problem, z, 0.0, soil_slabs(problem, z))
    assert 1.0 / box.normal.eps_r == pytest.approx(1.0 / 3.0 + 0.01 / 4.0)
    assert box.tangential.eps_r == pytest.approx(3.0 + 2 * 3.0 * 0.01)


@pytest.mark.parametrize("metal", ["copper_18um", {"conductivity": 3.5e7, "thickness": 2e-8}])
def test_document_is_plain_numbers(metal):
    layout = la.load_geometry("coupled_bowtie", metal=metal)
    problem = la.Problem(layout, la.load_soil("sourcebook_highland"))
    scene = prepare(problem, "draft")
    assert (scene.resistance is None) == (metal == "copper_18um")
    text = document(scene, 0, 1000)
    for word in ("nan", "inf", "float64", "None"):
        assert word not in text.replace("interface", "")
    root = ET.fromstring(text)
    properties = root.find("ContinuousStructure/Properties")
    assert properties is not None
    assert len(properties.findall("LumpedElement")) == 1
    assert len(properties.findall("Excitation")) == 1
    boundary = root.find("FDTD/BoundaryCond")
    assert boundary is not None
    assert boundary.get("xmin") == "PEC"
    assert boundary.get("ymin") == "PMC"
    assert boundary.get("zmin") == "PML_8"


@pytest.mark.parametrize(
    ("layers", "band", "refused"),
    [
        ([la.Layer(math.inf, 3.5, 1.0)], BAND, True),
        ([la.Layer(math.inf, 2.0, 0.2)], BAND, True),
        ([la.Layer(0.3, 2.5, 0.01), la.Layer(math.inf, 6.0, 0.3)], BAND, True),
        ([la.Layer(math.inf, 3.5, 0.1)], np.array([5e6, 90e6]), True),
        ([la.Layer(math.inf, 3.5, 0.1)], np.array([12e6, 18e6]), False),
        ([la.Layer(math.inf, 3.5, 0.05)], BAND, False),
        ([la.Layer(math.inf, 13.0, 0.0, 5e-3)], BAND, False),
    ],
)
def test_a_loss_tangent_that_poles_cannot_follow_is_refused(layers, band, refused):
    """tan delta 1 had eps_inf = -4.1 and R = 0.0013 ohm where 94 is right.

    Kramers-Kronig: eps' moves by (2/pi) tan d ln(f2/f1), half of it to each side of its mean;
    5 % of eps' is what is accepted.
    """
    problem = la.Problem(la.load_geometry("strip"), la.Stack(layers), 0.1, la.Band(band))
    reason = OpenEmsSolver().refusal(problem)
    assert (reason is not None and "loss tangent" in reason) is refused
    for layer in layers:
        if not refused:
            assert fit_error(layer, band)[0] <= 0.05
