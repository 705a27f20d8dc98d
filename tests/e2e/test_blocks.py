"""Every block of README and docs runs as it stands: shell lines in order, Python to its end.

A TOML block whose first line is a comment with a name is the file of that name.

What takes minutes runs with the slow tests; of it the quick ones check that every option exists.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import lunar_antenna as la
from lunar_antenna.search.study.file import load_study

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    *sorted(DOCS.glob("*.md")),
    *sorted((DOCS / "tutorial").glob("*.md")),
    *sorted((DOCS / "howto").glob("*.md")),
]
SLOW = re.compile(
    r" optimize | invert | bound | tolerance | noise | array | live |--solver openems|sag\."
)
WORDS = ["VERB", "ARRAY", "FOOTPRINT", "NAME", "FILE", "FOLDER", "RUN.h5", "DIR", "OHM", "MEASURED"]
PLACEHOLDER = re.compile(rf"\b({'|'.join(map(re.escape, WORDS))})\b|\|")
DESIGN = """family = "bowtie"
[parameters]
length = 9.0
[source.optimised]
soil = "simple_eps35"
z0 = 200.0
solved_mhz = [5.0, 35.0]
points = 21
"""


def blocks(page: Path, language: str) -> list[str]:
    """Fenced blocks of ``language`` in the page."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def commands(page: Path) -> list[str]:
    """Calls of the program, fenced or indented, lines that go on joined."""
    text = page.read_text(encoding="utf-8")
    indented = re.findall(r"(?:^    \S.*\n(?:^     +\S.*\n)*)+", text, re.M)
    found = []
    for block in [*blocks(page, "sh"), *indented]:
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            if re.match(r"\s*lunar-antenna ", line):
                found.append(line.strip())
    return [line for line in found if not PLACEHOLDER.search(line)]


def write_files(page: Path, folder: Path) -> list[str]:
    """The files that a page tells the reader to write; their names."""
    names = []
    for text in blocks(page, "toml"):
        found = re.match(r"# (\w+\.toml)\n", text)
        if found:
            (folder / found[1]).write_text(text, encoding="utf-8")
            names.append(found[1])
    return names


def is_slow(line: str) -> bool:
    return bool(SLOW.search(line)) and "--dry-run" not in line


def here(line: str, folder: Path) -> bool:
    """Whether every file that the line reads is there, or made by a line before."""
    words = shlex.split(line, comments=True)
    reads = [w for w in words if re.search(r"\.(s1p|s2p|csv|h5|toml|dxf)$", w)]
    made = {words[k + 1] for k in range(len(words) - 1) if words[k] == "--out"}
    return all((folder / word).exists() for word in reads if word not in made)


