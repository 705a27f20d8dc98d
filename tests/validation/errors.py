"""What solvers say of their own errors, held against much finer solutions of random problems.

    python -m tests.validation.errors [--solver nec wire openems] [--accuracy draft normal fine]
        [--count 100] [--first 50000] [--hours H] [--out FILE] [--kept DIR] [--pairs N]

Random problems of all families by seed, those that the solver takes; nec is asked the same layouts
in free space.  The truth is the planar solver on "normal", "fine", 0.8 or 0.6 of its spacings, the
first whose own stated errors are SHARPER times smaller in the median than those it judges, or the
last that has at most --pairs pairs of triangles (its own error is held against finer ones by
benchmarks/planar_mesh_error.py).  For every frequency: stated and true error of Z, |dZ|/|Z|; of the
shares of sky, ground, metal and film; of the gain above 10 degrees over the horizon, |dG| over the
largest G.  Lines already in FILE are not run again; --table prints what FILE holds; truths kept in
DIR serve the next run, of any solver.
"At best" is the ratio of an estimate that knew each problem's rms error (tests/estimate_measures).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import lunar_antenna as la
from lunar_antenna.solvers.registry import get_solver, refusal

from ..estimate_measures import measures
from ..random_designs import random_problem

FREQUENCY = (6e6, 10e6, 14e6, 19e6, 24e6, 29e6, 35e6)  # Hz
THETA = np.radians(np.arange(0.0, 81.0, 10.0))
PHI = np.radians((0.0, 45.0, 90.0, 135.0, 180.0, 225.0, 270.0, 315.0))
KINDS = ("z_error", "efficiency_error", "gain_error")
MOST_PAIRS = 1.6e7  # of triangles of the truth's mesh, but for symmetry: 7 GB and a minute
FINER = (1.0, 0.8, 0.6)  # of the spacings of "fine"
# A truth's own stated errors of Z and shares are so many times smaller than what it judges.  Of
# shares planar states four times what it is off by.
SHARPER = (5.0, 2.0)
FLOOR = 1e-4  # errors below it are none


def problems(
    name: str, first: int, refused: Counter[str] | None = None
) -> Iterator[tuple[str, la.Problem]]:
    """Random problems from seed ``first`` on that the solver ``name`` takes.

    ``refused`` counts the others by the words of the reason, without its numbers.
    """
    solver = get_solver(name)
    seed = first
    while True:
        what, problem = random_problem(seed, FREQUENCY)
        seed += 1
        if name == "nec":
            band = la.Band(FREQUENCY)
            problem = la.Problem(problem.layout, la.Stack.free_space(), 0.0, band)
        reason = refusal(solver, problem)
        if reason is None:
            yield what, problem
        elif refused is not None:
            refused[re.sub(r"[-(]*\d[\d.e+-]*", "N", reason.split(";")[0])[:110]] += 1


@contextmanager
def finer(factor: float) -> Iterator[None]:
    """The planar solver's "fine" with all spacings ``factor`` times as large, for a while."""
    from lunar_antenna.solvers.planar.accuracy import RESOLUTION

    own = RESOLUTION["fine"]
    scaled = {
        name: getattr(own, name) / factor for name in ("nodes", "cells", "corner", "feed", "coarse")
    }
    RESOLUTION["fine"] = replace(own, **scaled)
    try:
        yield
    finally:
        RESOLUTION["fine"] = own


def truth(
    problem: la.Problem,
    judged: tuple[float, float],
    most: float = MOST_PAIRS,
    kept: Path | None = None,
) -> tuple[la.Solution, str]:
    """Sharp enough for errors of Z and shares ``judged`` in the median, and what mesh that is.

    most: pairs of triangles.  kept: the folder where solutions are looked for and left.
    """
    from lunar_antenna.solvers.planar.accuracy import mesh_size
    from lunar_antenna.solvers.planar.mesh import triangulate

    found, told = _solved(problem, "normal", 1.0, kept), "normal"
    for factor in FINER:
        own = (found.quality.z_error, found.quality.efficiency_error)
        if all(
            error is not None and times * float(np.median(error)) <= most_of
            for error, times, most_of in zip(own, SHARPER, judged, strict=True)
        ):
            break
        mesh = triangulate(problem.layout, mesh_size(problem, "fine").coarser(factor))
        if len(mesh.triangles) * mesh.n_fundamental > most:
            break
        found, told = _solved(problem, "fine", factor, kept), f"{factor:g} of fine"
    return found, told


