"""Masses and areas: products of stated numbers, so rounding (1e-12) is the whole error budget."""

from __future__ import annotations

import pytest

from lunar_antenna.errors import InputError
from lunar_antenna.geometry.layout import Layout
from lunar_antenna.geometry.load import load_geometry
from lunar_antenna.geometry.masses import (
    film_area,
    film_mass,
    metal_mass,
    printed_area,
    stowed_area,
)
from lunar_antenna.geometry.spec import write_spec
from lunar_antenna.media.sheets import FILMS, METALS, Metal

TIGHT = 1e-12


def strip(**materials):
    return load_geometry("strip", length=10.0, width=0.2, gap=0.1, **materials)


def test_a_strip_weighs_area_times_thickness_times_density():
    layout = strip(metal="copper_18um", film={"name": "polyimide_50um", "margin": 0.1})
    assert printed_area(layout) == pytest.approx((10.0 - 0.1) * 0.2, rel=TIGHT)
    assert film_area(layout) == pytest.approx(10.2 * 0.4, rel=TIGHT)
    assert stowed_area(layout) == pytest.approx(10.2 * 0.4, rel=TIGHT)
    assert metal_mass(layout) == pytest.approx(1.98 * 18e-6 * 8960.0, rel=TIGHT)
    assert film_mass(layout) == pytest.approx(4.08 * 50.8e-6 * 1420.0, rel=TIGHT)


def test_aluminium_is_lighter_by_the_ratio_of_densities():
    copper, aluminium = (
        metal_mass(strip(metal="copper_18um")),
        metal_mass(strip(metal="aluminium_18um")),
    )
    assert aluminium / copper == pytest.approx(2.70 / 8.96, rel=TIGHT)


def test_a_sheet_without_density_can_be_written(tmp_path):
    spec = {"family": "strip", "metal": Metal(1e7, 1e-5), "film": FILMS["polyimide_50um"]}
    again = load_geometry(write_spec(spec, tmp_path / "one.toml"))
    assert again.metal.density is None
    assert again.film.density == 1420.0


def test_no_film_weighs_nothing_and_the_metal_alone_is_stowed():
    layout = strip()
    assert film_mass(layout) == 0.0
    assert film_area(layout) == 0.0
    assert stowed_area(layout) == pytest.approx(2.0, rel=TIGHT)


def test_a_film_that_is_not_a_rectangle_is_stowed_in_one():
    outline = [[-5.2, -0.2], [5.2, -0.2], [5.2, 0.2], [0.0, 0.4], [-5.2, 0.2]]
    layout = strip(metal="copper_18um", film={"name": "polyimide_50um", "outline": outline})
    assert film_area(layout) < stowed_area(layout) == pytest.approx(10.4 * 0.6, rel=TIGHT)


def test_what_has_no_density_has_no_mass():
    with pytest.raises(InputError, match="perfect conductor"):
        metal_mass(strip())
    with pytest.raises(InputError, match="no density"):
        metal_mass(strip(metal={"conductivity": 1e7, "thickness": 1e-5}))
    with pytest.raises(InputError, match="no density"):
        film_mass(strip(film={"thickness": 1e-5, "eps_r": 3.0}))
    with pytest.raises(InputError, match="density"):
        strip(metal={"name": "copper_18um", "density": -1.0})


def test_densities_survive_the_dictionary_and_old_files_lack_them():
    layout = strip(metal="aluminium_5um", film="polyimide_25um")
    data = layout.to_dict()
    assert metal_mass(Layout.from_dict(data)) == metal_mass(layout)
    del data["metal"]["density"], data["film"]["density"]
    old = Layout.from_dict(data)  # a named sheet gets its density back
    assert (old.metal, old.film) == (METALS["aluminium_5um"], FILMS["polyimide_25um"])
