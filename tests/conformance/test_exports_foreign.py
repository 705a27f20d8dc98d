"""Files read back by the programs they are written for, in environments of their own.

Budget: 1e-6 of the largest field, or what the program's own numbers hold: everybeam gives complex64
(6e-8), healpy and pyuvdata double precision.  Gain within 0.001 dB.
"""

from __future__ import annotations

import shutil

import numpy as np
import pytest

import lunar_antenna as la

pytest.importorskip("astropy_healpix", reason="astropy-healpix is not installed (extra beams)")

from askew import TURN, askew
from foreign_python import foreign


@pytest.fixture(scope="module")
def two():
    return askew()


@pytest.fixture(scope="module")
def directions():
    random = np.random.default_rng(4)
    return np.arccos(random.uniform(0.01, 1.0, 20)), random.uniform(0.0, 2.0 * np.pi, 20)


def truth(solution, frequency, theta, phi, port):
    """(2, n) E_theta and E_phi, and gain in dB."""
    at = solution.far_field(frequency, np.c_[theta], np.c_[phi], port=port)
    return np.stack((at.e_theta, at.e_phi))[..., 0], at.gain_db[:, 0]


def close(found, expected):
    return np.abs(found - expected).max() < 1e-6 * np.abs(expected).max()


def test_everybeam_finds_the_field_of_both_ports(two, directions, tmp_path):
    """Its own OSKAR kernels, from the file in its data folder: a row a port."""
    la.export(two, tmp_path / "oskar.h5", "everybeam")
    theta, phi = directions
    for frequency in two.frequency.tolist():
        script = f"""
import json, numpy as np, everybeam as eb
r = eb.ElementResponse.create(eb.ElementResponseModel.skala40_spherical)
theta, phi = np.array({theta.tolist()}), np.array({phi.tolist()})
j = r.response(np.zeros(20, int), np.full(20, {frequency!r}), theta, phi)
print(json.dumps([j.real.tolist(), j.imag.tolist()]))
"""
        re, im = foreign("everybeam", script, EVERYBEAM_DATADIR=str(tmp_path))
        jones = np.array(re) + 1j * np.array(im)  # (direction, port, component)
        for port in (1, 2):
            assert close(jones[:, port - 1].T, truth(two, frequency, theta, phi, port)[0])


def test_healpy_finds_the_field_at_its_own_pixels(two, tmp_path):
    la.export(two, tmp_path / "b.fits", "healpix", nside=8)
    script = f"""
import json, healpy as hp, numpy as np
names = [f"{{n}}_{{p}}" for p in (1, 2) for n in
    ("E_THETA_RE", "E_THETA_IM", "E_PHI_RE", "E_PHI_IM", "GAIN")]
maps = hp.read_map({str(tmp_path / "b.fits")!r}, field=range(10), hdu=2, dtype=np.float64)
side = hp.get_nside(maps[0])
pixel = np.random.default_rng(1).choice(6 * side**2 - 2 * side, 20, replace=False)
theta, phi = hp.pix2ang(side, pixel)
print(json.dumps([theta.tolist(), phi.tolist(), np.array(maps)[:, pixel].tolist()]))
"""
    theta, phi, maps = map(np.array, foreign("everybeam", script))
    for port in (1, 2):
        rows = maps[5 * (port - 1) : 5 * port]
        field, gain = truth(two, 20e6, theta, phi, port)
        assert close(rows[[0, 2]] + 1j * rows[[1, 3]], field)
        assert np.allclose(10.0 * np.log10(rows[4]), gain, rtol=0.0, atol=1e-3)


