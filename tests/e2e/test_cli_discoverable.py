"""What a user finds by trying: did you mean, completion, lists that fit a terminal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lunar_antenna as la
from lunar_antenna.cli.verbs.completion import SCRIPTS


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["solv", "bowtie"], "did you mean 'solve'?"),
        (["geometrie", "list"], "did you mean 'geometry'?"),
        (["soil", "lst"], "Did you mean 'list'"),
        (["soil", "lst"], "(see lunar-antenna soil --help)"),
        (["solve", "bowtie", "--sol", "planar"], "(see lunar-antenna solve --help)"),
        (["solve", "bowtie", "--pionts", "9"], "--points"),
        (["solve", "bowti"], "did you mean 'bowtie'?"),
        (["solve", "bowtie", "--soil", "simple_eps53"], "did you mean 'simple_eps35'?"),
        (["solve", "bowtie", "--set", "lenght=9"], "did you mean 'length'?"),
        (["solve", "bowtie", "--set", "metal=coper_18um"], "copper_18um"),
        (["solve", "bowtie", "--solver", "planer"], "did you mean 'planar'?"),
        (["solve", "bowtie", "--accuracy", "drft"], "did you mean 'draft'?"),
        (["optimize", "publishd_band"], "did you mean 'published_band'?"),
        (["compare", "bowtie", "prototype_synthetc"], "did you mean 'prototype_synthetic'?"),
    ],
)
def test_did_you_mean(command, arguments, told):
    result = command(*arguments)
    assert result.code == 2
    assert told in result.complaint


@pytest.mark.parametrize("arguments", [("soil", "list"), ("geometry", "list")])
def test_lists_fit_a_terminal(command, arguments):
    assert max(map(len, command(*arguments).out.splitlines())) <= 80


def test_a_source_is_told_in_words(command):
    shown = command("soil", "show", "sourcebook_highland").out
    assert "source text: " in shown
    assert not any(mark in shown for mark in "{}[]"), shown


def test_lists_have_the_numbers_people_look_for(command):
    soils = command("soil", "list").out.splitlines()
    assert soils[0].split() == [
        "name",
        "layers",
        "eps_r",
        "tan",
        "delta",
        "at",
        "15",
        "MHz",
        "depth/m",
    ]
    simple = next(line for line in soils if line.startswith("simple_eps35"))
    assert simple.split()[2:4] == ["3.5", "0.01"]
    document = json.loads(command("soil", "list", "--json").out)["soils"]
    for item in document:
        stack = la.load_soil(item["name"])
        if item["depth"] is not None:
            assert item["depth"] == pytest.approx(stack.depths[-1])
    geometries = command("geometry", "list").out
    line = next(line for line in geometries.splitlines() if line.startswith("membrane_10m"))
    assert line.split() == ["membrane_10m", "10", "x", "1.9", "1", "copper_18um", "polyimide_50um"]


def test_studies_stand_apart_from_geometries(command):
    listed, studies = command("geometry", "list").out.split("studies, for lunar-antenna optimize:")
    assert "published_band" not in listed
    assert "published_band" in studies
    refused = command("solve", "nothing_like_it").complaint
    own, apart = refused.split("studies, for optimize:")
    assert "published_band" not in own
    assert "published_band" in apart


def test_show_takes_changes_and_tells_sizes_and_masses(command):
    name, change = "membrane_10m", ("--set", "length=9", "--set", "metal=aluminium_1um")
    document = json.loads(command("geometry", "show", name, *change, "--json").out)
    layout = la.load_geometry(name, length=9.0, metal="aluminium_1um")
    assert document["bounds"] == pytest.approx(list(layout.bounds))
    assert document["metal_mass"] == pytest.approx(layout.metal_area * 1e-6 * 2700.0)
    assert document["film_size"] == pytest.approx([9.2, 2.1])
    text = command("geometry", "show", name, *change).out
    assert "aluminium_1um, 9 x 1.9 m" in text
    assert "polyimide_50um, 9.2 x 2.1 m" in text
    assert f"{1e3 * document['metal_mass']:.3g} g" in text


@pytest.mark.parametrize(
    ("current", "before", "offered"),
    [
        ("so", [], {"soil", "solve"}),
        ("", ["geometry"], {"list", "show", "export", "--help"}),
        ("membrane_1", ["solve"], {"membrane_10m"}),
        ("published_r", ["optimize"], {"published_robust"}),
        ("simple", ["solve", "bowtie", "--soil"], {"simple_eps35"}),
        ("simple", ["soil", "show"], {"simple_eps35"}),
        ("--po", ["solve", "bowtie"], {"--points"}),
        ("", ["solve", "bowtie", "--accuracy"], {"draft", "normal", "fine"}),
        ("pl", ["solve", "bowtie", "--z0", "50", "--solver"], {"planar"}),
        ("uv", ["export", "run.h5", "--format"], {"uvbeam"}),
        ("", ["solve", "bowtie", "--out"], set()),
        ("", ["nothing"], set()),
    ],
)
def test_candidates(command, current, before, offered):
    assert set(command("--complete", current, *before).out.splitlines()) == offered


# How each shell asks: the words so far, the last one to be completed; prints what is offered.
ASK = {
    "bash": "COMP_WORDS=(lunar-antenna solve bowtie --soil simp); COMP_CWORD=4; _lunar_antenna; "
    'echo "${COMPREPLY[@]}"; complete -p lunar-antenna',
    # no terminal: the function that adds words to the list of the line editor stands in
    "zsh": "compadd() { print -r -- ${(P)2} }; words=(lunar-antenna solve bowtie --soil simp); "
    "CURRENT=5; _lunar_antenna; print ${_comps[lunar-antenna]}",
    "fish": 'complete -C "lunar-antenna solve bowtie --soil simp"; echo _lunar_antenna',
}


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_shell_completes_with_its_script(shell, tmp_path):
    """The script as a shell has it, with the program on its path."""
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed")
    program = tmp_path / "lunar-antenna"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m lunar_antenna.cli.main "$@"\n')
    program.chmod(0o755)
    (tmp_path / "script").write_text(SCRIPTS[shell])
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "ZDOTDIR": str(tmp_path)}
    done = subprocess.run(
        [found, "-c", f". {tmp_path}/script; {ASK[shell]}"], capture_output=True, text=True,
        check=True, timeout=60, cwd=Path(__file__).parents[2],
        env={**os.environ, **home, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.stdout.split()[0] == "simple_eps35"
    assert "_lunar_antenna" in done.stdout
    assert done.stderr == ""
