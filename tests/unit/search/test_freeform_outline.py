"""Corners of a traced outline as variables: images move together, and what cannot be is refused."""

from __future__ import annotations

import numpy as np
import pytest
import shapely.affinity
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from lunar_antenna.errors import GeometryError, InputError
from lunar_antenna.search.freeform.cells import make_cells
from lunar_antenna.search.freeform.outline import Outline

CELLS = make_cells((6.0, 2.0), 0.2, 0.1, (0.3, 0.2))


def arms(hole=True):
    inner = [[(1.2, -0.4), (2.0, -0.4), (2.0, 0.4), (1.2, 0.4)]] if hole else []
    arm = Polygon([(0.1, -0.3), (2.5, -1.0), (2.5, 1.0), (0.1, 0.3)], inner)
    return [arm, shapely.affinity.scale(arm, -1, 1, origin=(0, 0))]


def test_all_images_of_a_corner_move_together():
    outline = Outline.of(CELLS, arms())
    start = outline.start
    # at the gap y alone; of the three others both coordinates
    assert len(start) == 7
    assert sum(name.startswith("x") for name in start) == 3
    unmoved = outline.polygons(start)
    assert unary_union(unmoved).symmetric_difference(unary_union(arms())).area < 1e-12
    rng = np.random.default_rng(3)
    moved = {name: value + rng.uniform(-0.05, 0.05) for name, value in start.items()}
    moved = {
        item.name: min(max(moved[item.name], item.low), item.high) for item in outline.variables
    }
    plate = unary_union(outline.polygons(moved))
    assert plate.symmetric_difference(unary_union(arms())).area > 0.01
    for mirror in ((-1, 1), (1, -1)):
        image = shapely.affinity.scale(plate, *mirror, origin=(0, 0))
        assert image.symmetric_difference(plate).area < 1e-12


def named(outline, x, y):
    """Names of the coordinates of the corner at (x, y)."""
    k = int(np.argmin(np.linalg.norm(outline.corners - (x, y), axis=1)))
    return f"x{k + 1}", f"y{k + 1}"


@pytest.mark.parametrize(
    ("corner", "to", "told"),
    [
        ((2.5, 1.0), (1.5, 0.2), "crosses itself"),
        ((2.0, 0.4), (2.0, 0.84), "narrower"),
        ((2.0, 0.4), (2.9, 0.4), "crosses itself"),
    ],
)
def test_what_is_no_plate_or_too_narrow_is_refused(corner, to, told):
    outline = Outline.of(CELLS, arms())
    values = {**outline.start, **dict(zip(named(outline, *corner), to, strict=True))}
    with pytest.raises(GeometryError, match=told):
        outline.polygons(values)


def test_what_begins_narrow_may_stay_so():
    """Cells at the feed are finer than elsewhere: the rule is what the start holds."""
    slit = Polygon([(0.1, -0.3), (2.5, -1.0), (2.5, 1.0), (0.1, 0.3)],
                   [[(1.2, -0.03), (2.0, -0.03), (2.0, 0.03), (1.2, 0.03)]])  # fmt: skip
    outline = Outline.of(CELLS, [slit, shapely.affinity.scale(slit, -1, 1, origin=(0, 0))])
    outline.polygons(outline.start)
    assert 0.03 < outline.least < 0.06  # the slit is 0.06 m wide
    assert outline.least == pytest.approx(0.5 * Outline.of(CELLS, arms()).least)


def test_footprint_and_regions_of_the_study_hold():
    round_ends = box(-2.6, -1.0, 2.6, 1.0)
    kept = box(2.2, 0.6, 2.4, 0.8)
    outline = Outline.of(CELLS, arms(), round_ends, [kept], [])
    x, y = named(outline, 2.5, 1.0)
    for values in ({x: 2.7}, {y: 0.7}):
        with pytest.raises(GeometryError, match="leaves the footprint or its regions"):
            outline.polygons({**outline.start, **values})
    outline.polygons({**outline.start, x: 2.55})
    barred = Outline.of(CELLS, arms(False), None, [], [box(2.6, -0.1, 2.8, 0.1)])
    x, _ = named(barred, 2.5, 1.0)
    with pytest.raises(GeometryError, match="regions"):
        barred.polygons({**barred.start, x: 2.7})


def test_corners_stay_within_the_rectangle_and_at_the_gap():
    outline = Outline.of(CELLS, arms())
    for item, (corner, axis) in zip(outline.variables, outline.places, strict=True):
        assert item.high <= (3.0, 1.0)[axis]
        assert item.low > 0.0
        if outline.corners[corner][0] == pytest.approx(0.1):
            assert axis == 1
            assert item.low >= 0.05


STUDY = """soil = "simple_eps35"
[freeform]
footprint = [6.0, 2.0]
gap = 0.2
tab = 0.1
cell = [0.3, 0.2]
start = START
"""


def test_a_search_of_finer_cells_begins_from_a_geometry(tmp_path):
    """Beside the study or by name; every cell whose centre the metal covers, none else."""
    from lunar_antenna.geometry.spec import write_spec
    from lunar_antenna.search.freeform.cells import allowed
    from lunar_antenna.search.freeform.settings import load_freeform

    path = tmp_path / "free.toml"
    path.write_text(STUDY.replace("START", "[[0.1, 0.3], [1.0, 1.0], [3.0, 1.0]]"))
    coarse = load_freeform(path)
    mask = coarse.cells.taper(coarse.start)
    mask[4:7, :3] = False
    assert allowed(coarse.cells, mask)
    write_spec(coarse.spec(coarse.cells.polygons(mask)), tmp_path / "best.toml")
    path.write_text(STUDY.replace("START", '"best.toml"'))
    again = load_freeform(path)
    assert np.array_equal(again.cells.covering(again.start), mask)
    path.write_text(STUDY.replace("START", '"best.toml"').replace("0.3, 0.2", "0.15, 0.1"))
    finer = load_freeform(path)
    plate = unary_union(finer.cells.polygons(finer.cells.covering(finer.start)))
    exact = unary_union(coarse.cells.polygons(mask))
    assert plate.symmetric_difference(exact).area < 0.1 * exact.area
    path.write_text(STUDY.replace("START", '"bowtie"'))
    assert load_freeform(path).start.area > 1.0
    path.write_text(STUDY.replace("START", "[3]"))
    with pytest.raises(InputError, match="nor a geometry"):
        load_freeform(path)


def test_one_cell_may_be_enough():
    """A slot of one cell is allowed where the study says so, islands and point contacts are not."""
    from lunar_antenna.search.freeform.cells import allowed

    sizes = ((6.0, 2.0), 0.2, 0.1, (0.3, 0.2))
    two, one = make_cells(*sizes), make_cells(*sizes, least_cells=1)
    mask = two.plate()
    assert allowed(one, mask) == allowed(two, mask)
    slot = mask.copy()
    slot[6, 2:] = False
    assert allowed(one, slot)
    assert not allowed(two, slot)
    cut = mask.copy()
    cut[6] = False
    assert not allowed(one, cut)
    point = mask.copy()
    point[6, 3:], point[7, :3] = False, False
    assert not allowed(one, point)
