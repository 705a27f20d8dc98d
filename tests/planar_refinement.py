"""What a planar solution is off by: the same problem on meshes finer in every direction."""

from __future__ import annotations

import numpy as np

import lunar_antenna as la
from lunar_antenna.solvers.planar.accuracy import coarser_size, mesh_size, span
from lunar_antenna.solvers.planar.kernels import Kernels, kernels_for
from lunar_antenna.solvers.planar.mesh import TriangleMesh, triangulate
from lunar_antenna.solvers.planar.mesh_error import Parts, estimated_errors, parts_of
from lunar_antenna.solvers.planar.sky import sky_resistance
from lunar_antenna.solvers.planar.sweep import run_sweep

MOST_PAIRS = 5e6  # triangles of the finer mesh times those that symmetry leaves
FINER = (0.5, 0.7)  # of all spacings; the second where the first has more pairs than that
ORDER = 2.0  # in the spacings, by which what the second one itself is off by is added


def compared(
    problem: la.Problem, accuracy: str, most: float = MOST_PAIRS
) -> dict[str, tuple[np.ndarray, np.ndarray]] | None:
    """Stated and true z_error, r_error and efficiency_error, shapes as in ``Quality``.

    The truth is a mesh with all spacings halved, or 0.7 times as large where that has more than
    ``most`` pairs of triangles (the difference is then divided by 1 - 0.7^2); None beyond.
    """
    size = mesh_size(problem, accuracy)
    for factor in FINER:
        finer = triangulate(problem.layout, size.coarser(factor))
        if len(finer.triangles) * finer.n_fundamental <= most:
            break
    else:
        return None
    own = triangulate(problem.layout, size)
    kernels = kernels_for(problem, problem.frequency, span(problem))
    coarse = triangulate(problem.layout, coarser_size(size, accuracy))
    found, rough, right = (_parts(problem, kernels, mesh) for mesh in (own, coarse, finer))
    stated = estimated_errors(found, rough, accuracy)
    scale = np.abs(np.diagonal(right.z, axis1=1, axis2=2)).max(axis=1)
    total = np.diagonal(right.z, axis1=1, axis2=2).real[..., None]
    one, other = found.power, right.power
    share = one / one.sum(axis=-1, keepdims=True) - other / other.sum(axis=-1, keepdims=True)
    seen = 1.0 if factor == FINER[0] else 1.0 - factor**ORDER
    true = {
        "z_error": np.abs(found.z - right.z).max(axis=(1, 2)) / scale / seen,
        "r_error": (np.abs(one - other) / total).max(axis=1) / seen,
        "efficiency_error": np.abs(share).max(axis=(1, 2)) / seen,
    }
    return {name: (stated[name], value) for name, value in true.items()}


def _parts(problem: la.Problem, kernels: Kernels, mesh: TriangleMesh) -> Parts:
    sweep = run_sweep(problem, kernels, mesh, currents=False)
    return parts_of(sweep, sky_resistance(problem, problem.frequency, sweep.grid, sweep.moments))
