"""What is evaluated and what becomes of it: jobs, outcomes, and who turns one into the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from ...conventions import JsonDict
from ..study.trials import Evaluation


@dataclass(frozen=True, slots=True)
class Job:
    """One candidate by trial number."""

    number: int
    parameters: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: an evaluation, or the reason why there is none."""

    number: int
    evaluation: Evaluation | None
    seconds: float = 0.0
    failed: str | None = None


def outcome_of(number: int, message: JsonDict) -> Outcome:
    """What a worker answered about trial ``number`` (:func:`.worker.answer`)."""
    if "failed" in message:
        return Outcome(number, None, failed=message["failed"])
    return Outcome(number, Evaluation.from_dict(message["evaluation"]), message["seconds"])


class Executor(Protocol):
    """Evaluates jobs in any order; reports each as soon as it is done."""

    def run(self, jobs: Sequence[Job], report: Callable[[Outcome], None]) -> None: ...

    def __enter__(self) -> Executor: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


@dataclass(slots=True)
class InProcess:
    """Evaluates in the calling process, one after another (for tests and debugging)."""

    evaluate: Callable[[Mapping[str, float]], Evaluation]

    def __enter__(self) -> InProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def run(self, jobs: Sequence[Job], report: Callable[[Outcome], None]) -> None:
        for job in jobs:
            report(Outcome(job.number, self.evaluate(job.parameters)))
