"""Soils as tables: what is written reads back as the very layers, whatever they hold."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunar_antenna.common.tables import Table
from lunar_antenna.errors import FileFormatError, InputError
from lunar_antenna.media.layer import Layer, Stack
from lunar_antenna.media.soil_files import layer_rows, read_half_space, read_layers, soil_text
from lunar_antenna.media.soils import load_soil, soil_names

LOSS = st.sampled_from((0.0, 1e-12, 0.003, 1.0 / 3.0))
LAYER = st.builds(Layer, st.floats(1e-6, 1e3), st.floats(1.0, 90.0), LOSS, LOSS)
LAST = st.one_of(
    st.builds(Layer, st.just(math.inf), st.floats(1.0, 90.0), LOSS, LOSS),
    st.just(Layer.conductor()),
)


@given(st.lists(LAYER, max_size=4), LAST)
def test_rows_read_back_as_the_same_layers(above, last):
    stack = Stack([*above, last])
    assert tuple(read_layers(Table({"layer": layer_rows(stack)}))) == stack.layers


@pytest.mark.parametrize("name", [name for name in soil_names() if name != "free-space"])
def test_a_written_soil_is_the_soil(name, tmp_path):
    stack = load_soil(name)
    path = tmp_path / "copy.toml"
    path.write_text(soil_text(stack))
    again = load_soil(path)
    assert again == stack
    assert again.source == {key: value for key, value in stack.source.items() if key != "profile"}


def test_two_losses_are_said_to_be_two(tmp_path):
    """A layer with tan delta and conductivity is written so that neither is lost."""
    stack = Stack([Layer(math.inf, 3.0, 0.01, 1e-4)], "wet")
    path = tmp_path / "wet.toml"
    path.write_text(soil_text(stack))
    assert "two_losses = true" in path.read_text()
    assert load_soil(path) == stack
    path.write_text(path.read_text().replace("two_losses = true", "two_losses = false"))
    with pytest.raises(FileFormatError, match="layer 1 has loss_tangent and conductivity"):
        load_soil(path)


def test_a_half_space_is_named_by_what_it_is():
    stack = read_half_space(Table({"eps_r": 2.5, "loss_tangent": 0.005}))
    assert stack.name == "eps_r 2.5, loss_tangent 0.005"
    assert stack.layers == (Layer(math.inf, 2.5, 0.005),)
    assert read_half_space(Table({"eps_r": 3, "name": "dust"})).name == "dust"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"eps_r": "3"}, "soil 2: eps_r = '3' is not a number"),
        ({"eps_r": 3.0, "thickness": 1.0}, "unknown key 'thickness'"),
        ({"eps_r": 3.0, "loss_tangent": 0.1, "conductivity": 0.1}, "one loss: pass one"),
        ({"loss_tangent": 0.1}, "lacks eps_r"),
        ({"eps_r": 3.0, "loss_tangent": [0.1]}, "is not a number"),
    ],
)
def test_a_wrong_half_space_is_refused(content, said):
    with pytest.raises(InputError, match=said):
        read_half_space(Table(content, name="soil 2"))
