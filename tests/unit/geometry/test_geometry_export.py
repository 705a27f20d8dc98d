"""Drawings keep outlines, ports and film to 1e-9 m."""

from __future__ import annotations

import datetime
import re
import sys
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
from shapely.geometry import box

from lunar_antenna.errors import FileFormatError, GeometryError, InputError, MissingEngineError
from lunar_antenna.geometry.drawings.files import FORMATS, export_layout, import_layout
from lunar_antenna.geometry.load import build, load_geometry
from lunar_antenna.geometry.show import describe
from lunar_antenna.geometry.spec import geometry_names

SLOTTED = {
    "family": "blade",
    "name": "slotted",
    "parameters": {"length": 7.3, "width": 1.7},
    "slots": {"count": 2, "offset": 0.3},
    "metal": "copper_5um",
    "film": {"name": "polyimide_25um", "side": "below", "margin": 0.123},
}


def rings(polygon):
    return [np.asarray(ring.coords) for ring in (polygon.exterior, *polygon.interiors)]


def assert_same(first, second):
    """Same vertices in the same order within 1e-9 m."""
    assert len(first.conductors) == len(second.conductors)
    pairs = list(zip(first.conductors, second.conductors, strict=True))
    if first.film_outline is not None:
        pairs.append((first.film_outline, second.film_outline))
    for one, two in pairs:
        for a, b in zip(rings(one), rings(two), strict=True):
            assert a.shape == b.shape
            assert np.abs(a - b).max() <= 1e-9
    assert [port.name for port in first.ports] == [port.name for port in second.ports]
    for one, two in zip(first.gaps, second.gaps, strict=True):
        assert np.abs(one.corners - two.corners).max() <= 1e-9
        assert two.angle == pytest.approx(one.angle, abs=1e-12)
        assert two.feed == one.feed
    assert second.metal == first.metal
    assert second.film == first.film


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", [*geometry_names(), "slotted"])
def test_round_trip(tmp_path, name, suffix):
    layout = build(SLOTTED) if name == "slotted" else load_geometry(name)
    path = export_layout(layout, tmp_path / f"{name}.{suffix}")
    assert list(tmp_path.iterdir()) == [path]
    again = import_layout(path)
    assert again.family == "free"
    assert_same(layout, again)
    assert_same(layout, load_geometry(path))


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", ["strip", "crossed_bowtie"])
def test_round_trip_keeps_how_gaps_are_fed(tmp_path, name, suffix):
    """A delta gap that came back uniform would be another antenna: it has another reactance."""
    layout = load_geometry(name).with_feed("delta")
    again = import_layout(export_layout(layout, tmp_path / f"delta.{suffix}"))
    assert {gap.feed for gap in again.gaps} == {"delta"}
    assert_same(layout, again)
    mixed = replace(layout, ports=(*layout.ports[:-1], load_geometry(name).ports[-1]))
    assert_same(mixed, import_layout(export_layout(mixed, tmp_path / f"mixed.{suffix}")))


def test_a_feed_that_is_not_known_is_refused(tmp_path):
    text = export_layout(load_geometry("strip"), tmp_path / "a.svg").read_text()
    (tmp_path / "b.svg").write_text(text.replace('data-port="1"', 'data-port="1" data-feed="sine"'))
    with pytest.raises(InputError, match="gap feed = 'sine' is not known; allowed: uniform, delta"):
        import_layout(tmp_path / "b.svg")


def test_svg_is_in_metres_and_millimetres(tmp_path):
    path = export_layout(load_geometry("strip"), tmp_path / "strip.svg")
    root = ElementTree.parse(path).getroot()
    x, y, width, height = (float(value) for value in root.get("viewBox").split())
    assert (x, y, width, height) == pytest.approx((-5.1, -0.2, 10.2, 0.4), abs=1e-9)
    assert root.get("width") == "10200.000000mm"
    assert root.get("height") == "400.000000mm"


def test_svg_reads_relative_commands(tmp_path):
    path = tmp_path / "drawn.svg"
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><g transform="scale(1, -1)">'
        '<path class="conductor" d="m.05-.1h2v.2h-2z"/>'
        '<path class="conductor" d="M -0.05 0.1 H -2 V -0.1 L -0.05,-0.1 Z"/>'
        '<path class="port" d="M -0.05,-0.1 0.05,-0.1 0.05,0.1 -0.05,0.1 Z"/>'
        '<path class="note" d="M 0 0 C 1 1 2 2 3 3"/></g></svg>'
    )
    layout = import_layout(path)
    assert layout.metal_area == pytest.approx(0.2 * (2.0 + 1.95), rel=1e-12)
    assert layout.gaps[0].width == pytest.approx(0.2)


