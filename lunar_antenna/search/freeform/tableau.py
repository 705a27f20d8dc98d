"""Any change of cells at the cost of its own size: one symmetric tableau per frequency.

With Z of all functions, v the weights of the feed and F further rows, whatever is linear in the
currents, principal pivots on the active functions A turn [[Z, v, F^T], [v^T, 0, 0], [F, 0, 0]] into

    T_AA = -Z_AA^-1,  T_AB = Z_AA^-1 Z_AB,  T_BB = Z_BB - Z_BA Z_AA^-1 Z_AB   B: all others, v and F

so that the admittance of the port is y = v^T Z_AA^-1 v = -T_vv, the rows at one volt are
h = F Z_AA^-1 v = -T_Fv, and switching a set S of functions on or off needs T_SS alone
(removal and addition at rank |S|: Capek, Jelinek & Gustafsson 2019, IEEE Trans. Antennas Propag.
67, 3889):

    y' = -(T_vv - T_vS T_SS^-1 T_Sv),   h' = -(T_Fv - T_FS T_SS^-1 T_Sv),   T' by pivots on S.

Metal loses power: the real part of Z is definite, every pivot is an impedance or an admittance of
it and never nought, and sets are eliminated one function after another without interchanges, many
sets at a time.

Rounding grows with the number of pivots; after :data:`FRESH` of them the tableau is made anew.
Candidates are compared in single precision.  Where the tableaux in double would fill more than
:data:`DOUBLE` they are kept in single too; what the active functions show is then put right by
their currents x and those of the rows w (Z w = F^T) to second order of the error,

    y = v^T x + x^T (v - Z x),    h = F x + w^T (v - Z x),

Z being formed in double from its modes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...conventions import ComplexArray, FloatArray, IntArray
from .cells import Mask
from .packed import GIGABYTE, Impedance, Packed

FRESH = 12_800  # functions switched between factorisations: drift of 1e-11 of y
LOOSE = 1e-4  # of y, what single precision may be put right by before the tableau is made anew
BLOCK = 64  # functions switched at once
DOUBLE = 0.7 * GIGABYTE
Single = npt.NDArray[np.complex64]
LOOK = np.complex64  # of what candidates show: 1e-6 of y before the change
LOOKED = 3_000_000  # bytes of small matrices that are eliminated together


class Tableau:
    """z of all n functions, v (n,), cells (n, 2) of each: see ``System.cells``.

    rows (n_freq, n_row, n): F; none if not given.  double: whether the tableaux are kept in double
    precision, by their size if not given.
    """

    def __init__(
        self,
        z: Impedance,
        v: FloatArray,
        cells: IntArray,
        rows: ComplexArray | None = None,
        *,
        double: bool | None = None,
    ) -> None:
        self.z, self.v, self.cells = z, v, cells
        self.n = v.size
        self.rows = np.zeros((len(z), 0, self.n), dtype=complex) if rows is None else rows
        self.size = self.n + 1 + self.rows.shape[1]
        if double is None:
            double = Packed.size(len(z), self.size, 16) <= DOUBLE
        self.double = double
        self.active = np.zeros(self.n, dtype=bool)
        self.table = Packed(len(z), self.size, double=double)
        self.pivots = 0
        self._factorise(self.active)
        self._show()

    @property
    def nbytes(self) -> int:
        return self.z.nbytes + self.table.nbytes + self.rows.nbytes

    def functions(self, mask: Mask) -> Mask:
        """(..., n) functions both of whose cells are metal; mask (..., n_x, n_y)."""
        metal = mask.reshape(*mask.shape[:-2], -1)
        return np.asarray(metal[..., self.cells[:, 0]] & metal[..., self.cells[:, 1]])

    def go(self, mask: Mask) -> None:
        """Switch to ``mask``."""
        wanted = self.functions(mask)
        change = np.flatnonzero(wanted != self.active)
        worn = self.pivots + change.size > FRESH or self.off > LOOSE
        fresh = worn or change.size >= max(1, wanted.sum())
        if fresh:
            self._factorise(wanted)
        else:
            for k in range(len(self.z)):
                _switch(self.table, k, change, wanted)
        self.active = wanted
        self.pivots = 0 if fresh else self.pivots + change.size
        self._show()

    def changes(self, masks: Sequence[Mask]) -> list[IntArray]:
        """The functions that each of the masks switches."""
        wanted = self.functions(np.array(masks).reshape(len(masks), *masks[0].shape))
        return [np.flatnonzero(row) for row in wanted != self.active]

    def candidates(self, sets: Sequence[IntArray]) -> tuple[ComplexArray, ComplexArray]:
        """(n_freq, n_set) admittance, (n_freq, n_row, n_set) rows after switching each set."""
        n, count, n_row = self.n, len(self.z), self.rows.shape[1]
        if not sets:
            return np.empty((count, 0), dtype=complex), np.empty((count, n_row, 0), dtype=complex)
        found = np.tile(self.y, (len(sets), 1))
        shown = np.repeat(self.h[:, :, None], len(sets), axis=2)
        edge = self.table.rows(n, self.size, n).astype(LOOK)  # (n_freq, 1 + n_row, n)
        port = np.ascontiguousarray(edge[:, 0].T)  # (n, n_freq)
        ways = np.ascontiguousarray(edge[:, 1:].transpose(0, 2, 1))  # (n_freq, n, n_row)
        ladders = ladders_of(sets, n)
        sizes = np.array([len(item.order) for item in ladders])
        groups = [np.flatnonzero(sizes == size) for size in np.unique(sizes)]
        pairs, place = self._pairs(
            [np.array([ladders[k].order for k in group]) for group in groups]
        )
        for size, group in zip(np.unique(sizes), groups, strict=True):
            step = max(1, int(LOOKED // (4 * (size + 1) * (size + 2) * count)))
            for start in range(0, group.size, step):
                part = [ladders[k] for k in group[start : start + step]]
                index = np.array([item.order for item in part])
                columns = _gathered(pairs, place, port, index)
                gained = _eliminated(columns)
                own = np.array([k for item in part for k in item.sets])
                steps = np.array([m for item in part for m in item.steps])
                of = np.repeat(np.arange(len(part)), [len(item.sets) for item in part])
                found[own] += gained[steps - 1, of]
                if not n_row:
                    continue
                for m in np.unique(steps):
                    at = np.flatnonzero(steps == m)
                    solved = _back(columns, int(m), of[at])
                    for k in range(count):
                        moved = solved[:, None, :, k] @ ways[k][index[of[at], :m]]
                        shown[k][:, own[at]] += moved[:, 0].T
        return np.asarray(found.T), shown

    def _pairs(self, indices: list[IntArray]) -> tuple[Single, IntArray]:
        """(n_pair, n_freq) entries that any of the sets needs, and where (n, n) each lies."""
        used = np.zeros((self.n, self.n), dtype=bool)
        for index in indices:
            used[index[:, :, None], index[:, None, :]] = True
        row, column = np.nonzero(np.tril(used))
        place = np.zeros((self.n, self.n), dtype=int)
        place[row, column] = place[column, row] = np.arange(row.size)
        return self.table.entries(row, column).T.astype(LOOK, order="C"), place

    def _show(self) -> None:
        """y (n_freq,) S, h (n_freq, n_row) of the active functions at one volt."""
        n = self.n
        last = np.array([n])
        shown = np.array([self.table.columns(k, last)[:, 0] for k in range(len(self.z))])
        self.y: ComplexArray = -shown[:, n]
        self.h: ComplexArray = -shown[:, n + 1 :]
        self.off = 0.0
        if self.double or not self.active.any():
            return
        edge = self.table.rows(n, self.size, n)  # Z^-1 [v, F^T] on the active functions
        for k in range(len(self.z)):
            lead = np.where(self.active, edge[k], 0.0)
            x = lead[0]
            left = np.where(self.active, self.v - self.z.times(k, x), 0.0)
            self.y[k] = self.v @ x + x @ left
            self.off = max(self.off, float(abs(x @ left) / max(abs(self.y[k]), 1e-300)))
            self.h[k] = self.rows[k] @ x + lead[1:] @ left

    def _factorise(self, wanted: Mask) -> None:
        """From Z, v and F, in double precision one frequency after another."""
        last = np.arange(self.n, self.size)
        edge = np.zeros((self.size, last.size), dtype=complex)
        alone = None if self.double else Packed(1, self.size, double=True)
        for k in range(len(self.z)):
            table, layer = (self.table, k) if alone is None else (alone, 0)
            for panel, own in zip(table.panels, self.z.lower(k), strict=False):
                panel[layer][: len(own), : own.shape[1]] = own
            edge[: self.n, 0], edge[: self.n, 1:] = self.v, self.rows[k].T
            table.put(layer, last, edge)
            _switch(table, layer, np.flatnonzero(wanted), wanted)
            if alone is not None:
                for panel, own in zip(self.table.panels, alone.panels, strict=True):
                    panel[k] = own[0]


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """Sets of which each holds the one before: one elimination in ``order`` serves them all.

    steps: how many of ``order`` make up each of the ``sets``, numbers of what was given.
    """

    order: IntArray
    sets: list[int]
    steps: list[int]


def ladders_of(sets: Sequence[IntArray], n: int) -> list[Ladder]:
    """All sets but the empty ones, of functions 0 to n - 1, each in one ladder."""
    from scipy import sparse

    sizes = np.array([len(item) for item in sets], dtype=int)
    member = sparse.csr_array(
        (np.ones(sizes.sum()), np.concatenate(sets), np.concatenate(([0], np.cumsum(sizes)))),
        shape=(len(sets), n),
    )
    common = (member @ member.T).tocoo()
    inside = (common.data == sizes[common.col]) & (common.row != common.col)
    row, column = common.row[inside], common.col[inside]
    sort = np.lexsort((column, -sizes[column], row))
    row, column = row[sort], column[sort]
    first = np.searchsorted(row, np.arange(len(sets) + 1))
    left = sizes > 0
    found = []
    for head in np.argsort(-sizes, kind="stable").tolist():
        if not left[head]:
            continue
        rungs, now = [head], head
        left[head] = False
        while True:
            held = column[first[now] : first[now + 1]]
            held = held[left[held]]
            if not held.size:
                break
            now = int(held[0])
            left[now] = False
            rungs.append(now)
        rungs.reverse()
        level = np.full(n, len(rungs))
        for place in range(len(rungs) - 1, -1, -1):
            level[sets[rungs[place]]] = place
        order = sets[head][np.argsort(level[sets[head]], kind="stable")]
        found.append(Ladder(order, rungs, sizes[rungs].tolist()))
    return found


def _switch(table: Packed, layer: int, change: IntArray, wanted: Mask) -> None:
    """All of ``change`` to what is ``wanted``, off before on."""
    for on in (False, True):
        part = change[wanted[change] == on]
        for start in range(0, part.size, BLOCK):
            _pivot(table, layer, part[start : start + BLOCK], on=on)


def _pivot(table: Packed, layer: int, index: IntArray, *, on: bool) -> None:
    cross = table.columns(layer, index)
    found = np.linalg.inv(cross[index])
    inverse = np.asarray(0.5 * (found + found.T), dtype=complex)
    moved = cross @ inverse
    table.less(layer, moved, cross)
    values = moved if on else -moved
    values[index] = -inverse
    table.put(layer, index, values)


def _gathered(pairs: Single, place: IntArray, port: Single, index: IntArray) -> list[Single]:
    """Columns (size + 1 - j, n_own, n_freq) of the lower halves, the feed's row the last."""
    size = index.shape[1]
    found = []
    for j in range(size):
        column = np.empty((size + 1 - j, len(index), pairs.shape[1]), dtype=LOOK)
        column[:-1] = pairs[place[index[:, j:].T, index[:, j]]]
        column[-1] = port[index[:, j]]
        found.append(column)
    return found


def _eliminated(columns: list[Single]) -> Single:
    """(size, n_own, n_freq): b^T A^-1 b of the first function, the first two, ... of each."""
    gained = np.empty((len(columns), *columns[0].shape[1:]), dtype=LOOK)
    for j, column in enumerate(columns):
        scaled = column[1:] / column[0]
        gained[j] = column[-1] * scaled[-1]
        for k in range(j + 1, len(columns)):
            columns[k] -= column[k - j :] * scaled[k - j - 1]
    return np.asarray(np.cumsum(gained, axis=0))


def _back(columns: list[Single], size: int, own: IntArray) -> Single:
    """(n_own, size, n_freq): A^-1 b of the first ``size`` functions, after elimination."""
    solved = np.empty((size, own.size, columns[0].shape[2]), dtype=LOOK)
    for j in range(size - 1, -1, -1):
        part = columns[j][:, own]
        inner = (part[1 : size - j] * solved[j + 1 :]).sum(axis=0)
        solved[j] = (part[-1] - inner) / part[0]
    return np.ascontiguousarray(solved.transpose(1, 0, 2))
