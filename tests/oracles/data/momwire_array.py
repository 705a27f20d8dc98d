"""Makes dipole_array_half_space.json beside this file: Z of 4 x 4 dipoles over a half-space.

    python -m venv V && V/bin/pip install momwire==0.84.3
    V/bin/python tests/oracles/data/momwire_array.py            rewrites it, a few minutes

momwire (S. M. Burns, MIT licence) is a Galerkin moment method of thin wires with Sommerfeld's
ground; nothing of it is shared with this package.  Wires of radius a along x, the impressed field
uniform over a gap of L/100, which is one cell; two numbers of cells, whose difference is ``u_abs``
(ohm, largest over the matrix but for its diagonal).
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

C, EPS0 = 299792458.0, 8.8541878188e-12
LENGTH, RADIUS, HEIGHT = 6.0, 0.005, 0.5
EPS_R, TANGENT = 3.5, 0.02
SPACING = (6.6, 4.0)  # m along and across the dipoles
SIDE = 4
FREQUENCIES = (12e6, 22e6, 32e6)


def impedance(frequency: float, cells: int) -> np.ndarray:
    """(16, 16) ohm, dipoles row by row, x fastest."""
    from momwire import BSplineSolver

    arm, gap = LENGTH / 2.0, LENGTH / 100.0
    x = np.array([-arm, -gap / 2.0, gap / 2.0, arm])
    wires = []
    for row in range(SIDE):
        for column in range(SIDE):
            points = np.zeros((4, 3))
            points[:, 0] = x + column * SPACING[0]
            points[:, 1], points[:, 2] = row * SPACING[1], HEIGHT
            wires.append(points)
    sigma = 2.0 * math.pi * frequency * EPS0 * EPS_R * TANGENT
    count = SIDE**2
    solver = BSplineSolver(
        wires=wires,
        n_per_edge_per_wire=[(cells, 1, cells)] * count,
        wire_radius=RADIUS,
        wavelength=C / frequency,
        feeds=[(number, arm, 1.0) for number in range(count)],
        feed_model="segment",
        ground_z=0.0,
        ground_eps=(EPS_R, sigma),
        ground_model="sommerfeld",
    )
    return np.linalg.inv(solver.compute_port_solution().y)


def main() -> None:
    rows = []
    for frequency in FREQUENCIES:
        fine, coarse = impedance(frequency, 80), impedance(frequency, 50)
        change = np.abs(fine - coarse)
        np.fill_diagonal(change, 0.0)
        rows.append(
            {
                "frequency": frequency,
                "u_abs": float(change.max()),
                "z": [[[float(f"{v.real:.8g}"), float(f"{v.imag:.8g}")] for v in r] for r in fine],
            }
        )
        print(frequency, change.max(), np.abs(fine - np.diag(np.diag(fine))).max(), flush=True)
    told = {
        "what": "Z (ohm) of 4 x 4 dipoles by momwire 0.84.3; see momwire_array.py",
        "length": LENGTH,
        "radius": RADIUS,
        "height": HEIGHT,
        "eps_r": EPS_R,
        "loss_tangent": TANGENT,
        "spacing": list(SPACING),
        "side": SIDE,
        "cases": rows,
    }
    path = Path(__file__).with_name("dipole_array_half_space.json")
    path.write_text(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
