"""Free-form study: a file with ``[freeform]`` in place of ``geometry``; the rest as in a study.

soil = "simple_eps35"        soil, [stack], height, [band], [port], [[objective]],
height = 0.0                 [[constraint]], [robust], [sampler] seed, [source]: see
                             :mod:`..study.file`; merits: :data:`.asks.NAMES`

[freeform]
footprint = [10.0, 2.0]      m, centred; metal may be anywhere within.  Or an outline [[x, y], ...],
                             its own mirror image in both axes
gap = 0.2                    m, at the origin, current along x
tab = 0.06                   m, width of the feed tab
cell = [0.2, 0.17]           m, along x and y; at the feed cells are smaller
least_cells = 2              nothing is narrower than so many cells, 1 or 2: with 1 the cells differ
                             more from the traced outline
metal = "copper_18um"
film = "polyimide_50um"
margin = 0.1                 m, film beyond the metal
least_metal = 0.1            m, what metal is nowhere narrower than, and
least_slot = 0.1             a gap in it, beside two cells; away from the feed
keep_in = [[[x, y], ...]]    outlines, m, that are metal, and
keep_out = [[[x, y], ...]]   that are not; with all their mirror images
start = [[x, w], ...]        half-widths (m) that the search begins from, or a geometry by name or
                             path (best.toml of coarser cells, say); several if not given
from_mhz = 9.0               low end of the band that is asked for first
points = 31                  frequencies of the search
moves = 120                  of a round
rounds = 4                   each ends with a traced outline, solved; 0: no cells, but the metal of
                             start (a geometry with this gap and tab) is what polish begins from
polish = 20                  so many linear programs move the corners of the best (default 0): then
                             its flanks may be slanted and cells no longer hold
polish_mesh = "normal"       what they are solved on: "draft" costs a fifth and is judged afterwards
fine = true                  the best of them on the fine mesh too
confirm = "openems"          and by another engine (default "none")
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely.affinity
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from ...common import catalogue
from ...common.checks import number, shown
from ...common.files import is_file
from ...common.tables import Table
from ...conventions import JsonDict
from ...errors import InputError, MissingEngineError
from ...geometry.free import read_ring
from ...geometry.spec import FREEFORM_KEY as KEY
from ...geometry.spec import KIND, STUDY_KEY
from ...media.layer import Stack
from ...media.sheets import film_from, metal_from
from ...problem import Band
from ..port import PortModel
from ..study.file import StudyReader
from ..study.goals import Goals
from ..study.plan import LARGEST_SEED
from ..study.scenarios import Scenarios
from ..study.stages import NONE
from .cells import Cells, make_cells

SOLVER = "planar"  # whose matrices the cells are
ALIKE = 1e-6  # of an area: what a mirror image may differ by
MESHES = ("normal", "draft")  # that a polish may be solved on
_KEYS = (KEY, "soil", "stack", "height", "band", "port", "objective", "constraint", "robust",
         "sampler", "source")  # fmt: skip
_OWN = (
    "footprint", "gap", "tab", "cell", "metal", "film", "margin", "least_metal", "least_slot",
    "least_cells", "keep_in", "keep_out", "start", "from_mhz", "points", "moves", "rounds",
    "polish", "polish_mesh", "fine", "confirm",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """Outline of a footprint that is no rectangle, and what must be metal and must not."""

    within: Polygon | None
    keep_in: list[Polygon]
    keep_out: list[Polygon]


@dataclass(frozen=True, slots=True, eq=False)
class FreeformSettings:
    """What the file says; see the module.  text: its content, which a resumed study must share."""

    name: str
    sides: tuple[float, float]
    gap: float
    tab: float
    cells: Cells
    metal: Any
    film: Any
    margin: float
    start: list[tuple[float, float]] | BaseGeometry | None
    low: float
    points: int
    moves: int
    rounds: int
    polish: int
    polish_mesh: str
    fine: bool
    confirm: str
    regions: Regions
    stack: Stack
    height: float
    band: Band
    port: PortModel
    goals: Goals
    robust: Scenarios | None
    seed: int
    content: JsonDict

    def changed(self, **given: Any) -> FreeformSettings:
        """The same with everything in ``given`` that is not None."""
        return replace(self, **{key: value for key, value in given.items() if value is not None})

    @property
    def drawn(self) -> list[Polygon]:
        """The metal of ``start``, that a study without rounds polishes, each arm a polygon.

        Raises :class:`InputError` where there is none, it is not its own mirror image, or nothing
        is asked of it.
        """
        if not isinstance(self.start, BaseGeometry) or not self.polish:
            raise InputError(
                f"[{KEY}] rounds = 0 leaves the metal of start to polish; give start as a geometry "
                "and polish, or a round"
            )
        off = _unlike(self.start)
        if off > ALIKE:
            raise InputError(
                f"[{KEY}] start differs from its mirror image by {100.0 * off:.2g} % of its "
                "area; with rounds = 0 make it the same on all four sides of the origin"
            )
        length, width = self.sides
        x0, y0, x1, y1 = self.start.bounds
        if max(x1 - x0 - length, y1 - y0 - width) > ALIKE * length:
            raise InputError(
                f"[{KEY}] start is {x1 - x0:g} m x {y1 - y0:g} m, the footprint {length:g} m x "
                f"{width:g} m; enlarge the footprint"
            )
        arms = self.start.difference(self.cells.tab)
        half = 0.5 * self.gap
        between = box(-half, -width, half, width)
        parts = [item for item in getattr(arms, "geoms", [arms]) if item.area > 0.0]
        if len(parts) < 2 or arms.intersection(between).area > ALIKE * arms.area:
            raise InputError(
                f"[{KEY}] start has metal in the gap of {self.gap:g} m beside the tab of "
                f"{self.tab:g} m; give its own gap and tab"
            )
        return parts

    def check_confirm(self) -> None:
        """Raise for an engine that is unknown, missing, or the search's own."""
        if self.confirm == NONE:
            return
        from ...solvers.registry import check_name, get_solver

        check_name(self.confirm)
        if self.confirm == SOLVER:
            raise InputError(f"confirm = {self.confirm!r} is the solver of the search")
        if (absent := get_solver(self.confirm).missing()) is not None:
            raise MissingEngineError(absent)

    def spec(self, polygons: list[Polygon]) -> JsonDict:
        """A geometry file's content with that metal."""
        return {
            "family": "free",
            "name": self.name,
            "metal": self.metal if self.metal is not None else "pec",
            **({} if self.film is None else {"film": {"name": self.film, "margin": self.margin}}),
            "polygon": [_row(polygon) for polygon in polygons],
            "gap": [{"x": 0.0, "y": 0.0, "length": self.gap, "width": self.tab}],
        }


