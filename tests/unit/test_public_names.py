"""What ``import lunar_antenna`` offers: functions are functions, no name means two things."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
import types

import lunar_antenna as la
from lunar_antenna.common.sources import PACKAGE

MODULES = [
    item.name
    for item in pkgutil.walk_packages([str(PACKAGE)], "lunar_antenna.")
    if not item.name.endswith(".__main__")
]


def test_no_name_of_the_package_is_a_rooms():
    """``la.optimize`` would otherwise change from a function to a folder once that is imported."""
    rooms = {item.name for item in pkgutil.iter_modules([str(PACKAGE)])}
    assert rooms >= {"search", "tolerances", "exports", "solution"}
    assert not rooms & set(la.__all__)


def test_every_module_is_a_plain_module():
    """None can be called, and none stands in for another object."""
    for name in MODULES:
        module = importlib.import_module(name)
        assert type(module) is types.ModuleType, name
        assert not callable(module), name


def test_names_stay_what_they_are_whatever_is_imported():
    """In a fresh process, with every module imported before the names are used."""
    code = f"""
import importlib, types
import lunar_antenna as la
before = {{name: getattr(la, name) for name in la.__all__}}
for name in {MODULES!r}:
    importlib.import_module(name)
for name, thing in before.items():
    assert getattr(la, name) is thing, name
    assert not isinstance(thing, types.ModuleType), name
assert set(la.__all__) <= set(dir(la))
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
