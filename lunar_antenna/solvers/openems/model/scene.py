"""The XML document that the engine reads: excitation, boundaries, mesh, materials, dumps."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.ops import unary_union

from ....conventions import FloatArray
from ....errors import UnsupportedProblemError
from ....problem import Problem
from .materials import (
    VACUUM,
    FilmBox,
    Medium,
    Slab,
    film_box,
    interface_slabs,
    needs_film_box,
    plane_media,
    soil_slabs,
)
from .mesh import Grid, build_grid, nearest
from .metal_edges import (
    FIRST_ORDER,
    RimEdges,
    edge_resistances,
    find_rim_edges,
    sheet_resistance,
)
from .outline import GapEdges, conductors, gap_edges, model_polygons, runs
from .rims import Rims, find_rims, no_rims
from .stairs import Stairs, build_stairs, tread, wires

PORT_RESISTANCE = 100.0  # ohm in every gap: damps the run, drops out of the result
OVERSAMPLING = 4
# Recorded spectra are sampled at twice the frequency that the engine believes to be the highest;
# at the pulse's own corner f0 + fc the band's upper end would be spoilt by aliases at -22 dB.
SAMPLING = 2.5
FAR = 1e5  # m, beyond any mesh
DEBYE = 8  # priority of rims with poles


@dataclass(frozen=True, slots=True)
class Window:
    """Node indices of the recorded box, both ends included, (low, high) per axis."""

    x: tuple[int, int]
    y: tuple[int, int]
    z: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything that is the same in the runs of one problem.

    films: (k, box) of every level k that has a film or an air gap thinner than the mesh.
    resistance: (nx, ny) ohm per square of the metal's x and y edges where it is in the mesh.
    """

    problem: Problem
    grid: Grid
    slabs: tuple[Slab, ...]
    films: tuple[tuple[int, FilmBox], ...]
    gaps: tuple[GapEdges, ...]
    metal: Polygon | MultiPolygon
    stairs: Stairs
    rims: Rims
    resistance: tuple[FloatArray, FloatArray] | None
    edges: RimEdges
    window: Window
    f0: float
    fc: float

    @property
    def series(self) -> FloatArray:
        """(n_gap, n_port) 1 where a gap of the model is one of the port's series."""
        layout = self.problem.layout
        return layout.series[[self.grid.symmetry.holds(gap) for gap in layout.gaps]]

    @property
    def film(self) -> FilmBox | None:
        """The lowest level's effective sheet, None without any."""
        return self.films[0][1] if self.films else None


def prepare(problem: Problem, accuracy: str, *, coarser: float = 1.0) -> Scene:
    """The checked mesh and scene of a problem.  coarser: see :func:`.mesh.build_grid`."""
    grid = build_grid(problem, accuracy, coarser=coarser)
    return build_scene(problem, grid)


def build_scene(problem: Problem, grid: Grid) -> Scene:
    """The scene on a mesh; metal of much resistance on a relief raises UnsupportedProblemError."""
    slabs = soil_slabs(problem, grid.z)
    gaps = tuple(gap_edges(problem.layout, grid))
    metal = conductors(problem.layout)
    stairs = build_stairs(problem.layout, grid, metal, gaps)
    sheet = sheet_resistance(problem)
    if sheet > FIRST_ORDER and problem.layout.relief is not None:
        raise UnsupportedProblemError(
            f"metal of {sheet:.3g} ohm per square on a relief ({problem.layout.relief}), "
            f"allowed up to {FIRST_ORDER:g} ohm per square; use thicker metal or no relief"
        )
    flat = grid.levels.size == 1
    edges = find_rim_edges(metal, grid, stairs.metal, gaps)
    low, high = float(problem.frequency.min()), float(problem.frequency.max())
    f0 = 0.5 * (low + high)
    fc = max(0.8 * (high - low), 0.6 * f0)  # about 8 dB down at the band's ends
    return Scene(
        problem,
        grid,
        slabs,
        _films(problem, grid, slabs, stairs),
        gaps,
        metal,
        stairs,
        find_rims(metal, grid, stairs.metal[:2], gaps) if flat else no_rims(),
        edge_resistances(problem, grid, stairs.metal, edges),
        edges,
        _window(problem, grid),
        f0,
        fc,
    )


