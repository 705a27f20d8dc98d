"""Figures of a search: its history, its variables, its Pareto front."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from ..conventions import FloatArray, IntArray
from .style import BLUE, GREY, VERMILION, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..search.output.record import BoolArray, StudyRecord

_BEST_SHARE = 0.1  # of the feasible designs, drawn in colour among the parallel coordinates
_LOG_SPAN = 20.0  # largest over smallest value from which on an axis is logarithmic
_UNITS = {"_mass": ", kg", "_area": ", m\u00b2"}
_PANELS = 3  # objectives that a front is drawn for, pair by pair


@styled
def plot_history(record: StudyRecord) -> Figure:
    """Every objective against the trial number, with the best feasible value so far."""
    count = len(record.labels)
    figure = new_figure(height=1.2 + 2.2 * count)
    panels = figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0]
    for index, ax in enumerate(panels):
        _history(ax, record, index)
    panels[-1].set_xlabel("Trial")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _history(ax: Any, record: StudyRecord, index: int) -> None:
    value, sign = record.objectives[:, index], 1.0 if record.maximise[index] else -1.0
    feasible, solved = record.feasible, record.solved
    other = solved & ~feasible
    if other.any():
        style = {"s": 9, "facecolors": "none", "edgecolors": "#999999", "linewidths": 0.7}
        ax.scatter(record.number[other], value[other], label="constraint violated", **style)
    if (~solved).any():
        at = np.full(int((~solved).sum()), 0.015)
        ax.plot(
            record.number[~solved], at, "|", color=VERMILION, ms=6, label="not solved",
            transform=ax.get_xaxis_transform(),
        )  # fmt: skip
    if feasible.any():
        ax.scatter(record.number[feasible], value[feasible], s=10, color=BLUE, label="feasible")
        reached = np.maximum.accumulate(np.where(feasible, sign * value, -np.inf))
        known = np.isfinite(reached)
        ax.step(
            record.number[known], sign * reached[known], where="post", color="#222222",
            label="best so far",
        )  # fmt: skip
    ax.set_ylabel(_wrapped(record.labels[index]))
    ax.margins(x=0.02)


@styled
def plot_parallel(record: StudyRecord) -> Figure:
    """The feasible designs over all variables: parallel coordinates, or of one or two a map.

    In colour: the best tenth, or with several objectives the front; the chosen one stands out.  The
    axes are the search variables and, last, the first objective; each spans the values that occur,
    on a log scale where they span more than a factor 20.
    """
    from matplotlib.colors import Normalize

    keep = np.flatnonzero(record.feasible)
    several = len(record.labels) > 1
    good = np.isin(record.number[keep], record.front) if several else _best_tenth(record, keep)
    value = record.objectives[keep, 0]
    norm = Normalize(float(value[good].min()), float(value[good].max()) + 1e-12)
    if len(record.names) <= 2:
        return _map(record, keep)
    return _parallel(record, keep, good, norm)


def _map(record: StudyRecord, keep: IntArray) -> Figure:
    """One variable against the objective, or two with the objective as colour."""
    figure = new_figure(6.4, 4.2)
    ax = figure.add_subplot()
    table, value = record.parameters[keep], record.objectives[keep, 0]
    chosen = record.number[keep] == record.best
    label = _wrapped(record.labels[0], 60)
    if table.shape[1] == 1:
        ax.scatter(table[:, 0], value, s=14, color=BLUE)
        y = value
        ax.set_ylabel(_wrapped(record.labels[0], 40))
    else:
        y = table[:, 1]
        points = ax.scatter(table[:, 0], y, s=18, c=value, cmap="viridis")
        bar = figure.colorbar(points, ax=ax, pad=0.03, fraction=0.05)
        bar.set_label(label)
        bar.outline.set_visible(False)
        ax.set_ylabel(_named(record, 1))
    style: dict[str, Any] = {"marker": "*", "ms": 14, "ls": "", "color": VERMILION, "mec": "white"}
    ax.plot(table[chosen, 0], y[chosen], label="the chosen one", **style)
    ax.set_xlabel(_named(record, 0))
    ax.legend(loc="best")
    ax.set_title(f"{keep.size} feasible designs of {record.number.size}", loc="left")
    return figure


def _named(record: StudyRecord, index: int) -> str:
    """A variable with its unit."""
    unit = record.document.get("units", {}).get(record.names[index], "")
    return record.names[index] + (f" ({unit})" if unit not in ("", "1") else "")


def _parallel(record: StudyRecord, keep: IntArray, good: BoolArray, norm: Any) -> Figure:
    from matplotlib import cm

    table = np.column_stack((record.parameters, record.objectives[:, 0]))[keep]
    names = (*(_named(record, k) for k in range(len(record.names))), record.labels[0])
    scaled = np.column_stack([_scaled(column)[0] for column in table.T])
    value, several = record.objectives[keep, 0], len(record.labels) > 1
    place = np.arange(len(names))
    figure = new_figure(max(6.4, 1.05 * len(names) + 1.2), 4.2)
    ax = figure.add_subplot()
    for index in np.flatnonzero(~good):
        ax.plot(place, scaled[index], color="#bbbbbb", linewidth=0.5, alpha=0.5)
    for index in np.flatnonzero(good):
        ax.plot(place, scaled[index], color=cm.viridis(norm(value[index])), linewidth=1.0)
    style: dict[str, Any] = {"color": VERMILION, "linewidth": 2.4, "marker": "o", "ms": 4}
    for index in np.flatnonzero(record.number[keep] == record.best):
        ax.plot(place, scaled[index], label="the chosen one", **style)
    _axes(ax, table, names)
    bar = figure.colorbar(cm.ScalarMappable(norm, "viridis"), ax=ax, pad=0.03, fraction=0.04)
    bar.set_label(f"{_wrapped(record.labels[0], 60)}, {'front' if several else 'best tenth'}")
    bar.outline.set_visible(False)
    ax.set_title(f"{keep.size} feasible designs of {record.number.size}", loc="left")
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower left")
    return figure


def _best_tenth(record: StudyRecord, keep: IntArray) -> BoolArray:
    """Which of ``keep`` have the highest scores; at least one."""
    order = np.argsort(-record.score[keep], kind="stable")
    good = np.zeros(keep.size, dtype=bool)
    good[order[: max(1, round(_BEST_SHARE * keep.size))]] = True
    return good


def _axes(ax: Any, table: FloatArray, names: tuple[str, ...]) -> None:
    """One vertical line per variable with the ends of its span."""
    ax.set_xlim(-0.4, len(names) - 0.6)
    ax.set_ylim(-0.12, 1.1)
    for index, column in enumerate(table.T):
        ax.axvline(index, 0.12 / 1.22, 1.12 / 1.22, color=GREY, linewidth=0.8)
        log = " (log)" if _scaled(column)[1] else ""
        text: dict[str, Any] = {"ha": "center", "fontsize": 7.5, "color": "#444444"}
        ax.text(index, -0.02, f"{column.min():.4g}{log}", va="top", **text)
        ax.text(index, 1.02, f"{column.max():.4g}", va="bottom", **text)
    ax.set_xticks(range(len(names)), [_wrapped(name, 14) for name in names])
    ax.set_yticks([])
    ax.grid(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(axis="x", length=0)


def _scaled(column: FloatArray) -> tuple[FloatArray, bool]:
    """(values on [0, 1], whether on a log scale)."""
    low, high = float(column.min()), float(column.max())
    log = low > 0.0 and high / low > _LOG_SPAN
    value = np.log(column) if log else column
    span = float(value.max() - value.min())
    return (value - value.min()) / span if span > 0.0 else np.full(column.shape, 0.5), log


@styled
def plot_front(record: StudyRecord) -> Figure:
    """The Pareto front of two objectives, or the three views of one of three."""
    pairs = list(combinations(range(min(len(record.labels), _PANELS)), 2))
    figure = new_figure(5.6 if len(pairs) == 1 else 3.5 * len(pairs), 4.2)
    panels = figure.subplots(1, len(pairs), squeeze=False)[0]
    for ax, (first, second) in zip(panels, pairs, strict=True):
        _front(ax, record, first, second, line=len(record.labels) == 2)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _front(ax: Any, record: StudyRecord, first: int, second: int, *, line: bool) -> None:
    x, y = record.objectives[:, first], record.objectives[:, second]
    on_front = np.isin(record.number, record.front)
    dominated = record.feasible & ~on_front
    other = record.solved & ~record.feasible
    hollow = {"facecolors": "none", "edgecolors": "#b5b5b5", "linewidths": 0.7}
    if other.any():
        ax.scatter(x[other], y[other], s=9, label="constraint violated", **hollow)
    if dominated.any():
        ax.scatter(x[dominated], y[dominated], s=9, color="#aaaaaa", label="dominated")
    ax.scatter(x[on_front], y[on_front], s=16, color=BLUE, label="front", zorder=3)
    if line:
        order = np.argsort(x[on_front])
        ax.plot(x[on_front][order], y[on_front][order], color=BLUE, linewidth=0.9)
    chosen = record.number == record.best
    ax.plot(x[chosen], y[chosen], "*", color=VERMILION, ms=12, label="chosen", zorder=4)
    shown = record.feasible
    _focus(ax, x[shown], y[shown])
    for axis, index in ((ax.xaxis, first), (ax.yaxis, second)):
        more = "more" if record.maximise[index] else "less"
        axis.set_label_text(f"{_wrapped(record.labels[index], 30)}\n({more} is better)")


def _focus(ax: Any, x: FloatArray, y: FloatArray) -> None:
    """Limits from the feasible designs alone."""
    for values, limit in ((x, ax.set_xlim), (y, ax.set_ylim)):
        span = float(np.ptp(values)) or 1.0
        limit(float(values.min()) - 0.05 * span, float(values.max()) + 0.05 * span)


def readable(label: str) -> str:
    """A merit's label in words, with its unit."""
    unit = next((text for end, text in _UNITS.items() if label.split("(")[0].endswith(end)), "")
    spaced = label.replace("_", " ").replace(" (", "(").replace("(", " (")
    return spaced.replace(">= ", "\u2265\xa0") + unit


def _wrapped(label: str, width: int = 26) -> str:
    """The same, broken into lines."""
    import textwrap

    lines = textwrap.wrap(readable(label), width, break_long_words=False)
    return "\n".join(lines) or label
