"""Where the power goes inside the recorded box and what leaves it.

The recorded box obeys Poynting's theorem of the discrete equations exactly: with all edges of
the closed box inside, power leaves it as E on its faces times H half a cell outside,

    P_port = P_losses(edges in the box) + 1/2 Re sum E x H* . dA .

All matrices are per pair of runs, Hermitian, twice the power: P = 1/2 a^H M a.
"""

from __future__ import annotations

import math

import numpy as np

from ....conventions import EPS0, ComplexArray, FloatArray
from ..model.materials import VACUUM, medium_at
from ..model.mesh import dual_lengths
from ..model.metal_edges import edge_factor, width_across
from ..model.scene import Scene
from .currents import Sheet, share_of
from .film import film_in_cell
from .readers import Fields


def outgoing(scene: Scene, fields: list[Fields]) -> ComplexArray:
    """(n_freq, n_run, n_run) flux out of the box, of the full antenna."""
    grid, mirror = scene.grid, scene.grid.symmetry
    spans = (scene.window.x, scene.window.y, scene.window.z)
    n_freq, runs = scene.problem.frequency.size, len(fields)
    result = np.zeros((n_freq, runs, runs), dtype=complex)
    for axis in range(3):
        b, c = (axis + 1) % 3, (axis + 2) % 3
        for upper in (False, True):
            if not upper and ((axis == 0 and mirror.x) or (axis == 1 and mirror.y)):
                continue
            node = spans[axis][1 if upper else 0]
            outside = node if upper else node - 1
            sign = 1.0 if upper else -1.0
            # S_axis = E_b H_c* - E_c H_b*
            for first, second, part in ((b, c, 1.0), (c, b, -1.0)):
                weight = _face_weight(scene, axis, first)
                e = _face(fields, scene, "electric", first, axis, node, first)
                h = _face(fields, scene, "magnetic", second, axis, outside, first)
                flux = np.einsum("fqij,fpij,ij->fpq", e, h.conj(), weight, optimize=True)
                result += sign * part * flux
    hermitian = 0.5 * (result + np.conj(np.swapaxes(result, 1, 2)))
    return np.asarray(hermitian * grid.symmetry.copies)


def _ranges(scene: Scene, along: int) -> list[tuple[int, int]]:
    """Node ranges (first, behind last) of edges along ``along`` in the closed box."""
    spans = (scene.window.x, scene.window.y, scene.window.z)
    return [(low, high if a == along else high + 1) for a, (low, high) in enumerate(spans)]


def _face(
    fields: list[Fields], scene: Scene, what: str, component: int, axis: int, node: int, along: int
) -> ComplexArray:
    """(n_freq, n_run, n, m) one component over a face, where its edges along ``along`` lie."""
    origin = fields[0].origin
    index: list[slice | int] = [
        slice(a - origin[i], b - origin[i]) for i, (a, b) in enumerate(_ranges(scene, along))
    ]
    index[axis] = node - origin[axis]
    return np.stack(
        [getattr(item, what)[(slice(None), component, *index)] for item in fields], axis=1
    )


def _lengths(scene: Scene, axis: int, along: int) -> FloatArray:
    """Lengths (dual or not) on one axis of the box for edges along ``along``, m."""
    lines = scene.grid.axis(axis)
    low, high = _ranges(scene, along)[axis]
    if axis == along:
        return np.asarray(np.diff(lines)[low:high])
    return np.asarray(dual_lengths(lines)[low:high])


def _face_weight(scene: Scene, axis: int, along: int) -> FloatArray:
    first, second = (a for a in range(3) if a != axis)
    return np.asarray(
        _lengths(scene, first, along)[:, None] * _lengths(scene, second, along)[None, :]
    )


