"""A far field between solved frequencies: solved then, on the same mesh, also of a file."""

from __future__ import annotations

import numpy as np
import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.errors import InputError
from lunar_antenna.solvers import again


@pytest.fixture(scope="module")
def pair():
    """The same strip on soil with and without 13 MHz among its frequencies."""
    sparse = la.Problem("strip", "simple_eps35", band=la.Band([8e6, 16e6, 24e6]))
    dense = la.Problem("strip", "simple_eps35", band=la.Band([8e6, 13e6, 16e6, 24e6]))
    return tuple(la.solve(item, "planar", accuracy="draft") for item in (sparse, dense))


def test_it_is_what_the_sweep_would_have_given(pair, caplog):
    """The mesh follows from the ends of the band, which are the same: only the reduced basis, held
    to 1e-4 of the currents, can differ."""
    theta, phi = np.deg2rad([0.0, 30.0, 60.0]), np.deg2rad([0.0, 45.0, 90.0])
    found = pair[0].far_field(13e6, theta, phi)
    want = pair[1].far_field(13e6, theta, phi)
    scale = np.abs(want.e_theta).max()
    np.testing.assert_allclose(found.e_theta, want.e_theta, atol=1e-3 * scale)
    np.testing.assert_allclose(found.gain_db, want.gain_db, atol=0.01)
    assert "13 MHz was not solved; it is now" in caplog.text
    caplog.clear()
    pair[0].far_field(13e6)
    assert caplog.text == ""  # kept: nothing is solved twice
    assert pair[0].currents(13e6).density.shape == pair[1].currents(13e6).density.shape


def test_a_loaded_solution_solves_from_its_stored_problem_and_says_so(pair, tmp_path, caplog):
    pair[0].save(tmp_path / "run.h5")
    again._kept.clear()
    loaded = la.load(tmp_path / "run.h5")
    found = loaded.far_field(13e6, [0.0], [0.0])
    assert "from the stored problem" in caplog.text
    want = pair[0].far_field(13e6, [0.0], [0.0])
    np.testing.assert_allclose(found.gain_db, want.gain_db, rtol=1e-9)


@pytest.mark.parametrize(
    ("frequency", "told"),
    [(7e6, "outside the band, 8 to 24 MHz"), ("13", "not a number"), (float("nan"), "not finite")],
)
def test_what_cannot_be_is_one_line(pair, frequency, told):
    with pytest.raises(InputError, match=told) as error:
        pair[0].far_field(frequency)
    assert "\n" not in str(error.value)


def test_an_unknown_solver_is_not_asked():
    with pytest.raises(InputError, match="was not solved"):
        solution(points=7).far_field(6.1e6)
