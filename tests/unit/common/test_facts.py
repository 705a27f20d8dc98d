"""Every result is one short line, and a table in a notebook."""

from __future__ import annotations

import html.parser

import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.pattern import measure

MADE = solution(stack=la.Stack.half_space(3.5, loss_tangent=0.01, name="sand"), points=9)
FREQUENCY = float(MADE.frequency[4])


class Tags(html.parser.HTMLParser):
    """Opened and closed tags, in balance."""

    def __init__(self):
        super().__init__()
        self.open, self.rows = [], 0

    def handle_starttag(self, tag, _attrs):
        self.rows += tag == "tr"
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "thing",
    [
        MADE,
        MADE.far_field(FREQUENCY),
        MADE.efficiency(),
        MADE.quality,
        MADE.provenance,
        MADE.currents(FREQUENCY),
        la.noise_budget(MADE),
        measure(MADE, FREQUENCY),
        *la.resonances(MADE)[:1],
        la.compare(MADE, la.load_measurement("prototype_synthetic")),
        la.compare(MADE, la.load_measurement("prototype_synthetic")).first,
        MADE.summary(),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_short_text_and_a_table(thing):
    text = repr(thing)
    assert len(text) < 900
    assert "array(" not in text
    tags = Tags()
    tags.feed(thing._repr_html_())
    assert tags.open == []
    assert 3 <= tags.rows <= 20


def test_the_summary_is_short_and_says_what_the_solution_says():
    lines = str(MADE.summary(z0=75.0)).splitlines()
    assert len(lines) <= 12
    assert max(map(len, lines)) <= 100
    assert "75 ohm" in str(MADE.summary(z0=75.0))


def test_a_notebook_draws_a_solution_once(monkeypatch):
    from lunar_antenna.common import facts

    drawn = []
    monkeypatch.setattr(facts, "picture", lambda thing: drawn.append(thing) or b"\x89PNG")
    formatters = pytest.importorskip("IPython.core.formatters")
    data, _ = formatters.DisplayFormatter().format(MADE)
    assert {"text/plain", "text/html", "image/png"} <= set(data)
    assert len(drawn) == 1
