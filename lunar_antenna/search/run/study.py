"""The study: ask in batches, tell as results come, everything finished is on disk at once.

A batch is proposed from finished batches only, and its size depends on the number of variables
alone, so a seed gives the same trials whatever the number of workers.  Each result is written to
the storage when it arrives: a killed study loses the evaluations in flight, and ``resume``
evaluates exactly those again before it goes on.
"""

from __future__ import annotations

import contextlib
import json
import logging
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ...common.secret import redacted
from ...common.signals import signals_deferred
from ...conventions import JsonDict
from ...errors import InputError, one_line
from ..space import SearchSpace
from ..study.samplers import batch_size, choose_sampler, make_sampler
from ..study.trials import ABANDONED, Evaluation, Trial, best_of
from .claim import claimed
from .jobs import Executor, Job, Outcome
from .storage import Records, annotate, memory_study

if TYPE_CHECKING:
    import optuna

STUDY_NAME = "lunar-antenna"


class Study:
    """An optuna study with our order of asking and telling.

    trials: wanted in all.  sampler: as asked for; "auto" is decided here, once.  fingerprint: what
    must be the same for a stored study to go on.  maximise: of each of several objectives whether
    more is better; with one, its score is maximised.  storage: SQLAlchemy URL, None is memory.
    told: how the storage is shown, where not by its URL.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        trials: int,
        seed: int,
        sampler: str,
        fingerprint: JsonDict,
        maximise: tuple[bool, ...] = (True,),
        storage: str | None = None,
        resume: bool = False,
        told: str | None = None,
    ) -> None:
        self.space, self.trials, self.seed, self.maximise = space, trials, seed, maximise
        self.url = told or (None if storage is None else redacted(storage))
        self._start: dict[str, float] | None = None
        with quiet():
            self._study, self._records = _open(self.directions, fingerprint, storage, resume)
            known = self._study.user_attrs.get("sampler")
            self.sampler: str = known or choose_sampler(
                sampler, len(space.variables), trials, len(maximise)
            )
            if known is None and self._records is not None:
                self._records.set_attribute("sampler", self.sampler)

    @property
    def resumed(self) -> bool:
        """Whether there was something to go on with."""
        return self._records is not None and self._records.known

    def claimed(self) -> AbstractContextManager[None]:
        """Keeps other processes out of a database that no lock of the system guards."""
        records = self._records
        if records is None or records.has_lock:
            return contextlib.nullcontext()
        return claimed(
            lambda: records.attribute("holder"),
            lambda text: records.set_attribute("holder", text),
            f"the study in {records.redacted}",
        )

    @property
    def directions(self) -> list[str]:
        """Optuna's: of the score, which is better the higher, or of several objectives."""
        if len(self.maximise) == 1:
            return ["maximize"]
        return ["maximize" if item else "minimize" for item in self.maximise]

    def finished(self) -> list[Trial]:
        """All finished trials by number."""
        from optuna.trial import TrialState

        done = (TrialState.COMPLETE, TrialState.FAIL)
        with quiet(), signals_deferred():
            frozen = self._study.get_trials(deepcopy=False, states=done)
        return [_trial(item) for item in sorted(frozen, key=lambda item: item.number)]

    def run(
        self,
        executor: Executor,
        report: Callable[[Trial, int], None],
        until: int | None = None,
    ) -> None:
        """Go on until ``until`` trials are finished, or all that are wanted.

        ``report`` is called with each finished trial and their count so far.
        """
        last = self.trials if until is None else min(until, self.trials)
        count = len(self.finished())

        def tell(outcome: Outcome) -> None:
            nonlocal count
            count += 1
            report(self._tell(outcome), count)

        with quiet():
            unfinished = self._unfinished()
            count = len(self.finished())
            if unfinished:
                executor.run(unfinished, tell)
            while batch := self._ask(last):
                executor.run(batch, tell)

    def _sampler(self, number: int) -> optuna.samplers.BaseSampler:
        return make_sampler(
            self.sampler,
            len(self.space.variables),
            self.seed,
            number,
            several=len(self.maximise) > 1,
            start=self._first_best(),
        )

    def _first_best(self) -> dict[str, float] | None:
        """The best design of the first batch; None while that is not finished."""
        if self._start is None and self.sampler == "cma-es":
            size = batch_size(len(self.space.variables), self.sampler)
            finished = [trial for trial in self.finished() if trial.number < size]
            best = best_of(finished) if len(finished) == size else None
            self._start = None if best is None else best.parameters
        return self._start

    @signals_deferred()
    def _unfinished(self) -> list[Job]:
        """Trials that were in flight when an earlier run ended."""
        from optuna.trial import TrialState

        names = set(self.space.names)
        self._study.sampler = self._sampler(0)  # it is told of constraints when trials end
        jobs = []
        for item in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            if set(item.params) == names:
                jobs.append(Job(item.number, dict(item.params)))
            else:  # killed while it was being proposed
                failed = self._study.tell(item.number, state=TrialState.FAIL)
                if self._records is not None:
                    self._records.finish(failed)
        return sorted(jobs, key=lambda job: job.number)

    @signals_deferred()
    def _ask(self, until: int) -> list[Job]:
        """The next batch: up to the next multiple of the batch size."""
        space = self.space
        size = batch_size(len(space.variables), self.sampler)
        first = len(self._study.get_trials(deepcopy=False))
        last = min((first // size + 1) * size, until)
        if first >= last:
            return []
        if first == 0:
            self._study.enqueue_trial(space.start)
        self._study.sampler = self._sampler(first)
        distributions = space.distributions()
        asked = [self._study.ask(fixed_distributions=distributions) for _ in range(first, last)]
        frozen = self._study.get_trials(deepcopy=False)[first:last]
        if self._records is not None:
            self._records.propose(frozen)
        return [Job(trial.number, dict(trial.params)) for trial in asked]

    @signals_deferred()
    def _tell(self, outcome: Outcome) -> Trial:
        from optuna.trial import TrialState

        record: JsonDict = {"seconds": outcome.seconds, "failed": outcome.failed}
        if outcome.evaluation is not None:
            record["evaluation"] = outcome.evaluation.to_dict()
        annotate(self._study, outcome.number, "record", record)
        if outcome.evaluation is None:
            frozen = self._study.tell(outcome.number, state=TrialState.FAIL)
        else:
            frozen = self._study.tell(outcome.number, self._values(outcome.evaluation))
        if self._records is not None:
            self._records.finish(frozen)
        return _trial(frozen)

    def _values(self, evaluation: Evaluation) -> float | list[float]:
        """What optuna is told: the score, or the objectives of a study of several."""
        if len(self.maximise) == 1:
            return evaluation.score
        return list(evaluation.objectives) or [_worst(item) for item in self.maximise]


def _worst(maximise: bool) -> float:
    """An objective of what could not be solved; its violation says the rest."""
    return 0.0 if maximise else 1e3


def _trial(item: optuna.trial.FrozenTrial) -> Trial:
    record: dict[str, Any] = item.user_attrs.get("record", {})
    evaluation = record.get("evaluation")
    return Trial(
        number=item.number,
        parameters=dict(item.params),
        evaluation=None if evaluation is None else Evaluation.from_dict(evaluation),
        seconds=float(record.get("seconds", 0.0)),
        failed=record.get("failed") or (None if evaluation else ABANDONED),
    )


def _open(
    directions: list[str], fingerprint: JsonDict, url: str | None, resume: bool
) -> tuple[optuna.Study, Records | None]:
    """The study in memory, and where it is kept."""
    if url is None:
        return memory_study(STUDY_NAME, directions), None
    records = Records(url, STUDY_NAME)
    if records.known and not resume:
        raise InputError(
            f"{records.redacted} already holds a study; add --resume or choose another --out"
        )
    study = records.open(directions)
    before = study.user_attrs.get("fingerprint")
    if before is None:
        records.set_attribute("fingerprint", json.dumps(fingerprint, sort_keys=True))
        records.set_attribute("created", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    elif json.loads(before) != json.loads(json.dumps(fingerprint)):
        raise InputError(_difference(json.loads(before), fingerprint, records.redacted))
    return study, records


def _difference(before: JsonDict, now: JsonDict, url: str | None) -> str:
    name, old, new = _first_difference("", before, now)
    detail = one_line(f"{name} was {_brief(old)} and is {_brief(new)}")
    return (
        f"{url} holds a study of another problem: {detail[:300]}; "
        "use the same options or another --out"
    )


def _first_difference(name: str, before: Any, now: Any) -> tuple[str, Any, Any]:
    """Dotted name and both values of the first leaf in which two tables differ."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in [*now, *(key for key in before if key not in now)]:
            if before.get(key) != now.get(key):
                inner = f"{name}.{key}" if name else key
                return _first_difference(inner, before.get(key), now.get(key))
    return name, before, now


def _brief(value: Any) -> str:
    """``value`` in a few words: long lists by their length and ends."""
    if isinstance(value, (list, tuple)) and len(value) > 4:
        return f"{len(value)} values from {value[0]!r} to {value[-1]!r}"
    return "not given" if value is None else repr(value)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """optuna's own log and its warnings about experimental parts stay silent meanwhile."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # in a notebook it asks for widgets it does not need
        import optuna

    logger = logging.getLogger("optuna")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        logger.setLevel(level)
