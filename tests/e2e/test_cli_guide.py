"""The guide says what the program does: accuracy words, options, exit codes, variables."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from lunar_antenna.solvers.protocol import ACCURACIES

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def row(start: str) -> list[list[float]]:
    """Numbers of the three words in the one table row whose meaning begins with ``start``."""
    pattern = rf"^\|[^|]*\| `?{re.escape(start)}[^|]*\|(.*)\|$"
    (found,) = re.findall(pattern, GUIDE, flags=re.MULTILINE)
    cells = [cell.strip() for cell in found.split("|")]
    assert len(cells) == len(ACCURACIES)
    return [[_number(text) for text in cell.split(" / ")] for cell in cells]


def _number(text: str) -> float:
    top, _, below = text.partition("/")
    return float(top) / float(below or 1.0)


def test_planar_words():
    from lunar_antenna.solvers.planar.accuracy import MOST_CELLS, RESOLUTION

    truth = [RESOLUTION[word] for word in ACCURACIES]
    assert row("cells per shortest wavelength") == [[item.nodes] for item in truth]
    assert row("cells from a rim") == [[item.cells] for item in truth]
    assert row("cells around corners") == [[item.corner] for item in truth]
    assert row("cells at the feed") == [[item.feed] for item in truth]
    assert f"than {MOST_CELLS:g}." in GUIDE


def test_nec_words():
    from lunar_antenna.solvers.nec.solver import ACCURACY

    truth = [ACCURACY[word] for word in ACCURACIES]
    assert row("strips:") == [[item.strip, item.strip_per_wavelength] for item in truth]
    assert row("wide metal:") == [
        [item.grid, item.grid_per_wavelength, item.across] for item in truth
    ]


def test_openems_words():
    from lunar_antenna.solvers.openems.model.accuracy import ACCURACY

    truth = [ACCURACY[word] for word in ACCURACIES]
    assert row("cells across the narrowest strip") == [[item.across] for item in truth]
    assert row("largest cell along the metal") == [[item.along] for item in truth]
    assert row("cells per wavelength in") == [[item.per_wavelength] for item in truth]
    assert row("metal to absorbing layers") == [[item.margin] for item in truth]


def test_exit_codes():
    from lunar_antenna.cli.main import INTERRUPTED
    from lunar_antenna.errors import InputError, MissingEngineError, SolverError

    codes = {0, INTERRUPTED} | {e.exit_code for e in (InputError, SolverError, MissingEngineError)}
    table = GUIDE.split("| exit code |")[1].split("\n\n")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == codes


def test_every_variable_of_the_package_is_told():
    pattern = r"\bLUNAR_ANTENNA_[A-Z_]*[A-Z]\b"
    read = set()
    for path in (ROOT / "lunar_antenna").rglob("*.py"):
        read |= set(re.findall(pattern, path.read_text(encoding="utf-8")))
    assert read <= set(re.findall(pattern, GUIDE))


@pytest.mark.parametrize("verb", ["solve", "compare"])
def test_options_in_the_guide_exist(command, verb):
    chapter = {"solve": "### openEMS", "compare": "### Corrections"}[verb]
    told = set(re.findall(r"--[a-z-]+", GUIDE.split(chapter)[1].split("\n#")[0])) - {"--json"}
    assert len(told) >= 4
    page = command(verb, "--help").out
    assert all(f"  {option} " in page for option in told), told


def test_options_of_a_search_exist(command):
    """Those that the chapter on optimisation names, of optimize or of tolerance."""
    told = set(
        re.findall(r"--[a-z][a-z0-9-]+", GUIDE.split("## Optimisation")[1].split("\n## ")[0])
    )
    assert len(told) >= 10
    pages = command("optimize", "--help").out + command("tolerance", "--help").out
    known = set(re.findall(r"--[a-z0-9-]+", pages))
    assert told - {"--json"} <= known


def test_the_study_of_the_guide_is_one(tmp_path):
    from lunar_antenna.search.study.file import load_study

    text = GUIDE.split("```toml\n")[1].split("```")[0]
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    told = tomllib.loads(text)
    plan = load_study(tmp_path / "mine.toml").plan()
    assert plan.trials == told["sampler"]["trials"]
    assert len(plan.evaluator.goals.constraints) == len(told["constraint"])


def test_every_verb_and_extra_is_told():
    from lunar_antenna.cli.verbs import VERBS

    table = GUIDE.split("| verb |")[1].split("\n\n")[0]
    assert {verb for verb in VERBS if f"`{verb}" not in table} == set()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = set(project["optional-dependencies"]) - {"test"}
    table = GUIDE.split("| gives |")[1].split("\n\n")[0]
    assert extras == set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


def test_every_merit_sampler_and_stage_is_told():
    from lunar_antenna.search.merits import MERITS
    from lunar_antenna.search.study.samplers import SAMPLERS

    chapter = GUIDE.split("## Optimisation")[1].split("\n## ")[0]
    names = {*MERITS, *SAMPLERS, "screen", "search", "check", "fine", "confirm"}
    assert {name for name in names if f"`{name}`" not in chapter} == set()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_links_between_pages_exist(page):
    links = set(re.findall(r"\]\(([^)#:]+)", page.read_text(encoding="utf-8")))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_readme_names_every_solver_and_its_links_exist():
    from lunar_antenna.solvers.registry import solver_names

    assert all(f"| `{name}`" in README for name in solver_names())
    links = set(re.findall(r"\]\(([^)#:]+)\)", README))
    assert {"docs/planar.md", "docs/validation.md", "docs/guide.md"} <= links
    assert [link for link in links if not (ROOT / link).exists()] == []
