"""OSKAR: a folder of element patterns for a telescope model, as spherical waves and as CST text.

    element_pattern_spherical_wave_[x|y]_[te|tm]_[re|im]_0_MHz.txt
                    one line an order l = 1..L: coefficients m = -l..l, then zeros to 2 L + 1
                    columns, commas between (which EveryBeam's converter wants)
    cst_[x|y]_0_MHz.txt
                    eight columns as CST exports them: theta, phi (degrees), |E|, |E_theta|, its
                    phase, |E_phi|, its phase (degrees), axial ratio; for OSKAR before 2.12, and
                    whatever else reads CST
    conventions.txt what all of them have in common

A whole array is a telescope model of one station: position.txt and layout.txt of the model, and in
station000 layout.txt and element_types.txt, every element a type of its own with its embedded
pattern about its own position; no CST text.

OSKAR's waves are those of :mod:`~lunar_antenna.spherical_waves` except that those of m < 0 are of
P_l^|m| without the factor (-1)^m; its columns are Jones rows (E_theta, E_phi), theta from the
zenith, phi from East to North, and its array factors are exp(+j k r_hat . r): the phase of our far
field.  Lines of comment begin with #, which OSKAR and numpy skip (CST text has none).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..common.files import write_text
from ..conventions import ComplexArray, FloatArray
from ..errors import InputError, one_line
from ..pattern import port_axis
from ..spherical_waves import SphericalWaves, orders
from .arrays import WholeArray, one_element
from .base import ports
from .beam import check_feeds, check_step, feed_names, fields, frame, loading
from .waves import WaveFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..solution import Solution

CST = (
    "Theta [deg.]  Phi   [deg.]  Abs(E   )[V     ]   Abs(Theta)[V     ]  Phase(Theta)[deg.]  "
    "Abs(Phi  )[V     ]  Phase(Phi  )[deg.]  Ax.Ratio[      ]"
)
MOST_ORDERS = 80  # its kernels take (2 l)!, which overflows beyond 85
MOST_RATIO = 1e6  # of linear polarisation, so that the last column is finite


@dataclass(frozen=True, slots=True)
class Oskar(WaveFormat):
    """Element patterns of one or two ports: x is the port nearer to East-West.

    tolerance: of the waves, relative to the largest field.  step: degrees of the CST grid.
    """

    name = "oskar"
    most = MOST_ORDERS
    step: float = 5.0

    def __post_init__(self) -> None:
        WaveFormat.__post_init__(self)
        object.__setattr__(self, "step", check_step(self.step))

    def check(self, solution: Solution, path: Path, port: int | None) -> None:
        WaveFormat.check(self, solution, path, port)
        if not _is_station(solution, port):
            check_feeds(solution, port, self.name)
            return
        for element in elements_of(solution):
            check_feeds(element, None, self.name)

    def write(
        self, solution: Solution, path: Path, port: int | None, terminated: complex | None
    ) -> None:
        if _is_station(solution, port):
            if terminated is not None:
                raise InputError(
                    "a station of oskar has embedded patterns with all other ports open; leave "
                    "terminated out"
                )
            self._station(solution, path)
            return
        comments = self._waves(solution, path, port, terminated, 0)
        which = list(ports(solution, port))
        names = feed_names([port_axis(solution.problem, index) for index in which])
        for frequency in solution.frequency.tolist():
            for name, index in zip(names, which, strict=True):
                text = self._cst(solution, frequency, index, terminated)
                write_text(path / f"cst_{name}_0_{mhz(frequency)}.txt", text)
        write_text(path / "conventions.txt", comments)

    def _station(self, solution: Solution, path: Path) -> None:
        """A telescope model of one station, each element of a type of its own."""
        station = path / "station000"
        station.mkdir()
        array = solution.source.array  # type: ignore[attr-defined]
        text = ""
        for kind, element in enumerate(elements_of(solution)):
            text = self._waves(element, station, None, None, kind)
        text += "# each element: embedded pattern, the others open, phase origin at its position\n"
        write_text(path / "conventions.txt", text)
        write_text(path / "position.txt", f"{text}0.0, 0.0\n")
        write_text(path / "layout.txt", "0.0, 0.0, 0.0\n")
        rows = [f"{x!r}, {y!r}, 0.0\n" for x, y in array.positions.tolist()]
        write_text(station / "layout.txt", "".join(rows))
        kinds = "".join(f"{kind}\n" for kind in range(array.n_elements))
        write_text(station / "element_types.txt", kinds)

    def _waves(
        self,
        solution: Solution,
        path: Path,
        port: int | None,
        terminated: complex | None,
        kind: int,
    ) -> str:
        """Files of waves of element type ``kind``; the comments that stand in all of them."""
        which = list(ports(solution, port))
        names = feed_names([port_axis(solution.problem, index) for index in which])
        told = [
            *frame(solution),
            *(
                f"{name}: {loading(solution, index, terminated)}"
                for name, index in zip(names, which, strict=True)
            ),
            *self.meaning(solution),
            "in these files waves of m < 0 are of P_l^|m|, without the factor (-1)^m",
        ]
        comments = "".join(f"# {one_line(line)}\n" for line in told)
        for waves in self.expansions(solution, which, terminated):
            megahertz = mhz(waves.frequency)
            for feed, name in enumerate(names):
                for mode in ("te", "tm"):
                    value = oskar_waves(waves, mode)[feed]
                    for part, component in (("re", value.real), ("im", value.imag)):
                        start = f"element_pattern_spherical_wave_{name}_{mode}_{part}"
                        target = f"{start}_{kind}_{megahertz}.txt"
                        write_text(path / target, comments + _lines(component, waves.l_max))
        return comments

    def _cst(
        self, solution: Solution, frequency: float, port: int, terminated: complex | None
    ) -> str:
        theta = np.linspace(0.0, 180.0, round(180.0 / self.step) + 1)
        count = round(360.0 / self.step)
        # (n_phi, n_theta): theta runs fastest
        t, p = np.meshgrid(theta, np.arange(count) * (360.0 / count))
        pair = np.stack(fields(solution, frequency, np.deg2rad(t), np.deg2rad(p), port, terminated))
        size, phase = np.abs(pair), np.rad2deg(np.angle(pair)) % 360.0
        columns = (t, p, np.hypot(*size), size[0], phase[0], size[1], phase[1], axial_ratio(pair))
        rows = np.column_stack([column.ravel() for column in columns]).tolist()
        lines = [CST, "-" * len(CST)]
        lines += ["  ".join(f"{value:.12e}" for value in row) for row in rows]
        return "\n".join(lines) + "\n"


def _is_station(solution: Solution, port: int | None) -> bool:
    """Whether a whole array is meant, and not one element or port of it."""
    whole = isinstance(solution, WholeArray) and solution.element is None
    return whole and port is None


def elements_of(solution: Solution) -> Iterator[WholeArray]:
    """Every element of an array by itself, in their order."""
    assert isinstance(solution, WholeArray)
    assert solution.source is not None
    for element in range(solution.source.array.n_elements):
        yield one_element(solution.source, element)


def oskar_waves(waves: SphericalWaves, kind: str) -> ComplexArray:
    """(n_port, L (L + 2)) coefficients "te" or "tm" as OSKAR's kernels take them."""
    _, order = orders(waves.l_max)
    return np.asarray(getattr(waves, kind) * np.where(order < 0, (-1.0) ** order, 1.0))


def mhz(frequency: float) -> str:
    """``frequency`` (Hz) in MHz as names of files have it: 20, 12.5."""
    return np.format_float_positional(frequency / 1e6, trim="-", precision=9, unique=True)


def _lines(value: FloatArray, l_max: int) -> str:
    lines = []
    for degree in range(1, l_max + 1):
        row = value[degree**2 - 1 : (degree + 1) ** 2 - 1].tolist()
        row += [0.0] * (2 * (l_max - degree))
        lines.append(", ".join(map(repr, row)))
    return "\n".join(lines) + "\n"


def axial_ratio(pair: ComplexArray) -> FloatArray:
    """Major over minor axis of the ellipse that the field's tip draws (pair: (2, ...))."""
    total = (np.abs(pair) ** 2).sum(axis=0)
    linear = np.abs(pair[0] ** 2 + pair[1] ** 2)
    major, minor = np.sqrt(total + linear), np.sqrt(np.maximum(total - linear, 0.0))
    return np.asarray(
        np.where(major > MOST_RATIO * minor, MOST_RATIO, major / np.maximum(minor, 1e-300))
    )


FORMAT = Oskar
