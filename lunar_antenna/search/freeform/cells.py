"""Cells of the quarter of a footprint, and which patterns of metal in them can be made.

A mask is (n_x, n_y) booleans, True is metal; the rest of the plate is its mirror images.  Cell
(0, 0) is the feed tab; the cell beyond it is metal, the one beside it in the gap is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
import shapely.affinity
import shapely.prepared
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from ...conventions import FloatArray
from ...errors import InputError

Mask = npt.NDArray[np.bool_]
GROWTH = 1.35  # of cells away from the feed
MOST_CELLS = 900  # of the quarter: some 2600 unknowns


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Lines x (n_x + 1,) and y (n_y + 1,) m; cells that must be metal, and must not.

    least_metal, least_slot: m, what metal and gaps are nowhere narrower than, beside least_cells
    (one or two).
    """

    x: FloatArray
    y: FloatArray
    metal: Mask
    void: Mask
    least_metal: float = 0.0
    least_slot: float = 0.0
    least_cells: int = 2

    @property
    def shape(self) -> tuple[int, int]:
        return self.x.size - 1, self.y.size - 1

    @property
    def centres(self) -> tuple[FloatArray, FloatArray]:
        return 0.5 * (self.x[1:] + self.x[:-1]), 0.5 * (self.y[1:] + self.y[:-1])

    @property
    def tab(self) -> Polygon:
        return box(-self.x[1], -self.y[1], self.x[1], self.y[1])

    def plate(self) -> Mask:
        """Metal wherever it may be, the gap's column but for the tab left out."""
        mask = np.ones(self.shape, dtype=bool)
        mask[0] = False
        return (mask | self.metal) & ~self.void

    def taper(self, points: list[tuple[float, float]]) -> Mask:
        """Cells whose centre lies within half-widths (m) that run straight between (x, w)."""
        x, y = self.centres
        half = np.interp(x, [p[0] for p in points], [p[1] for p in points])
        mask = y[None, :] < half[:, None]
        mask[0] = False
        return (mask | self.metal) & ~self.void

    def covering(self, metal: BaseGeometry) -> Mask:
        """Cells of the quarter x, y > 0 whose centre lies in ``metal``."""
        x, y = self.centres
        grid = np.meshgrid(x, y, indexing="ij")
        mask = shapely.contains_xy(metal, *grid)
        mask[0] = False
        return np.asarray((mask | self.metal) & ~self.void)

    def polygons(self, mask: Mask) -> list[Polygon]:
        """The metal without the tab, all four quarters, exact union of the cells."""
        quarter = unary_union(
            [
                box(self.x[i], self.y[j], self.x[i + 1], self.y[j + 1])
                for i, j in zip(*np.nonzero(mask), strict=True)
                if (i, j) != (0, 0)
            ]
        )
        half = unary_union([quarter, shapely.affinity.scale(quarter, -1, 1, origin=(0, 0))])
        whole = unary_union([half, shapely.affinity.scale(half, 1, -1, origin=(0, 0))])
        parts = whole.geoms if isinstance(whole, MultiPolygon) else [whole]
        return [part.simplify(0.0) for part in parts]


