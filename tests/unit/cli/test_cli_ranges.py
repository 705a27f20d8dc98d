"""``--search NAME=LOW:HIGH`` as the [search] table that it stands for."""

from __future__ import annotations

import pytest

from lunar_antenna.cli.verbs.optimize import parse_ranges
from lunar_antenna.errors import InputError


def test_ranges():
    assert parse_ranges(None) is None
    assert parse_ranges(["length=6:10", "coupled.length=1e-1:4", "w0=0.02:0.5:log"]) == {
        "length": [6.0, 10.0],
        "coupled.length": [0.1, 4.0],
        "w0": [0.02, 0.5, "log"],
    }


@pytest.mark.parametrize(
    "text", ["length", "length=6", "=6:10", "length=6:x", "a=1:2:lin", "a=1:2:3:4"]
)
def test_what_is_none_is_told(text):
    with pytest.raises(InputError, match="is not NAME=LOW:HIGH"):
        parse_ranges([text])


def test_twice_is_told():
    with pytest.raises(InputError, match="length twice"):
        parse_ranges(["length=6:10", "length=7:8"])
