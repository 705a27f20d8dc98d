"""What multiplies the columns of the matrices, for Z and for each loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...conventions import ETA0, ComplexArray, FloatArray, IntArray, wavenumber
from ...media.sheets import Metal
from .basis import Basis
from .kernels import Kernels
from .rim import Excess, Rims, current_matrices, find_rims, metal_excess, separable


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The rims of one mesh and the corrections that belong to them.

    metal: for the component of J along the edge.
    """

    rims: Rims
    metal: Excess

    def current_matrices(
        self, basis: Basis, index: IntArray, coefficient: FloatArray, count: int
    ) -> FloatArray:
        """(count, count, k) matrices of ``metal``'s separable parts."""
        return current_matrices(basis, self.rims, index, coefficient, count, self.metal.weight)


def edges_of(basis: Basis, metal: Metal | None, frequency: FloatArray) -> Edges:
    """Rims of the mesh of ``basis`` and what they add at ``frequency`` (n_freq,) Hz."""
    rims = find_rims(basis)
    if metal is None:
        return Edges(rims, separable(np.zeros((rims.size.size, frequency.size), dtype=complex)))
    return Edges(rims, metal_excess(rims, metal, frequency))


def coefficients(kernels: Kernels, metal: Metal | None, edges: Edges) -> dict[str, ComplexArray]:
    """(n_freq, n_column) factors of the matrix columns for Z and for each loss, in ohm."""
    zs = np.zeros(kernels.frequency.shape, dtype=complex)
    if metal is not None:
        zs = metal.sheet_impedance(kernels.frequency)
    rim = edges.metal.factor.T  # (n_freq, k)
    k0 = wavenumber(kernels.frequency)[:, None]
    images = kernels.images.coefficient.T  # (n_freq, n_image)
    one = np.ones_like(k0)
    zero = np.zeros_like(k0)
    lossy_soil = np.any(kernels.ground_phi) or np.any(kernels.ground_a)
    image_loss = (-1j * images).real * (1.0 if lossy_soil else 0.0)
    blocks = {
        "z": (
            1j * k0 * ETA0 * kernels.z_a,
            1j * k0 * ETA0 * one,
            ETA0 / (1j * k0) * kernels.z_phi,
            ETA0 / (1j * k0) * images,
            ETA0 / (1j * k0) * kernels.local.total[:, None],
            zs[:, None],
            rim,
        ),
        "ground": (
            k0 * ETA0 * kernels.ground_a,
            zero,
            ETA0 / k0 * kernels.ground_phi,
            ETA0 / k0 * image_loss,
            ETA0 / k0 * kernels.local.ground[:, None],
            zero,
            np.zeros_like(rim),
        ),
        "film": (
            k0 * ETA0 * kernels.film_a,
            zero,
            ETA0 / k0 * kernels.film_phi,
            ETA0 / k0 * np.zeros_like(image_loss),
            ETA0 / k0 * kernels.local.film[:, None],
            zero,
            np.zeros_like(rim),
        ),
        "metal": (
            np.zeros_like(kernels.ground_a),
            zero,
            np.zeros_like(kernels.ground_phi),
            np.zeros_like(image_loss),
            zero,
            zs.real[:, None],
            rim.real,
        ),
    }
    return {name: np.hstack(parts).astype(complex) for name, parts in blocks.items()}