def _films(
    problem: Problem, grid: Grid, slabs: tuple[Slab, ...], stairs: Stairs
) -> tuple[tuple[int, FilmBox], ...]:
    """Effective sheets of all levels.  On the surface the mean air gap under the relief counts."""
    result = []
    for k in stairs.used:
        plane = float(grid.z[k])
        air = problem.height
        if problem.layout.relief is not None:
            i, j = np.nonzero(stairs.level[2] == k)
            inside = shapely.contains_xy(unary_union(problem.layout.regions), grid.x[i], grid.y[j])
            if not inside.any():
                continue
            lift = problem.layout.relief.elevation(grid.x[i], grid.y[j])[inside]
            air = max(0.0, problem.height + float(lift.mean()))
        if needs_film_box(problem, plane, air):
            result.append((k, film_box(problem, grid.z, plane, slabs, air)))
    return tuple(result)


def _window(problem: Problem, grid: Grid) -> Window:
    """Two cells around metal and film, three above and below its levels."""
    bounds = list(problem.layout.bounds)
    outline = problem.layout.film_outline
    if outline is not None:
        for index, pick in enumerate((min, min, max, max)):
            bounds[index] = pick(bounds[index], outline.bounds[index])
    spans = []
    for axis in (0, 1):
        lines = grid.axis(axis)
        low = int(np.searchsorted(lines, bounds[axis] - 1e-9)) - 3
        high = int(np.searchsorted(lines, bounds[axis + 2] + 1e-9)) + 2
        first = 1 if axis == 1 and grid.symmetry.y else 0
        spans.append((max(low, first), min(high, len(lines) - 2)))
    lowest, highest = nearest(grid.z, grid.levels[[0, -1]])
    bottom = int(lowest) - 3
    if grid.conductor_below:
        bottom = max(bottom, 1)
    return Window(spans[0], spans[1], (bottom, int(highest) + 3))


def document(scene: Scene, driven: int, steps: int, pace: float = 1.0) -> str:
    """The XML text of the run that drives gap number ``driven`` of the model.

    pace: of the engine's own time step.
    """
    root = ET.Element("openEMS")
    fdtd = ET.SubElement(
        root,
        "FDTD",
        NumberOfTimesteps=str(steps),
        endCriteria="1e-15",
        OverSampling=str(OVERSAMPLING),
    )
    if pace != 1.0:
        fdtd.set("TimeStepFactor", repr(pace))
    ET.SubElement(
        fdtd,
        "Excitation",
        Type="10",
        f0=repr(SAMPLING * (scene.f0 + scene.fc)),
        Function=pulse(scene.f0, scene.fc),
    )
    mirror = scene.grid.symmetry
    ET.SubElement(
        fdtd,
        "BoundaryCond",
        xmin="PEC" if mirror.x else "PML_8",
        xmax="PML_8",
        ymin="PMC" if mirror.y else "PML_8",
        ymax="PML_8",
        zmin="PEC" if scene.grid.conductor_below else "PML_8",
        zmax="PML_8",
    )
    structure = ET.SubElement(root, "ContinuousStructure", CoordSystem="0")
    lines = ET.SubElement(structure, "RectilinearGrid", DeltaUnit="1", CoordSystem="0")
    for name, values in zip("XYZ", (scene.grid.x, scene.grid.y, scene.grid.z), strict=True):
        ET.SubElement(lines, f"{name}Lines").text = ",".join(repr(float(v)) for v in values)
    properties = ET.SubElement(structure, "Properties")
    for number, slab in enumerate(scene.slabs):
        item = _material(properties, f"soil{number}", slab.medium, slab.medium)
        low = (
            -FAR if number == len(scene.slabs) - 1 and not scene.grid.conductor_below else slab.low
        )
        _box(item, 1, (-FAR, -FAR, low), (FAR, FAR, slab.high))
    for number, slab in enumerate(interface_slabs(scene.slabs, scene.grid.z)):
        item = _material(properties, f"interface{number}", slab.medium, slab.medium)
        _box(item, 2, (-FAR, -FAR, slab.low), (FAR, FAR, slab.high))
    _film(properties, scene)
    _metal(properties, scene)
    _rims(properties, scene)
    for number, gap in enumerate(scene.gaps):
        _port(properties, scene, number, gap, number == driven)
    _dumps(properties, scene)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def pulse(f0: float, fc: float) -> str:
    """A Gaussian pulse as the engine's formula: 20 dB down at f0 +- fc (Hz), time in t.

    Odd, so that it holds no direct current, which lossy soil would let go only slowly.
    """
    rate = 2.0 * math.pi * fc / 3.0
    return f"sin({2.0 * math.pi * f0!r}*(t-{4.0 / rate!r}))*exp(-((t-{4.0 / rate!r})*{rate!r})^2)"


