"""What ``compare`` holds measurements against: runs, geometries solved on the spot, sweeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..conventions import SPEED_OF_LIGHT
from ..errors import InputError
from . import options
from .output import say
from .progress import progress_bar

if TYPE_CHECKING:
    from ..conventions import FloatArray
    from ..geometry.layout import Layout
    from ..measurement.record import Measurement
    from ..media.layer import Stack
    from ..problem import Band
    from ..solution import Solution
    from .corrections import Reader

_RUNS = (".h5", ".hdf5")
_SWEEPS = (".csv", ".txt", ".dat", ".ts")
_POINTS = 61  # solved frequencies where the sweep has more
_WIDE = 5.0  # times the half-wave frequency, and that part of it, that a sweep is simulated over


def kind_of(item: str) -> str:
    """ "run", "geometry" or "sweep": by ending, else by the shipped geometries' names."""
    from ..geometry.spec import geometry_names

    suffix = Path(item).suffix.lower()
    if suffix in _RUNS:
        return "run"
    if suffix == ".toml" or (item in geometry_names() and not Path(item).is_file()):
        return "geometry"
    return "sweep"


def split(items: Sequence[str]) -> tuple[list[str], list[str]]:
    """(simulated, measured) of the arguments; where all are sweeps the first is held against."""
    simulated = [item for item in items if kind_of(item) != "sweep"]
    measured = [item for item in items if kind_of(item) == "sweep"]
    if not measured:
        raise InputError(
            f"no measurement among {', '.join(items)[:80]}; add one: .s1p, .s2p, .csv or a "
            "shipped name"
        )
    if not simulated and len(measured) > 1:
        _check_first(measured[0])
        return measured[:1], measured[1:]
    return simulated, measured


