"""The study without a solver: order, seeds, resume, samplers, refusals, dead workers."""

from __future__ import annotations

import math
import sys
from dataclasses import replace

import pytest

from lunar_antenna.common.parameter import Parameter
from lunar_antenna.errors import InputError, MissingEngineError, SolverError
from lunar_antenna.search.run.executors import LocalWorkers
from lunar_antenna.search.run.jobs import InProcess, Job
from lunar_antenna.search.run.study import Study
from lunar_antenna.search.space import SearchSpace, free_parameter
from lunar_antenna.search.study.samplers import batch_size, choose_sampler
from lunar_antenna.search.study.trials import ABANDONED, Evaluation, Trial, best_of

SPACE = SearchSpace((Parameter("a", "", 0.5, -1.0, 1.0), Parameter("b", "", 5.0, 0.0, 2.0)))


def hill(parameters):
    """A smooth hill of height 3 at (0.2, 1.3)."""
    a, b = parameters["a"] - 0.2, parameters["b"] - 1.3
    value = 3.0 * math.exp(-a * a - b * b)
    return Evaluation(value, (value,), z0=100.0, band=(1e7, 2e7), lowest=0.5, held_out=0.0)


def ignore(*_):
    """A report that is not looked at."""


def opened(
    trials,
    seed=1,
    sampler="tpe",
    fingerprint=None,
    url=None,
    resume=False,
    space=SPACE,
    maximise=(True,),
):
    return Study(
        space,
        maximise=maximise,
        trials=trials,
        seed=seed,
        sampler=sampler,
        fingerprint=fingerprint or {"geometry": "hill"},
        storage=url,
        resume=resume,
    )


def run(study, evaluate=hill):
    study.run(InProcess(evaluate), ignore)
    return study.finished()


def record(trials):
    return [(trial.number, trial.parameters, trial.score) for trial in trials]


class Backwards(InProcess):
    """Finishes the last job of a batch first, as parallel workers may."""

    def run(self, jobs, report):
        super().run(list(reversed(jobs)), report)


@pytest.mark.parametrize("sampler", ["tpe", "cma-es"])
def test_order_of_completion_does_not_change_the_search(sampler):
    forwards = run(opened(30, sampler=sampler))
    study = opened(30, sampler=sampler)
    study.run(Backwards(hill), ignore)
    assert record(study.finished()) == record(forwards)


@pytest.mark.parametrize("sampler", ["tpe", "cma-es"])
def test_an_objective_to_be_minimised_is_searched_by_its_score(sampler):
    """The score of one objective is better the higher, whatever the objective's own sense is."""
    less = run(opened(40, sampler=sampler, maximise=(False,)))
    assert record(less) == record(run(opened(40, sampler=sampler)))


@pytest.mark.parametrize("sampler", ["tpe", "cma-es"])
def test_search_climbs_and_seeds_differ(sampler):
    """Best of 60 trials is within 5 % of the top; random search would need about 300."""
    first = run(opened(60, seed=1, sampler=sampler))
    second = run(opened(60, seed=2, sampler=sampler))
    assert best_of(first).score > 2.85
    assert record(first) != record(second)
    assert first[0].parameters == {"a": 0.5, "b": 2.0}  # the shipped design, inside the range


@pytest.mark.parametrize("sampler", ["tpe", "cma-es"])
def test_a_broken_off_study_goes_on_as_if_nothing_had_happened(sampler, tmp_path):
    whole = run(opened(25, sampler=sampler))
    url = f"sqlite:///{tmp_path / 'study.db'}"
    count = 0

    def until_thirteen(parameters):
        nonlocal count
        count += 1
        if count > 13:
            raise KeyboardInterrupt
        return hill(parameters)

    with pytest.raises(KeyboardInterrupt):
        run(opened(25, sampler=sampler, url=url), until_thirteen)
    again = opened(25, sampler=sampler, url=url, resume=True)
    assert len(again.finished()) == 13
    assert record(run(again)) == record(whole)


def test_resume_names_the_one_key_that_differs_and_its_two_values(tmp_path):
    url = f"sqlite:///{tmp_path / 'study.db'}"
    before = {"spec": {"family": "strip"}, "objective": {"threshold": 0.9, "floor": 0.1}}
    now = {**before, "objective": {"threshold": 0.8, "floor": 0.1}}
    run(opened(6, fingerprint=before, url=url))
    with pytest.raises(InputError, match=r": objective\.threshold was 0\.9 and is 0\.8; use"):
        opened(6, fingerprint=now, url=url, resume=True)


def test_trial_that_was_never_proposed_is_no_failed_design():
    from types import SimpleNamespace

    from lunar_antenna.search.output.result import OptimizationResult

    trials = (
        Trial(0, {}, hill({"a": 0.0, "b": 1.0}), 0.1),
        Trial(1, {}, None, 0.0, ABANDONED),
        Trial(2, {}, None, 0.0, "worker died 2 times"),
    )
    evaluator = SimpleNamespace(solver="nec", accuracy="draft", termination=lambda *_: {})
    result = OptimizationResult(trials, evaluator, "tpe", 1.0, 3, None, winner=best_of([*trials]))
    document = result.to_dict()
    assert (document["trials"], document["failed"], document["abandoned"]) == (3, 1, 1)
    assert document["best"]["trial"] == 0


def test_resume_wants_the_same_problem_and_says_what_differs(tmp_path):
    url = f"sqlite:///{tmp_path / 'study.db'}"
    run(opened(6, url=url))
    with pytest.raises(InputError, match="--resume"):
        opened(6, url=url)
    with pytest.raises(InputError, match="geometry was 'hill' and is 'valley'"):
        opened(6, fingerprint={"geometry": "valley"}, url=url, resume=True)
    finished = opened(6, url=url, resume=True)
    assert len(run(finished)) == 6  # nothing left to do


