"""What formats of spherical-wave coefficients share: the coefficients of the ports meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt

from ..common.checks import number
from ..spherical_waves import MOST, TOLERANCE, SphericalWaves, expand
from .base import Format

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..solution import Solution


@dataclass(frozen=True, slots=True)
class WaveFormat(Format):
    """A format of coefficients whose error is ``tolerance`` of the largest field at the most.

    most: the largest order that its readers take.
    """

    far_field: ClassVar[bool] = True
    most: ClassVar[int] = MOST
    tolerance: float = TOLERANCE

    def __post_init__(self) -> None:
        value = number("tolerance", self.tolerance, low=1e-10, high=0.1)
        object.__setattr__(self, "tolerance", value)

    def expansions(
        self,
        solution: Solution,
        which: Sequence[int],
        terminated: complex | None,
        kept: npt.NDArray[np.bool_] | None = None,
    ) -> Iterator[SphericalWaves]:
        """At each frequency (``kept`` (n,), or all) the waves of 1 A at each port of ``which``."""
        currents = np.stack([solution.port_currents(port, terminated) for port in which])
        start = None
        for index, frequency in enumerate(solution.frequency.tolist()):
            if kept is not None and not kept[index]:
                continue
            found = expand(solution, frequency, self.tolerance, start, self.most)
            start = found.l_max - 2  # the next frequency wants about as many
            yield found.driven(currents[:, index])

    def meaning(self, solution: Solution) -> tuple[str, str]:
        """Lines of comment: what the coefficients are, and where their sum holds."""
        where = (
            "over the whole sphere"
            if solution.problem.stack.is_free_space
            else "over the upper hemisphere; below the horizon, where there is no far field, they "
            "go on smoothly and mean nothing"
        )
        return (
            "E_theta = sum (a dY/dtheta - b j m Y/sin theta)/sqrt(l(l+1)), "
            "E_phi = sum (a j m Y/sin theta + b dY/dtheta)/sqrt(l(l+1)); a TM, b TE; "
            "V per A (peak)",
            f"the sum is within {self.tolerance:g} of the largest field {where}",
        )
