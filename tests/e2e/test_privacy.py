"""What nobody wrote down for others to see: passwords, folders, names; and nothing that runs.

Names come from files of other people: what they hold is shown as text, in pages, drawings and
notebooks.  Files are data: nothing in them is unpickled or run.
"""

from __future__ import annotations

import ast
import os
import pickle
import re
from pathlib import Path
from xml.etree import ElementTree

import h5py
import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.common.sources import PACKAGE

SECRET = "S3cr3tW0rd"
SHORT = ("--solver", "nec", "--soil", "free-space", "--points", "8", "--accuracy", "draft")
SEARCH = ("optimize", "g.toml", *SHORT, "--trials", "2", "--no-figures", "--out", "study")
GEOMETRY = 'family = "strip"\n[search]\nlength = [8.0, 12.0]\n'


def said(result) -> str:
    return result.out + result.err


def inside(path: Path) -> bytes:
    """What of an HDF5 file may be packed: attributes, and texts of datasets."""
    texts: list[str] = []

    def visit(_: str, item: h5py.Group | h5py.Dataset) -> None:
        texts.append(repr(dict(item.attrs)))
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "OSV":
            texts.append(repr(item[()]))

    with h5py.File(path) as file:
        visit("", file)
        file.visititems(visit)
    return "".join(texts).encode()


def holding(folder: Path, *words: str) -> list[str]:
    """Files below ``folder`` that hold one of ``words``, in their names, as bytes or in HDF5."""
    found = []
    for path in folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        data += inside(path) if data.startswith(b"\x89HDF") else b""
        data += str(path.relative_to(folder)).encode()
        found += [f"{path}: {word}" for word in words if word.encode() in data]
    return found


# -- passwords -------------------------------------------------------------------------------------

URLS = {
    "no driver": f"mysql://me:{SECRET}@db.example/x",
    "no server": f"postgresql://me:{SECRET}@127.0.0.1:9/x",
    "no dialect": f"nosuch+db://me:{SECRET}@host/x",
    "no port": f"postgresql://me:{SECRET}@host:port/x",
    "in the query": f"postgresql://host/x?password={SECRET}&user=me",
    "with marks": f"postgresql://me:{SECRET}/@:x@host:5432/x",
    "no URL": f"me:{SECRET}@host",
    "no slashes": f"postgresql:me:{SECRET}@host/x",
    "a folder that is not": f"sqlite:////no/such/folder/x.db?password={SECRET}",
}


@pytest.mark.parametrize("debug", ["", "1"])
@pytest.mark.parametrize("case", URLS)
def test_a_password_is_in_no_refusal_and_no_file(command, tmp_path, monkeypatch, case, debug):
    if debug:
        monkeypatch.setenv("LUNAR_ANTENNA_DEBUG", debug)
    (tmp_path / "g.toml").write_text(GEOMETRY)
    for more in ((), ("--resume",)):
        result = command(*SEARCH, "--storage", URLS[case], *more)
        assert result.code in (2, 4), result.err
        assert SECRET not in said(result)
    assert not holding(tmp_path, SECRET)


def test_a_password_of_a_storage_that_works_is_in_no_answer_and_no_file(command, tmp_path):
    (tmp_path / "g.toml").write_text(GEOMETRY)
    url = f"sqlite:///file:kept.db?uri=true&key={SECRET}"
    for more in ((), ("--resume",), (), ("--resume", "--seed", "9")):
        result = command(*SEARCH, "--storage", url, "--json", *more)
        assert SECRET not in said(result)
    assert (tmp_path / "study" / "history.csv").is_file()
    shown = command("report", "study", "--out", "page.html")
    assert SECRET not in said(shown)
    assert not holding(tmp_path, SECRET)


@pytest.mark.parametrize("address", [f"tcp://me:{SECRET}@127.0.0.1:9", f"me:{SECRET}@nowhere"])
def test_a_password_of_a_scheduler_is_in_no_refusal(command, tmp_path, address):
    pytest.importorskip("distributed")
    (tmp_path / "g.toml").write_text(GEOMETRY)
    result = command(*SEARCH, "--scheduler", address)
    assert result.code in (2, 3, 4)
    assert SECRET not in said(result)
    assert not holding(tmp_path, SECRET)


