"""One candidate: parameters in, :class:`Evaluation` out; the same code in every worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...conventions import JsonDict
from ...errors import InputError, SolverError, one_line
from ...media.layer import Stack
from ...problem import Band, Problem
from ...solution import Solution
from ..between import respond, response_of
from ..port import PortModel, Termination, is_port_variable
from ..response import Combine, Response, worst_case
from .cluster import Cluster
from .goals import Goals
from .scenarios import Scenarios
from .trials import Evaluation

HEIGHT = "height"  # the variable that belongs to the problem, not to the geometry


@dataclass(frozen=True, slots=True, eq=False)
class Evaluator:
    """What stays the same for all candidates of a study.

    spec: content of a geometry file (:mod:`lunar_antenna.geometry.spec`) with all fixed
    overrides merged.  height: m, used where it is not searched.  cluster: the elements among which
    a candidate is judged, where a merit asks for them.
    """

    spec: JsonDict
    stack: Stack
    height: float
    band: Band
    solver: str
    accuracy: str
    goals: Goals
    port: PortModel
    robust: Scenarios | None = None
    cluster: Cluster | None = None

    def candidate(self, parameters: Mapping[str, float]) -> JsonDict:
        """The spec with ``parameters`` merged in: what a geometry file of the design holds."""
        from ...geometry.spec import override

        own = {
            name: value
            for name, value in parameters.items()
            if name != HEIGHT and not is_port_variable(name)
        }
        return override(self.spec, own)

    def problem(self, parameters: Mapping[str, float]) -> Problem:
        """The candidate's problem; raises :class:`GeometryError` where it cannot be built."""
        from ...geometry.load import build

        height = parameters.get(HEIGHT, self.height)
        return Problem(build(self.candidate(parameters)), self.stack, height, self.band)

    def problems(self, parameters: Mapping[str, float]) -> tuple[Problem, ...]:
        """The candidate in every scenario of a robust study; otherwise in its own alone."""
        problem = self.problem(parameters)
        if self.robust is None:
            return (problem,)
        return tuple(item.problem for item in self.robust.of(problem))

    def check(self, problem: Problem) -> None:
        """:class:`InputError` where the goals cannot be judged of ``problem`` in the own band."""
        self.goals.check(replace(problem, band=self.band), self.port)
        frequency = self.goals.array_frequency
        if frequency is None:
            if self.cluster is not None:
                raise InputError(
                    "[array] is given, but no objective and no constraint looks at a cluster; use "
                    "active_reflection or embedded_pattern, or leave [array] out"
                )
            return
        if self.cluster is None:
            merit = next(item for item in self.goals.merits if item.array_frequency is not None)
            raise InputError(
                f"{merit.label} is of a cluster of elements; add [array] to the study, for example "
                "kind = 'grid', count = 4, spacing = 12.0"
            )
        self.cluster.check(problem, frequency, self.accuracy)

    def evaluate(self, parameters: Mapping[str, float]) -> Evaluation:
        """Build, solve as much as the goals need, judge.

        A candidate that cannot be built or solved is infeasible, with its reason; a missing
        engine is not its fault and is raised.
        """
        try:
            return self._judge(self.responses(parameters), parameters)
        except (InputError, SolverError) as error:
            return Evaluation.invalid(one_line(error))

    def responses(self, parameters: Mapping[str, float]) -> tuple[Response, ...]:
        """The candidate solved in every scenario, as much of it as the goals need.

        Raises :class:`InputError` or :class:`SolverError` where it cannot be built or solved.
        """
        return tuple(self._respond(item) for item in self.problems(parameters))

    def judge(self, solutions: Sequence[Solution], parameters: Mapping[str, float]) -> Evaluation:
        """The same judgement of full solutions of :meth:`problems`, by whatever solver."""
        responses = tuple(self._among_others(response_of(item)) for item in solutions)
        return self._judge(responses, parameters)

    def _judge(
        self, responses: tuple[Response, ...], parameters: Mapping[str, float]
    ) -> Evaluation:
        return self.goals.evaluate(responses, self.port, parameters, self.combine)

    @property
    def combine(self) -> Combine:
        """How several scenarios become one."""
        return worst_case if self.robust is None else self.robust.combine

    def _respond(self, problem: Problem) -> Response:
        """The cheapest solution that holds what the goals need."""
        return self._among_others(respond(problem, self.solver, self.accuracy, self.goals.needs))

    def _among_others(self, response: Response) -> Response:
        """The same with the cluster solved, where a merit looks at it."""
        frequency = self.goals.array_frequency
        if self.cluster is None or frequency is None:
            return response
        found = self.cluster.solve(response.problem, frequency, self.accuracy)
        return replace(response, array=found)

    def termination(self, found: Evaluation, parameters: Mapping[str, float]) -> JsonDict:
        """Turns ratio and network of a judged candidate; empty for a plain load."""
        if found.z0 is None:
            return {}
        return self.port.describe(Termination(found.z0, self.port.values(parameters)))

    def to_dict(self) -> JsonDict:
        return {
            "spec": self.spec,
            "stack": self.stack.to_dict(),
            "height": self.height,
            "frequency": self.band.frequency.tolist(),
            "solver": self.solver,
            "accuracy": self.accuracy,
            "goals": self.goals.to_dict(),
            "port": self.port.to_dict(),
            "robust": None if self.robust is None else self.robust.to_dict(),
            **({} if self.cluster is None else {"array": self.cluster.to_dict()}),
        }

    @classmethod
    def from_dict(cls, data: JsonDict) -> Evaluator:
        return cls(
            spec=data["spec"],
            stack=Stack.from_dict(data["stack"]),
            height=data["height"],
            band=Band(data["frequency"]),
            solver=data["solver"],
            accuracy=data["accuracy"],
            goals=Goals.from_dict(data["goals"]),
            port=PortModel.from_dict(data["port"]),
            robust=None if data["robust"] is None else Scenarios.from_dict(data["robust"]),
            cluster=Cluster.from_dict(data["array"]) if "array" in data else None,
        )
