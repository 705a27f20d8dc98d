"""What a planar solution is off by: the same problem on meshes finer in every direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import lunar_antenna as la
from lunar_antenna.solvers.planar.accuracy import coarser_size, mesh_size, span
from lunar_antenna.solvers.planar.kernels import Kernels, kernels_for
from lunar_antenna.solvers.planar.mesh import TriangleMesh, triangulate
from lunar_antenna.solvers.planar.mesh_error import (
    Parts,
    estimated_errors,
    gain_change,
    gain_error,
    parts_of,
)
from lunar_antenna.solvers.planar.sky import intensities, sky_resistance
from lunar_antenna.solvers.planar.sweep import run_sweep

MOST_PAIRS = 5e6  # triangles of the finer mesh times those that symmetry leaves
FINER = (0.5, 0.7)  # of all spacings; the second where the first has more pairs than that
ORDER = 2.0  # in the spacings, by which what the second one itself is off by is added


@dataclass(frozen=True, slots=True, eq=False)
class Meshes:
    """One problem on the mesh of an accuracy, on the coarser one of its estimate, and on a finer.

    seen: share of what the first is off by that its difference from the finer one shows.
    ratio: triangles of the first over those of the coarser.
    gain_change, gain_off (n,): of its gains, from the coarser and from the finer one.
    """

    own: Parts
    coarse: Parts
    finer: Parts
    seen: float
    ratio: float
    gain_change: np.ndarray
    gain_off: np.ndarray

    def errors(self, accuracy: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Stated and true z_error, r_error, efficiency_error and gain_error, as in ``Quality``."""
        stated = estimated_errors(self.own, self.coarse, accuracy, self.ratio)
        stated["gain_error"] = gain_error(self.gain_change, accuracy)
        found, right = self.own, self.finer
        scale = np.abs(np.diagonal(right.z, axis1=1, axis2=2)).max(axis=1)
        total = np.diagonal(right.z, axis1=1, axis2=2).real[..., None]
        one, other = found.power, right.power
        split = one / one.sum(axis=-1, keepdims=True) - other / other.sum(axis=-1, keepdims=True)
        true = {
            "z_error": np.abs(found.z - right.z).max(axis=(1, 2)) / scale / self.seen,
            "r_error": (np.abs(one - other) / total).max(axis=1) / self.seen,
            "efficiency_error": np.abs(split).max(axis=(1, 2)) / self.seen,
            "gain_error": self.gain_off / self.seen,
        }
        return {name: (stated[name], value) for name, value in true.items()}

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, six digits."""
        parts = {"own": self.own, "coarse": self.coarse, "finer": self.finer}
        kept = {
            "seen": self.seen,
            "ratio": round(self.ratio, 4),
            "gain_change": [float(f"{value:.7g}") for value in self.gain_change],
            "gain_off": [float(f"{value:.7g}") for value in self.gain_off],
        }
        return {**kept, **{name: _plain(part) for name, part in parts.items()}}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Meshes:
        parts = (_parts_from(data[name]) for name in ("own", "coarse", "finer"))
        gain = (np.array(data[name]) for name in ("gain_change", "gain_off"))
        return cls(*parts, data["seen"], data["ratio"], *gain)


def _plain(part: Parts) -> dict[str, Any]:
    arrays = {"re": part.z.real, "im": part.z.imag, "power": part.power, "stored": part.stored}
    return {
        name: [[float(f"{v:.7g}") for v in row.ravel()] for row in array]
        for name, array in arrays.items()
    }


def _parts_from(data: dict[str, Any]) -> Parts:
    re, im, power, stored = (np.array(data[name]) for name in ("re", "im", "power", "stored"))
    n, ports = stored.shape
    z = (re + 1j * im).reshape(n, ports, ports)
    return Parts(z, power.reshape(n, ports, 4), stored)


def meshes(problem: la.Problem, accuracy: str, most: float = MOST_PAIRS) -> Meshes | None:
    """Solved on all three.

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
    kernels = kernels_for(problem, problem.frequency, span(problem))
    coarse = triangulate(problem.layout, coarser_size(size, accuracy))
    each = (triangulate(problem.layout, size), coarse, finer)
    seen = 1.0 if factor == FINER[0] else 1.0 - factor**ORDER
    parts, gains = zip(*(_parts(problem, kernels, mesh) for mesh in each), strict=True)
    ratio = len(each[0].triangles) / len(each[1].triangles)
    own, rough, right = gains
    changes = gain_change(own, rough), gain_change(right, own)
    return Meshes(*parts, seen, ratio, *changes)


def compared(
    problem: la.Problem, accuracy: str, most: float = MOST_PAIRS
) -> dict[str, tuple[np.ndarray, np.ndarray]] | None:
    """Stated and true errors of a problem, or None where its finer mesh is too large."""
    found = meshes(problem, accuracy, most)
    return None if found is None else found.errors(accuracy)


def _parts(problem: la.Problem, kernels: Kernels, mesh: TriangleMesh) -> tuple[Parts, np.ndarray]:
    """The parts, and gains (n, p, n_direction) but for a factor."""
    sweep = run_sweep(problem, kernels, mesh, currents=False)
    radiated = (problem, problem.frequency, sweep.grid, sweep.moments)
    taken = np.diagonal(sweep.z, axis1=1, axis2=2).real
    return parts_of(sweep, sky_resistance(*radiated)), intensities(*radiated) / taken[..., None]
