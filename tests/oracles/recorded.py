"""Solutions as one machine found them, to be found again by any other.

    python -m tests.oracles.recorded            # writes data/recorded_solutions.json anew

Whoever changes a mesh, a kernel or a wire model on purpose records again and says so; everything
else must give what is recorded.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

import lunar_antenna as la

FILE = Path(__file__).parent / "data" / "recorded_solutions.json"
FREQUENCY = (6e6, 11e6, 17e6, 25e6, 35e6)  # Hz
HALF = la.Stack.half_space(3.5, loss_tangent=0.01)
# name: solver, accuracy, family, changes, soil, height
CASES: dict[str, tuple[str, str, str, dict[str, Any], Any, float]] = {
    "strip": ("planar", "normal", "strip", {"width": 0.2}, HALF, 0.0),
    "bowtie": (
        *("planar", "normal", "bowtie"),
        {"metal": "copper_18um", "film": "polyimide_50um"},
        *("sourcebook_highland", 0.02),
    ),
    "blade": ("planar", "draft", "blade", {}, la.Stack.free_space(), 0.0),
    "crossed": (
        *("planar", "draft", "bowtie"),
        {"gap": 0.4, "port_width": 0.08, "crossed.hub": 0.2},
        *(HALF, 0.1),
    ),
    "plates": (
        *("planar", "draft", "strip"),
        {"width": 1.0, "collinear.gap": 0.03, "collinear.span": 12.0},
        *(HALF, 0.0),
    ),
    "floor": ("planar", "draft", "strip", {}, la.Stack([la.Layer.conductor()]), 1.0),
    "wires": ("nec", "draft", "strip", {"width": 0.1}, la.Stack.free_space(), 0.0),
    "grid": ("nec", "draft", "bowtie", {}, la.Stack.free_space(), 0.0),
    "wires_on_soil": ("wire", "draft", "strip", {"width": 0.1, "length": 8.0}, HALF, 0.3),
}
MACHINES = 1e-6  # of |Z|: what two machines, or two libraries of linear algebra, may differ by
PARTS = ("z", "r_sky", "r_ground", "r_metal", "r_film")


def solved(name: str) -> dict[str, Any]:
    """Real and imaginary parts of each of PARTS, (n_freq, p, p) ohm, and what made them."""
    solver, accuracy, family, changes, soil, height = CASES[name]
    layout = la.load_geometry(family, **{"metal": "pec", "film": "none", **changes})
    problem = la.Problem(layout, soil, height, la.Band(FREQUENCY))
    made = la.solve(problem, solver=solver, accuracy=accuracy)
    found: dict[str, Any] = {"solver": solver, "version": made.provenance.solver_version}
    for part in PARTS:
        value = np.asarray(getattr(made, part), dtype=complex)
        found[part] = [value.real.tolist(), value.imag.tolist()]
    return found


def difference(one: dict[str, Any], other: dict[str, Any]) -> float:
    """Largest of any entry of any part, over the largest of Z at that frequency."""
    values = [{part: np.array(v[part][0]) + 1j * np.array(v[part][1]) for part in PARTS}
              for v in (one, other)]  # fmt: skip
    scale = np.abs(values[0]["z"]).max(axis=(1, 2), keepdims=True)
    return max(float((np.abs(values[0][p] - values[1][p]) / scale).max()) for p in PARTS)


def main() -> int:
    kept = {}
    for name in CASES:
        kept[name] = solved(name)
        print(name, kept[name]["version"], flush=True)
    text = json.dumps(kept, indent=None, separators=(",", ":"))
    FILE.write_text(text.replace('},"', '},\n"') + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
