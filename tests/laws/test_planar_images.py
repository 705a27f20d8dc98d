"""Currents over layers take power: the images of the layers do not cancel each other."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.solvers.planar.asymptote import static_images
from lunar_antenna.solvers.planar.kernels import problem_line
from lunar_antenna.solvers.planar.matrices import every_current

BAND = la.Band([6e6, 33e6])


def over(thickness, height):
    """A strip over one layer of 2.2 on 6.0, a gap of ``height`` (m) between."""
    soil = la.Stack([la.Layer(thickness, 2.2, 0.005), la.Layer(inf, 6.0, 0.02)])
    return la.Problem(la.load_geometry("blade", length=6.0, width=1.5), soil, height, BAND)


@pytest.mark.parametrize("thickness", [0.05, 0.3, 0.6, 0.8, 1.2, 2.0, 4.0, 9.0])
@pytest.mark.parametrize("height", [0.003, 0.01, 0.1])
def test_images_of_a_layer_below_a_gap_are_of_the_size_of_their_sum(thickness, height):
    """A passive interface reflects a static charge by less than itself; ten series of such images
    are enough.  Coefficients of hundreds cancel in the kernel, not in a quadrature."""
    problem = over(thickness, height)
    k0 = 2.0 * np.pi * problem.frequency / 2.998e8
    images = static_images(problem_line(problem, problem.frequency), k0)
    coefficient = np.abs(images.weight @ images.total.T)  # (n_image, n_freq)
    assert coefficient.max() < 10.0


@pytest.mark.parametrize(("thickness", "height"), [(0.8, 0.01), (0.8, 0.1), (1.2, 0.01)])
def test_no_current_over_layers_gives_power(thickness, height):
    """Re Z of every current is positive, to the quadrature's error: 1e-3 of the largest."""
    made = every_current(over(thickness, height), 1.0)
    for parity, _ in made.classes:
        values = made.values(parity)
        for factor in made.sheet_factors()["z"]:
            power = np.linalg.eigvalsh(values @ factor.real)
            assert power[0] > -1e-3 * power[-1]
