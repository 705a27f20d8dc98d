"""Pareto studies: a problem with a known front through the real study, and the front's own rules.

f1 = x^2, f2 = (x - 2)^2 + y^2, both minimised: the front is y = 0, 0 <= x <= 2 (Schaffer's
problem with a second variable), where sqrt(f1) + sqrt(f2) = 2.  With the constraint x >= 1/2 it
begins at f1 = 1/4.
"""

from __future__ import annotations

import math
import random
import statistics

import pytest

from lunar_antenna.common.parameter import Parameter
from lunar_antenna.search.run.jobs import InProcess
from lunar_antenna.search.run.study import Study
from lunar_antenna.search.space import SearchSpace
from lunar_antenna.search.study.front import compromise, front_of, spread
from lunar_antenna.search.study.trials import Evaluation, Trial, deb_score

SPACE = SearchSpace((Parameter("x", "", -3.0, -4.0, 4.0), Parameter("y", "", 1.5, -2.0, 2.0)))
BOTH = (False, False)


def schaffer(parameters):
    x, y = parameters["x"], parameters["y"]
    if x > 3.5:
        return Evaluation.invalid("cannot be built")
    objectives = (x * x, (x - 2.0) ** 2 + y * y)
    violations = (0.5 - x,)
    return Evaluation(deb_score(objectives[0], False, violations), objectives, violations)


def ignore(*_):
    """A report that is not looked at."""


def study(sampler, trials=360, seed=1, url=None, resume=False):
    return Study(
        SPACE,
        trials=trials,
        seed=seed,
        sampler=sampler,
        fingerprint={},
        maximise=BOTH,
        storage=url,
        resume=resume,
    )


def run(one, evaluate=schaffer, kind=InProcess):
    one.run(kind(evaluate), ignore)
    return one.finished()


def record(trials):
    return [(trial.number, trial.parameters) for trial in trials]


def excess(trials):
    """Median of sqrt f1 + sqrt f2 - 2 along the front found: 0 on the true one."""
    front = front_of(trials, BOTH)
    found = sorted(sum(map(math.sqrt, trial.evaluation.objectives)) - 2.0 for trial in front)
    assert found[0] >= -1e-12
    return found[len(found) // 2]


def at_random(count, seed):
    """As many trials drawn evenly from the box."""
    rng = random.Random(seed)
    ranges = {item.name: (item.low, item.high) for item in SPACE.variables}
    designs = [{n: rng.uniform(*ends) for n, ends in ranges.items()} for _ in range(count)]
    return [Trial(number, p, schaffer(p), 0.0) for number, p in enumerate(designs)]


@pytest.mark.parametrize("sampler", ["nsga2", "nsga3"])
def test_known_front_is_found(sampler):
    """15 generations of 24, median of three seeds: four times nearer than random search.

    With two variables an even draw of n points leaves a distance of order 1/n to the front, one
    of a population that has found y = 0 only the spread of its mutations: the factor is a lower
    bound that says that the study works, not how well nsga does.
    """
    ours = statistics.median(excess(run(study(sampler, seed=seed))) for seed in (1, 2, 3))
    theirs = statistics.median(excess(at_random(360, seed)) for seed in (1, 2, 3))
    assert ours < theirs / 4.0


@pytest.mark.parametrize("sampler", ["nsga2", "nsga3"])
def test_known_front_is_covered_up_to_the_constraint(sampler):
    """x from 1/2 to 2 within a tenth of that length at both ends, and nothing below 1/2."""
    front = front_of(run(study(sampler)), BOTH)
    places = [trial.parameters["x"] for trial in front]
    assert 0.5 <= min(places) < 0.65
    assert max(places) > 1.85
    assert len(front) > 24 / 2


class Backwards(InProcess):
    """Finishes the last job of a batch first, as parallel workers may."""

    def run(self, jobs, report):
        super().run(list(reversed(jobs)), report)


@pytest.mark.parametrize("sampler", ["nsga2", "nsga3"])
def test_order_of_completion_does_not_change_the_populations(sampler):
    forwards = run(study(sampler, 120))
    assert record(run(study(sampler, 120), kind=Backwards)) == record(forwards)
    assert record(run(study(sampler, 120, seed=2))) != record(forwards)


@pytest.mark.parametrize("sampler", ["nsga2", "nsga3"])
def test_a_broken_off_front_goes_on_as_if_nothing_had_happened(sampler, tmp_path):
    whole = run(study(sampler, 100))
    url = f"sqlite:///{tmp_path / 'study.db'}"
    count = 0

    def until_sixty(parameters):
        nonlocal count
        count += 1
        if count > 60:
            raise KeyboardInterrupt
        return schaffer(parameters)

    with pytest.raises(KeyboardInterrupt):
        run(study(sampler, 100, url=url), until_sixty)
    again = study(sampler, 100, url=url, resume=True)
    assert len(again.finished()) == 60
    assert record(run(again)) == record(whole)


@pytest.mark.parametrize("sampler", ["tpe"])
def test_other_samplers_take_several_objectives_too(sampler):
    front = front_of(run(study(sampler, 60)), BOTH)
    assert front
    assert all(trial.parameters["x"] >= 0.5 for trial in front)


def trial(number, *objectives, violations=()):
    score = deb_score(objectives[0], True, violations)
    return Trial(number, {}, Evaluation(score, objectives, violations), 0.0)


MAXIMISE = (True, False)
TRIALS = [
    trial(0, 4.0, 8.0),
    trial(1, 3.0, 2.0),
    trial(2, 2.0, 1.0),
    trial(3, 2.5, 3.0),  # trial 1 is better in both
    trial(4, 9.0, 0.1, violations=(0.2,)),
    trial(5, 3.0, 2.0),  # equal to trial 1
    Trial(6, {}, None, 0.0, "worker died"),
    Trial(7, {}, Evaluation.invalid("cannot be built"), 0.0),
]


def numbers(trials):
    return [item.number for item in trials]


def test_front_by_hand():
    """More of the first objective and less of the second; equal, infeasible and failed ones out."""
    front = front_of(TRIALS, MAXIMISE)
    assert numbers(front) == [0, 1, 2]
    # in parts of the spans 2 and 7: (0, 1), (1/2, 1/7), (1, 0) from the ideal corner
    assert compromise(front, MAXIMISE).number == 1
    assert numbers(spread(front, MAXIMISE, 2)) == [0, 1]
    assert numbers(spread(front, MAXIMISE, 9)) == [0, 1, 2]
    assert front_of(TRIALS[6:], MAXIMISE) == []