# -- folders and people ----------------------------------------------------------------------------


def test_no_file_holds_a_folder_or_a_person_that_was_not_typed(command, tmp_path, monkeypatch):
    """Paths were given relative to the working folder: where that is stands nowhere."""
    marks = ("Pr1vateF0lder", "Us3rN4me", "H0meF0lder")
    folder = tmp_path / marks[0]
    folder.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / marks[2]))
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, marks[1])
    monkeypatch.chdir(folder)
    (folder / "g.toml").write_text(GEOMETRY)
    rows = "".join(f"{f} 0.3 0.1\n" for f in range(5, 36))
    (folder / "m.s1p").write_text(f"# MHz S RI R 50\n{rows}")
    (folder / "m.toml").write_text('kind = "measured"\ngeometry = "g.toml"\nheight = 0.1\n')
    for arguments in (
        ("solve", "g.toml", *SHORT, "--out", "run.h5"),
        ("solve", "g.toml", "--points", "2", "--accuracy", "draft", "--out", "planar.h5"),
        ("report", "run.h5", "m.s1p", "--out", "page.html"),
        ("compare", "run.h5", "m.s1p", "--out", "over.png"),
        ("export", "run.h5", "--out", "run.s1p"),
        ("export", "run.h5", "--format", "ffe", "--out", "run.ffe"),
        ("geometry", "export", "g.toml", "--format", "svg", "--out", "g.svg"),
        ("geometry", "export", "g.toml", "--format", "dxf", "--out", "g.dxf"),
        SEARCH,
        ("report", "study", "--out", "study.html"),
    ):
        result = command(*arguments)
        assert result.code in (0, 3), (arguments, result.err)
        assert not [mark for mark in marks if mark in said(result)], (arguments, said(result))
    assert not holding(folder, *marks)


# -- names that are markup -------------------------------------------------------------------------

MARKUP = "</script><script>alert(1)</script><img src=x onerror=alert(2)>&\"'"
BAD = re.compile(r"<script>alert|<img src=x", re.IGNORECASE)


def quoted(text: str) -> str:
    """A TOML string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_names_with_markup_are_text_in_pages_drawings_and_notebooks(command, tmp_path):
    name = quoted(MARKUP)
    (tmp_path / "g.toml").write_text(
        f'name = {name}\nfamily = "strip"\n[source]\ntext = {name}\nparameters = {name}\n'
    )
    (tmp_path / "s.toml").write_text(
        f"name = {name}\n[[layer]]\nthickness = inf\neps_r = 3.0\n[source]\ntext = {name}\n"
    )
    rows = "".join(f"{f} 0.3 0.1\n" for f in range(8, 33))
    (tmp_path / "m.s1p").write_text(f"! {MARKUP}\n# MHz S RI R 50\n{rows}")
    (tmp_path / "m.toml").write_text(
        f'kind = "measured"\nheight = 0.2\nwho = {name}\ninstrument = {name}\nwhat = {name}\n'
    )
    work = ("--height", 0.2, "--points", 3, "--band", "8:32", "--accuracy", "draft")
    for arguments in (
        ("solve", "g.toml", "--soil", "s.toml", *work, "--out", "run.h5"),
        ("report", "run.h5", "m.s1p", "--out", "page.html"),
        ("geometry", "export", "g.toml", "--format", "svg", "--out", "g.svg"),
        ("geometry", "show", "g.toml", "--plot", "show.svg"),
        ("soil", "show", "s.toml", "--plot", "soil.svg"),
        ("compare", "run.h5", "m.s1p", "--out", "over.svg"),
    ):
        result = command(*arguments)
        assert result.code in (0, 3), (arguments, result.err)
    page = (tmp_path / "page.html").read_text()
    assert "alert(1)" in page  # it is shown, and
    assert not BAD.search(page)
    for path in tmp_path.glob("*.svg"):
        root = ElementTree.parse(path).getroot()
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not tags & {"script", "img", "foreignObject"}, path
        assert not BAD.search(path.read_text()), path
    run = la.load(tmp_path / "run.h5")
    shown = [run, run.problem, run.problem.layout, run.problem.stack, run.quality, run.provenance]
    shown += [run.summary(), la.load_measurement(tmp_path / "m.s1p")]
    for thing in shown:
        told = getattr(thing, "_repr_html_", lambda: "")()
        bundle = getattr(thing, "_repr_mimebundle_", dict)()
        assert not BAD.search(f"{told}{bundle.get('text/html', '')}"), type(thing)


def test_a_script_in_the_name_of_a_study_is_text_in_its_page(command, tmp_path):
    (tmp_path / "g.toml").write_text(f"name = {quoted(MARKUP)}\n{GEOMETRY}")
    result = command(*[item for item in SEARCH if item != "--no-figures"])
    assert result.code == 0, result.err
    pages = list((tmp_path / "study").glob("*.html"))
    assert pages
    for page in pages:
        assert not BAD.search(page.read_text())


# -- nothing that runs -----------------------------------------------------------------------------


class Payload:
    """Makes a file where it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("unpickled",)


