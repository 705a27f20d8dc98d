"""Soil models by name and by file: what is shipped, and that bad files are told in one line."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lunar_antenna.common import catalogue
from lunar_antenna.common.tables import read_toml
from lunar_antenna.errors import FileFormatError, InputError
from lunar_antenna.media.layer import Layer, Stack
from lunar_antenna.media.soils import load_soil, soil_names

PRESETS = {
    "uniform_eps3": (3.0, 0.00168, 0.0),
    "simple_eps35": (3.5, 0.01, 0.0),
    "ce5_mare": (3.04, 0.014, 0.0),
    "mare_over_basalt": (7.0, 0.015, 0.0),
    "earth_dry_sand": (3.0, 0.0, 1e-4),
    "earth_average": (13.0, 0.0, 5e-3),
    "ce4_farside": (3.85, 0.0044, 0.0),
}


def written(folder: Path, text: str, name: str = "my_soil.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", soil_names())
def test_every_name_loads_and_survives_its_dictionary(name):
    stack = load_soil(name)
    assert stack.name == name
    again = Stack.from_dict(json.loads(json.dumps(stack.to_dict())))
    assert again == stack


def test_names():
    assert set(soil_names()) == {
        "free-space", "metal_plane", "sourcebook_highland", "sourcebook_mare", *PRESETS
    }  # fmt: skip
    assert load_soil("metal_plane").has_conductor
    assert load_soil("free-space").is_free_space


@pytest.mark.parametrize("name", PRESETS)
def test_bottom_half_space_of_each_preset(name):
    bottom = load_soil(name).layers[-1]
    assert (bottom.eps_r, bottom.loss_tangent, bottom.conductivity) == pytest.approx(PRESETS[name])


def test_graded_presets():
    """eps_r = 1.919^rho with rho = 1.301 and 1.885 g/cm3 at the surface and at 3 m."""
    for name, percent in (("sourcebook_highland", 7.5), ("sourcebook_mare", 20.0)):
        stack = load_soil(name)
        assert len(stack.layers) - 1 >= 20
        assert stack.depths[-1] == pytest.approx(3.0)
        n = np.sqrt([layer.eps_r for layer in stack.layers])
        assert abs(n[0] - math.sqrt(1.919**1.301)) < 0.02
        assert n[-1] == pytest.approx(math.sqrt(1.919**1.885), abs=2e-4)
        tan = 10.0 ** (0.038 * percent + 0.312 * 1.885 - 3.260)
        assert stack.layers[-1].loss_tangent == pytest.approx(tan, rel=1e-3)
    stack = load_soil("ce4_farside")
    eps = [layer.eps_r for layer in stack.layers]
    assert eps == sorted(eps)
    assert 2.64 < eps[0] < 2.68
    assert stack.depths[-1] == pytest.approx(40.0)
    assert load_soil("mare_over_basalt").layers[0].thickness == 4.7


@pytest.mark.parametrize("name", catalogue.names("soil_models"))
def test_every_shipped_number_states_where_it_comes_from(name):
    data = read_toml(catalogue.find("soil_models", name))
    source = data["source"]
    assert source["text"]
    wanted = {
        f"layer {i} {key}"
        for i, layer in enumerate(data.get("layer", []), start=1)
        for key, value in layer.items()
        if value != math.inf
    } | {f"profile {key}" for key in data.get("profile", {})}
    assert wanted <= set(source["numbers"])
    assert load_soil(name).source["numbers"] == source["numbers"]


@pytest.mark.parametrize("name", ["sourcebook_highland", "sourcebook_mare", "ce4_farside"])
def test_shipped_discretisation_reflects_like_the_continuous_soil(name, tmp_path):
    """Against 1500 layers, 5 to 35 MHz, two angles, both polarisations: budget 2e-3."""
    from lunar_antenna.media.plane_wave import plane_wave_fields
    from lunar_antenna.media.stratification import Stratification

    profile = {
        key: value
        for key, value in read_toml(catalogue.find("soil_models", name))["profile"].items()
        if key not in ("tolerance", "min_layers")
    }
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in profile.items())
    fine = load_soil(written(tmp_path, f"[profile]\n{text}layers = 1500\n"))
    assert len(fine.layers) == 1501
    fields = []
    for stack in (load_soil(name), fine):
        layers = Stratification.build(stack)
        fields.append(
            [
                plane_wave_fields(
                    layers, f, np.radians([0.0, 60.0]), np.zeros(2), np.zeros((1, 3))
                ).electric
                for f in np.linspace(5e6, 35e6, 7)
            ]
        )
    assert abs(np.array(fields[0]) - np.array(fields[1])).max() < 2e-3


def test_a_stack_passes_through_and_other_things_do_not():
    stack = Stack.half_space(3.0)
    assert load_soil(stack) is stack
    with pytest.raises(InputError, match="soil is int"):
        load_soil(3)
    with pytest.raises(InputError, match=r"sourcebook_highland.*free-space"):
        load_soil("regolith")
    with pytest.raises(InputError, match="does not exist"):
        load_soil("nowhere/at_all.toml")


def test_own_files(tmp_path):
    path = written(
        tmp_path,
        "name = 'dune'\n[[layer]]\nthickness = 0.5\neps_r = 2.5\nconductivity = 1e-4\n"
        "[[layer]]\nthickness = inf\neps_r = 4\nloss_tangent = 0.01\n",
    )
    expected = Stack([Layer(0.5, 2.5, 0.0, 1e-4), Layer(math.inf, 4.0, 0.01)], "dune")
    assert load_soil(path) == load_soil(str(path)) == expected
    metal = written(
        tmp_path, "[[layer]]\nthickness = 0.3\neps_r = 1.0\n[[layer]]\nconductor = true\n"
    )
    stack = load_soil(metal)
    assert stack.has_conductor
    assert stack.name == "my_soil"
    short = written(tmp_path, "[[layer]]\neps_r = 3\n")
    assert load_soil(short).layers == (Layer(math.inf, 3.0),)


LAWS = "density = 'diviner'\npermittivity = 'soils_only'\nfeo_tio2_percent = 10\n"


def test_own_profiles(tmp_path):
    stack = load_soil(written(tmp_path, f"[profile]\n{LAWS}depth = 1.0\nlayers = 12\n"))
    assert len(stack.layers) == 13
    assert stack.source["profile"]["density"] == "diviner"
    slow = load_soil(
        written(tmp_path, f"[profile]\n{LAWS}scale_height = 0.5\ndepth = 1.0\nlayers = 12\n")
    )
    assert slow.layers[6].eps_r < stack.layers[6].eps_r
    rock = load_soil(
        written(
            tmp_path,
            f"[profile]\n{LAWS}depth = 1.0\nlayers = 4\n[[layer]]\nthickness = 5\neps_r = 5\n"
            "[[layer]]\neps_r = 7\nloss_tangent = 0.015\n",
        )
    )
    assert [layer.eps_r for layer in rock.layers[4:]] == [5.0, 7.0]
    assert rock.depths[-1] == pytest.approx(6.0)


HALF = "[[layer]]\nthickness = inf\neps_r = 3.0\n"
POINTS = "[profile]\ndepths = [0, 2]\neps_r = [2, 3]\nloss_tangent = [0.01, 0.01]\n"
BAD = [
    ("", r"no \[\[layer\]\] and no \[profile\]"),
    ("layer = []\n", "empty"),
    ("layer = 3\n", r"\[\[layer\]\]"),
    ("[layer]\neps_r = 3\n", r"\[\[layer\]\]"),
    (
        "layers = 3\n" + HALF,
        "unknown key 'layers'; did you mean 'layer'. allowed: name, layer, profile, source",
    ),
    ("name = 3\n" + HALF, "name = 3 is not text"),
    (HALF + "epsr = 3\n", "layer 1 has unknown key 'epsr'"),
    (HALF + "loss_tangent = 0.1\nconductivity = 1e-3\n", "layer 1 .* one loss: pass one"),
    (HALF + "loss_tangent = 0.0\nconductivity = 0.0\n", "one loss: pass one"),
    (HALF + "loss_tangent = -0.1\n", "layer 1: loss_tangent = -0.1"),
    (HALF + "loss_tangent = nan\n", "layer 1: loss_tangent = nan is not finite"),
    (HALF + "conductivity = 'dry'\n", "layer 1: conductivity = 'dry' is not a number"),
    (HALF + "conductor = 1\n", "conductor = 1; allowed: true or false"),
    (HALF + "conductor = true\n", "layer 1: a conductor has no eps_r"),
    ("[[layer]]\nthickness = inf\n", "layer 1 lacks eps_r"),
    ("[[layer]]\nthickness = inf\neps_r = true\n", "eps_r = True is not a number"),
    ("[[layer]]\nthickness = inf\neps_r = 0.5\n", "layer 1: eps_r = 0.5 is outside"),
    ("[[layer]]\nthickness = inf\neps_r = inf\n", "layer 1: eps_r = inf is not finite"),
    (f"[[layer]]\neps_r = 1{'0' * 400}\n", "layer 1: eps_r is too large"),
    ("[[layer]]\nthickness = 3.0\neps_r = 3.0\n", "layer 1: thickness = 3 m, but the last layer"),
    (HALF + HALF, "layer 1: thickness = inf m, but only the last"),
    ("[[layer]]\neps_r = 3.0\n" + HALF, "layer 1 lacks thickness"),
    ("[[layer]]\nthickness = -1\neps_r = 3.0\n" + HALF, "layer 1: thickness = -1 m is outside"),
    ("[[layer]]\nthickness = 0\neps_r = 3.0\n" + HALF, "layer 1: thickness = 0"),
    ("[[layer]]\nconductor = true\nthickness = 1.0\n" + HALF, "layer 1: a conductor fills all"),
    ("profile = 3\n", r"\[profile\]"),
    ("[profile]\ndepth = 3\n", r"\[profile\] lacks density, permittivity, feo_tio2_percent"),
    (f"[profile]\n{LAWS}", r"\[profile\] lacks depth"),
    (f"[profile]\n{LAWS}depth = 0\n", r"\[profile\] depth = 0"),
    (f"[profile]\n{LAWS}depth = 1\ntolerance = 0\n", r"\[profile\] tolerance = 0"),
    (f"[profile]\n{LAWS}depth = 1\nlayers = 2.5\n", "whole number"),
    (f"[profile]\n{LAWS}depth = 1\nlayers = 5\ntolerance = 0.1\n", "pass one"),
    (f"[profile]\n{LAWS}depth = 1\nironn = 5\n", r"\[profile\] has unknown key 'ironn'"),
    (f"[profile]\n{LAWS}depth = 1\neps_r = [2, 3]\n", "laws or points, not both"),
    (f"[profile]\n{LAWS}depth = 1\nscale_height = -1\n", "scale_height = -1"),
    (f"[profile]\n{LAWS}depth = 1\n".replace("diviner", "sand"), "sourcebook, diviner, change3"),
    (
        f"[profile]\n{LAWS}depth = 1\n".replace("soils_only", "olivine"),
        "permittivity law = 'olivine'",
    ),
    (f"[profile]\n{LAWS}depth = 1\n".replace("soils_only", "strangway_1977"), "no loss tangent"),
    (f"[profile]\n{LAWS}depth = 1\n".replace("= 10", "= 140"), "feo_tio2_percent = 140"),
    (POINTS.replace("[0, 2]", "[1, 2]"), "do not increase from 0"),
    (POINTS.replace("[0, 2]", "[0, 2, 3]"), "same number of each"),
    (POINTS.replace("[0, 2]", "2"), "depths = 2 is not a list"),
    (POINTS.replace("[2, 3]", "[2, 'x']"), r"eps_r\[1\] = 'x' is not a number"),
    ("source = 'me'\n" + HALF, r"\[source\]"),
    (HALF + "[source]\nauthor = 'me'\n", r"\[source\] has unknown key 'author'"),
    (HALF + "[source]\ndoi = 3\n", r"\[source\] doi = 3 is not text"),
    (HALF + "[source.numbers]\n'layer 1 eps_r' = 'guess'\n", "allowed: read, computed, assumed"),
    ("[[layer]\n", "not valid TOML"),
]


@pytest.mark.parametrize(("text", "match"), BAD)
def test_bad_files_are_refused_in_one_line(text, match, tmp_path):
    path = written(tmp_path, text)
    with pytest.raises(FileFormatError, match=match) as caught:
        load_soil(path)
    message = str(caught.value)
    assert "my_soil.toml" in message
    assert "\n" not in message
    assert caught.value.exit_code == 2


def test_a_scale_height_belongs_to_diviner_alone(tmp_path):
    text = f"[profile]\n{LAWS}depth = 1\nscale_height = 0.1\n".replace("diviner", "change3")
    with pytest.raises(FileFormatError, match="scale_height belongs to"):
        load_soil(written(tmp_path, text))


def test_import_is_light():
    """Neither figures nor interpolation are loaded with the soil models."""
    code = (
        "import sys, lunar_antenna.media.soils as s; s.load_soil('sourcebook_mare');"
        "print([m for m in ('matplotlib', 'scipy', 'pydantic', 'numba') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
