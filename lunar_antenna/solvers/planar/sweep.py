"""One mesh, all frequencies: ports, losses and far-field sources from the mode matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...conventions import ComplexArray, FloatArray, wavenumber
from ...errors import SolverError
from ...problem import Problem
from .basis import Basis, ParityClass
from .columns import stored
from .kernels import Kernels
from .matrices import system
from .mesh import TriangleMesh
from .reduction import Reduced, reduce_band
from .sky import SourceGrid
from .sources import densities, point_moments

TOLERANCE = 1e-10  # of |dY|/|Y| at every frequency, estimated from the residual


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """Result of one mesh.

    z (n, p, p) ohm; r_ground, r_metal, r_film the same; stored (n, p) ohm, what each port's
    currents store, see :func:`.columns.stored`; moments (n, p, n_grid, 2) A m per A on
    ``grid``; density (n, p, n_t, 2) A/m per A at the centroids, empty unless asked for.
    unknowns: before symmetry; reduced: of the largest class; solved: most frequencies that a
    class was solved at in full.
    """

    mesh: TriangleMesh
    z: ComplexArray
    r_ground: ComplexArray
    r_metal: ComplexArray
    r_film: ComplexArray
    stored: FloatArray
    grid: SourceGrid
    moments: ComplexArray
    density: ComplexArray
    unknowns: int
    reduced: int
    solved: int


def run_sweep(
    problem: Problem,
    kernels: Kernels,
    mesh: TriangleMesh,
    *,
    losses: bool = True,
    currents: bool = True,
    tolerance: float = TOLERANCE,
) -> Sweep:
    """Solve ``problem`` on ``mesh``.

    losses=False leaves all but Z at zero and needs no flux in ``kernels``; currents=False leaves
    out the drawn current density.
    tolerance: see :func:`.reduction.reduce_band`; 0 solves as many frequencies as rounding allows.
    """
    if losses and not kernels.flux:
        raise SolverError("planar solver: losses asked of kernels without flux; give flux=True")
    made = system(problem, kernels, mesh)
    basis, frequency, coefficient = made.basis, kernels.frequency, dict(made.factors)
    n_gap = made.vectors.shape[1]
    y_gap = np.zeros((frequency.size, n_gap, n_gap), dtype=complex)
    solved: list[tuple[ParityClass, Reduced]] = []
    for parity, excitation in made.classes:
        # the matrices of one class are gone before those of the next are filled
        part = reduce_band(made.values(parity), coefficient["z"], frequency, excitation, tolerance)
        y_gap += np.einsum("rg,frh->fgh", part.vectors.T @ excitation, part.current)
        solved.append((parity, part))
    series = problem.layout.series
    z_gap = np.linalg.inv(y_gap)
    z_gap = 0.5 * (z_gap + np.swapaxes(z_gap, 1, 2))
    z = np.einsum("gp,fgh,hq->fpq", series, z_gap, series)
    if not np.isfinite(z).all():
        raise SolverError("planar solver: the impedance matrix is singular; check the layout")
    voltage = z_gap @ series  # (n_freq, n_gap, p): gap voltages for 1 A at each port
    n_port = series.shape[1]
    loss = {
        name: np.zeros((frequency.size, n_port, n_port), dtype=complex)
        for name in ("ground", "metal", "film", "stored")
    }
    k_max = float(wavenumber(frequency).max())
    grid = SourceGrid.cover(problem.layout.bounds, k_max)
    moments = np.zeros((frequency.size, n_port, grid.x.size * grid.y.size, 2), dtype=complex)
    n_drawn = len(mesh.triangles) if currents else 0
    density = np.zeros((frequency.size, n_port, n_drawn, 2), dtype=complex)
    if losses:
        coefficient["stored"] = stored(coefficient["z"], kernels, made.edges)
        for parity, part in solved:
            y = part.current @ voltage  # (n_freq, r, p)
            _add_losses(loss, part, coefficient, y)
            _add_sources(moments, density, basis, parity, grid, part.vectors, y)
    return Sweep(
        mesh=mesh,
        z=z,
        r_ground=loss["ground"],
        r_metal=loss["metal"],
        r_film=loss["film"],
        stored=np.diagonal(loss["stored"], axis1=1, axis2=2).real,
        grid=grid,
        moments=moments,
        density=density,
        unknowns=basis.count,
        reduced=max(parity.count for parity, _ in made.classes),
        solved=max(len(part.solved) for _, part in solved),
    )


def _add_losses(
    loss: dict[str, ComplexArray],
    reduced: Reduced,
    coefficient: dict[str, ComplexArray],
    y: ComplexArray,
) -> None:
    """Add x^H (sum_k c_k M_k) x of one class to each matrix of ``loss``; y (n_freq, r, p)."""
    r = reduced.matrices.shape[0]
    flat = reduced.matrices.reshape(r * r, -1)
    n_port = y.shape[2]
    for p in range(n_port):
        for q in range(p, n_port):
            outer = y[:, :, p].conj()[:, :, None] * y[:, None, :, q]
            form = outer.reshape(-1, r * r) @ flat  # (n_freq, n_column)
            for name, matrix in loss.items():
                value = np.einsum("fk,fk->f", coefficient[name], form)
                matrix[:, p, q] += value if p != q else value.real
                if p != q:
                    matrix[:, q, p] += value.conj()


def _add_sources(
    moments: ComplexArray,
    density: ComplexArray,
    basis: Basis,
    parity: ParityClass,
    grid: SourceGrid,
    vectors: FloatArray,
    y: ComplexArray,
) -> None:
    """Add currents vectors @ y of one class to the far-field moments and the drawn density."""
    points, currents = point_moments(basis, parity)
    spread = grid.spread(points).T
    stacked = np.moveaxis(y, 1, 0).reshape(vectors.shape[1], -1)
    drawn = densities(basis, parity) if density.shape[2] else ()
    for axis in (0, 1):
        transfer = spread @ (currents[axis] @ vectors)  # (n_grid, r)
        moments[..., axis] += np.einsum("gr,frp->fpg", transfer, y, optimize=True)
    for axis, at in enumerate(drawn):
        values = ((at @ vectors) @ stacked).reshape(-1, y.shape[0], y.shape[2])
        density[..., axis] += np.moveaxis(values, 0, 2)
