"""Builds the site: ``make docs``, or ``python docs/site/build.py [--out FOLDER]``.

The pages of docs/, the README's neighbours and the notebooks are copied to a folder of their own,
with links as they are there; the pages of reference and the gallery are made from the code beside
them; Sphinx makes HTML of it, and a warning is an error.  Nothing is fetched, here or by a reader.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
for _folder in (str(HERE), str(ROOT)):
    if _folder not in sys.path:
        sys.path.insert(0, _folder)
os.environ.setdefault("OMP_NUM_THREADS", "1")

import api  # noqa: E402
import catalogues  # noqa: E402
import commands  # noqa: E402
import files  # noqa: E402
import gallery  # noqa: E402

OUTSIDE = {  # pages that stand beside docs/: where they are in the site
    "README.md": "readme.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
HIDDEN = """
```{{toctree}}
:hidden:

{pages}
```
"""
INDEXES = (Path("decisions/README.md"), Path("howto.md"))  # what they list stands below them
BELOW = ("decisions", "howto")  # folders of such pages


def stage(target: Path) -> None:
    """All sources of the site in ``target``; what has not changed is left as it is."""
    docs = ROOT / "docs"
    for path in sorted(docs.rglob("*")):
        inside = path.relative_to(docs)
        if path.is_file() and inside.parts[0] != "figures" and "__pycache__" not in inside.parts:
            if inside == Path("index.md"):
                continue
            if path.suffix == ".md":
                text = linked(path.read_text(encoding="utf-8"), docs, path.parent)
                put(target / inside, text + (below(path) if inside in INDEXES else ""))
            else:
                copy(path, target / inside)
    copy(HERE / "conf.py", target / "conf.py")
    for name, inside in OUTSIDE.items():
        put(target / inside, linked((ROOT / name).read_text(encoding="utf-8"), docs, ROOT))
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        copy(path, target / "notebooks" / path.name)
    for name, text in made(target).items():
        put(target / name, text)
    index = linked((docs / "index.md").read_text(encoding="utf-8"), docs, docs)
    put(target / "index.md", with_all_pages(index, target))


def below(index: Path) -> str:
    """A hidden list of the pages in the folders below that ``index`` links to, in its order."""
    links = re.findall(r"\]\(((?:[\w-]+/)*[\w-]+)\.md\)", index.read_text(encoding="utf-8"))
    own = [name for name in links if (index.parent / name).parent.name in BELOW]
    return HIDDEN.format(pages="\n".join(dict.fromkeys(own)))


def made(target: Path) -> dict[str, str]:
    """Pages that come from the code, by path."""
    images = target / "reference" / "images"
    images.mkdir(parents=True, exist_ok=True)
    return {
        "reference/toml.md": files.toml(),
        "reference/families.md": catalogues.families(images),
        "reference/modifiers.md": catalogues.modifiers(),
        "reference/geometries.md": catalogues.geometries(),
        "reference/materials.md": catalogues.materials(),
        "reference/soils.md": catalogues.soils(),
        "reference/merits.md": catalogues.merits(),
        "reference/formats.md": catalogues.formats(),
        "reference/solvers.md": catalogues.solvers(),
        "reference/skies.md": catalogues.skies(),
        "reference/hdf5.md": files.hdf5(ROOT, target),
        "reference/cli.md": commands.page(),
        "reference/api.rst": api.page(),
        "gallery.md": gallery.page(ROOT),
    }


def with_all_pages(index: str, target: Path) -> str:
    """The front page, with a last list of the pages that none of its lists names."""
    listed = set(index.split())
    pages = (path.relative_to(target).with_suffix("") for path in sorted(target.rglob("*.md")))
    rest = [
        page.as_posix()
        for page in pages
        if page.as_posix() not in listed and page.parts[0] not in BELOW and page.name != "index"
    ]
    if not rest:
        return index
    return (
        f"{index}\n```{{toctree}}\n:maxdepth: 1\n:caption: Also\n\n" + "\n".join(rest) + "\n```\n"
    )


def linked(text: str, docs: Path, folder: Path) -> str:
    """Links between files of the repository as links between pages of the site.

    What is no page (a licence, a folder of code) becomes its name alone.
    """

    def place(match: re.Match[str]) -> str:
        bang, words, link = match.groups()
        path, _, anchor = link.partition("#")
        if not path or "://" in path or path.startswith("mailto:"):
            return match[0]
        found = (folder / path).resolve()
        anchor = f"#{anchor}" if anchor else ""
        if found.is_relative_to(docs) and found.exists():
            inside = found.relative_to(docs).as_posix()
        elif found.parent == ROOT and found.name in OUTSIDE:
            inside = OUTSIDE[found.name]
        elif found.parent == ROOT / "notebooks":
            inside = f"notebooks/{found.name}"
        elif not found.is_relative_to(ROOT) or not found.exists():
            return match[0]  # Sphinx says what is wrong with it
        else:
            return words
        own = folder.relative_to(docs).parts if folder.is_relative_to(docs) else ()
        return f"{bang}[{words}]({'../' * len(own)}{inside}{anchor})"

    return re.sub(r"(!?)\[([^\]\n]*(?:\n[^\]\n]*)?)\]\(([^)\s]+)\)", place, text)


def put(path: Path, text: str) -> None:
    """Write where it differs, so that Sphinx reads again only what has changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def copy(source: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or source.read_bytes() != path.read_bytes():
        shutil.copyfile(source, path)


def build(out: Path) -> int:
    """The site in ``out``/html; 0 where Sphinx has nothing to complain of."""
    from sphinx.cmd.build import build_main

    stage(out / "source")
    return build_main(
        ["-W", "--keep-going", "-q", "-b", "html", "-d", str(out / "doctrees"), str(out / "source"),
         str(out / "html")]
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "docs")
    out = parser.parse_args().out
    code = build(out)
    if code == 0:
        print(f"open {out / 'html' / 'index.html'}")
    return code


if __name__ == "__main__":
    sys.exit(main())
