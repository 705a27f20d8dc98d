"""The site of docs/: it builds without a warning, needs no network, and leaves nothing out.

What there is (keys of files, names of registries, verbs, options, public names) is asked of the
program here, by other ways than the pages are made where there are any.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import pytest

import lunar_antenna as la

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "docs" / "site"
for needed in ("sphinx", "furo", "myst_nb", "sphinx_copybutton", "latex2mathml"):
    pytest.importorskip(needed, reason="the extra docs is not installed")


@pytest.fixture(scope="module")
def builder():
    sys.path.insert(0, str(SITE))
    try:
        spec = importlib.util.spec_from_file_location("site_build", SITE / "build.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(SITE))


@pytest.fixture(scope="module")
def pages(builder, tmp_path_factory):
    """Pages made from the code, by path."""
    return builder.made(tmp_path_factory.mktemp("staged"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The HTML (20 s), built in a process of its own, because Sphinx changes the one it is in."""
    import subprocess

    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, str(SITE / "build.py"), "--out", str(out)],
        capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return out / "html"


def rows(page: str) -> set[str]:
    """First cells of all tables, without the marks of code and what follows a name."""
    return {found.strip("/").split()[0] for found in re.findall(r"^\| `([^`]+)`", page, re.M)}


def test_the_site_builds_without_a_warning(site):
    assert (site / "index.html").stat().st_size > 1000
    for name in ("reference/api", "reference/toml", "gallery", "notebooks/02_on_the_regolith"):
        assert (site / f"{name}.html").is_file(), name


def test_nothing_is_fetched(site):
    """Scripts, styles, fonts and pictures are files beside the pages."""
    for page in site.rglob("*.html"):
        loaded = re.findall(r"<(?:script|img|iframe)[^>]*\bsrc=\"([^\"]*)\"", page.read_text())
        loaded += re.findall(r"<link[^>]*stylesheet[^>]*href=\"([^\"]*)\"", page.read_text())
        assert not [link for link in loaded if link.startswith(("http:", "https:", "//"))], page
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*[\"']?(https?:)?//", sheet.read_text()), sheet


def test_formulas_are_drawn_by_the_browser_itself(site):
    text = (site / "planar.html").read_text()
    assert text.count("<math") > 50
    assert "$$" not in re.sub(r"<script.*?</script>", "", text, flags=re.S)


def test_notebooks_stand_with_what_they_showed(site):
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert 'class="cell_output' in (site / "notebooks" / f"{path.stem}.html").read_text()


def test_every_page_of_docs_is_in_the_site(site):
    for path in (ROOT / "docs").rglob("*.md"):
        assert (site / path.relative_to(ROOT / "docs").with_suffix(".html")).is_file(), path


@pytest.mark.parametrize(
    "folder", ["geometries", "soil_models", "measurements", "arrays"], ids=lambda name: name
)
def test_every_key_of_every_shipped_file_is_told(folder, pages):
    """Asked of the files: what they hold has been read, and stands in the reference."""
    from lunar_antenna.geometry.families import FAMILIES
    from lunar_antenna.geometry.modifiers import MODIFIERS

    told = set(re.findall(r"`([^`\n]+)`", pages["reference/toml.md"]))
    told |= rows(pages["reference/families.md"]) | rows(pages["reference/modifiers.md"])
    told |= set(re.findall(r"`(\w+) = ", pages["reference/merits.md"])) | set(FAMILIES)
    told |= {"merit", "at_least", "at_most"} | set(MODIFIERS)
    for path in sorted((ROOT / folder).glob("*.toml")):
        for key in keys_of(tomllib.loads(path.read_text())):
            assert key in told or re.fullmatch(r"[xwh]\d+", key), (path.name, key)


def keys_of(table):
    """Keys of tables, except below those that hold remarks or names of parameters."""
    for key, value in table.items():
        yield key
        free = key in ("source", "truth", "notes", "search", "numbers", "elements", "parameters")
        if isinstance(value, dict) and not free:
            yield from keys_of(value)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for row in value:
                yield from keys_of(row)


def test_a_page_that_no_list_names_is_listed_at_the_end(builder, tmp_path):
    """So that a new page needs no other file."""
    (tmp_path / "tutorial").mkdir()
    for name in ("index", "guide", "new", "tutorial/other"):
        (tmp_path / f"{name}.md").write_text("# x\n")
    index = "# x\n```{toctree}\nguide\n```\n"
    assert builder.with_all_pages(index, tmp_path).split()[-3:] == ["new", "tutorial/other", "```"]
    (tmp_path / "new.md").unlink()
    (tmp_path / "tutorial" / "other.md").unlink()
    assert builder.with_all_pages(index, tmp_path) == index


