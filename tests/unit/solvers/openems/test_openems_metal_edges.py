"""The metal's resistance on the edges of the mesh, and where the engine reads it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.errors import UnsupportedProblemError
from lunar_antenna.media.edge import strip_factor
from lunar_antenna.solvers.openems.model.mesh import dual_lengths
from lunar_antenna.solvers.openems.model.metal_edges import FIRST_ORDER, RESISTIVE
from lunar_antenna.solvers.openems.model.scene import document, prepare

SOIL = la.Stack.half_space(4.0, loss_tangent=0.05)
BAND = la.Band.mhz(6, 30, 5)
THIN = {"conductivity": 3.5e7, "thickness": 4e-8}  # 0.71 ohm per square


def scene_of(name: str, metal: object = THIN, height: float = 0.0, **parameters):
    layout = la.load_geometry(name, metal=metal, **parameters)
    return prepare(la.Problem(layout, SOIL, height, BAND), "draft")


def boxes(text: str) -> list[tuple[float, np.ndarray]]:
    """(S/m, corners (2, 3) m) of every box of resistive metal."""
    found = []
    for item in ET.fromstring(text).iter("Material"):
        if not item.attrib["Name"].startswith("metal_"):
            continue
        kappa = float(item.find("Property").attrib["Kappa"])
        for box in item.iter("Box"):
            found.append((kappa, np.array([[float(box.find(p).attrib[a]) for a in "XYZ"]
                                           for p in ("P1", "P2")])))  # fmt: skip
    return found


@pytest.mark.parametrize("name", ["strip", "bowtie", "blade", "crossed_bowtie"])
def test_the_engine_reads_every_edge_its_own_resistance(name):
    """A quarter of a cell beside an edge, on all four sides, lies in its boxes and in no other:
    that is where the engine reads conductivities.  Edges along z read none."""
    scene = scene_of(name)
    grid, k = scene.grid, scene.grid.k_plane
    lines = (grid.x, grid.y, grid.z)
    dual = 0.5 * (grid.z[k + 1] - grid.z[k - 1])
    made = boxes(document(scene, 0, 100))
    assert made
    corners = np.array([box for _, box in made])
    kappa = np.array([value for value, _ in made])

    def read(points):
        """(n,) S/m at points (n, 3), 0 outside."""
        inside = np.all(
            (points[:, None] > corners[:, 0]) & (points[:, None] < corners[:, 1]), axis=2
        )
        return np.where(inside, kappa, 0.0).max(axis=1), inside.sum(axis=1)

    for axis in (0, 1, 2):
        n = [np.arange(1, line.size - 1) for line in lines]
        n[2] = np.array([k - 1, k]) if axis == 2 else np.array([k])
        index = np.stack([v.ravel() for v in np.meshgrid(*n, indexing="ij")])
        middle = np.stack([line[v] for line, v in zip(lines, index, strict=True)], axis=1)
        along = lines[axis]
        middle[:, axis] = 0.5 * (along[index[axis]] + along[index[axis] + 1])
        wanted = np.zeros(index.shape[1])
        if axis < 2:
            ohm = scene.resistance[axis][index[0], index[1]]
            wanted[ohm > 0.0] = 1.0 / (ohm[ohm > 0.0] * dual)
        b, c = ((axis + 1) % 3, (axis + 2) % 3)
        for one in (-1, 1):
            for other in (-1, 1):
                points = middle.copy()
                for a, step in ((b, one), (c, other)):
                    beside = lines[a][index[a] + step]
                    points[:, a] += 0.25 * (beside - points[:, a])
                found, times = read(points)
                assert found == pytest.approx(wanted, rel=1e-9)
                assert times.max() <= 1


def test_a_strip_has_the_resistance_of_its_width():
    """Lines across in parallel: F R/w of the strip, at one frequency.

    Budget: 2.2 % by the steps of resistances, 2 % by the law of the part at a rim (media/edge.py),
    and the lines' share of current, which is that of a perfect strip: 3 % at F of 1.1.
    """
    layout = la.load_geometry("strip", metal=THIN, width=0.2)
    scene = prepare(la.Problem(layout, la.Stack.free_space(), 0.0, la.Band((5e6,))), "normal")
    i = scene.grid.x.size // 4
    ohm = scene.resistance[0][i, 1:]
    across = dual_lengths(scene.grid.y)[1:]
    on = ohm > 0.0
    together = 0.5 / np.sum(across[on] / ohm[on])  # both halves
    sheet = layout.metal.sheet_impedance(np.array([5e6]))
    wanted = (sheet * strip_factor(0.2, layout.metal, np.array([5e6]))).real[0] / 0.2
    assert together == pytest.approx(wanted, rel=0.07)


def test_edges_off_the_metal_have_none_and_the_image_of_the_first_line_its_own():
    scene = scene_of("blade")
    for ohm, mask in zip(scene.resistance, scene.stairs.metal, strict=True):
        inner = mask[1:, 1:]
        assert np.array_equal(ohm[1:, 1:] > 0.0, inner)
    assert np.array_equal(scene.resistance[0][:, 0], scene.resistance[0][:, 1])


def test_little_resistance_and_reliefs_stay_to_first_order():
    assert scene_of("strip", "copper_18um").resistance is None
    assert scene_of("strip", "pec").resistance is None
    assert scene_of("strip", "aluminium_100nm").resistance is not None
    assert RESISTIVE < FIRST_ORDER
    sagging = scene_of("membrane_sagging", "aluminium_100nm", 0.5)
    assert sagging.resistance is None
    with pytest.raises(UnsupportedProblemError, match=re.escape("on a relief")):
        scene_of("membrane_sagging", THIN, 0.5)
