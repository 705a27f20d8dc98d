"""Figures of a tolerance analysis: what moves the band, and how many builds meet what is asked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..tolerances.builds import QUANTILES
from ..tolerances.report import FACTORS
from .style import BLUE, GREY, ORANGE, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PANELS = (
    ("band_low", "Lower edge (MHz)", 1e6),
    ("band_high", "Upper edge (MHz)", 1e6),
    ("inside", "Lowest in band", 1.0),
    ("lowest", "Lowest of all", 1.0),
)
_MOST = 14  # variables shown


@styled
def plot_tolerance(report: Any) -> Figure:
    """Changes of both edges, of the lowest efficiency inside the band and of the lowest of all.

    One row per variable, in the order of their largest change of the lowest efficiency in band
    relative to its value or of the band ratio, whichever is larger; hollow bars are not linear.
    """
    rows = sorted(report.sensitivities, key=lambda item: _weight(report, item))[-_MOST:]
    figure = new_figure(height=1.6 + 2 * 0.19 * len(rows))
    axes = figure.subplots(2, 2, sharey=True)
    y = np.arange(len(rows))
    for ax, (name, label, scale) in zip(axes.flat, _PANELS, strict=True):
        for k, item in enumerate(rows):
            effect = item.effects[name]
            for value, colour in ((effect.minus, ORANGE), (effect.plus, BLUE)):
                if value is None:
                    continue
                if math.isnan(value):
                    ax.plot([0.0], [k], marker="x", color=GREY, markersize=5)
                    continue
                face = colour if effect.linear else "none"
                ax.barh(k, value / scale, height=0.7, facecolor=face, edgecolor=colour, lw=0.8)
        ax.axvline(0.0, color=GREY, lw=0.8)
        ax.set_xlabel(f"{label}: {report.nominal[name] / scale:.4g} + change")
        ax.margins(x=0.12)
        low, high = ax.get_xlim()
        side = max(abs(low), abs(high), 1e-4)
        ax.set_xlim(-side, side)
        ax.locator_params(axis="x", nbins=5)
        if all(item.effects[name].largest <= 1e-6 * report.nominal[name] for item in rows):
            ax.text(0.5, 0.5, "does not move", transform=ax.transAxes, ha="center", color=GREY)
            ax.set_xticks([0.0])
        ax.set_yticks(y, [_row(item) for item in rows])
        ax.grid(axis="y", visible=False)
    figure.legend(
        handles=_legend(),
        loc="outside lower center",
        ncols=3,
    )
    figure.suptitle(
        f"{report.geometry} on {report.soil}, height {report.height:g} m, "
        f"{report.efficiency} efficiency ≥ {report.threshold:g} at {report.z0:.4g} Ω",
        fontsize=9.5,
    )
    return figure


@styled
def plot_yield(report: Any) -> Figure:
    """Distribution of every required quantity over the builds, one panel per requirement.

    Stairs: share of builds at or below a value.  Shaded: what the requirement excludes; dotted:
    the design itself; marks: 5, 50 and 95 % of the builds.
    """
    found = report.builds
    if found is None:
        raise InputError("the report has no builds; run the analysis with builds = 200 or more")
    figure = new_figure(height=0.7 + 2.1 * len(found.requirements))
    panels = figure.subplots(len(found.requirements), 1, squeeze=False).ravel()
    for ax, item in zip(panels, found.requirements, strict=True):
        scale, unit = (1e6, " (MHz)") if item.quantity in ("band_low", "band_high") else (1.0, "")
        values = np.sort(found.values[item.quantity]) / scale
        values = values[np.isfinite(values)]
        if values.size:
            ax.ecdf(values, color=BLUE)
            for part, value in zip(QUANTILES, found.quantiles(item.quantity), strict=True):
                ax.plot(value / scale, part, marker="o", markersize=4, color=ORANGE)
        ax.axvline(report.nominal[item.quantity] / scale, color=GREY, ls=":", lw=1.0)
        bound = item.bound / scale
        ends = [*ax.get_xlim(), bound]
        side = 0.05 * (max(ends) - min(ends)) or 1e-3
        ax.set_xlim(min(ends) - side, max(ends) + side)
        edge = ax.get_xlim()[0 if item.low is not None else 1]
        ax.axvspan(edge, bound, color=GREY, alpha=0.2, lw=0.0)
        share = found.share(item)
        lost = found.lost(item.quantity)
        ax.set_title(
            f"{item.label}: {100 * share.value:.1f} % of {found.count} builds "
            f"({100 * share.low:.1f}\u2013{100 * share.high:.1f} %)"
            + (f"; {lost} could not be built or have no band" if lost else ""),
            fontsize=9.0,
        )
        ax.set_ylim(0.0, 1.0)
        ax.set_xlabel(f"{item.quantity}{unit}")
        ax.set_ylabel("Share of builds")
    figure.suptitle(
        f"{report.geometry} on {report.soil}: {found.distribution} errors, seed {found.seed}",
        fontsize=9.5,
    )
    return figure


def _legend() -> list[Any]:
    from matplotlib.patches import Patch

    return [
        Patch(facecolor=ORANGE, edgecolor=ORANGE, label="\u2212 tolerance"),
        Patch(facecolor=BLUE, edgecolor=BLUE, label="+ tolerance"),
        Patch(facecolor="none", edgecolor=GREY, label="hollow: not linear; cross: lost"),
    ]


def _row(item: Any) -> str:
    unit, value = item.unit, item.tolerance
    if unit == "m":
        return f"{item.name} ± {1e3 * value:.3g} mm"
    if unit == "rad":
        return f"{item.name} ± {math.degrees(value):.3g}°"
    if item.name in FACTORS:
        return f"{item.name} as a factor, ± {100.0 * value:.3g} %"
    if item.name == "arm_error":
        return f"{item.name} ± {100.0 * value:.3g} %"
    return f"{item.name} ± {value:.3g}" + ("" if unit == "1" else f" {unit}")


def _weight(report: Any, item: Any) -> float:
    parts = []
    for name in ("band_ratio", "inside"):
        value = item.effects[name].largest
        parts.append(math.inf if math.isnan(value) else value / report.nominal[name])
    return max(parts)
