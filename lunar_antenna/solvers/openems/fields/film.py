"""The film in the recorded fields: where it is, its vertical polarisation and its loss.

On a staircase the film lies on every tread; its vertical pieces in the risers are left out.
"""

from __future__ import annotations

import math

import numpy as np

from ....conventions import EPS0, ComplexArray, FloatArray, IntArray
from ..model.materials import VACUUM, Medium, medium_at
from ..model.mesh import Grid, dual_lengths
from ..model.outline import BoolArray
from ..model.scene import Scene
from .readers import Fields


def film_mask(scene: Scene, grid: Grid) -> FloatArray:
    """(nx, ny) share of each node's dual cell that the film covers, by quarter cells."""
    import shapely

    outline = scene.problem.layout.film_outline or scene.problem.layout.surface
    shapely.prepare(outline)
    share = np.zeros((len(grid.x), len(grid.y)))
    total = np.zeros_like(share)
    for sx in (0, 1):
        for sy in (0, 1):
            x, wx = _quarter(grid.x, sx)
            y, wy = _quarter(grid.y, sy)
            inside = shapely.contains_xy(outline, *np.meshgrid(x, y, indexing="ij"))
            weight = wx[:, None] * wy[None, :]
            share += inside * weight
            total += weight
    return np.asarray(share / total)


def _quarter(lines: FloatArray, upper: int) -> tuple[FloatArray, FloatArray]:
    cells = np.diff(lines)
    step = np.append(cells, cells[-1]) if upper else np.insert(cells, 0, cells[0])
    return lines + (0.25 if upper else -0.25) * step, 0.5 * step


def film_cell(scene: Scene, k: int) -> tuple[int, Medium]:
    """Index of the cell of the film that lies on level ``k``, and what fills the rest of it."""
    film = scene.problem.layout.film
    below = film is None or film.side == "above"
    cell = k - 1 if below else k
    middle = 0.5 * (scene.grid.z[cell] + scene.grid.z[cell + 1])
    return cell, medium_at(scene.slabs, middle) if below else VACUUM


def film_in_cell(scene: Scene, cell: int) -> list[tuple[FloatArray, FloatArray]]:
    """What films change in a layer of cells: share (nx, ny) of each node, eps'' more (n_freq,)."""
    f = scene.problem.frequency
    found = []
    for k, box in scene.films:
        own, base = film_cell(scene, k)
        if own == cell:
            share = np.where(scene.stairs.level[2] == k, film_mask(scene, scene.grid), 0.0)
            more = base.complex_eps_r(f).imag - box.normal.complex_eps_r(f).imag
            found.append((share, np.asarray(more)))
    return found


def normal_moments(scene: Scene, fields: list[Fields]) -> tuple[FloatArray, ComplexArray]:
    """Vertical polarisation of the film: positions (n, 3), moments (n_freq, n_run, n, 3)."""
    grid, f = scene.grid, scene.problem.frequency
    share = film_mask(scene, grid)
    ox, oy, oz = fields[0].origin
    nx, ny = fields[0].electric.shape[2:4]
    if grid.symmetry.x:
        share[:1] = 0.0
    if grid.symmetry.y:
        share[:, :1] = 0.0
    positions, moments = [], []
    for k, box in scene.films:
        cell, base = film_cell(scene, k)
        here = np.where(scene.stairs.level[2] == k, share, 0.0)[ox : ox + nx, oy : oy + ny]
        i, j = np.nonzero(here > 0.0)
        contrast = box.normal.complex_eps_r(f) - base.complex_eps_r(f)
        factor = 1j * 2.0 * math.pi * f * EPS0 * contrast
        area = dual_lengths(grid.x)[i + ox] * dual_lengths(grid.y)[j + oy] * here[i, j]
        low, high = grid.z[cell], grid.z[cell + 1]
        middle = np.full(i.size, 0.5 * (low + high))
        positions.append(np.column_stack((grid.x[i + ox], grid.y[j + oy], middle)))
        part = np.zeros((f.size, len(fields), i.size, 3), dtype=complex)
        for run, item in enumerate(fields):
            field = item.electric[:, 2, i, j, cell - oz]
            part[:, run, :, 2] = factor[:, None] * field * area * (high - low)
        moments.append(part)
    return np.concatenate(positions), np.concatenate(moments, axis=2)


