"""CSV: impedance and loss matrices and efficiencies, one row a frequency, for any program.

Lines of comment begin with #; then one line of column names; then numbers in full precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..common.checks import number
from ..common.files import write_text
from ..conventions import FloatArray
from ..errors import one_line
from .base import Format, origin, ports

if TYPE_CHECKING:
    from ..solution import Solution

MATRICES = ("z", "r_sky", "r_ground", "r_metal", "r_film")
SHARES = ("mismatch", "sky", "ground", "metal", "film", "coupled", "realised")


@dataclass(frozen=True, slots=True)
class Csv(Format):
    """frequency_hz; z_1_1_re, z_1_1_im, ... r_film_p_p_im in ohm; mismatch_1 ... realised_p.

    z0: of the source of the efficiencies, ohm.
    """

    name = "csv"
    endings = (".csv",)
    z0: float = 100.0

    def __post_init__(self) -> None:
        value = number("z0", self.z0, low=0.0, low_open=True, unit="ohm")
        object.__setattr__(self, "z0", value)

    def write(
        self, solution: Solution, path: Path, port: int | None, terminated: complex | None
    ) -> None:
        """The matrices of all ports, the efficiencies of ``port`` or of each in turn."""
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
        rows = np.column_stack(list(columns.values())).tolist()
        lines = [f"# {one_line(comment)}" for comment in comments]
        lines.append(",".join(columns))
        lines += [",".join(map(repr, row)) for row in rows]
        write_text(path, "\n".join(lines) + "\n")


FORMAT = Csv
