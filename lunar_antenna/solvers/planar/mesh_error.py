"""What a mesh is off by, from what a coarser one finds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...conventions import ComplexArray, FloatArray
from .accuracy import RESOLUTION
from .sweep import Sweep

# Of sky, ground, metal and film: what the laws at rims are good to (rim_laws.py).
LAWS = np.array([0.0, 0.0, 0.016, 0.014])
# Least error of Z of a mesh whose cells follow them half as well, at corners and tapers.
FOLLOWED = 0.0013
# Difference from which on it no longer grows with the error (a sharp resonance that moved by more
# than its width), and all of it is taken.
LINEAR = 0.4
COMMON = 0.5  # of the median difference of all frequencies, the least at any
FEW = 0.7  # over the number of frequencies: what the estimate is larger by


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Z (n, p, p) and the powers (n, p, 4) of the ports into sky, ground, metal and film, ohm."""

    z: ComplexArray
    power: FloatArray


def parts_of(sweep: Sweep, r_sky: ComplexArray) -> Parts:
    """What the estimates compare of one mesh."""
    matrices = (r_sky, sweep.r_ground, sweep.r_metal, sweep.r_film)
    power = [np.diagonal(m, axis1=1, axis2=2).real for m in matrices]
    return Parts(sweep.z, np.stack(power, axis=-1))


def estimated_errors(fine: Parts, coarse: Parts, accuracy: str) -> dict[str, FloatArray]:
    """z_error (n,), r_error (n, 4) and efficiency_error (n,) of the finer of two meshes.

    Each is a share of the difference, at least of half its median over the frequencies, and a
    least error: where errors of two kinds cancel the difference says nothing.  The share grows to
    one where the meshes differ by LINEAR.  With few frequencies the median is little help, and the
    estimate is larger, by FEW over their number.  The numbers are such that it covers the true
    error in 95 % of all cases (benchmarks/planar_mesh_error.py).
    What the laws at rims are off by on any mesh, LAWS, is added; the latter two take the largest of
    neighbouring frequencies.
    """
    resolution = RESOLUTION[accuracy]
    difference = np.abs(fine.z - coarse.z).max(axis=(1, 2))
    scale = np.abs(np.diagonal(fine.z, axis1=1, axis2=2)).max(axis=1)
    total = np.diagonal(fine.z, axis1=1, axis2=2).real[..., None]
    one, other = fine.power / total, coarse.power / total
    laws = LAWS * np.abs(one)
    share, rough = one / one.sum(axis=-1, keepdims=True), other / other.sum(axis=-1, keepdims=True)

    def estimate(relative: FloatArray, least: FloatArray) -> FloatArray:
        """least: of the error, over that of Z."""
        factor = 1.0 + FEW / len(relative)
        seen = np.maximum(relative, COMMON * np.median(relative, axis=0))
        part = resolution.share + (1.0 - resolution.share) * np.minimum(seen / LINEAR, 1.0)
        return np.asarray(factor * (part * seen + resolution.least * least))

    # R follows the square of the currents, and shifts of a resonance move Z more than R
    powers = estimate(_around(np.abs(one - other)), 1.8 * np.abs(one))
    # one loss off by a relative error e changes its share s by s (1 - s) e
    shares = estimate(_around(np.abs(share - rough)), np.abs(share * (1.0 - share))).max(axis=-1)
    z_error = estimate(difference / scale, np.ones(len(scale)))
    followed = 1.0 + resolution.least / FOLLOWED
    return {
        "z_error": z_error + (laws * np.abs(total)).sum(axis=-1).max(axis=1) / scale,
        "r_error": (powers + followed * laws).max(axis=1),
        "efficiency_error": (shares + followed * laws.sum(axis=-1)).max(axis=1),
    }


def _around(error: FloatArray) -> FloatArray:
    """The largest of each frequency (first axis) and its neighbours."""
    result = error.copy()
    result[1:] = np.maximum(result[1:], error[:-1])
    result[:-1] = np.maximum(result[:-1], error[1:])
    return result
