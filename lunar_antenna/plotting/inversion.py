"""An inversion: the sweep with its fit, what is left over, and the posterior."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit.waves import decibel
from ..errors import InputError
from ..inversion.prior import Prior
from .smith import draw_trace, smith_axes
from .style import BLUE, GREEN, GREY, ORANGE, VERMILION, frequency_axis, new_figure, ohms, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..inversion.result import Inversion

_PREFIXES = ((1e-12, "p"), (1e-9, "n"), (1e-6, "µ"), (1e-3, "m"))
_HEADER = 0.8  # inches above the corner plot
_DRAWN = 12  # samples of the posterior drawn over the data


@styled
def plot_inversion(found: Inversion) -> Figure:
    """|S11| and Smith chart of data and fit, residuals in standard errors, the numbers."""
    figure = new_figure(9.4, 6.6)
    grid = figure.add_gridspec(2, 3, width_ratios=(1.1, 1.1, 1.25), height_ratios=(1.25, 1.0))
    level = figure.add_subplot(grid[0, :2])
    smith = figure.add_subplot(grid[0, 2])
    left = figure.add_subplot(grid[1, :2])
    mhz = found.frequency / 1e6
    fitted = found.modelled
    smith_axes(smith, found.setup.z0)
    every = max(1, mhz.size // 120)
    dots: dict[str, Any] = {
        "color": VERMILION, "ls": "", "marker": "o", "ms": 3.0, "mfc": "none", "mew": 0.8,
        "markevery": every,
    }  # fmt: skip
    kind = "" if found.kind == "unknown" else f" ({found.kind})"
    for k, gamma in enumerate(_draws(found)):
        label = "draws of the posterior" if k == 0 else None
        level.plot(mhz, decibel(gamma), color=ORANGE, linewidth=0.6, alpha=0.7, label=label)
    level.plot(mhz, decibel(found.measured), label=f"{found.measurement}{kind}", **dots)
    level.plot(mhz, decibel(fitted), color=BLUE, label="fit")
    draw_trace(smith, found.frequency, found.measured, ends=False, **dots)
    draw_trace(smith, found.frequency, fitted, color=BLUE)
    level.set_ylabel(f"|S11| (dB, {ohms(found.setup.z0)})")
    level.legend(loc="best")
    _residuals(left, found)
    for ax in (level, left):
        frequency_axis(ax, found.frequency)
    _numbers(figure.add_subplot(grid[1, 2]), found)
    return figure


@styled
def plot_posterior(found: Inversion) -> Figure:
    """Corner plot of the posterior; red: least squares, dashed: median and 90 % interval."""
    from ..inversion.posterior import plot_library

    if found.posterior is None:
        raise InputError("this inversion has no posterior; call sampled() or give --posterior")
    corner = plot_library()
    count = len(found.names)
    figure = new_figure(1.6 + 1.9 * count, 1.6 + 1.9 * count + _HEADER)
    figure.set_layout_engine(None)
    scales = [_scale(item) for item in found.setup.ranges]
    factor = np.array([scale for scale, _ in scales])
    corner.corner(
        found.posterior.samples / factor,
        labels=[label for _, label in scales],
        truths=found.fit.values / factor,
        truth_color=VERMILION,
        color=BLUE,
        quantiles=(0.05, 0.5, 0.95),
        show_titles=False,
        levels=(0.393, 0.9),
        smooth=0.7,
        plot_datapoints=False,
        plot_density=False,
        fill_contours=True,
        max_n_ticks=3,
        fig=figure,
        use_math_text=True,
    )
    axes = np.array(figure.axes).reshape(count, count)
    median, interval = found.posterior.median, found.posterior.interval()
    for k, (scale, _) in enumerate(scales):
        low, high = interval[k] / scale
        digits = _digits(0.2 * (high - low))
        axes[k, k].set_title(
            f"{median[k] / scale:.{digits}f}  [{low:.{digits}f}, {high:.{digits}f}]", size=8.5
        )
    for ax in axes.ravel():
        ax.grid(visible=False)
    height = float(figure.get_size_inches()[1])
    figure.subplots_adjust(top=1.0 - _HEADER / height)
    figure.text(
        0.02,
        1.0 - 0.12 / height,
        f"{found.measurement}: posterior medians and 90 % intervals (dashed);\n"
        "red: least squares; contours hold 39 % and 90 %",
        size=9.0,
        va="top",
    )
    return figure


def _draws(found: Inversion) -> list[Any]:
    """Sweeps of a few samples of the posterior."""
    if found.posterior is None:
        return []
    samples = found.posterior.samples
    chosen = np.linspace(0, len(samples) - 1, _DRAWN).round().astype(int)
    return list(found.model(samples[chosen]))


def _residuals(ax: Any, found: Inversion) -> None:
    """Whitened residuals of magnitude and phase: a right model leaves unit scatter."""
    radial, tangential = found.fit.residual.reshape(2, -1)
    mhz = found.frequency / 1e6
    ax.axhspan(-2.0, 2.0, color=GREY, alpha=0.12, linewidth=0.0)
    ax.axhline(0.0, color=GREY, linewidth=0.8)
    style: dict[str, Any] = {"ls": "", "ms": 3.0, "mew": 0.8}
    ax.plot(mhz, radial, marker="o", color=BLUE, mfc="none", label="magnitude", **style)
    ax.plot(mhz, tangential, marker="x", color=GREEN, label="phase", **style)
    most = max(3.5, 1.1 * float(np.abs(found.fit.residual).max()))
    ax.set_ylim(-most, most)
    ax.set_ylabel("(measured \N{MINUS SIGN} fit) / standard error")
    ax.legend(loc="upper right", ncols=2)


def _numbers(ax: Any, found: Inversion) -> None:
    """Parameters and quality of the fit as a small table."""
    ax.set_axis_off()
    setup = found.setup
    ax.set_title(f"{setup.forward.layout.name}, {setup.forward.stack.name}", size=8.5, loc="left")
    rows = []
    for k, item in enumerate(setup.ranges):
        scale, label = _scale(item)
        value, sigma = found.fit.values[k] / scale, found.information.sigma[k] / scale
        digits = _digits(sigma)
        rows.append((label, f"{value:.{digits}f} ± {sigma:.{digits}f}"))
        if found.posterior is not None:
            low, high = found.posterior.interval()[k] / scale
            rows.append(("    90 % interval", f"{low:.{digits}f} to {high:.{digits}f}"))
    verdict = "explained" if found.explained else _unexplained(found)
    rows.append(("χ² per degree of freedom", f"{found.chi2_per_freedom:.2f}"))
    rows.append(("the model", verdict))
    rows.append(
        ("mesh, emulator error (norm)", f"{found.mesh_error:.2g}, {found.emulator_error:.1g}")
    )
    if found.model_check is not None:
        for model in found.model_check.plausible[:2]:
            rows.append((f"fits too (evidence {model.evidence:.0f})", model.told))
            for item in setup.ranges:
                scale, label = _scale(item)
                value, sigma = model.values[item.name] / scale, model.sigma[item.name] / scale
                digits = _digits(sigma)
                rows.append((f"    {label}", f"{value:.{digits}f} ± {sigma:.{digits}f}"))
    step = min(0.13, 1.0 / len(rows))
    for number, (name, text) in enumerate(rows):
        y = 0.98 - step * number
        ax.text(0.0, y, name, transform=ax.transAxes, size=8.5, color=GREY, va="top")
        ax.text(1.0, y, text, transform=ax.transAxes, size=8.5, ha="right", va="top")


def _unexplained(found: Inversion) -> str:
    return "another one is better" if found.within_errors else "NOT explained"


def _scale(item: Prior) -> tuple[float, str]:
    """(factor, label): SI units with the prefix that suits the prior's width."""
    name = item.name.replace("_", " ").replace("eps r", "εᵣ").replace("loss tangent", "tan δ")
    unit = item.unit
    if not unit:
        return 1.0, name
    size: float = max(abs(item.low), abs(item.high))
    if item.name == "height" or size >= 0.5:
        return 1.0, f"{name} ({unit})"
    for factor, prefix in _PREFIXES:
        if size < 1000.0 * factor:
            return factor, f"{name} ({prefix}{unit})"
    return 1.0, f"{name} ({unit})"


def _digits(spread: float) -> int:
    """Decimals that show two digits of ``spread``."""
    if not np.isfinite(spread) or spread <= 0.0:
        return 3
    return int(np.clip(1 - np.floor(np.log10(spread)), 0, 8))
