"""Outlines of files made elsewhere: the same shape from each, and one line for what is wrong."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from shapely.geometry import Polygon, box

import lunar_antenna as la
from lunar_antenna.errors import InputError
from lunar_antenna.geometry.drawings.files import export_layout
from lunar_antenna.geometry.load import build
from lunar_antenna.geometry.outlines.gap import find_gap
from lunar_antenna.geometry.outlines.read import read_polygons
from lunar_antenna.geometry.spec import read_spec, write_spec

ARMS = (
    [(0.05, -0.3), (2.0, -0.5), (2.0, 0.5), (0.05, 0.3)],
    [(-0.05, -0.3), (-0.05, 0.3), (-2.0, 0.5), (-2.0, -0.5)],
)
HOLE = [(1.0, -0.1), (1.5, -0.1), (1.5, 0.1), (1.0, 0.1)]
RINGS = (*ARMS, HOLE)
WANTED = [Polygon(ARMS[0], [HOLE]), Polygon(ARMS[1])]


def same(polygons, wanted=WANTED, within=1e-9):
    assert len(polygons) == len(wanted)
    for one in wanted:
        assert min(one.symmetric_difference(other).area for other in polygons) < within


def dxf(path, rings, units=4, scale=1e3, layer="COPPER"):
    """Lines one by one, every second turned round and in no order."""
    ezdxf = pytest.importorskip("ezdxf")
    document = ezdxf.new("R2010")
    document.header["$INSUNITS"] = units
    lines = [
        (p, q) if n % 2 else (q, p)
        for ring in rings
        for n, (p, q) in enumerate(zip(ring, [*ring[1:], ring[0]], strict=True))
    ]
    for p, q in sorted(lines, key=lambda line: line[0][1]):
        start, end = ((x * scale, y * scale) for x, y in (p, q))
        document.modelspace().add_line(start, end, dxfattribs={"layer": layer})
    document.modelspace().add_text("10 m", dxfattribs={"layer": "TEXT"})
    document.saveas(path)
    return path


@pytest.mark.parametrize(
    ("units", "scale"),
    [
        (4, 1e3), (6, 1.0), (5, 1e2), (1, 1 / 0.0254), (9, 1e3 / 0.0254), (10, 1 / 0.9144),
        (13, 1e6), (15, 0.1), (21, 3937 / 1200),
    ],
)  # fmt: skip
def test_lines_of_a_dxf_in_any_unit_join_to_outlines(tmp_path, units, scale):
    same(read_polygons(dxf(tmp_path / "a.dxf", RINGS, units, scale)), within=1e-8)


def test_a_unit_that_no_dxf_has_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"INSUNITS = 77, allowed 0 .none. to 24"):
        read_polygons(dxf(tmp_path / "a.dxf", RINGS, 77, 1.0))


def test_a_feature_of_a_geojson_without_a_place_holds_nothing(tmp_path):
    rings = [[*ring, ring[0]] for ring in ARMS]
    features = [
        {"type": "Feature", "properties": None, "geometry": None},
        {"type": "Feature", "properties": {}, "geometry": {
            "type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}},
    ]  # fmt: skip
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    same(read_polygons(path, unit="m"), [Polygon(ring) for ring in ARMS])


def test_arcs_bulges_circles_and_blocks_of_a_dxf(tmp_path):
    """A stadium of two lines and two arcs, a circle in a block: areas by plane geometry.

    Chords within c of a circle of radius r lose at most a share 4 c/(3 r) of its area.
    """
    ezdxf = pytest.importorskip("ezdxf")
    document = ezdxf.new("R2010")
    document.header["$INSUNITS"] = 6
    space = document.modelspace()
    space.add_line((-1, -0.5), (1, -0.5))
    space.add_line((1, 0.5), (-1, 0.5))
    space.add_arc((1, 0), 0.5, -90, 90)
    space.add_arc((-1, 0), 0.5, 90, 270)
    block = document.blocks.new("disc")
    block.add_circle((0, 0), 0.2)
    space.add_blockref("disc", (5.0, 0.0), dxfattribs={"xscale": 2.0, "yscale": 2.0})
    space.add_lwpolyline([(8, 0, 1.0), (9, 0, 1.0)], format="xyb", close=True)
    document.saveas(tmp_path / "a.dxf")
    areas = sorted(item.area for item in read_polygons(tmp_path / "a.dxf", chord=1e-4))
    exact = sorted((2.0 + math.pi * 0.25, math.pi * 0.16, math.pi * 0.25))
    assert areas == pytest.approx(exact, rel=1e-3)


def test_layers_of_a_dxf(tmp_path):
    path = dxf(tmp_path / "a.dxf", RINGS)
    same(read_polygons(path, layer="copper"), within=1e-8)
    with pytest.raises(InputError, match="no outline on layer 'MASK'; it has COPPER"):
        read_polygons(path, layer="MASK")


def test_an_array_of_blocks_in_a_dxf(tmp_path):
    ezdxf = pytest.importorskip("ezdxf")
    document = ezdxf.new(units=4)
    document.blocks.new("ARM").add_lwpolyline([(0, 0), (40, 0), (40, 20), (0, 20)], close=True)
    document.modelspace().add_blockref(
        "ARM",
        (5, 0),
        dxfattribs={"column_count": 3, "row_count": 2, "column_spacing": 50, "row_spacing": 30},
    )
    document.saveas(tmp_path / "a.dxf")
    found = sorted(p.bounds[:2] for p in read_polygons(tmp_path / "a.dxf"))
    wanted = sorted((0.001 * x, 0.001 * y) for x in (5, 55, 105) for y in (0, 30))
    assert np.allclose(found, wanted)


@pytest.mark.parametrize("way", ["off", "freeze"])
def test_layers_of_a_dxf_that_do_not_show_are_no_metal(tmp_path, way):
    ezdxf = pytest.importorskip("ezdxf")
    document = ezdxf.new(units=4)
    getattr(document.layers.add("SHEET"), way)()
    space = document.modelspace()
    space.add_lwpolyline([(0, 0), (40, 0), (40, 20), (0, 20)], close=True)
    sheet = [(-10, -10), (90, -10), (90, 30), (-10, 30)]
    space.add_lwpolyline(sheet, close=True, dxfattribs={"layer": "SHEET"})
    document.saveas(tmp_path / "a.dxf")
    block = document.blocks.new("FRAME")
    block.add_lwpolyline(sheet, close=True)  # on layer 0, which is that of what brings it in
    space.add_blockref("FRAME", (0, 0), dxfattribs={"layer": "SHEET"})
    space.add_lwpolyline(sheet, close=True, dxfattribs={"invisible": 1})
    document.saveas(tmp_path / "b.dxf")
    for name in ("a.dxf", "b.dxf"):
        (one,) = read_polygons(tmp_path / name)
        assert one.bounds == pytest.approx((0.0, 0.0, 0.04, 0.02))
    assert not one.interiors
    (named,) = read_polygons(tmp_path / "a.dxf", layer="sheet")
    assert named.bounds == pytest.approx((-0.01, -0.01, 0.09, 0.03))


def svg(path, body, head='width="5000mm" height="3000mm" viewBox="-2.5 -1.5 5 3"'):
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {head}>{body}</svg>')
    return path


def test_svg_with_transforms_shapes_and_a_viewbox(tmp_path):
    """y points down in the file; the group is turned by a quarter, the hole is a subpath."""
    arm = " ".join(f"{x},{-y}" for x, y in ARMS[0])
    hole = " ".join(f"{x},{-y}" for x, y in HOLE)
    other = " ".join(f"{-y * 10},{x * 10}" for x, y in [(x, -y) for x, y in ARMS[1]])
    body = (
        f'<path id="right" d="M {arm} Z M {hole} z"/>'
        f'<g id="left" transform="rotate(-90) scale(0.1)"><polygon points="{other}"/></g>'
    )
    same(read_polygons(svg(tmp_path / "a.svg", body)))
    same(read_polygons(svg(tmp_path / "b.svg", body), layer="right"), WANTED[:1])
    same(read_polygons(svg(tmp_path / "c.svg", body), layer="left"), WANTED[1:])


def test_an_svg_without_a_viewbox_is_in_pixels(tmp_path):
    """1/96 inch, whatever the unit of its width; lengths with a unit are what they say.

    Budget: 1e-6 of a length, svgelements has 3.779527... pixels in a mm to 6e-7.
    """
    (one,) = read_polygons(
        svg(tmp_path / "a.svg", '<rect width="96" height="48"/>', 'width="100mm" height="50mm"')
    )
    assert one.bounds == pytest.approx((0.0, -0.0127, 0.0254, 0.0), abs=1e-9)
    arms = '<rect width="4450mm" height="200mm"/><rect x="4540mm" width="4450mm" height="200mm"/>'
    found = read_polygons(svg(tmp_path / "b.svg", arms, 'width="9000mm" height="300mm"'))
    assert sorted(p.bounds[0] for p in found) == pytest.approx([0.0, 4.54], rel=1e-6)
    assert [p.bounds[2] - p.bounds[0] for p in found] == pytest.approx([4.45, 4.45], rel=1e-6)


@pytest.mark.parametrize(
    "body",
    [
        '<symbol id="a"><rect width="1" height="0.5"/></symbol><use href="#a" x="1" y="0.2"/>',
        '<defs><rect id="a" width="1" height="0.5"/></defs><use href="#a" x="1" y="0.2"/>',
        '<g visibility="hidden"><rect width="2" height="1"/></g>{}',
        '<rect width="2" height="1" style="visibility:collapse"/>{}',
        '<g display="none"><rect width="2" height="1"/></g>{}',
        '<rect width="2.4" height="1.4" style="fill:none;stroke:black"/>{}',
        '<g fill="none"><rect width="2.4" height="1.4" stroke="black"/></g>{}',
        '<rect width="2.4" height="1.4" fill="transparent"/>{}',
        '<mask id="m"><rect width="2" height="1"/></mask>{}',
        '<marker id="m"><rect width="2" height="1"/></marker>{}',
        '<clipPath id="c"><rect width="2" height="1"/></clipPath>{}',
        '<rect x="1" y="0.2" width="1" height="0.5" style="fill:none;stroke:black"/>',
    ],
)
def test_only_what_an_svg_draws_is_metal(tmp_path, body):
    """Filled shapes, and the stroked ones of a drawing in strokes alone."""
    drawn = body.format('<rect x="1" y="0.2" width="1" height="0.5"/>')
    (one,) = read_polygons(svg(tmp_path / "a.svg", drawn))
    assert one.bounds == pytest.approx((1.0, -0.7, 2.0, -0.2), abs=1e-9)
    assert not one.interiors


def test_curves_of_an_svg(tmp_path):
    head = 'width="100mm" height="100mm" viewBox="0 0 10 10"'
    body = '<circle cx="5" cy="5" r="4"/>'
    (disc,) = read_polygons(svg(tmp_path / "a.svg", body, head), chord=1e-5)
    assert disc.area == pytest.approx(math.pi * 0.04**2, rel=1e-3)
    assert disc.area < math.pi * 0.04**2
    assert disc.centroid.coords[0] == pytest.approx((0.05, -0.05), abs=1e-6)


def test_geojson(tmp_path):
    shapes = [(ARMS[0], [HOLE]), (ARMS[1], [])]
    features = [
        {
            "type": "Feature",
            "id": n,
            "properties": {"layer": "metal"},
            "geometry": {"type": "Polygon", "coordinates": [[*r, r[0]] for r in (outer, *holes)]},
        }
        for n, (outer, holes) in enumerate(shapes)
    ]
    (tmp_path / "a.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features})
    )
    same(read_polygons(tmp_path / "a.geojson", "m"))
    same(read_polygons(tmp_path / "a.geojson", "m", "metal"))
    same(read_polygons(tmp_path / "a.geojson", "m", "1"), WANTED[1:])
    with pytest.raises(InputError, match="does not say its unit; give unit"):
        read_polygons(tmp_path / "a.geojson")


@pytest.mark.parametrize("comma", [",", ";", "\t", "  ", ", "])
def test_points_in_columns(tmp_path, comma):
    rings = ["\n".join(f"{x * 1e2}{comma}{y * 1e2:e}" for x, y in ring) for ring in RINGS]
    (tmp_path / "a.csv").write_text(f"# panel\nx{comma}y\n" + "\n\n".join(rings) + "\n\n")
    same(read_polygons(tmp_path / "a.csv", "cm"))


FREE = 'family = "free"\nmetal = "copper_18um"\n'


def test_a_geometry_of_files_stands_alone_once_it_is_read(tmp_path, monkeypatch):
    """The path starts at the geometry's folder; the gap is found; what is written holds points."""
    (tmp_path / "in").mkdir()
    dxf(tmp_path / "in" / "a.dxf", RINGS)
    (tmp_path / "in" / "g.toml").write_text(f'{FREE}[[polygon]]\nfile = "a.dxf"\n')
    monkeypatch.chdir(tmp_path)
    layout = la.load_geometry("in/g.toml")
    same(layout.conductors, within=1e-8)
    gap = layout.gaps[0]
    assert (gap.x, gap.y, gap.length, gap.width) == pytest.approx((0, 0, 0.1, 0.6), abs=1e-9)
    assert abs(gap.angle) < 1e-9
    write_spec(read_spec("in/g.toml"), "alone.toml")
    (tmp_path / "in" / "a.dxf").unlink()
    same(la.load_geometry("alone.toml").conductors, within=1e-8)


