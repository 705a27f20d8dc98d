"""The layout from above: film, conductors, feed tabs with a zoom of the feed, sizes in m."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from shapely.geometry import Polygon
from shapely.ops import unary_union

from ..errors import InputError
from ..geometry.layout import Gap, Layout
from .style import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COPPER, EDGE = "#b87333", "#6e4019"
# Face and edge by the metal's name; a perfect conductor, and what is not known, is grey.
METALS = {
    "copper": (COPPER, EDGE),
    "aluminium": ("#b9c2cc", "#5f6b76"),
    "silver": ("#d5d8dc", "#7f8790"),
    "gold": ("#d9b13b", "#856615"),
}
OTHER_METAL = ("#8c8c8c", "#4d4d4d")
FILM = "#f4d58d"
PORT = "#d62728"
INK = "#333333"
_APART = 6.0  # sides of a tab: gaps further apart than this are not shown together


def plot_layout(layout: Layout) -> Figure:
    """Figure with the whole layout and, beside it, the feed enlarged; axes in m.

    The arrow in each tab is the direction of positive port current.  Below them the elevation
    over x where there is a relief.
    """
    if not isinstance(layout, Layout):
        raise InputError(
            f"layout is {type(layout).__name__}; give la.load_geometry(...) or a Layout"
        )
    x0, y0, x1, y1 = _extent(layout)
    tall = min(max((y1 - y0) / (x1 - x0), 0.2), 1.0)
    raised = layout.relief is not None
    height = 2.6 + 5.2 * tall
    figure = new_figure(11.0, height + 2.0 * raised)
    grid = figure.add_gridspec(
        1 + raised, 2, width_ratios=(2.6, 1.0), height_ratios=(height, 2.0)[: 1 + raised]
    )
    whole, feed = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    _draw(whole, layout)
    margin = 0.04 * (x1 - x0)
    whole.set_xlim(x0 - 3.0 * margin, x1 + margin)
    whole.set_ylim(y0 - 3.0 * margin, y1 + margin)
    _sizes(whole, layout, margin)
    whole.set_aspect("equal", adjustable="box")
    whole.set_title(_title(layout), loc="left", fontsize=10)
    _zoom(whole, feed, layout)
    for axes in (whole, feed):
        axes.set_xlabel("x (m)")
        axes.set_ylabel("y (m)")
        axes.tick_params(labelsize=8)
    if raised:
        below = figure.add_subplot(grid[1, 0])
        _side(below, layout)
        below.set_xlim(*whole.get_xlim())
    return figure


def _extent(layout: Layout) -> tuple[float, float, float, float]:
    if layout.film_outline is None:
        return layout.bounds
    both = unary_union([layout.surface, layout.film_outline])
    return tuple(float(value) for value in both.bounds)  # type: ignore[return-value]


def _title(layout: Layout) -> str:
    metal = layout.metal.name if layout.metal else "perfect conductor"
    film = f"{layout.film.name}, metal {_SIDES[layout.film.side]}" if layout.film else "no film"
    name = layout.name if layout.name == layout.family else f"{layout.name}: {layout.family}"
    return f"{name}, {metal}, {film}, {layout.metal_area:.3g} m² of metal"


_SIDES = {"above": "on top", "below": "underneath"}


def _draw(axes: Any, layout: Layout) -> None:
    if layout.film_outline is not None:
        _patch(axes, layout.film_outline, facecolor=FILM, edgecolor="#b08900", alpha=0.5)
    face, edge = metal_colours(layout)
    for polygon in layout.conductors:
        _patch(axes, polygon, facecolor=face, edgecolor=edge, linewidth=0.6)
    for gap in layout.gaps:
        _patch(axes, gap.polygon, facecolor=PORT, edgecolor=PORT, linewidth=0.6)


def metal_colours(layout: Layout) -> tuple[str, str]:
    """(face, edge) of the metal, by its name."""
    name = "" if layout.metal is None else layout.metal.name
    return next((pair for key, pair in METALS.items() if key in name.lower()), OTHER_METAL)


def _side(axes: Any, layout: Layout) -> None:
    """Elevation of a relief over x: on the axis, and all there is between both sides."""
    if layout.relief is None:
        return
    x0, y0, x1, y1 = _extent(layout)
    x, y = np.linspace(x0, x1, 401), np.linspace(y0, y1, 101)
    z = layout.relief.elevation(x[:, None], y)
    axes.fill_between(x, z.min(axis=1), z.max(axis=1), color=FILM)
    middle = layout.relief.elevation(x, 0.5 * (y0 + y1))
    axes.plot(x, middle, color=metal_colours(layout)[1])
    axes.set_ylabel("elevation (m)")
    axes.set_xlabel("x (m)")
    axes.set_title(f"side view: {layout.relief}", loc="left", fontsize=8)
    axes.tick_params(labelsize=8)


def _patch(axes: Any, polygon: Polygon, **style: Any) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    vertices, codes = [], []
    for ring in (polygon.exterior, *polygon.interiors):
        points = np.asarray(ring.coords)[:, :2]
        vertices.append(points)
        codes += [Path.MOVETO, *[Path.LINETO] * (len(points) - 2), Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(np.vstack(vertices), codes), **style))


def _sizes(axes: Any, layout: Layout, margin: float) -> None:
    """Dimension lines of the metal's overall length and width."""
    x0, y0, x1, y1 = layout.bounds
    left, low = (value - 0.5 * margin for value in _extent(layout)[:2])
    arrow = {"arrowstyle": "<->", "color": INK, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (x0, low - margin), (x1, low - margin), arrowprops=arrow)
    axes.annotate("", (left - margin, y0), (left - margin, y1), arrowprops=arrow)
    text = {"color": INK, "fontsize": 8, "ha": "center", "va": "center"}
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    axes.text((x0 + x1) / 2, low - margin, f"{x1 - x0:.4g} m", bbox=box, **text)
    text["ha"] = "right"
    axes.text(left - 1.3 * margin, (y0 + y1) / 2, f"{y1 - y0:.4g} m", rotation=90, **text)


