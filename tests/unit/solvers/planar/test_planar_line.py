"""The stack as the current sees it: what is taken out of it, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.media.layer import Layer
from lunar_antenna.solvers.planar.spectral import Line, evaluate_band

FREQUENCY = np.array([10e6, 20e6])
FILM = Layer(1e-4, 3.4, 0.01)
AIR = Layer(np.inf, 1.0)
SOIL = (Layer(0.5, 2.0, 0.02, 1e-5), Layer(np.inf, 6.0, 0.05))


def line(side: str) -> Line:
    """Metal "above" or "below" a film, on soil."""
    above = (AIR,) if side == "above" else (FILM, AIR)
    below = (FILM, *SOIL) if side == "above" else SOIL
    return Line.build(above, below, FREQUENCY, film_side=side, soil_below=True)


@pytest.mark.parametrize("side", ["above", "below"])
def test_the_film_is_the_first_layer_of_its_side(side):
    made = line(side)
    assert (made.film_down, made.film_up) == (side == "above", side == "below")
    bare = made.without_film()
    assert not bare.film_down
    assert not bare.film_up
    assert np.array_equal(bare.eps_up, made.eps_up[-1:])
    assert np.array_equal(bare.thickness_up, made.thickness_up[-1:])
    assert np.array_equal(bare.eps_down, made.eps_down[-2:])
    assert np.array_equal(bare.thickness_down, made.thickness_down[-2:])
    assert bare.soil_below is made.soil_below is True


@pytest.mark.parametrize("side", ["above", "below"])
def test_only_the_loss_of_the_film_is_taken_out(side):
    made, cold = line(side), line(side).without_film_loss()
    film, old = (cold.eps_down, made.eps_down) if side == "above" else (cold.eps_up, made.eps_up)
    other, same = (cold.eps_up, made.eps_up) if side == "above" else (cold.eps_down, made.eps_down)
    assert np.all(old[0].imag < 0.0)
    assert np.array_equal(film[0], old[0].real)
    assert np.array_equal(film[1:], old[1:])
    assert np.array_equal(other, same)


def test_one_column_where_every_frequency_sees_the_same():
    assert line("above").alike().eps_down.shape == (3, 2)  # a conductivity: not the same
    plain = (FILM, Layer(0.5, 2.0, 0.02), SOIL[1])
    made = Line.build((AIR,), plain, FREQUENCY, film_side="above", soil_below=True)
    few = made.alike()
    assert few.eps_up.shape == (1, 1)
    assert few.eps_down.shape == (3, 1)
    assert np.array_equal(np.broadcast_to(few.eps_down, (3, 2)), made.eps_down)


def test_layers_that_could_guide_a_wave_have_the_least_loss():
    """Finite ones denser than vacuum; the last layer, vacuum and what loses more stay."""
    below = (Layer(0.3, 4.0), Layer(0.2, 1.0), Layer(0.5, 2.0, 0.02), Layer(np.inf, 6.0))
    made = Line.build((AIR,), below, FREQUENCY, film_side=None, soil_below=True)
    damped = made.damped(1e-3)
    assert np.allclose(damped.eps_down[0], 4.0 - 4e-3j)
    assert np.array_equal(damped.eps_down[1:], made.eps_down[1:])
    assert np.array_equal(damped.eps_up, made.eps_up)


def test_where_no_soil_is_the_ground_alone_takes_nothing():
    """The kernels of the metal and of the film are those of the same layers with soil below."""
    layers = (AIR,), (FILM, *SOIL)
    k_rho = np.array([[0.1, 0.5 - 0.01j, 3.0]] * 2)
    k0 = 2.0 * np.pi * FREQUENCY / 299792458.0
    soil, none = (
        evaluate_band(
            Line.build(*layers, FREQUENCY, film_side="above", soil_below=below), k_rho, k0
        )
        for below in (True, False)
    )
    assert np.all(none[..., 2:4] == 0.0)
    assert np.all(soil[..., 2:4] != 0.0)
    for column in (0, 1, 4, 5):
        assert np.array_equal(none[..., column], soil[..., column]), column
