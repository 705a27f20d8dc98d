"""Soils of packages outside: a Stack, a file, a folder of files, and what is wrong with them."""

from __future__ import annotations

import logging
import sys

import pytest
from outside_package import install

import lunar_antenna as la
from lunar_antenna.common import registry
from lunar_antenna.errors import FileFormatError, InputError
from lunar_antenna.media.soils import SOILS, load_soil, soil_names

SOIL = "[[layer]]\neps_r = {eps_r}\nloss_tangent = 0.01\n"
MODULE = """
from pathlib import Path
import lunar_antenna as la
HERE = Path(__file__).parent
STACK = la.Stack.half_space(2.2, name="whatever its author called it")
FILE = str(HERE / "deep.toml")
FOLDER = HERE / "pits"
GONE = HERE / "gone.toml"
NUMBER = 3
"""


pytestmark = pytest.mark.usefixtures("outside")


@pytest.fixture
def outside(tmp_path, monkeypatch):
    """Soils of a package "pits" by entry points; forgotten afterwards."""
    files = {
        "pits_soils/__init__.py": MODULE,
        "pits_soils/deep.toml": SOIL.format(eps_r=5.0),
        "pits_soils/pits/lava_tube.toml": SOIL.format(eps_r=7.0),
        "pits_soils/pits/skylight.toml": SOIL.format(eps_r=6.0),
        "pits_soils/pits/torn.toml": "[[layer]]\neps_r = 0.1\n",
    }
    entries = {
        "pit_rim": "pits_soils:STACK",
        "pit_floor": "pits_soils:FILE",
        "collection": "pits_soils:FOLDER",
        "gone": "pits_soils:GONE",
        "number": "pits_soils:NUMBER",
        "absent": "pits_soils:ABSENT",
        "uniform_eps3": "pits_soils:STACK",
    }
    install(tmp_path, "pits", files, {"soils": entries})
    monkeypatch.syspath_prepend(str(tmp_path))
    registry._warn.cache_clear()
    SOILS.refresh()
    yield
    SOILS.refresh()
    sys.modules.pop("pits_soils", None)


def test_stack_file_and_folder_are_soils_by_name():
    assert {"pit_rim", "pit_floor", "lava_tube", "skylight"} < set(soil_names())
    for name, eps_r in (("pit_rim", 2.2), ("pit_floor", 5.0), ("lava_tube", 7.0)):
        stack = la.load_soil(name)
        assert stack.name == name
        assert stack.layers[-1].eps_r == eps_r


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gone", "gone.toml cannot be read"),
        ("torn", "eps_r = 0.1 is outside"),
        ("number", "is no lunar_antenna.media.layer.Stack"),
        ("absent", "AttributeError"),
    ],
)
def test_a_broken_soil_is_named_and_left_out(caplog, name, told):
    with pytest.raises(InputError, match=f"soil '{name}' of package pits") as caught:
        load_soil(name)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    with caplog.at_level(logging.WARNING):
        assert name not in soil_names()
    assert any(told in record.message for record in caplog.records)


def test_shipped_soils_keep_their_names(caplog):
    """And are found without importing anybody's package."""
    assert load_soil("uniform_eps3").layers[0].eps_r == 3.0
    assert "pits_soils" not in sys.modules
    with caplog.at_level(logging.WARNING):
        names = soil_names()
    assert names.count("uniform_eps3") == 1
    assert any("'uniform_eps3' of package pits" in record.message for record in caplog.records)


def test_an_unknown_name_lists_all_and_files_still_work(tmp_path):
    with pytest.raises(InputError, match=r"lava_tube.*sourcebook_highland.*free-space"):
        load_soil("lava_tub")
    path = tmp_path / "mine.toml"
    path.write_text(SOIL.format(eps_r=4.0))
    assert load_soil(path).layers[0].eps_r == 4.0
    path.write_text("[[layer]]\n")
    with pytest.raises(FileFormatError, match="lacks eps_r"):
        load_soil(path)
