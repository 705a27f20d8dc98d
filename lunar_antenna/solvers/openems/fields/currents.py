"""Currents on metal and film and port quantities, from the recorded fields.

The current through a mesh edge is the circulation of H around it; less the displacement current
of the background it is what flows in metal, film, load and source, that is, what radiates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from shapely.ops import unary_union

from ....conventions import EPS0, ComplexArray, FloatArray, IntArray
from ....radiation import CurrentElements
from ..model.edge_laws import gap_share
from ..model.materials import medium_at
from ..model.mesh import dual_lengths
from ..model.metal_edges import rim_mask
from ..model.outline import BoolArray, GapEdges, edge_mask
from ..model.scene import Scene
from .film import normal_moments
from .readers import Fields


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Edges that carry current, in the model (one quarter of a symmetric one).

    axis: (n,) 0 or 1 on the treads, 2 in the risers of a staircase.  i, j, k: (n,) node indices of
    the mesh.  length: m.  width: m, dual length across.  metal: (n,) True on conductors, False on
    tabs and film.  rim: (n,) True where a neighbour across is off the metal.
    """

    axis: IntArray
    i: IntArray
    j: IntArray
    k: IntArray
    length: FloatArray
    width: FloatArray
    metal: BoolArray
    rim: BoolArray
    position: FloatArray