def test_pyuvdata_reads_beamfits_ffe_and_cst(two, tmp_path):
    path = la.export(two, tmp_path / "beam.beamfits", step=10.0)
    la.export(two, tmp_path / "bx.ffe", port=1, step=10.0)
    shutil.copy(tmp_path / "bx.ffe", tmp_path / "by.ffe")
    folder = la.export(two, tmp_path / "oskar", "oskar", step=10.0, tolerance=1e-2)
    script = f"""
import json, warnings, numpy as np
warnings.simplefilter("ignore")
from pyuvdata import UVBeam
random = np.random.default_rng(2)
za, az = random.integers(0, 9, 20), random.integers(0, 36, 20)
told = dict(telescope_name="t", feed_name="f", feed_version="1", model_name="m",
    model_version="1", history="h", mount_type="fixed")
b = UVBeam.from_file({str(path)!r})
b.check()
f = UVBeam.from_file({str(tmp_path / "bx.ffe")!r}, beam_type="power", feed_pol="x",
    feed_angle=[0.9273], **told)
c = UVBeam.from_file({str(folder / "cst_y_0_20.txt")!r}, beam_type="efield",
    feed_pol="y", feed_angle=[0.0], rotate_pol=False, frequency=[20e6], **told)
pair = lambda a: [a.real.tolist(), a.imag.tolist()]
print(json.dumps(dict(az=b.axis1_array[az].tolist(), za=b.axis2_array[za].tolist(),
    same=bool(np.allclose(b.axis1_array, c.axis1_array)),
    frequency=b.freq_array.tolist(), kind=b.data_normalization, feeds=b.feed_array.tolist(),
    angle=b.feed_angle.tolist(), beam=pair(b.data_array[:, :, 1, za, az]),
    cst=pair(c.data_array[:, 0, 0, za, az]), power=f.data_array[0, 0, 1, za, az].real.tolist())))
"""
    found = foreign("uvbeam", script)
    assert (found["kind"], found["feeds"], found["same"]) == ("physical", ["x", "y"], True)
    # from North to East; the feed's sense is that of its port: 37 and 127 degrees from East
    assert found["angle"] == pytest.approx([0.5 * np.pi - TURN, -TURN])
    theta, phi, frequency = np.array(found["za"]), np.array(found["az"]), found["frequency"][1]
    beam = np.array(found["beam"][0]) + 1j * np.array(found["beam"][1])  # (component, feed, n)
    cst = np.array(found["cst"][0]) + 1j * np.array(found["cst"][1])
    for port in (1, 2):
        field, gain = truth(two, frequency, theta, phi, port)
        assert close(beam[::-1, port - 1], field)
        if port == 1:
            power = 10.0 * np.log10(np.array(found["power"]))
            assert np.allclose(power, gain, rtol=0.0, atol=1e-3)
        else:
            assert close(cst[::-1], field)


def test_croissant_takes_the_gain_as_a_power_beam(two, tmp_path):
    """It takes power alone, as an array: 20 of its own directions, and the share of the sky.

    Budget of the share: equal weights of 12 288 pixels on a beam that ends with zero slope of its
    power at the horizon, 1e-3.
    """
    la.export(two, tmp_path / "b.fits", "healpix", nside=32)
    script = f"""
import json, jax, numpy as np
jax.config.update("jax_enable_x64", True)
import croissant as cro
from astropy.io import fits
with fits.open({str(tmp_path / "b.fits")!r}) as file:
    gain = np.stack([np.array(table.data["GAIN_2"], float) for table in file[1:]])
    frequency = np.array([table.header["FREQ"] for table in file[1:]])
b = cro.Beam(gain, frequency / 1e6, sampling="healpix")
pixel = np.random.default_rng(1).choice(6000, 20, replace=False)
print(json.dumps([np.array(x).tolist() for x in (b.theta[pixel], b.phi[pixel], b.data[1, pixel],
    b.compute_norm() / (4 * np.pi), b.compute_fgnd())]))
"""
    theta, phi, gain, share, below = map(np.array, foreign("croissant", script))
    assert np.allclose(10.0 * np.log10(gain), truth(two, 20e6, theta, phi, 2)[1], atol=1e-3)
    assert np.allclose(share, two.efficiency(port=2).sky, rtol=1e-3)
    assert np.all(below == 0.0)
