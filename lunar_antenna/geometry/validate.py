"""What can be built: every refusal names coordinates in metres and the fix."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from shapely import contains_xy
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import unary_union
from shapely.validation import explain_validity

from ..errors import GeometryError, one_line
from .layout import FARTHEST, Gap, Layout
from .relief import STEEPEST
from .relief_range import steepest
from .snap import SNAP, snapped

TOLERANCE = 1e-9  # m, two coordinates closer than this are the same point


def validate(layout: Layout) -> Layout:
    """``layout`` with rounding taken away (:mod:`.snap`), itself where there is none.

    Checked: finite and simple outlines, conductors apart from each other, each feed tab
    joined to metal along both ends and only there, tabs apart, metal and tabs on the film,
    a relief nowhere steeper than 45 degrees.  Raises :class:`GeometryError` for what cannot be
    built.
    """
    for index, polygon in enumerate(layout.conductors, 1):
        _outline(f"conductor {index}", polygon)
    layout = snapped(layout)
    _apart(layout)
    for gap in layout.gaps:
        _tab(layout, gap)
    for first, second in combinations(layout.gaps, 2):
        if first.polygon.distance(second.polygon) <= TOLERANCE:
            raise GeometryError(
                f"feed tabs meet at {_near(first.polygon, second.polygon)}; "
                "make port_width smaller or move the gaps apart"
            )
    _film(layout)
    _relief(layout)
    return layout


def _outline(label: str, polygon: Polygon) -> None:
    if polygon.geom_type != "Polygon" or polygon.is_empty:
        raise GeometryError(f"{label} is empty; give at least three points")
    rings = [polygon.exterior, *polygon.interiors]
    if not all(np.all(np.isfinite(np.asarray(ring.coords))) for ring in rings):
        raise GeometryError(f"{label} has non-finite coordinates; give finite metres")
    farthest = max(polygon.bounds, key=abs)
    if abs(farthest) > FARTHEST:
        raise GeometryError(
            f"{label} reaches to {farthest:g} m; allowed: within {FARTHEST:g} m of the origin"
        )
    if not polygon.is_valid:
        reason = one_line(explain_validity(polygon)).replace("[", " at (").replace("]", ") m")
        raise GeometryError(
            f"{label} is not a simple outline: {reason}; make the outline not cross or touch itself"
        )
    if polygon.area <= TOLERANCE**2:
        x, y = polygon.exterior.coords[0][:2]
        raise GeometryError(
            f"{label} at ({x:g}, {y:g}) m has no area; give it a length and a width"
        )


def _apart(layout: Layout) -> None:
    for (i, first), (j, second) in combinations(enumerate(layout.conductors, 1), 2):
        distance = first.distance(second)
        if distance > SNAP:
            continue
        common = first.intersection(second)
        verb = "overlap" if common.area > TOLERANCE**2 else "touch"
        if distance > TOLERANCE:
            verb = f"are {distance:.1g} m apart, which counts as touching up to {SNAP:g} m,"
        raise GeometryError(
            f"conductors {i} and {j} {verb} at {_near(first, second)}; "
            "move them apart, draw them as one outline, or widen the gap"
        )


def _tab(layout: Layout, gap: Gap) -> None:
    corners = gap.corners
    ends = (corners[[0, 3]], corners[[1, 2]])
    tab = gap.polygon
    joined: set[int] = set()
    for end in ends:
        touching = [
            index for index, polygon in enumerate(layout.conductors) if _on_edge(polygon, end)
        ]
        if not touching:
            x, y = end.mean(axis=0)
            raise GeometryError(
                f"feed tab {gap.width:g} m wide does not touch metal along its end at "
                f"({x:g}, {y:g}) m; make the gap reach the conductor and port_width at most "
                "as wide as the edge there"
            )
        joined.update(touching)
    for index, polygon in enumerate(layout.conductors):
        overlap = polygon.intersection(tab)
        if overlap.area > TOLERANCE * gap.width:
            where = overlap.representative_point()
            raise GeometryError(
                f"conductor {index + 1} covers the gap at ({where.x:g}, {where.y:g}) m and "
                "shorts the port; cut the metal back to the gap's ends"
            )
        if index not in joined and polygon.distance(tab) <= TOLERANCE:
            raise GeometryError(
                f"conductor {index + 1} touches the feed tab at {_near(polygon, tab)}; "
                "move it away from the tab"
            )


def _on_edge(polygon: Polygon, end: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    line = LineString(end)
    boundary = polygon.boundary
    return all(
        boundary.distance(line.interpolate(part, normalized=True)) <= TOLERANCE
        for part in (0.0, 0.25, 0.5, 0.75, 1.0)
    )


def _film(layout: Layout) -> None:
    if layout.film is not None and layout.film_outline is None:
        raise GeometryError("layout has a film without outline; give [film] margin or outline")
    if layout.film_outline is None:
        return
    _outline("film outline", layout.film_outline)
    if layout.film is None:
        raise GeometryError("layout has a film outline without a film; name the film")
    metal = unary_union([*layout.conductors, *(gap.polygon for gap in layout.gaps)])
    if layout.film_outline.buffer(TOLERANCE).covers(metal):
        return
    outside = metal.difference(layout.film_outline)
    points = np.vstack(
        [
            np.asarray(part.exterior.coords)[:, :2]
            for part in getattr(outside, "geoms", [outside])
            if part.geom_type == "Polygon"
        ]
    )
    points = points[~contains_xy(layout.film_outline, points[:, 0], points[:, 1])]
    far = [layout.film_outline.distance(Point(point)) for point in points]
    x, y = points[int(np.argmax(far))]
    raise GeometryError(
        f"metal at ({x:g}, {y:g}) m is {max(far):g} m off the film; make the film larger "
        "([film] margin or outline) or the metal smaller"
    )


def _relief(layout: Layout) -> None:
    if layout.relief is None:
        return
    place = steepest(layout.relief, layout.regions)
    if place.value > STEEPEST + TOLERANCE:
        raise GeometryError(
            f"relief ({layout.relief}) has slope {place.value:.3g} at "
            f"({place.x:g}, {place.y:g}) m, allowed up to {STEEPEST:g}; make it lower or longer"
        )


def _near(first: Polygon, second: Polygon) -> str:
    common = first.intersection(second)
    if common.is_empty:
        x, y = np.mean([first.centroid.coords[0], second.centroid.coords[0]], axis=0)
        nearest = second.exterior.interpolate(second.exterior.project(Point(x, y)))
        return f"({nearest.x + 0.0:g}, {nearest.y + 0.0:g}) m"
    point = common.representative_point()
    return f"({point.x + 0.0:g}, {point.y + 0.0:g}) m"
