"""Simulation over measurement: |S11|, Smith chart, impedance, and the numbers."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit.waves import decibel, impedance, renormalise
from ..conventions import ComplexArray, FloatArray
from ..measurement.fsv import GRADES
from .impedance import impedance_scales
from .smith import draw_trace, smith_axes
from .style import (
    BLACK,
    BLUE,
    CYCLE,
    GREY,
    PALE,
    VERMILION,
    frequency_axis,
    new_figure,
    ohms,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..measurement.compare import Comparison, Pair
    from ..measurement.uncertainty import Uncertainty


_APART = 0.022  # of the axes' diagonal, least distance between dots: they must not hide a line


@dataclass(frozen=True, slots=True)
class _Curve:
    label: str
    frequency: FloatArray
    gamma: ComplexArray
    measured: bool
    colour: str
    uncertainty: Uncertainty | None = None


@styled
def plot_comparison(comparison: Comparison) -> Figure:
    """Overlay of all simulations (lines) and measurements (dots); numbers of the first pair.

    A measurement's uncertainty is a band round its dots, in |S11|, resistance and reactance.
    """
    first = comparison.first
    figure = new_figure(9.4, 6.9)
    grid = figure.add_gridspec(2, 3, width_ratios=(1.1, 1.1, 1.25))
    level = figure.add_subplot(grid[0, :2])
    smith = figure.add_subplot(grid[0, 2])
    resistance, reactance = figure.add_subplot(grid[1, 0]), figure.add_subplot(grid[1, 1])
    smith_axes(smith, first.z0)
    curves = _curves(comparison)
    for curve in curves:
        _bands(curve, first.z0, level, resistance, reactance)
    for curve in curves:
        _draw(curve, first.z0, level, smith, resistance, reactance)
    level.set_ylabel(f"|S11| (dB, {ohms(first.z0)})")
    level.axhline(-10.0, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    level.set_ylim(top=max(0.5, float(decibel(first.measured).max()) + 0.5))
    resistance.set_title("Resistance (Ω)")
    reactance.set_title("Reactance (Ω)")
    reactance.axhline(0.0, color=GREY, linewidth=0.8)
    impedance_scales(resistance, reactance, [impedance(c.gamma, first.z0) for c in curves])
    for ax in (level, resistance, reactance):
        frequency_axis(ax, first.frequency)
    level.legend(loc="best")
    _numbers(figure.add_subplot(grid[1, 2]), first)
    done = [f"{item.measurement_name}: {'; '.join(item.corrections)}" for item in comparison.pairs
            if item.corrections and item.index[0] == 0]  # fmt: skip
    if done:
        text = "\n".join(textwrap.fill(line, 150) for line in done[:4])
        figure.supxlabel(text, x=0.01, ha="left", size=7.0, color=GREY)
    return figure


def _curves(comparison: Comparison) -> list[_Curve]:
    """Each simulation and each measurement once, at the first pair's reference."""
    z0 = comparison.first.z0
    several = len({item.index[0] for item in comparison.pairs}) > 1
    simulated: dict[int, _Curve] = {}
    measured: dict[int, _Curve] = {}
    for item in comparison.pairs:
        row, column = item.index
        if row not in simulated:
            colour = CYCLE[row % len(CYCLE)] if several else BLUE
            s = renormalise(item.simulated, item.z0, z0)
            label = f"{item.against}: {item.simulation_name}"
            simulated[row] = _Curve(label, item.frequency, s, False, colour)
        if column not in measured:
            colour = (VERMILION if not several else BLACK, GREY, "#999933", "#882255")[column % 4]
            s = renormalise(item.measured, item.z0, z0)
            label = f"{item.measurement_kind}: {item.measurement_name}"
            if item.measurement_kind == "unknown":
                label = item.measurement_name
            radius = item.uncertainty
            if radius is not None:
                radius = radius.seen_from(item.measured, complex(item.z0), complex(z0))
            measured[column] = _Curve(label, item.frequency, s, True, colour, radius)
    return [*simulated.values(), *measured.values()]


