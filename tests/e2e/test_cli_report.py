"""``report``: the page of a run with corrected measurements, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.measurement.corrections.deembed import embed
from lunar_antenna.measurement.record import Measurement


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """(bytes of the run, solution) of a strip in free space, 41 frequencies."""
    problem = la.Problem(
        la.load_geometry("strip"), la.Stack.free_space(), 0.0, la.Band.mhz(5, 35, 41)
    )
    solution = la.solve(problem, "nec", accuracy="draft")
    path = tmp_path_factory.mktemp("solved") / "run.h5"
    solution.save(path)
    return path.read_bytes(), solution


@pytest.fixture
def bench(solved, tmp_path):
    """The run and a sweep of it through the shipped fixture, in the working directory."""
    content, solution = solved
    (tmp_path / "run.h5").write_bytes(content)
    antenna = Measurement(solution.frequency, solution.s11(50.0), 50.0, name="raw")
    embed(antenna, la.load_measurement("prototype_synthetic_fixture")).write(tmp_path / "raw.s1p")
    return tmp_path


def test_page_with_corrected_measurements(command, bench):
    """The fixture comes off each sweep; with no --z0 each part keeps its own reference.

    Budget: a fixture put on and taken off with the same 145 points leaves 9 digits.
    """
    Measurement(np.linspace(6e6, 30e6, 50), np.full(50, 0.5 + 0j), 50.0).write(bench / "b.s1p")
    result = command(
        "report", "run.h5", "raw.s1p", "b.s1p", "--deembed", "prototype_synthetic_fixture",
        "--vna-accuracy", "0.2", "2", "--out", "page.html", "--json",
    )  # fmt: skip
    assert result.code == 0, result.err
    document = json.loads(result.out)
    assert document["measurement"] == "raw"
    assert [item["name"] for item in document["measurements"]] == ["raw", "b"]
    assert document["measurements"][0]["uncertainty"].startswith("stated accuracy")
    page = (bench / "page.html").read_text(encoding="utf-8")
    for words in (
        "<td>raw</td>",
        "<td>b</td>",
        "<td>0.0000</td>",
        "fixture prototype_synthetic_fixture taken off",
        "Feature selective validation",
        "matched band, 100 \u03a9",
        "Measurement, reference 50 \u03a9",
    ):
        assert words in page, words


def test_one_reference_where_it_is_given(command, bench):
    """And without --deembed the difference is there."""
    sweep = bench.resolve() / "raw.s1p"
    assert command("report", "run.h5", sweep, "--z0", "75", "--out", "page.html").code == 0
    page = (bench / "page.html").read_text(encoding="utf-8")
    assert str(sweep.parent) not in page  # a page is sent: it says the name of the file alone
    assert "raw.s1p (Touchstone" in page
    assert "<td>0.00 %</td>" in page  # of a perfect conductor: none is none
    assert "matched band, 75 \u03a9" in page
    assert "Measurement, reference 75 \u03a9" in page
    assert "<td>0.0000</td>" not in page


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("none.h5",), "none.h5"),
        (("run.h5", "none.s1p"), "none.s1p"),
        (("run.h5", "raw.s1p", "--z0", "0"), "--z0 = 0"),
        (("run.h5", "raw.s1p", "--delay", "1"), "--delay = 1 s"),
        (("run.h5", "--out", "page.pdf"), "does not end in .html"),
        (("run.h5", "--vary", "eps_r"), "is not NAME=LOW:HIGH"),
        (("run.h5", "--vary", "eps_r=2:4"), "needs a soil"),
        (("run.h5", "--vary", "none", "--vary", "eps_r=2:4"), "stands alone"),
        (("run.h5", "--vary", "eps_r=2:4", "--vary", "eps_r=2:5"), "twice"),
    ],
)
def test_refusals_write_nothing(command, bench, arguments, told):
    before = sorted(bench.iterdir())
    result = command("report", *arguments)
    assert result.code == 2
    assert told in result.complaint
    assert result.out == ""
    assert sorted(bench.iterdir()) == before


def test_a_page_says_how_much_of_the_bound_is_reached(command, tmp_path):
    strip = ("strip", "--set", "length=4", "--set", "metal=copper_18um", "--accuracy", "draft")
    soil = ("--soil", "simple_eps35", "--band", "10:30", "--points", "3")
    answer = command("solve", *strip, *soil, "--bound", "4x1", "--out", "run.h5", "--json")
    assert answer.code == 0, answer.err
    reached = json.loads(answer.out)["bound"]["reached"]
    answer = command("report", "run.h5", "--vary", "none", "--bound", "4x1", "--out", "page.html")
    assert answer.code == 0, answer.err
    text = (tmp_path / "page.html").read_text()
    assert "Against the bound" in text
    for part in reached:
        assert f"{100.0 * part:.1f}" in text
    for wrong, told in (("4", "not LENGTHxWIDTH"), ("2x1", "not within the footprint")):
        answer = command("report", "run.h5", "--bound", wrong, "--vary", "none", "--out", "no.html")
        assert answer.code == 2
        assert told in answer.complaint
        assert not (tmp_path / "no.html").exists()
