"""Candidates evaluated by the workers of a dask.distributed cluster (:mod:`...common.cluster`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import TracebackType

from ...common.cluster import CONNECT, PATIENCE, Cluster
from ...conventions import JsonDict
from ..study.evaluate import Evaluator
from .jobs import Job, Outcome, outcome_of
from .worker import answer


@lru_cache(maxsize=4)
def _evaluator(text: str) -> Evaluator:
    return Evaluator.from_dict(json.loads(text))


def evaluate(text: str, parameters: Mapping[str, float]) -> JsonDict:
    """One candidate, on a worker.  text: the evaluator as JSON."""
    return answer(_evaluator(text), parameters)


class DaskCluster:
    """The executor for the cluster of the scheduler at ``address``: errors are those of Cluster."""

    def __init__(
        self,
        evaluator: Evaluator,
        address: str,
        connect: float = CONNECT,
        patience: float = PATIENCE,
    ) -> None:
        self.evaluator = evaluator
        self._cluster = Cluster(address, connect, patience, "trials")

    def __enter__(self) -> DaskCluster:
        self._cluster.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cluster.__exit__(kind, error, trace)

    def run(self, jobs: Sequence[Job], report: Callable[[Outcome], None]) -> None:
        """Evaluate ``jobs``; ``report`` is called once for each, in the order of completion."""
        text = json.dumps(self.evaluator.to_dict())

        def told(number: int, message: JsonDict | None, failed: str | None) -> None:
            report(
                Outcome(number, None, failed=failed)
                if message is None
                else outcome_of(number, message)
            )

        self._cluster.run(
            evaluate, {job.number: (text, dict(job.parameters)) for job in jobs}, told
        )
