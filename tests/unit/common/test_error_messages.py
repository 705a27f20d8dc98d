"""A message is one line, whatever was quoted in it, and holds nothing that a terminal obeys."""

import pickle

import pytest

import lunar_antenna as la
from lunar_antenna.errors import FileFormatError, InputError


@pytest.mark.parametrize("kind", [InputError, FileFormatError])
def test_what_cannot_be_printed_is_told_as_its_escape(kind):
    error = kind("no file a\nb\x1b[31m\u2028 of \u00e9t\u00e9; give another")
    assert str(error) == "no file a\\nb\\x1b[31m\\u2028 of \u00e9t\u00e9; give another"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_name_with_a_line_end_is_refused_in_one_line(tmp_path):
    with pytest.raises(InputError) as refused:
        la.load_geometry(tmp_path / "a\nb.toml")
    assert "a\\nb.toml" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "read",
    [
        la.load,
        la.load_geometry,
        la.load_soil,
        la.load_measurement,
        la.load_array,
    ],
)
def test_a_name_longer_than_the_file_system_allows_is_refused(tmp_path, read):
    for name in ("x" * 300, f"{tmp_path}/{'x' * 300}", f"{'x' * 300}.toml", f"{'x' * 300}/a.h5"):
        with pytest.raises(InputError):
            read(name)
