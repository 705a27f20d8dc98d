"""Touchstone: S-parameters by power waves, for circuit programs.

Version 1.1; version 2.0 where ports have references of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

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

    z0: reference of every port, ohm, real; or one a port.
    """

    name = "touchstone"
    endings = (".s*p",)
    z0: float | tuple[float, ...] = 100.0

    def __post_init__(self) -> None:
        several = isinstance(self.z0, (list, tuple))
        values = tuple(
            number("z0", value, low=0.0, low_open=True, high=1e6, unit="ohm")
            for value in (self.z0 if isinstance(self.z0, (list, tuple)) else (self.z0,))
        )
        object.__setattr__(self, "z0", values if several else values[0])

    def check(self, solution: Solution, path: Path, port: int | None) -> None:
        Format.check(self, solution, path, port)
        count = solution.n_ports if port is None else 1
        expected = suffix(count)
        if path.suffix.lower() != expected:
            raise InputError(f"{path} does not fit {count} port(s); end the name in {expected}")
        if isinstance(self.z0, tuple) and len(self.z0) != count:
            raise InputError(
                f"z0 holds {len(self.z0)} references for {count} port(s); give one, or one a port"
            )

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
            import skrf

            s = skrf.network.z2s(solution.z, np.asarray(self.z0), s_def="power")
        else:
            (z0,) = np.atleast_1d(self.z0).tolist()
            s = solution.s11(z0, port=port, terminated=terminated)[:, None, None]
        others = "open" if terminated is None else f"ended in {terminated} ohm"
        which = () if port is None else (f"port {port}, the others {others}",)
        comments = (*origin(solution), *which)
        write_text(path, touchstone_text(solution.frequency, s, self.z0, comments))


FORMAT = Touchstone
