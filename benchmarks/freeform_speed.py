"""Cost of one move of a free-form search: all blocks looked at, the best switched, against solves.

Run: ``python benchmarks/freeform_speed.py`` (a minute, one core).  CPU time; the plain way is one
dense factorisation a frequency for every block, timed on a few of them.  ``--large``: 2000 unknowns
at 61 frequencies and the most memory that the process took.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
from scipy.linalg import solve

import lunar_antenna as la
from lunar_antenna.common.blas import one_blas_thread
from lunar_antenna.geometry.load import build
from lunar_antenna.search.freeform.asks import Asks
from lunar_antenna.search.freeform.cells import Cells, make_cells
from lunar_antenna.search.freeform.climb import BLOCKS, blocks, unlike
from lunar_antenna.search.freeform.model import Model
from lunar_antenna.search.port import PortModel
from lunar_antenna.search.study.goals import Goals

FREQUENCIES, CANDIDATES, PLAIN = 25, 1500, 4
ASKS = Asks.of(Goals.default(), PortModel(), (5e6, 35e6), 9e6)
LARGE = (0.111, 0.0712)
CELL = (0.24, 0.15)  # m: some 600 unknowns of a quarter of 10 m x 2 m


@one_blas_thread
def main() -> None:
    large = "--large" in sys.argv
    cells = make_cells((10.0, 2.0), 0.2, 0.1, LARGE if large else CELL)
    rows = [
        {"points": [list(p) for p in polygon.exterior.coords[:-1]]}
        for polygon in cells.polygons(cells.plate())
    ]
    gap = {"x": 0.0, "y": 0.0, "length": 0.2, "width": 0.1}
    spec = {"family": "free", "metal": "copper_18um", "polygon": rows, "gap": [gap]}
    band = la.Band.mhz(5, 35, 61 if large else FREQUENCIES)
    problem = la.Problem(build(spec), la.load_soil("simple_eps35"), band=band)
    for sky, pattern in (
        ((False, False),) if large else ((False, False), (True, False), (True, True))
    ):
        started = time.process_time()
        model = Model(problem, cells, sky=sky, pattern=pattern)
        filled = time.process_time() - started
        told = "impedance" + (", sky" if sky else "") + (", pattern" if pattern else "")
        one_move(model, cells, told, filled)
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def one_move(model: Model, cells: Cells, told: str, filled: float) -> None:
    tableau, mask = model.tableau, cells.plate()
    rng = np.random.default_rng(0)
    model.go(mask)
    started = time.process_time()
    choices = blocks(cells, mask, BLOCKS, rng)
    tableau.changes(choices)
    proposed = time.process_time() - started
    # as many that differ, whether or not they could be made
    every = unlike(cells, mask, BLOCKS)
    chosen = rng.choice(len(every), CANDIDATES, replace=False)
    sets = tableau.changes(every[chosen])
    started = time.process_time()
    seen = model.candidates(sets)
    looked = time.process_time() - started
    started = time.process_time()
    ASKS.cost([seen])
    judged = time.process_time() - started
    started = time.process_time()
    model.go(choices[-1])
    switched = time.process_time() - started

    plain = 0.0
    for item in choices[:PLAIN]:
        on = np.flatnonzero(tableau.functions(item))
        z = tableau.z.full(0)
        started = time.process_time()
        solve(z[np.ix_(on, on)], tableau.v[on], assume_a="sym", check_finite=False)
        plain += (time.process_time() - started) * len(tableau.z) / PLAIN
    move = proposed + looked + judged + switched
    print(
        f"{told}: {tableau.n} unknowns, {len(sets)} blocks x {len(seen.frequency)} frequencies, "
        f"matrices {filled:.1f} s; a move {move:.2f} s (proposing {proposed:.2f}, "
        f"looking {looked:.2f}, judging {judged:.2f}, switching {switched:.2f}); "
        f"a plain solve of one block {plain:.2f} s, of all {plain * len(sets):.0f} s: "
        f"{plain * len(sets) / move:.0f} x; "
        f"{tableau.nbytes / 1e9:.2f} GB"
    )


if __name__ == "__main__":
    main()