def _zoom(whole: Any, axes: Any, layout: Layout) -> None:
    """The feed enlarged, each tab with the direction of its current.

    Feeds that are far apart for their size would be dots beside each other: then the first alone.
    """
    from matplotlib.patches import Rectangle

    near = _together(layout.gaps)
    x0, y0, x1, y1 = unary_union([gap.polygon for gap in near]).bounds
    half = 1.1 * max(x1 - x0, y1 - y0)
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    _draw(axes, layout)
    for gap in near:
        step = gap.direction * gap.length * 0.4
        axes.annotate(
            "",
            (gap.x + step[0], gap.y + step[1]),
            (gap.x - step[0], gap.y - step[1]),
            arrowprops={"arrowstyle": "->", "color": "white", "linewidth": 1.6},
        )
    axes.set_xlim(x - half, x + half)
    axes.set_ylim(y - half, y + half)
    axes.set_aspect("equal", adjustable="box")
    axes.locator_params(nbins=5)
    tabs = {(f"{gap.length:.4g}", f"{gap.width:.4g}") for gap in near}
    sizes = "; ".join(f"gap {length} m, tab {width} m wide" for length, width in sorted(tabs))
    count = len(layout.ports)
    plural = "" if count == 1 else f", {count} ports"
    if len(near) < len(layout.gaps):
        plural += f"; the first of {len(layout.gaps)} gaps is shown"
    axes.set_title(f"feed: {sizes}{plural}", fontsize=8)
    frame: dict[str, Any] = {"fill": False, "edgecolor": PORT, "linewidth": 0.8, "linestyle": ":"}
    whole.add_patch(Rectangle((x - half, y - half), 2 * half, 2 * half, **frame))


def _together(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """All gaps where a square round them is not too large to see one in, else the first."""
    x0, y0, x1, y1 = unary_union([gap.polygon for gap in gaps]).bounds
    largest = max(max(gap.length, gap.width) for gap in gaps)
    return gaps if max(x1 - x0, y1 - y0) <= _APART * largest else gaps[:1]
