"""Antenna temperature by local time, chromaticity, and how a beam changes with frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.checks import every, whole
from ..errors import InputError
from .style import BLACK, CYCLE, GREY, new_figure, plain_log, solutions, styled
from .style import frequency_axis as label_frequency

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@styled
def plot_antenna_temperature(seen: Any, count: int = 4) -> Figure:
    """T_A against local time at ``count`` frequencies, each over its own mean."""
    figure = new_figure(height=3.4)
    ax = figure.add_subplot()
    count = whole("count", count)
    order = np.argsort(seen.local_time)
    chosen = np.unique(np.linspace(0, seen.frequency.size - 1, count).round().astype(int))
    for k, colour in zip(chosen.tolist(), CYCLE, strict=False):
        mean = float(seen.mean[k])
        label = f"{seen.frequency[k] / 1e6:.3g} MHz, mean {_kelvin(mean)}"
        ax.plot(
            seen.local_time[order], seen.kelvin[order, k] / mean, color=colour, label=label,
            marker="o" if order.size < 40 else None, markersize=2.5,
        )  # fmt: skip
    ax.set(xlim=(0, 360), xlabel="Local sidereal time of the Moon (degrees)")
    ax.set_xticks(range(0, 361, 60))
    ax.set_ylabel("Antenna temperature over its mean")
    ax.set_title(f"Sky {seen.sky}, site {seen.observation.site.name}")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _kelvin(value: float) -> str:
    """A temperature of the sky in K, kK or MK, to three digits."""
    for size, unit in ((1e6, "MK"), (1e3, "kK")):
        if value >= 0.9995 * size:
            return f"{float(f'{value / size:.3g}'):g} {unit}"
    return f"{float(f'{value:.3g}'):g} K"


@styled
def plot_chromaticity(results: Any, labels: Any = None) -> Figure:
    """Residuals of one or several Chromaticity over frequency, and their rms by local time."""
    items = list(results) if isinstance(results, (list, tuple)) else [results]
    if not items or not all(hasattr(item, "by_time_mk") for item in items):
        raise InputError("no chromaticity to draw; give what la.chromaticity returns, or several")
    if labels is not None:
        labels = every("labels", labels, str, "text, one for each")
    names = [f"N = {item.terms}, {item.sky}" for item in items] if labels is None else labels
    figure = new_figure(7.6, 3.4)
    left, right = figure.subplots(1, 2)
    for item, name, colour in zip(items, names, CYCLE, strict=False):
        text = f"{name}: {item.rms_mk:.3g} mK rms"
        left.plot(item.frequency / 1e6, item.residual_mk / 1e3, color=colour, label=text)
        order = np.argsort(item.local_time)
        right.semilogy(
            item.local_time[order], item.rms_by_time_mk[order] / 1e3, color=colour,
            marker="o" if order.size < 40 else None, markersize=2.5,
        )  # fmt: skip
    left.axhline(0.0, color=GREY, lw=0.8)
    label_frequency(left, items[0].frequency)
    left.set_ylabel("Residual of $T_A - T_0$ (K)")
    right.set_ylabel("Residual, rms over the band (K)")
    plain_log(right.yaxis)
    right.set(xlim=(0, 360), xlabel="Local sidereal time of the Moon (degrees)")
    right.set_xticks(range(0, 361, 90))
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


@styled
def plot_beam_slope(beam: Any, port: int = 1) -> Figure:
    """dD/df in 1/MHz over frequency and zenith angle, in two cuts, phi = 0 and 90 degrees.

    beam: a Solution, whose ``port`` is driven, or a :class:`~lunar_antenna.sky.beam.Beam`.  D is
    linear; white is no change.  Below, D itself towards three zenith angles.
    """
    from ..sky.beam import Beam

    if not isinstance(beam, Beam):
        beam = Beam.of(solutions(beam)[0], port=port)
    figure = new_figure(8.4, 4.4)
    axes: Any = figure.subplots(2, 2, height_ratios=(2.2, 1.0), sharex=True)
    mhz, slope = beam.frequency / 1e6, 1e6 * beam.slope()
    theta = np.rad2deg(beam.theta)
    columns = [int(np.argmin(np.abs(beam.phi - angle))) for angle in (0.0, 0.5 * np.pi)]
    most = float(np.abs(slope[:, :, columns]).max()) or 1.0
    drawn: Any = None
    for k, column in enumerate(columns):
        ax = axes[0, k]
        drawn = ax.pcolormesh(
            mhz, theta, slope[:, :, column].T, cmap="RdBu_r", vmin=-most, vmax=most,
            shading="nearest", rasterized=True,
        )  # fmt: skip
        ax.grid(False)
        ax.set_ylim(0.0, float(theta[-1]))
        ax.set_title(f"φ = {np.rad2deg(beam.phi[column]):.0f}°")
        for angle, colour in ((0.0, BLACK), (30.0, CYCLE[0]), (60.0, CYCLE[1])):
            row = int(np.argmin(np.abs(theta - angle)))
            axes[1, k].plot(
                mhz, beam.directivity[:, row, column], color=colour, label=f"θ = {angle:.0f}°"
            )
        label_frequency(axes[1, k], beam.frequency)
    axes[0, 0].set_ylabel("Zenith angle (degrees)")
    axes[1, 0].set_ylabel("Directivity D")
    figure.colorbar(drawn, ax=axes[0, :], label="dD/df (1/MHz)", pad=0.01)
    figure.legend(*axes[1, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
