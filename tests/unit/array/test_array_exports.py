"""Formats of an array: embedded patterns of its ports where they lie, as those of any antenna."""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la

pytest.importorskip("astropy_healpix", reason="astropy-healpix is not installed (extra beams)")

import foreign_readers as readers
import skrf

from lunar_antenna.errors import InputError

KINDS = {
    "ffe": ("b.ffe", {"step": 15.0}, readers.ffe),
    "healpix": ("b.fits", {"nside": 4}, readers.healpix),
    "spherical": ("b.h5", {}, readers.spherical),
    "oskar": ("folder", {"step": 30.0}, readers.oskar),
    "everybeam": ("b.h5", {}, readers.everybeam),
    "luseepy": ("folder", {"step": 5.0, "v2": False}, readers.luseepy),
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("port", ["2.2", 5])
def test_the_embedded_pattern_of_a_port(small, tmp_path, name, port):
    """One port of a turned element off the origin, by name and by number; 1e-6 of the largest."""
    path, options, read = KINDS[name]
    written = la.export(small, tmp_path / path, name, port=port, **options)
    number, frequency = small.port(port) + 1, 25e6
    found = read(written, frequency, number if name != "everybeam" else 1, np.random.default_rng(3))
    at = small.far_field(frequency, port, found.theta[:, None], found.phi[:, None])
    truth = np.stack((at.e_theta, at.e_phi))[..., 0]
    wrong = np.abs(np.stack((found.e_theta, found.e_phi)) - truth).max()
    assert wrong < 1e-6 * np.abs(truth).max()
    if found.gain is not None:
        assert np.allclose(10.0 * np.log10(found.gain), at.gain_db[:, 0], atol=1e-3)


def test_all_ports_at_once(small, tmp_path):
    read = skrf.Network(str(la.export(small, tmp_path / "a.s5p", z0=75.0)))
    assert np.allclose(read.s, [small.s_matrix(k, 75.0) for k in (0, 1)], rtol=1e-9, atol=1e-12)
    beam = la.load_spherical(la.export(small, tmp_path / "b.h5", "spherical", tolerance=1e-5))
    assert beam.port.tolist() == [1, 2, 3, 4, 5]
    folder = la.export(small, tmp_path / "lusee", "luseepy", step=5.0, v2=False)
    assert np.allclose(np.load(folder / "Rsky.npy"), small.r_sky.conj())


def test_what_an_array_does_not_hold_is_said(small, tmp_path):
    for name, arguments, told in (
        ("b.beamfits", {}, "holds 2 feeds and this solution has 5 ports; give port"),
        ("b.ffe", {"port": "9"}, "give a number from 1 to 5 or a name such as"),
        ("b.ffe", {"port": 6}, "this solution has ports 1 to 5"),
    ):
        with pytest.raises(InputError, match=told):
            la.export(small, tmp_path / name, **arguments)
    assert list(tmp_path.iterdir()) == []


def test_the_command_takes_an_arrays_file(small, tmp_path, capsys, monkeypatch):
    """Its own format is told apart from an antenna's; a file of neither is one line."""
    from lunar_antenna.cli.main import run

    monkeypatch.chdir(tmp_path)
    small.save(tmp_path / "station.h5")
    (tmp_path / "words.h5").write_text("neither")
    options = ("--format", "csv", "--out", "a.csv")
    assert run(["export", "station.h5", *options]) == 0
    assert "z_5_5_re" in (tmp_path / "a.csv").read_text()
    capsys.readouterr()
    assert run(["export", "words.h5", *options]) == 2
    assert "words.h5" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["ffe", "spherical", "oskar"])
def test_an_element_by_itself_has_its_embedded_patterns_about_its_own_place(small, tmp_path, name):
    path, options, read = KINDS[name]
    written = la.export(small, tmp_path / path, name, element=2, port=1, **options)
    found = read(written, 25e6, 1, np.random.default_rng(4))
    at = small.far_field(25e6, "2.1", found.theta[:, None], found.phi[:, None])
    k = 2.0 * np.pi * 25e6 / 299792458.0
    x, y = small.array.positions[1]
    back = np.exp(-1j * k * np.sin(found.theta) * (x * np.cos(found.phi) + y * np.sin(found.phi)))
    truth = np.stack((at.e_theta, at.e_phi))[..., 0] * back
    wrong = np.abs(np.stack((found.e_theta, found.e_phi)) - truth).max()
    assert wrong < 1e-6 * np.abs(truth).max()


def test_one_uvbeam_for_an_element(small, tmp_path):
    """Both of its ports, x the one nearer to East-West: the first of element 2, turned by 0.3."""
    written = la.export(small, tmp_path / "e.beamfits", element="2", step=15.0)
    k = 2.0 * np.pi * 25e6 / 299792458.0
    x, y = small.array.positions[1]
    for port in (1, 2):
        found = readers.uvbeam(written, 25e6, port, np.random.default_rng(4))
        at = small.far_field(25e6, f"2.{port}", found.theta[:, None], found.phi[:, None])
        path = np.sin(found.theta) * (x * np.cos(found.phi) + y * np.sin(found.phi))
        truth = np.stack((at.e_theta, at.e_phi))[..., 0] * np.exp(-1j * k * path)
        wrong = np.abs(np.stack((found.e_theta, found.e_phi)) - truth).max()
        assert wrong < 1e-6 * np.abs(truth).max()


def test_a_whole_array_is_a_station_of_oskar(small, tmp_path):
    """Elements where they lie, each a type of its own: with its array factor the port's field."""
    folder = la.export(small, tmp_path / "station", "oskar")
    station = folder / "station000"
    places = np.loadtxt(station / "layout.txt", delimiter=",")
    assert np.array_equal(places[:, :2], small.array.positions)
    assert np.loadtxt(station / "element_types.txt", dtype=int).tolist() == [0, 1, 2]
    assert (folder / "layout.txt").read_text() == "0.0, 0.0, 0.0\n"
    assert np.loadtxt(folder / "position.txt", delimiter=",").shape == (2,)
    k = 2.0 * np.pi * 25e6 / 299792458.0
    for kind, port in ((0, "1.1"), (1, "2.1"), (2, "3")):
        found = readers.oskar(station, 25e6, 1, np.random.default_rng(5), kind)
        at = small.far_field(25e6, port, found.theta[:, None], found.phi[:, None])
        direction = np.stack((np.cos(found.phi), np.sin(found.phi))) * np.sin(found.theta)
        phase = np.exp(1j * k * (places[kind, :2] @ direction))
        truth = np.stack((at.e_theta, at.e_phi))[..., 0]
        wrong = np.abs(np.stack((found.e_theta, found.e_phi)) * phase - truth).max()
        assert wrong < 1e-6 * np.abs(truth).max()
    with pytest.raises(InputError, match="array has no element '9'"):
        la.export(small, tmp_path / "x.ffe", element=9)
    with pytest.raises(InputError, match="the others open"):
        la.export(small, tmp_path / "x.ffe", element=1, terminated=100.0)
    assert [item.name for item in tmp_path.iterdir()] == ["station"]
