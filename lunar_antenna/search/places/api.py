"""``la.arrange``: places of the elements of an array, searched."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...array.file import ArrayFile, read_array
from ...array.plan import check
from ...array.run import solve_array
from ...array_problem import Array
from ...common.checks import choice, flag, number, path_of, reporter
from ...common.files import make_folder
from ...common.lock import only_one
from ...common.tables import Table
from ...errors import InputError
from ...solvers.protocol import ACCURACIES
from ..merits.base import in_band
from ..merits.over_scan import OverScan
from ..port import PortModel
from .climb import Climb, search_digest
from .draw import scattered
from .output import write_all
from .result import Arrangement
from .settings import PlacesSettings
from .trail import FILE, Trail

if TYPE_CHECKING:
    from ...solvers.protocol import Progress


def arrange(
    array: Array | str | os.PathLike[str],
    *,
    radius: float | None = None,
    least_distance: float | None = None,
    merit: str | Mapping[str, Any] | OverScan | None = None,
    z0: float | None = None,
    random: int | None = None,
    moves: int | None = None,
    seed: int | None = None,
    accuracy: str | None = None,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Arrangement:
    """Search places for the elements of ``array`` that make a merit small.

    array: an :class:`Array`, or the name or path of an ARRAY.toml, of whose table [search]
    everything not given here is taken (:mod:`.settings`).  Its own layout is tried first, and the
    search may find it where it keeps radius and least_distance; then ``random`` layouts, then
    ``moves`` of single elements from the best of these.  The band of the array is what is looked
    at, so that a few frequencies do.  merit: "active_reflection" or "embedded_pattern", or a table
    with its parameters.  z0: ohm at the ports; the file's, or 100.  accuracy: of the meshes;
    the file's, or "draft".

    The best layout is solved once more by :func:`solve_array`, with its losses and stated errors.
    out: folder for best.toml, best.csv, best.h5, arrangement.json and ``layouts.jsonl``, from
    which ``resume`` goes on: with the same seed as if it had never stopped.  Ctrl-C keeps every
    layout that was judged and returns the best of them.

    Raises :class:`InputError`.
    """
    reporter(progress)
    given, source = _given(array, accuracy, z0)
    settings = PlacesSettings.of(
        given.search,
        radius=radius,
        least_distance=least_distance,
        merit=merit,
        random=random,
        moves=moves,
        seed=seed,
    )
    _check(given, settings)
    folder = None if out is None else path_of("out", out)
    resume = flag("resume", resume)
    if folder is None:
        if resume:
            raise InputError("resume without out; give the folder of the search that stopped")
        return _searched(given, settings, None, resume, progress)
    new = make_folder(folder)
    try:
        with only_one(folder / f"{FILE}.lock", f"the search {folder}"):
            found = _searched(given, settings, folder, resume, progress)
            write_all(found, given, source, folder)
    except InputError:
        if new and not any(folder.iterdir()):
            folder.rmdir()
        raise
    return found


def _given(array: object, accuracy: str | None, z0: float | None) -> tuple[ArrayFile, Path | None]:
    if accuracy is not None:
        choice("accuracy", accuracy, ACCURACIES)
    if z0 is not None:
        number("z0", z0, low=0.0, low_open=True, high=1e6, unit="ohm")
    if isinstance(array, Array):
        nothing = Table({}, "", "[search]", InputError)
        return ArrayFile(array, accuracy or "draft", z0 or 100.0, nothing, {}, Path()), None
    if not isinstance(array, (str, os.PathLike)):
        raise InputError(
            f"array is {type(array).__name__}; give la.Array(...), or the name or path of an "
            "ARRAY.toml"
        )
    read = read_array(array)
    return (
        ArrayFile(
            read.array, accuracy or read.accuracy, z0 or read.z0, read.search, read.content,
            read.folder,
        ),
        Path(array),
    )  # fmt: skip


def _check(given: ArrayFile, settings: PlacesSettings) -> None:
    """Refuse what cannot be searched before anything is solved."""
    array = given.array
    if array.n_elements < 2:
        raise InputError("an array of one element has no places to search; give two or more")
    merit = settings.merit
    f = array.frequency
    if not in_band(f, merit.span).size:
        raise InputError(
            f"{merit.label}: none of the array's {f.size} frequencies, {f[0] / 1e6:g} to "
            f"{f[-1] / 1e6:g} MHz, is in this band; change band_mhz of the merit, or the band"
        )
    port = PortModel(given.z0, given.z0)
    for key in array.layouts:
        merit.check(array.problem(key), port)
    check(array, given.accuracy, 1)
    if settings.random:
        first = np.random.default_rng(settings.seed)
        scattered(first, array.n_elements, settings.radius, settings.least_distance)


def _searched(
    given: ArrayFile,
    settings: PlacesSettings,
    folder: Path | None,
    resume: bool,
    progress: Progress | None,
) -> Arrangement:
    array, z0, accuracy = given.array, given.z0, given.accuracy
    digest = search_digest(array, settings, z0, accuracy)
    trail = Trail(folder, digest, resume=resume)
    climb = Climb(array, settings, z0, accuracy, trail)

    def say(fraction: float, message: str) -> None:
        if progress is not None:
            progress(0.95 * fraction, message)

    solution = solved = None
    interrupted = False
    try:
        climb.run(say)
        if climb.best is not None:
            say(1.0, "best layout, with its losses and errors")
            solution = solve_array(climb.best.array, accuracy=accuracy)
            solved = settings.merit.of(solution, z0)
    except KeyboardInterrupt:
        interrupted = True
    best = climb.best
    if best is None and not interrupted:
        raise InputError(
            "no layout was found in which metal stays apart; take a larger radius or a larger "
            "least_distance"
        )
    return Arrangement(
        array if best is None else best.array,
        climb.value,
        settings,
        z0,
        tuple(trail.rows),
        solution,
        solved,
        interrupted,
    )
