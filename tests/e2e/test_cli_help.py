"""Help, version, exit codes and streams of the command line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lunar_antenna import __version__
from lunar_antenna.cli.verbs import VERBS, first_line

SUBCOMMANDS = {"soil": ("list", "show"), "geometry": ("list", "show", "export")}
PATHS = [
    *([verb] for verb in VERBS),
    *([verb, name] for verb, names in SUBCOMMANDS.items() for name in names),
]
HEAVY = ("numpy", "scipy", "matplotlib", "skrf", "optuna", "numba", "h5py", "shapely", "PyNEC")


def test_help_names_every_verb(command):
    result = command("--help")
    assert result.code == 0
    assert "Example:" in result.out
    assert all(verb in result.out for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_help_shows_the_whole_first_line_of_each_verb(command, verb):
    """Read from the source, and short enough for a terminal of 80 columns."""
    line = VERBS.get(verb).help.splitlines()[0]
    assert first_line(verb) == line
    assert re.search(rf"^  {verb} +{re.escape(line)}$", command("--help").out, re.M)


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_verb_has_help_with_an_example(command, path):
    result = command(*path, "--help")
    assert result.code == 0
    assert f"lunar-antenna {path[0]}" in result.out
    assert "Example:\n" in result.out
    if path in (["soil"], ["geometry"]):
        assert all(name in result.out for name in SUBCOMMANDS[path[0]])
    else:
        assert "--json" in result.out


@pytest.mark.parametrize("arguments", [["--help"], ["solve", "--help"], ["optimize", "--help"]])
def test_help_imports_nothing_heavy(arguments):
    """Cold imports of these cost 0.1 to 3 s each; help needs none of them."""
    code = (
        "import sys; from lunar_antenna.cli.main import run; "
        f"code = run({arguments!r}); "
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr); "
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr.strip() == "[]"


def test_version(command):
    assert command("--version").out == f"lunar-antenna {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "no verb given; allowed verbs: arrange, array, bound"),
        (["paint"], "unknown verb 'paint'; allowed: arrange, array, bound"),
        (["--paint"], "unknown option --paint"),
        (["solve"], "Missing argument"),
        (["solve", "strip", "--paint"], "No such option"),
        (["soil", "paint"], "No such command"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(command, arguments, told):
    result = command(*arguments)
    assert result.code == 2
    assert result.out == ""
    assert told in result.complaint


def test_reader_that_goes_away_is_no_error():
    """``lunar-antenna soil list | true``: no traceback, no complaint."""
    line = "python -m lunar_antenna.cli.main soil list --json | true; echo ${PIPESTATUS[0]}"
    done = subprocess.run(
        ["bash", "-c", line.replace("python", sys.executable)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "0"
    assert done.stderr == ""


def test_full_disk_behind_stdout_is_one_line():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lunar_antenna.cli.main", "soil", "list"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == (
        "lunar-antenna: the answer cannot be printed, stdout: No space left on device; files "
        "asked for are written\n"
    )


def test_internal_error_is_one_line_without_traceback(command, monkeypatch):
    """A defect of ours still ends in one line and a code of the contract."""
    import lunar_antenna.media.soils as soils

    monkeypatch.setattr(soils, "soil_names", lambda: 1 / 0)
    result = command("soil", "list")
    assert result.code == 3
    assert "internal error, ZeroDivisionError" in result.complaint


def test_ctrl_c_in_a_verb_without_an_answer_of_its_own_is_told_in_one_line(command, monkeypatch):
    import lunar_antenna.media.soils as soils

    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr(soils, "soil_names", stop)
    result = command("soil", "list")
    assert (result.code, result.out) == (130, "")
    assert result.complaint.splitlines() == ["lunar-antenna: interrupted"]


def test_doctor_exits_4_and_says_how_where_a_library_is_missing(command, monkeypatch):
    monkeypatch.setitem(sys.modules, "cmaes", None)
    result = command("doctor")
    assert result.code == 4
    assert "pip install cmaes" in result.out
