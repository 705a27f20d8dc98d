"""Registries: a folder walked, entry points of packages outside, and what is wrong with them."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
from outside_package import install

from lunar_antenna.common import registry
from lunar_antenna.common.registry import Registry
from lunar_antenna.errors import GeometryError, InputError

THING = "class Thing:\n    def __init__(self, name):\n        self.name = name\n"
INSIDE = {
    "house/__init__.py": "",
    "house/base.py": THING,
    "house/_private.py": "raise RuntimeError('never imported')\n",
    "house/beside.py": "raise RuntimeError('never imported')\n",
    "house/chair.py": "from .base import Thing\nTHING = Thing('chair')\n",
    "house/table.py": "from .base import Thing\nTHING = Thing('table')\n",
}


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    before = dict(sys.modules)
    registry._installed.cache_clear()
    registry._warn.cache_clear()
    yield
    for name in set(sys.modules) - set(before):
        if name.startswith(("house", "lamps", "more")):
            del sys.modules[name]
    registry._installed.cache_clear()


@pytest.fixture
def house(tmp_path, monkeypatch):
    """``house(lamp="lamps:LAMP")``: the registry, with entry points of a package "lamps"."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(files=None, error=InputError, several=False, **entries) -> Registry[object]:
        for path, text in {**INSIDE, **(files or {})}.items():
            target = tmp_path / path
            target.parent.mkdir(exist_ok=True)
            target.write_text(text)
        if entries:
            install(tmp_path, "lamps", {}, {"things": entries})
        from house.base import Thing

        return Registry(
            "house", thing="thing", things="things", attribute="THING", kind=Thing,
            several=several, beside=("beside",), error=error,
        )  # fmt: skip

    return make


GOOD = {"lamps.py": "from house.base import Thing\nLAMP = Thing('lamp')\n"}


def test_the_folder_is_walked_and_nothing_imported_for_names(house):
    things = house()
    assert things.names() == ("chair", "table")
    assert "house.chair" not in sys.modules
    assert things.get("chair").name == "chair"
    assert "house.table" not in sys.modules
    assert things.get("chair") is things.get("chair")
    assert list(things.all()) == ["chair", "table"]


def test_a_module_may_hold_several(house):
    text = "from .base import Thing\nTHING = (Thing('stool'), Thing('bench'))\n"
    one = "from .base import Thing\nTHING = (Thing('chair'),)\n"
    things = house(
        {"house/seats.py": text, "house/chair.py": one, "house/table.py": "THING = ()\n"},
        several=True,
    )
    assert things.names() == ("bench", "chair", "stool")
    assert things.get("bench").name == "bench"


def test_the_nearest_name_is_suggested_and_a_long_one_cut(house):
    things = house()
    with pytest.raises(InputError, match="thing 'chiar' is not known; did you mean 'chair'"):
        things.get("chiar")
    with pytest.raises(InputError) as caught:
        things.get("x" * 100_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("name", ["sofa", "base", "_private", "beside", "", 3, ["chair"], None])
def test_unknown_name_lists_the_known(house, name):
    things = house(error=GeometryError)
    assert name not in things
    with pytest.raises(GeometryError, match=r"is not known; .*things: chair, table, free$"):
        things.get(name, also=("free",))


def test_entry_point_of_another_package(house, caplog):
    things = house(GOOD, lamp="lamps:LAMP")
    assert things.names() == ("chair", "table", "lamp")
    assert "lamps" not in sys.modules
    assert things.get("lamp").name == "lamp"
    assert list(things.all()) == ["chair", "table", "lamp"]
    assert [(entry.package, wrong) for entry, wrong in things.outside()] == [("lamps", None)]
    assert not caplog.records


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("raise RuntimeError('no\\nbulb')", "cannot be loaded, RuntimeError: no bulb"),
        ("raise SystemExit(3)", "cannot be loaded, SystemExit: 3"),
        ("import not_a_module_at_all", "cannot be loaded, ModuleNotFoundError"),
        ("LAMP = (", "cannot be loaded, SyntaxError"),
        ("", "cannot be loaded, AttributeError"),
        ("LAMP = 3", "is no house.base.Thing"),
        ("from house.base import Thing\nLAMP = Thing('torch')", "calls itself 'torch', not 'lamp'"),
    ],
)
def test_broken_package_is_named_in_one_line_and_left_out(house, caplog, text, told):
    things = house({"lamps.py": text}, lamp="lamps:LAMP")
    with pytest.raises(InputError) as caught:
        things.get("lamp")
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("thing 'lamp' of package lamps (lamps:LAMP) ")
    assert told in message
    assert message.endswith("; repair or uninstall lamps")
    with caplog.at_level(logging.WARNING):
        assert list(things.all()) == ["chair", "table"]
        things.all()
    assert [record.message for record in caplog.records] == [message]
    assert [(entry.name, wrong) for entry, wrong in things.outside()] == [("lamp", message)]


def test_name_taken_inside_is_refused_and_said(house, caplog):
    files = {"lamps.py": "from house.base import Thing\nLAMP = Thing('chair')\n"}
    things = house(files, chair="lamps:LAMP")
    with caplog.at_level(logging.WARNING):
        assert things.names() == ("chair", "table")
    (said,) = [record.message for record in caplog.records]
    assert "is not used: the name is given by package lamps and lunar-antenna itself" in said
    assert things.get("chair").__class__.__module__ == "house.base"
    assert "lamps" not in sys.modules
    assert things.outside()[0][1] is not None


def test_name_given_by_two_packages_is_used_of_neither(house, tmp_path):
    things = house(GOOD, lamp="lamps:LAMP")
    install(tmp_path, "more-lamps", {}, {"things": {"lamp": "lamps:LAMP"}})
    registry._installed.cache_clear()
    assert things.names() == ("chair", "table")
    with pytest.raises(InputError, match="given by package lamps and package more-lamps"):
        things.get("lamp")
    assert things.get("table").name == "table"


def test_metadata_is_not_read_where_no_package_adds_anything():
    """Reading it costs some 50 ms, a fifth of what help may take."""
    code = (
        "import sys; "
        "from lunar_antenna.common.registry import outside; "
        "assert outside('lunar_antenna.families') == (); "
        "print('importlib.metadata' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def test_source_is_read_without_importing_any_package_on_the_way(tmp_path, monkeypatch):
    files = {
        "house/__init__.py": "raise RuntimeError('imported')\n",
        "house/deep/__init__.py": "raise RuntimeError('imported')\n",
        "house/deep/room.py": "HELP = 'a room'\n",
    }
    install(tmp_path, "lamps", files, {})
    monkeypatch.syspath_prepend(str(tmp_path))
    assert registry.source("house.deep.room") == "HELP = 'a room'\n"
    assert registry.source("house.deep.nothing") == ""
    assert registry.source("no_such_package.at_all") == ""


def test_workers_of_a_cluster_must_have_the_same_packages(tmp_path, monkeypatch):
    """The signature that scheduler and workers compare names packages that add something."""
    from lunar_antenna.common.cluster import signature

    plain = signature()
    install(tmp_path, "lamps", GOOD, {"merits": {"light": "lamps:LAMP", "dark": "lamps:LAMP"}})
    monkeypatch.syspath_prepend(str(tmp_path))
    assert signature() == f"{plain}+lamps-1.0"
