"""The film in the recorded fields: where it is, its vertical polarisation and its loss."""

from __future__ import annotations

import math

import numpy as np

from ...conventions import EPS0, ComplexArray, FloatArray
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


def _film_level(scene: Scene) -> tuple[int, Medium]:
    """Index of the film's cell and the medium that fills the rest of it."""
    film = scene.problem.layout.film
    k = scene.grid.k_plane
    below = film is None or film.side == "above"
    level = k - 1 if below else k
    middle = 0.5 * (scene.grid.z[level] + scene.grid.z[level + 1])
    return level, medium_at(scene.slabs, middle) if below else VACUUM


def normal_moments(scene: Scene, fields: list[Fields]) -> tuple[FloatArray, ComplexArray]:
    """Vertical polarisation moments in the film's cell: positions (n, 3), (n_freq, n_run, n, 3)."""
    assert scene.film is not None
    grid, f = scene.grid, scene.problem.frequency
    level, base = _film_level(scene)
    share = film_mask(scene, grid)
    ox, oy, oz = fields[0].origin
    nx, ny = fields[0].electric.shape[2:4]
    share = share[ox : ox + nx, oy : oy + ny].copy()
    first_x = 1 if grid.symmetry.x else 0
    share[: max(0, first_x - ox)] = 0.0
    if grid.symmetry.y:
        share[:, : max(0, 1 - oy)] = 0.0
    i, j = np.nonzero(share > 0.0)
    contrast = scene.film.normal.complex_eps_r(f) - base.complex_eps_r(f)
    factor = 1j * 2.0 * math.pi * f * EPS0 * contrast
    area = dual_lengths(grid.x)[i + ox] * dual_lengths(grid.y)[j + oy] * share[i, j]
    low, high = grid.z[level], grid.z[level + 1]
    position = np.column_stack(
        (grid.x[i + ox], grid.y[j + oy], np.full(i.size, 0.5 * (low + high)))
    )
    moments = np.zeros((f.size, len(fields), i.size, 3), dtype=complex)
    for run, item in enumerate(fields):
        field = item.electric[:, 2, i, j, level - oz]
        moments[:, run, :, 2] = factor[:, None] * field * area * (high - low)
    return position, moments


def film_reaction(scene: Scene, fields: list[Fields], conjugate: bool) -> ComplexArray:
    """(n_freq, n_run, n_run) omega eps'' integral of E . E over the film of the full antenna.

    With ``conjugate`` the first factor is conjugated (twice the power lost per pair of runs);
    without, the first-order change of the runs' reaction by the film's loss.
    E along the film is continuous; across it E_film = eps_normal / eps_film times the recorded E.
    """
    film = scene.problem.layout.film
    f = scene.problem.frequency
    runs = len(fields)
    if film is None or scene.film is None:
        return np.zeros((f.size, runs, runs), dtype=complex)
    grid = scene.grid
    level, _ = _film_level(scene)
    ox, oy, oz = fields[0].origin
    nx, ny = fields[0].electric.shape[2:4]
    share = film_mask(scene, grid)
    share[:, :1] *= 0.0 if grid.symmetry.y else 1.0
    share = share[ox : ox + nx, oy : oy + ny]
    dx, dy = dual_lengths(grid.x)[ox : ox + nx], dual_lengths(grid.y)[oy : oy + ny]
    lx = np.diff(grid.x, append=grid.x[-1])[ox : ox + nx]
    ly = np.diff(grid.y, append=grid.y[-1])[oy : oy + ny]
    if grid.symmetry.x and ox == 0:
        dx = dx.copy()
        dx[0] = lx[0] / 2.0
    k = grid.k_plane - oz
    ratio = scene.film.normal.complex_eps_r(f) / film.eps_r
    parts = (
        (0, k, lx[:, None] * dy[None, :], np.ones(f.size)),
        (1, k, dx[:, None] * ly[None, :], np.ones(f.size)),
        (2, level - oz, dx[:, None] * dy[None, :], np.abs(ratio) ** 2 if conjugate else ratio**2),
    )
    loss = 2.0 * math.pi * f * EPS0 * film.eps_r * film.loss_tangent * film.thickness
    result = np.zeros((f.size, runs, runs), dtype=complex)
    for component, layer, area, factor in parts:
        field = np.stack([item.electric[:, component, :, :, layer] for item in fields], axis=1)
        left = field.conj() if conjugate else field
        value = np.einsum("fpij,fqij,ij->fpq", left, field, area * share, optimize=True)
        result += value * factor[:, None, None]
    return np.asarray(result * loss[:, None, None] * grid.symmetry.copies)
