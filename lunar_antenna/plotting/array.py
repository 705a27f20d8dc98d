"""An array: where its elements lie, how they couple, what coupling does to patterns and reflection.

Colours are the house's; the coupling matrix is on a scale of light to dark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit.waves import decibel
from ..conventions import FloatArray
from .layout import COPPER, EDGE, FILM
from .style import BLUE, CYCLE, GREY, VERMILION, frequency_axis, new_figure, ohms, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCANS = (0.0, 30.0, 45.0)  # degrees from the zenith, towards East
_NAMED = 64  # elements up to which each bears its name


def draw_places(ax: Any, array: Any) -> None:
    """Metal and film of every element where it lies, with its name."""
    for index in range(array.n_elements):
        film = array.film(index)
        if film is not None:
            x, y = film.exterior.xy
            ax.fill(x, y, facecolor=FILM, edgecolor="none", alpha=0.5)
        for part in array.surface(index).geoms:
            x, y = part.exterior.xy
            ax.fill(x, y, facecolor=COPPER, edgecolor=EDGE, linewidth=0.4)
        if array.n_elements <= _NAMED:
            ax.annotate(array.names[index], array.positions[index], fontsize=7,
                        xytext=(3, 3), textcoords="offset points")  # fmt: skip
    ax.set_aspect("equal")
    ax.set_xlabel("x, East (m)")
    ax.set_ylabel("y, North (m)")


@styled
def plot_array_layout(array: Any) -> Figure:
    """The array from above."""
    figure = new_figure(6.4, 6.0)
    ax = figure.add_subplot()
    draw_places(ax, array)
    ax.set_title(f"{array.name}: {array.n_elements} elements, {array.n_ports} ports")
    return figure


def draw_coupling(ax: Any, solution: Any, index: int, z0: float) -> Any:
    """20 lg |S_mn| of all ports; the image, for a colour bar."""
    s = decibel(solution.s_matrix(index, z0))
    edge = len(s) + 0.5  # ports are counted from 1
    image = ax.imshow(s, cmap="cividis", vmin=max(-80.0, float(s.min())), vmax=0.0,
                      extent=(0.5, edge, edge, 0.5))  # fmt: skip
    ax.locator_params(integer=True)
    ax.set_title(f"|S| at {solution.frequency[index] / 1e6:g} MHz (dB, {ohms(z0)})")
    ax.set_xlabel("port")
    ax.set_ylabel("port")
    ax.grid(visible=False)
    return image


def draw_embedded(ax: Any, solution: Any, index: int, azimuth: float = 0.0) -> None:
    """Every embedded pattern of the first port of an element in one cut, and the element alone.

    Field over the sine of the elevation cut, of the element's own largest; azimuth: rad, in the
    frame of each element, so that all would lie on one line without coupling.
    """
    theta = np.deg2rad(np.linspace(0.0, 90.0, 46))
    first: dict[int, int] = {}
    for port, (element, own) in enumerate(solution.array.ports):
        if own == 0:
            first.setdefault(element, port)
    key = solution.array.types[0]
    alone = None
    for element, port in first.items():
        if solution.array.types[element] != key:
            continue
        phi = np.full(theta.shape, azimuth + solution.array.rotations[element])
        if alone is None:
            fields = solution.isolated_fields(index, element, theta, phi)
            alone = _size(fields[0][0], fields[1][0])
        current = np.zeros((1, solution.n_ports), dtype=complex)
        current[0, port] = 1.0
        e_theta, e_phi = solution.fields(index, current, theta, phi)
        level = _size(e_theta[0], e_phi[0]) / alone.max()
        ax.plot(np.rad2deg(theta), decibel(level), color=BLUE, linewidth=0.6, alpha=0.6)
    if alone is not None:
        ax.plot(np.rad2deg(theta), decibel(alone / alone.max()), color=VERMILION, label="alone")
    ax.plot([], [], color=BLUE, linewidth=0.8, label="embedded, others open")
    ax.set_xlabel("zenith angle (degrees)")
    ax.set_ylabel("field (dB of the isolated peak)")
    ax.set_ylim(-30.0, 6.0)
    cut = "own x" if azimuth == 0.0 else f"{np.rad2deg(azimuth):g}° from own x"
    ax.set_title(f"port 1 of {key}, {solution.frequency[index] / 1e6:g} MHz, cut along {cut}")
    ax.legend(loc="lower left")


def _size(e_theta: Any, e_phi: Any) -> FloatArray:
    return np.asarray(np.sqrt(np.abs(e_theta) ** 2 + np.abs(e_phi) ** 2))


def draw_active(ax: Any, solution: Any, z0: float) -> None:
    """Active reflection: the worst and the median over the first ports, for a few scan angles."""
    ports = [k + 1 for k, (_, own) in enumerate(solution.array.ports) if own == 0]
    rows = [port - 1 for port in ports]
    for angle, colour in zip(SCANS, CYCLE, strict=False):
        value = solution.active_reflection(scan=(np.deg2rad(angle), 0.0), z0=z0, ports=ports)
        size = np.abs(value[:, rows])
        f = solution.frequency / 1e6
        marker = "o" if f.size < 3 else None
        ax.plot(f, decibel(size.max(axis=1)), color=colour, marker=marker, label=f"{angle:g}°")
        ax.plot(f, decibel(np.median(size, axis=1)), color=colour, marker=marker, linestyle=":")
    ax.axhline(-10.0, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    if solution.frequency.size > 1:
        frequency_axis(ax, solution.frequency)
    else:
        ax.set_xlabel("frequency (MHz)")
    ax.set_ylabel(f"active reflection (dB, {ohms(z0)})")
    ax.set_title("worst port (dotted: median), scanned to")
    ax.legend(loc="best")


@styled
def plot_array_coupling(solution: Any, z0: float = 100.0, frequency: float | None = None) -> Figure:
    """The coupling matrix alone, and the active reflection; frequency as of :func:`plot_array`."""
    figure = new_figure(10.2, 4.4)
    matrix, active = figure.subplots(1, 2)
    image = draw_coupling(matrix, solution, _index(solution, frequency), z0)
    figure.colorbar(image, ax=matrix, shrink=0.8)
    draw_active(active, solution, z0)
    return figure


@styled
def plot_array_patterns(solution: Any, frequency: float | None = None) -> Figure:
    """Embedded patterns of the first ports against the element alone, in two cuts."""
    figure = new_figure(10.2, 4.2)
    index = _index(solution, frequency)
    for ax, azimuth in zip(figure.subplots(1, 2, sharey=True), (0.0, 0.5 * np.pi), strict=True):
        draw_embedded(ax, solution, index, azimuth)
    return figure


def _index(solution: Any, frequency: float | None) -> int:
    return solution.frequency.size // 2 if frequency is None else int(solution.index(frequency))


@styled
def plot_array(solution: Any, z0: float = 100.0, frequency: float | None = None) -> Figure:
    """Layout, coupling matrix, embedded patterns against the isolated one, active reflection.

    frequency: Hz, of the matrix and the patterns; the middle one without.
    """
    index = _index(solution, frequency)
    figure = new_figure(10.2, 8.4)
    axes = figure.subplots(2, 2)
    draw_places(axes[0, 0], solution.array)
    axes[0, 0].set_title(f"{solution.array.name} on {solution.array.stack.name}")
    figure.colorbar(draw_coupling(axes[0, 1], solution, index, z0), ax=axes[0, 1], shrink=0.8)
    draw_embedded(axes[1, 0], solution, index)
    draw_active(axes[1, 1], solution, z0)
    return figure
