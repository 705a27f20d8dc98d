"""Merits of a cluster, against the laws they are named after."""

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.array.moves import quick_solution
from lunar_antenna.search.merits import make_merit
from lunar_antenna.search.port import PortModel

SOIL = la.Stack.half_space(3.0, loss_tangent=0.02)


def cluster(places, **options):
    layout = la.load_geometry("strip", length=5.0, width=0.3, gap=0.05)
    return la.Array(layout, places, SOIL, 0.1, la.Band([15e6, 25e6]), **options)


@pytest.fixture(scope="module")
def solved():
    return quick_solution(cluster([(0, 0), (2.0, 4.0), (-5.5, 1.0)], rotations=[0, 0.3, 0]),
                          "draft", 1e-3)  # fmt: skip


def test_active_reflection_is_the_worst_of_its_directions(solved):
    merit = make_merit({"merit": "active_reflection", "band_mhz": [15.0, 25.0], "scan": 40.0})
    theta, phi = merit.directions
    assert theta.max() == pytest.approx(np.deg2rad(40.0))
    each = [
        np.abs(solved.active_reflection(scan=(t, p), z0=80.0)).max()
        for t, p in zip(theta, phi, strict=True)
    ]
    assert merit.of(solved, 80.0) == pytest.approx(max(each), rel=1e-12)
    # a wider cone can only be worse, and one direction no worse than all
    narrow = make_merit({"merit": "active_reflection", "band_mhz": [15.0, 25.0], "scan": 0.0})
    assert narrow.of(solved, 80.0) == pytest.approx(each[0], rel=1e-12)
    assert narrow.of(solved, 80.0) <= merit.of(solved, 80.0)


def test_each_polarisation_is_driven_by_itself():
    layout = la.load_geometry("crossed_bowtie", length=5.0, width=0.8)
    array = la.Array(layout, [(0, 0), (7.0, 2.0)], SOIL, band=la.Band([20e6]))
    found = quick_solution(array, "draft", 1e-3)
    both, first, second = (
        make_merit({"merit": "active_reflection", "port": port, "scan": 30.0}).of(found, 100.0)
        for port in (0, 1, 2)
    )
    assert both == max(first, second)
    assert first != second
    lone = np.abs(found.active_reflection(ports=[1, 3], z0=100.0)[0, [0, 2]]).max()
    assert make_merit(
        {"merit": "active_reflection", "port": 1, "scan": 0.0}
    ).of(found, 100.0) == pytest.approx(lone, rel=1e-12)  # fmt: skip


def test_embedded_pattern_falls_with_distance():
    """Near it is what neighbours do, far it is nothing: below what the basis may leave out."""
    merit = make_merit({"merit": "embedded_pattern", "band_mhz": [15.0, 25.0]})
    near, mid, far = (
        merit.of(quick_solution(cluster([(0, 0), (0, d)]), "draft", 1e-4), 100.0)
        for d in (2.0, 8.0, 60.0)
    )
    assert near > 0.05
    assert near > 3.0 * mid > 3.0 * far
    assert far < 0.01


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"scan": 90.0}, "scan = 90 degrees is outside"),
        ({"samples": 0}, "samples"),
        ({"port": -1}, "port"),
        ({"band_mhz": [20.0, 10.0]}, "band_mhz"),
        ({"scans": 45.0}, "scans"),
    ],
)
def test_what_is_not_allowed_is_told(table, words):
    with pytest.raises(la.InputError, match=words):
        make_merit({"merit": "active_reflection", **table})


def test_what_the_merit_cannot_use_is_refused(solved):
    merit = make_merit({"merit": "active_reflection", "port": 2})
    problem = solved.array.problem("strip")
    with pytest.raises(la.InputError, match="port = 2, the element has 1"):
        merit.check(problem, PortModel())
    network = PortModel.from_table({"network": [{"element": "series L", "value": 1e-6}]})
    with pytest.raises(la.InputError, match="knows no matching network"):
        make_merit({"merit": "active_reflection"}).check(problem, network)
    elsewhere = make_merit({"merit": "embedded_pattern", "band_mhz": [1.0, 2.0]})
    with pytest.raises(la.InputError, match="none of 2 solved frequencies"):
        elsewhere.of(solved, 100.0)
