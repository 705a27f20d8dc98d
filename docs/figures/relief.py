"""A sagging membrane as the FDTD solver meshes it: the staircase and the relief it stands for.

Run: ``python docs/figures/relief.py``.
"""

from __future__ import annotations

import common

import lunar_antenna as la
from lunar_antenna.solvers.openems.preview import preview


def main() -> None:
    problem = la.Problem(
        la.load_geometry("membrane_sagging"), la.load_soil("sourcebook_highland"), 0.2
    )
    shown = preview(problem, "normal")
    print("\n".join(shown.lines()))
    common.save(shown.figure(), "relief_staircase.png")


if __name__ == "__main__":
    main()
