"""Figures of the sky side show the numbers they are given."""

from __future__ import annotations

import numpy as np
import pytest
from hand_made import solution

from lunar_antenna.media.layer import Stack
from lunar_antenna.plotting.chromaticity import (
    _kelvin,
    plot_antenna_temperature,
    plot_beam_slope,
    plot_chromaticity,
)
from lunar_antenna.plotting.sky import plot_noise
from lunar_antenna.sky.beam import Beam
from lunar_antenna.sky.chromaticity import chromaticity
from lunar_antenna.sky.moon import Observation
from lunar_antenna.sky.seen import antenna_temperature
from lunar_antenna.sky.temperature import noise_budget

SOLUTION = solution(stack=Stack.half_space(3.5, loss_tangent=0.01), points=13)
TURN = Observation.turn("lusee_night", 4)


@pytest.fixture(scope="module")
def beam():
    return Beam.of(SOLUTION)


def test_residuals_are_those_of_the_result(beam):
    results = [chromaticity(beam, "power_law", n, observation=TURN) for n in (3, 5)]
    figure = plot_chromaticity(results)
    left, right = figure.axes
    for line, item in zip(left.lines[:2], results, strict=True):
        assert line.get_ydata() == pytest.approx(item.residual_mk / 1e3)
        assert f"{item.rms_mk:.3g} mK" in line.get_label()
    assert right.lines[0].get_ydata() == pytest.approx(
        results[0].rms_by_time_mk[np.argsort(results[0].local_time)] / 1e3
    )
    assert results[0]._repr_png_().startswith(b"\x89PNG")


def test_temperature_by_local_time(beam):
    seen = antenna_temperature(beam, "cane_slab", TURN)
    figure = plot_antenna_temperature(seen, 2)
    (ax,) = figure.axes
    order = np.argsort(seen.local_time)
    assert ax.lines[1].get_ydata() == pytest.approx(seen.kelvin[order, -1] / seen.mean[-1])


def test_slope_of_the_beam(beam):
    figure = plot_beam_slope(beam)
    mesh = figure.axes[0].collections[0]
    column = int(np.argmin(np.abs(beam.phi)))
    drawn = np.asarray(mesh.get_array()).reshape(beam.theta.size, -1)
    assert drawn == pytest.approx(1e6 * beam.slope()[:, :, column].T)
    assert len(plot_beam_slope(SOLUTION).axes) == len(figure.axes)
    f = beam.frequency
    by_hand = (beam.directivity[5] - beam.directivity[3]) / (f[5] - f[3])
    assert beam.slope()[4] == pytest.approx(by_hand)


def test_noise_shows_shares_and_shades_where_the_sky_wins():
    budget = noise_budget(solution(points=13), "lusee_like")
    figure = plot_noise(budget, 3.0)
    right = figure.axes[2]
    assert len(right.patches) == len(budget.sky_limited(3.0))
    top = figure.axes[1].collections[-1].get_paths()[0].vertices[:, 1].max()
    assert top == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("kelvin", "text"),
    [
        (3.164e6, "3.16 MK"),
        (2.674e5, "267 kK"),
        (999.6, "1 kK"),
        (9.996e5, "1 MK"),
        (31.4, "31.4 K"),
    ],
)
def test_temperatures_are_told_in_their_size(kelvin, text):
    assert _kelvin(kelvin) == text
