"""Thin layers and films of much higher permittivity than what lies below.

The charge at a rim lies on the layer there, and the law of what an edge cell misses of it must not
take more than the cell has: charges that alternate from triangle to triangle would have a negative
energy, and what a mesh finds would depend on its accidents.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from shapely.geometry import Polygon, box

import lunar_antenna as la
from lunar_antenna.solvers.planar.accuracy import mesh_size, span
from lunar_antenna.solvers.planar.basis import gap_vectors, make_basis, parity_classes
from lunar_antenna.solvers.planar.columns import coefficients, edges_of
from lunar_antenna.solvers.planar.fill import fill_matrices
from lunar_antenna.solvers.planar.kernels import kernels_for
from lunar_antenna.solvers.planar.mesh import triangulate

BAND = la.Band((6e6, 15e6, 28e6))
SOIL = la.Layer(math.inf, 3.0, 0.01)


def layer(thickness: float, eps_r: float) -> la.Stack:
    return la.Stack([la.Layer(thickness, eps_r, 0.01), SOIL])


def strip(width: float, gap: float = 0.05, film: la.Film | None = None) -> la.Layout:
    arms = (box(-4, -width / 2, -gap / 2, width / 2), box(gap / 2, -width / 2, 4, width / 2))
    outline = None if film is None else box(-5, -1, 5, 1)
    port = la.Port((la.Gap(0.0, 0.0, gap, width),))
    return la.Layout("strip", arms, (port,), film=film, film_outline=outline)


def bowtie() -> la.Layout:
    arm = [(0.05, -0.05), (4.0, -0.5), (4.0, 0.5), (0.05, 0.05)]
    arms = (Polygon(arm), Polygon([(-x, y) for x, y in arm]))
    return la.Layout("bowtie", arms, (la.Port((la.Gap(0.0, 0.0, 0.1, 0.1),)),))


def blade(film: la.Film) -> la.Layout:
    arms = (box(-3.355, -0.447, -0.045, 0.447), box(0.045, -0.447, 3.355, 0.447))
    port = la.Port((la.Gap(0.0, 0.0, 0.09, 0.22),))
    return la.Layout("blade", arms, (port,), film=film, film_outline=box(-5, -2, 5, 2))


PROBLEMS = {
    "20 mm on 1 mm of 20": la.Problem(strip(0.02), layer(1e-3, 20.0), 0.0, BAND),
    "50 mm on 1 mm of 20": la.Problem(strip(0.05), layer(1e-3, 20.0), 0.0, BAND),
    "0.2 m on 10 mm of 16": la.Problem(strip(0.2, 0.1), layer(1e-2, 16.0), 0.0, BAND),
    "bow-tie on 5 mm of 16": la.Problem(bowtie(), layer(5e-3, 16.0), 0.0, BAND),
    "film of 1 mm, 13": la.Problem(
        strip(0.05, film=la.Film(1e-3, 13.0, 0.01)), la.Stack.free_space(), 0.0, BAND
    ),
    "film of 1 mm, 6": la.Problem(
        strip(0.2, 0.1, la.Film(1e-3, 6.0, 0.01)), la.Stack.free_space(), 0.0, BAND
    ),
    "blade on a film of 0.22 mm, 6": la.Problem(
        blade(la.Film(2.2e-4, 6.0, 0.005)), la.Stack.free_space(), 0.0, BAND
    ),
    "polyimide": la.Problem(
        strip(0.2, 0.1, la.Film(1.25e-4, 3.4, 0.003)), la.Stack.free_space(), 0.0, BAND
    ),
}


def taken(problem: la.Problem, accuracy: str) -> float:
    """The largest share of any charge's energy that the law at rims takes off."""
    mesh = triangulate(problem.layout, mesh_size(problem, accuracy))
    kernels, basis = kernels_for(problem, problem.frequency, span(problem)), make_basis(mesh)
    edges = edges_of(basis, problem.layout.metal, kernels)
    factor = coefficients(kernels, problem.layout.metal, edges)["z"][0]
    first, at_rims = kernels.z_a.shape[1] + 1, edges.charge.weight.shape[1]
    charges = slice(first, first + kernels.z_phi.shape[1] + kernels.images.total.shape[1])
    worst = 0.0
    for parity, _ in parity_classes(basis, gap_vectors(basis, problem.layout)):
        values = fill_matrices(basis, parity, kernels, edges).values
        own = -(values[..., charges] @ factor[charges]).imag
        off = (values[..., -at_rims:] @ factor[-at_rims:]).imag
        energy, modes = np.linalg.eigh(0.5 * (own + own.T))
        kept = energy > 1e-9 * energy.max()  # the others are loops, without charge
        modes = modes[:, kept] / np.sqrt(energy[kept])
        share = np.linalg.eigvalsh(modes.T @ (0.5 * (off + off.T)) @ modes)
        worst = max(worst, float(share[-1]))
    return worst


@pytest.mark.parametrize("accuracy", ["draft", "normal"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_every_charge_keeps_energy(name, accuracy):
    """An eighth of it at least; without a limit the first took 1.004 of it at draft."""
    assert taken(PROBLEMS[name], accuracy) < 0.875


def test_a_corner_of_one_triangle_keeps_energy():
    """The law counts twice in a triangle that is a cell of its own, which this mesh has in the
    corners: 1.08 of the energy was taken, and the film lost 28 % more than on other meshes."""
    assert taken(PROBLEMS["blade on a film of 0.22 mm, 6"], "fine") < 0.875


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_stated_covers_what_a_finer_mesh_finds(name):
    """Z and the film's share, draft and normal against fine: within both errors, which are stated
    for 95 % of all problems; half as much again for the rest."""
    problem = PROBLEMS[name]
    right = la.solve(problem, accuracy="fine")
    for accuracy in ("draft", "normal"):
        found = la.solve(problem, accuracy=accuracy)
        stated = 1.5 * found.quality.z_error + right.quality.z_error
        off = np.abs(found.z - right.z)[:, 0, 0] / np.abs(right.z[:, 0, 0])
        assert np.all(off < stated), accuracy
        one, two = (s.r_film[:, 0, 0].real / s.z[:, 0, 0].real for s in (found, right))
        stated = 1.5 * found.quality.efficiency_error + right.quality.efficiency_error
        assert np.all(np.abs(one - two) < stated), accuracy
