"""Later stages of a study: who is checked, who wins, and what the reader is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

import lunar_antenna as la
from lunar_antenna.common.parameter import Parameter
from lunar_antenna.search.merits.base import EfficiencyMerit
from lunar_antenna.search.output.notes import notes_of
from lunar_antenna.search.output.result import OptimizationResult
from lunar_antenna.search.port import PortModel
from lunar_antenna.search.run.jobs import InProcess
from lunar_antenna.search.run.refine import chosen_of, refine
from lunar_antenna.search.space import SearchSpace
from lunar_antenna.search.study.goals import Constraint, Goals
from lunar_antenna.search.study.plan import StudySettings
from lunar_antenna.search.study.stages import Stages
from lunar_antenna.search.study.trials import Evaluation, Trial

SPACE = SearchSpace((Parameter("a", "", None, 0.0, 1.0),))
GOALS = Goals.default()


def evaluation(score, **changes):
    values = {
        "objectives": (score,),
        "violations": (-1.0,),
        "merits": {item.label: score for item in GOALS.merits},
        "z0": 100.0,
        "band": (10e6, 20e6),
        "held_out": 0.0,
    }
    return Evaluation(score, **{**values, **changes})


def trial(number, a, score, **changes):
    return Trial(number, {"a": a}, evaluation(score, **changes), 0.0)


def plan(check=2, goals=GOALS):
    band = la.Band.mhz(5, 35, 61)
    evaluator = SimpleNamespace(
        solver="planar", accuracy="draft", band=band, goals=goals, port=PortModel()
    )
    return SimpleNamespace(
        evaluator=evaluator,
        screener=evaluator,
        searcher=evaluator,
        checker=SimpleNamespace(**{**vars(evaluator), "accuracy": "normal"}),
        stages=Stages(check=check, fine=False),
        space=SPACE,
        maximise=tuple(item.maximise for item in goals.objectives),
    )


def refined(trials, checked, check=2, screened=0):
    """``checked``: score by a of the check; designs that must not be checked are not in it."""
    seen = []

    def evaluate(parameters):
        seen.append(parameters["a"])
        return evaluation(checked[parameters["a"]])

    return refine_by(plan(check), trials, InProcess(evaluate), screened), seen


def refine_by(study_plan, trials, executor, screened=0):
    winner, front = chosen_of(study_plan, trials, screened)
    found = OptimizationResult(
        trials=tuple(trials),
        evaluator=study_plan.evaluator,
        sampler="tpe",
        evaluated=len(trials),
        study=None,
        winner=winner,
        front=front,
    )
    return refine(study_plan, found, screened, lambda _: executor, lambda *_: None)


def test_the_check_chooses_and_says_where_it_changed_the_order():
    trials = [trial(0, 0.2, 3.0), trial(1, 0.5, 2.9), trial(2, 0.8, 2.0)]
    found, seen = refined(trials, {0.2: 2.5, 0.5: 2.8})
    assert seen == [0.2, 0.5]
    assert (found.winner.number, found.winner.evaluation.score) == (1, 2.8)
    assert any("changed the order: trial 1" in note for note in found.notes)
    assert any("stage check gives the score 2.8, stage search 2.9" in note for note in found.notes)
    stages = [(item.stage, item.trial, item.evaluation.score) for item in found.stages]
    assert stages == [("search", 0, 3.0), ("search", 1, 2.9), ("check", 0, 2.5), ("check", 1, 2.8)]


def test_designs_that_are_alike_are_checked_once():
    trials = [trial(0, 0.2, 3.0), trial(1, 0.201, 2.99), trial(2, 0.8, 2.0)]
    found, seen = refined(trials, {0.2: 3.0, 0.8: 2.0})
    assert seen == [0.2, 0.8]
    assert found.winner.number == 0
    assert not any("order" in note for note in found.notes)


def test_a_screened_design_competes_only_where_there_is_no_other_and_says_so():
    trials = [trial(0, 0.2, 3.0), trial(1, 0.5, 2.9)]
    found, _ = refined(trials, {0.5: 2.9}, screened=1)
    assert [item.stage for item in found.stages] == ["search", "check"]
    found, _ = refined(trials[:1], {0.2: 3.0}, screened=1)
    assert [item.stage for item in found.stages] == ["screen", "check"]


def test_a_margin_tightens_the_search_and_not_the_check():
    table = {"merit": "min_efficiency", "at_least": 0.2}
    most = {"merit": "film_mass", "at_most": 2.0}
    goals = Goals.from_tables([{"merit": "band_ratio", "threshold": 0.8}], [table, most])
    tight = goals.tightened(0.05)
    assert tight.objectives[0].threshold == pytest.approx(0.84)
    assert [item.bound for item in tight.constraints] == pytest.approx([0.21, 1.9])
    assert goals.tightened(0.0) == goals
    with pytest.raises(la.InputError, match="margin is for a search that is checked"):
        Stages(margin=0.01, check=0)


@dataclass(frozen=True, slots=True)
class StandingWave(EfficiencyMerit):
    """A merit of another package whose threshold must not be exceeded: stricter is lower."""

    name = "standing_wave"
    maximise = True
    threshold: float = 3.0

    def tightened(self, margin):
        return replace(self, threshold=1.0 + (self.threshold - 1.0) * (1.0 - margin))

    def value(self, view):
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Reached(EfficiencyMerit):
    """A merit of another package that says nothing about margins: its threshold is raised."""

    name = "reached"
    maximise = True
    threshold: float = 0.6

    def value(self, view):
        raise NotImplementedError


def test_a_margin_asks_the_merit_itself_whoever_wrote_it():
    """As an objective and under a constraint, whose own bound is tightened beside it."""
    goals = Goals((StandingWave(), Reached()), (Constraint(Reached(threshold=0.5), low=0.2),))
    tight = goals.tightened(0.1)
    assert [item.threshold for item in tight.objectives] == pytest.approx([2.8, 0.66])
    assert tight.constraints[0].merit.threshold == pytest.approx(0.55)
    assert tight.constraints[0].bound == pytest.approx(0.22)
    with pytest.raises(la.InputError, match=r"raises reached from 0\.95 to 1\.045"):
        Goals((Reached(threshold=0.95),)).tightened(0.1)


@pytest.mark.parametrize(
    ("objective", "constraint", "told"),
    [
        (
            0.95,
            {"merit": "min_efficiency", "at_least": 0.1},
            r".*ratio.* from 0\.95 to 1\.045",
        ),
        (
            0.8,
            {"merit": "min_efficiency", "at_least": 0.92},
            r".*min_eff.* from 0\.92 to 1\.012",
        ),
        (
            0.8,
            {"merit": "mean_efficiency", "at_least": 1.0},
            r".*mean_eff.* from 1 to 1\.1",
        ),
        (
            0.8,
            {"merit": "band_ratio", "threshold": 0.91, "at_least": 2.0},
            r".*band.* from 0\.91 to 1\.001",
        ),
    ],
)
def test_a_margin_that_asks_for_more_than_everything_is_refused(objective, constraint, told):
    """Before the start, by the plan; a margin of 5 % leaves the first one possible."""
    goals = Goals.from_tables([{"merit": "band_ratio", "threshold": objective}], [constraint])
    settings = StudySettings("bowtie", goals=goals, stages=Stages(margin=0.1))
    with pytest.raises(la.InputError, match=rf"margin = 0\.1 raises {told}") as caught:
        settings.plan()
    assert "\n" not in str(caught.value)
    if objective == 0.95:
        assert goals.tightened(0.05).objectives[0].threshold == pytest.approx(0.9975)


@pytest.mark.parametrize(("merit", "notes"), [("film_mass", 0), ("band_ratio", 1)])
def test_the_end_of_z0_s_range_is_told_only_where_z0_matters(merit, notes):
    from lunar_antenna.search.study.stages import StageResult

    goals = Goals.from_tables([{"merit": merit}], [])
    winner = trial(0, 0.5, 3.0, z0=25.0, violations=())
    judged = StageResult("search", 0, "planar", "draft", 61, winner.evaluation)
    assert len(notes_of(plan(goals=goals), winner, (judged,), changed=None)) == notes


def test_no_check_means_none():
    trials = [trial(0, 0.2, 3.0), trial(1, 0.5, 2.9)]
    found, seen = refined(trials, {}, check=0)
    assert seen == []
    assert found.winner == trials[0]


def test_nothing_is_refined_where_nothing_could_be_solved():
    failed = Trial(0, {"a": 0.1}, Evaluation.invalid("cannot be built"), 0.0)
    found, seen = refined([failed], {})
    assert (found.winner, found.stages, seen) == (failed, (), [])


def test_designs_of_a_front_are_checked_and_the_front_is_that_of_the_check():
    """More of the first, less of the second; after the check trial 1 beats trial 0 in both."""
    goals = Goals.from_tables([{"merit": "band_ratio"}, {"merit": "film_mass"}], [])

    def two(ratio, mass):
        return Evaluation(ratio, (ratio, mass), (), {m.label: 1.0 for m in goals.merits}, z0=50.0)

    trials = [
        Trial(number, {"a": a}, two(*values), 0.0)
        for number, a, values in ((0, 0.1, (4.0, 3.0)), (1, 0.5, (3.0, 2.0)), (2, 0.9, (2.0, 1.0)))
    ]
    checked = {0.1: two(2.9, 3.0), 0.5: two(3.0, 2.0), 0.9: two(2.0, 1.0)}
    executor = InProcess(lambda parameters: checked[parameters["a"]])
    found = refine_by(plan(9, goals), trials, executor)
    assert [item.number for item in found.front] == [1, 2]


@pytest.mark.parametrize(
    ("winner", "told"),
    [
        (trial(0, 0.995, 3.0), "a = 0.995 is at the upper end of its search range [0, 1]"),
        (trial(0, 0.5, 3.0, z0=26.0), "z0 = 26 ohm is at the lower end of its range [25, 600]"),
        (trial(0, 0.5, 3.0, band=(10e6, 35e6)), "upper edge is the end of the solved band, 35 MHz"),
        (trial(0, 0.5, 3.0, violations=(-0.005,)), ">= 0.1 is active: 3"),
        (trial(0, 0.5, -0.1, violations=(0.2,)), ">= 0.1 is violated"),
        (trial(0, 0.5, 3.0, held_out=0.05), "uncertain by up to 0.05 in Gamma"),
    ],
)
def test_notes_name_edges_active_constraints_and_doubts(winner, told):
    from lunar_antenna.search.study.stages import StageResult

    judged = StageResult("search", 0, "planar", "draft", 61, winner.evaluation)
    notes = notes_of(plan(), winner, (judged,), changed=None)
    assert len(notes) == 1
    assert told in notes[0]


def test_an_inner_optimum_needs_no_note():
    from lunar_antenna.search.study.stages import StageResult

    winner = trial(0, 0.5, 3.0)
    judged = StageResult("search", 0, "planar", "draft", 61, winner.evaluation)
    assert notes_of(plan(), winner, (judged,), changed=None) == ()
