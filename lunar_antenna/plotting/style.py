"""One look for every figure: colour-blind-safe, readable in print, no global state.

Colours: Okabe and Ito (2008), distinguishable with every common colour vision.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from ..circuit.waves import reference
from ..conventions import ComplexArray, FloatArray
from ..errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"
ORANGE, SKY, PURPLE, BLACK = "#E69F00", "#56B4E9", "#CC79A7", "#222222"
CYCLE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
GREY, PALE = "#666666", "#DDDDDD"

NOTEBOOK_DPI = 110.0
WIDTH = 6.4  # inches, a figure across one text column
RC: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9.0,
    "axes.linewidth": 0.7,
    "axes.edgecolor": "#444444",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "legend.fontsize": 8.0,
    "legend.frameon": True,
    "legend.framealpha": 0.9,
    "legend.edgecolor": PALE,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "figure.dpi": 110.0,
    "savefig.dpi": 160.0,
    "svg.hashsalt": "lunar-antenna",
}

P = ParamSpec("P")
T = TypeVar("T")


def styled(draw: Callable[P, T]) -> Callable[P, T]:
    """Run ``draw`` under :data:`RC` without touching matplotlib's global settings."""

    @functools.wraps(draw)
    def inside(*args: P.args, **kwargs: P.kwargs) -> T:
        import matplotlib as mpl

        with mpl.rc_context(RC):
            return draw(*args, **kwargs)

    return inside


def new_figure(width: float = WIDTH, height: float = 3.6) -> Figure:
    """An empty figure (inches) with its own Agg canvas; never registered with pyplot.

    It shows itself in a notebook, whatever magic has been run or not.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = _shown()(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


@functools.cache
def _shown() -> type[Figure]:
    """The class of the figures here, made when matplotlib is first needed."""
    from matplotlib.figure import Figure

    class Shown(Figure):
        """A figure that a notebook draws by itself."""

        def _repr_png_(self) -> bytes:
            return figure_bytes(self, "png", NOTEBOOK_DPI)

    return Shown


def figure_bytes(figure: Figure, kind: str = "png", dpi: float = 160.0) -> bytes:
    """The figure as PNG, SVG or PDF bytes, without a date in it (equal figures, equal bytes)."""
    import matplotlib as mpl

    buffer = io.BytesIO()
    metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
    with mpl.rc_context(RC):
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=metadata[kind])
    return buffer.getvalue()


def frequency_axis(ax: Any, frequency: FloatArray) -> None:
    """Label and limits in MHz."""
    low, high = float(frequency[0]) / 1e6, float(frequency[-1]) / 1e6
    if high > low:
        ax.set_xlim(low, high)
    ax.set_xlabel("Frequency (MHz)")


def plain_log(axis: Any) -> None:
    """Ticks of a logarithmic axis as plain numbers, as many as there is room for."""
    from matplotlib.ticker import LogLocator, NullLocator

    low, high = axis.get_view_interval()
    decades = float(np.log10(high / low))
    subs = (1.0, 2.0, 5.0) if decades <= 1.5 else (1.0, 3.0) if decades <= 3.0 else (1.0,)
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(lambda value, _: f"{value:.6g}")


def mark_points(frequency: FloatArray) -> dict[str, Any]:
    """Markers for sparse data, none for dense ones."""
    return {"marker": "o", "markersize": 2.6} if np.size(frequency) <= 41 else {}


def smooth_s11(item: Any, z0: complex, port: int = 1) -> tuple[FloatArray, ComplexArray]:
    """(frequency, reflection) for a line: a solution interpolated between its solved points.

    Left as solved where the held-out interpolation error is above 0.05, or for measurements.
    """
    from ..circuit.resampling import interpolate

    frequency, s = item.frequency, item.s11(z0, port=port)
    if not hasattr(item, "problem") or not 5 <= frequency.size <= 200:
        return frequency, s
    dense = np.unique(np.concatenate((frequency, np.linspace(frequency[0], frequency[-1], 601))))
    result = interpolate(frequency, s, dense)
    if result.error is None or result.error > 0.05 or np.abs(result.values).max() > 1.001:
        return frequency, s
    return dense, result.values


def as_list(value: Any) -> list[Any]:
    """``value`` as a list; a lone object becomes a list of one.

    Raises :class:`InputError` for an empty list and for what is no result with frequencies.
    """
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    if not items:
        raise InputError("there is nothing to draw: the list is empty; give a Solution or several")
    for item in items:
        if not hasattr(item, "frequency") or not hasattr(item, "s11"):
            raise InputError(
                f"a {type(item).__name__} cannot be drawn here; give a Solution, a Measurement or "
                "a list of them"
            )
    return items


def solutions(value: Any) -> list[Any]:
    """The same where losses, fields or currents are needed: solutions alone."""
    items = as_list(value)
    for item in items:
        if not hasattr(item, "far_field"):
            raise InputError(
                f"a {type(item).__name__} has no power split, field or current; give a Solution "
                "or a list of them"
            )
    return items


def ohms(z0: Any) -> str:
    """Reference impedance for a label, to four digits."""
    value = reference(np.ravel(z0)[0] if isinstance(z0, np.ndarray) and np.size(z0) else z0)
    return f"{value.real:.4g} Ω" if value.imag == 0.0 else f"{value.real:.4g}{value.imag:+.4g}j Ω"
