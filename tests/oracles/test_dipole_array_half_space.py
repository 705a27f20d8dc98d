"""Sixteen coupled dipoles over a lossy half-space against momwire.

A wire of radius a is a strip of width 4a; at a = 5 mm that stands for the wire to 0.1 %.  |dZ| of
every coupling within 1 % of the largest one: the datum's own uncertainty is up to 0.14 % (cells of
30 mm instead of 50 mm), the mesh's z_error 0.12 %, more at 32 MHz, near antiresonance, where a
mutual impedance goes with the square of the current's shape.  (Wires of 20 mm need far finer cells
than 80 mm for such a comparison.)
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import lunar_antenna as la

DATA = Path(__file__).parent / "data" / "dipole_array_half_space.json"


@pytest.fixture(scope="module")
def told():
    return json.loads(DATA.read_text())


def test_coupling_is_that_of_another_engine(told):
    length, radius = told["length"], told["radius"]
    layout = la.load_geometry(
        "strip", length=length, width=4 * radius, gap=length / 100, metal="pec", film="none"
    )
    side, (step_x, step_y) = told["side"], told["spacing"]
    positions = [(x * step_x, y * step_y) for y in range(side) for x in range(side)]
    stack = la.Stack.half_space(told["eps_r"], loss_tangent=told["loss_tangent"])
    band = la.Band([case["frequency"] for case in told["cases"]])
    array = la.Array(layout, positions, stack, told["height"], band)
    found = la.solve_array(array)
    apart = ~np.eye(side**2, dtype=bool)
    for index, case in enumerate(told["cases"]):
        z = np.array(case["z"]) @ [1.0, 1.0j]
        largest = np.abs(z[apart]).max()
        assert case["u_abs"] < 0.002 * largest
        error = np.abs(found.z[index] - z)[apart].max()
        assert error < 0.01 * largest, (case["frequency"], error, largest)
