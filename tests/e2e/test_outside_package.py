"""A package outside with one of each: soil, family, modifier, merit, export, solver and verb.

It is put where an installer would put it, and every part is used by the command line in a process
of its own.  Its solver hands everything to the planar one, so that its numbers are known.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from outside_package import install

import lunar_antenna as la

FILES = {
    "lunar_extras/__init__.py": """
        import os
        from pathlib import Path

        if "LUNAR_EXTRAS_TRACE" in os.environ:
            Path(os.environ["LUNAR_EXTRAS_TRACE"]).write_text("imported")
    """,
    "lunar_extras/soils/crater_wall.toml": """
        [[layer]]
        thickness = 1.5
        eps_r = 2.5
        loss_tangent = 0.008
        [[layer]]
        eps_r = 6.0
        loss_tangent = 0.02
    """,
    "lunar_extras/soil.py": """
        from pathlib import Path

        import lunar_antenna as la

        FLOOR = la.Stack.half_space(4.2, loss_tangent=0.015)
        FOLDER = Path(__file__).parent / "soils"
    """,
    "lunar_extras/diamond.py": '''
        """Diamond: widest half way along each arm."""
        import numpy as np

        from lunar_antenna.common.parameter import Parameter
        from lunar_antenna.geometry.families.base import Family, gap, length, port_width, width
        from lunar_antenna.geometry.ribbon import Ribbon
        from lunar_antenna.geometry.shape import symmetric_outline, two_arms


        def derive(values):
            return {"port_width": min(values["length"] / 100.0, values["width"])}


        def draw(values):
            start, tip = values["gap"] / 2.0, values["length"] / 2.0
            x = np.array([start, 0.5 * (start + tip), tip])
            ends = values["port_width"] / 2.0
            half = np.array([ends, values["width"] / 2.0, values["tip"] * ends])
            ribbon = Ribbon(np.column_stack((x, np.zeros(3))), half)
            outline = symmetric_outline(x, half)
            return two_arms(outline, (ribbon,), values["gap"], values["port_width"])


        FAMILY = Family(
            "diamond",
            "arms widest half way",
            __doc__,
            (
                length(), width(1.5, "half way"), gap(), port_width("length/100"),
                Parameter("tip", "1", 1.0, 0.1, 10.0, "width at the tip over port_width"),
            ),
            derive,
            draw,
            search={"length": (8.0, 12.0), "width": (0.5, 2.5)},
        )
    ''',
    "lunar_extras/swept.py": '''
        """Swept: both arms bent back from the feed, to a V."""
        import numpy as np

        from lunar_antenna.common.parameter import Parameter
        from lunar_antenna.geometry.modifiers.base import Modifier
        from lunar_antenna.geometry.ribbon import Ribbon
        from lunar_antenna.geometry.shape import Shape, map_polygon


        def apply(shape, values):
            start = shape.ports[0].gaps[0].length / 2.0

            def swept(points):
                rise = values["slope"] * np.maximum(np.abs(points[:, 0]) - start, 0.0)
                return points + np.column_stack((np.zeros_like(rise), rise))

            return Shape(
                tuple(map_polygon(polygon, swept) for polygon in shape.conductors),
                tuple(Ribbon(swept(item.path), item.half_width) for item in shape.ribbons),
                shape.ports,
                shape.relief,
            )


        MODIFIER = Modifier(
            "swept",
            "arms swept back",
            __doc__,
            (Parameter("slope", "1", 0.2, -2.0, 2.0, "rise over run"),),
            lambda values, family: {},
            apply,
        )
    ''',
    "lunar_extras/octaves.py": '''
        """Octaves of all frequencies together, one band or many, above a threshold."""
        from dataclasses import dataclass

        import numpy as np

        from lunar_antenna.search.merits.base import EfficiencyMerit


        @dataclass(frozen=True, slots=True)
        class Octaves(EfficiencyMerit):
            name = "octaves"
            maximise = True
            threshold: float = 0.5

            @property
            def label(self):
                return f"octaves({self.efficiency} >= {self.threshold:g})"

            def value(self, view):
                above = view.curve(self.efficiency) >= self.threshold
                step = np.gradient(np.log2(view.frequency))
                return float(step[above].sum())


        MERIT = Octaves()
    ''',
    "lunar_extras/ohms.py": '''
        """Resistances towards the sky, one line a frequency."""
        from dataclasses import dataclass

        from lunar_antenna.exports.base import Format


        @dataclass(frozen=True, slots=True)
        class Ohms(Format):
            name = "ohms"
            endings = (".ohm",)
            digits: int = 6

            def write(self, solution, path, port, terminated):
                k = 0 if port is None else port - 1
                rows = zip(solution.frequency, solution.r_sky[:, k, k].real)
                path.write_text("".join(f"{f:g} {r:.{self.digits}g}\\n" for f, r in rows))


        FORMAT = Ohms
    ''',
    "lunar_extras/echo.py": '''
        """Echo: everything by the planar solver, under another name."""
        import os
        from dataclasses import replace

        from lunar_antenna.solvers.protocol import Capabilities, Solver, SolverEntry
        from lunar_antenna.solvers.registry import get_solver

        CAPABILITIES = Capabilities(
            description="the planar solver once more", order=500.0, metal="sheet", delta_gap=True
        )


        class Echo(Solver):
            name = "echo"
            capabilities = CAPABILITIES

            def missing(self):
                absent = "NO_ECHO" in os.environ
                return "engine of echo is absent; unset NO_ECHO" if absent else None

            def refusal(self, problem):
                return get_solver("planar").refusal(problem)

            def solve(self, problem, accuracy, progress, workers):
                found = get_solver("planar").solve(problem, accuracy, progress, workers)
                return replace(found, provenance=replace(found.provenance, solver=self.name))


        SOLVER = SolverEntry("echo", CAPABILITIES, Echo)
    ''',
    "lunar_extras/greet.py": '''
        """``lunar-antenna greet``."""
        import typer
        from typing import Annotated

        from lunar_antenna.cli.output import Answer
        from lunar_antenna.cli.verbs.base import Verb

        HELP = """Greet somebody by name.

        \\b
        Example:
          lunar-antenna greet Selene
        """


        def greet(who: Annotated[str, typer.Argument()], json: bool = False) -> Answer:
            return Answer({"greeting": who}, f"good day, {who}")


        VERB = Verb("greet", HELP, greet)
    ''',
    "lunar_extras/broken.py": "import a_library_that_nobody_has\n",
}  # fmt: skip
GROUPS = {
    "soils": {"crater_floor": "lunar_extras.soil:FLOOR", "walls": "lunar_extras.soil:FOLDER"},
    "families": {"diamond": "lunar_extras.diamond:FAMILY"},
    "modifiers": {"swept": "lunar_extras.swept:MODIFIER"},
    "merits": {"octaves": "lunar_extras.octaves:MERIT"},
    "exports": {"ohms": "lunar_extras.ohms:FORMAT"},
    "solvers": {"echo": "lunar_extras.echo:SOLVER"},
    "verbs": {"greet": "lunar_extras.greet:VERB"},
}
BROKEN = {
    group: {"broken": "lunar_extras.broken:ANYTHING"}
    for group in ("soils", "families", "modifiers", "merits", "exports", "solvers", "verbs")
}
STUDY = """
geometry = "diamond"
soil = "crater_floor"
solver = "echo"
[search]
length = [8.0, 12.0]
swept.slope = [0.0, 0.4]
[band]
points = 9
[port]
z0 = [50.0, 300.0]
[[objective]]
merit = "octaves"
threshold = 0.4
[[constraint]]
merit = "octaves"
threshold = 0.2
at_least = 0.1
[stages]
margin = 0.05
check = 1
fine = false
[sampler]
trials = 6
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> Path:
    """Where the package is installed."""
    return install(tmp_path_factory.mktemp("packages"), "lunar-extras", FILES, GROUPS)


