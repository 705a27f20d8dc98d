"""The film in the recorded fields: where it is, its vertical polarisation and its loss.

On a staircase the film lies on every tread; its vertical pieces in the risers are left out.
"""

from __future__ import annotations

import math

import numpy as np

from ...conventions import EPS0, ComplexArray, FloatArray, IntArray
from .materials import VACUUM, Medium, medium_at
from .mesh import Grid, dual_lengths
from .readers import Fields
from .scene import Scene


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
    """
    film = scene.problem.layout.film
    f = scene.problem.frequency
    runs = len(fields)
    result = np.zeros((f.size, runs, runs), dtype=complex)
    if film is None:
        return result
    share = film_mask(scene, scene.grid)
    loss = 2.0 * math.pi * f * EPS0 * film.eps_r * film.loss_tangent * film.thickness
    for k, box in scene.films:
        ratio = box.normal.complex_eps_r(f) / film.eps_r
        across = np.abs(ratio) ** 2 if conjugate else ratio**2
        cell, _ = film_cell(scene, k)
        for component, at, factor in ((0, k, None), (1, k, None), (2, cell, across)):
            area = _film_area(scene, share, fields[0], k, component)
            layer = at - fields[0].origin[2]
            field = np.stack([item.electric[:, component, :, :, layer] for item in fields], axis=1)
            left = field.conj() if conjugate else field
            value = np.einsum("fpij,fqij,ij->fpq", left, field, area, optimize=True)
            result += value if factor is None else value * factor[:, None, None]
    return np.asarray(result * loss[:, None, None] * scene.grid.symmetry.copies)


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