def test_a_gap_that_is_said_and_a_python_spec(tmp_path):
    (tmp_path / "a.csv").write_text("\n\n".join("\n".join(f"{x},{y}" for x, y in r) for r in RINGS))
    spec = {
        "family": "free",
        "polygon": [{"file": str(tmp_path / "a.csv"), "unit": "m"}],
        "gap": [{"x": 0.0, "y": 0.0, "length": 0.1, "width": 0.2}],
    }
    assert build(spec).gaps[0].width == 0.2


@pytest.mark.parametrize("suffix", ["svg", "dxf"])
@pytest.mark.parametrize("name", ["bowtie", "folded", "coupled_bowtie", "crossed_bowtie", "fan"])
def test_round_trip_through_our_own_drawings(tmp_path, suffix, name):
    layout = la.load_geometry(name)
    export_layout(layout, tmp_path / f"a.{suffix}")
    (tmp_path / "g.toml").write_text(f'{FREE}[[polygon]]\nfile = "a.{suffix}"\n')
    again = la.load_geometry(tmp_path / "g.toml")
    same(again.conductors, layout.conductors)
    assert len(again.ports) == len(layout.ports)
    for one, other in zip(again.gaps, layout.gaps, strict=True):
        assert np.allclose(one.corners, other.corners, atol=1e-9)


