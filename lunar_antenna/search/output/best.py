"""The best design as a geometry file."""

from __future__ import annotations

from ...conventions import JsonDict
from ...media.layer import Stack
from ..study.evaluate import HEIGHT
from .design import KEY, solved_mhz
from .result import OptimizationResult, stage_of

BEST = "best.toml"


def shipped(stack: Stack) -> bool:
    """Whether ``--soil`` with the name of the stack gives these very layers."""
    from ...media.soils import load_soil, soil_names

    return stack.name in soil_names() and load_soil(stack.name).layers == stack.layers


def best_toml(result: OptimizationResult) -> str:
    """The best design as a geometry file that ``solve`` reads, with how it was found.

    A soil that is not shipped is written as its layers: no name leads to it.
    """
    import tomli_w

    from ...media.soil_files import layer_rows

    evaluator, trial = result.evaluator, result.best
    spec = evaluator.candidate(trial.parameters)
    found = trial.evaluation
    assert found is not None
    stage = stage_of(result)
    table: JsonDict = {
        "trial": trial.number,
        "objective": found.objectives[0] if found.objectives else found.score,
        "feasible": found.feasible,
        "soil": evaluator.stack.name,
        "height": trial.parameters.get(HEIGHT, evaluator.height),
        "solver": evaluator.solver,
        **stage,
        "efficiency": result.goals.band_merit.efficiency,
        "threshold": result.goals.band_merit.threshold,
        "merits": dict(found.merits),
        "solved_mhz": solved_mhz(evaluator.band, stage.get("points", 0)),
        "goals": result.goals.to_dict(),
        **evaluator.termination(found, trial.parameters),
    }
    if found.z0 is not None:
        table["z0"] = found.z0
    if evaluator.port.load is not None:
        table["load"] = evaluator.port.load
    if found.band is not None:
        table["band_mhz"] = [edge / 1e6 for edge in found.band]
    if found.lowest is not None:
        table["min_efficiency_5_35"] = found.lowest
    if result.scenarios:
        table["surroundings"] = list(result.scenarios)
    if evaluator.stack.layers and not shipped(evaluator.stack):
        table["layer"] = layer_rows(evaluator.stack)
    name = spec.pop("name", spec["family"])
    source = dict(spec.get("source", {}))
    wanted = ", ".join(item.label for item in result.goals.objectives)
    source["text"] = f"{name}, optimised: {wanted}"
    source[KEY] = table
    spec["source"] = source
    return tomli_w.dumps(_without_none(spec))


def _without_none(table: JsonDict) -> JsonDict:
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }
