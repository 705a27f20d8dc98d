"""ARRAY.toml: every kind of layout, and every slip in one line with file and key."""

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.array.file import read_array
from lunar_antenna.errors import InputError

HEAD = """
soil = "sourcebook_highland"
band = "10:20"
points = 2
[elements.A]
geometry = "strip"
set = { length = 4.0, width = 0.2, gap = 0.1 }
"""


def write(folder, text, head=HEAD):
    path = folder / "a.toml"
    path.write_text(head + text)
    return path


def test_the_shipped_station_is_read():
    found = read_array("station_16")
    assert found.array.n_elements == 16
    assert found.array.n_ports == 32
    assert (found.z0, found.accuracy) == (100.0, "draft")
    distance = np.hypot(
        *(found.array.positions[:, None] - found.array.positions).transpose(2, 0, 1)
    )
    assert distance[np.triu_indices(16, 1)].min() >= 8.0
    assert np.hypot(*found.array.positions.T).max() <= 30.0


def test_a_grid_stands_about_the_origin(tmp_path):
    array = la.load_array(
        write(tmp_path, "[layout]\nkind='grid'\nrows=2\ncolumns=3\nspacing=[9,5]\n")
    )
    expected = [(x, y) for y in (-2.5, 2.5) for x in (-9, 0, 9)]
    np.testing.assert_allclose(array.positions, expected)


def test_a_grid_of_a_count_is_nearly_square(tmp_path):
    text = "[layout]\nkind='grid'\ncount=5\nspacing=9\nrotation=90\n"
    array = la.load_array(write(tmp_path, text))
    assert len(np.unique(array.positions[:, 0])) == 3
    np.testing.assert_allclose(array.rotations, np.pi / 2)


def test_a_spiral_has_its_arms(tmp_path):
    text = "[layout]\nkind='spiral'\ncount=9\narms=3\nradius=40\ninner=10\n"
    array = la.load_array(write(tmp_path, text))
    radius = np.hypot(*array.positions.T).reshape(3, 3)
    np.testing.assert_allclose(radius, [[10] * 3, [25] * 3, [40] * 3])


def test_the_same_seed_is_the_same_layout(tmp_path):
    text = "[layout]\nkind='random'\ncount=8\nleast_distance=3\nradius=15\nseed={}\n"
    first, same, other = (
        la.load_array(write(tmp_path, text.format(seed))).positions for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, same)
    assert np.abs(first - other).max() > 1.0


def test_a_table_of_positions_with_types(tmp_path):
    (tmp_path / "p.csv").write_text("x, y, rotation, type\n0,0,0,A\n10,2,90,B\n\n20,4,-45,A\n")
    head = (
        HEAD + '[elements.B]\ngeometry = "strip"\nset = { length = 3.0, width = 0.2, gap = 0.1 }\n'
    )
    text = "[layout]\nkind='csv'\nfile='p.csv'\n[missing]\nelements=[1]\n"
    array = la.load_array(write(tmp_path, text, head))
    assert array.names == ("2", "3")
    assert array.types == ("B", "A")
    np.testing.assert_allclose(np.rad2deg(array.rotations), [90, -45])


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("x\n0\n", "lacks column y"),
        ("x,y\n0,1\n5\n", "element 2 has 1 values"),
        ("x,y\n0,one\n5,2\n", "y of element 1 is 'one'"),
        ("x,y,angle\n0,1,2\n", "unknown column 'angle'"),
        ("x,y,rotation\n0,1,720\n0,9,0\n", "rotation of element 1"),
        ("x,y,type\n0,1,A\n0,9,C\n", "type of element 2 is 'C'"),
        ("", "empty"),
        ("x,y\n", "no element"),
        ("x,y\n0,0\n", "one element"),
        ("x,y\n0,0\n1,0\n", "overlap"),
    ],
)
def test_a_bad_table_is_told(tmp_path, table, words):
    (tmp_path / "p.csv").write_text(table)
    with pytest.raises(InputError, match=words) as caught:
        la.load_array(write(tmp_path, "[layout]\nkind='csv'\nfile='p.csv'\n"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[layout]\nkind='ring'\n", "grid, random, spiral, csv"),
        ("[layout]\nkind='grid'\ncount=4\nspacing=-1\n", "spacing"),
        ("[layout]\nkind='grid'\ncount=4\nspaceing=9\n", "did you mean 'spacing'"),
        ("[layout]\nkind='grid'\ncount=1\nspacing=9\n", "one element"),
        ("[layout]\nkind='grid'\ncount=2.5\nspacing=9\n", "whole number"),
        ("[layout]\nkind='grid'\ncount=4\nspacing=1\n", "overlap"),
        ("[layout]\nkind='grid'\ncount=4\nspacing=9\nrotations=[1,2]\n", "give 4"),
        ("[layout]\nkind='grid'\ncount=4\nspacing=9\ntypes=['A','Q']\n", "'Q'"),
        ("[layout]\nkind='random'\ncount=99\nleast_distance=8\nradius=12\n", "no place is left"),
        ("[layout]\nkind='grid'\ncount=4\nspacing=9\n[missing]\nelements=[7]\n", "missing"),
        ("[layout]\nkind='grid'\ncount=2\nspacing=9\n[missing]\nelements=[1,2]\n", "no element"),
        ("[layout]\nkind='csv'\nfile='none.csv'\n", "none.csv"),
        ("", "lacks layout"),
    ],
)
def test_a_bad_layout_is_told_with_the_file(tmp_path, text, words):
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=words) as caught:
        la.load_array(path)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('band = "10:20"', 'band = "20:10"', "band"),
        ('band = "10:20"', "band = 3", "band"),
        ("sourcebook_highland", "cheese", "cheese"),
        ('geometry = "strip"', 'geometry = "stripp"', "stripp"),
        ("length = 4.0", "lenght = 4.0", "lenght"),
        ("points = 2", "pionts = 2", "did you mean 'points'"),
    ],
)
def test_a_bad_head_is_told(tmp_path, old, new, words):
    path = write(tmp_path, "[layout]\nkind='grid'\ncount=2\nspacing=9\n", HEAD.replace(old, new))
    with pytest.raises(InputError, match=words) as caught:
        la.load_array(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("more", [0, 1, 20])
def test_a_table_of_more_than_10_000_elements_is_refused_with_their_number(tmp_path, more):
    lines = "".join(f"{9 * (k % 100)},{9 * (k // 100)}\n" for k in range(10_000 + more))
    (tmp_path / "p.csv").write_text("x,y\n" + lines)
    file = write(tmp_path, "[layout]\nkind='csv'\nfile='p.csv'\n")
    if more:
        with pytest.raises(InputError, match=f"has {10_000 + more} elements; allowed: up to 10000"):
            la.load_array(file)
    else:
        assert la.load_array(file).n_elements == 10_000