class Ran:
    """Exit code, streams, and the JSON document if that was asked for."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def document(self):
        assert self.code == 0, self.err
        return json.loads(self.out)


def run(folder: Path, *packages: Path, arguments: tuple[object, ...], **extra: str) -> Ran:
    """The command line in a process of its own, in ``folder``."""
    known = os.environ.get("PYTHONPATH")
    path = [*map(str, packages), *([known] if known else [])]
    done = subprocess.run(
        [sys.executable, "-m", "lunar_antenna.cli.main", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path), **extra},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return Ran(done)


@pytest.fixture
def extras(packages, tmp_path):
    """``extras("soil", "list")``: the command line with the package installed."""

    def call(*arguments: object, **extra: str) -> Ran:
        return run(tmp_path, packages, arguments=arguments, **extra)

    return call


DESIGN = ("diamond", "--set", "width=1.2", "--set", "swept.slope=0.3", "--band", "8:20")


def test_solve_and_export(extras, tmp_path):
    """Family, modifier, soil, solver and export in one go, with the numbers of planar."""
    problem = (*DESIGN, "--points", "4", "--accuracy", "draft", "--json")
    answer = extras("solve", *problem, "--soil", "crater_floor", "--solver", "echo",
                    "--out", "run.h5").document  # fmt: skip
    same = extras("solve", *problem, "--soil", "crater_floor", "--solver", "planar").document
    flat = extras("solve", *problem, "--soil", "crater_floor", "--set", "tip=3").document
    wall = extras("solve", *problem, "--soil", "crater_wall").document
    assert answer["solver"] == "echo"
    assert (same["solver"], wall["solver"]) == ("planar", "planar")  # auto tries echo last
    assert np.allclose(answer["z"], same["z"], rtol=1e-12)
    assert np.abs(np.array(flat["z"]) - answer["z"]).max() > 0.1
    assert np.abs(np.array(wall["z"]) - answer["z"]).max() > 1.0

    told = extras("export", "run.h5", "--set", "digits=12", "--out", "run.ohm", "--json").document
    assert told["format"] == "ohms"
    rows = np.loadtxt(tmp_path / "run.ohm")
    solution = la.load(tmp_path / "run.h5")
    assert solution.problem.stack.name == "crater_floor"
    assert set(solution.problem.layout.parameters) >= {"tip", "swept"}
    assert np.allclose(rows[:, 1], solution.r_sky[:, 0, 0].real, rtol=1e-10)
    listed = extras("export", "--help").out
    assert ", touchstone, " in " ".join(listed.split())
    assert ", ohms; " in " ".join(listed.split())


def test_optimize_asks_the_merit_with_a_tighter_threshold(extras, tmp_path):
    """5 % of margin: 0.4 of the objective becomes 0.42 in the search, 0.2 and 0.1 become 0.21
    and 0.105; the check judges by the study's own.  In worker processes, too."""
    (tmp_path / "study.toml").write_text(STUDY)
    answer = extras(
        "optimize", "study.toml", "--workers", "2", "--out", "out", "--no-figures", "--json"
    ).document
    assert answer["trials"] == 6
    search, check = answer["stages"]
    assert (search["stage"], check["stage"]) == ("search", "check")
    assert search["solver"] == check["solver"] == "echo"
    assert set(search["merits"]) == {"octaves(mismatch >= 0.42)", "octaves(mismatch >= 0.21)"}
    assert set(check["merits"]) == {"octaves(mismatch >= 0.4)", "octaves(mismatch >= 0.2)"}
    assert answer["best"]["objective"] > 0.1
    assert set(answer["best"]["parameters"]) == {"length", "swept.slope"}
    with (tmp_path / "out" / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    again = extras("solve", "out/best.toml", "--points", "3", "--json").document
    assert len(again["z"]) == 3


def test_listings_and_help_have_them(extras, tmp_path):
    marker = tmp_path / "imported"
    trace = {"LUNAR_EXTRAS_TRACE": str(marker)}
    shown = extras("--help", **trace)
    assert re.search(r"^  greet +Greet somebody by name\.$", shown.out, re.M)
    assert not marker.exists()  # help imports nothing of anybody's
    assert extras("greet", "Selene", **trace).out == "good day, Selene\n"
    assert marker.exists()
    assert extras("greet", "Selene", "--json").document == {"greeting": "Selene"}
    soils = {item["name"] for item in extras("soil", "list", "--json").document["soils"]}
    assert soils > {"crater_floor", "crater_wall", "sourcebook_highland"}
    rows = extras("geometry", "list", "--json").document["geometries"]
    diamond = next(row for row in rows if row["name"] == "diamond")
    assert diamond["family"] == "diamond"
    shown = extras("geometry", "show", "diamond", "--json").document
    assert shown["search"] == {"length": [8.0, 12.0], "width": [0.5, 2.5]}
    assert "swept" in shown["available_modifiers"]


def test_doctor_lists_all_and_stays_healthy_without_the_engine(extras):
    with_engine = extras("doctor", "--json").document
    without = extras("doctor", "--json", NO_ECHO="1").document
    for answer, there in ((with_engine, True), (without, False)):
        assert answer["healthy"] is True
        (echo,) = [item for item in answer["engines"] if item["name"] == "solver echo"]
        assert echo["needed"] is False
        assert echo["ok"] is there
        assert echo["capabilities"]["optional"] is True
        listed = {item["name"] for item in answer["extensions"]}
        assert listed == {
            "soil crater_floor", "soil crater_wall", "family diamond", "modifier swept",
            "merit octaves", "export format ohms", "solver echo", "verb greet",
        }  # fmt: skip
        assert all(item["detail"] == "lunar-extras 1.0" for item in answer["extensions"])
    refused = extras("solve", "strip", "--solver", "echo", "--points", "1", "--band", "9:9",
                     NO_ECHO="1")  # fmt: skip
    assert refused.code == 4
    assert refused.err.endswith("lunar-antenna: engine of echo is absent; unset NO_ECHO\n")


def test_a_broken_package_disturbs_nothing_and_is_named(packages, tmp_path):
    """One entry of each kind that cannot be imported, beside the package that can."""
    broken = install(tmp_path / "broken", "lunar-broken", {}, BROKEN)

    def call(*arguments: object) -> Ran:
        return run(tmp_path, broken, packages, arguments=arguments)

    answer = call("doctor", "--json").document
    assert answer["healthy"] is True
    wrong = [item for item in answer["extensions"] if not item["ok"]]
    assert len(wrong) == 7
    assert all("lunar-broken" in item["detail"] for item in wrong)
    assert all("a_library_that_nobody_has" in item["detail"] for item in wrong)
    solved = call("solve", "diamond", "--soil", "crater_floor", "--points", "2", "--json")
    assert solved.document["solver"] == "planar"
    for arguments in (
        ("solve", "broken"),
        ("solve", "strip", "--soil", "broken"),
        ("solve", "strip", "--solver", "broken"),
        ("broken",),
    ):
        refused = call(*arguments)
        assert refused.code == 2, arguments
        last = refused.err.splitlines()[-1]
        assert last.startswith("lunar-antenna: ")
        assert "'broken' of package lunar-broken (lunar_extras.broken:ANYTHING)" in last
        assert "Traceback" not in refused.err


CONFORMANCE = """
from lunar_antenna.solvers.conformance import SolverConformance

class TestEcho(SolverConformance):
    solver = "echo"
"""


def test_its_solver_tests_itself_with_the_public_class(packages, tmp_path):
    (tmp_path / "test_echo.py").write_text(CONFORMANCE)
    known = os.environ.get("PYTHONPATH")
    path = [str(packages), *([known] if known else [])]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_echo.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert "failed" not in done.stdout