def make_cells(
    sides: tuple[float, float],
    gap: float,
    tab: float,
    cell: tuple[float, float],
    keep_in: list[Polygon] | None = None,
    keep_out: list[Polygon] | None = None,
    *,
    outline: Polygon | None = None,
    least: tuple[float, float] = (0.0, 0.0),
    least_cells: int = 2,
) -> Cells:
    """Cells of a footprint (length, width) m, up to ``cell`` m along x and y, finer at the feed.

    outline: of a footprint that is no rectangle but fills one of these sides; cells that it does
    not cover are not metal.  least: widths of metal and of slot, m.

    Raises :class:`InputError` for a feed that does not fit or too many cells.
    """
    half = sides[0] / 2.0, sides[1] / 2.0
    if gap / 2.0 + 2.0 * min(cell[0], gap / 2.0) >= half[0] or tab / 2.0 >= half[1]:
        raise InputError(
            f"[freeform] gap = {gap:g} m and tab = {tab:g} m leave no metal in a footprint of "
            f"{sides[0]:g} m x {sides[1]:g} m; make them smaller"
        )
    if 4.0 * cell[0] > half[0] or 2.0 * cell[1] > half[1]:
        raise InputError(
            f"[freeform] cell = [{cell[0]:g}, {cell[1]:g}] m is too large for a footprint of "
            f"{sides[0]:g} m x {sides[1]:g} m: a least width of two cells leaves nothing to shape; "
            f"allowed: up to {half[0] / 4.0:g} m x {half[1] / 2.0:g} m"
        )
    for width, what in zip(least, ("metal", "slot"), strict=True):
        if 2.0 * width > min(sides):
            raise InputError(
                f"[freeform] least_{what} = {width:g} m leaves nothing to shape in a footprint of "
                f"{sides[0]:g} m x {sides[1]:g} m; allowed: up to {min(sides) / 2.0:g} m"
            )
    x = _lines(gap / 2.0, half[0], cell[0])
    y = _lines(tab / 2.0, half[1], cell[1])
    count = (x.size - 1) * (y.size - 1)
    if count > MOST_CELLS:
        raise InputError(
            f"[freeform] cell = [{cell[0]:g}, {cell[1]:g}] m gives {count} cells of the quarter, "
            f"allowed {MOST_CELLS} (their matrices at 31 frequencies fill 2 GB); make it larger"
        )
    metal = np.zeros((x.size - 1, y.size - 1), dtype=bool)
    void = metal.copy()
    metal[0, 0] = metal[1, 0] = void[0, 1] = True
    made = Cells(x, y, metal, void, *least, least_cells)
    if outline is not None:
        void |= ~_covered(made, outline)
    for regions, where in ((keep_in, metal), (keep_out, void)):
        for region in regions or ():
            where |= _within(made, region)
    clash = np.argwhere(metal & void)
    if clash.size:
        i, j = clash[0]
        raise InputError(
            "[freeform] keep_out, keep_in, the footprint or the feed contradict each other at "
            f"({x[i]:g}, {y[j]:g}) m; move one away"
        )
    return made


def _lines(first: float, end: float, most: float) -> FloatArray:
    """0, ``first``, then steps that grow to ``most`` and end at ``end``."""
    steps: list[float] = []
    step = min(first, most)
    while sum(steps) < end - first:
        step = min(step * (GROWTH if steps else 1.0), most)
        steps.append(step)
    sizes = np.array(steps) * ((end - first) / sum(steps))
    lines = np.concatenate(([0.0, first], first + np.cumsum(sizes)))
    lines[-1] = end
    return lines


def _within(cells: Cells, region: Polygon) -> Mask:
    """Cells of the quarter that the region, or its mirror images, touch."""
    found = np.zeros(cells.shape, dtype=bool)
    for sx, sy in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
        image = shapely.affinity.scale(region, sx, sy, origin=(0, 0))
        for i in range(cells.shape[0]):
            for j in range(cells.shape[1]):
                cell = box(cells.x[i], cells.y[j], cells.x[i + 1], cells.y[j + 1])
                found[i, j] |= image.intersection(cell).area > 1e-9 * cell.area
    return found


def _covered(cells: Cells, outline: Polygon) -> Mask:
    """Cells of the quarter that lie within the outline."""
    found = np.zeros(cells.shape, dtype=bool)
    whole = shapely.prepared.prep(outline.buffer(1e-9))
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            found[i, j] = whole.covers(box(cells.x[i], cells.y[j], cells.x[i + 1], cells.y[j + 1]))
    return found


def wide_enough(cells: Cells, mask: Mask) -> bool:
    """Whether metal and slots keep the least widths of ``cells``, measured along and across."""
    if cells.least_metal == 0.0 and cells.least_slot == 0.0:
        return True
    return widths_hold(cells, cells.polygons(mask), cells.least_metal, cells.least_slot)


