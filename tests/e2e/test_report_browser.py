"""The report page as a reader has it: in Chromium, from a file, wide, narrow and printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import TOO_WIDE, line, opened

import lunar_antenna as la
from lunar_antenna.circuit.waves import reflection
from lunar_antenna.report.emulated import Table, table
from lunar_antenna.report.report import report

OVER = {"eps_r": (2.5, 4.5), "height": (0.0, 0.1)}


@pytest.fixture(scope="module")
def varied() -> tuple[la.Solution, Table]:
    layout = la.load_geometry("bowtie", length=8.0, film="polyimide_50um", metal="aluminium_1um")
    stack = la.Stack.half_space(3.3, loss_tangent=0.01)
    problem = la.Problem(layout, stack, 0.02, la.Band.mhz(6, 30, 9))
    found = la.solve(problem, "planar", accuracy="draft")
    return found, table(found, OVER)


@pytest.fixture(scope="module")
def path(varied: tuple[la.Solution, Table], tmp_path_factory: pytest.TempPathFactory) -> Path:
    found, made = varied
    measured = la.load_measurement("prototype_synthetic")
    return report(found, measured, tmp_path_factory.mktemp("page") / "page.html", 120.0, table=made)


def slide(page: Any, name: str, place: float) -> None:
    page.eval_on_selector(
        f"input[data-name={name}]",
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }",
        str(place),
    )


def test_table_between_its_points_is_the_emulator(varied: tuple[la.Solution, Table]) -> None:
    """Budget: what interpolation was found to add, twice, for places that were not tried."""
    _, made = varied
    assert made.error < 0.01
    rng = np.random.default_rng(7)
    for place in rng.random((5, 2)):
        values = made.emulator.box.values(place)
        gamma = reflection(made.emulator.z(**values)[:, 0, 0], 100.0)
        row = made.at(place)
        assert np.abs(row[:, 0] + 1j * row[:, 1] - gamma).max() < 2.0 * made.between + 1e-4


def test_sliders_hover_and_turning(varied: tuple[la.Solution, Table], path: Path) -> None:
    """No complaint; curves follow z0, soil and height; values under the pointer; surfaces turn."""
    found, made = varied
    assert path.stat().st_size < 6e6
    with opened() as (page, said):
        page.goto(path.as_uri())
        page.wait_for_selector("[data-live=s11] svg polyline")
        s11 = line(page, "s11", "bowtie")
        slide(page, "z0", 0.8)
        assert line(page, "s11", "bowtie") != s11
        before = page.locator("#la-readings").inner_text()
        slide(page, "frequency", 0.25)
        assert page.locator("#la-readings").inner_text() != before
        slide(page, "eps_r", 0.9)
        at_low = line(page, "s11", "emulated")
        slide(page, "height", 0.9)
        assert line(page, "s11", "emulated") != at_low
        assert f"{made.error:.1g}" in page.locator("[data-note]").inner_text()
        # what the script interpolates is the table's own value, to the 4 bytes it is stored in
        place = np.array([0.3, 0.6])
        z = page.evaluate(
            "v => LA.between(JSON.parse(document.getElementById('la-data').textContent).emulated,"
            " v).z",
            made.emulator.box.values(place),
        )
        row = made.at(place)
        gamma = reflection(np.array(z[0]) + 1j * np.array(z[1]), 100.0)
        assert np.abs(gamma - row[:, 0] - 1j * row[:, 1]).max() < 1e-5
        page.get_by_text("back to what was solved").click()
        assert page.locator("[data-live=s11] [data-series='emulated']").count() == 0
        chart = page.locator("[data-live=s11] svg")
        box = chart.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        told = page.locator("[data-live=s11] .la-say")
        assert told.is_visible()
        assert "MHz" in told.inner_text()
        assert "dB" in told.inner_text()
        for name in ("pattern", "current"):
            canvas = page.locator(f"[data-live={name}] canvas")
            canvas.scroll_into_view_if_needed()
            picture = canvas.evaluate("e => e.toDataURL()")
            azimuth = canvas.get_attribute("data-azimuth")
            box = canvas.bounding_box()
            page.mouse.move(box["x"] + 100, box["y"] + 100)
            page.mouse.down()
            page.mouse.move(box["x"] + 180, box["y"] + 110, steps=4)
            page.mouse.up()
            page.wait_for_timeout(100)
            assert canvas.get_attribute("data-azimuth") != azimuth
            assert canvas.evaluate("e => e.toDataURL()") != picture
        assert said == []
    assert found.n_ports == 1


# sizes of the numbers at axes; and names of axes that lie over one of those numbers
TICK_SIZES = """[...new Set([...document.querySelectorAll('.la-figure text:not(.la-axis)')]
    .map(e => parseFloat(getComputedStyle(e).fontSize)))]"""
TOUCHING = """[...document.querySelectorAll('.la-figure svg')].flatMap(svg => {
    const numbers = [...svg.querySelectorAll('text:not(.la-axis)')];
    const boxes = numbers.map(e => e.getBoundingClientRect());
    return [...svg.querySelectorAll('text.la-axis')].filter(e => {
        const a = e.getBoundingClientRect();
        return boxes.some(b => a.left < b.right && b.left < a.right
            && a.top < b.bottom && b.top < a.bottom);
    }).map(e => e.textContent);
})"""


def test_narrow_and_printed(path: Path, tmp_path: Path) -> None:
    """At 400 px nothing sticks out; on paper no page is empty and nothing scrolls."""
    pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")
    with opened(400, 800) as (page, said):
        page.goto(path.as_uri())
        page.wait_for_selector("[data-live=s11] svg polyline")
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        assert page.evaluate(TOO_WIDE) == []
        sizes = page.evaluate(
            "[...document.querySelectorAll('p, td, figcaption, .la-figure text')]"
            ".map(e => parseFloat(getComputedStyle(e).fontSize))"
        )
        assert min(sizes) >= 11.0
        assert page.evaluate(TICK_SIZES) == [11.0]
        assert page.evaluate(TOUCHING) == []
        page.set_viewport_size({"width": 1000, "height": 800})
        page.pdf(path=str(tmp_path / "page.pdf"), format="A4")
        assert said == []
    document = pdfium.PdfDocument(str(tmp_path / "page.pdf"))
    assert 3 <= len(document) <= 9
    for sheet in document:
        assert np.asarray(sheet.render(scale=0.4).to_pil().convert("L")).std() > 5.0
    document.close()


def test_without_scripts_the_still_figures_stand(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count('<img alt="') >= 9
    assert ":not(.la-live):not(:has(img)) { display: none; }" in text
