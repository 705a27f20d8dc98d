"""EveryBeam: HDF5 of spherical-wave coefficients, in the layout its OSKAR element response reads.

One dataset a frequency, its name the whole number of MHz: complex (1 element, L (L + 2), 4), the
last axis TE and TM of feed x, TE and TM of feed y, as in OSKAR's text files (:mod:`.oskar`).
EveryBeam looks for frequencies by whole MHz alone, takes the nearest name, and reads every name of
the root group as a number: so there is nothing else in the file, and conventions, loading and
provenance are attributes.  It reads the file ``oskar.h5`` of the folder that the environment
variable EVERYBEAM_DATADIR names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..pattern import port_axis
from .base import ports
from .beam import check_feeds, feed_names, loading
from .hdf5 import new_file, tell
from .oskar import MOST_ORDERS, oskar_waves
from .waves import WaveFormat

if TYPE_CHECKING:
    from ..solution import Solution

WHOLE = 1e-6  # of a MHz


@dataclass(frozen=True, slots=True)
class EveryBeam(WaveFormat):
    """Coefficients of one or two ports: x is the port nearer to East-West.

    tolerance: of the waves, relative to the largest field.  whole: leave out frequencies that are
    no whole number of MHz, instead of refusing them.
    """

    name = "everybeam"
    endings = (".h5", ".hdf5")
    most = MOST_ORDERS
    whole: bool = False

    def __post_init__(self) -> None:
        WaveFormat.__post_init__(self)
        if not isinstance(self.whole, bool):
            raise InputError(f"whole = {self.whole!r}; give true or false")

    def check(self, solution: Solution, path: Path, port: int | None) -> None:
        WaveFormat.check(self, solution, path, port)
        check_feeds(solution, port, self.name)
        odd = np.count_nonzero(~_is_whole(solution))
        if odd == solution.frequency.size or (odd and not self.whole):
            raise InputError(
                f"format everybeam finds frequencies by whole MHz and {odd} of "
                f"{solution.frequency.size} are not; solve whole ones"
                + (
                    ""
                    if odd == solution.frequency.size
                    else ", or leave out the others: whole=true"
                )
            )

    def write(
        self, solution: Solution, path: Path, port: int | None, terminated: complex | None
    ) -> None:
        which = list(ports(solution, port))
        names = feed_names([port_axis(solution.problem, index) for index in which])
        kept = _is_whole(solution)
        with new_file(path) as file:
            loads = [
                f"{name}: {loading(solution, index, terminated)}"
                for name, index in zip(names, which, strict=True)
            ]
            tell(file, solution, loads, self.meaning(solution))
            file.attrs["left_out_hz"] = solution.frequency[~kept]
            for waves in self.expansions(solution, which, terminated, kept):
                data = np.zeros((1, waves.tm.shape[1], 4), dtype=complex)
                for kind, value in enumerate((oskar_waves(waves, "te"), oskar_waves(waves, "tm"))):
                    for feed, name in enumerate(names):
                        data[0, :, 2 * "xy".index(name) + kind] = value[feed]
                made = file.create_dataset(str(round(waves.frequency / 1e6)), data=data)
                made.attrs["frequency_hz"] = waves.frequency
                made.attrs["error"] = waves.error


def _is_whole(solution: Solution) -> npt.NDArray[np.bool_]:
    megahertz = solution.frequency / 1e6
    return np.asarray(np.abs(megahertz - np.round(megahertz)) < WHOLE)


FORMAT = EveryBeam
