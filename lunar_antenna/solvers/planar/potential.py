"""Potentials of uniform and linear sources on a triangle (Wilton et al. 1984, eqs. 5 and 6).

D. R. Wilton et al., "Potential integrals for uniform and linear source distributions on
polygonal and polyhedral domains", IEEE Trans. Antennas Propag. 32 (1984) 276.
"""

from __future__ import annotations

import numpy as np

from ...conventions import FloatArray
from .jit import compiled


@compiled
def triangle_potential(
    corner: FloatArray, x: float, y: float, d: float
) -> tuple[float, float, float]:
    """Integrals over the triangle of 1/R and of (r' - r)_horizontal / R, R^2 = rho^2 + d^2.

    corner: (3, 2) counter-clockwise, m.  Returns (I0, Ix, Iy) in m, m2, m2.
    """
    i0 = 0.0
    ix = 0.0
    iy = 0.0
    d2 = d * d
    for e in range(3):
        ax = corner[e, 0] - x
        ay = corner[e, 1] - y
        f = e + 1 if e < 2 else 0
        bx = corner[f, 0] - x
        by = corner[f, 1] - y
        tx = bx - ax
        ty = by - ay
        length = np.sqrt(tx * tx + ty * ty)
        tx /= length
        ty /= length
        nx = ty  # outward normal of a counter-clockwise polygon
        ny = -tx
        t = ax * nx + ay * ny
        minus = ax * tx + ay * ty
        plus = bx * tx + by * ty
        r_minus = np.sqrt(ax * ax + ay * ay + d2)
        r_plus = np.sqrt(bx * bx + by * by + d2)
        r02 = t * t + d2
        scale = length * length + r02
        if r02 > 1e-26 * scale:
            # the form without cancellation for the sign at hand
            if minus + plus >= 0.0:
                f2 = (
                    np.log((r_plus + plus) / (r_minus + minus))
                    if minus > 0.0
                    else np.log((r_plus + plus) * (r_minus - minus) / r02)
                )
            else:
                f2 = (
                    np.log((r_minus - minus) / (r_plus - plus))
                    if plus < 0.0
                    else np.log((r_plus + plus) * (r_minus - minus) / r02)
                )
            i0 += t * f2
            if d > 0.0:
                i0 -= d * (
                    np.arctan2(t * plus, r02 + d * r_plus)
                    - np.arctan2(t * minus, r02 + d * r_minus)
                )
        else:
            f2 = 0.0
        moment = 0.5 * (r02 * f2 + plus * r_plus - minus * r_minus)
        ix += nx * moment
        iy += ny * moment
    return i0, ix, iy
