"""Crowding of the current at the edges of a thin strip, and the resistance it costs.

A strip of width w carries J(y) = (I/pi) / sqrt((w/2)^2 - y^2).  The integral of J^2 diverges
with the logarithm of the distance d from the edge at which it is stopped (Lewin 1984, IEEE
Trans. MTT 32, 717), so that

    R' = F Re(Z_s)/w,        F = (2/pi^2) ln(w/d)     (one when the current is uniform)

The stopping distance d belongs to the edge alone.  Thin metal: lateral skin effect (Belevitch
1971, Philips Tech. Rev. 32, 221), d proportional to |Z_s|/(omega mu0).  Thick metal with square
edges: d = t/(4 pi e^pi) = t/291 (Vainshtein & Zhurav 1986; Holloway & Kuester 1994, IEEE Trans.
MTT 42, 695; quoted as a check, not used).  In between d/t depends on t/(skin depth) alone.

All numbers of the table are computed, with the volume-filament integral equation of Silvester
1968 (IEEE Trans. PAS 87, 735) on a strip with w/t above 1e4; two meshes agree to 0.6 % of R'.
Its thin end is constant as it must be; its thick end, t/232, is 2 % of R' from t/291.
"""

from __future__ import annotations

import math

import numpy as np

from ..conventions import MU0, FloatArray
from .sheets import Metal

# t/(skin depth) and (d/t) * 2 (t/skin depth)^2, the second column constant for thin metal.
_TABLE = np.array(
    [
        (0.1, 0.1000),
        (0.2, 0.0989),
        (0.4, 0.0938),
        (0.6, 0.0859),
        (0.8, 0.0769),
        (1.0, 0.0677),
        (1.3, 0.0554),
        (1.6, 0.0461),
        (2.0, 0.0392),
        (2.5, 0.0392),
        (3.0, 0.0495),
        (4.0, 0.1116),
        (6.0, 0.3209),
        (10.0, 0.8614),
    ]
)


def stopping_distance(metal: Metal, frequency: FloatArray) -> FloatArray:
    """d in m, shape of ``frequency`` (Hz)."""
    frequency = np.asarray(frequency, dtype=float)
    skin_depth = 1.0 / np.sqrt(np.pi * frequency * MU0 * metal.conductivity)
    ratio = metal.thickness / skin_depth
    scaled = np.exp(np.interp(np.log(ratio), np.log(_TABLE[:, 0]), np.log(_TABLE[:, 1])))
    over_t = np.where(ratio > 10.0, _TABLE[-1, 1] / 200.0, scaled / (2.0 * ratio**2))
    return np.asarray(metal.thickness * over_t)


def strip_factor(width: float, distance: FloatArray) -> FloatArray:
    """F of a strip with two edges, >= 1; good to 3 % for w > 200 d (a strip in free space)."""
    return np.asarray(np.maximum(1.0, 2.0 / math.pi**2 * np.log(width / distance)))


def rim_factor(width: float, distance: FloatArray) -> FloatArray:
    """F of the part of a sheet within ``width`` (m) of its one edge, J ~ 1/sqrt(distance).

    The integral of J^2 over the part, times its width, over the square of its current:
    ln(width/d)/4; at least 1.
    """
    return np.asarray(np.maximum(1.0, 0.25 * np.log(width / distance)))
