"""Touchstone 1.1: S-parameters by power waves, for circuit programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..circuit.touchstone import suffix, touchstone_text
from ..common.checks import number
from ..common.files import write_text
from ..errors import InputError
from .base import Format, origin

if TYPE_CHECKING:
    from ..solution import Solution


@dataclass(frozen=True, slots=True)
class Touchstone(Format):
    """S-parameters of all ports, or the reflection of one.

    z0: reference of every port, ohm, real.
    """

    name = "touchstone"
    endings = (".s*p",)
    z0: float = 100.0

    def __post_init__(self) -> None:
        value = number("z0", self.z0, low=0.0, low_open=True, high=1e6, unit="ohm")
        object.__setattr__(self, "z0", value)

    def check(self, solution: Solution, path: Path, port: int | None) -> None:
        Format.check(self, solution, path, port)
        expected = suffix(solution.n_ports if port is None else 1)
        if path.suffix.lower() != expected:
            count = solution.n_ports if port is None else 1
            raise InputError(f"{path} does not fit {count} port(s); end the name in {expected}")

    def write(
        self, solution: Solution, path: Path, port: int | None, terminated: complex | None
    ) -> None:
        """Without ``port`` all ports stand for themselves: there are no others to end."""
        if port is None:
            if terminated is not None:
                raise InputError(
                    f"terminated = {terminated} ohm, but touchstone holds all ports; give port, "
                    "or leave terminated out"
                )
            s = solution.network(self.z0).s
        else:
            s = solution.s11(self.z0, port=port, terminated=terminated)[:, None, None]
        others = "open" if terminated is None else f"ended in {terminated} ohm"
        which = () if port is None else (f"port {port}, the others {others}",)
        comments = (*origin(solution), *which)
        write_text(path, touchstone_text(solution.frequency, s, self.z0, comments))


FORMAT = Touchstone