def soil_loss(scene: Scene, fields: list[Fields]) -> ComplexArray:
    """(n_freq, n_run, n_run) omega eps'' |E|^2 of the soil inside the box, full antenna.

    Of the soil beside the gaps' own edges the share that the port's current counts; at corrected
    rims as much more as their permittivity.
    """
    f = scene.problem.frequency
    runs = len(fields)
    result = np.zeros((f.size, runs, runs), dtype=complex)
    if not scene.slabs:
        return result
    grid, origin = scene.grid, fields[0].origin
    omega = 2.0 * math.pi * f * EPS0
    for along in range(3):
        ranges = _ranges(scene, along)
        area = _lengths(scene, 0, along)[:, None] * _lengths(scene, 1, along)[None, :]
        for k in range(*ranges[2]):
            loss = _loss_length(scene, k, along)  # (n_freq,) eps'' times height
            if not np.any(loss > 0.0):
                continue
            index = [slice(a - origin[i], b - origin[i]) for i, (a, b) in enumerate(ranges)]
            field = np.stack(
                [item.electric[:, along, index[0], index[1], k - origin[2]] for item in fields],
                axis=1,
            )
            seen = area * _counted(scene, along, k, ranges)
            layers = [(loss, seen)]
            if along == 2:
                (x0, x1), (y0, y1), _ = ranges
                for share, change in film_in_cell(scene, k):
                    layers.append(
                        (change * (grid.z[k + 1] - grid.z[k]), seen * share[x0:x1, y0:y1])
                    )
            for height, weight in layers:
                value = np.einsum("fpij,fqij,ij->fpq", field.conj(), field, weight, optimize=True)
                result += value * (omega * height)[:, None, None]
    return np.asarray(result * grid.symmetry.copies)


def _counted(scene: Scene, along: int, k: int, ranges: list[tuple[int, int]]) -> FloatArray:
    """Weight of every edge of a level in the box: 1, a gap's share, a corrected rim's factor."""
    (x0, x1), (y0, y1), _ = ranges
    result = np.ones((x1 - x0, y1 - y0))
    if k == scene.grid.k_plane and along < 2:
        i, j = scene.rims.along(along)
        here = (i >= x0) & (i < x1) & (j >= y0) & (j < y1)
        result[i[here] - x0, j[here] - y0] = scene.rims.edge[scene.rims.axis == along][here]
    for gap in (gap for gap in scene.gaps if gap.level == k):
        share = share_of(scene, gap)
        if gap.axis == along == 0:
            result[gap.start - x0 : gap.stop - x0, gap.across - y0] = share
        elif gap.axis == along == 1:
            result[gap.across - x0, gap.start - y0 : gap.stop - y0] = share
    return result


def _loss_length(scene: Scene, k: int, along: int) -> FloatArray:
    """(n_freq,) eps'' of the edges at level ``k`` times the height they stand for, m."""
    z, f = scene.grid.z, scene.problem.frequency
    if along == 2:
        medium = medium_at(scene.slabs, 0.5 * (z[k] + z[k + 1]))
        return np.asarray(-medium.complex_eps_r(f).imag * (z[k + 1] - z[k]))
    up, down = z[k + 1] - z[k], z[k] - z[k - 1]
    above = medium_at(scene.slabs, z[k] + up / 4) if z[k] < 0.0 else VACUUM
    below = medium_at(scene.slabs, z[k] - down / 4)
    total = 0.5 * (up * above.complex_eps_r(f).imag + down * below.complex_eps_r(f).imag)
    return np.asarray(-total)


def metal_reaction(
    scene: Scene, sheet: Sheet, current: ComplexArray, conjugate: bool
) -> ComplexArray:
    """(n_freq, n_run, n_run) integral of Z_s J . J over the metal of the full antenna.

    current: (n_freq, n_run, n) A on the edges of ``sheet``.  With ``conjugate`` the loss (Re Z_s,
    first factor conjugated), without it the first-order change of the reaction by what the mesh
    does not have of it.
    """
    metal = scene.problem.layout.metal
    f = scene.problem.frequency
    runs = current.shape[1]
    if metal is None:
        return np.zeros((f.size, runs, runs), dtype=complex)
    here = sheet.metal
    on = current[:, :, here]
    axis, i, j, k = (part[here] for part in (sheet.axis, sheet.i, sheet.j, sheet.k))
    size, rim = sheet.width[here], sheet.rim[here]
    across = width_across(axis, i, j, k, size, rim)
    factor = edge_factor(metal, f, size, rim, across, scene.edges.of(axis, i, j))
    impedance = metal.sheet_impedance(f)[:, None] * factor
    if not conjugate and scene.resistance is not None:
        impedance = impedance - np.where(axis == 0, *(ohm[i, j] for ohm in scene.resistance))
    weight = sheet.length[here] / size * (impedance.real if conjugate else impedance)
    left = on.conj() if conjugate else on
    value = np.einsum("fpn,fqn,fn->fpq", left, on, weight, optimize=True)
    return np.asarray(value * scene.grid.symmetry.copies)