def freeform_file(study: object) -> Path | None:
    """The path of a free-form study by name or path, None for anything else."""
    if not isinstance(study, (str, os.PathLike)):
        return None
    try:
        path = catalogue.find(KIND, study)
    except InputError:
        return None
    if path.suffix.lower() != ".toml" or not is_file(path):
        return None
    return path if KEY in Table.read(path) else None


def load_freeform(path: Path) -> FreeformSettings:
    """Raises :class:`InputError` in one line that names the file, the table and the key."""
    table = Table.read(path)
    with table.naming():
        if STUDY_KEY in table:
            raise InputError(f"{STUDY_KEY} and [{KEY}] are both given; give one")
        table.only(*_KEYS)
        return _settings(path, table)


def _settings(path: Path, table: Table) -> FreeformSettings:
    common = StudyReader(path.parent, table)
    own = table.table(KEY)
    own.only(*_OWN)
    own.needs("footprint", "gap")
    (length, width), outline = _footprint(own)
    gap = own.number("gap", low=1e-4, high=length, unit="m")
    tab = own.number("tab", min(gap, 0.06), low=1e-4, high=width, unit="m")
    cell = own.numbers("cell", low=1e-3, high=1e3, unit="m") if "cell" in own else None
    if cell is not None and len(cell) != 2:
        raise own.fault(f"cell has {len(cell)} numbers; give two, along x and y")
    cx, cy = cell if cell is not None else (length / 50.0, width / 12.0)
    made = make_cells(
        (length, width), gap, tab, (cx, cy), _regions(own, "keep_in"), _regions(own, "keep_out"),
        outline=outline,
        least=(_least(own, "least_metal"), _least(own, "least_slot")),
        least_cells=own.whole("least_cells", 2, low=1, high=2),
    )  # fmt: skip
    sampler = table.table("sampler")
    sampler.only("name", "trials", "seed")
    band = common.band()
    port = PortModel.from_table(table.table("port")) if "port" in table else PortModel()
    metal, film = own.content.get("metal"), own.content.get("film")
    metal_from(metal)
    film_from(film)
    return FreeformSettings(
        name=path.stem,
        sides=(length, width),
        gap=gap,
        tab=tab,
        cells=made,
        metal=metal,
        film=film,
        margin=own.number("margin", 0.1, low=0.0, high=100.0, unit="m"),
        start=_start(path.parent, own),
        low=1e6 * own.number("from_mhz", float(band.frequency[-1]) / 3.8e6, low=0.01, unit="MHz"),
        points=own.whole("points", 31, low=8, high=401),
        moves=own.whole("moves", 120, high=100_000),
        rounds=own.whole("rounds", 4, low=0, high=1000),
        polish=own.whole("polish", 0, low=0, high=1000),
        polish_mesh=own.choice("polish_mesh", MESHES, "normal"),
        fine=bool(own.content.get("fine", True)),
        confirm=own.text("confirm", NONE),
        regions=Regions(outline, _regions(own, "keep_in"), _regions(own, "keep_out")),
        stack=common.stack(),
        height=table.number("height", 0.0, low=0.0, high=1000.0, unit="m"),
        band=band,
        port=port,
        goals=common.goals() or Goals.default(),
        robust=_robust(table),
        seed=sampler.whole("seed", 1, low=0, high=LARGEST_SEED),
        content=dict(table.content),
    )


