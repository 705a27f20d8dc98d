"""A study's goals as what a design is worth and has to spare, frequency by frequency.

Variables are those of the study, the reference impedance where it is free, and for a widest band
both of its edges: inside them the efficiency has to reach the threshold.  All lie between 0 and 1
on their scales.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...common.parameter import Parameter
from ...conventions import FloatArray
from ..merits.efficiency import BandRatio
from ..port import Z0, PortModel, Termination, is_port_variable
from ..response import Combine, Response, View
from ..study.goals import Goals
from ..study.trials import Evaluation
from .descent import Spare

LOW, HIGH = "band.low", "band.high"  # variables of a widest band, Hz
SLACK = 5e-4  # of every bound: what the scan of z0 may lose
ACROSS = 400  # frequencies across a band


@dataclass(frozen=True, slots=True, eq=False)
class Demands:
    """Goals with one objective, as :class:`Spare` of a solved candidate.

    scale: what the objective is counted in, its first value; a band in its logarithm.
    """

    goals: Goals
    port: PortModel
    combine: Combine
    variables: tuple[Parameter, ...]
    scale: float

    @classmethod
    def of(
        cls,
        goals: Goals,
        port: PortModel,
        combine: Combine,
        variables: Sequence[Parameter],
        first: Evaluation,
        span: tuple[float, float],
    ) -> Demands | None:
        """From a study's goals and its first design; None where that has no band to widen.

        variables: of the study.  span: Hz, what is solved.
        """
        found = [item for item in variables if not item.integer]
        if goals.uses_port and port.free and all(item.name != Z0 for item in variables):
            found.append(Parameter(Z0, "ohm", None, port.z0_low, port.z0_high, offset=0.0))
        scale = max(abs(first.objectives[0]), 1e-9)
        if isinstance(goals.objectives[0], BandRatio):
            if first.band is None:
                return None
            found += [Parameter(name, "Hz", None, *span, offset=0.0) for name in (LOW, HIGH)]
            scale = 1.0
        return cls(goals, port, combine, tuple(found), scale)

    @property
    def solved(self) -> tuple[bool, ...]:
        """Of each variable whether a change of it wants a solution."""
        return tuple(
            not (is_port_variable(item.name) or item.name in (LOW, HIGH)) for item in self.variables
        )

    def start(self, parameters: Mapping[str, float], first: Evaluation) -> FloatArray:
        """Where a judged design lies, (n_var,)."""
        known = {**parameters}
        if first.z0 is not None:
            known.setdefault(Z0, first.z0)
        if first.band is not None:
            known |= {LOW: first.band[0], HIGH: first.band[1]}
        places = [float(item.place(known[item.name])) for item in self.variables]
        return np.clip(places, 0.0, 1.0)

    def values(self, places: FloatArray) -> dict[str, float]:
        """By name, in their units."""
        return {
            item.name: float(item.at(place))
            for item, place in zip(self.variables, places, strict=True)
        }

    def of_design(self, responses: Sequence[Response], values: Mapping[str, float]) -> Spare:
        """What a solved candidate is worth, and has to spare, at ``values``."""
        at = Termination(values.get(Z0, self.port.z0_low), self.port.values(values))
        view = View(tuple(responses), self.port, at, self.combine)
        objective = self.goals.objectives[0]
        spare = [
            _spare(item.merit.each_value(view), item.bound, up=item.low is not None)
            for item in self.goals.constraints
        ]
        if isinstance(objective, BandRatio):
            low, high = values[LOW], values[HIGH]
            inside = np.geomspace(low, high, ACROSS)
            curve = np.interp(inside, view.frequency, view.curve(objective.efficiency))
            spare.append(_spare(curve, objective.threshold, up=True))
            worth = np.array([np.log(high / low)])
        else:
            sign = 1.0 if objective.maximise else -1.0
            worth = sign * objective.each_value(view) / self.scale
        return Spare(worth, np.concatenate([*spare, np.zeros(0)]))


def _spare(values: FloatArray, bound: float, *, up: bool) -> FloatArray:
    """Relative to the bound where that is not 0, less SLACK."""
    spare = values - bound if up else bound - values
    return np.asarray(spare / (bound if bound > 0.0 else 1.0) - SLACK)