def _material(
    parent: ET.Element, name: str, tangential: Medium, normal: Medium, mue: float = 1.0
) -> ET.Element:
    """A (Debye) material, anisotropic along z where ``normal`` differs."""
    same = tangential == normal

    def triple(along: float, up: float) -> str:
        a, u = float(along), float(up)
        return repr(a) if same else f"{a!r},{a!r},{u!r}"

    tag = "DebyeMaterial" if tangential.poles else "Material"
    item = ET.SubElement(parent, tag, Name=name, Isotropy="1" if same else "0")
    values = {
        "Epsilon": triple(tangential.eps_r, normal.eps_r),
        "Mue": repr(mue) if same else "1,1,1",
        "Kappa": triple(tangential.conductivity, normal.conductivity),
        "Sigma": "0" if same else "0,0,0",
    }
    for number, ((along, tau), (up, _)) in enumerate(
        zip(tangential.poles, normal.poles, strict=True), 1
    ):
        values[f"EpsilonDelta_{number}"] = triple(along, up)
        values[f"EpsilonRelaxTime_{number}"] = triple(tau, tau)
    ET.SubElement(item, "Property", values)
    return ET.SubElement(item, "Primitives")


def _box(parent: ET.Element, priority: int, low: tuple[Any, ...], high: tuple[Any, ...]) -> None:
    item = ET.SubElement(parent, "Box", Priority=str(priority))
    for tag, point in (("P1", low), ("P2", high)):
        ET.SubElement(item, tag, {a: repr(float(v)) for a, v in zip("XYZ", point, strict=True)})


def _polygon(
    parent: ET.Element, priority: int, polygon: Polygon, low: float, length: float
) -> None:
    points = list(polygon.exterior.coords)[:-1]
    attributes = {
        "Priority": str(priority),
        "NormDir": "2",
        "Elevation": repr(float(low)),
        "QtyVertices": str(len(points)),
        "CoordSystem": "0",
        "Length": repr(float(length)),
    }
    item = ET.SubElement(parent, "LinPoly", attributes)
    for x, y in points:
        ET.SubElement(item, "Vertex", X1=repr(float(x)), X2=repr(float(y)))


def _film(parent: ET.Element, scene: Scene) -> None:
    outline = scene.problem.layout.film_outline or scene.problem.layout.surface
    for number, (k, film) in enumerate(scene.films):
        polygons = model_polygons(tread(scene.stairs, scene.grid, k, outline), scene.grid, 0.0)
        if not polygons:
            continue
        name = "film" if number == 0 else f"film{number}"
        item = _material(parent, name, film.tangential, film.normal)
        for polygon in polygons:
            _polygon(item, 5, polygon, film.low, film.high - film.low)


def _metal(parent: ET.Element, scene: Scene) -> None:
    grid, z = scene.grid, scene.grid.z[scene.grid.k_plane]
    if scene.resistance is None:
        item = ET.SubElement(ET.SubElement(parent, "Metal", Name="metal"), "Primitives")
        for start, end in wires(scene.stairs, grid):
            _box(item, 10, tuple(start), tuple(end))
        return
    down, up = z - grid.z[grid.k_plane - 1], grid.z[grid.k_plane + 1] - z
    _, mean, _ = plane_media(scene.slabs, grid.z, scene.film, float(z))
    for value in np.unique(np.concatenate([ohm[ohm > 0.0] for ohm in scene.resistance])):
        medium = Medium(mean.eps_r, 1.0 / (float(value) * 0.5 * (down + up)))
        item = _material(parent, f"metal_{value:.4g}", medium, medium)
        for axis, ohm in enumerate(scene.resistance):
            for line, first, last in runs(ohm == value, axis):
                low, high = (_beside(grid.axis(1 - axis), line, step) for step in (-1, 1))
                along = grid.axis(axis)
                ends = [
                    (0.7 * along[first] + 0.3 * along[first + 1], low),
                    (0.3 * along[last - 1] + 0.7 * along[last], high),
                ]
                corners = [end if axis == 0 else end[::-1] for end in ends]
                _box(item, 10, (*corners[0], z - 0.4 * down), (*corners[1], z + 0.4 * up))


def _beside(lines: FloatArray, n: int, step: int) -> float:
    """Within the part of the cell beside line ``n`` where edges on that line read materials."""
    other = min(max(n + step, 0), len(lines) - 1)
    return float(0.7 * lines[n] + 0.3 * lines[other])


