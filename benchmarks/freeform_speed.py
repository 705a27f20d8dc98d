"""Cost of one move of a free-form search: all blocks looked at, the best switched, against solves.

Run: ``python benchmarks/freeform_speed.py`` (a minute, one core).  CPU time; the plain way is one
dense factorisation a frequency for every block, timed on a few of them.
"""

from __future__ import annotations

import time

import numpy as np
from scipy.linalg import solve

import lunar_antenna as la
from lunar_antenna.common.blas import one_blas_thread
from lunar_antenna.geometry.load import build
from lunar_antenna.search.freeform.cells import Cells, make_cells
from lunar_antenna.search.freeform.climb import BLOCKS, blocks
from lunar_antenna.search.freeform.model import Model

FREQUENCIES, CANDIDATES, PLAIN = 25, 1500, 4
CELL = (0.24, 0.15)  # m: some 600 unknowns of a quarter of 10 m x 2 m


@one_blas_thread
def main() -> None:
    cells = make_cells((10.0, 2.0), 0.2, 0.1, CELL)
    rows = [
        {"points": [list(p) for p in polygon.exterior.coords[:-1]]}
        for polygon in cells.polygons(cells.plate())
    ]
    gap = {"x": 0.0, "y": 0.0, "length": 0.2, "width": 0.1}
    spec = {"family": "free", "metal": "copper_18um", "polygon": rows, "gap": [gap]}
    band = la.Band.mhz(5, 35, FREQUENCIES)
    problem = la.Problem(build(spec), la.load_soil("simple_eps35"), band=band)
    for sky, pattern in ((False, False), (True, False), (True, True)):
        started = time.process_time()
        model = Model(problem, cells, sky=sky, pattern=pattern)
        filled = time.process_time() - started
        told = "impedance" + (", sky" if sky else "") + (", pattern" if pattern else "")
        one_move(model, cells, told, filled)


def one_move(model: Model, cells: Cells, told: str, filled: float) -> None:
    tableau, mask = model.tableau, cells.plate()
    rng = np.random.default_rng(0)
    model.go(mask)
    started = time.process_time()
    choices = blocks(cells, mask, BLOCKS, rng)
    proposed = time.process_time() - started
    sets = [np.flatnonzero(tableau.functions(item) != tableau.active) for item in choices]
    sets = (sets * (1 + CANDIDATES // len(sets)))[:CANDIDATES]  # those of the plate, over again
    started = time.process_time()
    seen = model.candidates(sets)
    looked = time.process_time() - started
    started = time.process_time()
    model.go(choices[-1])
    switched = time.process_time() - started

    started = time.process_time()
    for item in choices[:PLAIN]:
        on = np.flatnonzero(tableau.functions(item))
        for z in tableau.z:
            solve(z[np.ix_(on, on)], tableau.v[on], assume_a="sym", check_finite=False)
    plain = (time.process_time() - started) / PLAIN
    move = proposed + looked + switched
    print(
        f"{told}: {tableau.n} unknowns, {len(sets)} blocks x {len(seen.frequency)} frequencies, "
        f"matrices {filled:.1f} s; a move {move:.2f} s (proposing {proposed:.2f}, "
        f"looking {looked:.2f}, switching {switched:.2f}); a plain solve of one block "
        f"{plain:.2f} s, of all {plain * len(sets):.0f} s: {plain * len(sets) / move:.0f} x; "
        f"{(tableau.table.nbytes + tableau.z.nbytes) / 1e9:.2f} GB"
    )


if __name__ == "__main__":
    main()
