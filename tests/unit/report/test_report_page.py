"""The HTML page: self-contained, honest about quality, safe against odd names."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.errors import InputError
from lunar_antenna.measurement.record import Measurement
from lunar_antenna.media.layer import Stack
from lunar_antenna.report.page import small
from lunar_antenna.report.report import _facts, page, report
from lunar_antenna.report.sections.antenna import antenna_section
from lunar_antenna.solution import Solution


@pytest.fixture(scope="module")
def sol() -> Solution:
    return solution(stack=Stack.half_space(3.0, loss_tangent=0.01), points=31)


@pytest.fixture(scope="module")
def text(sol: Solution) -> str:
    f = np.linspace(5e6, 35e6, 61)
    sweep = Measurement(f, np.full(61, 0.5 + 0.1j), 50.0, "synthetic", name="sweep")
    return page(sol, sweep)


class Balance(HTMLParser):
    """Counts open tags."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if name in ("src", "href") and value]
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_is_whole_and_loads_nothing(text: str) -> None:
    reader = Balance()
    reader.feed(text)
    assert reader.open == []
    assert all(link.startswith(("data:image/", "#")) for link in reader.links)
    assert "<script src" not in text
    assert sum(link.startswith("data:") for link in reader.links) >= 9


def test_page_holds_every_section(text: str) -> None:
    for word in (
        "Antenna and ground",
        "Reflection and impedance",
        "Efficiency",
        "Pattern and currents",
        "Power balance and quality",
        "Measurement",
        "Provenance",
        "synthetic",
        "exp(+j*omega*t)",
    ):
        assert word in text


def test_one_reference_throughout_when_given(sol: Solution, text: str) -> None:
    """A measurement at 50 ohm: compared there only where the caller names no reference."""
    f = np.linspace(5e6, 35e6, 61)
    sweep = Measurement(f, np.full(61, 0.5 + 0.1j), 50.0, "synthetic", name="sweep")
    assert "<th>Measurement, reference 50 Ω</th>" in text
    given = page(sol, sweep, 355.1542)
    assert "<th>Measurement, reference 355.2 Ω</th>" in given
    assert "matched band, 355.2 Ω" in given
    assert f"<td>{la.compare(sol, sweep, 355.1542).rms_gamma:.4f}</td>" in given
    other = Measurement(f, np.full(61, 0.5 + 0.1j), 75.0, "synthetic", name="other")
    several = page(sol, [sweep, other])
    assert "<th>reference</th>" in several
    assert "<td>50 Ω</td>" in several
    assert "<td>75 Ω</td>" in several


def test_no_empty_slot_beside_a_third_figure(text: str) -> None:
    """Three figures in two columns: the last one takes the row."""
    assert ".pair figure:last-child:nth-child(odd) { grid-column: 1 / -1; }" in text


def test_unknown_kind_and_corrections_are_said(sol: Solution) -> None:
    f = np.linspace(5e6, 35e6, 61)
    sweep = Measurement(f, np.full(61, 0.5 + 0.1j), 50.0, history=("fixture taken off",))
    text = page(sol, sweep)
    assert "<td>not stated</td>" in text
    assert "<td>fixture taken off</td>" in text


def test_small_shares_are_not_rounded_to_zero() -> None:
    assert small(0.05) == "5.00 %"
    assert small(1.2e-7) == "1.2·10⁻⁷"
    assert small(0.0) == "0.00 %"


def test_numbers_are_the_solutions(sol: Solution, text: str) -> None:
    shares = sol.efficiency(100.0)
    assert f"{100.0 * shares.sky[0]:.2f} %" in text
    assert sol.provenance.problem_digest in text


@pytest.fixture(scope="module")
def odd(sol: Solution, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The written page of a solution that did not converge and has a name with markup."""
    layout = replace(sol.problem.layout, name="<b>&amp; co</b>")
    bad = sol.with_quality(converged=False, power_closure=np.full(31, 0.05))
    out = tmp_path_factory.mktemp("report") / "x.html"
    return report(replace(bad, problem=replace(sol.problem, layout=layout)), out=out)


def test_bad_quality_is_said_first(odd: Path, text: str) -> None:
    page_text = odd.read_text(encoding="utf-8")
    assert "did not converge" in page_text
    assert "open by up to 5.00 %" in page_text
    assert page_text.index("did not converge") < page_text.index("Antenna and ground</h2>")
    assert "did not converge" not in text


def test_names_are_escaped(odd: Path) -> None:
    page_text = odd.read_text(encoding="utf-8")
    assert "<b>&amp; co" not in page_text
    assert "&lt;b&gt;&amp;amp; co&lt;/b&gt;" in page_text
    data = page_text.split('id="la-data">')[1].split("</script>")[0]
    assert json.loads(data)["name"] == "<b>&amp; co</b>"
    assert "<" not in data


def test_written_whole(odd: Path) -> None:
    assert odd.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert list(odd.parent.iterdir()) == [odd]


def test_refused_before_any_work(sol: Solution, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.html"):
        report(sol, out=tmp_path / "x.pdf")
    with pytest.raises(InputError, match="does not exist"):
        report(sol, out=tmp_path / "no" / "x.html")
    assert list(tmp_path.iterdir()) == []


def test_tables_have_units_and_what_is_not_there_is_not_told():
    """Lengths in m, areas and masses; no height over a soil that is none."""
    layout = la.load_geometry("bowtie", metal="aluminium_1um", film="polyimide_50um")
    problem = la.Problem(layout, la.Stack.free_space(), band=la.Band.mhz(10, 20, 9))
    made = replace(solution(points=9), problem=problem)
    made = replace(made, frequency=problem.frequency)
    rows = dict(antenna_section(made).tables[0].rows)
    assert rows["length"] == "10 m"
    assert "1 µm" in rows["metal"]
    assert "m²" in rows["metal"]
    assert " g" in rows["metal"]
    assert not any("height" in name for name in rows)
    assert _facts(made, 100.0, 1)[0][0] == "first series resonance in the band"
    over = replace(made, problem=la.Problem(layout, "simple_eps35", 0.1, problem.band))
    rows = dict(antenna_section(over).tables[0].rows)
    assert rows["height of the film's underside above the soil"] == "0.1 m"


def test_what_metal_takes_is_no_zero_however_little(sol: Solution) -> None:
    lost = 1e-6 * sol.z.real
    made = page(replace(sol, r_metal=lost, r_ground=sol.r_ground - lost))
    assert "<td>1.0·10⁻⁶</td>" in made
