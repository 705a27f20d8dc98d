"""What multiplies the columns of the matrices, for Z and for each loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...conventions import ETA0, ComplexArray, FloatArray, IntArray, wavenumber
from ...media.sheets import Metal
from .basis import Basis
from .kernels import Kernels
from .rim import Excess, Rims, charge_matrices, current_matrices, find_rims, separable
from .rim_laws import current_excess, held_charge_excess


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The rims of one mesh and the corrections that belong to them.

    current: of the component of J along the edge, ohm per square.  charge, film_charge: of the
    static charge kernel, m; the former with its film as it is, the latter what the film's loss
    has in it.  Both have the same ``weight``.
    """

    rims: Rims
    current: Excess
    charge: Excess
    film_charge: ComplexArray

    def matrices(
        self, basis: Basis, index: IntArray, coefficient: FloatArray, count: int
    ) -> tuple[FloatArray, FloatArray]:
        """(count, count, k) each: matrices of the separable parts of both corrections."""
        rims = self.rims
        return (
            current_matrices(basis, rims, index, coefficient, count, self.current.weight),
            charge_matrices(basis, rims, index, coefficient, count, self.charge.weight),
        )


def edges_of(basis: Basis, metal: Metal | None, kernels: Kernels) -> Edges:
    """Rims of the mesh of ``basis`` and what they add in ``metal`` and over the stack."""
    rims = find_rims(basis)
    frequency = kernels.frequency
    current = current_excess(rims, metal, frequency, kernels.images.mirror)
    both = np.hstack([held_charge_excess(rims, kernels.symbol_k, part) for part in kernels.symbol])
    charge = separable(both)
    n = frequency.size
    without = charge.factor[:, -n:]  # the loss of the film
    return Edges(
        rims,
        separable(current),
        Excess(charge.weight, charge.factor[:, :n]),
        charge.factor[:, :n] - without,
    )


def coefficients(kernels: Kernels, metal: Metal | None, edges: Edges) -> dict[str, ComplexArray]:
    """(n_freq, n_column) factors of the matrix columns for Z and for each loss, in ohm."""
    zs = np.zeros(kernels.frequency.shape, dtype=complex)
    if metal is not None:
        zs = metal.sheet_impedance(kernels.frequency)
    current = edges.current.factor.T  # (n_freq, k)
    charge = edges.charge.factor.T
    k0 = wavenumber(kernels.frequency)[:, None]
    images = kernels.images
    one = np.ones_like(k0)
    none = np.zeros_like(current)
    # what a static charge loses is Re(-j g_phi), the film's share of it what its loss adds
    film = (-1j * edges.film_charge.T).real
    ground = (-1j * charge).real - film if kernels.absorbs else np.zeros_like(film)
    blocks = {
        "z": (
            1j * k0 * ETA0 * kernels.z_a,
            1j * k0 * ETA0 * one,
            ETA0 / (1j * k0) * kernels.z_phi,
            ETA0 / (1j * k0) * images.total,
            zs[:, None],
            current,
            ETA0 / (1j * k0) * charge,
        ),
        "ground": (
            k0 * ETA0 * kernels.ground_a,
            0.0 * one,
            ETA0 / k0 * kernels.ground_phi,
            ETA0 / k0 * (images.ground if kernels.absorbs else 0.0 * images.ground),
            0.0 * one,
            none,
            ETA0 / k0 * ground,
        ),
        "film": (
            k0 * ETA0 * kernels.film_a,
            0.0 * one,
            ETA0 / k0 * kernels.film_phi,
            ETA0 / k0 * images.film,
            0.0 * one,
            none,
            ETA0 / k0 * film,
        ),
        "metal": (
            np.zeros_like(kernels.ground_a),
            0.0 * one,
            np.zeros_like(kernels.ground_phi),
            0.0 * images.film,
            zs.real[:, None],
            current.real if metal is not None else none.real,
            np.zeros_like(film),
        ),
    }
    return {name: np.hstack(parts).astype(complex) for name, parts in blocks.items()}


def stored(impedance: ComplexArray, kernels: Kernels, edges: Edges) -> ComplexArray:
    """(n_freq, n_column) factors of what currents and charges store, ohm.

    impedance: the factors of Z, whose reactance is 4 omega (W_m - W_e)/|I|^2 for magnetic and
    electric energies W of peak currents.  Here both add: 4 omega (W_m + W_e)/|I|^2, which is
    omega dX/domega where nothing is lost (R. M. Foster, Bell Syst. Tech. J. 3 (1924) 259).
    """
    charges = np.zeros(impedance.shape[1], dtype=bool)
    first = kernels.z_a.shape[1] + 1
    charges[first : first + kernels.z_phi.shape[1] + kernels.images.total.shape[1]] = True
    charges[impedance.shape[1] - edges.charge.weight.shape[1] :] = True
    return np.asarray(np.where(charges, -1.0, 1.0) * impedance.imag, dtype=complex)