def _draw(curve: _Curve, z0: complex, level: Any, smith: Any, upper: Any, lower: Any) -> None:
    """Measurements as dots without a line, simulations as lines."""
    style: dict[str, Any] = {"color": curve.colour}
    if curve.measured:
        style |= {
            "ls": "",
            "marker": "o",
            "ms": 3.0,
            "mfc": "none",
            "mew": 0.8,
            "markevery": _APART,
        }
    mhz = curve.frequency / 1e6
    z = impedance(curve.gamma, z0)
    level.plot(mhz, decibel(curve.gamma), label=curve.label, **style)
    draw_trace(smith, curve.frequency, curve.gamma, ends=not curve.measured, **style)
    upper.plot(mhz, z.real, **style)
    lower.plot(mhz, z.imag, **style)


def _bands(curve: _Curve, z0: complex, level: Any, upper: Any, lower: Any) -> None:
    """|S11| +- radius; R and X +- radius |dZ/dGamma| = radius |Z + z0|^2/(2 Re z0)."""
    if curve.uncertainty is None:
        return
    radius = curve.uncertainty.at(curve.frequency)
    size, z = np.abs(curve.gamma), impedance(curve.gamma, z0)
    spread = radius * np.abs(z + z0) ** 2 / (2.0 * z0.real)
    style: dict[str, Any] = {"color": curve.colour, "alpha": 0.18, "linewidth": 0.0}
    low, high = decibel(np.maximum(size - radius, 1e-6)), decibel(size + radius)
    mhz = curve.frequency / 1e6
    level.fill_between(mhz, low, high, label=f"uncertainty: {curve.uncertainty.source}", **style)
    upper.fill_between(mhz, z.real - spread, z.real + spread, **style)
    lower.fill_between(mhz, z.imag - spread, z.imag + spread, **style)


def _numbers(ax: Any, item: Pair) -> None:
    """The numbers as a small table, the FSV classes as bars under it; whose they are above."""
    ax.set_axis_off()
    ax.set_title(
        f"{item.simulation_name}\nagainst {item.measurement_name}", size=8.5, loc="left", wrap=True
    )
    rows = [
        ("rms, max difference", f"{item.rms_db:.2f}, {item.max_db:.2f} dB"),
        ("rms of Γ, |Γ| differences", f"{item.rms_gamma:.4f}, {item.rms_magnitude:.4f}"),
        ("resonance shift", _mhz(item.resonance_shift)),
        ("bandwidth shift", _mhz(item.bandwidth_shift)),
        ("points", f"{item.frequency.size}, {ohms(item.z0)}"),
    ]
    result = item.fsv
    if result is not None:
        rows.append(("FSV of |S11| (dB): ADM, FDM", f"{result.adm:.3f}, {result.fdm:.3f}"))
        rows.append(("FSV of |S11| (dB): GDM", f"{result.gdm:.3f}: {result.grade}"))
    if item.within_uncertainty is not None:
        rows.append(("inside uncertainty", f"{100.0 * item.within_uncertainty:.0f} % of points"))
    top, step = 1.0, 0.072
    for number, (name, value) in enumerate(rows):
        y = top - step * number
        ax.text(0.0, y, name, transform=ax.transAxes, size=8.0, color=GREY, va="top")
        ax.text(1.0, y, value, transform=ax.transAxes, size=8.0, ha="right", va="top")
    if result is None:
        return
    bars = ax.inset_axes((0.24, 0.0, 0.76, top - step * len(rows) - 0.1))
    shares = 100.0 * result.histogram("gdm")
    place = np.arange(len(GRADES))
    bars.barh(place, shares, color=BLUE, height=0.7)
    bars.set_yticks(place, GRADES, size=7)
    bars.invert_yaxis()
    bars.set_xlim(0.0, 100.0)
    bars.set_xlabel("points in FSV class, GDM of |S11| in dB (%)", size=7.5)
    bars.tick_params(labelsize=7, length=2)
    bars.grid(axis="y", visible=False)
    bars.grid(axis="x", color=PALE)


def _mhz(value: float | None) -> str:
    return "none" if value is None else f"{value / 1e6:+.3f} MHz".replace("-", "\u2212")
