"""The workbench as it is used: in Chromium, against the server of ``lunar-antenna live``."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import TOO_WIDE, line, opened

import lunar_antenna as la
from lunar_antenna.live.server import Server
from lunar_antenna.live.session import Session
from lunar_antenna.live.state import Bench

CUT = "φ 0°, along x (E\N{EN DASH}W)"
WAIT = 240_000  # ms: compiling on a busy machine


@pytest.fixture
def server() -> Iterator[Server]:
    layout = la.load_geometry("bowtie", length=10.0, width=2.0)
    made = Server(Session(Bench.open(layout, "sourcebook_highland")))
    made.in_background()
    yield made
    made.session.close()
    made.shutdown()
    made.server_close()


def updates(page: Any) -> int:
    return int(page.locator("#la-root").get_attribute("data-updates") or 0)


def drag(page: Any, name: str, seconds: float) -> None:
    """A slider dragged to and fro, an event every 10 ms."""
    page.evaluate(
        """([name, ms]) => new Promise((done) => {
          const range = document.querySelector(`input[data-name="${name}"]`);
          const start = performance.now();
          const step = () => {
            const t = performance.now() - start;
            range.value = String(0.5 + 0.4 * Math.sin(t / 300));
            range.dispatchEvent(new Event("input"));
            if (t < ms) setTimeout(step, 10);
            else { range.dispatchEvent(new Event("change")); done(); }
          };
          step();
        })""",
        [name, 1000.0 * seconds],
    )


def test_everything_follows(server: Server, tmp_path: Path) -> None:
    """Curves, cuts and layout follow a drag; pattern and current come at rest; undo, pins."""
    with opened(1300, 900) as (page, said):
        page.goto(server.url)
        page.wait_for_selector("[data-live=pattern] canvas[data-azimuth]", timeout=WAIT)
        s11, cut = line(page, "s11", "bowtie"), line(page, "cuts", CUT)
        metal = page.locator("[data-live=layout] [data-series=metal]").get_attribute("d")
        start, count = time.perf_counter(), updates(page)
        drag(page, "length", 1.5)
        rate = (updates(page) - count) / (time.perf_counter() - start)
        print(f"{rate:.1f} updates per second")
        root = page.locator("#la-root")
        assert "la-draft" in (root.get_attribute("class") or "")  # what moves is marked as such
        assert rate > 0.2  # on a machine that does much else; the figure is in docs/live.md
        page.wait_for_function("!document.querySelector('.la-wrong')")
        assert line(page, "s11", "bowtie") != s11
        assert line(page, "cuts", CUT) != cut
        assert page.locator("[data-live=layout] [data-series=metal]").get_attribute("d") != metal
        page.click("[data-act=pin]")
        page.click("[data-act=undo]")
        page.wait_for_function("document.querySelector('[data-box=length]').value === '10'")
        page.click("[data-act=pin]")
        page.wait_for_selector(".la-pins td")
        assert page.locator("[data-live=s11] [data-series^=pinned]").count() == 2
        with page.expect_download() as download:
            page.click("[data-act=save]")
        saved = tmp_path / "steered.toml"
        download.value.save_as(saved)
        assert la.load_geometry(saved).parameters["length"] == 10.0
        sweep = tmp_path / "<b>odd.s1p"
        f = np.linspace(5e6, 35e6, 31)
        rows = [f"{v:.0f} {0.5} {0.1}" for v in f]
        sweep.write_text("# Hz S RI R 50\n" + "\n".join(rows) + "\n", encoding="utf-8")
        page.set_input_files("[data-name=measured]", str(sweep))
        page.wait_for_selector("[data-live=s11] [data-series*='odd']", state="attached")
        assert page.locator("b", has_text="odd").count() == 0
        page.fill("[data-box=width]", "900")
        page.press("[data-box=width]", "Enter")
        assert "la-bad" in str(page.locator("[data-box=width]").get_attribute("class"))
        assert said == []
        page.set_viewport_size({"width": 400, "height": 800})
        page.wait_for_timeout(300)
        assert page.evaluate(TOO_WIDE.replace("'.wide'", "'.la-pins'")) == []


def test_a_window_without_the_token_gets_nothing(server: Server) -> None:
    from http.client import HTTPConnection

    def answer(method: str, path: str, body: str | None = None, **headers: str) -> int:
        connection = HTTPConnection("127.0.0.1", server.server_address[1], timeout=30)
        connection.request(method, path, body, headers)
        status = connection.getresponse().status
        connection.close()
        return status

    body = json.dumps({"type": "start"})
    assert server.server_address[0] == "127.0.0.1"
    assert answer("GET", "/") == 403
    assert answer("GET", "/?token=wrong") == 403
    assert answer("POST", "/ask", body) == 403
    token = {"X-Token": server.token}
    assert answer("POST", "/ask", body, Host="evil.example", **token) == 403
    assert answer("POST", "/ask", "{", **token) == 400
    assert answer("POST", "/elsewhere", body, **token) == 400
    assert answer("POST", "/ask", body, **token) == 200
    assert answer("GET", f"/?token={server.token}") == 200
