"""Radiation patterns: polar cuts and solids in three dimensions, directivity or gain in dBi."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.checks import choice, shown
from ..conventions import FloatArray
from ..errors import InputError
from .labels import labels_of
from .style import CYCLE, GREY, new_figure, solutions, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HORIZON = 89.99  # degrees; over soil the far field vanishes at 90, where dBi has no value
FLOOR = -20.0  # dBi at the centre of a polar cut
_SPAN = 25.0  # dB from the centre of a solid to its highest point
QUANTITIES = {"directivity": "Directivity (dBi)", "gain": "Gain (dBi)"}
_CUTS = ((0.0, "East to West (φ = 0°)"), (90.0, "North to South (φ = 90°)"))
_COMPASS = "E", "NE", "N", "NW", "W", "SW", "S", "SE"  # every 45 degrees of azimuth from East
_STYLES = ("-", "--", ":", "-.")  # of several designs, for their frequencies
# Hz, steps that frequencies are taken at
_ROUND = (50e6, 20e6, 10e6, 5e6, 2e6, 1e6, 0.5e6, 0.2e6, 0.1e6)


def spread_frequencies(frequency: FloatArray, count: int = 4) -> FloatArray:
    """Up to ``count`` solved frequencies over the band, round ones where those are solved.

    Steps of 10, 5, 2, 1 ... MHz are tried, coarsest first, for one whose multiples are solved and
    nearly fill ``count``; otherwise solved ones evenly spread, both ends included.
    """
    frequency = np.asarray(frequency, dtype=float)
    if frequency.size <= count:
        return frequency
    best = np.array([])
    for step in _ROUND:
        for phase in (0.0, 0.5):
            near = np.abs(frequency / step - phase - np.round(frequency / step - phase))
            found = frequency[near * step <= 1e-6 * frequency]
            if best.size < found.size <= count:
                best = found
    enough = count - 1 if count <= 7 else count / 2
    if best.size >= max(2, enough) and np.ptp(best) >= 0.6 * np.ptp(frequency):
        return best
    index = np.unique(np.linspace(0, frequency.size - 1, count).round())
    return np.asarray(frequency[index.astype(int)])


def compass(azimuth: float) -> str:
    """The point of the compass at ``azimuth`` degrees from East towards North, or degrees."""
    turn = azimuth % 360.0
    return _COMPASS[int(turn // 45)] if turn % 45.0 == 0.0 else f"φ {turn:g}°"


def level_of(field: Any, quantity: str) -> FloatArray:
    """dBi of a far field: "directivity" or "gain"."""
    choice("quantity", quantity, tuple(QUANTITIES))
    return np.asarray(field.gain_db if quantity == "gain" else field.directivity_db)


def cut(
    solution: Any, frequency: float, azimuth: float, port: int = 1, quantity: str = "directivity"
) -> tuple[FloatArray, FloatArray]:
    """(signed theta in rad, dBi) through the zenith at ``azimuth`` degrees."""
    top = 180.0 if solution.problem.stack.is_free_space else HORIZON
    theta = np.deg2rad(np.linspace(-top, top, int(2 * top) + 1))
    phi = np.deg2rad(azimuth) + np.where(theta < 0.0, np.pi, 0.0)
    field = solution.far_field(frequency, np.abs(theta)[:, None], phi[:, None], port=port)
    return theta, level_of(field, quantity)[:, 0]


def dress_polar(ax: Any, half: bool, top_db: float, azimuth: float = 0.0) -> None:
    """Zenith up, theta growing to both sides, each named by its point of the compass."""
    ax.set_theta_zero_location("N")
    ax.set_theta_direction(-1)
    if half:
        ax.set_thetamin(-90.0)
        ax.set_thetamax(90.0)
        angles = np.arange(-90, 91, 30)
    else:
        angles = np.arange(-150, 181, 30)
    sides = {1: compass(azimuth), -1: compass(azimuth + 180.0), 0: ""}
    labels = [
        f"{abs(angle)}° {sides[int(np.sign(angle)) if abs(angle) != 180 else 0]}".strip()
        for angle in angles
    ]
    ax.set_xticks(np.deg2rad(angles), labels)
    ax.set_ylim(FLOOR, top_db)
    rings = np.arange(FLOOR + 10.0, top_db, 10.0)
    ax.set_yticks(rings, [f"{ring:g}".replace("-", "\u2212") for ring in rings])
    ax.set_rlabel_position(45.0)
    ax.tick_params(axis="y", labelsize=7, colors=GREY)
    ax.tick_params(axis="x", pad=3)


def draw_cut(
    ax: Any,
    items: Any,
    frequencies: FloatArray,
    azimuth: float,
    port: int = 1,
    quantity: str = "directivity",
) -> list[Any]:
    """One polar cut; returns the lines.

    A lone solution has a colour for each frequency; several have a colour each, and a line style
    for each frequency.
    """
    found = solutions(items)
    lines, top, lone = [], 5.0, len(found) == 1
    for number, (item, name) in enumerate(zip(found, labels_of(found), strict=True)):
        for k, frequency in enumerate(frequencies):
            theta, level = cut(item, float(frequency), azimuth, port, quantity)
            top = max(top, float(level.max()))
            megahertz = f"{frequency / 1e6:.4g} MHz"
            lines += ax.plot(
                theta,
                np.maximum(level, FLOOR),
                color=CYCLE[(k if lone else number) % len(CYCLE)],
                ls="-" if lone else _STYLES[k % len(_STYLES)],
                label=megahertz if lone else f"{name}, {megahertz}",
            )
    half = not any(item.problem.stack.is_free_space for item in found)
    dress_polar(ax, half, 5.0 * np.ceil(top / 5.0 + 0.2), azimuth)
    return lines


def in_hertz(wanted: Any) -> FloatArray:
    """(n,) Hz of one frequency or a list of them."""
    try:
        found = np.atleast_1d(np.asarray(wanted, dtype=float))
    except (TypeError, ValueError):
        raise InputError(f"frequencies = {shown(wanted)}; give [...] in Hz") from None
    if found.ndim != 1 or not found.size:
        raise InputError(f"frequencies = {shown(wanted)}; give one or more in Hz")
    return found


def shared_frequencies(items: list[Any], wanted: Any, count: int) -> FloatArray:
    """``wanted`` (Hz), or else up to ``count`` spread over what all ``items`` have solved."""
    if wanted is not None:
        return in_hertz(wanted)
    both = items[0].frequency
    for item in items[1:]:
        both = both[np.isclose(both[:, None], item.frequency, rtol=1e-9, atol=0.0).any(axis=1)]
    if both.size == 0:
        raise InputError(
            "these solutions have no solved frequency in common; give frequencies=[...] in Hz"
        )
    return spread_frequencies(both, count)


@styled
def plot_pattern_cuts(
    items: Any, frequencies: Any = None, port: int = 1, quantity: str = "directivity"
) -> Figure:
    """Cuts at phi = 0 and 90 degrees of one solution or several.

    frequencies: Hz, up to seven; of several solutions up to four, which all can give.
    quantity: "directivity" or "gain".
    """
    found = solutions(items)
    chosen = shared_frequencies(found, frequencies, 4 if len(found) == 1 else 2)
    half = not any(item.problem.stack.is_free_space for item in found)
    figure = new_figure(height=3.0 if half else 3.9)
    lines: list[Any] = []
    for number, (azimuth, title) in enumerate(_CUTS, start=1):
        ax = figure.add_subplot(1, 2, number, projection="polar")
        lines = draw_cut(ax, found, chosen, azimuth, port, quantity)
        ax.set_title(title, pad=10 if half else 12)
    figure.legend(
        handles=lines,
        loc="outside lower center",
        ncols=min(4, len(lines)) if len(found) == 1 else 1,
        title=QUANTITIES[quantity],
        title_fontsize=8,
    )
    return figure


@styled
def plot_pattern_3d(
    items: Any, frequency: float | None = None, port: int = 1, quantity: str = "directivity"
) -> Figure:
    """The solid of directivity or gain at one frequency (Hz), equal scale on all axes.

    Several solutions stand side by side, with the colours of one scale.
    """
    from matplotlib import cm
    from matplotlib.colors import Normalize

    found = solutions(items)
    if frequency is None:
        frequency = float(middle(shared_frequencies(found, None, 10**6)))
    solids = [_solid(item, frequency, port, quantity) for item in found]
    peak = max(float(level.max()) for *_, level in solids)
    norm = Normalize(peak - _SPAN, peak)
    figure = new_figure(5.2 if len(found) == 1 else 3.6 * len(found) + 0.9, 4.4)
    axes = figure.subplots(1, len(found), squeeze=False, subplot_kw={"projection": "3d"})[0]
    for ax, item, solid, label in zip(axes, found, solids, labels_of(found), strict=True):
        _draw_solid(ax, solid, norm, item.problem.stack.is_free_space)
        own = f"maximum {float(solid[-1].max()):.2f} dBi"
        text = f"{frequency / 1e6:.4g} MHz, {own}; radius spans {_SPAN:g} dB"
        ax.set_title(text if len(found) == 1 else f"{label}\n{own}")
    if len(found) > 1:
        figure.suptitle(f"{frequency / 1e6:.4g} MHz; radius spans {_SPAN:g} dB", fontsize=9.5)
    bar = figure.colorbar(cm.ScalarMappable(norm, "viridis"), ax=list(axes), shrink=0.7, pad=0.04)
    bar.set_label(QUANTITIES[quantity])
    bar.outline.set_visible(False)
    return figure


def middle(frequency: FloatArray) -> float:
    """The middle one, or the round one (a whole number of 5 MHz) that is nearest to it."""
    centre = float(frequency[frequency.size // 2])
    near = np.abs(frequency / 5e6 - np.round(frequency / 5e6)) <= 1e-9
    whole = frequency[near]
    if whole.size == 0:
        return centre
    return float(whole[np.argmin(np.abs(whole - centre))])


def _solid(solution: Any, frequency: float, port: int, quantity: str) -> tuple[Any, Any, Any]:
    """(theta, phi, dBi) over all directions that have a far field."""
    top = 180.0 if solution.problem.stack.is_free_space else HORIZON
    theta = np.deg2rad(np.linspace(0.0, top, 73 if top > 90.0 else 46))
    phi = np.deg2rad(np.linspace(0.0, 360.0, 121))
    field = solution.far_field(frequency, theta, phi, port=port)
    return field.theta, field.phi, level_of(field, quantity)


def _draw_solid(ax: Any, solid: tuple[Any, Any, Any], norm: Any, free_space: bool) -> None:
    from matplotlib import cm

    theta, phi, level = solid
    radius = np.clip((level - norm.vmin) / (norm.vmax - norm.vmin), 0.0, 1.0)
    x = radius * np.sin(theta) * np.cos(phi)
    y = radius * np.sin(theta) * np.sin(phi)
    z = radius * np.cos(theta)
    ax.plot_surface(
        x,
        y,
        z,
        facecolors=cm.viridis(norm(level)),
        rstride=1,
        cstride=1,
        linewidth=0.0,
        antialiased=False,
        shade=False,
    )
    side = 1.03 * float(max(np.abs(x).max(), np.abs(y).max()))
    low = -1.03 * float(np.abs(z).max()) if free_space else 0.0
    high = 1.03 * float(z.max())
    ax.set_xlim(-side, side)
    ax.set_ylim(-side, side)
    ax.set_zlim(low, high)
    ax.set_box_aspect((2.0 * side, 2.0 * side, high - low), zoom=1.0)
    ax.view_init(elev=24.0, azim=-58.0)
    for axis, label in ((ax.xaxis, "East (x)"), (ax.yaxis, "North (y)"), (ax.zaxis, "Zenith (z)")):
        axis.set_ticklabels([])
        axis.set_label_text(label)
        axis.labelpad = -10.0
