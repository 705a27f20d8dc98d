"""Pages of folders: of inversions, tolerance analyses and studies that were interrupted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lunar_antenna.errors import InputError
from lunar_antenna.plotting.save import save_figure
from lunar_antenna.plotting.style import new_figure
from lunar_antenna.report.folder import folder_report


def picture(path: Path) -> None:
    figure = new_figure(3.0, 2.0)
    figure.add_subplot().plot([0, 1])
    save_figure(figure, path)


def inversion() -> dict[str, Any]:
    item = {"unit": "", "prior": [1.5, 8.0], "at_bound": False, "cramped": False}
    return {
        "measurement": "<i>sand</i>", "kind": "synthetic", "layout": "strip", "soil": "half-space",
        "layer": 0, "z0": 50.0, "points": 31, "frequency_range": [5e6, 35e6],
        "parameters": {
            "eps_r": {"value": 3.21, "sigma": 0.012, **item},
            "height": {"value": 0.03, "sigma": None, **item, "unit": "m", "prior": [0.0, 0.2]},
        },
        "fixed": {"arm_error": 0.0}, "chi2_per_freedom": 1.02, "explained": True,
        "residual_correlation": 0.01, "mesh_error": 0.2, "emulator_error": 0.01,
        "posterior": {"interval_90": {"eps_r": [3.19, 3.23], "height": [0.01, 0.05]}},
        "notes": ["the height says nothing"],
    }  # fmt: skip


def tolerance() -> dict[str, Any]:
    effect = {"slope": 1.0, "minus": -1.5e5, "plus": 1.2e5, "residual": 0.0, "linear": False}
    lost = {**effect, "minus": None, "linear": True}
    return {
        "geometry": "wide/best.toml", "soil": "simple_eps35", "height": 0.0, "z0": 120.0,
        "threshold": 0.9, "efficiency": "mismatch", "solver": "planar", "accuracy": "normal",
        "evaluations": 12,
        "nominal": {"band_low": 12.1e6, "band_high": 19.2e6, "inside": 0.9, "lowest": 0.1},
        "sensitivities": [
            {"name": "length", "unit": "m", "value": 10.0, "tolerance": 1e-3, "reason": None,
             "effects": {"band_low": effect, "band_high": lost, "inside": effect, "lowest": lost}},
        ],
        "yield": {
            "builds": 50, "confidence": 0.95,
            "requirements": [
                {"requirement": "inside>=0.9", "share": 0.9, "low": 0.8, "high": 0.95},
            ],
            "all": {"share": 0.9, "low": 0.8, "high": 0.95},
            "quantiles": {"inside": {"lost": 5}}, "reason": "below the soil",
        },
    }  # fmt: skip


def test_inversion(tmp_path: Path) -> None:
    (tmp_path / "invert.json").write_text(json.dumps(inversion()), encoding="utf-8")
    (tmp_path / "soil.toml").write_text("[[layer]]\neps_r = 3.21\n", encoding="utf-8")
    picture(tmp_path / "invert.png")
    text = folder_report(tmp_path, tmp_path / "page.html").read_text(encoding="utf-8")
    for words in ("3.21", "0.012", "3.19 to 3.23", "1.5 to 8", "explains the data", "0.03 m",
                  "the height says nothing", "eps_r = 3.21", "data:image/png"):  # fmt: skip
        assert words in text, words
    assert "<i>sand" not in text
    assert "&lt;i&gt;sand" in text


def test_tolerance(tmp_path: Path) -> None:
    (tmp_path / "tolerance.json").write_text(json.dumps(tolerance()), encoding="utf-8")
    picture(tmp_path / "tolerance.png")
    text = folder_report(tmp_path, tmp_path / "page.html").read_text(encoding="utf-8")
    for words in ("12.1 MHz", "0.001 m", "\N{MINUS SIGN}0.15 / +0.12 ~", "none / +0.12",
                  "90.00 %", "80.00 % to 95.00 %", "120 Ω", "5 of the builds",
                  "<th>lower edge (MHz)"):  # fmt: skip
        assert words in text, words


def test_interrupted_study(tmp_path: Path) -> None:
    """What write_progress leaves: history.csv and, once there is one, best.toml."""
    head = (
        "trial,stage,score,feasible,violation,band_low_mhz,band_high_mhz,min_efficiency_5_35,z0,"
        "seconds,reason,length,width\n"
    )
    rows = (
        "0,search,1.2,1,0,12,15,0.2,100,0.1,,9.5,1.5\n1,search,1.6,1,0,11.5,18,0.2,110,0.1,,8.25,2\n"
        "2,search,,0,,,,,,0.1,no mesh,7,1\n"
    )
    (tmp_path / "history.csv").write_text(head + rows, encoding="utf-8")
    text = folder_report(tmp_path, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "interrupted" in text
    assert "--resume" in text
    assert text.index("<td>8.25</td>") < text.index("<td>9.5</td>")
    assert "11.50 to 18.00" in text
    (tmp_path / "best.toml").write_text('family = "strip"\n', encoding="utf-8")
    text = folder_report(tmp_path, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Its drawing" in text
    assert "<th>length (m)</th>" in text


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds none of study\.json"):
        folder_report(tmp_path, tmp_path / "page.html")
    (tmp_path / "invert.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match=r"invert\.json cannot be read"):
        folder_report(tmp_path, tmp_path / "page.html")
    (tmp_path / "invert.json").unlink()
    (tmp_path / "history.csv").write_text("trial,score\n", encoding="utf-8")
    with pytest.raises(InputError, match="no trial yet"):
        folder_report(tmp_path, tmp_path / "page.html")