def _solved(problem: la.Problem, word: str, factor: float, kept: Path | None) -> la.Solution:
    file = None
    if kept is not None:
        told = word if word == "normal" else f"{factor:g} of {word}"
        file = kept / f"{problem.digest[:24]} {told}.h5".replace(" ", "_")
    if file is not None and file.exists():
        found = la.load(file)
        if isinstance(found, la.Solution):
            return found
    with finer(factor):
        solution = la.solve(problem, solver="planar", accuracy=word)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        solution.save(file)
    return solution


def shares(solution: la.Solution) -> np.ndarray:
    """(n_freq, n_port, 4), the other ports open."""
    parts = (solution.r_sky, solution.r_ground, solution.r_metal, solution.r_film)
    power = np.stack([np.diagonal(part, axis1=1, axis2=2).real for part in parts], axis=-1)
    return np.asarray(power / power.sum(axis=-1, keepdims=True))


def gains(solution: la.Solution) -> np.ndarray:
    """(n_freq, n_port, n_direction), not in dB."""
    grid = np.meshgrid(THETA, PHI, indexing="ij")
    ports = range(1, solution.n_ports + 1)
    found = [
        [solution.far_field(f, *grid, port=port).gain_db.ravel() for port in ports]
        for f in solution.frequency
    ]
    return np.asarray(10.0 ** (np.array(found) / 10.0))


def true_errors(solution: la.Solution, right: la.Solution) -> dict[str, list[float]]:
    """(n_freq,) each of KINDS."""
    scale = np.abs(np.diagonal(right.z, axis1=1, axis2=2)).max(axis=1)
    one, other = gains(solution), gains(right)
    off = {
        "z_error": np.abs(solution.z - right.z).max(axis=(1, 2)) / scale,
        "efficiency_error": np.abs(shares(solution) - shares(right)).max(axis=(1, 2)),
        "gain_error": (np.abs(one - other) / other.max(axis=2, keepdims=True)).max(axis=(1, 2)),
    }
    return {name: value.tolist() for name, value in off.items()}


def stated(solution: la.Solution) -> dict[str, list[float] | None]:
    quality = solution.quality
    found = {name: getattr(quality, name, quality.details.get(name)) for name in KINDS}
    return {name: None if v is None else np.asarray(v).tolist() for name, v in found.items()}


def one(
    what: str,
    problem: la.Problem,
    name: str,
    words: list[str],
    most: float = MOST_PAIRS,
    kept: Path | None = None,
) -> dict[str, Any]:
    """One line of the results; ``most`` and ``kept``: of the truth."""
    row: dict[str, Any] = {"solver": name, "what": what, "by": {}}
    solutions: dict[str, la.Solution] = {}
    for word in words:
        try:
            solutions[word] = la.solve(problem, solver=name, accuracy=word)
        except la.LunarAntennaError as error:
            row["by"][word] = {"refused": str(error)}
    said = [(s.quality.z_error, s.quality.efficiency_error) for s in solutions.values()]
    least = [
        min((float(np.median(e)) for e in errors if e is not None), default=np.inf)
        for errors in (zip(*said, strict=True) if said else ((), ()))
    ]
    right, row["truth_mesh"] = truth(problem, (least[0], least[1]), most, kept)
    row["truth"] = stated(right)
    for word, solution in solutions.items():
        row["by"][word] = {
            "converged": solution.quality.converged,
            "stated": stated(solution),
            "true": true_errors(solution, right),
        }
        for part in ("segment_error", "equivalence_error"):
            if part in solution.quality.details:
                row["by"][word][part] = np.asarray(solution.quality.details[part]).tolist()
    return row