def test_unusable_storage_is_one_clear_line(tmp_path):
    (tmp_path / "study.db").write_text("this is no database, and long enough to be read as one")
    for url in (f"sqlite:///{tmp_path / 'study.db'}", "nonsense", "nonsense://x/y"):
        with pytest.raises(InputError, match="cannot be used") as caught:
            opened(6, url=url)
        assert "\n" not in str(caught.value)


def test_samplers_and_batches():
    assert choose_sampler("auto", 4, 50) == "tpe"
    assert choose_sampler("auto", 4, 500) == "cma-es"
    assert choose_sampler("auto", 1, 500) == choose_sampler("cma-es", 1, 500) == "tpe"
    assert batch_size(1) == 6
    assert batch_size(10) == 10
    assert [choose_sampler("auto", 4, 999, objectives) for objectives in (2, 3)] == ["tpe"] * 2
    assert choose_sampler("auto", 4, 1000, 2) == "nsga2"
    assert choose_sampler("auto", 4, 1000, 3) == "nsga3"
    assert [batch_size(n, "nsga2") for n in (1, 5, 6, 50)] == [24, 52, 60, 100]
    with pytest.raises(InputError, match="allowed: auto, cma-es, tpe"):
        choose_sampler("simplex", 3, 10)
    with pytest.raises(InputError, match="takes one objective, the study has 2"):
        choose_sampler("cma-es", 3, 10, 2)
    with pytest.raises(InputError, match="for several objectives"):
        choose_sampler("nsga2", 3, 10)


def test_gp_without_torch_names_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingEngineError, match=r"pip install 'lunar-antenna\[gp\]'") as caught:
        choose_sampler("gp", 3, 10)
    assert "\n" not in str(caught.value)


def test_search_space_comes_from_ranges_and_shipped_values():
    ranges = {
        "length": Parameter("length", "m", None, 5.0, 12.0),
        "coupled.width": Parameter("coupled.width", "m", None, 0.1, 0.5),
        "width": Parameter("width", "m", None, 0.1, 3.0),
    }
    values = {"length": 20.0, "coupled": {"width": 0.2}}
    space = SearchSpace.from_ranges(ranges, values, fixed=("width",))
    assert space.start == {"length": 12.0, "coupled.width": 0.2}
    with pytest.raises(InputError, match="nothing to search"):
        SearchSpace.from_ranges(
            {"length": Parameter("length", "m", None, 5.0, 12.0)}, {}, fixed=("length",)
        )


def test_log_and_whole_numbered_variables():
    """Half-way on a log scale from 0.01 to 1 is 0.1; whole numbers stay whole in every trial."""
    ranges = {
        "w0": free_parameter("w0", [0.01, 1.0, "log"]),
        "turns": Parameter("turns", "m", None, 2, 6, integer=True),
    }
    space = SearchSpace.from_ranges(ranges, {"turns": 3.0})
    assert space.start == {"w0": pytest.approx(0.1), "turns": 3}
    assert space.variables[0].place(0.1) == pytest.approx(0.5)
    assert space.distance({"w0": 0.1, "turns": 3}, {"w0": 1.0, "turns": 4}) == pytest.approx(0.5)
    study = opened(30, space=space)
    found = run(study, lambda p: Evaluation(p["w0"] + p["turns"]))
    assert {trial.parameters["turns"] for trial in found} <= {2, 3, 4, 5, 6}
    assert len({trial.parameters["w0"] for trial in found}) == 30
    for wrong in ([1.0], [0.1, 1.0, "linear"], "wide", [0.1, "b"]):
        with pytest.raises(InputError, match=r"\[search\] w0"):
            free_parameter("w0", wrong)
    with pytest.raises(InputError, match="log scale needs more than 0"):
        Parameter("w0", "", None, 0.0, 1.0, offset=0.0)


def test_stages_of_one_study_follow_each_other_in_whole_batches():
    """The first twelve trials by one evaluator, the rest by another; resumed as if in one go."""
    study = opened(20)
    study.run(InProcess(lambda p: replace(hill(p), reason="screened")), ignore, 12)
    assert len(study.finished()) == 12
    study.run(InProcess(hill), ignore)
    reasons = [trial.evaluation.reason for trial in study.finished()]
    assert reasons == ["screened"] * 12 + [None] * 8


class NoEvaluator:
    """Stands for the evaluator where the worker is a script of the test."""

    def to_dict(self):
        return {}


WORKER = """
import sys
from lunar_antenna.common.workers import serve

def work(parameters):
    return {"evaluation": {"score": parameters["a"], "z0": None, "band": None, "lowest": None,
                           "held_out": None, "reason": None}, "seconds": 0.0}

sys.exit(serve(lambda model: work))
"""


def test_local_workers_answer_every_job_once(tmp_path):
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    jobs = [Job(number, {"a": float(number)}) for number in range(8)]
    outcomes = {}
    with LocalWorkers(NoEvaluator(), 2, (sys.executable, str(script))) as executor:
        executor.run(jobs, lambda outcome: outcomes.update({outcome.number: outcome}))
    assert {number: found.evaluation.score for number, found in outcomes.items()} == {
        job.number: job.parameters["a"] for job in jobs
    }


def test_worker_that_cannot_start_is_an_error_and_not_an_endless_loop():
    executor = LocalWorkers(
        NoEvaluator(), 2, (sys.executable, "-c", "raise SystemExit('no such engine')")
    )
    with executor, pytest.raises(SolverError, match="no such engine"):
        executor.run([Job(0, {"a": 0.0})], ignore)