def film_reaction(scene: Scene, fields: list[Fields], conjugate: bool) -> ComplexArray:
    """(n_freq, n_run, n_run) omega eps'' integral of E . E over the film of the full antenna.

    With ``conjugate`` the first factor is conjugated (twice the power lost per pair of runs);
    without, the first-order change of the runs' reaction by the film's loss.
    E along the film is continuous; across it E_film = eps_normal / eps_film times the recorded E.
    At the metal's rims, where most of the loss is, the fields follow :func:`rim_lengths` instead.
    """
    film = scene.problem.layout.film
    f = scene.problem.frequency
    runs = len(fields)
    result = np.zeros((f.size, runs, runs), dtype=complex)
    if film is None:
        return result
    share = film_mask(scene, scene.grid)
    nodes = metal_nodes(scene)
    rims = [nodes ^ np.roll(nodes, -1, axis=axis) for axis in (0, 1)]
    rims.append(nodes & ~_surrounded(nodes))
    loss = 2.0 * math.pi * f * EPS0 * film.eps_r * film.loss_tangent * film.thickness
    for k, box in scene.films:
        ratio = box.normal.complex_eps_r(f) / film.eps_r
        across = np.abs(ratio) ** 2 if conjugate else ratio**2
        cell, base = film_cell(scene, k)
        under = base.complex_eps_r(f) / film.eps_r
        under = np.abs(under) ** 2 if conjugate else under**2
        for component, at in ((0, k), (1, k), (2, cell)):
            area = _film_area(scene, share, fields[0], k, component)
            ox, oy, oz = fields[0].origin
            rim = rims[component][ox : ox + area.shape[0], oy : oy + area.shape[1]]
            field = np.stack([i.electric[:, component, :, :, at - oz] for i in fields], axis=1)
            left = field.conj() if conjugate else field
            plain = _integral(left, field, np.where(rim, 0.0, area))
            if component == 2:
                result += plain * across[:, None, None]
                continue
            lines = scene.grid.axis(component)
            cells = np.diff(lines, append=lines[-1])[fields[0].origin[component] :]
            beside, below = rim_lengths(cells[: area.shape[component]], film.thickness)
            if component == 0:
                beside, below = beside[:, None], below[:, None]
            outside = _integral(left, field, np.where(rim, area * beside, 0.0))
            inside = _integral(left, field, np.where(rim, area * below, 0.0))
            result += plain + outside + inside * under[:, None, None]
    return np.asarray(result * loss[:, None, None] * scene.grid.symmetry.copies)


def _integral(left: ComplexArray, right: ComplexArray, area: FloatArray) -> ComplexArray:
    """(n_freq, n_run, n_run) sum of products over a level's edges, weighted by ``area``."""
    return np.asarray(np.einsum("fpij,fqij,ij->fpq", left, right, area, optimize=True))


def rim_lengths(cell: FloatArray, thickness: float) -> tuple[FloatArray, FloatArray]:
    """Integrals of E^2 at a rim over E^2 d of the first edge beside it: (outside, below metal).

    Next to a thin edge both components are K / sqrt(r), so that a film of thickness t holds the
    integral K^2 ln(reach / s), s = t / (2 e) (mean of 1/r over the film's section).  The first edge
    of length d starts d/3 inside the metal: its voltage E d = 2 K sqrt(2 d/3), which gives
    K^2 = 3 E^2 d / 8.  Reaches: 2 d/3 outside, 5 d/6 inside (the rest of the rim node's cell).
    """
    smooth = thickness / (2.0 * math.e)
    d = np.maximum(cell, 1e-9)
    outside, inside = (0.375 * np.log1p(reach * d / smooth) for reach in (2.0 / 3.0, 5.0 / 6.0))
    return outside, inside


def metal_nodes(scene: Scene) -> BoolArray:
    """(nx, ny) True where a mesh node touches a metal edge; images behind mirrors included."""
    along_x, along_y = scene.stairs.metal
    nodes = along_x | np.roll(along_x, 1, axis=0) | along_y | np.roll(along_y, 1, axis=1)
    if scene.grid.symmetry.x:
        nodes[0] = nodes[1]
    if scene.grid.symmetry.y:
        nodes[:, 0] = nodes[:, 1]
    return np.asarray(nodes)


def _surrounded(nodes: BoolArray) -> BoolArray:
    """True where all four neighbours are metal; the mesh's own border counts as metal."""
    padded = np.pad(nodes, 1, constant_values=True)
    return np.asarray(padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:])


def _film_area(scene: Scene, share: FloatArray, item: Fields, k: int, component: int) -> FloatArray:
    """(nx, ny) m2 of film on level ``k`` that each recorded edge along ``component`` stands for."""
    grid = scene.grid
    ox, oy, _ = item.origin
    nx, ny = item.electric.shape[2:4]
    level: IntArray = scene.stairs.level[component]
    here = np.where(level == k, share, 0.0)[ox : ox + nx, oy : oy + ny]
    if grid.symmetry.y and oy == 0:
        here[:, 0] = 0.0
    dx, dy = dual_lengths(grid.x)[ox : ox + nx], dual_lengths(grid.y)[oy : oy + ny]
    lx = np.diff(grid.x, append=grid.x[-1])[ox : ox + nx]
    ly = np.diff(grid.y, append=grid.y[-1])[oy : oy + ny]
    if grid.symmetry.x and ox == 0:
        dx = dx.copy()
        dx[0] = lx[0] / 2.0
    width = lx if component == 0 else dx
    height = ly if component == 1 else dy
    return np.asarray(width[:, None] * height[None, :] * here)
