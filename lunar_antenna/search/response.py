"""What merits look at: one candidate in one or several scenarios, between solved frequencies.

A :class:`Response` is one solved scenario, its curves on a fine frequency grid; a
:class:`View` is all of them at one termination of the port.  Curves are combined over the
scenarios point by point, so that a band of the worst case holds in all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..circuit.resampling import DenseImpedance, DenseShare, densify_share
from ..common.checks import choice
from ..conventions import FloatArray
from ..problem import Problem
from ..solution import Solution
from .port import PortModel, Termination

if TYPE_CHECKING:
    from ..array_solution import ArraySolution

SHARES = ("sky", "ground", "metal", "film")  # of the accepted power
EFFICIENCIES = ("mismatch", *SHARES, "realised")


class Combine(Protocol):
    """Several scenarios' values as one: (k, ...) -> (...)."""

    def __call__(self, values: FloatArray, higher_is_better: bool) -> FloatArray: ...


def worst_case(values: FloatArray, higher_is_better: bool) -> FloatArray:
    """The lowest of what should be high, the highest of what should be low."""
    return np.asarray(values.min(axis=0) if higher_is_better else values.max(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """One scenario: the problem, its impedance on a fine grid, and the solution if solved.

    solution is None where the impedance alone was asked for.  between: the same problem solved at
    further frequencies, where the shares of power were in doubt.  array: copies of the problem
    that see each other, where a merit asks for them.
    """

    problem: Problem
    dense: DenseImpedance
    solution: Solution | None = None
    _shares: dict[str, FloatArray] = field(default_factory=dict)
    between: tuple[Solution, ...] = ()
    _dense_shares: dict[str, DenseShare] = field(default_factory=dict)
    array: ArraySolution | None = None

    @property
    def frequency(self) -> FloatArray:
        """The fine grid, (m,) Hz."""
        return self.dense.frequency

    def solved(self) -> Solution:
        """The solution; a merit that asks for it has said so in its ``needs``."""
        assert self.solution is not None
        return self.solution

    def share(self, name: str) -> FloatArray:
        """Share of the accepted power on the fine grid, (m,)."""
        if name not in self._shares:
            self._shares[name] = self.dense_share(name).value
        return self._shares[name]

    def dense_share(self, name: str) -> DenseShare:
        """The same with its doubt."""
        if name not in self._dense_shares:
            solved = (self.solved(), *self.between)
            frequency, first = np.unique(
                np.concatenate([item.frequency for item in solved]), return_index=True
            )
            # a share does not depend on the load
            values = np.concatenate([getattr(item.efficiency(), name) for item in solved])
            self._dense_shares[name] = densify_share(frequency, values[first], self.frequency)
        return self._dense_shares[name]

    @property
    def error(self) -> float:
        """Upper estimate of what is wrong between solved frequencies: of Gamma, of shares read."""
        return max(self.dense.held_out, *(item.error for item in self._dense_shares.values()), 0.0)

    def efficiency(self, name: str, port: PortModel, at: Termination) -> FloatArray:
        """One of :data:`EFFICIENCIES` on the fine grid, (m,)."""
        choice("efficiency", name, EFFICIENCIES)
        if name in SHARES:
            return self.share(name)
        accepted = port.accepted(self.frequency, self.dense.z, at)
        return accepted if name == "mismatch" else accepted * self.share("sky")


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """All scenarios of a candidate at one termination."""

    responses: tuple[Response, ...]
    port: PortModel
    at: Termination
    combine: Combine = worst_case
    _curves: dict[str, FloatArray] = field(default_factory=dict)

    @property
    def frequency(self) -> FloatArray:
        """The fine grid, (m,) Hz; the same in all scenarios."""
        return self.responses[0].frequency

    def curve(self, efficiency: str) -> FloatArray:
        """The named efficiency combined over the scenarios at every frequency, (m,)."""
        if efficiency not in self._curves:
            self._curves[efficiency] = self.combine(
                np.stack(
                    [item.efficiency(efficiency, self.port, self.at) for item in self.responses]
                ),
                higher_is_better=True,
            )
        return self._curves[efficiency]

    def each(self, measure: Callable[[Response], float], *, higher_is_better: bool) -> float:
        """A number per scenario, combined."""
        values = np.array([measure(item) for item in self.responses])
        return float(self.combine(values, higher_is_better=higher_is_better))
