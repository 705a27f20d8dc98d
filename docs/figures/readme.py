"""The picture of the README: a membrane on graded soil.  Run: ``python docs/figures/readme.py``."""

from __future__ import annotations

import common

import lunar_antenna as la


def main():
    problem = la.Problem(la.load_geometry("coupled_bowtie"), la.load_soil("sourcebook_highland"))
    solution = la.solve(problem, "planar")
    (common.IMAGES / "regolith_solution.png").write_bytes(solution._repr_png_())
    print(solution, solution.quality.power_closure.max(), solution.quality.z_error.max())


if __name__ == "__main__":
    main()
