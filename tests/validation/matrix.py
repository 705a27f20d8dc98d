"""Every problem by every solver that can, each pair judged by both stated errors.

    python -m tests.validation.matrix --hours 2 [--seed N] [--openems N] [--only t f] [--out ..]
    python -m tests.validation.matrix --repeat out/validation/problems/NAME.json

A run that is stopped, or whose time is up, goes on where it was; what it has so far is a valid book
that says how far it came.  openEMS takes minutes a problem: its solutions are kept beside the book,
and --again asks only the others anew.  Exit code 1 where two solvers disagree by more than both
errors.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import lunar_antenna as la
from lunar_antenna.common.files import write_json
from lunar_antenna.solvers.registry import entries, get_solver, refusal

from .problems import Case, drawn, fixed

SOLVERS = ("planar", "nec", "wire", "openems")
ACCURACY = {"planar": "normal", "nec": "normal", "wire": "normal", "openems": "draft"}
THETA = np.radians(np.arange(0.0, 61.0, 5.0))
REFERENCE = 200.0  # ohm


def able(problem: la.Problem, names: tuple[str, ...]) -> dict[str, str | None]:
    """Why each solver does not do ``problem``, None for those that do."""
    known = {entry.name for entry in entries()}
    found: dict[str, str | None] = {}
    for name in names:
        if name not in known:
            found[name] = "not installed"
            continue
        solver = get_solver(name)
        found[name] = refusal(solver, problem) or solver.missing()
    return found


def measured(solution: la.Solution) -> dict[str, Any]:
    """What of one solution is compared: JSON."""
    efficiency = solution.efficiency(100.0)
    cuts = [
        [solution.far_field(f, THETA, phi).gain_db.ravel().tolist() for phi in (0.0, np.pi / 2.0)]
        for f in solution.frequency
    ]
    error = solution.quality.z_error
    return {
        "z": [[v.real, v.imag] for v in solution.z[:, 0, 0].tolist()],
        "z_error": None if error is None else error.tolist(),
        "converged": bool(solution.quality.converged),
        "closure": solution.quality.power_closure.tolist(),
        "shares": {
            name: np.asarray(getattr(efficiency, name)).tolist()
            for name in ("sky", "ground", "metal", "film")
        },
        "gain_db": cuts,
        "seconds": solution.provenance.wall_seconds,
        "version": solution.provenance.solver_version,
    }


def pair(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """Difference of two solutions of one problem, and whether both errors cover it."""
    za, zb = (np.array([complex(*v) for v in item["z"]]) for item in (a, b))
    scale = np.maximum(np.abs(za), np.abs(zb))
    off = np.abs(za - zb) / scale
    stated = sum(np.array(item["z_error"] or [np.nan] * za.size) for item in (a, b))
    gamma = [(z - REFERENCE) / (z + REFERENCE) for z in (za, zb)]
    shares = {
        name: float(np.abs(np.array(a["shares"][name]) - np.array(b["shares"][name])).max())
        for name in a["shares"]
    }
    gain = float(np.abs(np.array(a["gain_db"]) - np.array(b["gain_db"])).max())
    return {
        "dz": off.tolist(),
        "stated": stated.tolist(),
        "dgamma": np.abs(gamma[0] - gamma[1]).tolist(),
        "shares": shares,
        "gain_db": gain,
        "trusted": bool(a["converged"] and b["converged"]),
    }


def solved(case: Case, name: str, kept: Path | None) -> la.Solution:
    """By openEMS from its file in the folder ``kept`` where that is of the same problem."""
    file = kept / f"{case.name}.{name}.h5" if kept and name == "openems" else None
    if file is not None and file.exists():
        found = la.load(file)
        if isinstance(found, la.Solution) and found.problem.digest == case.problem.digest:
            return found
    found = la.solve(case.problem, solver=name, accuracy=ACCURACY[name])
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        found.save(file)
    return found


def run(
    case: Case, names: tuple[str, ...], beam: bool = True, kept: Path | None = None
) -> dict[str, Any]:
    """One line of the results; ``kept``: where solutions that took long are."""
    reasons = able(case.problem, names)
    solutions: dict[str, la.Solution] = {}
    row: dict[str, Any] = {"name": case.name, "group": case.group, "by": {}, "refused": {}}
    row["free_space"] = case.problem.stack.is_free_space
    row["layers"] = len(case.problem.stack.layers)
    for name, reason in reasons.items():
        if reason is not None:
            row["refused"][name] = reason
            continue
        try:
            solutions[name] = solved(case, name, kept)
        except la.LunarAntennaError as error:
            row["refused"][name] = f"{type(error).__name__}: {error}"
            continue
        row["by"][name] = measured(solutions[name])
    row["pairs"] = {}
    for one, two in itertools.combinations(solutions, 2):
        found = pair(row["by"][one], row["by"][two])
        if beam:
            try:
                found["chromaticity_mk"] = la.beam_error(solutions[one], solutions[two]).rms_mk
            except la.LunarAntennaError as error:
                found["chromaticity_mk"] = None
                found["why"] = str(error)
        row["pairs"][f"{one}-{two}"] = found
    return row


def disagreements(row: dict[str, Any]) -> list[str]:
    """Pairs that both say converged and differ beyond both errors at a frequency."""
    found = []
    for name, values in row["pairs"].items():
        beyond = np.array(values["dz"]) > np.array(values["stated"])
        if values["trusted"] and bool(beyond.any()):
            found.append(name)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=int(time.strftime("%Y%m%d")))
    parser.add_argument("--openems", type=int, default=20, help="problems that openEMS solves too")
    parser.add_argument("--out", type=Path, default=Path("out/validation"))
    parser.add_argument("--only", nargs="*", default=[], help="problems whose names begin so")
    parser.add_argument("--again", action="store_true", help="all but openEMS once more")
    parser.add_argument("--repeat", type=Path, help="a problem file of an earlier run")
    given = parser.parse_args()
    if given.repeat is not None:
        problem = la.Problem.from_dict(json.loads(given.repeat.read_text()))
        row = run(Case(given.repeat.stem, "", problem), SOLVERS[:3])
        print(json.dumps(row["pairs"], indent=1))
        return int(bool(disagreements(row)))
    end = time.monotonic() + 3600.0 * given.hours
    (given.out / "problems").mkdir(parents=True, exist_ok=True)
    results = given.out / "results.jsonl"
    if given.again:
        results.unlink(missing_ok=True)
    rows = (
        [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    )
    done = {row["name"] for row in rows}
    cases = [*fixed(), *drawn(given.seed)]
    if given.only:
        cases = [case for case in cases if case.name.startswith(tuple(given.only))]
    slow_left = given.openems - sum("openems" in row["by"] for row in rows)
    failed: list[str] = [f"{row['name']}: {name}" for row in rows for name in disagreements(row)]
    for number, case in enumerate(cases):
        if time.monotonic() > end:
            print(f"time is up after {number} of {len(cases)} problems; run again to go on")
            break
        if case.name in done:
            continue
        names = SOLVERS if case.slow and slow_left > 0 else SOLVERS[:3]
        file = given.out / "problems" / f"{case.name}.json"
        write_json(file, case.problem.to_dict())
        row = run(case, names, kept=given.out / "solutions")
        slow_left -= "openems" in row["by"]
        with results.open("a") as out:
            out.write(json.dumps(row) + "\n")
        wrong = disagreements(row)
        failed += [f"{file}: {name}" for name in wrong]
        told = ", ".join(row["by"]) or "no solver"
        print(
            f"{number + 1}/{len(cases)} {case.name}: {told}{' DISAGREE' if wrong else ''}",
            flush=True,
        )
    from .book import write_book

    print(f"wrote {write_book(results, given.out, len(cases))}")
    for line in failed:
        print(f"disagree beyond both errors: {line}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
