"""The reader of tables: every complaint names file, table and key, in one line."""

from __future__ import annotations

import pytest

from lunar_antenna.common.checks import did_you_mean, number, shown, whole
from lunar_antenna.common.tables import Table, read_toml, toml_value
from lunar_antenna.errors import FileFormatError, GeometryError, InputError

TEXT = """
name = "sand"
points = 61
share = 0.25
free = true
band = [5.0, 35.0]
depths = [0.0, 0.1, 0.3]
[film]
thickness = 1e-5
[port]
[[port.network]]
q = 100
[[port.network]]
q = 200.0
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "sand.toml"
    path.write_text(TEXT)
    return Table.read(path)


def test_values_of_every_kind(table):
    assert table.text("name") == "sand"
    assert table.whole("points") == 61
    assert table.number("share", low=0.0, high=1.0) == 0.25
    assert table.flag("free") is True
    assert table.span("band") == (5.0, 35.0)
    assert table.numbers("depths", low=0.0) == (0.0, 0.1, 0.3)
    assert table.choice("name", ("sand", "rock")) == "sand"
    assert table.table("film").number("thickness") == 1e-5
    rows = table.table("port").tables("network")
    assert [row.whole("q") for row in rows] == [100, 200]
    assert rows[1].where.endswith("sand.toml: port.network 2")
    assert table.tables("layer") == ()
    assert table.table("nothing").content == {}
    assert (table.number("x", 3.0), table.whole("n", 4), table.text("t", "")) == (3.0, 4, "")


# what stands in the file, how it is read, what the line says behind the file's name
WRONG = {
    "text": ('x = "0.5"', lambda t: t.number("x"), "x = '0.5' is not a number"),
    "list": ("x = [0.5]", lambda t: t.number("x"), "x = [0.5] is not a number"),
    "true": ("x = true", lambda t: t.number("x"), "x = True is not a number"),
    "date": ("x = 2024-01-01", lambda t: t.number("x"), "is not a number"),
    "nan": ("x = nan", lambda t: t.number("x"), "x = nan is not finite"),
    "inf": ("x = inf", lambda t: t.number("x"), "x = inf is not finite"),
    "huge float": ("x = 1e999", lambda t: t.number("x"), "1e999 is beyond any double"),
    "huge whole": (f"x = 1{'0' * 400}", lambda t: t.number("x"), "x is too large"),
    "endless whole": (f"x = 1{'0' * 9000}", lambda t: t.number("x"), "not valid TOML"),
    "deep": (f"x = {'[' * 9000}", lambda t: t.number("x"), "not valid TOML"),
    "half": ("x = 2.5", lambda t: t.whole("x"), "x = 2.5 is not a whole number; give one in [1, "),
    "whole text": ('x = "3"', lambda t: t.whole("x"), "x = '3' is not a number"),
    "whole true": ("x = true", lambda t: t.whole("x"), "x = True is not a number"),
    "range": ("x = 3", lambda t: t.number("x", high=2, unit="m"), "x = 3 m is outside"),
    "lacks": ("", lambda t: t.number("x"), "lacks x; give it"),
    "blank": ('x = " "', lambda t: t.text("x"), "x = ' ' is not text"),
    "flag": ("x = 1", lambda t: t.flag("x"), "x = 1; allowed: true or false"),
    "one end": ("x = [1.0]", lambda t: t.span("x"), "x = [1.0] is not a range"),
    "upside down": ("x = [3, 1]", lambda t: t.span("x"), "x = [3, 1] is empty; give low < high"),
    "end text": ('x = [3, "4"]', lambda t: t.span("x"), "x = '4' is not a number"),
    "no list": ("x = 3", lambda t: t.numbers("x"), "x = 3 is not a list"),
    "list text": ('x = [1, "a"]', lambda t: t.numbers("x"), "x[1] = 'a' is not a number"),
    "no table": ("x = 3", lambda t: t.table("x"), "x = 3 is not a table; write [x]"),
    "no tables": ("x = {a = 1}", lambda t: t.tables("x"), "write [[x]] above each"),
    "word": (
        'x = "coper"', lambda t: t.choice("x", ("copper", "pec")), "did you mean 'copper'? allowed",
    ),
    "nested": (
        "[a.b]\nx = 1", lambda t: t.table("a").table("b").flag("x"), "[a.b] x = 1; allowed",
    ),
    "row": (
        "[[a]]\n[[a]]\nx = 1", lambda t: t.tables("a")[1].flag("x"), "a 2: x = 1; allowed",
    ),
    "key": ("lenght = 1", lambda t: t.only("length", "width"),
            "unknown key 'lenght'; did you mean 'length'? allowed: length, width"),
    "far key": ("zebra = 1", lambda t: t.only("length"), "unknown key 'zebra'; allowed: length"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_one_line_with_file_and_key(case, tmp_path):
    content, read, said = WRONG[case]
    path = tmp_path / "bad.toml"
    path.write_text(content)
    with pytest.raises(FileFormatError) as caught:
        read(Table.read(path))
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400 + len(str(path))


def test_one_value_of_the_command_line():
    assert toml_value("3.5") == 3.5
    assert toml_value("[1, 2]") == [1, 2]
    assert toml_value("copper_5um") == "copper_5um"
    assert toml_value("[" * 9000) == "[" * 9000
    for text in ("1e999", "1" + "0" * 9000):
        with pytest.raises(InputError):
            toml_value(text)


def test_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "mark.toml"
    path.write_bytes(b"\xef\xbb\xbfx = 1\n")
    assert read_toml(path) == {"x": 1}


@pytest.mark.parametrize("content", [b"\xff\xfex\x00", b"x = '\xe9'", bytes(range(128, 256))])
def test_other_encodings_are_refused(content, tmp_path):
    path = tmp_path / "latin.toml"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"latin\.toml is not UTF-8 text; save it"):
        read_toml(path)


def test_json_file_is_read_like_toml(tmp_path):
    path = tmp_path / "array.json"
    path.write_text('{"a": {"x": "1"}}')
    with pytest.raises(FileFormatError, match=r"array\.json: \[a\] x = '1' is not a number"):
        Table.read(path).table("a").number("x")
    for text, said in (("[1]", "holds list"), ('{"x": 1e999}', "beyond"), ("{", "not valid JSON")):
        path.write_text(text)
        with pytest.raises(FileFormatError, match=said):
            Table.read(path)


def test_errors_keep_their_class_and_get_the_file(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("a = 1")
    table = Table.read(path, GeometryError)
    with pytest.raises(GeometryError, match=r"x\.toml: a = 1; allowed"):
        table.flag("a")
    with pytest.raises(InputError, match=r"x\.toml: too small") as caught, table.naming():
        raise InputError("too small")
    with pytest.raises(InputError) as again, table.naming():
        raise caught.value
    assert str(again.value) == str(caught.value)


def test_table_without_a_file():
    with pytest.raises(InputError, match=r"^receiver: r = '5' is not a number"):
        Table({"r": "5"}, name="receiver", error=InputError).number("r")


def test_long_values_are_cut_and_numbers_beyond_doubles_refused():
    assert len(shown("a" * 10_000)) < 81
    assert shown("a\nb") == r"'a\nb'"
    with pytest.raises(InputError, match="too large"):
        number("x", 10**9999)
    assert whole("n", 3.0) == 3
    assert did_you_mean("WIDHT", ("length", "width")) == "did you mean 'width'? "
    assert did_you_mean("spiral", ("bowtie",)) == ""