def sheet_edges(scene: Scene) -> Sheet:
    """Edges on conductors, tabs and film, and in the risers of a staircase."""
    grid, layout, stairs = scene.grid, scene.problem.layout, scene.stairs
    everything = unary_union([gap.polygon for gap in layout.gaps])
    if scene.film is not None and layout.film_outline is not None:
        margin = float(max(np.diff(grid.x).min(), np.diff(grid.y).min()))
        everything = layout.film_outline.union(everything).buffer(margin, join_style="mitre")
    parts = []
    for axis, on_metal in enumerate(stairs.metal):
        rim = rim_mask(on_metal, axis, grid.symmetry.y)
        carrying = edge_mask(everything, grid, axis) | on_metal
        carrying[scene.rims.along(axis)] = True
        i, j = np.nonzero(carrying)
        k, extra = stairs.level[axis][i, j], stairs.extra[axis]
        parts.append(_edges(scene, axis, i, j, k, on_metal[i, j], rim[i, j]))
        i, j, k = extra.T
        parts.append(_edges(scene, axis, i, j, k, np.full(i.size, True), rim[i, j]))
    i, j, k = stairs.risers.T
    parts.append(_edges(scene, 2, i, j, k, np.full(i.size, True), stairs.riser_rim))
    return Sheet(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _edges(
    scene: Scene, axis: int, i: IntArray, j: IntArray, k: IntArray, metal: BoolArray, rim: BoolArray
) -> tuple[IntArray | FloatArray | BoolArray, ...]:
    """Columns of a Sheet for the edges along ``axis`` that lie in the recorded box."""
    grid, mirror = scene.grid, scene.grid.symmetry
    (x0, x1), (y0, y1) = scene.window.x, scene.window.y
    kept = (i >= x0) & (i <= x1 - (axis == 0)) & (j >= y0) & (j <= y1 - (axis == 1))
    if mirror.y:
        kept &= j > 0
    if mirror.x and axis != 0:
        kept &= i > 0
    i, j, k = nodes = (i[kept], j[kept], k[kept])
    position = np.column_stack([grid.axis(a)[n] for a, n in enumerate(nodes)])
    lines, start = grid.axis(axis), nodes[axis]
    length = lines[start + 1] - lines[start]
    position[:, axis] = 0.5 * (lines[start] + lines[start + 1])
    dual = [dual_lengths(grid.axis(a)) for a in (0, 1)]
    if axis == 2:
        width = np.where(scene.stairs.riser_across[kept], dual[0][i], dual[1][j])
    else:
        width = dual[1 - axis][nodes[1 - axis]]
    return (np.full(i.size, axis), i, j, k, length, width, metal[kept], rim[kept], position)


def total_current(scene: Scene, fields: Fields, sheet: Sheet) -> ComplexArray:
    """(n_freq, n) A through the dual face of each edge: the circulation of H."""
    dual = [dual_lengths(scene.grid.axis(axis)) for axis in range(3)]
    nodes = (sheet.i, sheet.j, sheet.k)
    local = [n - o for n, o in zip(nodes, fields.origin, strict=True)]
    result = np.zeros((fields.magnetic.shape[0], sheet.axis.size), dtype=complex)
    for axis in range(3):
        here = np.flatnonzero(sheet.axis == axis)
        b, c = (axis + 1) % 3, (axis + 2) % 3
        at = [n[here] for n in local]
        # curl_a H = d_b H_c - d_c H_b, each difference across the edge times the other dual length
        for component, across, sign in ((c, b, 1.0), (b, c, -1.0)):
            before = [n - (a == across) for a, n in enumerate(at)]
            h = fields.magnetic[:, component]
            difference = h[:, at[0], at[1], at[2]] - h[:, before[0], before[1], before[2]]
            result[:, here] += sign * difference * dual[component][nodes[component][here]]
    return result


def edge_fields(fields: Fields, sheet: Sheet) -> ComplexArray:
    """(n_freq, n) E along each edge, V/m."""
    nodes = (sheet.i, sheet.j, sheet.k)
    i, j, k = (n - o for n, o in zip(nodes, fields.origin, strict=True))
    return np.asarray(fields.electric[:, sheet.axis, i, j, k])


def plane_permittivity(scene: Scene, k: int) -> ComplexArray:
    """(n_freq,) sum of eps_r times half cell above and below line ``k``, m: the background's."""
    grid = scene.grid
    down, up = grid.z[k] - grid.z[k - 1], grid.z[k + 1] - grid.z[k]
    f = scene.problem.frequency
    below = medium_at(scene.slabs, grid.z[k] - down / 4).complex_eps_r(f)
    above = medium_at(scene.slabs, grid.z[k] + up / 4).complex_eps_r(f)
    return np.asarray(0.5 * (down * below + up * above))


def background(scene: Scene, sheet: Sheet) -> ComplexArray:
    """(n_freq, n) eps_r times area of each edge's dual face without metal and film, m2."""
    grid, f = scene.grid, scene.problem.frequency
    result = np.zeros((f.size, sheet.axis.size), dtype=complex)
    flat = sheet.axis != 2
    for k in np.unique(sheet.k[flat]):
        here = flat & (sheet.k == k)
        result[:, here] = plane_permittivity(scene, int(k))[:, None] * sheet.width[here]
    upright = np.flatnonzero(~flat)
    area = dual_lengths(grid.x)[sheet.i[upright]] * dual_lengths(grid.y)[sheet.j[upright]]
    for k in np.unique(sheet.k[upright]):
        here = upright[sheet.k[upright] == k]
        medium = medium_at(scene.slabs, 0.5 * (grid.z[k] + grid.z[k + 1]))
        result[:, here] = medium.complex_eps_r(f)[:, None] * area[sheet.k[upright] == k]
    return result


def source_current(scene: Scene, fields: Fields, sheet: Sheet) -> ComplexArray:
    """(n_freq, n) A: total current less the displacement current of the background.

    What is left flows in metal, film, load and source: the currents that radiate.
    """
    return np.asarray(total_current(scene, fields, sheet) - _displacement(scene, fields, sheet))


def _displacement(scene: Scene, fields: Fields, sheet: Sheet) -> ComplexArray:
    """(n_freq, n) A through the background in the dual face of each edge, soil's loss included."""
    factor = 1j * 2.0 * math.pi * scene.problem.frequency * EPS0
    return np.asarray(factor[:, None] * background(scene, sheet) * edge_fields(fields, sheet))


def share_of(scene: Scene, gap: GapEdges) -> float:
    """:func:`.edge_laws.gap_share` of a gap: the smaller cell above or below over its mean cell."""
    z, along = scene.grid.z, scene.grid.axis(gap.axis)
    up = min(z[gap.level + 1] - z[gap.level], z[gap.level] - z[gap.level - 1])
    aspect = up * (gap.stop - gap.start) / (along[gap.stop] - along[gap.start])
    return gap_share(gap.cells, round(float(aspect), 2))


def port_quantities(
    scene: Scene, fields: Fields, sheet: Sheet
) -> tuple[ComplexArray, ComplexArray]:
    """(n_freq, n_gap) voltage (V) and current (A) of every gap of the model: the voltage of its
    images in series, the current over its full width.

    The current is the circulation of H around the gap and :func:`.edge_laws.gap_share` of the
    displacement current of the gap's own cells, which the circulation leaves out.
    """
    mirror = scene.grid.symmetry
    field = edge_fields(fields, sheet)
    current = total_current(scene, fields, sheet)
    displacement = _displacement(scene, fields, sheet)
    volts, amps = [], []
    for gap in scene.gaps:
        along = sheet.i if gap.axis == 0 else sheet.j
        beside = sheet.j if gap.axis == 0 else sheet.i
        here = (sheet.axis == gap.axis) & (along >= gap.start) & (along < gap.stop)
        here &= np.isin(beside, gap.across) & (sheet.k == gap.level)
        cells = gap.stop - gap.start
        volts.append(
            -gap.sign * (field[:, here] * sheet.length[here]).sum(axis=1) / len(gap.across)
        )
        through = current[:, here] - share_of(scene, gap) * displacement[:, here]
        amps.append(gap.sign * through.sum(axis=1) / cells)
    voltage = np.stack(volts, axis=1) * mirror.sides
    return voltage, np.stack(amps, axis=1) * (2 if mirror.y else 1)


def elements_of(
    scene: Scene, fields: list[Fields], sheet: Sheet, current: ComplexArray
) -> CurrentElements:
    """Electric moments (n_freq, n_run, n, 3) A m of one run each, of the full antenna."""
    moments = np.zeros((*current.shape, 3), dtype=complex)  # (n_freq, n_run, n, 3)
    index = np.arange(sheet.axis.size)
    moments[..., index, sheet.axis] = current * sheet.length
    position = sheet.position
    if scene.film is not None:
        more, extra = normal_moments(scene, fields)
        position = np.concatenate((position, more))
        moments = np.concatenate((moments, extra), axis=2)
    position, moments, _ = scene.grid.symmetry.unfold(position, moments)
    return CurrentElements(position, moments)
