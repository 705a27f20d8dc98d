"""Electrostatics of the mesh's own cross-sections: the five-point (finite integration) Laplacian.

Waves along a strip see the same lattice, so that what is right for its capacitance is right for
its inductance too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....conventions import FloatArray, IntArray


class Section:
    """A rectangle of lines x (n,) and z (m,), in any unit; per unit permittivity and length.

    node: (n, m) number of each crossing.
    """

    def __init__(self, x: FloatArray, z: FloatArray) -> None:
        import scipy.sparse as sparse

        cells = np.diff(x), np.diff(z)
        dual = [0.5 * (np.append(c, 0.0) + np.append(0.0, c)) for c in cells]
        self.node: IntArray = np.arange(x.size * z.size).reshape(x.size, z.size)
        start = np.concatenate((self.node[:-1].ravel(), self.node[:, :-1].ravel()))
        end = np.concatenate((self.node[1:].ravel(), self.node[:, 1:].ravel()))
        weight = np.concatenate(
            (np.outer(1.0 / cells[0], dual[1]).ravel(), np.outer(dual[0], 1.0 / cells[1]).ravel())
        )
        rows = np.concatenate((start, end, start, end))
        columns = np.concatenate((start, end, end, start))
        values = np.concatenate((weight, weight, -weight, -weight))
        self.matrix: Any = sparse.coo_matrix((values, (rows, columns))).tocsc()
        edge = np.ones(self.node.shape, dtype=bool)
        edge[1:-1, 1:-1] = False
        self.boundary: IntArray = self.node[edge]

    def strengthen(self, start: IntArray, end: IntArray, factor: float) -> None:
        """Multiplies the permittivity of the edges between nodes ``start`` and ``end`` (n,)."""
        import scipy.sparse as sparse

        change = (1.0 - factor) * np.asarray(self.matrix[start, end]).ravel()  # negative weights
        rows = np.concatenate((start, end, start, end))
        columns = np.concatenate((end, start, start, end))
        values = np.concatenate((-change, -change, change, change))
        shape = self.matrix.shape
        self.matrix = (self.matrix + sparse.coo_matrix((values, (rows, columns)), shape)).tocsc()

    def unit_charge(
        self,
        metal: IntArray,
        far: FloatArray,
        branches: tuple[IntArray, IntArray] | None = None,
        added: FloatArray | None = None,
    ) -> tuple[FloatArray, FloatArray]:
        """(k,) potential of metal nodes (n_metal,) that share it and hold unit charge; (k, n_metal)
        the charge of each, that at the ends of their branches included.

        far: (n, m), read on the boundary.  branches: nodes of the metal and nodes off it, equally
        many, between which edges are stronger; added: (k,) by how much, one answer for each.
        """
        from scipy.sparse.linalg import splu

        inner = np.setdiff1d(self.node.ravel(), self.boundary)
        solve = splu(self.matrix[inner][:, inner]).solve
        off = np.empty(0, dtype=metal.dtype) if branches is None else branches[1]
        nodes = np.concatenate((metal, off))
        place = np.searchsorted(inner, nodes)
        unit = np.zeros((inner.size, nodes.size))
        unit[place, np.arange(nodes.size)] = 1.0
        response = solve(unit)[place]
        given = solve(-self.matrix[inner][:, self.boundary] @ far.ravel()[self.boundary])[place]
        # response @ charge + given = V on the metal, V - charge/added off it; charges add up to 1
        on = np.arange(nodes.size) < metal.size
        potential, charge = [], []
        for strength in [np.inf] if added is None else added:
            system = np.zeros((nodes.size + 1, nodes.size + 1))
            system[:-1, :-1] = np.where(on[:, None], response, strength * response)
            system[:-1, :-1] += np.diag(np.where(on, 0.0, 1.0))
            system[:-1, -1] = np.where(on, -1.0, -strength)
            system[-1, :-1] = 1.0
            right = np.append(np.where(on, -given, -strength * given), 1.0)
            found = np.linalg.solve(system, right)
            potential.append(found[-1])
            held = found[: metal.size].copy()
            if branches is not None:
                held[np.searchsorted(metal, branches[0])] += found[metal.size : -1]
            charge.append(held)
        return np.array(potential), np.array(charge)

    def charge(self, metal: IntArray, potential: FloatArray) -> FloatArray:
        """Charge at each metal node, ``potential`` (n, m) held there and on the boundary."""
        from scipy.sparse.linalg import splu

        held = np.union1d(self.boundary, metal)
        inner = np.setdiff1d(self.node.ravel(), held)
        value = potential.ravel().copy()
        value[inner] = splu(self.matrix[inner][:, inner]).solve(
            -self.matrix[inner][:, held] @ value[held]
        )
        return np.asarray(self.matrix[metal] @ value)
