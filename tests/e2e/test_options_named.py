"""A value that an option cannot take: one line that names the option, exit code 2, nothing left.

Every option with a value of every verb, as the program itself lists them, with values that none of
its kind takes.  The verbs are given what they need otherwise, so that nothing else is wrong.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import typer

import lunar_antenna as la
from lunar_antenna.cli.given import with_option
from lunar_antenna.cli.main import build

NUMBERS = ("abc", "nan", "-1e300", "1e300")
WORDS = ("run.h5/such", "")  # no file can be in a file
BASE = {
    "solve": ("strip", "--solver", "nec", "--points", "2"),
    "compare": ("strip", "m.s1p", "--solver", "nec", "--soil", "free-space"),
    "invert": ("strip", "m.s1p", "--accuracy", "draft", "--workers", "1"),
    "optimize": ("strip", "--solver", "nec", "--points", "9", "--trials", "1", "--no-figures"),
    "tolerance": ("strip", "--solver", "nec", "--points", "9", "--builds", "0"),
    "export": ("run.h5", "--out", "x.s1p"),
    "report": ("run.h5", "m.s1p"),
    "noise": ("strip", "--solver", "nec", "--points", "2"),
    "array": ("station_16",),
    "bound": ("8x1", "--quantity", "gain", "--points", "2"),
    "geometry show": ("strip",),
    "geometry export": ("strip", "--out", "x.svg"),
    "soil show": ("simple_eps35",),
}
NEEDS = {  # what else an option asks for
    "compare --points": ("--band", "5:35"),
    "bound --z0": ("--quantity", "realised_gain"),
    "bound --reactance": ("--quantity", "realised_gain"),
}


def options() -> list[tuple[str, str, str, int]]:
    """(verb, option, bad value, how many values it takes)."""
    found = []
    for words in BASE:
        command: Any = typer.main.get_command(build(words.split()[0]))
        for word in words.split():
            command = command.commands[word]
        for item in command.params:
            if item.param_type_name != "option" or item.is_flag:
                continue
            for value in (
                NUMBERS if item.bare_type() in ("float", "int", "tuple[float, float]") else WORDS
            ):
                found.append((words, item.opts[0], value, max(item.nargs, 1)))
    return found


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("bench")
    band = la.Band.mhz(8, 30, 5)
    problem = la.Problem(la.load_geometry("strip"), la.Stack.free_space(), 0.0, band)
    run = la.solve(problem, "nec", accuracy="draft")
    run.save(folder / "run.h5")
    la.export(run, folder / "m.s1p")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_option_is_named_where_its_value_is_refused(command, tmp_path: Path, bench) -> None:
    wrong: list[str] = []
    cases = options()
    for name, data in bench.items():
        (tmp_path / name).write_bytes(data)
    before = sorted(tmp_path.iterdir())
    for words, option, value, count in cases:
        arguments = [*words.split(), *BASE[words]]
        if option in arguments:
            place = arguments.index(option)
            del arguments[place : place + 2]
        arguments += NEEDS.get(f"{words} {option}", ())
        arguments += [option, *[value] * count]
        result = command(*arguments)
        label = f"{' '.join(arguments)!r}: {result.code} {result.err.strip()[-300:]}"
        if result.code != 2 or option not in result.err.splitlines()[-1]:
            wrong.append(label)
        if "Traceback" in result.err or "Warning" in result.err or result.out:
            wrong.append(label)
        if sorted(tmp_path.iterdir()) != before:
            wrong.append(f"{label}: left {sorted(tmp_path.iterdir())}")
            for path in {*tmp_path.iterdir()} - {*before}:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    print(f"options: {len(cases)} cases, {len(wrong)} not named")
    assert len(cases) > 150
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("arguments", "message", "named"),
    [
        (("--height", "-1"), "height = -1 m is outside [0, 1000] m", "--height -1"),
        (("--height=-1.0",), "height = -1 m is outside [0, 1000] m", "--height -1.0"),
        (("--set", "gap=5"), "gap = 5 m leaves no arms", "--set gap=5"),
        (("--set", "length=9", "--set", "gap=5"), "gap = 5 m leaves no arms", "--set gap=5"),
        (("--height", "1"), "x.toml: soil 'a' is not known", ""),
        (("--height", "1"), "--height is odd; height = 1 m", ""),
        (("--bound", "no/such"), "footprint 'no/such' is not LENGTHxWIDTH", "--bound no/such"),
        (("--band", "5:35"), "band_ratio is given twice", ""),
        (
            ("--storage", "postgresql://a:b@c/d"),
            "storage postgresql://a:***@c/d is away",
            "--storage",
        ),
    ],
)
def test_the_option_that_is_meant(arguments: tuple[str, ...], message: str, named: str) -> None:
    told = with_option(message, arguments)
    assert told == (f"{named}: {message}" if named else message)
