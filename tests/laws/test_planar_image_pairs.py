"""Potential of a triangle's images on another triangle, against quadrature a thousand times finer.

Every pair chooses its own way: by moments where an image is near against the distance, by the rule
of the modes, by finer rules, or analytically.  Budget: 1e-4 of the inverse of the summed radii, of
a static part that is itself of the size of one over them.
"""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.solvers.planar.fill import _near_rules
from lunar_antenna.solvers.planar.near import Rule
from lunar_antenna.solvers.planar.pairs import Cells, Modes, Statics, fill_pairs, symmetrise
from lunar_antenna.solvers.planar.rules import RULE_3, RULE_7, WEIGHT_3, WEIGHT_7, refined_rule

BUDGET = 1e-4
FIRST = np.array([[0.0, 0.0], [0.4, 0.0], [0.1, 0.3]])
ROUND = 0.2603  # m, radius of FIRST: centre to its farthest corner
PLACES = {
    "beside": np.array([[0.0, 0.0], [0.2, -0.3], [0.4, 0.0]]),  # shares an edge
    "near": FIRST + np.array([0.6, 0.1]),
    "uneven": 0.3 * FIRST + np.array([0.45, 0.05]),
    "apart": FIRST + np.array([0.9, 0.3]),
    "far": FIRST + np.array([3.0, -1.0]),
    "tiny and far": 0.1 * FIRST + np.array([1.5, 1.0]),
}


def filled(second, images) -> np.ndarray:
    """(6, 6, 5): what the solver has of every pair of halves of FIRST and ``second``."""
    corner = np.stack((FIRST, second))
    shared = second is PLACES["beside"]
    vertices = np.array([[0, 1, 2], [0, 3, 1] if shared else [3, 4, 5]])
    area = np.array([0.5 * abs(np.linalg.det(np.diff(t, axis=0))) for t in corner])
    cells = Cells(
        corner,
        corner.mean(axis=1),
        area,
        np.arange(6).reshape(2, 3),
        np.ones((2, 3)),
        vertices,
        np.full(2, -1),
        2,
    )
    nothing = np.zeros((100, 16))
    modes = Modes(nothing, nothing, 1, 1, 0.05)
    distance, weight = (np.array(column) for column in zip(*images, strict=True))
    values = np.zeros((6, 6, 5))
    rule = Rule(RULE_3, WEIGHT_3)
    statics = Statics(distance, weight[:, None], 0.0)
    fill_pairs(0, 2, cells, modes, statics, rule, _near_rules(), values)
    symmetrise(values)
    return values


def charges(second, images) -> float:
    """Mean over both triangles of the sum of weight / (2 pi R), as the solver has it."""
    found = filled(second, images)[:3, 3:, 3]
    assert np.ptp(found) < 1e-14  # the charge of a half is the same over its triangle
    return float(found[0, 0])


def expected(second, images) -> float:
    rule, weight = RULE_7, WEIGHT_7
    for _ in range(3):
        rule, weight = refined_rule(rule, weight)
    a, b = rule @ FIRST, rule @ second
    rho2 = ((a[:, None] - b[None]) ** 2).sum(axis=2)
    kernel = sum(w / np.sqrt(rho2 + d * d) for d, w in images)
    return float(weight @ kernel @ weight) / (2.0 * np.pi)


@pytest.mark.parametrize("image", [0.03, 0.1, 0.19, 0.4, 0.6, 0.9, 1.2, 2.5])
@pytest.mark.parametrize("place", PLACES)
def test_what_an_image_adds_is_what_it_is(place, image):
    """image: the nearer one's distance, m.  The two cancel far away, and so does what their parts
    at distance 0 share with the charge itself, whose budget is test_outer_rule_on_singular_pairs':
    no pair of images here lies on both sides of where the way of taking that part changes.
    """
    second = PLACES[place]
    own = [(0.0, 1.0)]
    both = [*own, (image, -0.6), (1.7 * image, 0.6)]
    added = charges(second, both) - charges(second, own)
    right = expected(second, both[1:])
    assert abs(added - right) < BUDGET / (2.0 * np.pi * ROUND)


def test_halves_on_one_triangle_share_its_loss_by_their_currents():
    """Mean of J_i . J_j over a triangle, J_i = (r - v_i)/2, over its area, by exact quadrature."""
    points = RULE_7 @ FIRST
    each = 0.5 * (points[None] - FIRST[:, None])
    area = 0.5 * abs(np.linalg.det(np.diff(FIRST, axis=0)))
    wanted = np.einsum("iqc,jqc,q->ij", each, each, WEIGHT_7) / area
    assert filled(PLACES["far"], [(0.0, 1.0)])[:3, :3, 4] == pytest.approx(wanted, rel=1e-12)