WORKSHOP = {
    "bowtie": {}, "crossed_bowtie": {}, "taper_10m": {}, "blade": {"slots.count": 2}, "fan": {},
}  # fmt: skip


@pytest.mark.parametrize("suffix", ["svg", "dxf"])
@pytest.mark.parametrize("unit", ["mm", "cm", "in"])
@pytest.mark.parametrize("name", WORKSHOP)
def test_a_workshop_drawing_is_read_as_anybodys(tmp_path, name, unit, suffix):
    """By the layer of its metal, holes included; dimensions, title, film and ports are no metal.

    The outlines are written with 15 digits; 1e-9 m2 on 10 m is an edge off by 0.1 nm.
    """
    layout = la.load_geometry(name, **WORKSHOP[name])
    path = export_layout(layout, tmp_path / f"a.{suffix}", unit=unit, notes=True)
    same(read_polygons(path, layer="CONDUCTOR" if suffix == "dxf" else "conductor"),
         layout.conductors)  # fmt: skip


@pytest.mark.parametrize("name", ["blade", "crossed_bowtie"])
def test_a_drawing_saved_by_another_program_keeps_its_holes_and_gaps(tmp_path, name):
    """Such a program drops the remark of ours in the header; the film did become metal then."""
    import ezdxf

    layout = la.load_geometry(name, **WORKSHOP[name])
    path = export_layout(layout, tmp_path / "a.dxf", unit="mm", notes=True)
    document = ezdxf.readfile(path)
    document.header.custom_vars.clear()
    document.saveas(path)
    assert b"lunar_antenna" not in path.read_bytes()
    (tmp_path / "g.toml").write_text(f'{FREE}[[polygon]]\nfile = "a.dxf"\n')
    for again in (la.load_geometry(tmp_path / "g.toml"), la.load_geometry(path)):
        same(again.conductors, layout.conductors)
        assert len(again.gaps) == len(layout.gaps)


