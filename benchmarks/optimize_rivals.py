"""Our default sampler against plain rivals at equal numbers of evaluations.

The shipped study ``published_band`` (profile blade on simple_eps35, draft mesh, 61 frequencies):
its variables, objective and constraints, without its later stages.  Every method is judged by the
same evaluator and score, sees the same unit cube (log-scaled variables on a log scale) and begins
with the shipped design.

    ours            what ``sampler = "auto"`` chooses for so many trials
    random          uniform in the cube
    diff. evolution scipy's, five individuals per variable (its default of fifteen would spend
                    a budget of some hundred evaluations in few generations), no polishing
    Nelder-Mead     scipy's, adaptive, started again at a random point when it has converged

    python benchmarks/optimize_rivals.py [--seeds 5] [--evaluations 300] [--workers 2]
        [--folder out/optimize_rivals] [--figure docs/images/optimize_rivals.png]

Each run is kept in the folder when it ends and is not repeated.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache
from pathlib import Path

import numpy as np

from lunar_antenna.common.files import write_text
from lunar_antenna.search.run.jobs import InProcess
from lunar_antenna.search.run.study import Study
from lunar_antenna.search.study.file import load_study
from lunar_antenna.search.study.plan import StudyPlan
from lunar_antenna.search.study.stages import Stages

STUDY = "published_band"
METHODS = ("ours", "random", "diff. evolution", "Nelder-Mead")
POPULATION = 5  # individuals per variable
SIMPLEX = 0.15  # first edge, part of every range
CONVERGED = {"xatol": 2e-3, "fatol": 1e-3}


class Spent(Exception):  # noqa: N818 - no error: the budget is used up
    """Raised by the objective after the last evaluation."""


@lru_cache(maxsize=2)
def plan_of(evaluations: int) -> StudyPlan:
    """The study without stages, with so many trials."""
    stages = Stages(check=0, fine=False)
    return load_study(STUDY).changed(accuracy="draft", trials=evaluations, stages=stages).plan()


class Objective:
    """Minus the score on the unit cube; remembers all scores in order."""

    def __init__(self, evaluations: int) -> None:
        self.plan = plan_of(evaluations)
        self.budget = evaluations
        self.scores: list[float] = []
        self.sampler: str | None = None

    @property
    def start(self) -> np.ndarray:
        variables = self.plan.space.variables
        values = self.plan.space.start
        return np.array([item.place(values[item.name]) for item in variables])

    def parameters(self, place: np.ndarray) -> dict[str, float]:
        found = {}
        for item, part in zip(self.plan.space.variables, np.clip(place, 0.0, 1.0), strict=True):
            if item.log:
                found[item.name] = float(item.low * (item.high / item.low) ** part)
            else:
                found[item.name] = float(item.low + part * (item.high - item.low))
        return found

    def __call__(self, place: np.ndarray) -> float:
        if len(self.scores) == self.budget:
            raise Spent
        score = self.plan.evaluator.evaluate(self.parameters(place)).score
        self.scores.append(score)
        return -score


def by_ours(objective: Objective, seed: int) -> None:
    plan = objective.plan
    scores: dict[int, float] = {}
    study = Study(plan.space, trials=plan.trials, seed=seed, sampler=plan.sampler, fingerprint={})
    objective.sampler = study.sampler
    study.run(
        InProcess(plan.evaluator.evaluate),
        lambda trial, _count: scores.__setitem__(trial.number, trial.score),
    )
    objective.scores = [scores[number] for number in sorted(scores)]


def by_random(objective: Objective, seed: int) -> None:
    rng = np.random.default_rng(seed)
    objective(objective.start)
    while True:
        objective(rng.random(objective.start.size))


def by_evolution(objective: Objective, seed: int) -> None:
    from scipy.optimize import differential_evolution

    size = objective.start.size
    differential_evolution(
        objective,
        [(0.0, 1.0)] * size,
        popsize=POPULATION,
        maxiter=objective.budget,
        tol=0.0,
        polish=False,
        x0=objective.start,
        rng=np.random.default_rng(seed),
    )


def by_simplex(objective: Objective, seed: int) -> None:
    from scipy.optimize import minimize

    rng = np.random.default_rng(seed)
    place = objective.start
    while True:
        corners = [place]
        for axis in range(place.size):
            corner = place.copy()
            corner[axis] += SIMPLEX if place[axis] + SIMPLEX <= 1.0 else -SIMPLEX
            corners.append(corner)
        minimize(
            objective,
            place,
            method="Nelder-Mead",
            bounds=[(0.0, 1.0)] * place.size,
            options={**CONVERGED, "adaptive": True, "initial_simplex": np.array(corners)},
        )
        place = rng.random(place.size)


SOLVE: dict[str, Callable[[Objective, int], None]] = {
    "ours": by_ours,
    "random": by_random,
    "diff. evolution": by_evolution,
    "Nelder-Mead": by_simplex,
}


def run(method: str, seed: int, evaluations: int, folder: Path) -> tuple[str, int]:
    """One method with one seed; its scores go to a file of the folder."""
    objective = Objective(evaluations)
    with contextlib.suppress(Spent):
        SOLVE[method](objective, seed)
    document = {
        "study": STUDY,
        "method": method,
        "sampler": objective.sampler,
        "seed": seed,
        "scores": objective.scores[:evaluations],
    }
    write_text(file_of(folder, method, seed, evaluations), json.dumps(document) + "\n")
    return method, seed


def file_of(folder: Path, method: str, seed: int, evaluations: int) -> Path:
    plain = "".join(letter for letter in method.lower() if letter.isalpha())
    return folder / f"{plain}-{seed}-{evaluations}.json"


def best_so_far(folder: Path, method: str, seeds: int, evaluations: int) -> np.ndarray:
    """(seeds, evaluations)."""
    rows = []
    for seed in range(1, seeds + 1):
        text = file_of(folder, method, seed, evaluations).read_text()
        rows.append(np.maximum.accumulate(json.loads(text)["scores"]))
    return np.array(rows)


def table(found: dict[str, np.ndarray], evaluations: int) -> str:
    """Medians at a few counts; and how soon each reaches what ours has after half of them."""
    marks = sorted({max(1, evaluations // part) for part in (8, 4, 2, 1)})
    level = float(np.median(found["ours"][:, evaluations // 2 - 1]))
    head = f"{'best after':16s}" + "  ".join(f"{mark:7d}" for mark in marks)
    lines = [f"{head}   quartiles at the end   evaluations to {level:.3f}"]
    for method, best in found.items():
        values = "  ".join(f"{np.median(best[:, mark - 1]):7.3f}" for mark in marks)
        low, high = np.quantile(best[:, -1], (0.25, 0.75))
        reached = [float(np.argmax(r >= level)) + 1 if r[-1] >= level else np.inf for r in best]
        count = float(np.median(reached))
        when = f"{count:.0f}" if np.isfinite(count) else f"more than {evaluations}"
        lines.append(f"{method:16s}{values}   {low:6.3f} to {high:6.3f}       {when}")
    return "\n".join(lines)


def draw(found: dict[str, np.ndarray], path: Path, seeds: int, sampler: str) -> None:
    from lunar_antenna.plotting.save import save_figure
    from lunar_antenna.plotting.style import BLUE, GREEN, GREY, VERMILION, new_figure, styled

    @styled
    def figure() -> object:
        made = new_figure(height=3.8)
        ax = made.add_subplot()
        for (method, best), colour in zip(
            found.items(), (VERMILION, GREY, BLUE, GREEN), strict=True
        ):
            count = np.arange(1, best.shape[1] + 1)
            low, middle, high = np.quantile(best, (0.25, 0.5, 0.75), axis=0)
            ax.fill_between(count, low, high, color=colour, alpha=0.18, linewidth=0.0)
            own = method == "ours"
            label = f"ours ({sampler})" if own else method
            ax.plot(count, middle, color=colour, label=label, lw=2.2 if own else 1.4)
        ax.set_xlim(1, count[-1])
        ax.set_xlabel("Evaluations")
        below = min(float(best.min()) for best in found.values()) < 0.0
        note = "\n(below 0: constraints not met)" if below else ""
        ax.set_ylabel(f"Best so far: band ratio hi/lo{note}")
        ax.set_title(f"Study {STUDY}: medians and quartiles, seeds: {seeds}", loc="left")
        ax.legend(loc="lower right")
        return made

    save_figure(figure(), path, dpi=130.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--evaluations", type=int, default=300)
    parser.add_argument("--workers", type=int, default=1, help="processes, one run each")
    parser.add_argument("--folder", type=Path, default=Path("out/optimize_rivals"))
    parser.add_argument("--figure", type=Path, default=Path("docs/images/optimize_rivals.png"))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    missing = [
        (method, seed)
        for seed in range(1, given.seeds + 1)
        for method in METHODS
        if not file_of(given.folder, method, seed, given.evaluations).exists()
    ]
    with ProcessPoolExecutor(given.workers) as pool:
        waiting = [
            pool.submit(run, method, seed, given.evaluations, given.folder)
            for method, seed in missing
        ]
        for future in as_completed(waiting):
            method, seed = future.result()
            sys.stdout.write(f"done: {method}, seed {seed}\n")
            sys.stdout.flush()
    found = {
        method: best_so_far(given.folder, method, given.seeds, given.evaluations)
        for method in METHODS
    }
    ours = json.loads(file_of(given.folder, "ours", 1, given.evaluations).read_text())["sampler"]
    variables = len(plan_of(given.evaluations).space.variables)
    sys.stdout.write(f"{STUDY}: {variables} variables, ours is {ours}, seeds: {given.seeds}\n")
    sys.stdout.write(f"{table(found, given.evaluations)}\n")
    draw(found, given.figure, given.seeds, ours)
    sys.stdout.write(f"wrote {given.figure}\n")


if __name__ == "__main__":
    main()
