"""Any change of cells at the cost of its own size: one symmetric tableau per frequency.

With Z of all functions, v the weights of the feed and F further rows, whatever is linear in the
currents, principal pivots on the active functions A turn [[Z, v, F^T], [v^T, 0, 0], [F, 0, 0]] into

    T_AA = -Z_AA^-1,  T_AB = Z_AA^-1 Z_AB,  T_BB = Z_BB - Z_BA Z_AA^-1 Z_AB   B: all others, v and F

so that the admittance of the port is y = v^T Z_AA^-1 v = -T_vv, the rows at one volt are
h = F Z_AA^-1 v = -T_Fv, and switching a set S of functions on or off needs T_SS alone
(removal and addition at rank |S|: Capek, Jelinek & Gustafsson 2019, IEEE Trans. Antennas Propag.
67, 3889):

    y' = -(T_vv - T_vS T_SS^-1 T_Sv),   h' = -(T_Fv - T_FS T_SS^-1 T_Sv),   T' by pivots on S.

Rounding grows with the number of pivots; after :data:`FRESH` of them the tableau is made anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...conventions import ComplexArray, FloatArray, IntArray
from .cells import Mask

FRESH = 200  # pivots between factorisations: drift of 1e-11 of y
BLOCK = 64  # functions switched at once
BATCH = 400  # candidates looked at together


class Tableau:
    """z (n_freq, n, n) of all functions, v (n,), cells (n, 2) of each: see ``System.cells``.

    rows (n_freq, n_row, n): F; none if not given.
    """

    def __init__(
        self, z: ComplexArray, v: FloatArray, cells: IntArray, rows: ComplexArray | None = None
    ) -> None:
        self.z, self.v, self.cells = z, v, cells
        self.n = v.size
        self.rows = np.zeros((len(z), 0, self.n), dtype=complex) if rows is None else rows
        self.active = np.zeros(self.n, dtype=bool)
        self.table = np.empty((len(z), *2 * (self.n + 1 + self.rows.shape[1],)), dtype=complex)
        self.pivots = 0
        self._refresh()

    def functions(self, mask: Mask) -> Mask:
        """(n,) functions both of whose cells are metal."""
        metal = mask.ravel()
        return np.asarray(metal[self.cells[:, 0]] & metal[self.cells[:, 1]])

    def go(self, mask: Mask) -> None:
        """Switch to ``mask``."""
        wanted = self.functions(mask)
        change = np.flatnonzero(wanted != self.active)
        if self.pivots + change.size > FRESH * BLOCK or change.size > self.n // 3:
            self.active = wanted
            self._refresh()
            return
        for on in (False, True):
            part = change[wanted[change] == on]
            for start in range(0, part.size, BLOCK):
                self._pivot(part[start : start + BLOCK], on=on)

    @property
    def y(self) -> ComplexArray:
        """(n_freq,) admittance of the port, S."""
        return np.asarray(-self.table[:, self.n, self.n])

    @property
    def h(self) -> ComplexArray:
        """(n_freq, n_row) rows at one volt."""
        return np.asarray(-self.table[:, self.n + 1 :, self.n])

    def candidates(self, sets: Sequence[IntArray]) -> tuple[ComplexArray, ComplexArray]:
        """(n_freq, n_set) admittance, (n_freq, n_row, n_set) rows after switching each set."""
        n = self.n
        found = np.repeat(self.y[:, None], len(sets), axis=1)
        rows = np.repeat(self.h[:, :, None], len(sets), axis=2)
        sizes = np.array([len(item) for item in sets])
        for size in np.unique(sizes[sizes > 0]):
            where = np.flatnonzero(sizes == size)
            for start in range(0, where.size, BATCH):
                own = where[start : start + BATCH]
                index = np.array([sets[k] for k in own])  # (n_own, size)
                for k, t in enumerate(self.table):
                    column = t[n][index]
                    inner = t[index[:, :, None], index[:, None, :]]
                    solved = np.linalg.solve(inner, column[..., None])[..., 0]
                    found[k, own] += np.einsum("ck,ck->c", column, solved)
                    if self.rows.shape[1]:
                        rows[k][:, own] += np.einsum("gck,ck->gc", t[n + 1 :][:, index], solved)
        return found, rows

    def _refresh(self) -> None:
        n, on = self.n, np.flatnonzero(self.active)
        off = np.concatenate((np.flatnonzero(~self.active), np.arange(n, self.table.shape[1])))
        for t, z, rows in zip(self.table, self.z, self.rows, strict=True):
            t[:n, :n] = z
            t[:n, n] = t[n, :n] = self.v
            t[n + 1 :, :n], t[:n, n + 1 :] = rows, rows.T
            t[n:, n:] = 0.0
            if not on.size:
                continue
            inverse = np.linalg.inv(t[np.ix_(on, on)])
            cross = t[np.ix_(on, off)]
            moved = inverse @ cross
            t[np.ix_(off, off)] -= cross.T @ moved
            t[np.ix_(on, off)] = moved
            t[np.ix_(off, on)] = moved.T
            t[np.ix_(on, on)] = -0.5 * (inverse + inverse.T)
        self.pivots = 0

    def _pivot(self, index: IntArray, *, on: bool) -> None:
        from scipy.linalg.blas import zgemm

        sign = 1.0 if on else -1.0
        for t in self.table:
            inverse = np.linalg.inv(t[np.ix_(index, index)])
            inverse = 0.5 * (inverse + inverse.T)
            cross = t[:, index].copy()
            moved = cross @ inverse
            # t is symmetric, so that its transpose is the array in the order BLAS wants
            zgemm(-1.0, moved, cross, beta=1.0, c=t.T, trans_b=1, overwrite_c=1)
            t[:, index] = sign * moved
            t[index, :] = sign * moved.T
            t[np.ix_(index, index)] = -inverse
        self.active[index] = on
        self.pivots += index.size
