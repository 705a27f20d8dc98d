"""Reliefs: their laws, where they are lowest, how they are kept, and what they refuse."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon, box

import lunar_antenna as la
from lunar_antenna.cli.main import run
from lunar_antenna.errors import (
    GeometryError,
    InputError,
    MissingEngineError,
    UnsupportedProblemError,
)
from lunar_antenna.geometry.drawings.sheet import flat_note
from lunar_antenna.geometry.layout import Layout
from lunar_antenna.geometry.load import build
from lunar_antenna.geometry.modifiers import modifier
from lunar_antenna.geometry.relief import Relief, Sag, Tilt, Wrinkle
from lunar_antenna.geometry.relief_range import highest, lowest, steepest
from lunar_antenna.solvers import registry as base
from lunar_antenna.solvers.openems.run import runner

SOIL = la.Stack.half_space(3.5, conductivity=1e-4)
FREE = la.Stack.free_space()
RELIEFS = ("tilt", "sag", "wrinkle")


def strip(**relief):
    return la.load_geometry("strip", **relief)


def test_tilt_is_a_plane():
    relief = Relief((Tilt(0.1, 0.6),))
    x, y = np.random.default_rng(1).uniform(-5.0, 5.0, (2, 50))
    along = x * math.cos(0.6) + y * math.sin(0.6)
    assert np.allclose(relief.elevation(x, y), math.tan(0.1) * along, atol=1e-15)
    assert relief.scale == math.inf


def test_sag_hangs_from_its_supports():
    """Zero at the supports and beyond, the depth in mid-span, the same in every span."""
    sag = Relief((Sag(0.2, 9.0, spans=3, centre=0.5),))
    supports = 0.5 + np.array([-4.5, -1.5, 1.5, 4.5])
    assert np.allclose(sag.elevation(supports, 0.0), 0.0, atol=1e-15)
    assert np.allclose(sag.elevation(supports[:-1] + 1.5, 3.0), -0.2)
    assert np.all(sag.elevation(np.array([-20.0, 5.01, 50.0]), 0.0) == 0.0)


@pytest.mark.parametrize("depth", [0.05, 0.1, 0.4])
def test_parabola_and_catenary_differ_in_second_order(depth):
    """A catenary of equal depth over 10 m, solved for its parameter by bisection: the parabola is
    off by depth^3 / (3 span^2), to 2 % (the next order is (depth/span)^2 of it).
    """
    span = 10.0
    low, high = 1.0, 1e6
    for _ in range(200):
        a = math.sqrt(low * high)
        low, high = (a, high) if a * (math.cosh(span / (2 * a)) - 1.0) > depth else (low, a)
    x = np.linspace(-span / 2, span / 2, 2001)
    catenary = a * (np.cosh(x / a) - 1.0) - depth
    difference = np.abs(catenary - Relief((Sag(depth, span),)).elevation(x, 0.0)).max()
    assert difference == pytest.approx(depth**3 / (3.0 * span**2), rel=0.02)


def test_wrinkle_has_a_crest_in_the_origin_and_its_wavelength():
    relief = Relief((Wrinkle(0.05, 2.0, math.pi / 2),))
    assert relief.elevation(7.0, 0.0) == pytest.approx(0.05)
    assert relief.elevation(7.0, 1.0) == pytest.approx(-0.05)
    y = np.linspace(0.0, 2.0, 9)
    assert np.allclose(relief.elevation(0.0, y), relief.elevation(0.0, y + 2.0))
    assert relief.scale_along(1) == 2.0
    assert relief.scale_along(0) > 1e6


def test_gradient_is_the_derivative():
    """Central differences of 1e-5 m: third derivative times 1e-10 / 6, below 1e-8."""
    relief = Relief(
        (Tilt(0.1, 0.3), Sag(0.2, 10.0, 2, 0.3, 0.2), Wrinkle(0.03, 1.7, 1.0, 0.4)), 1.0
    )
    x, y = np.random.default_rng(2).uniform(-3.0, 3.0, (2, 40))
    h = 1e-5
    along_x = (relief.elevation(x + h, y) - relief.elevation(x - h, y)) / (2 * h)
    along_y = (relief.elevation(x, y + h) - relief.elevation(x, y - h)) / (2 * h)
    assert np.allclose(relief.gradient(x, y), [along_x, along_y], atol=1e-8)


@pytest.mark.parametrize(
    "region",
    [box(-5.0, -1.0, 5.0, 1.0), Polygon([(-4.0, -1.0), (5.0, 0.3), (1.0, 2.0)])],
    ids=["box", "triangle"],
)
@pytest.mark.parametrize(
    "relief",
    [
        Relief((Tilt(0.1, 0.6),)),
        Relief((Sag(0.2, 10.0),)),
        Relief((Wrinkle(0.05, 1.3, 0.4, 0.3), Tilt(0.01))),
    ],
    ids=["tilt", "sag", "wrinkle"],
)
def test_extremes_bound_a_dense_sampling(relief, region):
    """No point of a dense grid lies beyond the extremes, and the grid comes near them: slope times
    0.1 m, the farthest that a corner of the triangle is from the 20 mm grid inside it.
    """
    x, y = (a.ravel() for a in np.meshgrid(np.arange(-5, 5.01, 0.02), np.arange(-1, 2.01, 0.02)))
    inside = shapely.contains_xy(region, x, y)
    z = relief.elevation(x[inside], y[inside])
    low, high = lowest(relief, [region]), highest(relief, [region])
    slope = steepest(relief, [region]).value
    assert low.value <= z.min() + 1e-12
    assert high.value >= z.max() - 1e-12
    assert z.min() - low.value <= 0.1 * slope
    assert high.value - z.max() <= 0.1 * slope
    assert relief.elevation(low.x, low.y) == pytest.approx(low.value, abs=2e-6)


def test_every_relief_can_be_written_in_a_file_and_as_an_override(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(
        'family = "bowtie"\n[tilt]\nangle = 0.05\n[sag]\ndepth = 0.1\nspans = 2\n'
        "[wrinkle]\namplitude = 0.01\ndirection = 0.5\n[search]\n"
        '"sag.depth" = [0.05, 0.2]\n'
    )
    layout = la.load_geometry(path, wrinkle_phase=0.2, **{"sag.depth": 0.12})
    assert layout.relief == Relief((Tilt(0.05), Sag(0.12, 10.0, 2), Wrinkle(0.01, 2.0, 0.5, 0.2)))
    assert layout.parameters["sag"]["depth"] == 0.12
    again = Layout.from_dict(json.loads(json.dumps(layout.to_dict())))
    assert again.relief == layout.relief
    for word in ("tilt 0.05 rad", "sag 0.12 m over 2 x 5 m", "wrinkle 0.01 m every 2 m"):
        assert word in repr(layout)


@pytest.mark.parametrize("name", RELIEFS)
def test_reliefs_have_defaults_and_compose_with_every_modifier(name):
    parameters = {"gap": 0.4, "port_width": 0.1}
    spec = {"family": "bowtie", "parameters": parameters, "crossed": {"hub": 0.2}, name: {}}
    layout = build(spec)
    assert layout.relief is not None
    assert len(layout.ports) == 2
    assert not layout.relief.is_flat
    assert all(item.meaning for item in modifier(name).parameters)


def test_a_relief_of_zero_is_a_plane():
    """The same layout, digest included, as without it."""
    plain, zero = strip(), strip(**{"sag.depth": 0.0, "tilt.angle": 0.0, "wrinkle.amplitude": 0.0})
    assert zero.relief is None
    assert zero.elevations == (0.0, 0.0)
    assert "relief" not in plain.to_dict()


@pytest.mark.parametrize(
    ("relief", "words"),
    [
        ({"wrinkle.amplitude": 1.0}, r"slope 3\.14 at"),
        ({"tilt.angle": 0.6}, r"\[tilt\] angle = 0\.6 rad is outside"),
        ({"sag.span": 0.0}, r"\[sag\] span = 0 m is outside"),
        ({"sag.spans": 1.5}, "whole number"),
        ({"sag.sag": 1.0}, "no parameter"),
    ],
)
def test_reliefs_that_cannot_be_built(relief, words):
    with pytest.raises(GeometryError, match=words) as caught:
        strip(**relief)
    assert "\n" not in str(caught.value)


def test_bad_relief_tables_are_refused():
    with pytest.raises(GeometryError, match="terms: tilt, sag, wrinkle"):
        Relief.from_dict({"terms": [{"kind": "dome"}]})
    with pytest.raises(GeometryError, match="allowed: angle, direction"):
        Relief.from_dict({"terms": [{"kind": "tilt", "slope": 1.0}]})
    with pytest.raises(GeometryError, match="whole number"):
        Sag(0.1, 10.0, 1.5)  # type: ignore[arg-type]


def test_film_below_the_surface_is_refused_with_the_height_needed():
    layout = strip(**{"sag.depth": 0.1, "tilt.angle": 0.05})
    need = -lowest(layout.relief, layout.regions).value
    with pytest.raises(InputError) as caught:
        la.Problem(layout, SOIL, 0.2)
    text = str(caught.value)
    assert f"give a height of at least {need:.6g} m" in text
    assert "\n" not in text
    assert la.Problem(layout, SOIL, need).height == need
    assert la.Problem(layout, FREE, 0.0).height == 0.0


def test_the_film_counts_where_it_is_larger_than_the_metal():
    bare = strip(**{"tilt.angle": 0.05})
    film = strip(**{"tilt.angle": 0.05}, film={"name": "polyimide_50um"})
    assert bare.elevations[0] == pytest.approx(-5.0 * math.tan(0.05))
    assert film.elevations[0] == pytest.approx(-5.25 * math.tan(0.05))


def test_planar_refuses_and_points_to_the_solvers_that_can():
    layout = strip(**{"sag.depth": 0.1})
    for stack, words in (
        (SOIL, "use solver wire or openems"),
        (FREE, "use solver nec or wire or openems"),
    ):
        with pytest.raises(UnsupportedProblemError, match=words) as caught:
            la.solve(la.Problem(layout, stack, 0.3), "planar")
        assert "\n" not in str(caught.value)
        assert "sag 0.1 m over 10 m" in str(caught.value)


def test_auto_takes_nec_in_free_space_and_for_wide_metal_openems_on_soil(monkeypatch):
    layout = strip(**{"width": 0.6, "sag.depth": 0.1})
    band = la.Band([12e6, 14e6])
    assert base.choose(la.Problem(layout, FREE, 0.0, band))[0].name == "nec"
    on_soil = la.Problem(layout, SOIL, 0.3, band)
    monkeypatch.setattr(runner, "executable", lambda: "/bin/true")
    assert base.choose(on_soil)[0].name == "openems"
    monkeypatch.setattr(runner, "executable", lambda: None)
    with pytest.raises(MissingEngineError, match="apt-get install openems"):
        base.choose(on_soil)


@pytest.mark.parametrize("suffix", ["svg", "dxf"])
def test_drawings_are_the_flat_pattern_and_say_so(tmp_path, suffix, capsys):
    path = tmp_path / f"x.{suffix}"
    sagging = ["geometry", "export", "strip", "--set", "sag.depth=0.1", "--out", str(path)]
    assert run(sagging) == 0
    assert "flat pattern (plan view), without the relief: sag 0.1 m" in capsys.readouterr().err
    layout = la.load_geometry(path)
    assert layout.relief == strip(**{"sag.depth": 0.1}).relief
    assert layout.bounds == pytest.approx(strip().bounds)
    assert flat_note(strip()) is None


def test_show_tells_the_relief(capsys, tmp_path):
    figure = tmp_path / "x.png"
    assert run(["geometry", "show", "membrane_sagging", "--plot", str(figure)]) == 0
    assert "relief: sag 0.1 m over 2 x 5.1 m; -0.1 to 0 m, slope up to 0.0784" in (
        capsys.readouterr().out
    )
    assert figure.stat().st_size > 10_000


def test_soil_alone_reflects_under_a_relief():
    """The far field's stack has no film and no air layer: currents stand at their own heights."""
    problem = la.Problem(la.load_geometry("membrane_sagging"), SOIL, 0.2)
    assert problem.stratification.placed == ((0.0, SOIL.layers[0]),)