@pytest.mark.parametrize("turn", [0.0, 0.5, math.pi / 2, 2.5])
def test_a_gap_is_found_whichever_way_it_lies(turn):
    def turned(points):
        c, s = math.cos(turn), math.sin(turn)
        return Polygon([(c * x - s * y, s * x + c * y) for x, y in points])

    gap = find_gap([turned(ring) for ring in ARMS])
    assert gap.length == pytest.approx(0.1)
    assert gap.width == pytest.approx(0.6)
    assert abs(math.cos(gap.angle - turn)) == pytest.approx(1.0)
    arms = [{"points": list(turned(ring).exterior.coords)[:-1]} for ring in ARMS]
    build({"family": "free", "gap": [gap.to_dict()], "polygon": arms})


def test_no_gap_where_nothing_faces():
    with pytest.raises(InputError, match=r"no parallel edges that face each other.*\[\[gap\]\]"):
        find_gap([box(0, 0, 1, 1)])
    with pytest.raises(InputError, match="no parallel edges"):
        find_gap([Polygon([(0, 0), (1, 0), (0.5, 1)]), Polygon([(0, 2), (1, 2.1), (0.5, 3)])])


def points(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0,0\n1,1\n1,0\n0,1\n", r"not simple: Self-intersection at \(0.5 0.5\) m; make it not"),
        ("0,0\n1,0\n", "outline of 2 points"),
        ("", "holds no outline"),
        ("0,0\n1,0\n1,b\n", "line 3 is '1,b'; allowed: two numbers"),
        ("0,0,0\n1,0,0\n1,1,0\n", "line 1 is '0,0,0'"),
        ("0,0\n1,0\n1,nan\n", "not finite|line 3"),
        ("0,0\n2,0\n2,2\n0,2\n\n1,1\n3,1\n3,3\n1,3\n", r"outlines that cross at \("),
    ],
)
def test_what_is_no_outline_is_one_line_with_its_place(tmp_path, text, told):
    with pytest.raises(InputError, match=told) as caught:
        read_polygons(points(tmp_path / "a.csv", text), "m")
    assert "\n" not in str(caught.value)