def widths_hold(
    cells: Cells, polygons: Sequence[Polygon], least_metal: float, least_slot: float
) -> bool:
    """Whether nothing of the plate (without its tab) is narrower than ``least_metal``, no gap in it
    than ``least_slot``, m.

    An opening by squares leaves what is as wide (shapely, mitred).  The gap between the arms is
    what it is; within a least width of the feed nothing is asked.
    """
    metal = unary_union([*polygons, cells.tab])
    span = max(cells.x[-1], cells.y[-1]) * 4.0
    end = max(least_metal, least_slot)
    gap = box(-cells.x[1], -span, cells.x[1], span)
    feed = box(-cells.x[1] - end, -cells.y[1] - end, cells.x[1] + end, cells.y[1] + end)
    void = box(-span, -span, span, span).difference(metal)
    for part, width, own in (
        (metal, least_metal, feed), (void, least_slot, feed.union(gap)),
    ):  # fmt: skip
        half = 0.5 * width * (1.0 - 1e-6)
        opened = part.buffer(-half, join_style="mitre").buffer(half, join_style="mitre")
        if part.difference(opened).difference(own).area > 1e-6 * cells.x[-1] * cells.y[-1]:
            return False
    return True


def allowed(cells: Cells, mask: Mask) -> Mask:
    """No island, no contact in a point, nothing of metal or gap narrower than ``least_cells``.

    mask (..., n_x, n_y) gives (...).
    """
    masks = mask.reshape(-1, *cells.shape)
    bad = (masks & cells.void) | (~masks & cells.metal)
    good = ~bad.any(axis=(1, 2))
    same = masks[:, :-1, :-1] == masks[:, 1:, 1:]
    other = masks[:, 1:, :-1] == masks[:, :-1, 1:]
    point = same & other & (masks[:, :-1, :-1] != masks[:, 1:, :-1])
    good &= ~point.any(axis=(1, 2))
    for part, outside in ((masks, False), (~masks, True)) if cells.least_cells > 1 else ():
        where = np.flatnonzero(good)
        good[where] = _two_wide(part[where], outside=outside)
    where = np.flatnonzero(good)
    good[where] = _of_one_piece(masks[where])
    return np.asarray(good.reshape(mask.shape[:-2]))


def _of_one_piece(masks: Mask) -> Mask:
    """(n,) of masks (n, n_x, n_y): whether all metal hangs together, sides counting alone."""
    from scipy import ndimage

    within = np.zeros((3, 3, 3), dtype=bool)
    within[1] = ndimage.generate_binary_structure(2, 1)
    labels = ndimage.label(masks, within)[0].reshape(len(masks), np.prod(masks.shape[1:]))
    least = np.where(labels > 0, labels, labels.max(initial=0) + 1).min(axis=1, initial=2**31 - 1)
    return np.asarray(least == labels.max(axis=1, initial=0))


def _two_wide(masks: Mask, *, outside: bool) -> Mask:
    """(n,) of masks (n, n_x, n_y): whether every cell lies in a square of four.

    Mirrors continue a mask, ``outside`` the rim.
    """
    padded = np.pad(masks, ((0, 0), (1, 1), (1, 1)), mode="edge")
    padded[:, -1], padded[:, :, -1] = outside, outside
    square = padded[:, :-1, :-1] & padded[:, 1:, :-1] & padded[:, :-1, 1:] & padded[:, 1:, 1:]
    opened = np.zeros_like(padded)
    for a in (slice(None, -1), slice(1, None)):
        for b in (slice(None, -1), slice(1, None)):
            opened[:, a, b] |= square
    return np.asarray((opened == padded)[:, 1:-1, 1:-1].all(axis=(1, 2)))


def repaired(cells: Cells, mask: Mask) -> Mask:
    """The nearest thing to ``mask`` that an opening of metal and gap leaves; may not be allowed."""
    from scipy import ndimage

    for _ in range(8):
        for own in (True, False):
            part = mask if own else ~mask
            padded = np.pad(part, 1, mode="edge")
            padded[-1], padded[:, -1] = not own, not own
            opened = ndimage.binary_opening(padded, np.ones((cells.least_cells,) * 2))
            part = opened[1:-1, 1:-1]
            mask = ((part if own else ~part) | cells.metal) & ~cells.void
        labels, count = ndimage.label(mask)
        if count > 1:
            mask = labels == labels[0, 0]
    return mask
