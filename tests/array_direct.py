"""An array of one type solved directly: its mesh copied to every place, one full matrix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lunar_antenna.radiation import CurrentElements, far_field, radiated_resistance
from lunar_antenna.solvers.planar import matrices


def repeated(cell, count):
    """The cells of ``count`` copies of one mesh, whose triangles follow each other."""
    own = [np.where(cell >= 0, cell + k * len(cell), -1) for k in range(count)]
    return np.concatenate(own)


def direct(array, accuracy, index, theta, phi):
    """{"z", "r_ground", "r_metal", "r_film", "r_sky": (p, p), "field": (2, p, ...)}."""
    (key,) = array.layouts
    layout, problem = array.layouts[key], array.problem(key)
    one = matrices.whole_mesh(problem, accuracy)
    vertices, triangles = [], []
    for position, turn in zip(array.positions, array.rotations, strict=True):
        c, s = np.cos(turn), np.sin(turn)
        triangles.append(one.triangles + len(one.vertices) * len(vertices))
        vertices.append(one.vertices @ np.array([[c, s], [-s, c]]) + position)
    count = array.n_elements
    mesh = replace(
        one,
        vertices=np.vstack(vertices),
        triangles=np.vstack(triangles),
        tab=np.tile(one.tab, count),
        cell=repeated(one.cell, count),
        n_fundamental=count * len(one.triangles),
    )
    basis = matrices.make_basis(mesh)
    frequency = array.frequency[index : index + 1]
    x0, y0, x1, y1 = array.bounds
    kernels = matrices.kernels_for(problem, frequency, float(np.hypot(x1 - x0, y1 - y0)))
    edges = matrices.edges_of(basis, layout.metal, kernels)
    factors = matrices.coefficients(kernels, layout.metal, edges)
    ((parity, _),) = matrices.parity_classes(basis, np.ones((basis.count, 1)))
    values = matrices.fill_matrices(basis, parity, kernels, edges).values
    whole = {name: matrices.combined(values, factors[name][0]) for name in factors}
    own = matrices.gap_vectors(matrices.make_basis(one), layout)
    vectors = np.kron(np.eye(count), own)
    series = np.kron(np.eye(count), layout.series)
    shorted = np.linalg.solve(whole["z"], vectors.astype(complex))
    gap = np.linalg.inv(vectors.T @ shorted)
    current = shorted @ gap @ series
    found = {f"r_{name}": current.conj().T @ matrix @ current for name, matrix in whole.items()}
    found["z"] = series.T @ gap @ series
    elements = _elements(basis, current, problem.metal_height)
    layers, f = problem.stratification, float(frequency[0])
    found["r_sky"] = radiated_resistance(elements, 0, f, layers)
    found["field"] = np.stack(far_field(elements, 0, f, layers, theta, phi))
    return found


def _elements(basis, current, height):
    """Moments on the three points of every triangle, formed anew."""
    position, moment = [], []
    x = np.where((basis.index >= 0)[..., None], current[np.maximum(basis.index, 0)], 0.0)
    for weight in matrices.RULE_3:
        point = np.einsum("i,tic->tc", weight, basis.corner)
        arm = point[:, None] - basis.corner  # (t, i, 2)
        share = 0.5 * basis.coefficient[..., None] * arm / len(matrices.RULE_3)
        moment.append(np.einsum("tic,tip->ptc", share, x))
        position.append(point)
    flat = np.concatenate(position)
    whole = np.concatenate(moment, axis=1)
    whole = np.concatenate((whole, np.zeros((*whole.shape[:2], 1))), axis=2)
    return CurrentElements(np.column_stack((flat, np.full(len(flat), height))), whole[None])
