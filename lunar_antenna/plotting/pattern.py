"""Radiation patterns: polar cuts and the solid in three dimensions, directivity in dBi."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..conventions import FloatArray
from .style import CYCLE, GREY, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HORIZON = 89.99  # degrees; over soil the far field vanishes at 90, where dBi has no value
FLOOR = -20.0  # dBi at the centre of a polar cut
_CUTS = ((0.0, "φ = 0° (East)"), (90.0, "φ = 90° (North)"))


def spread_frequencies(frequency: FloatArray, count: int = 4) -> FloatArray:
    """``count`` solved frequencies spread over the band, ends included."""
    index = np.unique(np.linspace(0, frequency.size - 1, min(count, frequency.size)).round())
    return np.asarray(frequency[index.astype(int)])


def cut(
    solution: Any, frequency: float, azimuth: float, port: int = 1
) -> tuple[FloatArray, FloatArray]:
    """(signed theta in rad, directivity in dBi) through the zenith at ``azimuth`` degrees."""
    top = 180.0 if solution.problem.stack.is_free_space else HORIZON
    theta = np.deg2rad(np.linspace(-top, top, int(2 * top) + 1))
    phi = np.deg2rad(azimuth) + np.where(theta < 0.0, np.pi, 0.0)
    field = solution.far_field(frequency, np.abs(theta)[:, None], phi[:, None], port=port)
    return theta, field.directivity_db[:, 0]


def dress_polar(ax: Any, half: bool, top_db: float) -> None:
    """Zenith up, theta growing to both sides, rings every 10 dB."""
    ax.set_theta_zero_location("N")
    ax.set_theta_direction(-1)
    if half:
        ax.set_thetamin(-90.0)
        ax.set_thetamax(90.0)
        angles = np.arange(-90, 91, 30)
    else:
        angles = np.arange(0, 331, 30)
    labels = [f"{min(abs(angle), 360 - abs(angle))}°" for angle in angles]
    ax.set_xticks(np.deg2rad(angles), labels)
    ax.set_ylim(FLOOR, top_db)
    rings = np.arange(FLOOR + 10.0, top_db, 10.0)
    ax.set_yticks(rings, [f"{ring:g}".replace("-", "\u2212") for ring in rings])
    ax.set_rlabel_position(45.0)
    ax.tick_params(axis="y", labelsize=7, colors=GREY)
    ax.tick_params(axis="x", pad=1)


def draw_cut(
    ax: Any, solution: Any, frequencies: FloatArray, azimuth: float, port: int = 1
) -> list[Any]:
    """One polar cut for several frequencies; returns the lines."""
    lines, top = [], 5.0
    for frequency, colour in zip(frequencies, CYCLE, strict=False):
        theta, level = cut(solution, float(frequency), azimuth, port)
        top = max(top, float(level.max()))
        label = f"{frequency / 1e6:g} MHz"
        lines += ax.plot(theta, np.maximum(level, FLOOR), color=colour, label=label)
    half = not solution.problem.stack.is_free_space
    dress_polar(ax, half, 5.0 * np.ceil(top / 5.0 + 0.2))
    return lines


@styled
def plot_pattern_cuts(solution: Any, frequencies: Any = None, port: int = 1) -> Figure:
    """Cuts at phi = 0 and 90 degrees; up to seven solved frequencies (Hz)."""
    chosen = (
        spread_frequencies(solution.frequency)
        if frequencies is None
        else np.atleast_1d(np.asarray(frequencies, dtype=float))
    )
    half = not solution.problem.stack.is_free_space
    figure = new_figure(height=3.0 if half else 3.9)
    lines: list[Any] = []
    for number, (azimuth, title) in enumerate(_CUTS, start=1):
        ax = figure.add_subplot(1, 2, number, projection="polar")
        lines = draw_cut(ax, solution, chosen, azimuth, port)
        ax.set_title(title, pad=10 if half else 12)
    figure.legend(
        handles=lines,
        loc="outside lower center",
        ncols=min(4, len(lines)),
        title="Directivity (dBi)",
        title_fontsize=8,
    )
    return figure


@styled
def plot_pattern_3d(solution: Any, frequency: float | None = None, port: int = 1) -> Figure:
    """The directivity solid at one solved frequency (Hz), equal scale on all axes."""
    from matplotlib import cm
    from matplotlib.colors import Normalize

    if frequency is None:
        frequency = float(solution.frequency[solution.frequency.size // 2])
    top = 180.0 if solution.problem.stack.is_free_space else HORIZON
    theta = np.deg2rad(np.linspace(0.0, top, 73 if top > 90.0 else 46))
    phi = np.deg2rad(np.linspace(0.0, 360.0, 121))
    field = solution.far_field(frequency, theta, phi, port=port)
    level = field.directivity_db
    peak = float(level.max())
    floor = peak - 25.0
    radius = np.clip((level - floor) / (peak - floor), 0.0, 1.0)
    x = radius * np.sin(field.theta) * np.cos(field.phi)
    y = radius * np.sin(field.theta) * np.sin(field.phi)
    z = radius * np.cos(field.theta)
    figure = new_figure(5.2, 4.4)
    ax = figure.add_subplot(projection="3d")
    norm = Normalize(floor, peak)
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
    low = -1.03 * float(np.abs(z).max()) if solution.problem.stack.is_free_space else 0.0
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
    bar = figure.colorbar(cm.ScalarMappable(norm, "viridis"), ax=ax, shrink=0.7, pad=0.04)
    bar.set_label("Directivity (dBi)")
    bar.outline.set_visible(False)
    ax.set_title(f"{frequency / 1e6:g} MHz, maximum {peak:.2f} dBi; radius spans 25 dB")
    return figure
