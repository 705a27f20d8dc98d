"""What formats that hold a far field share: directions, fields, what ends the other ports.

Fields are evaluated where they are asked for, never interpolated.  Over soil there is no far
field below the horizon: files that hold the whole sphere have zeros there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..common.checks import number
from ..conventions import FAR_FIELD_CONVENTION, FRAME_CONVENTION, ComplexArray, FloatArray
from ..errors import InputError
from .base import Format, origin

if TYPE_CHECKING:
    from ..solution import Solution

HORIZON = 0.5 * np.pi


@dataclass(frozen=True, slots=True)
class BeamFormat(Format):
    """A format of far fields on a grid of ``step`` degrees in theta and phi."""

    far_field: ClassVar[bool] = True
    step: float = 2.0

    def __post_init__(self) -> None:
        value = number("step", self.step, low=0.1, high=30.0, unit="degrees")
        if abs(90.0 / value - round(90.0 / value)) > 1e-9:
            raise InputError(f"step = {value:g} degrees does not divide 90 degrees; give 1, 2, 5")
        object.__setattr__(self, "step", value)

    def theta(self, top: float) -> FloatArray:
        """0 to ``top`` degrees, rad."""
        return np.asarray(np.deg2rad(np.linspace(0.0, top, round(top / self.step) + 1)))

    def phi(self, *, wrapped: bool) -> FloatArray:
        """0 to 360 degrees, rad; the last one only where ``wrapped``."""
        count = round(360.0 / self.step)
        return np.asarray(np.deg2rad(np.arange(count + int(wrapped)) * (360.0 / count)))


def fields(
    solution: Solution,
    frequency: float,
    theta: FloatArray,
    phi: FloatArray,
    port: int,
    terminated: complex | None,
) -> tuple[ComplexArray, ComplexArray]:
    """(E_theta, E_phi) in V per A at directions of one shape, 0 below the horizon of a soil."""
    theta, phi = np.broadcast_arrays(np.asarray(theta, float), np.asarray(phi, float))
    seen = np.ones(theta.shape, dtype=bool)
    if not solution.problem.stack.is_free_space:
        seen = theta <= HORIZON * (1.0 + 1e-12)
    found = np.zeros((2, *theta.shape), dtype=complex)
    if seen.any():
        # two axes, so that the directions are taken as they are and not as a grid
        at = solution.far_field(
            frequency, theta[seen][:, None], phi[seen][:, None], port=port, terminated=terminated
        )
        found[0][seen], found[1][seen] = at.e_theta[:, 0], at.e_phi[:, 0]
    return found[0], found[1]


def one_port(solution: Solution, port: int | None, name: str) -> int:
    """The port of a format that holds one: said where there are several."""
    if port is None and solution.n_ports > 1:
        raise InputError(
            f"format {name} holds one port and this solution has {solution.n_ports}; give port"
        )
    return 1 if port is None else port


def loading(solution: Solution, port: int, terminated: complex | None) -> str:
    """What drives the field and what ends the other ports, for people."""
    if solution.n_ports == 1:
        return "1 A (peak) at the port"
    others = "open" if terminated is None else f"ended in {terminated} ohm"
    return f"1 A (peak) at port {port}, the other ports {others}"


def conventions(solution: Solution, port: int, terminated: complex | None) -> tuple[str, ...]:
    """Lines of comment: origin, conventions, frame, loading, what lies below the horizon."""
    below = (
        ()
        if solution.problem.stack.is_free_space
        else ("no far field below the horizon: zeros there, the soil absorbs or guides the rest",)
    )
    return (
        *origin(solution),
        f"time e^(+j omega t), peak phasors; far field {FAR_FIELD_CONVENTION}",
        FRAME_CONVENTION,
        loading(solution, port, terminated),
        *below,
    )
