"""CSV: impedance and loss matrices and efficiencies, one row a frequency, for any program.

With ``cuts`` the far field instead: one row a direction of half planes of constant phi.  Lines of
comment begin with #; then one line of column names; then numbers in full precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..common.checks import number
from ..common.files import write_text
from ..conventions import FAR_FIELD_CONVENTION, FRAME_CONVENTION, TIME_CONVENTION, FloatArray
from ..errors import one_line
from .base import Format, check_far_field, origin, ports
from .beam import check_step
from .cuts import COLUMNS, azimuths, check_lowest, cut_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..solution import Solution

MATRICES = ("z", "r_sky", "r_ground", "r_metal", "r_film")
SHARES = ("mismatch", "sky", "ground", "metal", "film", "coupled", "realised")


@dataclass(frozen=True, slots=True)
class Csv(Format):
    """frequency_hz; z_1_1_re, z_1_1_im, ... r_film_p_p_im in ohm; mismatch_1 ... realised_p.

    z0: of the source of the efficiencies, ohm.  cuts: azimuths of half planes, degrees; with them
    the table is :data:`.cuts.COLUMNS`, V per A.  step: degrees in theta.  lowest: largest theta,
    degrees; 90, or 180 without soil.
    """

    name = "csv"
    endings = (".csv",)
    z0: float = 100.0
    cuts: tuple[float, ...] = ()
    step: float = 2.0
    lowest: float | None = None

    def __post_init__(self) -> None:
        value = number("z0", self.z0, low=0.0, low_open=True, unit="ohm")
        object.__setattr__(self, "z0", value)
        object.__setattr__(self, "cuts", azimuths(self.cuts))
        object.__setattr__(self, "step", check_step(self.step))
        if self.lowest is not None:
            lowest = number("lowest", self.lowest, low=self.step, high=180.0, unit="degrees")
            object.__setattr__(self, "lowest", lowest)

    def check(self, solution: Solution, path: Path, port: int | None) -> None:
        Format.check(self, solution, path, port)
        if self.cuts:
            check_far_field(solution, "csv with cuts")
            check_lowest(solution, self._lowest(solution))

    def _lowest(self, solution: Solution) -> float:
        if self.lowest is not None:
            return self.lowest
        return 180.0 if solution.problem.stack.is_free_space else 90.0

    def write(
        self, solution: Solution, path: Path, port: int | None, terminated: complex | None
    ) -> None:
        """The matrices of all ports, the efficiencies of ``port`` or of each in turn; or cuts."""
        if self.cuts:
            count = int(self._lowest(solution) / self.step + 1e-9)
            theta = self.step * np.arange(count + 1.0)
            rows = cut_rows(solution, self.cuts, theta, port, terminated)
            ends = "open" if terminated is None else f"ended in {terminated} ohm"
            told = (
                *origin(solution),
                f"time {TIME_CONVENTION}; far field {FAR_FIELD_CONVENTION}, the other ports {ends}",
                FRAME_CONVENTION,
            )
            _table(path, told, COLUMNS, rows)
            return
        columns: dict[str, FloatArray] = {"frequency_hz": solution.frequency}
        everyone = ports(solution, None)
        for name in MATRICES:
            matrix = getattr(solution, name)
            for row in everyone:
                for column in everyone:
                    entry = matrix[:, row - 1, column - 1]
                    columns[f"{name}_{row}_{column}_re"] = entry.real
                    columns[f"{name}_{row}_{column}_im"] = entry.imag
        for index in ports(solution, port):
            found = solution.efficiency(self.z0, port=index, terminated=terminated)
            columns |= {f"{name}_{index}": getattr(found, name) for name in SHARES}
        others = "open" if terminated is None else f"ended in {terminated} ohm"
        comments = (
            *origin(solution),
            "time e^{+j omega t}, peak phasors; matrices in ohm, power = 1/2 I^H R I, "
            "Herm Z = r_sky + r_ground + r_metal + r_film",
            f"efficiencies from a source of {self.z0:g} ohm, the other ports {others}",
        )
        _table(path, comments, ",".join(columns), np.column_stack(list(columns.values())).tolist())


def _table(path: Path, comments: Sequence[str], names: str, rows: list[list[float]]) -> None:
    lines = [f"# {one_line(comment)}" for comment in comments]
    lines += [names, *(",".join(map(repr, row)) for row in rows)]
    write_text(path, "\n".join(lines) + "\n")


FORMAT = Csv
