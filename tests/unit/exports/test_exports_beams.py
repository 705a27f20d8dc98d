"""Beams in foreign formats: the file's numbers are the solution's field in the file's own frame.

The layout is turned by 37 degrees, lies off the origin and has unlike arms and two ports, so that
a swapped axis, a sign, a conjugate or a slip by 90 or 180 degrees shows.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.conventions import ETA0
from lunar_antenna.errors import InputError
from lunar_antenna.geometry.layout import Gap, Layout, Port

fits = pytest.importorskip("astropy.io.fits", reason="astropy is not installed (extra beams)")

TURN = np.deg2rad(37.0)


def turned(points):
    c, s = np.cos(TURN), np.sin(TURN)
    return np.asarray(points) @ np.array([[c, s], [-s, c]]) + np.array([3.0, -1.0])


def strip(x0, x1, y, width):
    return turned([(x0, y - width), (x1, y - width), (x1, y + width), (x0, y + width)])


@pytest.fixture(scope="module")
def two():
    """A long arm and a short one to each gap, two parallel dipoles of unlike length."""
    from shapely.geometry import Polygon

    arms, ports = [], []
    for number, (left, right, y) in enumerate(((-4.0, 2.5, 0.0), (-1.5, 3.5, 2.0)), 1):
        arms += [strip(left, -0.1, y, 0.1), strip(0.1, right, y, 0.1)]
        x, y = turned([(0.0, y)])[0]
        ports.append(Port((Gap(float(x), float(y), 0.2, 0.2, float(TURN)),), str(number)))
    layout = Layout("askew", tuple(Polygon(arm) for arm in arms), tuple(ports))
    problem = la.Problem(layout, la.load_soil("simple_eps35"), 0.2, la.Band.mhz(10, 30, 3))
    return la.solve(problem, accuracy="draft")


def expected(solution, index, theta, phi, port, terminated=None):
    field = solution.far_field(
        float(solution.frequency[index]),
        np.atleast_1d(theta)[:, None],
        np.atleast_1d(phi)[None, :],
        port=port,
        terminated=terminated,
    )
    return field.e_theta, field.e_phi


@pytest.mark.parametrize(("port", "terminated"), [(1, None), (2, 50.0)])
def test_ffe_holds_field_and_gain(two, tmp_path, port, terminated):
    path = la.export(two, tmp_path / "beam.ffe", port=port, terminated=terminated, step=15.0)
    first, *blocks = path.read_text().split("\n\n")
    blocks = [first.lstrip("\n"), *blocks]
    assert blocks.pop().strip() == ""
    assert len(blocks) == two.frequency.size
    for index, block in enumerate(blocks):
        lines = block.splitlines()
        assert f"{float(two.frequency[index])!r}" in lines[2]
        rows = np.array([[float(cell) for cell in line.split()] for line in lines[9:]])
        theta, phi = np.deg2rad(rows[:, 0]), np.deg2rad(rows[:, 1])
        above = theta <= np.pi / 2 + 1e-9
        assert rows.shape == (13 * 25, 9)
        assert np.all(rows[~above, 2:6] == 0.0)
        e_theta, e_phi = expected(two, index, theta[above][:7], 0.0, port, terminated)
        assert np.allclose(rows[above][:7, 2] + 1j * rows[above][:7, 3], e_theta[:, 0], rtol=1e-12)
        assert np.allclose(rows[above][:7, 4] + 1j * rows[above][:7, 5], e_phi[:, 0], rtol=1e-12)
        field = two.far_field(
            float(two.frequency[index]),
            theta[above][40],
            phi[above][40],
            port=port,
            terminated=terminated,
        )
        assert rows[above][40, 8] == pytest.approx(float(field.gain_db), abs=1e-9)


def read_uvbeam(path):
    """(azimuth, zenith angle, E of shape (vector, feed, frequency, zenith angle, azimuth))."""
    with fits.open(path) as file:
        header, data = file[0].header, file[0].data
        azimuth = np.deg2rad(header["CRVAL1"] + header["CDELT1"] * np.arange(header["NAXIS1"]))
        zenith = np.deg2rad(header["CRVAL2"] + header["CDELT2"] * np.arange(header["NAXIS2"]))
        return azimuth, zenith, np.asarray((data[0] + 1j * data[1])[:, 0]), dict(header)


@pytest.mark.parametrize("terminated", [None, 75.0])
def test_uvbeam_holds_the_fields_of_both_ports(two, tmp_path, terminated):
    path = la.export(two, tmp_path / "beam.beamfits", terminated=terminated, step=10.0)
    azimuth, zenith, field, header = read_uvbeam(path)
    above = zenith <= np.pi / 2 + 1e-9
    assert np.all(field[..., ~above, :] == 0.0)
    for feed in (0, 1):
        for index in range(two.frequency.size):
            e_theta, e_phi = expected(two, index, zenith[above], azimuth, feed + 1, terminated)
            assert np.allclose(field[0, feed, index, above], e_phi, rtol=1e-12, atol=1e-12)
            assert np.allclose(field[1, feed, index, above], e_theta, rtol=1e-12, atol=1e-12)
    assert header["CRVAL3"] == two.frequency[0]
    assert header["CDELT3"] == pytest.approx(10e6)
    # both ports point 37 degrees from East to North: 53 degrees from North to East
    angles = json.loads(header["FEEDANG"])
    assert np.rad2deg(angles) == pytest.approx([53.0, 53.0])


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("b.ffe", {}, "holds one port and this solution has 2; give port"),
        ("b.ffe", {"port": 1, "step": 7.0}, "does not divide 90 degrees"),
        ("b.ffe", {"port": 1, "step": 0.0}, "step = 0 degrees is outside"),
        ("b.txt", {"format": "ffe", "port": 1}, "does not end as format ffe does"),
    ],
)
def test_what_a_beam_format_cannot_do(two, tmp_path, name, arguments, told):
    with pytest.raises(InputError, match=told):
        la.export(two, tmp_path / name, **arguments)
    assert list(tmp_path.iterdir()) == []


def test_uneven_frequencies_are_no_beamfits(tmp_path):
    problem = la.Problem(
        la.load_geometry("strip"), la.Stack.free_space(), 0.0, la.Band([10e6, 11e6, 20e6])
    )
    with pytest.raises(InputError, match="evenly spaced"):
        la.export(la.solve(problem, accuracy="draft"), tmp_path / "b.beamfits")


def test_a_short_dipole_in_the_file_radiates_what_it_should(tmp_path):
    """R_sky = eta0 (2 pi/3) (h/lambda)^2 over the whole sphere, h its effective length.

    Budget: Simpson's rule at 5 degrees on sin^3 theta, 1e-4; uniform current of a dipole of
    lambda/50, (k l)^2/40 = 4e-4; h itself from the file's broadside field.
    """
    problem = la.Problem(
        la.load_geometry("strip", length=0.6, width=0.02, gap=0.02),
        la.Stack.free_space(),
        0.0,
        la.Band([10e6]),
    )
    solution = la.solve(problem, accuracy="normal")
    path = la.export(solution, tmp_path / "b.beamfits", step=5.0)
    azimuth, zenith, field, _ = read_uvbeam(path)
    density = (np.abs(field[:, 0, 0]) ** 2).sum(axis=0).sum(axis=1) * (azimuth[1] - azimuth[0])
    from scipy.integrate import simpson

    power = simpson(density * np.sin(zenith), x=zenith) / (2.0 * ETA0)
    assert 2.0 * power == pytest.approx(float(solution.r_sky[0, 0, 0].real), rel=1e-3)
