"""Names, files, overrides, search ranges."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from lunar_antenna.errors import FileFormatError, GeometryError, InputError
from lunar_antenna.geometry.families import FAMILIES
from lunar_antenna.geometry.layout import Layout
from lunar_antenna.geometry.load import load_geometry
from lunar_antenna.geometry.modifiers import modifier_names
from lunar_antenna.geometry.show import describe, list_geometries
from lunar_antenna.geometry.spec import geometry_names, load_search, override, read_spec, write_spec
from lunar_antenna.media.sheets import FILMS, METALS, Metal

FREE = """
family = "free"
[[polygon]]
points = [[0.05, -0.1], [2.0, -0.1], [2.0, 0.3], [0.05, 0.1]]
holes = [[[1.0, -0.05], [1.2, -0.05], [1.2, 0.05]]]
[[polygon]]
points = [[-0.05, -0.1], [-2.0, -0.1], [-2.0, 0.1], [-0.05, 0.1]]
[[gap]]
length = 0.1
width = 0.2
port = "feed"
"""


def test_every_family_ships_a_bare_geometry_of_its_name():
    for name in FAMILIES:
        layout = load_geometry(name)
        assert layout.family == name
        assert layout.metal is None
        assert layout.film is None
        assert layout.source["text"]


def test_named_layouts_carry_their_materials():
    for name in ("coupled_bowtie", "crossed_bowtie", "membrane_10m"):
        layout = load_geometry(name)
        assert layout.metal == METALS["copper_18um"]
        assert layout.film == FILMS["polyimide_50um"]
        assert layout.film_outline.contains(layout.surface)


@pytest.mark.parametrize("name", geometry_names())
def test_shipped_geometries_survive_their_dictionary(name):
    layout = load_geometry(name)
    again = Layout.from_dict(layout.to_dict())
    assert again.to_dict() == layout.to_dict()


@pytest.mark.parametrize("name", geometry_names())
def test_search_ranges_build_at_both_ends_and_hold_the_default(name):
    spec, ranges = read_spec(name), load_search(name)
    assert bool(ranges) == (spec["family"] != "free")  # an outline of points has no parameters
    values = dict(load_geometry(name).parameters)
    for key, (low, high) in ranges.items():
        table, _, own = key.rpartition(".")
        assert low <= (values[table] if table else values)[own] <= high
        for value in (low, high):
            load_geometry(name, **{key: value})
    assert spec["name"] == name


def test_overrides_by_keyword_dot_and_new_modifier():
    assert load_geometry("bowtie", length=8.0, width=1.0).bounds[2] == 4.0
    one = load_geometry("coupled_bowtie", coupled_length=3.0)
    two = load_geometry("coupled_bowtie", **{"coupled.length": 3.0})
    assert one.to_dict() == two.to_dict()
    assert one.parameters["coupled"]["length"] == 3.0
    assert len(load_geometry("strip", coupled_count=1).conductors) == 4
    assert load_geometry("end_loaded", bar_length=np.float64(1.5)).bounds[3] == 0.75


def test_material_overrides():
    layout = load_geometry("bowtie", metal="copper_5um", film="polyimide_25um")
    assert layout.metal.thickness == 5e-6
    assert layout.film_outline is not None
    bare = load_geometry("membrane_10m", metal=None, film="none")
    assert bare.metal is None
    assert bare.film is None
    assert bare.film_outline is None
    assert load_geometry("membrane_10m", metal=Metal(1e6, 1e-5)).metal.conductivity == 1e6
    assert load_geometry("membrane_10m", **{"film.side": "below"}).film.side == "below"
    assert load_geometry("strip", **{"metal.name": "copper_9um"}).metal == METALS["copper_9um"]


@pytest.mark.parametrize("first", ["strip", "membrane_10m"])
@pytest.mark.parametrize("again", [False, True])
def test_a_named_material_takes_the_parameters_beside_it(first, again):
    """In one call or two, of a name or of a Layout."""
    parts = {"film.loss_tangent": 0.3, "film.thickness": 1e-4, "metal.thickness": 2e-8}
    given = {"film": "polyimide_50um", "metal": "copper_18um"}
    source = load_geometry(first) if again else first
    one = load_geometry(source, **given, **parts)
    two = load_geometry(load_geometry(source, **given), **parts)
    assert one.film == two.film
    assert one.metal == two.metal
    assert (one.film.loss_tangent, one.film.thickness, one.film.name) == (
        0.3,
        1e-4,
        "polyimide_50um",
    )
    assert (one.metal.thickness, one.metal.name) == (2e-8, "copper_18um")
    kept = load_geometry(source, film=two.film, **{"film.eps_r": 3.0})
    assert (kept.film.eps_r, kept.film.loss_tangent) == (3.0, 0.3)
    with pytest.raises(InputError, match="thickness"):
        load_geometry(source, film="polyimide_50um", **{"film.thickness": 0.0})


def test_unknown_names_list_what_exists():
    with pytest.raises(InputError, match=r"bowtie.*strip"):
        load_geometry("bowtei")
    with pytest.raises(GeometryError, match=r"length, width, gap, port_width.*coupled"):
        load_geometry("bowtie", heigth=1.0)
    for name in modifier_names():
        with pytest.raises(GeometryError, match="no parameter"):
            load_geometry("bowtie", **{f"{name}.nothing": 1.0})
    with pytest.raises(GeometryError, match="geometry is int; give a name, a path or a Layout"):
        load_geometry(3)


def test_files(tmp_path):
    path = tmp_path / "free.toml"
    path.write_text(FREE)
    layout = load_geometry(path)
    assert layout.name == "free"
    assert layout.ribbons == ()
    assert layout.ports[0].name == "feed"
    assert layout.conductors[0].interiors
    assert len(load_geometry(str(path), coupled_spacing=0.1).conductors) == 4
    with pytest.raises(GeometryError, match="no parameter 'length'"):
        load_geometry(path, length=3.0)
    for text, error in (("family =", FileFormatError), ('family = "x"', GeometryError)):
        path.write_text(text)
        with pytest.raises(error) as caught:
            load_geometry(path)
        assert "\n" not in str(caught.value)


def test_a_written_spec_reads_back_the_same(tmp_path):
    spec = override(read_spec("coupled_bowtie"), {"coupled.length": 4.0, "length": 9.0})
    spec["metal"] = METALS["copper_9um"]
    path = write_spec(spec, tmp_path / "best.toml")
    layout = load_geometry(path)
    expected = load_geometry(
        "coupled_bowtie", length=9.0, coupled_length=4.0, metal="copper_9um"
    ).to_dict()
    assert {**layout.to_dict(), "name": "coupled_bowtie"} == expected
    assert list(tmp_path.iterdir()) == [path]
    spec["film"] = None
    assert load_geometry(write_spec(spec, path)).film is None


def test_list_and_describe():
    rows = list_geometries()
    assert [row["name"] for row in rows] == list(geometry_names())
    assert {row["family"] for row in rows} == {*FAMILIES, "free"}
    shown = describe("coupled_bowtie")
    by_name = {row["name"]: row for row in shown["parameters"]}
    assert by_name["length"]["value"] == 10.0
    assert by_name["coupled.spacing"]["unit"] == "m"
    assert shown["search"]["coupled.length"] == [2.0, 10.0]
    assert shown["modifiers"] == ["coupled"]


def test_loading_imports_nothing_heavy():
    code = (
        "import sys, lunar_antenna as la; la.load_geometry('profile'); "
        "heavy = {'scipy', 'matplotlib', 'ezdxf', 'numba', 'skrf', 'optuna'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


STRIP = 'family = "strip"\n'
POINTED = (
    'family = "free"\n[[polygon]]\npoints = [[0.05, -0.1], [5, -0.1], [5, 0.1], [0.05, 0.1]]\n'
    "[[polygon]]\npoints = [[-0.05, 0.1], [-5, 0.1], [-5, -0.1], [-0.05, -0.1]]\n"
    "[[gap]]\nlength = 0.1\nwidth = 0.2\n"
)
WRONG = {
    "text": (STRIP + '[parameters]\nlength = "0.5"', r"\[parameters\] length = '0.5' is not a"),
    "list": (STRIP + "[parameters]\nlength = [0.5]", r"\[parameters\] length = \[0.5\] is not a n"),
    "true": (STRIP + "[parameters]\nlength = true", r"\[parameters\] length = True is not a"),
    "beyond": (STRIP + "[parameters]\nlength = 1e999", "1e999 is beyond any double"),
    "digits": (f"{STRIP}[parameters]\nlength = 1{'0' * 400}", r"length is too large"),
    "half": (STRIP + "[coupled]\ncount = 1.5", r"\[coupled\] count = 1.5 is not a whole number"),
    "modifier": (STRIP + '[sag]\ndepth = "0.1"', r"\[sag\] depth = '0.1' is not a number"),
    "name": (STRIP + "[parameters]\nlenght = 3", "'lenght'; did you mean 'length'"),
    "key": (STRIP + "parameter = 3", "unknown key 'parameter'; did you mean 'parameters'"),
    "metal": (STRIP + 'metal = "copper_5mm"', "did you mean 'copper_5um'"),
    "metal key": (STRIP + "[metal]\nconductivty = 1e7", "did you mean 'conductivity'"),
    "film": (STRIP + '[film]\nthickness = "7e-6"\neps_r = 3.4', "thickness = '7e-6'"),
    "margin": (STRIP + '[film]\nname = "polyimide_7um"\nmargin = "0"', r"\[film\] margin = '0'"),
    "search": (STRIP + '[search]\nlength = ["6", 9]', r"\[search\] length = '6' is not a number"),
    "searched": (STRIP + "[search]\nlenght = [6, 9]", "'lenght'; did you mean 'length'"),
    "family": ("family = 3", "family = 3 is not text"),
    "no arms": (STRIP + "[parameters]\nlength = 1\ngap = 2", "gap"),
    "gap": (POINTED.replace("length = 0.1", 'length = "0.1"'), "gap 1: length = '0.1'"),
    "gap key": (POINTED + "lenght = 3", "gap 1 has unknown key 'lenght'; did you mean 'length'"),
    "point": (POINTED.replace("[5, 0.1]", '[5, "0.1"]'), "polygon 1 point 3 = '0.1'"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_one_line_with_file_and_key(case, tmp_path):
    content, said = WRONG[case]
    path = tmp_path / "bad.toml"
    path.write_text(content)
    with pytest.raises(InputError, match=said) as caught:
        load_geometry(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "mark.toml"
    path.write_bytes(b"\xef\xbb\xbf" + POINTED.encode())
    assert load_geometry(path).bounds == (-5.0, -0.1, 5.0, 0.1)


def test_a_message_does_not_list_what_a_family_could_have():
    """taper knows forty parameters and more; those of a bow-tie are named."""
    with pytest.raises(GeometryError, match=r"\(drawn from the parameters of taper \[coll"):
        load_geometry("taper", **{"collinear.span": 5.0})
    with pytest.raises(GeometryError, match=r"\(drawn from length, width, .*\[collinear\]\)"):
        load_geometry("bowtie", **{"collinear.span": 5.0})
