"""CONTRIBUTING.md as it stands is a package with one of each thing, and each thing works."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from outside_package import install

TEXT = (Path(__file__).resolve().parents[2] / "CONTRIBUTING.md").read_text()
BLOCK = re.compile(r"^```python\n# (lunar_extras/\w+\.py)\n(.*?)^```$", re.M | re.S)
TABLE = re.compile(r"^```toml\n(# pyproject\.toml.*?)^```$", re.M | re.S)

STUDY = """
geometry = "kite"
soil = "crater"
[search]
length = [6.0, 16.0]
[band]
points = 9
[[objective]]
merit = "peak_resistance"
[sampler]
trials = 6
seed = 1
[stages]
check = 0
fine = false
"""
USE = """
import json
import lunar_antenna as la
from lunar_antenna.search.merits import make_merit

layout = la.load_geometry("kite", **{"length": 4.0, "shift.x": 2.0})
short = la.load_geometry("strip", length=4.0, width=0.02)
band = la.Band.mhz(5, 15, 5)
solution = la.solve(la.Problem(short, la.Stack.free_space(), band=band), "hertz")
refused = []
for other, stack in ((layout, la.Stack.free_space()), (short, la.load_soil("simple_eps35"))):
    try:
        la.solve(la.Problem(other, stack, band=band), "hertz")
    except la.LunarAntennaError as error:
        refused.append(str(error))
la.export(solution, "dipole.ohm", format="ohms", digits=4)
planar = la.solve(la.Problem(short, la.Stack.free_space(), band=band), "planar", accuracy="draft")
found = la.optimize("study.toml")
print(json.dumps({
    "layers": len(la.load_soil("crater").layers),
    "bounds": layout.bounds,
    "gap": layout.gaps[0].x,
    "refused": refused,
    "file": open("dipole.ohm").read().splitlines(),
    "closure": float(solution.quality.power_closure.max()),
    "r": solution.z[:, 0, 0].real.tolist(),
    "planar": planar.z[:, 0, 0].real.tolist(),
    "merit": make_merit({"merit": "peak_resistance"}).label,
    "best": found.evaluation.objectives[0],
    "trials": [trial.evaluation.objectives[0] for trial in found.trials],
}))
"""


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """``outside("-c", program)``: a Python with the package of CONTRIBUTING.md."""
    folder = tmp_path_factory.mktemp("extras")
    files = {"lunar_extras/__init__.py": "", **dict(BLOCK.findall(TEXT))}
    (table,) = TABLE.findall(TEXT)
    groups = tomllib.loads(table)["project"]["entry-points"]
    install(folder, "lunar-extras", files, {key.split(".")[1]: v for key, v in groups.items()})
    (folder / "study.toml").write_text(STUDY)
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=folder, env={**os.environ, "PYTHONPATH": path},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_there_is_one_example_of_each_thing():
    (table,) = TABLE.findall(TEXT)
    groups = tomllib.loads(table)["project"]["entry-points"]
    wanted = {"soils", "families", "modifiers", "merits", "exports", "solvers", "verbs"}
    assert set(groups) == {f"lunar_antenna.{name}" for name in wanted}
    assert len(BLOCK.findall(TEXT)) == len(wanted)


def test_each_thing_works(outside):
    found = json.loads(outside("-c", USE))
    assert found["layers"] == 2
    assert found["gap"] == 2.0
    assert found["bounds"] == pytest.approx([0.0, -0.5, 4.0, 0.5])
    assert "knows strips alone" in found["refused"][0]
    assert "soil" in found["refused"][1]
    assert sum(not line.startswith("#") for line in found["file"]) == 5
    assert found["closure"] < 1e-12
    # A triangle for the current: 7 % off at a fifth of a wavelength, second order in the size.
    assert found["r"] == pytest.approx(found["planar"], rel=0.1)
    assert found["merit"] == "peak_resistance"
    assert found["best"] == min(found["trials"])


def test_command_line_knows_them(outside):
    tool = ("-m", "lunar_antenna.cli.main")
    skin = json.loads(outside(*tool, "skin", "20", "--json"))
    assert skin["skin_depth"] == pytest.approx(14.8e-6, rel=0.01)
    assert "skin" in outside(*tool, "--help")
    assert "kite" in outside(*tool, "geometry", "list")
    assert "crater" in outside(*tool, "soil", "list")
    solvers = json.loads(outside(*tool, "doctor", "--json"))
    assert "hertz" in json.dumps(solvers)