def test_an_open_outline_says_where_and_by_how_much(tmp_path):
    ezdxf = pytest.importorskip("ezdxf")
    document = ezdxf.new("R2010")
    document.header["$INSUNITS"] = 6
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0.01)]
    for p, q in pairwise(corners):
        document.modelspace().add_line(p, q)
    document.saveas(tmp_path / "a.dxf")
    with pytest.raises(
        InputError, match=r"outline at \(0, 0.01\) m, the next end 0.01 m away: draw it"
    ):
        read_polygons(tmp_path / "a.dxf")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ('file = "a.stl"', "no file of outlines; allowed: .dxf"),
        ('file = "none.csv"\nunit = "m"', "not a file|cannot be read"),
        ('file = "a.csv"\nunit = "yd"', "unit = 'yd' is not known.*allowed: m, cm"),
        ('file = "a.csv"', "does not say its unit"),
        ('file = "a.csv"\nunit = "m"\npoints = [[0, 0]]', "unknown key 'points'"),
        ('file = "a.csv"\nunit = "m"\nlayer = "x"', "has no layer 'x'"),
        ("file = 3", "polygon"),
    ],
)
def test_rows_that_are_wrong_name_file_and_key(tmp_path, row, told):
    (tmp_path / "a.csv").write_text("0,0\n1,0\n1,1\n")
    (tmp_path / "g.toml").write_text(f"{FREE}[[polygon]]\n{row}\n")
    with pytest.raises(InputError, match=told) as caught:
        la.load_geometry(tmp_path / "g.toml")
    assert "g.toml" in str(caught.value)
    assert "\n" not in str(caught.value)
