"""Largest |b/a| of any port of a cluster while all are driven: what is left of a match in an array.

    band_mhz = [10, 30]   samples = 3   scan = 45 degrees   port = 0

With S of all ports at z0 and waves a_m = exp(-j k r_m . r) that point the beam to r,

    Gamma_m = sum_n S_mn a_n / a_m .

port: which port of each element is driven; 0 is each of them in turn (a crossed element has two
polarisations, each with a beam of its own), the others matched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...common.checks import whole
from ...conventions import wavenumber
from ...errors import InputError
from ...problem import Problem
from ..port import PortModel
from .over_scan import OverScan

if TYPE_CHECKING:
    from ...array_solution import ArraySolution


@dataclass(frozen=True, slots=True)
class ActiveReflection(OverScan):
    """Worst active reflection over ports, frequencies and directions of the beam."""

    name = "active_reflection"
    port: int = 0

    def __post_init__(self) -> None:
        OverScan.__post_init__(self)
        whole(f"{self.name} port", self.port, low=0, high=100)

    @property
    def uses_port(self) -> bool:
        return True

    def check(self, problem: Problem, port: PortModel) -> None:
        if port.network:
            raise InputError(f"{self.label} knows no matching network; leave [[port.network]] out")
        if self.port > len(problem.layout.ports):
            raise InputError(
                f"{self.label}: port = {self.port}, the element has {len(problem.layout.ports)}; "
                "give one of them, or 0 for each in turn"
            )

    def of(self, solution: ArraySolution, z0: float) -> float:
        own = np.array([port for _, port in solution.array.ports])
        driven = range(int(own.max()) + 1) if self.port == 0 else [self.port - 1]
        theta, phi = self.directions
        across = np.sin(theta)[:, None] * np.column_stack((np.cos(phi), np.sin(phi)))
        owner = np.array([element for element, _ in solution.array.ports])
        path = solution.array.positions[owner] @ across.T  # (p, n) m
        worst = 0.0
        for index in self.inside(solution).tolist():
            k = float(wavenumber(solution.frequency[index : index + 1])[0])
            wave = np.exp(-1j * k * path)
            s = solution.s_matrix(index, z0)
            for number in driven:
                live = own == number
                back = s[np.ix_(live, live)] @ wave[live]
                worst = max(worst, float(np.abs(back).max(initial=0.0)))
        return worst


MERITS = (ActiveReflection(),)
