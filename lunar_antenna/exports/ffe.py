"""FEKO far-field text (.ffe): one block a frequency, fields and gains of one port.

A blank line, then for each frequency nine header lines that begin with #, the last of them the
quoted names of the columns, the rows with theta running fastest, and a blank line: what FEKO's
blocks look like and what the field's readers (pyuvdata among them) take.  Angles in degrees,
fields r E exp(+jkr) in V, gains in dBi.  Conventions stand in the two name lines of each block.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..common.files import write_text
from ..conventions import ETA0, FloatArray
from ..errors import one_line
from .beam import BeamFormat, conventions, fields, one_port

if TYPE_CHECKING:
    from ..solution import Solution

COLUMNS = (
    "Theta",
    "Phi",
    "Re(Etheta)",
    "Im(Etheta)",
    "Re(Ephi)",
    "Im(Ephi)",
    "Gain(Theta)",
    "Gain(Phi)",
    "Gain(Total)",
)
LEAST = 1e-30  # of a gain, so that a null has a finite number of decibels


@dataclass(frozen=True, slots=True)
class Ffe(BeamFormat):
    """Far field of one port as FEKO writes it, all frequencies, 1 A (peak) at the port.

    step: degrees in theta and phi.
    """

    name = "ffe"
    endings = (".ffe",)

    def write(
        self, solution: Solution, path: Path, port: int | None, terminated: complex | None
    ) -> None:
        which = one_port(solution, port, self.name)
        theta, phi = self.theta(180.0), self.phi(wrapped=True)
        t, p = np.meshgrid(theta, phi)  # (n_phi, n_theta): theta runs fastest
        resistance = solution.input_impedance(which, terminated).real  # (n,)
        made, *said = (one_line(text) for text in conventions(solution, which, terminated))
        lines = [""]
        for index, frequency in enumerate(solution.frequency.tolist()):
            e_theta, e_phi = fields(solution, frequency, t, p, which, terminated)
            scale = 4.0 * np.pi / (2.0 * ETA0) / (0.5 * resistance[index])
            gain = scale * np.abs(np.stack((e_theta, e_phi))) ** 2
            columns = (
                np.rad2deg(t),
                np.rad2deg(p),
                e_theta.real,
                e_theta.imag,
                e_phi.real,
                e_phi.imag,
                _decibel(gain[0]),
                _decibel(gain[1]),
                _decibel(gain.sum(axis=0)),
            )
            lines += [
                f"#Configuration Name: {made}",
                f"#Request Name: {'; '.join(said)}",
                f"#Frequency: {frequency!r}",
                "#Coordinate System: Spherical",
                f"#No. of Theta Samples: {theta.size}",
                f"#No. of Phi Samples: {phi.size}",
                "#Result Type: Gain",
                "#No. of Header Lines: 1",
                "#" + " ".join(f'"{name}"' for name in COLUMNS),
            ]
            rows = np.column_stack([column.ravel() for column in columns]).tolist()
            lines += [" ".join(f"{value: .15e}" for value in row) for row in rows]
            lines.append("")
        write_text(path, "\n".join(lines) + "\n")


def _decibel(value: FloatArray) -> FloatArray:
    return np.asarray(10.0 * np.log10(np.maximum(value, LEAST)))


FORMAT = Ffe
