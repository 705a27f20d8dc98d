"""The widget of ``la.explore``: its script in Chromium against a model as notebooks give one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from browser import line, opened

import lunar_antenna as la
from lunar_antenna.live.session import Session
from lunar_antenna.live.state import Bench
from lunar_antenna.live.widget import widget

PAGE = """<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,">
<style>STYLE</style><div id="la-root"></div>
<script type="module">
const url = URL.createObjectURL(new Blob([document.getElementById("esm").textContent],
  {type: "text/javascript"}));
const { default: widget } = await import(url);
let hear = null;
const model = {
  get: (name) => JSON.parse(document.getElementById(name).textContent),
  on: (_, f) => { hear = f; }, off: () => { hear = null; },
  send: async (content) => hear(JSON.parse(await window.kernel(JSON.stringify(content)))),
};
window.leave = widget.render({ model, el: document.getElementById("la-root") });
</script>
<script type="application/json" id="start">START</script>
<script type="text/plain" id="esm">ESM</script>
"""


def test_widget_draws_and_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    session = Session(Bench.open("strip"))
    made = widget(session)
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(made, "send", sent.append)
    monkeypatch.setattr(session, "_emulate", lambda _state: None)
    made._answer({"number": 7, "message": {"type": "dance"}})
    assert sent[0]["number"] == 7
    assert "dance" in sent[0]["answer"]["error"]

    def kernel(text: str) -> str:
        made._answer(json.loads(text))
        return json.dumps(sent[-1])

    text = PAGE.replace("STYLE", made._css).replace("START", json.dumps(made.start))
    path = tmp_path / "widget.html"
    path.write_text(text.replace("ESM", made._esm), encoding="utf-8")
    with opened(1100, 800) as (page, said):
        page.expose_function("kernel", kernel)
        page.goto(path.as_uri())
        page.wait_for_selector("[data-live=pattern] canvas[data-azimuth]", timeout=240_000)
        before = line(page, "s11", "strip")
        page.fill("[data-box=length]", "8")
        page.press("[data-box=length]", "Enter")
        page.wait_for_function("Number(document.getElementById('la-root').dataset.rests) >= 2")
        assert line(page, "s11", "strip") != before
        page.evaluate("window.leave()")
        assert said == []


def test_explore_outside_a_notebook_is_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    import webbrowser

    opened_: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened_.append)
    url = la.explore("strip", soil="simple_eps35", height=0.02)
    assert url.startswith("http://127.0.0.1:")
    assert opened_ == [url]
