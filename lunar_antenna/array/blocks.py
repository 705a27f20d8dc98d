"""Blocks of the reduced matrices: reactions of the functions of two elements.

    Z_ij = x_i^T K_A x_j + y_i^T K_A y_j + q_i^T K_phi q_j

with moments turned into the frame of element i; blocks of losses are the same with the left side
conjugated.  Between sources on quadrature points this is the planar solver's own integral, but for
triangles that are near each other (:func:`near_part`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..conventions import ComplexArray, FloatArray, IntArray
from ..solvers.planar.matrices import Radial, loose_triangles, near_rule
from .element import Element, Sources

BATCH = 6_000_000  # kernel values held at once


@dataclass(frozen=True, slots=True)
class Pose:
    """How element j lies in the frame of element i: x, y (m) and angle (rad)."""

    x: float
    y: float
    angle: float

    def move(self, points: FloatArray) -> FloatArray:
        """``points`` (..., 2) of element j in the frame of element i."""
        c, s = np.cos(self.angle), np.sin(self.angle)
        turn = np.array([[c, s], [-s, c]])
        return np.asarray(points @ turn + np.array([self.x, self.y]))


def poses(positions: FloatArray, rotations: FloatArray, i: int, others: IntArray) -> FloatArray:
    """(m, 3) x, y and angle of the elements ``others`` (m,) in the frame of element i."""
    c, s = np.cos(rotations[i]), np.sin(rotations[i])
    d = positions[others] - positions[i]
    return np.column_stack(
        (c * d[:, 0] + s * d[:, 1], -s * d[:, 0] + c * d[:, 1], rotations[others] - rotations[i])
    )


def blocks(
    radial: Radial,
    name: str,
    first: Sources,
    second: Sources,
    where: FloatArray,
    dtype: Any = np.complex128,
) -> ComplexArray:
    """(m, k_i, k_j) blocks of "z", "ground", "film" or "sky" for poses ``where`` (m, 3)."""
    out = np.empty((len(where), first.count, second.count), dtype)
    size = max(1, BATCH // (len(first.position) * len(second.position)))
    left = _left(first, name, dtype)
    right = _right(second, dtype)
    for start in range(0, len(where), size):
        part = slice(start, start + size)
        out[part] = _some(radial, name, first, second, left, right, where[part], dtype)
    return out


def _left(first: Sources, name: str, dtype: Any) -> tuple[ComplexArray, ComplexArray]:
    """(2 k, n) moments and (k, n) charges that stand on the left."""
    moment = np.hstack((first.x, first.y)).T
    charge = first.charge.T
    if name != "z":
        moment, charge = moment.conj(), charge.conj()
    return np.ascontiguousarray(moment, dtype), np.ascontiguousarray(charge, dtype)


def _right(second: Sources, dtype: Any) -> tuple[ComplexArray, ComplexArray]:
    return (
        np.ascontiguousarray(np.hstack((second.x, second.y)), dtype),
        np.ascontiguousarray(second.charge, dtype),
    )


def _some(
    radial: Radial,
    name: str,
    first: Sources,
    second: Sources,
    left: tuple[ComplexArray, ComplexArray],
    right: tuple[ComplexArray, ComplexArray],
    where: FloatArray,
    dtype: Any,
) -> ComplexArray:
    m, n, k_i, k_j = len(where), len(second.position), first.count, second.count
    c, s = np.cos(where[:, 2]), np.sin(where[:, 2])
    p = second.position
    x = c[:, None] * p[:, 0] - s[:, None] * p[:, 1] + where[:, :1]
    y = s[:, None] * p[:, 0] + c[:, None] * p[:, 1] + where[:, 1:2]
    others = np.stack((x, y), axis=2).reshape(-1, 2)
    if name == "z":
        a, phi = radial.impedance(first.position, others, dtype)
        u, v = left[0] @ a, left[1] @ phi
    else:
        real = np.float32 if dtype == np.complex64 else np.float64
        lost_a, lost_phi = radial.loss(name, first.position, others, real)
        u, v = _by_real(left[0], lost_a), _by_real(left[1], lost_phi)
    w = (u.reshape(2 * k_i * m, n) @ right[0]).reshape(2, k_i, m, 2, k_j)
    q = (v.reshape(k_i * m, n) @ right[1]).reshape(k_i, m, k_j)
    c, s = c.astype(u.real.dtype)[None, :, None], s.astype(u.real.dtype)[None, :, None]
    # the frame of element j is turned: its x moment is (c, s) there, its y moment (-s, c)
    made = (w[0, :, :, 0] + w[1, :, :, 1]) * c + (w[1, :, :, 0] - w[0, :, :, 1]) * s + q
    return np.asarray(np.swapaxes(made, 0, 1))


def _by_real(left: ComplexArray, right: FloatArray) -> ComplexArray:
    out = np.empty((left.shape[0], right.shape[1]), left.dtype)
    out.real = np.ascontiguousarray(left.real) @ right
    out.imag = np.ascontiguousarray(left.imag) @ right
    return out


def near_part(
    radial: Radial,
    first: Element,
    second: Element,
    pose: Pose,
    names: tuple[str, ...],
    functions: tuple[Any, Any] | None = None,
) -> dict[str, ComplexArray]:
    """What planar's own integration of near triangles differs by from that on points.

    functions: (n_i, k_i) and (n_j, k_j) of either element; without, all of them.  (k_i, k_j) of
    each of ``names``; empty where no triangles are near.
    """
    corner = pose.move(second.corner)
    one, two = _near_triangles(first.corner, corner)
    if not one.size:
        return {}
    both = np.concatenate((first.corner[one], corner[two]))
    exact = loose_triangles(both, radial.kernels, names)
    a, b = first.loose(one), second.loose(two)
    if functions is not None:
        a, b = a @ functions[0], b @ functions[1]
    left, right = _loose_sources(first.corner[one]), _loose_sources(corner[two])
    out = {}
    for name, matrix in exact.items():
        rough = blocks(radial, name, left, right, np.zeros((1, 3)))[0]
        difference = matrix[: 3 * one.size, 3 * one.size :] - rough
        out[name] = np.asarray((a if name == "z" else a.conj()).T @ (b.T @ difference.T).T)
    return out


def whole_block(
    radial: Radial, name: str, first: Element, second: Element, pose: Pose
) -> ComplexArray:
    """(n_i, n_j) reactions of all functions of two elements, as the planar solver has them."""
    c, s = np.cos(pose.angle), np.sin(pose.angle)
    others = pose.move(second.points)
    if name == "z":
        a, phi = radial.impedance(first.points, others)
    else:
        lost = radial.loss(name, first.points, others)
        a, phi = (item.astype(complex) for item in lost)
    (x, y, q), (u, v, p) = first.moments, second.moments
    out = x.T @ (a @ (c * u - s * v)) + y.T @ (a @ (s * u + c * v)) + q.T @ (phi @ p)
    near = near_part(radial, first, second, pose, (name,)) if name != "sky" else {}
    return np.asarray(out + near.get(name, 0.0))


def _near_triangles(one: FloatArray, two: FloatArray) -> tuple[IntArray, IntArray]:
    """Numbers of the triangles of either set that are near one of the other."""
    centre = [item.mean(axis=1) for item in (one, two)]
    radius = [
        np.linalg.norm(item - middle[:, None], axis=2).max(axis=1)
        for item, middle in zip((one, two), centre, strict=True)
    ]
    distance = np.linalg.norm(centre[0][:, None] - centre[1], axis=2)
    near = distance < near_rule() * (radius[0][:, None] + radius[1]) * (1.0 + 1e-9)
    return np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))


def _loose_sources(corner: FloatArray) -> Sources:
    """Three halves of functions on each of ``corner`` (n, 3, 2), on their quadrature points."""
    from ..solvers.planar.matrices import RULE_3

    n_t, n_q = len(corner), len(RULE_3)
    points = np.einsum("qi,tic->tqc", RULE_3, corner)
    x, y, charge = (np.zeros((n_t, n_q, n_t, 3), dtype=complex) for _ in range(3))
    own = np.arange(n_t)
    arm = 0.5 * (points[:, :, None, :] - corner[:, None, :, :]) / n_q  # (t, q, i, 2)
    x[own, :, own], y[own, :, own] = arm[..., 0], arm[..., 1]
    charge[own, :, own] = 1.0 / n_q
    shape = (n_t * n_q, 3 * n_t)
    return Sources(points.reshape(-1, 2), *(item.reshape(shape) for item in (x, y, charge)))
