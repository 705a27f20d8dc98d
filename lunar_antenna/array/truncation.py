"""What the macro basis leaves out, on pairs of elements that were not part of its training.

A pair is solved in all functions of both meshes, with planar's own integrals between them: from
the reduced solution on, each element answers the field of the other in turn until nothing changes.
The difference is stated for Z (of |Z|), for the pattern (of the largest field of the primary
currents) and for the losses (of Re Z), which are of first order in the current, apart.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..array_problem import Array
from ..conventions import ComplexArray, FloatArray
from .blocks import Pose, poses, whole_block
from .coupling import pair_solution
from .macro import Driven, sky_fields
from .reduced import Coupling

SWEEPS = 60
ENOUGH = 1e-8  # of the current's norm, between two sweeps


def pair_errors(
    coupling: Coupling,
    driven: Mapping[str, Driven],
    own: Mapping[str, ComplexArray],
    ground: Mapping[str, ComplexArray],
    pair: tuple[int, int],
) -> FloatArray:
    """(3,) errors of Z, pattern and ground losses on ``pair``; nan where it does not settle.

    ground: (n, n) of all functions of every type.
    """
    array: Array = coupling.array
    one, two = (array.types[k] for k in pair)
    first, second = driven[one], driven[two]
    where = poses(array.positions, array.rotations, pair[0], np.array([pair[1]]))[0]
    pose = Pose(*(float(value) for value in where))
    block = whole_block(coupling.radial, "z", first.element, second.element, pose)
    macros = (coupling.macros[one], coupling.macros[two])
    reduced = macros[0].functions.T @ block @ macros[1].functions
    z, amplitude = pair_solution(*macros, (own[one], own[two]), reduced)
    rough = (
        macros[0].functions @ amplitude[: macros[0].count],
        macros[1].functions @ amplitude[macros[0].count :],
    )
    a, b = rough
    p, q = macros[0].ports, macros[1].ports
    drive = (
        np.hstack((first.primary, np.zeros((len(a), q)))),
        np.hstack((np.zeros((len(b), p)), second.primary)),
    )
    size = max(float(np.linalg.norm(item)) for item in drive)
    for _ in range(SWEEPS):
        new_a = drive[0] - first.response(block @ b)
        new_b = drive[1] - second.response(block.T @ new_a)
        change = float(np.linalg.norm(new_a - a) + np.linalg.norm(new_b - b))
        a, b = new_a, new_b
        if change <= ENOUGH * size:
            break
    else:
        return np.full(3, np.nan)
    cross = a.T @ (block @ b)
    exact = a.T @ (first.z @ a) + b.T @ (second.z @ b) + cross + cross.T
    scale = float(np.abs(exact).max())
    flux = whole_block(coupling.radial, "ground", first.element, second.element, pose)

    def lost(x: ComplexArray, y: ComplexArray) -> ComplexArray:
        mixed = x.conj().T @ (flux @ y)
        return np.asarray(
            x.conj().T @ (ground[one] @ x) + y.conj().T @ (ground[two] @ y)
            + mixed + mixed.conj().T
        )  # fmt: skip

    fields = [
        (sky_fields(item.element, coupling.radial.frequency), new - old, item.primary)
        for item, new, old in ((first, a, rough[0]), (second, b, rough[1]))
    ]
    beam = sum(np.abs(field.T @ change).max(axis=1) for field, change, _ in fields).max()
    peak = max(float(np.abs(field.T @ primary).max()) for field, _, primary in fields)
    loss = np.abs(lost(a, b) - lost(*rough)).max() / np.abs(exact.real).max()
    return np.array([float(np.abs(exact - z).max()) / scale, float(beam) / peak, float(loss)])