def table(rows: list[dict[str, Any]]) -> str:
    """Markdown: a line for each solver, accuracy and kind of error."""
    lines = [
        "| solver, accuracy | problems | error of | median / 95 % / largest, % "
        "| covered | median ratio | at best | converged | covered, ratio of these |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    keys = {(row["solver"], word) for row in rows for word in row["by"]}
    order = {word: k for k, word in enumerate(("draft", "normal", "fine"))}
    for name, word in sorted(keys, key=lambda key: (key[0], order.get(key[1], 9))):
        found = [row["by"].get(word, {}) for row in rows if row["solver"] == name]
        found = [item for item in found if "true" in item]
        for kind in KINDS:
            given = [item for item in found if item["stated"][kind] is not None]
            if not given:
                continue
            said = [np.array(item["stated"][kind]) for item in given]
            off = [np.array(item["true"][kind]) for item in given]
            true = np.concatenate(off)
            covered, ratio, at_best = measures(said, off, FLOOR)
            sure = [k for k, item in enumerate(given) if item["converged"]]
            told = "-"
            if sure:
                share, of_these, _ = measures(
                    [said[k] for k in sure], [off[k] for k in sure], FLOOR
                )
                told = f"{100 * share:.1f} %, {of_these:.2f}"
            lines.append(
                f"| {name}, {word} | {len(given)} | {kind.split('_')[0]} | "
                f"{100 * np.median(true):.2f} / {100 * np.quantile(true, 0.95):.2f} / "
                f"{100 * true.max():.1f} | {100 * covered:.1f} % | {ratio:.2f} | {at_best:.2f} | "
                f"{len(sure)} | {told} |"
            )
    return "\n".join(lines)


def sharpness(rows: list[dict[str, Any]]) -> str:
    """Of how many frequencies the truth is sharp enough, a line for each solver and accuracy."""
    said: dict[tuple[str, str, str], list[float]] = {}
    for row in rows:
        for word, item in row["by"].items():
            for kind in KINDS[:2] if "true" in item and isinstance(row["truth"], dict) else ():
                if item["stated"][kind] is not None and row["truth"][kind] is not None:
                    own = np.maximum(row["truth"][kind], FLOOR)
                    ratio = np.asarray(item["stated"][kind]) / own
                    said.setdefault((row["solver"], word, kind), []).extend(ratio.tolist())
    times = dict(zip(KINDS, SHARPER, strict=False))
    return "\n".join(
        f"{name}, {word}: the truth's own stated {kind} is {np.median(ratio):.1f} times smaller in "
        f"the median, {times[kind]:g} times at {np.mean(np.array(ratio) > times[kind]):.0%}"
        for (name, word, kind), ratio in sorted(said.items())
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--solver", nargs="+", default=["nec", "wire"])
    parser.add_argument("--accuracy", nargs="+", default=["draft", "normal", "fine"])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--first", type=int, default=50_000, help="seed of the first problem")
    parser.add_argument("--hours", type=float, default=12.0)
    parser.add_argument("--out", type=Path, default=Path("out/errors.jsonl"))
    parser.add_argument("--kept", type=Path, help="folder of truths, to be used again")
    parser.add_argument("--pairs", type=float, default=MOST_PAIRS, help="of a truth's mesh at most")
    parser.add_argument("--table", action="store_true", help="only print what there is")
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    lines = given.out.read_text().splitlines() if given.out.exists() else []
    rows = [json.loads(line) for line in lines]
    done = {(row["solver"], row["what"]) for row in rows}
    end = time.monotonic() + 3600.0 * given.hours
    for name in given.solver if not given.table else ():
        refused: Counter[str] = Counter()
        for number, (what, problem) in enumerate(problems(name, given.first, refused)):
            if number >= given.count or time.monotonic() > end:
                break
            if (name, what) in done:
                continue
            rows.append(one(what, problem, name, given.accuracy, given.pairs, given.kept))
            with given.out.open("a", encoding="utf-8") as out:
                out.write(json.dumps(rows[-1]) + "\n")
            print(f"{name} {number + 1}/{given.count} {what}", flush=True)
        print(f"{name} refused {refused.total()} of those drawn:")
        for reason, count in refused.most_common():
            print(f"  {count} {reason}")
    print(table(rows))
    print(sharpness(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
