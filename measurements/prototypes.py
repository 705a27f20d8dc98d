"""Makes the synthetic measurements of this folder; nobody measured them.

    python measurements/prototypes.py FOLDER
    python measurements/prototypes.py FOLDER --name prototype_sand_synthetic --no-fixture \\
        --soil earth_dry_sand --height 0.1 --accuracy fine

The first writes prototype_synthetic.s1p and its fixture prototype_synthetic_fixture.s2p, the
second the same antenna 0.1 m over dry sand through the same fixture; a .toml beside each says
what is true.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import lunar_antenna as la
from lunar_antenna.measurement.synthetic import NAME, write_prototype


def prototype_solution(
    solver: str = "planar",
    geometry: str = "membrane_10m",
    soil: str = "free-space",
    height: float = 0.0,
    accuracy: str = "normal",
) -> la.Solution:
    """The antenna behind the synthetic data: a shipped geometry over a shipped soil."""
    stack = la.Stack.free_space() if soil == "free-space" else la.load_soil(soil)
    problem = la.Problem(la.load_geometry(geometry), stack, height, la.Band.mhz(5.0, 35.0, 61))
    return la.solve(problem, solver, accuracy=accuracy)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="existing folder for the files")
    parser.add_argument("--solver", default="planar", help="solver of the antenna")
    parser.add_argument("--geometry", default="membrane_10m", help="shipped geometry")
    parser.add_argument("--soil", default="free-space", help="shipped soil or free-space")
    parser.add_argument("--height", type=float, default=0.0, help="m above the soil")
    parser.add_argument("--accuracy", default="normal", help="draft, normal or fine")
    parser.add_argument("--name", default=NAME, help="of the files")
    parser.add_argument("--no-fixture", action="store_true", help="write the sweep alone")
    given = parser.parse_args(arguments)
    try:
        solution = prototype_solution(
            given.solver, given.geometry, given.soil, given.height, given.accuracy
        )
        write_prototype(solution, given.folder, name=given.name, with_fixture=not given.no_fixture)
    except la.LunarAntennaError as error:
        parser.exit(error.exit_code, f"{error}\n")


if __name__ == "__main__":
    main()
