"""Makes the "momwire" values of the dipoles beside this file, or checks them.

    python -m venv V && V/bin/pip install momwire==0.84.3
    V/bin/python tests/oracles/data/momwire_dipoles.py            rewrites them, 5 minutes
    V/bin/python tests/oracles/data/momwire_dipoles.py --check 10  every tenth; exit code 1 if off

momwire (S. M. Burns, MIT licence) is a Galerkin moment method of thin wires with quadratic
B-splines and Sommerfeld's ground; nothing of it is shared with this package.

Model: a wire of radius a along x, the impressed field uniform over a gap of L/100, which is one
cell; 100 cells on each arm, never shorter than 2.5 a.  Z is that of the reduced kernel (the one
that momwire has over soil).  u_abs, ohm: the change of Z from 50 to 100 cells on an arm, and the
change from the reduced to the exact kernel of the tube, both in full, the latter in free space.

Gain and the share radiated upwards, far from the wire at z = h above the interface at z = 0:

    r E_theta exp(+jkr) = -(j omega mu0/4 pi) cos(theta) cos(phi) (e - R_v / e) N
    r E_phi   exp(+jkr) = +(j omega mu0/4 pi) sin(phi)            (e + R_h / e) N
    e = exp(j k h cos(theta)),   N = sum of I dl exp(j k x sin(theta) cos(phi))

with the Fresnel coefficients R_v and R_h of the soil (e.g. Balanis, Antenna Theory, ch. 4.8),
gain = 4 pi U / P_in, P_in = |I|^2 Re(Z) / 2.  Over a lossless soil the upward share is below 1 as
well: the rest goes down.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

HERE = Path(__file__).resolve().parent
FILES = ("free_space_dipoles.json", "horizontal_dipole_half_space.json")
C, MU0 = 299792458.0, 4e-7 * math.pi
ETA0 = MU0 * C
CELLS = 100  # on each arm


def solved(case: dict, cells: int, exact: bool = False):
    """Z (ohm), and position and moment per ampere at the feed of every cell: (n,) m, (n,) m."""
    from momwire import BSplineSolver

    length, height = float(case["L"]), float(case.get("h", 0.0))
    arm, gap = length / 2.0, length / 100.0
    cells = min(cells, int((arm - gap / 2.0) / (2.5 * case["a"])))
    ends = np.array([[x, 0.0, height] for x in (-arm, -gap / 2.0, gap / 2.0, arm)])
    soil = {}
    if "h" in case:
        ground = (case["eps_r"], case["sigma"])
        soil = {"ground_z": 0.0, "ground_eps": ground, "ground_model": "sommerfeld"}
    solver = BSplineSolver(
        wires=[ends],
        n_per_edge_per_wire=[(cells, 1, cells)],
        wire_radius=case["a"],
        wavelength=C / (case["f_MHz"] * 1e6),
        feeds=[(0, arm, 1.0)],
        feed_model="segment",
        exact_kernel=exact,
        **soil,
    )
    found = solver.compute_port_solution()
    admittance = found.y[0, 0]
    middle, moment, *_ = solver.element_currents(found.coeffs[:, 0])
    return 1.0 / admittance, middle[:, 0], moment[:, 0] / admittance


def field(case: dict, x, moment, theta, phi):
    """(r E_theta, r E_phi) in V per A over broadcast theta and phi (rad), phase origin at z = 0."""
    omega = 2e6 * math.pi * case["f_MHz"]
    k = omega / C
    theta, phi = np.broadcast_arrays(theta, phi)
    cosine, sine = np.cos(theta), np.sin(theta)
    array = np.tensordot(np.exp(1j * k * (sine * np.cos(phi))[..., None] * x), moment, axes=1)
    epsilon = case["eps_r"] - 1j * case["sigma"] * MU0 * C**2 / omega
    root = np.sqrt(epsilon - sine**2)
    vertical = (epsilon * cosine - root) / (epsilon * cosine + root)
    horizontal = (cosine - root) / (cosine + root)
    e = np.exp(1j * k * case["h"] * cosine)
    scale = -1j * omega * MU0 / (4.0 * math.pi) * array
    return (
        scale * cosine * np.cos(phi) * (e - vertical / e),
        -scale * np.sin(phi) * (e + horizontal / e),
    )


def radiation(case: dict, z: complex, x, moment) -> dict:
    """Gain cuts (dBi; null below -100) at the angles of the NEC-2 cuts, and the upward share."""
    power = 0.5 * z.real

    def intensity(theta, phi):
        e_theta, e_phi = field(case, x, moment, theta, phi)
        return (np.abs(e_theta) ** 2 + np.abs(e_phi) ** 2) / (2.0 * ETA0)

    cuts = {}
    for name, phi in (("phi0", 0.0), ("phi90", math.pi / 2.0)):
        theta = np.radians(case["pattern"][name]["theta"])
        gain = 4.0 * math.pi * intensity(theta, np.array(phi)) / power
        level = 10.0 * np.log10(np.maximum(gain, 1e-99))
        cuts[name] = [round(float(v), 4) if v > -100.0 else None for v in level]
    node, weight = np.polynomial.legendre.leggauss(96)
    azimuth = np.arange(64) * (2.0 * math.pi / 64)
    upward = intensity(np.arccos(0.5 * (node + 1.0))[:, None], azimuth[None, :])
    total = float((0.5 * weight) @ upward.sum(axis=1)) * (2.0 * math.pi / 64)
    return {"gain_dBi": cuts, "fraction_radiated_up": float(f"{total / power:.7g}")}


def reference(case: dict) -> dict:
    """The "momwire" values of one case."""
    z, x, moment = solved(case, CELLS)
    coarse = solved(case, CELLS // 2)[0]
    free = {name: value for name, value in case.items() if name != "h"}
    kernel = abs(solved(free, CELLS)[0] - solved(free, CELLS, exact=True)[0])
    found = {
        "Z": [float(f"{part:.9g}") for part in (z.real, z.imag)],
        "u_abs": float(f"{abs(z - coarse) + kernel:.3g}"),
    }
    return found | (radiation(case, z, x, moment) if "h" in case else {})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", type=int, metavar="STEP", help="check every STEP-th value only")
    step = parser.parse_args().check
    off = 0
    for name in FILES:
        path = HERE / name
        document = json.loads(path.read_text())
        for case in document["cases"][:: step or 1]:
            found = reference(case)
            if step:
                known = case["momwire"]
                error = abs(complex(*found["Z"]) - complex(*known["Z"]))
                wrong = error > 0.1 * known["u_abs"]
                off += wrong
                print(name, case["f_MHz"], found["Z"], known["Z"], "OFF" if wrong else "same")
            else:
                case["momwire"] = found
        if not step:
            path.write_text(json.dumps(document) + "\n")
    return int(off > 0)


if __name__ == "__main__":
    sys.exit(main())
