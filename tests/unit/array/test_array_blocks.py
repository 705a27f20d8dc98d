"""Reactions between two elements are those that the planar solver forms on their joint mesh."""

from dataclasses import replace

import numpy as np
import pytest
from array_direct import repeated

import lunar_antenna as la
from lunar_antenna.array.blocks import Pose, blocks, whole_block
from lunar_antenna.array.element import Element
from lunar_antenna.array.frequency import Model
from lunar_antenna.array.macro import Driven, places, sky_fields
from lunar_antenna.radiation import CurrentElements, radiated_resistance
from lunar_antenna.solvers.planar import matrices

FREQUENCY = 20e6
NAMES = ("z", "ground", "film")


@pytest.fixture(scope="module")
def element():
    layout = la.load_geometry("bowtie", length=5.0, width=1.0, film="polyimide_50um")
    problem = la.Problem(layout, la.load_soil("sourcebook_highland"), band=la.Band([FREQUENCY]))
    return Element("A", problem, "draft")


@pytest.fixture(scope="module")
def tables(element):
    return matrices.radial(element.problem, FREQUENCY, 60.0)


def currents(element):
    """(n, 2): for 1 A at the port, and what a wave from low in the sky drives."""
    driven = Driven(element, 0)
    wave = driven.response(sky_fields(element, FREQUENCY)[:, 60:61])
    size = np.linalg.norm(driven.primary) / np.linalg.norm(wave)
    return np.hstack((driven.primary, size * wave))


def joint_blocks(element, tables, pose):
    """Blocks between the two copies, of planar's own fill of the joint mesh."""
    mesh = element.whole.system.basis.mesh
    two = replace(
        mesh,
        vertices=np.vstack((mesh.vertices, pose.move(mesh.vertices))),
        triangles=np.vstack((mesh.triangles, mesh.triangles + len(mesh.vertices))),
        tab=np.tile(mesh.tab, 2),
        cell=repeated(mesh.cell, 2),
        n_fundamental=2 * len(mesh.triangles),
    )
    layout = element.problem.layout
    basis = matrices.make_basis(two)
    edges = matrices.edges_of(basis, layout.metal, tables.kernels)
    ((parity, _),) = matrices.parity_classes(basis, np.ones((basis.count, 1)))
    values = matrices.fill_matrices(basis, parity, tables.kernels, edges).values
    factors = matrices.coefficients(tables.kernels, layout.metal, edges)
    n = element.unknowns
    return {name: matrices.combined(values, factors[name][0])[:n, n:] for name in NAMES}


@pytest.mark.parametrize("pose", [Pose(5.1, 0.0, 0.0), Pose(0.4, 1.4, 0.2), Pose(20.0, 30.0, 1.0)])
def test_blocks_are_those_of_the_joint_mesh(element, tables, pose):
    """Budget: linear interpolation in two tables, 4e-6 each of terms that partly cancel: 2e-5.

    The film's own loss lies all in its near field, of which that is a larger share.
    """
    joint = joint_blocks(element, tables, pose)
    for name, most in (("z", 2e-5), ("ground", 2e-5), ("film", 5e-3)):
        found = whole_block(tables, name, element, element, pose)
        assert np.abs(found - joint[name]).max() < most * np.abs(joint[name]).max(), name


def test_a_fine_grid_stands_for_the_triangles(element, tables):
    """A smooth field is interpolated to better than 1e-6 by 20 nodes 15 m away."""
    functions = currents(element)
    where = np.array([[12.0, 14.0, 0.7]])
    points, grid = (
        element.on_points(functions),
        element.on_grid(element.grid(20, by_part=False), functions),
    )
    for name in ("z", "ground", "sky"):
        exact = blocks(tables, name, points, points, where)[0]
        found = blocks(tables, name, grid, grid, where)[0]
        assert np.abs(found - exact).max() < 1e-6 * np.abs(exact).max(), name


def test_the_sky_by_its_kernel_is_the_far_field_integrated(element, tables):
    """Gauss rules of both to 1e-7, the kernel's linear table to 3e-6 of its largest value."""
    functions = currents(element)
    points = element.on_points(functions)
    pose = Pose(7.0, 3.0, 0.4)
    own = blocks(tables, "sky", points, points, np.zeros((1, 3)))[0]
    cross = blocks(tables, "sky", points, points, np.array([[pose.x, pose.y, pose.angle]]))[0]
    kernel = np.block([[own, cross], [cross.conj().T, own]])
    c, s = np.cos(pose.angle), np.sin(pose.angle)
    position = np.vstack((points.position, pose.move(points.position)))
    moment = np.zeros((4, len(position), 3), dtype=complex)
    n = len(points.position)
    moment[:2, :n, 0], moment[:2, :n, 1] = points.x.T, points.y.T
    moment[2:, n:, 0] = (c * points.x - s * points.y).T
    moment[2:, n:, 1] = (s * points.x + c * points.y).T
    height = np.full((len(position), 1), element.problem.metal_height)
    elements = CurrentElements(np.hstack((position, height)), moment[None])
    far = radiated_resistance(elements, 0, FREQUENCY, element.problem.stratification)
    assert np.abs(kernel - far).max() < 1e-5 * np.abs(far).max()


def test_turning_and_moving_both_leaves_the_block(element, tables):
    first = whole_block(tables, "z", element, element, Pose(6.0, 2.0, 0.3))
    # seen from the other element: the same pair, transposed
    c, s = np.cos(0.3), np.sin(0.3)
    back = Pose(-(c * 6.0 + s * 2.0), s * 6.0 - c * 2.0, -0.3)
    second = whole_block(tables, "z", element, element, back)
    assert np.abs(first - second.T).max() < 1e-9 * np.abs(first).max()


def test_a_new_layout_takes_the_trained_elements_over():
    """The same functions, so the same Z as of a model made anew, to rounding."""
    layout = la.load_geometry("strip", length=4.0, width=0.2, gap=0.05)
    band = la.Band([30e6])
    first = la.Array(layout, [(0, 0), (0, 2.2)], la.Stack.free_space(), band=band)
    moved = first.with_positions([(0, 0), (0.5, 2.4)])
    model = Model(first, "draft")
    model.light(0)
    other = model.at(moved)
    assert other.training_gap == model.training_gap
    tables = other.tables(0)
    assert other.trained(0, tables) is model.trained(0, tables)
    found, fresh = other.light(0)[0], Model(moved, "draft").light(0)[0]
    assert np.abs(found - fresh).max() < 1e-9 * np.abs(fresh).max()
    assert np.abs(found - model.light(0)[0]).max() > 1e-3 * np.abs(found).max()


def test_kernels_reach_as_far_as_neighbours_train():
    """Two elements side by side are near; those that train them stand four times as far."""
    layout = la.load_geometry("strip", length=4.0, width=0.2, gap=0.05)
    array = la.Array(layout, [(0, 0), (0, 1)], la.Stack.free_space(), band=la.Band([30e6]))
    model = Model(array, "draft")
    (element,) = model.elements.values()
    poses = places(element, element, model.training_gap)
    farthest = max(np.hypot(pose.x, pose.y) for pose in poses) + 2.0 * element.radius
    assert model.tables(0).kernels.rho_max >= farthest
