"""A study's goals as what a design is worth and has to spare, frequency by frequency.

Variables are those of the study, the reference impedance where it is free, and for a widest band
both of its edges: inside them the efficiency has to reach the threshold.  All lie between 0 and 1
on their scales.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from ...common.parameter import Parameter
from ...conventions import FloatArray
from ..merits.base import Merit
from ..merits.efficiency import BandRatio
from ..port import Z0, PortModel, Termination, is_port_variable
from ..response import Combine, Response, View
from ..study.goals import Goals
from ..study.trials import Evaluation
from .descent import PRICES, Spare

LOW, HIGH = "band.low", "band.high"  # variables of a widest band, Hz
SLACK = 5e-4  # of every bound: what the scan of z0 may lose
ACROSS = 400  # frequencies across a band
LOWS, Z0S = 40, 25  # low edges and z0 that are tried for the first design


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
    ) -> Demands:
        """From a study's goals and its first design.

        variables: of the study.  span: Hz, what is solved.
        """
        found = [item for item in variables if not item.integer]
        if goals.uses_port and port.free and all(item.name != Z0 for item in variables):
            found.append(Parameter(Z0, "ohm", None, port.z0_low, port.z0_high, offset=0.0))
        scale = max(abs(first.objectives[0]), 1e-9)
        if isinstance(goals.objectives[0], BandRatio):
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
        known = {Z0: first.z0 or self.port.z0_low, **parameters}
        for item in self.variables:
            if item.name in (LOW, HIGH):
                known[item.name] = item.low if item.name == LOW else item.high
        places = [float(item.place(known[item.name])) for item in self.variables]
        return np.clip(places, 0.0, 1.0)

    def begin(
        self, judge: Callable[[FloatArray], Spare | None], places: FloatArray, first: Evaluation
    ) -> FloatArray:
        """``places`` with the band's edges and z0 that cost least at the first price.

        A dip that nearly reaches the threshold, or a demand that is not met yet, would otherwise
        cut the band in two before anything is moved.
        """
        names = [item.name for item in self.variables]
        if LOW not in names:
            return places
        low, high = names.index(LOW), names.index(HIGH)
        edges = self.variables[low]
        best, merit = places, -np.inf
        ends = {1.0} if first.band is None else {1.0, float(edges.place(first.band[1]))}
        starts = np.linspace(0.0, 0.8, LOWS)
        if first.band is not None:
            starts = np.append(starts, edges.place(first.band[0]))
        free = Z0 in names
        scan = np.linspace(0.0, 1.0, Z0S) if free else np.zeros(0)
        own = places[names.index(Z0)] if free else 0.0
        for z0, start, end in product(np.append(scan, own), starts, sorted(ends)):
            if start >= end:
                continue
            tried = places.copy()
            tried[low], tried[high] = start, end
            if free:
                tried[names.index(Z0)] = z0
            found = judge(tried)
            if found is not None and found.merit(PRICES[0]) > merit:
                best, merit = tried, found.merit(PRICES[0])
        return best

    def values(self, places: FloatArray) -> dict[str, float]:
        """By name, in their units."""
        return {
            item.name: float(item.at(place))
            for item, place in zip(self.variables, places, strict=True)
        }

    def of_design(
        self,
        responses: Sequence[Response],
        values: Mapping[str, float],
        known: dict[str, FloatArray],
    ) -> Spare:
        """What a solved candidate is worth, and has to spare, at ``values``.

        known: by label what of it does not depend on the port; it is filled.
        """
        at = Termination(values.get(Z0, self.port.z0_low), self.port.values(values))
        view = View(tuple(responses), self.port, at, self.combine)
        objective = self.goals.objectives[0]

        def each(merit: Merit) -> FloatArray:
            if merit.uses_port:
                return merit.each_value(view)
            if merit.label not in known:
                known[merit.label] = merit.each_value(view)
            return known[merit.label]

        spare = [
            _spare(each(item.merit), item.bound, up=item.low is not None)
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
            worth = sign * each(objective) / self.scale
        return Spare(worth, np.concatenate([*spare, np.zeros(0)]))


def _spare(values: FloatArray, bound: float, *, up: bool) -> FloatArray:
    """Relative to the bound where that is not 0, less SLACK."""
    spare = values - bound if up else bound - values
    return np.asarray(spare / (bound if bound > 0.0 else 1.0) - SLACK)
