"""The layout figure shows film, metal and tabs in metres, without pyplot."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from lunar_antenna.geometry.load import load_geometry
from lunar_antenna.geometry.spec import geometry_names
from lunar_antenna.plotting.layout import plot_layout


@pytest.mark.parametrize("name", geometry_names())
def test_figure_draws_every_piece(name):
    layout = load_geometry(name)
    figure = plot_layout(layout)
    whole, feed, *side = figure.axes
    assert len(side) == (layout.relief is not None)
    film = layout.film is not None
    pieces = len(layout.conductors) + len(layout.gaps) + film
    assert len(feed.patches) == pieces
    assert len(whole.patches) == pieces + 1  # and the frame of the zoom
    assert whole.get_aspect() == 1.0
    assert "(m)" in whole.get_xlabel()
    x0, _, x1, _ = layout.bounds
    assert any(text.get_text() == f"{x1 - x0:.4g} m" for text in whole.texts)
    figure.savefig(io.BytesIO(), dpi=30)


def test_no_pyplot():
    code = (
        "import sys; from lunar_antenna.plotting.layout import plot_layout; "
        "import lunar_antenna as la; plot_layout(la.load_geometry('strip')); "
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
