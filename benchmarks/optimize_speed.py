"""Evaluations per second of a search, through the real study: samplers, database, workers.

A membrane of about 1000 unknowns (about 250 after its two symmetries), 61 frequencies from 5 to
35 MHz, band objective, on two soils, with 1 and 2 worker processes; then what the machinery alone
costs, and the same candidates by openEMS.  Rates are those of the steady state, after the first
batch, when the workers have started.

    python benchmarks/optimize_speed.py [--trials N] [--openems N]
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import lunar_antenna as la
from lunar_antenna.search.run.executors import LocalWorkers
from lunar_antenna.search.run.jobs import InProcess
from lunar_antenna.search.run.study import Study
from lunar_antenna.search.space import free_parameter
from lunar_antenna.search.study.plan import StudyPlan, StudySettings
from lunar_antenna.search.study.samplers import batch_size
from lunar_antenna.search.study.trials import Evaluation, Trial
from lunar_antenna.solvers.openems.solver import OpenEmsSolver
from lunar_antenna.solvers.registry import quick

WIDTHS = {"w0": (0.03, 0.5, "log"), "w1": (0.4, 1.0), "w2": (0.4, 1.0), "w3": (0.4, 1.0)}
# The length sets the number of unknowns on the mesh of "normal".
LENGTHS = {"sourcebook_highland": (9.5, 10.0), "simple_eps35": (7.0, 7.5)}
MARKS = (100, 500, 1000, 2000)


@dataclass(frozen=True, slots=True)
class Rate:
    """evaluations/s in the steady state; busy: share of the workers' time spent in solvers."""

    per_second: float
    whole: float
    busy: float
    trials: list[Trial]


def plan_for(soil: str, trials: int) -> StudyPlan:
    search = {k: free_parameter(k, v) for k, v in {"length": LENGTHS[soil], **WIDTHS}.items()}
    settings = StudySettings(
        "membrane_10m",
        search=search,
        stack=la.load_soil(soil),
        solver="planar",
        accuracy="normal",
        sampler="cma-es",
        trials=trials,
    )
    return settings.plan()


def opened(plan: StudyPlan, folder: str) -> Study:
    url = f"sqlite:///{Path(folder) / 'study.db'}"
    return Study(
        plan.space,
        trials=plan.trials,
        seed=plan.seed,
        sampler=plan.sampler,
        fingerprint=plan.fingerprint,
        storage=url,
    )


def search_rate(plan: StudyPlan, workers: int) -> Rate:
    """Run the study of ``plan``; each worker has compiled and cached what it needs."""
    first = batch_size(len(plan.space.variables), plan.sampler)
    times: list[float] = []
    trials: list[Trial] = []

    def report(trial: Trial, _count: int) -> None:
        times.append(time.perf_counter())
        trials.append(trial)

    with tempfile.TemporaryDirectory() as folder, LocalWorkers(plan.evaluator, workers) as pool:
        start = time.perf_counter()
        opened(plan, folder).run(pool, report)
    wall = times[-1] - times[first - 1]
    solved = sum(trial.seconds for trial in trials[first:])
    return Rate(
        (len(times) - first) / wall,
        len(times) / (times[-1] - start),
        solved / wall / workers,
        trials,
    )


def overhead(plan: StudyPlan, trials: int) -> list[tuple[int, float, float]]:
    """(trials so far, wall ms, CPU ms per trial since the mark before), evaluations being free."""
    plan = replace(plan, trials=trials)
    found: list[tuple[int, float, float]] = []
    known = [0]

    def clocks() -> tuple[float, float]:
        return time.perf_counter(), time.process_time()

    def free(parameters: Mapping[str, float]) -> Evaluation:
        score = 2.0 - sum((item - 0.5) ** 2 for item in parameters.values())
        return Evaluation(score, (score,), (0.0,))

    def report(_trial: Trial, count: int) -> None:
        if count in MARKS or count == trials:
            wall, busy = (
                1e3 * (now - then) / (count - known[0])
                for now, then in zip(clocks(), start, strict=True)
            )
            found.append((count, wall, busy))
            start[:], known[0] = clocks(), count

    with tempfile.TemporaryDirectory() as folder:
        study = opened(plan, folder)
        start = list(clocks())
        study.run(InProcess(free), report)
    return found


def by_openems(plan: StudyPlan, trials: list[Trial]) -> tuple[float, float]:
    """(mean s per candidate, largest |dGamma| at 100 ohm) of openEMS at "draft"."""
    seconds, worst = [], 0.0
    solver = OpenEmsSolver(use_cache=False)
    for trial in trials:
        problem = plan.evaluator.problem(trial.parameters)
        start = time.perf_counter()
        fdtd = solver.solve(problem, "draft", None, 1)
        seconds.append(time.perf_counter() - start)
        planar = quick(problem, "planar", accuracy=plan.evaluator.accuracy).solution
        assert planar is not None
        worst = max(worst, float(np.abs(fdtd.s11(100.0) - planar.s11(100.0)).max()))
    return float(np.mean(seconds)), worst


def cpu() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=80, help="of each search")
    parser.add_argument("--openems", type=int, default=2, help="candidates, 0 for none")
    parser.add_argument("--overhead", type=int, default=2000, help="trials without a solver")
    given = parser.parse_args()
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    say(f"{cpu()}, {os.cpu_count()} cores, load average {load}")
    say(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.system()}")
    for soil in LENGTHS:
        plan = plan_for(soil, given.trials)
        first = plan.evaluator.problem(plan.space.start)
        start = quick(first, "planar", accuracy=plan.evaluator.accuracy).solution
        assert start is not None
        reduced = int(start.quality.details["unknowns_reduced"])
        say(f"{soil}: {start.provenance.unknowns} unknowns, {reduced} reduced, 61 frequencies")
        rates = {}
        for workers in (1, 2):
            rate = rates[workers] = search_rate(plan, workers)
            mean = 1e3 * np.mean([trial.seconds for trial in rate.trials])
            say(
                f"  {workers} worker{'s' if workers > 1 else ' '} {rate.per_second:6.2f} "
                f"evaluations/s ({rate.whole:.2f} with the start of the workers), solver "
                f"{mean:.0f} ms per evaluation, workers {100 * rate.busy:.0f} % busy"
            )
        say(f"  2 workers / 1 worker {rates[2].per_second / rates[1].per_second:.2f}")
        same = [(t.parameters, t.score) for t in sorted(rates[1].trials, key=lambda t: t.number)]
        other = [(t.parameters, t.score) for t in sorted(rates[2].trials, key=lambda t: t.number)]
        say(f"  same designs and scores with 1 and 2 workers: {same == other}")
        if given.openems and soil == "simple_eps35":
            chosen = rates[1].trials[: given.openems]
            seconds, worst = by_openems(plan, chosen)
            say(
                f"  openEMS, draft: {seconds:.1f} s per candidate, one thread; "
                f"{seconds * rates[1].per_second:.0f} times a planar evaluation; "
                f"|dGamma| between them up to {worst:.3f}"
            )
    say("machinery alone (proposing, database; SQLite), ms per trial, wall and CPU:")
    for count, wall, busy in overhead(plan_for("simple_eps35", 1), given.overhead):
        say(f"  up to trial {count:5d}: {wall:6.2f} {busy:6.2f}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