def test_dxf_is_in_metres(tmp_path):
    import ezdxf

    path = export_layout(load_geometry("crossed_bowtie"), tmp_path / "x.dxf")
    document = ezdxf.readfile(path)
    assert document.header["$INSUNITS"] == 6
    layers = {entity.dxf.layer for entity in document.modelspace()}
    assert layers == {"FILM", "CONDUCTOR", "PORT_1", "PORT_2"}
    assert document.audit().errors == []


def test_drawings_take_no_parameters_but_materials(tmp_path):
    path = export_layout(load_geometry("strip"), tmp_path / "strip.svg")
    with pytest.raises(GeometryError, match="no parameter 'length'"):
        load_geometry(path, length=3.0)
    assert load_geometry(path, metal="copper_5um").metal.thickness == 5e-6
    assert describe(path)["family"] == "free"


HEAD = '<svg xmlns="http://www.w3.org/2000/svg">'
BROKEN = {
    "empty.svg": ("", "not valid XML"),
    "none.svg": (HEAD + "</svg>", "0 conductors"),
    "curve.svg": (HEAD + '<path class="conductor" d="M 0 0 C 1 1 2 2 3 3 Z"/></svg>', "'C'"),
    "short.svg": (HEAD + '<path class="conductor" d="M 0 0 L 1 1 Z"/></svg>', "fewer than three"),
    "odd.svg": (HEAD + '<path class="conductor" d="M 0 0 L 1"/></svg>', "cannot be read"),
    "bare.svg": (HEAD + '<path class="conductor" d="1 2 3 4"/></svg>', "straight"),
    "moved.svg": (HEAD + '<g transform="translate(1,1)"></g></svg>', "transform"),
    "meta.svg": (HEAD + "<metadata>{</metadata></svg>", "JSON"),
    "unit.svg": (HEAD + '<metadata>{"unit": "furlong"}</metadata></svg>', "one of m, cm"),
    "skew.svg": (
        HEAD
        + '<path class="conductor" d="M 1 0 L 2 0 L 2 1 Z"/>'
        + '<path class="port" d="M 0 0 L 1 0 L 1.5 1 L 0 1 Z"/></svg>',
        "not a rectangle",
    ),
    "text.dxf": ("hello", "not a readable DXF"),
    "empty.dxf": ("", "not a readable DXF"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_drawings_give_one_line(tmp_path, name):
    text, what = BROKEN[name]
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(FileFormatError, match=what) as caught:
        import_layout(path)
    assert "\n" not in str(caught.value)


def test_dxf_in_units_of_no_length_is_refused(tmp_path):
    import ezdxf

    document = ezdxf.new("R2010")
    document.header["$INSUNITS"] = 0
    path = tmp_path / "none.dxf"
    document.saveas(path)
    with pytest.raises(FileFormatError, match=r"\$INSUNITS = 0; allowed: .*4 \(mm\)"):
        import_layout(path)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("unit", ["m", "cm", "mm", "in", "ft"])
@pytest.mark.parametrize("name", ["membrane_10m", "crossed_bowtie", "strip"])
def test_a_workshop_drawing_reads_back_in_every_unit(tmp_path, name, unit, suffix):
    """Dimensions and title change nothing of what is read; a foot is not a metre."""
    layout = load_geometry(name)
    path = export_layout(layout, tmp_path / f"x.{suffix}", unit=unit, notes=True)
    assert_same(layout, load_geometry(path))


@pytest.mark.parametrize(("unit", "code", "length"), [("mm", 4, 10e3), ("in", 1, 10 / 0.0254)])
def test_dxf_says_its_unit_and_has_dimensions_and_title(tmp_path, unit, code, length):
    import ezdxf

    layout = load_geometry("membrane_10m")
    path = export_layout(layout, tmp_path / "x.dxf", unit=unit, notes=True)
    document = ezdxf.readfile(path)
    assert document.header["$INSUNITS"] == code
    assert document.audit().errors == []
    space = document.modelspace()
    measured = sorted(item.get_measurement() for item in space.query("DIMENSION"))
    film = np.ptp(np.array(layout.film_outline.exterior.coords), axis=0) * length / 10.0
    wanted = [length, 1.9 * length / 10.0, *film, *[0.06 * length / 10.0] * 2]
    np.testing.assert_allclose(measured, sorted(wanted), rtol=1e-9)
    title = "\n".join(item.dxf.text for item in space.query("TEXT"))
    assert_title(title, unit)


def assert_title(title, unit):
    """Length, film, metal, date."""
    for words in (
        "copper_18um, 18 um",
        "polyimide_50um, 50.8 um",
        datetime.date.today().isoformat(),
    ):
        assert words in title
    assert f"all lengths in {unit}" in title
    assert {"mm": "length 10000 mm", "in": "length 393.701 in", "m": "length 10 m"}[unit] in title


def test_svg_has_dimensions_and_title_that_stand_upright(tmp_path):
    path = export_layout(load_geometry("membrane_10m"), tmp_path / "x.svg", unit="mm", notes=True)
    root = ElementTree.parse(path).getroot()
    space = "{http://www.w3.org/2000/svg}"
    (group,) = (item for item in root if item.get("class") == "notes")
    assert group.get("transform") is None  # nothing is mirrored
    texts = list(group.iter(f"{space}text"))
    words = [item.text for item in texts]
    assert {"10000 mm", "1900 mm", "10200 mm", "2100 mm", "60 mm"} <= set(words)
    assert_title("\n".join(words), "mm")
    x, y, width, height = (float(value) for value in root.get("viewBox").split())
    assert float(root.get("width").removesuffix("mm")) == pytest.approx(width)
    for item in texts:  # all of it is on the page
        assert x <= float(item.get("x")) <= x + width
        assert y <= float(item.get("y")) <= y + height


@pytest.mark.parametrize("unit", ["m", "cm", "mm", "in", "ft"])
@pytest.mark.parametrize("name", ["membrane_10m", "crossed_bowtie", "taper_10m", "strip"])
def test_words_of_a_drawing_do_not_meet(tmp_path, name, unit):
    """Boxes of letters 0.62 as wide as high; those of metal and film once ran into each other."""
    path = export_layout(load_geometry(name), tmp_path / "x.svg", unit=unit, notes=True)
    root = ElementTree.parse(path).getroot()
    (group,) = (item for item in root if item.get("class") == "notes")
    size = float(group.get("font-size"))
    found = []
    for item in group.iter("{http://www.w3.org/2000/svg}text"):
        width = 0.62 * size * len(item.text)
        x, y = float(item.get("x")), float(item.get("y"))
        x -= {"start": 0.0, "middle": 0.5, "end": 1.0}[item.get("text-anchor")] * width
        found.append(box(x, y - 0.8 * size, x + width, y))
    assert len(found) > 6
    assert not [1 for a, b in combinations(found, 2) if a.intersects(b)]


def test_a_browser_shows_all_of_a_drawing_that_is_metres_wide(tmp_path):
    """On a screen the page is the window; the size that is written stays the true one."""
    path = export_layout(load_geometry("bowtie"), tmp_path / "x.svg", unit="mm", notes=True)
    text = path.read_text()
    assert "@media screen{svg:root{width:100vw;height:100vh}}" in text
    assert float(re.search(r'width="([\d.]+)mm"', text)[1]) > 10e3


def test_a_unit_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match="unit = 'furlong' is not known"):
        export_layout(load_geometry("strip"), tmp_path / "x.svg", unit="furlong")


def test_places_that_cannot_be_written(tmp_path):
    layout = load_geometry("strip")
    with pytest.raises(InputError, match="folder"):
        export_layout(layout, tmp_path / "no" / "x.svg")
    with pytest.raises(InputError, match="folder"):
        export_layout(layout, tmp_path, "svg")
    with pytest.raises(InputError, match="formats: svg, dxf"):
        export_layout(layout, tmp_path / "x.gds")
    with pytest.raises(InputError, match="No such file"):
        import_layout(tmp_path / "x.svg")
    assert list(tmp_path.iterdir()) == []


def test_dxf_without_ezdxf_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ezdxf", None)
    with pytest.raises(MissingEngineError, match="pip install ezdxf") as caught:
        export_layout(load_geometry("strip"), tmp_path / "x.dxf")
    assert caught.value.exit_code == 4
    assert list(tmp_path.iterdir()) == []
