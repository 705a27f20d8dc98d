"""What a mesh is off by, from what a coarser one finds.

To first order the impedance of a port is off by

    dZ = x^T dM x

with x the currents for one ampere at the port and dM what the mesh has wrong in the matrix of the
moment method.  That is a share of the matrix itself, the same at all frequencies but for what
currents and charges are where, so that

    |dZ(f)| ~ delta S(f),    S = 4 omega (W_m + W_e)/|I|^2,

with the energies that the currents store (:func:`.columns.stored`).  S is omega dX/domega of a
lossless antenna: the same law says that a mesh moves resonances by a share of their frequency.
delta is found from the difference of two meshes, at all frequencies together, so that one at which
the errors of both cancel does not pass for exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...conventions import ComplexArray, FloatArray
from .accuracy import RESOLUTION
from .sweep import Sweep

# Of sky, ground, metal and film: what the laws at rims are good to (rim_laws.py).
LAWS = np.array([0.0, 0.0, 0.016, 0.014])
# Difference from which on it no longer grows with the error (a sharp resonance that moved by more
# than its width), and all of it is taken.
LINEAR = 1.0
COMMON = 0.5  # of the median difference of a loss over all frequencies, the least at any
FEW = 0.5  # over the number of frequencies: what the estimate is larger by
LOSSES = 4.0  # least error of a loss over that of a matrix: losses are of first order in currents
# Of shares of the power, at the frequency itself, over what counts of a loss: errors that all
# losses have in common leave them as they are.
SHARED, SHARED_LEAST, SHARED_LAWS = 1.15, 2.6, 1.3
ALIKE = 1.3  # ratio of triangles: two meshes that are more alike tell no more


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What the estimates compare of one mesh.

    z (n, p, p) ohm; power (n, p, 4) of the ports into sky, ground, metal and film, ohm; stored
    (n, p), S above, ohm.
    """

    z: ComplexArray
    power: FloatArray
    stored: FloatArray


def parts_of(sweep: Sweep, r_sky: ComplexArray) -> Parts:
    """The parts of a mesh whose sky power is known."""
    matrices = (r_sky, sweep.r_ground, sweep.r_metal, sweep.r_film)
    power = [np.diagonal(m, axis1=1, axis2=2).real for m in matrices]
    return Parts(sweep.z, np.stack(power, axis=-1), sweep.stored)


def share_of(accuracy: str, ratio: float) -> float:
    """Of the difference of Z between a mesh and its coarser one, what the mesh is off by.

    ratio: triangles of the mesh over those of the coarser.  With errors that fall with the square
    of the spacing, as the inverse of the number of triangles, it is 1/(ratio - 1); meshes that
    shrink alike in all directions would have all of it.
    """
    return RESOLUTION[accuracy].share / (max(ratio, ALIKE) - 1.0)


def estimated_errors(
    fine: Parts, coarse: Parts, accuracy: str, ratio: float
) -> dict[str, FloatArray]:
    """z_error (n,), r_error (n, 4) and efficiency_error (n,) of the finer of two meshes.

    Each is a share of the difference and a least error: where errors of two kinds cancel in all of
    the sweep the difference says nothing.  The difference of Z is delta S, with delta the root mean
    square of difference over S, or what is seen at the frequency itself if that is more.  Those of
    the losses are the largest of neighbouring frequencies, at least half the median; of shares of
    the power they are those of the frequency.  The share grows to one where the meshes differ by
    LINEAR.  A sweep of few frequencies says little of delta, and the estimate is larger, by FEW
    over their number.  What the numbers cover is measured by benchmarks/planar_mesh_error.py and
    stands in docs/validation.md.
    ratio: of the triangles, see :func:`share_of`.
    What the laws at rims are off by on any mesh, LAWS, is added.
    """
    resolution, share = RESOLUTION[accuracy], share_of(accuracy, ratio)
    scale = np.abs(np.diagonal(fine.z, axis1=1, axis2=2)).max(axis=1)
    difference = np.abs(fine.z - coarse.z).max(axis=(1, 2)) / scale
    total = np.diagonal(fine.z, axis1=1, axis2=2).real[..., None]
    one, other = fine.power / total, coarse.power / total
    laws = LAWS * np.abs(one)
    split, rough = one / one.sum(axis=-1, keepdims=True), other / other.sum(axis=-1, keepdims=True)

    def estimate(seen: FloatArray, least: FloatArray) -> FloatArray:
        """least: over that of the matrix."""
        return np.asarray((1.0 + FEW / len(seen)) * (seen + resolution.least * least))

    swing = np.maximum(fine.stored.max(axis=1) / scale, 1.0)
    delta = np.sqrt(np.mean((difference / swing) ** 2))
    seen = np.maximum(share * delta * swing, _part(difference, share))
    z_error = estimate(seen, 0.5 * (1.0 + swing))
    seen = _part(_around(np.abs(one - other)), resolution.losses)
    powers = estimate(seen, LOSSES * np.abs(one))
    # one loss off by a relative error e changes its part s of all by s (1 - s) e
    felt = np.abs(split * (1.0 - split))
    seen = _part(np.abs(split - rough), SHARED * resolution.losses)
    shares = estimate(seen, SHARED_LEAST * felt).max(axis=-1)
    shares = shares + SHARED_LAWS * (LAWS * felt).sum(axis=-1)
    return {
        "z_error": z_error + (laws * np.abs(total)).sum(axis=-1).max(axis=1) / scale,
        "r_error": (powers + laws).max(axis=1),
        "efficiency_error": shares.max(axis=1),
    }


def gain_change(fine: FloatArray, coarse: FloatArray) -> FloatArray:
    """(n,) largest difference of the gains (n, p, n_direction) of two meshes, over the largest gain
    of the port."""
    largest = fine.max(axis=-1, keepdims=True)
    return np.asarray((np.abs(fine - coarse) / largest).max(axis=(1, 2)))


def gain_error(change: FloatArray, accuracy: str) -> FloatArray:
    """(n,) of the gain in any direction higher than 10 degrees, over the largest of the port.

    change: from a mesh to its coarser one, :func:`gain_change`.
    """
    resolution = RESOLUTION[accuracy]
    seen = _part(change, resolution.gain) + resolution.gain_least
    return np.asarray((1.0 + FEW / len(change)) * seen)


def _part(difference: FloatArray, share: float) -> FloatArray:
    """A share of the difference, which grows to all of it, if it is less, where it is LINEAR."""
    more = max(1.0 - share, 0.0) * np.minimum(difference / LINEAR, 1.0)
    return np.asarray((share + more) * difference)


def _around(error: FloatArray) -> FloatArray:
    """The largest of each frequency (first axis) and its neighbours, at least COMMON of the
    median of all."""
    result = error.copy()
    result[1:] = np.maximum(result[1:], error[:-1])
    result[:-1] = np.maximum(result[:-1], error[1:])
    return np.asarray(np.maximum(result, COMMON * np.median(result, axis=0)))
