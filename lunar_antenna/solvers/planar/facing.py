"""Rims that lie close to other rims: slots, gaps, plates end to end, strips beside wide arms.

Cells at a rim are a part of the width of their own metal (:mod:`.mesh_field`), whatever lies
beyond the rim.  The charge of two rims that face each other across a gap much narrower than that
varies over the gap: a mesh of few cells has all of it in one cell of either side, and so has the
coarser mesh that its error is told from, the more so the more alike both are.

72 random bow-ties, blades and tapers with slots, collinear plates or strips beside them (5 to 9 m
long, 0.5 to 2.5 m wide, gaps of 0.02 to 0.3 m) at "draft", against "fine": where no rims faced each
other 0.04 to 0.2 of the difference of the meshes was missing, all of it stated; where they did 0.1
to 1.7, the more the nearer the ratio of triangles was to 1, and 40 % of the frequencies were off by
more than stated, by up to 3.7 times, once 6 (a sharp resonance of a strip).  Gaps that end at the
feed, where cells are smaller, needed it where the coarser mesh had more than half of the triangles.
"""

from __future__ import annotations

from shapely.ops import unary_union

from ...geometry.layout import Layout
from .accuracy import RESOLUTION

FED = 2.0  # ratio of triangles from which on gaps that end at the feed are none
CLOSE = 0.5  # of half the width of the widest metal: a gap narrower than this
LEAST = 0.25  # of :func:`facing`; less is the corner of a feed tab
SLIVER = 1e-4  # of the square of that half width: areas that are rounding
TOUCH = 1e-6  # of that half width
MITRE = 5.0
ALIKE = 1.5  # ratio of triangles: none of those designs had less


def facing(layout: Layout) -> tuple[float, float]:
    """Length of all gaps narrower than CLOSE D, over D, half the width of the widest metal: of
    those that end at a feed tab, and of all others.

    What morphological closing of the metal, feed tabs included, by CLOSE D / 2 fills.
    """
    half = max(polygon.area / polygon.length for polygon in layout.conductors)
    reach = 0.5 * CLOSE * half
    closed = layout.surface.buffer(reach, join_style="mitre", mitre_limit=MITRE)
    closed = closed.buffer(-reach, join_style="mitre", mitre_limit=MITRE)
    between = closed.difference(layout.surface)
    tabs = unary_union([gap.polygon for gap in layout.gaps])
    # of a strip of length l and width g: area l g, half the outline l + g
    found = {True: 0.0, False: 0.0}
    for piece in getattr(between, "geoms", [between]):
        if piece.area > SLIVER * half**2:
            around = 0.5 * piece.length
            length = 0.5 * (around + max(around**2 - 4.0 * piece.area, 0.0) ** 0.5)
            at_feed = piece.distance(tabs) <= TOUCH * half
            found[at_feed] += float(length / half)
    return found[True], found[False]


def share_of(accuracy: str, facing: tuple[float, float], ratio: float) -> float:
    """Of the difference of Z between a mesh and its coarser one, what the mesh is off by.

    facing: see there.  ratio: triangles of the mesh over those of the coarser.
    """
    resolution = RESOLUTION[accuracy]
    at_feed, others = facing
    if others + (at_feed if ratio < FED else 0.0) <= LEAST:
        return resolution.share
    return max(resolution.share, resolution.facing / (max(ratio, ALIKE) ** 2 - 1.0))
