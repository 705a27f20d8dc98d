"""The soil figure shows the stack's own numbers; read back from the drawn lines."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest

from lunar_antenna.errors import InputError
from lunar_antenna.media.layer import Layer, Stack
from lunar_antenna.media.soils import load_soil, soil_names
from lunar_antenna.plotting.soil import plot_stack


def drawn(axes):
    """x and y of the step line, the only line of more than two points or the only solid one."""
    line = max(axes.get_lines(), key=lambda item: (len(item.get_xdata()), item.get_linewidth()))
    return np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)


def texts(figure):
    found = [figure.get_suptitle()]
    for axes in figure.axes:
        found += [item.get_text() for item in axes.texts]
    return " | ".join(found)


@pytest.mark.parametrize("name", soil_names())
def test_every_model_is_drawn(name):
    buffer = io.BytesIO()
    figure = plot_stack(load_soil(name))
    figure.savefig(buffer, format="png", dpi=40)
    assert len(buffer.getvalue()) > 3000
    assert name in texts(figure)


def test_lines_hold_the_layers_and_depth_points_down():
    stack = Stack([Layer(0.2, 2.0, 0.01), Layer(0.5, 3.0, 0.0, 1e-4), Layer(math.inf, 7.0)])
    left, right = plot_stack(stack, frequency=10e6).axes
    eps, depth = drawn(left)
    np.testing.assert_allclose(eps, [2, 2, 3, 3, 7, 7])
    np.testing.assert_allclose(depth[:-1], [0, 0.2, 0.2, 0.7, 0.7])
    assert depth[-1] > 0.7
    tan, _ = drawn(right)
    # sigma/(omega eps0 eps_r) at 10 MHz
    effective = 1e-4 / (2.0 * math.pi * 10e6 * 8.8541878e-12 * 3.0)
    np.testing.assert_allclose(tan, [0.01, 0.01, effective, effective, 0, 0], rtol=1e-6)
    low, high = left.get_ylim()
    assert low > high == 0.0
    assert left.get_yscale() == "linear"
    assert "10 MHz" in right.get_xlabel()


def test_centimetres_and_metres_are_both_readable():
    """At least a tenth of the axis each for the first 10 cm and for all below 1 m."""
    axes = plot_stack(load_soil("sourcebook_highland")).axes[0]
    assert axes.get_yscale() == "symlog"
    place = axes.transAxes.inverted().transform(
        axes.transData.transform([(1.0, 0.0), (1.0, 0.1), (1.0, 1.0), (1.0, 3.0)])
    )[:, 1]
    assert place[0] - place[1] > 0.1
    assert place[2] - place[3] > 0.1


def test_special_stacks_say_what_they_are():
    assert "no soil" in texts(plot_stack(Stack.free_space()))
    metal = plot_stack(Stack([Layer(0.3, 3.0), Layer.conductor()]))
    assert "perfect conductor" in texts(metal)
    assert any(patch.get_hatch() for patch in metal.axes[0].patches)
    assert "perfect conductor" in texts(plot_stack(Stack([Layer.conductor()])))
    half = texts(plot_stack(Stack.half_space(3.2, loss_tangent=0.02)))
    assert "half-space" in half
    assert "3.2" in half
    assert "0.02" in half


def test_bad_arguments():
    with pytest.raises(InputError, match="stack is str"):
        plot_stack("sourcebook_mare")
    with pytest.raises(InputError, match="frequency"):
        plot_stack(Stack.half_space(3.0), frequency=0.0)
