"""One candidate: parameters in, :class:`Evaluation` out; the same code in every worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..conventions import JsonDict
from ..errors import InputError, SolverError, one_line
from ..media.layer import Stack
from ..problem import Band, Problem
from .interpolation import densify
from .objectives import BandObjective, Evaluation

HEIGHT = "height"  # the one variable that belongs to the problem, not to the geometry


@dataclass(frozen=True, slots=True, eq=False)
class Evaluator:
    """What stays the same for all candidates of a study.

    spec: content of a geometry file (:mod:`lunar_antenna.geometry.spec`) with all fixed
    overrides merged.  height: m, used where it is not searched.
    """

    spec: JsonDict
    stack: Stack
    height: float
    band: Band
    solver: str
    accuracy: str
    objective: BandObjective

    def candidate(self, parameters: Mapping[str, float]) -> JsonDict:
        """The spec with ``parameters`` merged in: what a geometry file of the design holds."""
        from ..geometry.spec import override

        own = {name: value for name, value in parameters.items() if name != HEIGHT}
        return override(self.spec, own)

    def problem(self, parameters: Mapping[str, float]) -> Problem:
        """The candidate's problem; raises :class:`GeometryError` where it cannot be built."""
        from ..geometry.load import build

        height = parameters.get(HEIGHT, self.height)
        return Problem(build(self.candidate(parameters)), self.stack, height, self.band)

    def evaluate(self, parameters: Mapping[str, float]) -> Evaluation:
        """Build, solve, score.

        A candidate that cannot be built or solved is infeasible, with its reason; a missing
        engine is not its fault and is raised.
        """
        from ..solvers.base import solve

        try:
            solution = solve(self.problem(parameters), self.solver, accuracy=self.accuracy)
            dense = densify(solution.frequency, solution.input_impedance())
            return self.objective.evaluate(dense)
        except (InputError, SolverError) as error:
            return Evaluation.invalid(one_line(error))

    def to_dict(self) -> JsonDict:
        return {
            "spec": self.spec,
            "stack": self.stack.to_dict(),
            "height": self.height,
            "frequency": self.band.frequency.tolist(),
            "solver": self.solver,
            "accuracy": self.accuracy,
            "objective": self.objective.to_dict(),
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
            objective=BandObjective(**data["objective"]),
        )
