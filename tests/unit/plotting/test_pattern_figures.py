"""Figures of pattern measures, noise and tolerances show the numbers they are given."""

from __future__ import annotations

import numpy as np
import pytest
from hand_made import solution

from lunar_antenna.errors import InputError
from lunar_antenna.media.layer import Stack
from lunar_antenna.pattern import measure
from lunar_antenna.plotting.pattern_measure import plot_pattern_measures
from lunar_antenna.plotting.save import figure_bytes
from lunar_antenna.plotting.sky import plot_noise
from lunar_antenna.plotting.tolerance import plot_tolerance
from lunar_antenna.sky.temperature import noise_budget
from lunar_antenna.tolerances.report import QUANTITIES, Effect, Sensitivity, ToleranceReport

SOIL = Stack.half_space(3.5, loss_tangent=0.01)


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_pattern_figure_holds_the_measures_of_its_band():
    sol = solution(stack=SOIL, points=7)
    figure = plot_pattern_measures(sol, band=(5e6, 30e6))
    curve = lines(figure.axes[2])["from short dipole"]
    inside = sol.frequency[sol.frequency <= 30e6]
    assert curve.get_xdata() == pytest.approx(inside / 1e6)
    expected = [measure(sol, float(f)).likeness for f in inside]
    assert curve.get_ydata() == pytest.approx(expected)
    for ax in figure.axes[:2]:
        middle = [line.get_ydata()[89] for line in ax.get_lines()]
        assert middle == pytest.approx([0.0] * len(middle), abs=1e-9)  # relative to zenith
    assert len(figure_bytes(figure)) > 10_000
    with pytest.raises(InputError, match="no solved frequency"):
        plot_pattern_measures(sol, band=(5.1e6, 5.2e6))


def test_noise_figure_holds_the_budget():
    budget = noise_budget(solution(stack=SOIL, points=7), "lusee_like")
    figure = plot_noise(budget)
    drawn = lines(figure.axes[0])
    assert set(drawn) == {"sky", "ground", "metal and film", "receiver", "total"}
    assert drawn["sky"].get_ydata() == pytest.approx(1e9 * np.sqrt(budget.sky))
    assert len(figure_bytes(figure)) > 10_000


def test_tornado_puts_the_largest_on_top_and_marks_what_was_lost():
    def row(name, size, minus=-1.0):
        effect = Effect(1.0, minus * size, size, 0.0, bool(np.isfinite(minus)))
        return Sensitivity(name, "m", 1.0, 1e-3, dict.fromkeys(QUANTITIES, effect))

    nominal = dict.fromkeys(QUANTITIES, 1.0)
    rows = (row("small", 0.01), row("large", 0.05), row("gone", 0.02, np.nan))
    report = ToleranceReport(
        "x", "y", 0.0, 100.0, 0.9, "mismatch", "planar", "draft", nominal, rows, 3
    )
    figure = plot_tolerance(report)
    ax = figure.axes[2]
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert [label.split()[0] for label in labels] == ["small", "large", "gone"]
    assert labels[0] == "small ± 1 mm"
    assert [line.get_marker() for line in ax.get_lines()].count("x") == 1
    assert len(figure_bytes(figure)) > 10_000
