"""Equivalence: the fields on a box around a short dipole radiate the dipole's own far field.

Analytic near fields of a Hertzian dipole are sampled on the staggered positions of a mesh; the
ground is a perfect conductor, for which the dipole and its image give exact near fields.
Budget: the box's midpoint rule with 5 cm cells at 0.3 m distance is good to 1 %.
"""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.conventions import ETA0
from lunar_antenna.media.stratification import Stratification
from lunar_antenna.radiation import CurrentElements, far_field
from lunar_antenna.solvers.openems.fields.huygens import box_elements
from lunar_antenna.solvers.openems.fields.readers import Fields
from lunar_antenna.solvers.openems.model.mesh import Grid
from lunar_antenna.solvers.openems.model.scene import Window
from lunar_antenna.solvers.openems.model.symmetry import Symmetry

FREQUENCY = 30e6


def dipole_field(point, source, moment):
    """E and H at (n, 3) of a current moment (A m) in vacuum, exp(+j omega t)."""
    k = 2.0 * np.pi * FREQUENCY / 299_792_458.0
    separation = point - source
    r = np.linalg.norm(separation, axis=1)[:, None]
    unit = separation / r
    wave = np.exp(-1j * k * r) / (4.0 * np.pi)
    along = unit * (unit @ moment)[:, None]
    near = 1.0 / r**2 - 1j / (k * r**3)
    electric = ETA0 * wave * ((2.0 * along) * near + (along - moment) * (1j * k / r + near))
    magnetic = wave * np.cross(moment, unit) * (1j * k / r + 1.0 / r**2)
    return electric, magnetic


def sampled(grid, sources):
    """Fields of all dipoles on every edge and face of ``grid``."""
    shape = grid.shape
    arrays = []
    for which in (0, 1):
        result = np.zeros((1, 3, *shape), dtype=complex)
        for component in range(3):
            lines = []
            for axis in range(3):
                values = grid.axis(axis)
                half = (axis == component) == (which == 0)
                lines.append(values + 0.5 * np.append(np.diff(values), 0.1) * half)
            points = np.column_stack([g.ravel() for g in np.meshgrid(*lines, indexing="ij")])
            total = sum(dipole_field(points, s, m)[which][:, component] for s, m in sources)
            result[0, component] = total.reshape(shape)
        arrays.append(result)
    return Fields(arrays[0], arrays[1], (0, 0, 0))


@pytest.mark.parametrize("ground", [False, True])
@pytest.mark.parametrize("moment", [(1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.4, 0.7, -0.5)])
def test_box_radiates_like_the_dipole(ground, moment):
    lines = np.linspace(-0.4, 0.4, 17)
    height = 1.0
    grid = Grid(lines, lines, lines + height, height, Symmetry(), False, 1.0)
    source = np.array([0.013, -0.021, height + 0.017])
    current = np.array(moment)
    sources = [(source, current)]
    layers = Stratification()
    if ground:
        sources.append((source * [1, 1, -1], current * [-1, -1, 1]))
        layers = Stratification.build(la.Stack([la.Layer.conductor()]))
    window = Window((2, 14), (2, 14), (2, 14))
    box = box_elements(grid, window, [sampled(grid, sources)])
    own = CurrentElements(source[None], current[None, None, None].astype(complex))
    theta = np.deg2rad([5.0, 30.0, 60.0, 80.0])[:, None]
    phi = np.deg2rad([0.0, 40.0, 130.0, 250.0])
    got = far_field(box, 0, FREQUENCY, layers, theta, phi)
    want = far_field(own, 0, FREQUENCY, layers, theta, phi)
    scale = max(np.abs(w).max() for w in want)
    for g, w in zip(got, want, strict=True):
        assert np.abs(g - w).max() < 0.01 * scale


def test_mirror_images_follow_the_walls():
    """Electric wall: parallel electric and normal magnetic currents change sign."""
    position = np.array([[1.0, 2.0, 3.0]])
    electric = np.array([[1.0, 2.0, 3.0]])
    magnetic = np.array([[4.0, 5.0, 6.0]])
    points, j, m = Symmetry(True, False).unfold(position, electric, magnetic)
    assert m is not None
    assert points[1].tolist() == [-1.0, 2.0, 3.0]
    assert j[1].tolist() == [1.0, -2.0, -3.0]
    assert m[1].tolist() == [-4.0, 5.0, 6.0]
    points, j, m = Symmetry(False, True).unfold(position, electric, magnetic)
    assert m is not None
    assert points[1].tolist() == [1.0, -2.0, 3.0]
    assert j[1].tolist() == [1.0, -2.0, 3.0]
    assert m[1].tolist() == [-4.0, 5.0, -6.0]
