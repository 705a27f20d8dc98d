"""What an installer gets: types for a strict caller, the data folders, one version everywhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest

import lunar_antenna as la

ROOT = Path(__file__).resolve().parents[2]
DATA = ("geometries", "soil_models", "measurements", "arrays")

CALLER = """
import lunar_antenna as la

layout: la.Layout = la.load_geometry("bowtie", length=10.0, width=2.0)
stack: la.Stack = la.Stack.half_space(3.5, loss_tangent=0.01)
problem = la.Problem(layout, stack, height=0.0, band=la.Band.mhz(5, 35, points=61))
solution: la.Solution = la.solve(problem, solver="auto", accuracy="draft")


def share(of: la.Solution) -> float:
    efficiency: la.Efficiency = of.efficiency(z0=100.0)
    return float(efficiency.sky.max())
"""

MISTAKES = """

share(stack)
solution.s11(z0="fifty")
"""


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory) -> Path:
    """Python of an environment that holds the package as a wheel does, and numpy.

    The other dependencies have no say in the types that a caller meets.
    """
    top = tmp_path_factory.mktemp("wheel")
    source, environment = top / "source", top / "environment"
    source.mkdir()
    ignore = shutil.ignore_patterns("__pycache__", "data")
    for name in ("lunar_antenna", *DATA):
        shutil.copytree(ROOT / name, source / name, ignore=ignore)
    for name in (
        "pyproject.toml",
        "setup.py",
        "MANIFEST.in",
        "README.md",
        "LICENSE",
        "SECURITY.md",
    ):
        shutil.copy(ROOT / name, source / name)
    venv.create(environment, with_pip=False, symlinks=True)
    [site] = environment.glob("lib/python*/site-packages")
    build = [sys.executable, "setup.py", "-q", "build_py", "--build-lib", str(site)]
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=120)
    shutil.copytree(source / "lunar_antenna.egg-info", site / "lunar_antenna.egg-info")
    numpy = Path(sysconfig.get_path("platlib")) / "numpy"
    (site / "numpy").symlink_to(numpy, target_is_directory=True)
    return environment / "bin" / "python"


@pytest.fixture(scope="module")
def site(interpreter) -> Path:
    [found] = interpreter.parents[1].glob("lib/python*/site-packages")
    return found


def test_everything_is_in_the_wheel(site):
    assert (site / "lunar_antenna" / "py.typed").is_file()
    assert (site / "lunar_antenna" / "report" / "script" / "page.js").is_file()
    assert (site / "lunar_antenna" / "live" / "script" / "workbench.css").is_file()
    for name in DATA:
        shipped = {path.name for path in (site / "lunar_antenna" / "data" / name).iterdir()}
        assert shipped == {path.name for path in (ROOT / name).iterdir()}
    modules = {path.relative_to(ROOT) for path in (ROOT / "lunar_antenna").rglob("*.py")}
    found = {path.relative_to(site) for path in (site / "lunar_antenna").rglob("*.py")}
    assert modules == {path for path in found if "data" not in path.parts}


def test_the_version_is_written_once(site):
    metadata = (site / "lunar_antenna.egg-info" / "PKG-INFO").read_text()
    assert f"\nVersion: {la.__version__}\n" in metadata
    written = re.compile(rf"^(__)?version(__)?\s*[=:]\s*['\"]?{re.escape(la.__version__)}", re.M)
    files = (*ROOT.glob("*.toml"), *ROOT.glob("*.cff"), *(ROOT / "lunar_antenna").rglob("*.py"))
    found = [str(path.relative_to(ROOT)) for path in files if written.search(path.read_text())]
    assert found == ["lunar_antenna/version.py"]


def test_a_strict_caller_sees_types_and_his_mistakes(interpreter, tmp_path):
    (tmp_path / "right.py").write_text(CALLER)
    (tmp_path / "wrong.py").write_text(CALLER + MISTAKES)
    outside = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    options = ["--strict", "--config-file=", f"--python-executable={interpreter}"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "right.py", "wrong.py"],
        cwd=tmp_path, env=outside, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    complaints = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert [line.split(":")[0] for line in complaints] == ["wrong.py"] * 2, done.stdout
    assert all(line.endswith("[arg-type]") for line in complaints), done.stdout


def test_architecture_names_every_room_and_everything_in_it_has_its_place():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    (layers,) = (item["layers"] for item in contracts if item["type"] == "layers")
    rooms = {name.strip() for layer in layers for name in layer.split("|")}
    page = (ROOT / "docs" / "architecture.md").read_text()
    assert [name for name in sorted(rooms) if not re.search(rf"`{name}/?`", page)] == []
    tests = ROOT / "tests" / "unit"
    alone = {path.stem for path in (ROOT / "lunar_antenna").glob("*.py")} | {"public_names"}
    assert {path.name for path in tests.iterdir() if any(path.glob("**/test_*.py"))} <= rooms
    assert {path.stem.removeprefix("test_") for path in tests.glob("test_*.py")} <= alone


def test_links_between_the_documents_lead_somewhere():
    broken, seen = [], 0
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            if "://" not in target:
                seen += 1
                if not (page.parent / target).exists():
                    broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert seen > 30
    assert not broken