@pytest.mark.parametrize("kind", ["opaque", "bytes", "attribute"])
@pytest.mark.parametrize("where", ["z", "quality/details/x", "shape/x", "problem"])
def test_nothing_of_a_result_is_unpickled(command, tmp_path, kind, where):
    from hand_made import solution

    solution(points=4).save(tmp_path / "run.h5")
    data = pickle.dumps(Payload(), 0)  # ASCII
    with h5py.File(tmp_path / "run.h5", "a") as file:
        del file.attrs["checksums"]
        if kind == "attribute":
            file.attrs["provenance"] = np.void(data)
        else:
            if where in file:
                del file[where]
            file[where] = np.void(data) if kind == "opaque" else data
    for arguments in (
        ("export", "run.h5", "--out", "x.s1p"),
        ("report", "run.h5", "--out", "x.html"),
        ("compare", "run.h5", "run.h5"),
    ):
        assert command(*arguments).code in (0, 2)
    assert not (tmp_path / "unpickled").exists()


@pytest.mark.parametrize("name", ["x.h5", "x.npz", "x.npy", "x.pkl", "x.s1p", "x.toml", "x.csv"])
def test_a_pickle_for_any_file_is_refused_and_does_nothing(command, tmp_path, name):
    (tmp_path / name).write_bytes(pickle.dumps(Payload()))
    (tmp_path / "m.s1p").write_text("# MHz S RI R 50\n10 .3 .1\n20 .1 .1\n")
    for arguments in (
        ("compare", "strip", name, "--solver", "nec", "--soil", "free-space"),
        ("export", name, "--out", "o.s1p"),
        ("report", name, "--out", "o.html"),
        ("solve", name, "--points", "2"),
        ("solve", "strip", "--soil", name, "--points", "2"),
        ("optimize", name, "--out", "study"),
        ("array", name),
        ("noise", name),
        ("compare", "strip", "m.s1p", "--deembed", name, "--solver", "nec"),
    ):
        result = command(*arguments)
        assert result.code == 2, (arguments, result.err)
        assert "Traceback" not in result.err
    assert not (tmp_path / "unpickled").exists()


# thin-wire sweeps hand their own tasks to worker processes that they started
PICKLES = {"solvers/thin_wire/sweep.py"}
RUNS = {"eval", "exec", "compile", "__import__"}


def test_no_code_of_the_package_reads_pickles_or_runs_text():
    """pickle, marshal, shelve, numpy with allow_pickle, eval and exec, wherever written."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [item.name for item in node.names] + [getattr(node, "module", "") or ""]
                roots = {item.split(".")[0] for item in names}
                if roots & {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}:
                    found.add(name)
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant), name
                assert node.value.value is False, name
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in RUNS, f"{name}: {node.func.id}"
    assert found <= PICKLES
