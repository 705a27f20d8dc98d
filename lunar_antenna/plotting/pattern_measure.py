"""Is it a dipole: cuts through the zenith at several frequencies, and the measures of a band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.checks import span
from ..conventions import FloatArray
from ..errors import InputError
from .labels import labels_of
from .pattern import in_hertz, spread_frequencies
from .style import BLUE, CYCLE, GREY, VERMILION, new_figure, solutions, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LOWEST = -30.0  # dB at the foot of the cuts
_COLUMNS = 26  # frequencies at which the measures are taken at most


@styled
def plot_pattern_measures(
    items: Any,
    frequencies: Any = None,
    *,
    band: tuple[float, float] | None = None,
    port: int = 1,
) -> Figure:
    """Cuts along and across the port's axis, level relative to zenith, and the measures.

    frequencies: Hz, solved ones, up to seven cuts; None spreads five over ``band``.  band: (low,
    high) Hz of the measures; None is all that was solved.  Grey, dashed: the short dipole at the
    lowest of the frequencies, over the same stack.  Several solutions stand below each other.
    """
    found = solutions(items)
    figure = new_figure(height=5.4 * len(found))
    if len(found) == 1:
        _draw(figure, found[0], frequencies, band, port)
        return figure
    parts: Any = figure.subfigures(len(found), 1)
    for part, item, name in zip(parts, found, labels_of(found), strict=True):
        _draw(part, item, frequencies, band, port)
        part.suptitle(name)
    return figure


def _draw(
    figure: Any, solution: Any, frequencies: Any, band: tuple[float, float] | None, port: int
) -> None:
    """Both cuts and both measures of one solution."""
    from ..pattern import CONE, measure, port_axis

    solved = solution.frequency
    low, high = (float(solved[0]), float(solved[-1])) if band is None else span("band", band)
    inside = solved[(solved >= low * (1 - 1e-9)) & (solved <= high * (1 + 1e-9))]
    if inside.size == 0:
        raise InputError(
            f"no solved frequency within {low / 1e6:g}-{high / 1e6:g} MHz; widen the band"
        )
    chosen = spread_frequencies(inside, 5) if frequencies is None else in_hertz(frequencies)
    axes = figure.subplots(2, 2)
    axis = port_axis(solution.problem, port)
    theta = np.deg2rad(np.linspace(-89.0, 89.0, 179))
    for ax, turn, title in zip(
        axes[0], (0.0, np.pi / 2.0), ("E plane, along the arms", "H plane, across"), strict=True
    ):
        azimuth = axis + turn
        for f, colour in zip(chosen, CYCLE, strict=False):
            level = _level(solution, float(f), theta, azimuth, port)
            ax.plot(np.rad2deg(theta), level, color=colour, label=f"{f / 1e6:g} MHz")
        ideal = _level(solution, float(np.min(chosen)), theta, azimuth, port, ideal=True)
        ax.plot(np.rad2deg(theta), ideal, color=GREY, ls="--", lw=1.0, label="short dipole")
        ax.axvspan(-np.rad2deg(CONE), np.rad2deg(CONE), color=GREY, alpha=0.08, lw=0.0)
        ax.set_xlim(-90.0, 90.0)
        ax.set_xticks(np.arange(-90, 91, 30))
        ax.set_ylim(_LOWEST, max(5.0, ax.get_ylim()[1]))
        ax.set_xlabel("Angle from zenith (degrees)")
        ax.set_title(title)
    axes[0, 0].set_ylabel("Level relative to zenith (dB)")
    taken = spread_frequencies(inside, _COLUMNS)
    found = [measure(solution, float(f), port=port) for f in taken]
    _draw_likeness(axes[1, 0], taken, found)
    _draw_widths(axes[1, 1], taken, found)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(6, len(labels)))


def _level(
    solution: Any,
    frequency: float,
    theta: FloatArray,
    azimuth: float,
    port: int,
    *,
    ideal: bool = False,
) -> FloatArray:
    """dB relative to zenith along a cut (signed theta)."""
    from ..pattern import short_dipole

    phi = azimuth + np.where(theta < 0.0, np.pi, 0.0)
    if ideal:
        e_theta, e_phi = short_dipole(solution.problem, frequency, np.abs(theta), phi, port)
    else:
        field = solution.far_field(frequency, np.abs(theta)[:, None], phi[:, None], port=port)
        e_theta, e_phi = field.e_theta[:, 0], field.e_phi[:, 0]
    power = np.abs(e_theta) ** 2 + np.abs(e_phi) ** 2
    return np.asarray(10.0 * np.log10(np.maximum(power / power[theta.size // 2], 1e-6)))


def _draw_likeness(ax: Any, frequency: FloatArray, found: list[Any]) -> None:
    from ..pattern import DIPOLE_LIKE, NULL

    mhz = frequency / 1e6
    ax.plot(mhz, [item.likeness for item in found], color=BLUE, label="from short dipole")
    ax.plot(mhz, [-item.deepest for item in found], color=VERMILION, label="below maximum")
    for level, text, colour, side in (
        (DIPOLE_LIKE, "dipole-like below", BLUE, "top"),
        (-NULL, "no null below", VERMILION, "bottom"),
    ):
        ax.axhline(level, color=colour, ls="--", lw=0.9)
        transform = ax.get_yaxis_transform()
        ax.text(0.02, level, text, transform=transform, va=side, fontsize=7.5, color=colour)
    highest = max(max(item.likeness, -item.deepest) for item in found)
    ax.set_ylim(0.0, max(-1.4 * NULL, 1.1 * highest))
    ax.set_xlabel("Frequency (MHz)")
    ax.set_ylabel("Largest difference (dB)")
    ax.set_title("Within 60° of zenith")
    ax.legend(loc="upper right")


def _draw_widths(ax: Any, frequency: FloatArray, found: list[Any]) -> None:
    mhz = frequency / 1e6
    for name, colour in (("e", BLUE), ("h", VERMILION)):
        width = np.rad2deg(np.array([getattr(item, f"beamwidth_{name}") for item in found]))
        width[width == 0.0] = np.nan  # the zenith is no part of a half-power beam
        ax.plot(mhz, width, color=colour, label=f"{name.upper()} plane")
    ax.set_ylim(0.0, 185.0)
    ax.set_xlabel("Frequency (MHz)")
    ax.set_ylabel("Half-power width (degrees)")
    ax.set_title("Beamwidth round the zenith")
    ax.legend(loc="lower left")
