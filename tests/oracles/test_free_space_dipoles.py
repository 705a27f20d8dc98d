"""91 free-space dipoles against momwire and against NEC-2.

data/momwire_dipoles.py and data/nec2_dipoles.py make and check the references.

momwire, same gap of L/100: |dZ| within the sum of the datum's own uncertainty, the solver's own
z_error, 0.1 % + a/L of |Z| and a shift of 2 x 0.05 w/L of the frequency: a strip stands for a wire,
whose feed differs and whose ends by 0.05 of the strip's width (solvers/thin_wire/ends.py).

NEC-2, by solver nec: max(u_abs of the datum, 2 % of |Z|), or 0.01 in the reflection coefficient
in 200 ohm where |Z| > 1 kohm; R within max(5 %, the spread of the two references) where
|Z| <= 1 kohm.  This reference feeds one segment of about L/100: so does the gap here.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

import lunar_antenna as la

ANTENNAS = (
    (5, 0.001),
    (8, 0.002),
    (10, 0.0001),
    (10, 0.001),
    (10, 0.005),
    (10, 0.02),
    (12, 0.002),
)


DATA = Path(__file__).parent / "data" / "free_space_dipoles.json"


def cases() -> dict:
    grouped = defaultdict(list)
    for case in json.loads(DATA.read_text())["cases"]:
        grouped[case["L"], case["a"]].append(case)
    return grouped


def test_every_reference_case_is_checked():
    grouped = cases()
    assert sorted(grouped) == sorted(ANTENNAS)
    assert sum(len(group) for group in grouped.values()) == 91


def solve(length, radius, solver) -> tuple:
    """(cases of one antenna, solution of the strip of width 4a at their frequencies)."""
    group = cases()[length, radius]
    layout = la.load_geometry("strip", length=length, width=4 * radius, gap=length / 100)
    band = la.Band([case["f_MHz"] * 1e6 for case in group])
    return group, la.solve(la.Problem(layout, la.Stack.free_space(), band=band), solver=solver)


@pytest.mark.parametrize("solver", ["planar", "nec"])
@pytest.mark.parametrize(("length", "radius"), ANTENNAS)
def test_impedance_against_momwire(length, radius, solver):
    group, solution = solve(length, radius, solver)
    failures = []
    found = solution.z[:, 0, 0]
    ends = 0.4 * radius / length * np.abs(np.gradient(found, np.log(solution.frequency)))
    for case, z, own, moved in zip(group, found, solution.quality.z_error, ends, strict=True):
        want, uncertain = complex(*case["momwire"]["Z"]), case["momwire"]["u_abs"]
        allowed = uncertain + (own + 1e-3 + radius / length) * abs(want) + moved
        if abs(z - want) > allowed:
            failures.append(
                f"{case['f_MHz']} MHz: {z:.2f} for {want:.2f} ohm, off by {abs(z - want):.3f} of "
                f"{allowed:.3f} ohm"
            )
    assert not failures, f"L = {length} m, a = {radius} m: " + "; ".join(failures)


@pytest.mark.parametrize(("length", "radius"), ANTENNAS)
def test_impedance_against_nec2(length, radius):
    group, solution = solve(length, radius, "nec")
    failures = []
    for case, z in zip(group, solution.z[:, 0, 0], strict=True):
        want, other = complex(*case["Z"]), complex(*case["Z_mom"])
        error = abs(z - want)
        reflection = abs((z - 200) / (z + 200) - (want - 200) / (want + 200))
        high = abs(want) > 1000.0
        good = error <= max(case["u_abs"], 0.02 * abs(want)) or (high and reflection <= 0.01)
        spread = max(0.05 * want.real, abs(want.real - other.real))
        good_r = high or abs(z.real - want.real) <= spread
        if not (good and good_r):
            failures.append(
                f"{case['f_MHz']} MHz: {z:.2f}, want {want:.2f} ohm (dZ {error:.2f} of "
                f"{max(case['u_abs'], 0.02 * abs(want)):.2f}, dGamma {reflection:.4f})"
            )
    assert not failures, f"L = {length} m, a = {radius} m: " + "; ".join(failures)