def _least(own: Table, key: str) -> float:
    return own.number(key, 0.0, low=0.0, high=1e3, unit="m")


def _unlike(metal: BaseGeometry) -> float:
    """Share of the area by which it differs from its image in either axis, the larger."""
    images = (
        shapely.affinity.scale(metal, *mirror, origin=(0.0, 0.0))
        for mirror in ((-1.0, 1.0), (1.0, -1.0))
    )
    return max(float(image.symmetric_difference(metal).area / metal.area) for image in images)


def _footprint(own: Table) -> tuple[tuple[float, float], Polygon | None]:
    """Sides (m) of the rectangle round the footprint, and its outline where it is none."""
    given = own.content["footprint"]
    if not (isinstance(given, list) and given and isinstance(given[0], list)):
        sides = own.numbers("footprint", low=1e-3, high=1e3, unit="m")
        if len(sides) != 2:
            raise own.fault(
                f"footprint holds {len(sides)} numbers; write [length, width] or [[x, y], ...]"
            )
        return (sides[0], sides[1]), None
    outline = read_ring(f"[{KEY}] footprint", given)
    off = _unlike(outline)
    if off > ALIKE:
        raise own.fault(
            f"footprint differs from its mirror image by {100.0 * off:.2g} % of its area; "
            "make it the same on all four sides of the origin"
        )
    x0, y0, x1, y1 = outline.bounds
    return (x1 - x0, y1 - y0), outline


def _robust(table: Table) -> Scenarios | None:
    if "robust" not in table:
        return None
    found = Scenarios.from_table(table.table("robust"))
    if found.arm_errors:
        raise table.fault(
            "[robust] arm_errors make arms unequal, and a free form is the same on both sides; "
            "leave them out"
        )
    return found


def _start(folder: Path, own: Table) -> list[tuple[float, float]] | BaseGeometry | None:
    """Half-widths, or the metal of a geometry."""
    if "start" not in own:
        return None
    rows = own.content["start"]
    if isinstance(rows, str):
        from ...geometry.load import load_geometry

        beside = folder / rows
        return load_geometry(beside if is_file(beside) else rows).surface
    if not isinstance(rows, list) or len(rows) < 2:
        raise own.fault("start is not a list of two or more [x, w] in m, nor a geometry; give one")
    found = []
    for place, row in enumerate(rows, 1):
        if not isinstance(row, list) or len(row) != 2:
            raise own.fault(f"start {place} = {shown(row)} is not [x, w]; give two numbers in m")
        x, w = (number(f"start {place}", value, high=1e6, unit="m") for value in row)
        found.append((x, w))
    return found


def _regions(own: Table, key: str) -> list[Polygon]:
    rings = own.content.get(key, [])
    if not isinstance(rings, list):
        raise own.fault(f"{key} is not a list of outlines; give [[[x, y], ...], ...] in m")
    return [read_ring(f"[{KEY}] {key} {n}", ring) for n, ring in enumerate(rings, 1)]


def _row(polygon: Polygon) -> JsonDict:
    holes = [_ring(ring) for ring in polygon.interiors]
    return {"points": _ring(polygon.exterior), **({"holes": holes} if holes else {})}


def _ring(ring: Any) -> list[list[float]]:
    found: list[list[float]] = (np.round(np.asarray(ring.coords)[:-1, :2], 9) + 0.0).tolist()
    return found