@pytest.fixture
def state(tmp_path):
    """The files that ``make demo``, and a study before it, leave, as small as can be."""
    for name in ("out/demo/study/best.toml", "wide/best.toml"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(DESIGN)
    return tmp_path


def test_every_job_has_a_page_that_the_index_names():
    index = (DOCS / "howto.md").read_text(encoding="utf-8")
    named = re.findall(r"^- \[(.*)\]\(howto/(\w+)\.md\)$", index, re.M)
    pages = {path.stem: path.read_text(encoding="utf-8") for path in DOCS.glob("howto/*.md")}
    assert sorted(pages) == sorted(name for _, name in named)
    for title, name in named:
        assert pages[name].startswith(f"# {title}\n"), name
        assert len(pages[name].splitlines()) <= 60, name


def test_there_are_blocks():
    assert len(commands(ROOT / "README.md")) >= 8
    assert sum(len(commands(page)) for page in PAGES) >= 18


@pytest.mark.parametrize("page", [p for p in PAGES if commands(p)], ids=lambda p: p.name)
def test_shell(page, command, state):
    write_files(page, state)
    for line in commands(page):
        words = shlex.split(line, comments=True)[1:]
        if is_slow(line) or not here(line, Path.cwd()):
            inner = words[:2] if words[0] in ("soil", "geometry") else words[:1]
            told = command(*inner, "--help").out
            for option in [word for word in words if word.startswith("--")]:
                assert f"{option} " in told, (line, option)
            continue
        result = command(*words)
        assert result.code == 0, (line, result.err)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_files_that_a_page_writes_are_what_it_says(page, tmp_path):
    """Each is a soil, a geometry or a study, by its own keys."""
    for name in write_files(page, tmp_path):
        path = tmp_path / name
        table = tomllib.loads(path.read_text())
        if "layer" in table or "profile" in table:
            la.load_soil(path)
        elif "family" in table:
            la.load_geometry(path)
        else:
            assert load_study(path).search, name


@pytest.mark.slow
@pytest.mark.parametrize("page", [p for p in PAGES if commands(p)], ids=lambda p: p.name)
def test_shell_to_the_end(page, process, state):
    """Everything, minutes of it, as processes; lines that need files of others are left out."""
    write_files(page, state)
    for line in commands(page):
        if not here(line, state) or "openems" in line or " live " in line:  # it serves until Ctrl-C
            continue
        words = shlex.split(line, comments=True)[1:]
        running = process.start(*words)
        out, err = running.communicate(timeout=3600)
        assert running.returncode == 0, (line, out, err)


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=lambda p: p.name)
def test_python(page, tmp_path):
    code = "\n".join(blocks(page, "python"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, env=environment,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_demo_ends_with_what_it_made_and_the_page_to_open(tmp_path):
    """Shown again in a moment, without anything being solved, once it is whole."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("demo", ROOT / "examples" / "demo.py")
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    for name in demo.MADE:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    summary = {
        "asked": demo.asked(7),
        "best": {"soil": "s", "z0": 200.0, "band_mhz": [9.0, 20.0], "min_efficiency_5_35": 0.2,
                 "solver": "planar", "accuracy": "normal", "power_closure": 1e-6},
        "measurement": {"name": "m"},
        "prototype_design_against_measurement": {"rms_db": 0.1, "fsv": {"grade": "Good"}},
    }  # fmt: skip
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    assert demo.finished(tmp_path, 7) == summary
    assert demo.finished(tmp_path, 8) is None
    lines = demo.human(summary, tmp_path).splitlines()
    assert lines[-1] == f"open {tmp_path / 'report.html'}"
    assert all(any(str(tmp_path / name) in line for line in lines) for name in demo.MADE)
    (tmp_path / "overview.png").unlink()
    assert demo.finished(tmp_path, 7) is None
    assert "study/report.html" in demo.MADE  # the study's own page is not written over


@pytest.mark.slow
def test_the_demo(tmp_path, command):
    """The whole of it with few trials; a second time it is only shown."""
    arguments = [sys.executable, str(ROOT / "examples" / "demo.py"), "--out", str(tmp_path / "d")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    first = ""
    for _ in range(2):
        done = subprocess.run(
            [*arguments, "--trials", "4"], env=environment, capture_output=True, text=True,
            check=True, timeout=1800,
        )  # fmt: skip
        first = first or done.stderr
        assert done.stdout.splitlines()[-1].endswith("d/report.html")
    assert "made before" in done.stderr
    assert "draft mesh" in first  # whose bands are told while it searches

    # One design has one band, on every page, in every file and in what solve says of it.
    told = json.loads((tmp_path / "d" / "summary.json").read_text())["best"]["band_mhz"]
    edges = f"{told[0]:.2f} to {told[1]:.2f} MHz"
    assert edges in done.stdout
    for page in ("report.html", "study/report.html"):
        assert edges in (tmp_path / "d" / page).read_text(encoding="utf-8"), page
    best = tmp_path / "d" / "study" / "best.toml"
    with best.open("rb") as stream:
        assert tomllib.load(stream)["source"]["optimised"]["band_mhz"] == pytest.approx(told)
    assert f"{told[0]:.3f} to {told[1]:.3f} MHz" in command("solve", str(best)).out