def test_a_reader_of_a_new_table_has_to_be_told_of(builder, monkeypatch):
    """A module that refuses unknown keys and stands in no section stops the build."""
    files = builder.files
    monkeypatch.setattr(files, "SECTIONS", files.SECTIONS[1:])
    with pytest.raises(LookupError, match=r"lunar_antenna\.geometry\.spec"):
        files.sections()


def test_a_key_that_a_reader_takes_is_found_with_what_is_allowed(builder):
    found = {(r.where.rpartition(".")[2], r.function): r for r in builder.files.keys.readers()}
    layer = {key.name: key for key in found["soil_files", "_layer"].keys}
    assert layer["eps_r"].allowed == "1 to 10000"
    assert layer["loss_tangent"].default == "0"
    band = {key.name: key for key in found["file", "StudyReader.band"].keys}
    assert band["mhz"].default == "[5, 35]"
    assert "MHz" in band["mhz"].kind
    stages = {key.name for key in found["stages", "Stages.from_table"].keys}
    assert {"margin", "check", "confirm"} <= stages


def test_every_name_of_every_registry_is_told(pages):
    from lunar_antenna.common.catalogue import names
    from lunar_antenna.exports.registry import FORMATS
    from lunar_antenna.geometry.families import FAMILIES, family
    from lunar_antenna.geometry.modifiers import MODIFIERS
    from lunar_antenna.media.sheets import FILMS, METALS
    from lunar_antenna.search.merits import MERITS
    from lunar_antenna.sky.galaxy import NAMES
    from lunar_antenna.sky.receiver import RECEIVERS
    from lunar_antenna.solvers.registry import SOLVERS

    def headings(page):
        return set(re.findall(r"^## (\w+)", pages[page], re.M))

    assert headings("reference/families.md") == set(FAMILIES)
    assert headings("reference/modifiers.md") == set(MODIFIERS)
    assert headings("reference/soils.md") == set(names("soil_models"))
    assert rows(pages["reference/materials.md"]) == {*METALS, *FILMS}
    assert rows(pages["reference/merits.md"]) == set(MERITS)
    assert rows(pages["reference/formats.md"]) == set(FORMATS)
    assert rows(pages["reference/solvers.md"]) == set(SOLVERS)
    assert rows(pages["reference/skies.md"]) == {*NAMES, *RECEIVERS}
    assert rows(pages["reference/geometries.md"]) >= set(names("geometries"))
    for name in FAMILIES:
        assert {item.name for item in family(name).parameters} <= rows(
            pages["reference/families.md"]
        )
        assert f"images/family_{name}.svg" in pages["reference/families.md"]


def test_every_verb_and_option_is_told(pages, command):
    """Asked of ``--help``."""
    from lunar_antenna.cli.verbs import VERBS

    page = pages["reference/cli.md"]
    sections = dict(re.findall(r"^#{2,3} ([^\n]+)\n(.*?)(?=^#{2,3} |\Z)", page, re.M | re.S))
    groups = {name.split()[0] for name in sections if " " in name}
    assert {name.split()[0] for name in sections} == set(VERBS)
    for name, text in sections.items():
        if name in groups:
            continue
        told = command(*name.split(), "--help").out
        options = set(re.findall(r"^  (--[\w-]+)", told, re.M)) - {"--help"}
        assert options, name
        assert all(f"`{option}" in text or f", {option}" in text for option in options), name


def test_every_public_name_has_its_signature(site):
    """The plot kinds too; a class with its methods."""
    from lunar_antenna.plotting.front import KINDS

    text = (site / "reference" / "api.html").read_text()
    for name in la.__all__:
        if not name.startswith("_") and name != "plot":
            assert f'id="lunar_antenna.{name}"' in text, name
    assert all(f"la.plot.{kind}" in text for kind in KINDS)
    assert 'id="lunar_antenna.Solution.far_field"' in text


def test_the_schema_of_a_solution_is_told(pages):
    """Names from the writer's own constants."""
    from lunar_antenna import store

    told = rows(pages["reference/hdf5.md"])
    wanted = {*store.MATRICES, "frequency", "problem"}
    wanted |= {f"elements/{name}" for name in ("position", *store._MOMENTS)}
    wanted |= {f"shape/{name}" for name in store._SHAPE}
    wanted |= {f"quality/{name}" for name in store._QUALITY}
    assert wanted <= told


def test_every_picture_is_in_the_gallery_with_its_script(pages):
    for path in (ROOT / "docs" / "images").glob("*.png"):
        assert f"images/{path.name})" in pages["gallery.md"], path.name


def test_a_docstring_is_no_markup(builder):
    """A bar, a star and an indented drawing are what they are."""
    text = "Sum of |a| * b.\n\n    x--|tab|--x\n\nwidth: of ``x``, m.\nheight: m."
    assert builder.files.markdown(text).split("\n\n") == [
        r"Sum of \|a\| \* b.", "```text\nx--|tab|--x\n```", "- width: of `x`, m.", "- height: m."
    ]  # fmt: skip
