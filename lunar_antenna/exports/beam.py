"""What formats that hold a far field share: directions, fields, what ends the other ports.

Fields are evaluated where they are asked for, never interpolated.  Over soil there is no far
field below the horizon: files that hold the whole sphere have zeros there.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..common.checks import number
from ..conventions import FAR_FIELD_CONVENTION, FRAME_CONVENTION, ComplexArray, FloatArray
from ..errors import InputError
from .base import Format, origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..solution import Solution

HORIZON = 0.5 * np.pi
MOST_FEEDS = 2  # of programs whose feeds are called x and y


@dataclass(frozen=True, slots=True)
class BeamFormat(Format):
    """A format of far fields on a grid of ``step`` degrees in theta and phi."""

    far_field: ClassVar[bool] = True
    step: float = 2.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "step", check_step(self.step))

    def theta(self, top: float) -> FloatArray:
        """0 to ``top`` degrees, rad."""
        return np.asarray(np.deg2rad(np.linspace(0.0, top, round(top / self.step) + 1)))

    def phi(self, *, wrapped: bool) -> FloatArray:
        """0 to 360 degrees, rad; the last one only where ``wrapped``."""
        count = round(360.0 / self.step)
        return np.asarray(np.deg2rad(np.arange(count + int(wrapped)) * (360.0 / count)))


def check_step(step: object) -> float:
    """A step in degrees that divides 90; :class:`InputError` otherwise."""
    value = number("step", step, low=0.1, high=30.0, unit="degrees")
    if abs(90.0 / value - round(90.0 / value)) > 1e-9:
        raise InputError(f"step = {value:g} degrees does not divide 90 degrees; give 1, 2, 5")
    return value


def port_fields(
    solution: Solution,
    frequency: float,
    theta: FloatArray,
    phi: FloatArray,
    which: Sequence[int],
    terminated: complex | None,
) -> ComplexArray:
    """(2, len(which), *shape) E_theta and E_phi in V per A at each port of ``which`` in turn.

    theta, phi: rad, broadcast.  0 below the horizon of a soil.
    """
    theta, phi = np.broadcast_arrays(np.asarray(theta, float), np.asarray(phi, float))
    seen = np.ones(theta.shape, dtype=bool)
    if not solution.problem.stack.is_free_space:
        seen = theta <= HORIZON * (1.0 + 1e-12)
    index = solution.frequency_index(frequency)
    currents = np.stack([solution.port_currents(port, terminated)[index] for port in which])
    found = np.zeros((2, len(which), *theta.shape), dtype=complex)
    for part, field in enumerate(solution.fields(index, currents, theta[seen], phi[seen])):
        found[part][:, seen] = field
    return found


def fields(
    solution: Solution,
    frequency: float,
    theta: FloatArray,
    phi: FloatArray,
    port: int,
    terminated: complex | None,
) -> tuple[ComplexArray, ComplexArray]:
    """(E_theta, E_phi) of one port: :func:`port_fields`."""
    e_theta, e_phi = port_fields(solution, frequency, theta, phi, (port,), terminated)[:, 0]
    return e_theta, e_phi


def one_port(solution: Solution, port: int | None, name: str) -> int:
    """The port of a format that holds one: said where there are several."""
    if port is None and solution.n_ports > 1:
        raise InputError(
            f"format {name} holds one port and this solution has {solution.n_ports}; give port"
        )
    return 1 if port is None else port


def check_feeds(solution: Solution, port: int | None, name: str) -> None:
    """:class:`InputError` where there are more ports than a format of feeds x and y holds."""
    if port is None and solution.n_ports > MOST_FEEDS:
        raise InputError(
            f"format {name} holds {MOST_FEEDS} feeds and this solution has "
            f"{solution.n_ports} ports; give port"
        )


def feed_names(axes: list[float]) -> list[str]:
    """x for the port nearer to East-West, y for the other; y alone where it is nearer to y.

    axes: azimuth of each port's axis, rad.
    """
    east = [abs(float(np.cos(angle))) for angle in axes]
    if len(axes) == 1:
        return ["x" if east[0] >= np.sqrt(0.5) - 1e-12 else "y"]
    return ["x", "y"] if east[0] >= east[1] else ["y", "x"]


def need(name: str, *libraries: str) -> None:
    """:class:`InputError` with what to install where format ``name`` lacks a library."""
    absent = [library for library in libraries if importlib.util.find_spec(library) is None]
    if absent:
        raise InputError(
            f"format {name} needs {' and '.join(absent)}, which is absent; "
            "pip install 'lunar-antenna[beams]'"
        )


def ascii_only(text: str) -> str:
    """FITS headers hold ASCII alone."""
    return text.encode("ascii", "replace").decode()


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
    return (*frame(solution), loading(solution, port, terminated), *below)


def frame(solution: Solution) -> tuple[str, ...]:
    """Lines of comment: origin, conventions and frame."""
    return (
        *origin(solution),
        f"time e^(+j omega t), peak phasors; far field {FAR_FIELD_CONVENTION}",
        FRAME_CONVENTION,
    )
