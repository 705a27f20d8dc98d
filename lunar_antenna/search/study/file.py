"""Study file: what to search, on which soil, for what, as one TOML file.

``geometry`` makes a file a study; a geometry file has ``family`` instead.  All keys but that one
are optional.  SI units, except frequencies, which are in MHz and say so in their name.

    geometry = "membrane_10m"   shipped name, or a path (seen from the study's folder first)
    soil = "simple_eps35"       shipped name or path; or [[stack.layer]] tables as in a soil file;
                                without either: free space
    height = 0.0                m
    solver = "auto"             auto, planar, nec, openems
    accuracy = "draft"          mesh of the search: draft, normal, fine

    [parameters]                fixed overrides: a parameter of the family, "coupled.length" of a
    gap = 0.06                  modifier, and metal, film (a name or a table)

    [search]                    free variables, in place of the geometry's own [search]
    length = [6.0, 10.0]        parameter = [low, high]; a third entry "log" for a log scale
    w0 = [0.02, 0.5, "log"]     whole-numbered parameters are searched as such
    height = [0.0, 0.1]         height is a variable like any other

    [band]
    mhz = [5.0, 35.0]           default 5 to 35
    points = 61                 solved frequencies, default 61; merits see 20 times as many

    [port]                      z0 and load/turns exclude each other
    z0 = [25.0, 600.0]          ohm: a number, or a range; default the range 25 to 600
    load = 50.0                 ohm, behind an ideal transformer of ``turns`` (antenna : load).  It
    turns = [1.0, 3.5]          is the same as z0 = load x turns^2, and is searched as that
    [[port.network]]            up to two elements, from the antenna to the load
    element = "series L"        series or shunt, L or C
    range = [1e-8, 1e-5]        H or F, searched on a log scale; or value = 3e-7
    q = 100.0                   quality factor at every frequency; default 100 for L, 1000 for C

    [[objective]]               one, or several for a Pareto front; default the widest band
    merit = "band_ratio"        see :mod:`..merits` for all names and their parameters
    efficiency = "mismatch"     mismatch, sky, ground, metal, film, realised
    threshold = 0.9

    [[constraint]]              default min_efficiency >= 0.1 over 5-35 MHz, where no objective is
    merit = "min_efficiency"    given
    band_mhz = [5.0, 35.0]
    at_least = 0.1              or at_most

    [robust]                    every candidate in several scenarios: :mod:`.scenarios`.  Its soils
                                and heights take the place of soil and height, which then say
                                alone which of them the design is drawn and solved in

    [array]                     every candidate among copies of itself: :mod:`.cluster`, for the
    kind = "grid"               merits active_reflection and embedded_pattern
    count = 4
    spacing = 12.0              m

    [stages]                    coarse to fine: :mod:`.stages`
    screen_trials = 200         so many first trials on screen_points frequencies, draft mesh
    screen_points = 31          (default 0 trials, 31 points); the rest with points and accuracy
    margin = 0.005              thresholds and bounds of screen and search are stricter by this
                                part (default 0), so that a finer mesh does not undo a design
    polish = 20                 the best improved by up to so many linear programs of all variables
                                (default 0), then checked like the others
    check = 3                   so many of the best are solved again at "normal" (default 3)
    fine = true                 the best of those again at "fine" (default true)
    confirm = "openems"         and by another engine (default "none")

    [sampler]
    name = "auto"               auto, cma-es, tpe, gp, nsga2, nsga3: :mod:`.samplers`
    trials = 400                finished trials wanted (default 200)
    seed = 1

    [source]
    text = "..."                and whatever else the reader should know

With one objective the reference impedance is no variable: the best one in its range is found for
each candidate by scanning, which costs no solution.  With several objectives it is an ordinary
variable (log scale), since there is no single best one.  The values of a network are ordinary
variables in either case, ``network.1`` and ``network.2``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...common.files import is_file
from ...common.parameter import Parameter
from ...common.tables import Table
from ...conventions import JsonDict
from ...errors import InputError
from ...geometry.spec import MATERIALS, study_file
from ...media.layer import Stack
from ...problem import Band
from ..port import PortModel
from ..space import free_parameters
from .cluster import Cluster
from .goals import Goals
from .plan import LARGEST_SEED, StudySettings
from .samplers import SAMPLERS
from .scenarios import Scenarios
from .stages import Stages

_KEYS = (
    "geometry", "soil", "stack", "height", "solver", "accuracy", "parameters", "search", "band",
    "port", "objective", "constraint", "robust", "array", "stages", "sampler", "source",
)  # fmt: skip


def load_study(name_or_path: str | os.PathLike[str]) -> StudySettings:
    """The settings of a study file, or the default study of a geometry with ``[search]``.

    The default study is the search alone, without the later stages.

    Raises :class:`InputError` in one line that names the file, the table and the key.
    """
    if not isinstance(name_or_path, (str, os.PathLike)):
        raise InputError(f"study = {name_or_path!r} is neither a name nor a path; give one")
    path = study_file(name_or_path)
    if path is None:
        own = os.fspath(name_or_path) if is_file(Path(name_or_path)) else ""
        return StudySettings(name_or_path, stages=Stages(check=0, fine=False), file=own)
    table = Table.read(path)
    with table.naming():
        settings = StudyReader(path.parent, table).settings()
        settings.check_names()
    return settings


class StudyReader:
    """Turns the parsed file into settings; every part checks its own table."""

    def __init__(self, folder: Path, table: Table) -> None:
        self.folder, self.table = folder, table

    def settings(self) -> StudySettings:
        from ...solvers.protocol import ACCURACIES
        from ...solvers.registry import AUTO, check_name

        table = self.table
        table.only(*_KEYS)
        solver = table.text("solver", AUTO)
        with table.naming():
            check_name(solver)
        table.table("source")
        sampler = table.table("sampler")
        sampler.only("name", "trials", "seed")
        return StudySettings(
            self.near("geometry"),
            file=table.file,
            parameters=_flat(table.table("parameters").content, keep=MATERIALS),
            search=self.search(),
            stack=self.stack(),
            height=table.number("height", 0.0, low=0.0, high=1000.0, unit="m"),
            band=self.band(),
            solver=solver,
            accuracy=table.choice("accuracy", ACCURACIES, "draft"),
            port=PortModel.from_table(table.table("port")) if "port" in table else None,
            goals=self.goals(),
            robust=Scenarios.from_table(table.table("robust")) if "robust" in table else None,
            cluster=Cluster.from_table(table.table("array"), self.folder)
            if "array" in table
            else None,
            stages=Stages.from_table(table.table("stages")),
            sampler=sampler.choice("name", SAMPLERS, "auto"),
            trials=sampler.whole("trials", 200),
            seed=sampler.whole("seed", 1, low=0, high=LARGEST_SEED),
        )

    def near(self, key: str) -> str:
        """A name, or a path that is looked for beside the study before anywhere else."""
        value = self.table.text(key)
        beside = self.folder / value
        return str(beside) if value.endswith(".toml") and is_file(beside) else value

    def stack(self) -> Stack:
        from ...media.soil_files import read_layers
        from ...media.soils import load_soil

        if "soil" in self.table and "stack" in self.table:
            raise self.table.fault("soil and [stack] are both given; give one")
        if "stack" in self.table:
            table = self.table.table("stack")
            table.only("layer")
            return Stack(read_layers(table), "study")
        if "soil" in self.table:
            return load_soil(self.near("soil"))
        return Stack.free_space()

    def search(self) -> dict[str, Parameter] | None:
        """None keeps the geometry's own [search]."""
        if "search" not in self.table:
            return None
        return free_parameters(self.table.table("search").content)

    def band(self) -> Band:
        table = self.table.table("band")
        table.only("mhz", "points")
        low, high = table.span("mhz", (5.0, 35.0), low=0.01, high=1e4, unit="MHz")
        return Band.mhz(low, high, table.whole("points", 61, low=2, high=100_001))

    def goals(self) -> Goals | None:
        """None is the default: the widest band above a floor."""
        objectives = self.table.tables("objective")
        constraints = self.table.tables("constraint")
        if not objectives and not constraints:
            return None
        return Goals.from_tables(objectives, constraints)


def _flat(table: Mapping[str, Any], keep: tuple[str, ...] = ()) -> JsonDict:
    """Tables of modifiers as names with a dot: [coupled] length becomes ``coupled.length``."""
    found: JsonDict = {}
    for key, value in table.items():
        if isinstance(value, dict) and key not in keep:
            found |= {f"{key}.{name}": item for name, item in value.items()}
        else:
            found[key] = value
    return found