def _rims(parent: ET.Element, scene: Scene) -> None:
    """Boxes at the places where the engine samples one edge or one face of the metal's plane.

    Permittivity and conductivity of an edge are read a quarter of a cell beside it, Debye poles
    on it; the permeability of a face likewise on both sides of the plane.
    """
    grid, rims, k = scene.grid, scene.rims, scene.grid.k_plane
    lines, z = (grid.x, grid.y), grid.z[k]
    down, up = z - grid.z[k - 1], grid.z[k + 1] - z
    below, mean, above = plane_media(scene.slabs, grid.z, scene.film, float(z))
    spans = [(below, z - 0.4 * down, z, 7), (above, z, z + 0.4 * up, 7)]
    if mean.poles:
        spans.append((mean, z - 0.1 * down, z + 0.1 * up, 8))
    for factor in np.unique(rims.edge):
        here = rims.edge == factor
        for number, (medium, low, high, priority) in enumerate(spans):
            medium = medium.scaled(float(factor))
            item = _material(parent, f"rim{number}_{factor:.3f}", medium, medium)
            for axis, i, j in zip(rims.axis[here], rims.i[here], rims.j[here], strict=True):
                if priority == DEBYE and (j, i)[axis] == 0:
                    continue  # the engine reads no poles on the first line: a fault of the set-up
                ends = [
                    (0.7 * line[n] + 0.3 * line[n + 1], 0.3 * line[n] + 0.7 * line[n + 1])
                    if axis == a
                    else (
                        0.7 * line[n] + 0.3 * line[max(n - 1, 0)],
                        0.7 * line[n] + 0.3 * line[n + 1],
                    )
                    for a, (line, n) in enumerate(zip(lines, (i, j), strict=True))
                ]
                _box(item, priority, *zip(*ends, (low, high), strict=True))
    for factor in np.unique(rims.face):
        here = rims.face == factor
        item = _material(parent, f"side_{factor:.3f}", VACUUM, VACUUM, 1.0 / float(factor))
        for i, j in zip(rims.face_i[here], rims.face_j[here], strict=True):
            ends = [
                (0.6 * line[n] + 0.4 * line[n + 1], 0.4 * line[n] + 0.6 * line[n + 1])
                for line, n in zip(lines, (i, j), strict=True)
            ]
            _box(item, 7, *zip(*ends, (z - 0.4 * down, z + 0.4 * up), strict=True))


def _port(parent: ET.Element, scene: Scene, number: int, gap: GapEdges, driven: bool) -> None:
    grid = scene.grid
    along, across = grid.axis(gap.axis), grid.axis(1 - gap.axis)
    ends = []
    for index, line in ((gap.start, gap.across[0]), (gap.stop, gap.across[-1])):
        point = [0.0, 0.0, grid.z[gap.level]]
        point[gap.axis], point[1 - gap.axis] = along[index], across[line]
        ends.append(tuple(point))
    lump = ET.SubElement(
        parent,
        "LumpedElement",
        Name=f"load{number + 1}",
        Direction=str(gap.axis),
        Caps="1",
        R=repr(PORT_RESISTANCE),
    )
    _box(ET.SubElement(lump, "Primitives"), 20, ends[0], ends[1])
    if driven:
        vector = ["0", "0", "0"]
        vector[gap.axis] = repr(-gap.sign)
        source = ET.SubElement(
            parent, "Excitation", Name="drive", Type="0", Excite=",".join(vector)
        )
        _box(ET.SubElement(source, "Primitives"), 30, ends[0], ends[1])
    middle = gap.across[len(gap.across) // 2]
    probe = ET.SubElement(
        parent, "ProbeBox", Name=f"u{number + 1}", Type="0", Weight=repr(-gap.sign)
    )
    low, high = list(ends[0]), list(ends[1])
    low[1 - gap.axis] = high[1 - gap.axis] = across[middle]
    _box(ET.SubElement(probe, "Primitives"), 0, tuple(low), tuple(high))


def _dumps(parent: ET.Element, scene: Scene) -> None:
    """Electric (type 10) and magnetic (type 11) fields on the engine's own edges and faces."""
    grid, window = scene.grid, scene.window
    spans = (window.x, window.y, window.z)
    low = tuple(grid.axis(a)[max(spans[a][0] - 1, 0)] for a in range(3))
    high = tuple(grid.axis(a)[spans[a][1] + 1] for a in range(3))
    samples = ",".join(repr(float(f)) for f in scene.problem.frequency)
    for name, kind in (("E", "10"), ("H", "11")):
        dump = ET.SubElement(
            parent, "DumpBox", Name=name, DumpType=kind, DumpMode="0", FileType="1"
        )
        ET.SubElement(dump, "FD_Samples").text = samples
        _box(ET.SubElement(dump, "Primitives"), 0, low, high)
