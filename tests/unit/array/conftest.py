"""A small array, solved once for all tests of this folder."""

import pytest

import lunar_antenna as la


@pytest.fixture(scope="session")
def small_array():
    """Two crossed dipoles and a single one, turned, on a half-space with film."""
    film = {"thickness": 5e-5, "eps_r": 3.4, "loss_tangent": 0.003}
    strip = {"length": 5.0, "width": 0.4, "gap": 0.2, "metal": "copper_18um", "film": film}
    layouts = {
        "cross": la.load_geometry(
            "crossed_bowtie", length=5.0, width=0.8, metal="copper_18um", film=film
        ),
        "strip": la.load_geometry("strip", **strip),
    }
    return la.Array(
        None,
        [(0.0, 0.0), (6.0, 1.0), (1.0, 7.0)],
        la.Stack([la.Layer(1.0, 2.5, loss_tangent=0.01), la.Layer(float("inf"), 4.0, 0.02)]),
        band=la.Band([12e6, 25e6]),
        rotations=[0.0, 0.3, -1.0],
        types=["cross", "cross", "strip"],
        layouts=layouts,
        name="small",
    )


@pytest.fixture(scope="session")
def small(small_array):
    return la.solve_array(small_array, accuracy="draft")