def _check_first(item: str) -> None:
    """A misspelt geometry comes first and looks like a sweep: all that is shipped is listed."""
    from ..common.catalogue import names
    from ..geometry.spec import geometry_names

    known = (*names("measurements", ".s1p"), *names("measurements", ".s2p"))
    if Path(item).suffix or Path(item).exists() or item in known:
        return
    raise InputError(
        f"{item!r} is no run (.h5), geometry or measurement; shipped geometries: "
        f"{', '.join(geometry_names())}"
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a geometry is solved; None: as the .toml beside the measurement or the default says."""

    soil: str | None = None
    height: float | None = None
    changes: list[str] | None = None
    band: str | None = None
    points: int | None = None
    solver: str | None = None
    accuracy: str | None = None

    def check(self, simulated: Sequence[str]) -> None:
        """Refuse options that nothing here would use, and values that cannot be used."""
        from ..common.checks import choice
        from ..solvers.protocol import ACCURACIES
        from ..solvers.registry import AUTO, check_name

        check_name(AUTO if self.solver is None else self.solver, "--solver")
        choice("--accuracy", "normal" if self.accuracy is None else self.accuracy, ACCURACIES)
        options.parse_set(self.changes)
        if self.points is not None and self.band is None:
            raise InputError(f"--points {self.points} without --band; give --band LOW:HIGH too")
        if not simulated or any(kind_of(item) == "geometry" for item in simulated):
            return
        given = {
            "--soil": self.soil, "--height": self.height, "--set": self.changes,
            "--band": self.band, "--solver": self.solver, "--accuracy": self.accuracy,
        }  # fmt: skip
        for name, value in given.items():
            if value is not None:
                raise InputError(
                    f"{name} is for a GEOMETRY, and {simulated[0]} is solved or measured already; "
                    "leave it out or give a geometry"
                )


def simulations(
    simulated: Sequence[str], sweeps: Sequence[Measurement], wanted: Wanted, reader: Reader
) -> list[Solution | Measurement]:
    """Every simulation in the order given; without one that of the first sweep's .toml."""
    if not simulated:
        return [_solved(_named(sweeps[0]), sweeps, wanted, reader)]
    return [_simulation(item, sweeps, wanted, reader) for item in simulated]


def _simulation(
    item: str, sweeps: Sequence[Measurement], wanted: Wanted, reader: Reader
) -> Solution | Measurement:
    from ..solution import load

    kind = kind_of(item)
    if kind == "run":
        return load(item)
    if kind == "sweep":
        return reader.sweep(item, brief=True)
    return _solved(item, sweeps, wanted, reader)


def _named(sweep: Measurement) -> str:
    geometry = sweep.metadata.get("geometry")
    if not isinstance(geometry, str):
        raise InputError(
            f"{sweep.name} alone does not say what to simulate; give RUN.h5 or a GEOMETRY before "
            'it, or write geometry = "NAME" in the .toml beside it'
        )
    return geometry


def _solved(
    geometry: str, sweeps: Sequence[Measurement], wanted: Wanted, reader: Reader
) -> Solution:
    from ..geometry.load import load_geometry
    from ..problem import Problem
    from ..solvers.registry import solve

    changes = options.parse_set(wanted.changes)
    stack, height = _place(sweeps[0], wanted, reader)
    layout = load_geometry(geometry, **changes)
    problem = Problem(layout, stack, height, _band(layout, sweeps, wanted, reader))
    with progress_bar("solve") as progress:
        solution = solve(
            problem, wanted.solver or "auto", accuracy=wanted.accuracy or "normal",
            progress=progress,
        )  # fmt: skip
    reader.notes += [f"note: {text}" for text in solution.provenance.notes]
    return solution


def _place(sweep: Measurement, wanted: Wanted, reader: Reader) -> tuple[Stack, float]:
    """Soil and height: the option, else the .toml beside the sweep, else free space and 0 m."""
    soil, height = wanted.soil, wanted.height
    known = sweep.metadata
    if soil is None and isinstance(known.get("soil"), str):
        soil = str(known["soil"])
        reader.notes.append(f"soil: {soil} (from the .toml of {sweep.name})")
    if height is None and isinstance(known.get("height"), (int, float)):
        height = float(known["height"])
        reader.notes.append(f"height: {height:g} m (from the .toml of {sweep.name})")
    if soil is None:
        soil = options.FREE_SPACE[0]
        reader.notes.append(f"soil: {soil} (give --soil NAME for a soil)")
    return options.load_stack(soil), 0.0 if height is None else height


def _band(layout: Layout, sweeps: Sequence[Measurement], wanted: Wanted, reader: Reader) -> Band:
    """--band, else the measured frequencies that concern the antenna, thinned out evenly to 61."""
    import numpy as np

    if wanted.band is not None:
        return options.make_band(wanted.band, _POINTS if wanted.points is None else wanted.points)
    measured = np.unique(np.concatenate([sweep.frequency for sweep in sweeps]))
    frequency = _concerning(layout, measured, reader)
    if frequency.size > _POINTS:
        frequency = np.linspace(frequency[0], frequency[-1], _POINTS)
    return options.measured_band(frequency, " and ".join(sweep.name for sweep in sweeps[:2]))


def _concerning(layout: Layout, frequency: FloatArray, reader: Reader) -> FloatArray:
    """``frequency`` from 1/5 to 5 times that at which the layout is half a wavelength long.

    An analyser that sweeps kilohertz to gigahertz measures an antenna of metres, but says nothing
    of it there; 61 points over all that would miss its resonances.
    """
    x0, y0, x1, y1 = layout.bounds
    size = max(x1 - x0, y1 - y0)
    half_wave = SPEED_OF_LIGHT / (2.0 * size)
    kept = frequency[(frequency >= half_wave / _WIDE) & (frequency <= half_wave * _WIDE)]
    if kept.size < 2 or kept.size == frequency.size:
        return frequency
    reader.notes.append(
        f"note: measured {frequency[0] / 1e6:.4g} to {frequency[-1] / 1e6:.4g} MHz, simulated "
        f"{kept[0] / 1e6:.4g} to {kept[-1] / 1e6:.4g} MHz: 1/{_WIDE:g} to {_WIDE:g} times where "
        f"{size:.3g} m are half a wavelength; --band LOW:HIGH for another"
    )
    return kept


def failed(items: Sequence[Any]) -> bool:
    """Whether a solution did not converge; said on stderr."""
    bad = [item for item in items if hasattr(item, "quality") and not item.quality.converged]
    for item in bad:
        say(
            f"lunar-antenna: {item.problem.layout.name} did not converge with solver "
            f"{item.provenance.solver}{doubt(item)}"
        )
    return bool(bad)


def doubt(solution: Any) -> str:
    """Why a solution did not converge, where its mesh alone says so, and what to try."""
    import numpy as np

    from ..solvers.protocol import ACCURACIES, MOST_ERROR

    accuracy, error = solution.provenance.accuracy, solution.quality.z_error
    finer = ACCURACIES[ACCURACIES.index(accuracy) + 1 :] if accuracy in ACCURACIES else ()
    tries = f"try {'--accuracy ' + finer[0] + ' or ' if finer else ''}another solver"
    middle = 0.0 if error is None else float(np.median(error))
    if not middle >= MOST_ERROR:
        return f", see quality and notes; {tries}"
    return f": z_error {middle:.2g} of |Z| in the median, allowed {MOST_ERROR:g}; {tries}"
