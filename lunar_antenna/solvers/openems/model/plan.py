"""What will be run for a problem: its models, each with the coarser mesh for z_error."""

from __future__ import annotations

from dataclasses import dataclass

from ....problem import Problem
from .accuracy import ACCURACY
from .companion import coarse_scene
from .estimate import Estimate, estimate, together
from .scene import Scene, prepare
from .split import Part, split


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """One mesh of the plan and what it costs.

    rough, rough_cost: of the coarser mesh, both None, with the reason in ``without``, where the
    layout has none.
    """

    part: Part
    scene: Scene
    cost: Estimate
    rough: Scene | None
    rough_cost: Estimate | None
    without: str


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """All models of a problem, solved one after the other."""

    models: tuple[Model, ...]

    @property
    def cost(self) -> Estimate:
        """Of all models without their coarser meshes."""
        return together([model.cost for model in self.models])

    @property
    def rough_cost(self) -> Estimate | None:
        """Of all coarser meshes; None where there is none."""
        costs = [model.rough_cost for model in self.models if model.rough_cost is not None]
        return together(costs) if costs else None

    @property
    def split_line(self) -> str:
        """One line on ports that symmetry keeps apart, "" where it does not."""
        if sum(len(model.part.uses) for model in self.models) == 1:
            return ""
        if len(self.models) == 1:
            return (
                f"{self.models[0].part.ports} uncoupled by symmetry and alike: one model for both"
            )
        names = " and ".join(model.part.ports for model in self.models)
        return f"{names} uncoupled by symmetry: a model each"


def make_plan(problem: Problem, accuracy: str) -> Plan:
    """Meshes and costs; raises SolverError where a mesh cannot be made."""
    density = ACCURACY[accuracy]
    models = []
    for part in split(problem):
        scene = prepare(part.problem, accuracy)
        rough, without = coarse_scene(part.problem, accuracy)
        models.append(
            Model(
                part,
                scene,
                estimate(scene, density),
                rough,
                None if rough is None else estimate(rough, density),
                without,
            )
        )
    return Plan(tuple(models))
