"""A HEALPix map as a sky: order, frame, averaging, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.errors import FileFormatError, InputError
from lunar_antenna.sky.galaxy import SlabGalaxy, sky_from
from lunar_antenna.sky.healpix import MapSky, load_sky
from lunar_antenna.sky.moon import GALACTIC

pytest.importorskip("astropy_healpix")
BAND = np.array([10e6, 15e6, 20e6])


def directions(count=400, seed=3):
    vectors = np.random.default_rng(seed).normal(size=(count, 3))
    return vectors / np.linalg.norm(vectors, axis=1)[:, None]


def centres(nside, order):
    from astropy_healpix import healpix_to_xyz

    return np.stack(healpix_to_xyz(np.arange(12 * nside**2), nside, order=order), axis=1)


def smooth(direction):
    """K, with a dipole and a quadrupole that no axis spares."""
    x, y, z = np.moveaxis(direction, -1, 0)
    return 1e5 * (2 + x - 0.5 * y + 0.7 * z + 0.4 * x * y + 0.3 * z**2)


@pytest.mark.parametrize("order", ["ring", "nested"])
@pytest.mark.parametrize("frame", ["galactic", "icrs"])
def test_a_smooth_map_is_read_where_it_says(order, frame):
    """Averaged to 1.8 degrees and bilinear between centres.

    h^2/8 of the second derivative, 1e5 K/rad^2, is 1e-4 of the mean; where rings of other lengths
    meet the weights are of first order, and half a pixel of the slope is 1e-2.
    """
    found = centres(64, order)
    sky = MapSky(
        smooth(found if frame == "galactic" else found @ GALACTIC.T), 15e6, 2.5, order, frame
    )
    there = directions()
    expected = np.multiply.outer((BAND / 15e6) ** -2.5, smooth(there))
    ratio = sky.temperature(BAND, there) / expected - 1
    assert np.abs(ratio).max() < 1e-2
    assert np.median(np.abs(ratio)) < 3e-4


def test_an_index_per_pixel():
    index = 2.5 + 0.1 * centres(16, "ring")[:, 2]
    sky = MapSky(np.full(3072, 7.0), 15e6, index)
    there = directions()
    expected = 7.0 * np.exp(-np.multiply.outer(np.log(BAND / 15e6), 2.5 + 0.1 * there[:, 2]))
    assert sky.temperature(BAND, there) == pytest.approx(expected, rel=1e-3)


def test_fine_maps_are_averaged_without_loss_of_flux():
    """A checkerboard of single pixels is its mean once pixels are smaller than the grid."""
    nside = 128
    sky = MapSky(np.where(np.arange(12 * nside**2) % 2, 2.0, 0.0), 15e6, order="nested")
    assert sky.temperature(BAND[1:2], directions()) == pytest.approx(1.0, rel=1e-12)


def write(path, values, **header):
    from astropy.io import fits

    table = fits.BinTableHDU.from_columns(
        [fits.Column("TEMPERATURE", "E", array=values.astype(np.float32))]
    )
    for key, value in header.items():
        table.header[key] = value
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    return path


def test_a_file_is_the_same_sky(tmp_path):
    kelvin = SlabGalaxy().temperature(BAND[1:2], centres(32, "ring"))[0]
    path = write(tmp_path / "map.fits", 1e3 * kelvin, ORDERING="RING", COORDSYS="G",
                 TUNIT1="mK", FREQ=15.0, FREQUNIT="MHz")  # fmt: skip
    sky = sky_from(str(path))
    there = directions()
    # bilinear over 1.8 degrees of a plane 6 degrees wide
    truth = SlabGalaxy().temperature(BAND[1:2], there)
    assert sky.temperature(BAND[1:2], there) == pytest.approx(truth, rel=0.08)
    assert np.median(np.abs(sky.temperature(BAND[1:2], there) / truth - 1)) < 0.005
    assert load_sky(path, frequency=10e6, index=0.0).temperature(BAND, there[:1]).std() == 0.0


@pytest.mark.parametrize(
    ("header", "size", "words"),
    [
        ({"FREQ": 15.0}, 48, "ORDERING"),
        ({"ORDERING": "RING"}, 48, "does not say its frequency"),
        ({"ORDERING": "RING", "FREQ": 15.0}, 50, "no HEALPix map"),
        ({"ORDERING": "RING", "FREQ": 15.0, "INDXSCHM": "EXPLICIT"}, 48, "a part of the sky"),
        ({"ORDERING": "RING", "FREQ": 15.0}, 108, "power of two"),
        ({"ORDERING": "RING", "FREQ": 15.0, "COORDSYS": "E"}, 48, "COORDSYS = 'E'"),
        ({"ORDERING": "RING", "FREQ": 15.0, "TUNIT1": "Jy"}, 48, "unit 'Jy'"),
        ({"ORDERING": "RING", "FREQ": 15.0, "FREQUNIT": "parsec"}, 48, "unit 'PARSEC'"),
    ],
)
def test_a_file_that_is_no_such_map_is_one_line(tmp_path, header, size, words):
    path = write(tmp_path / "map.fits", np.ones(size), **header)
    with pytest.raises(FileFormatError, match=words) as caught:
        load_sky(path)
    assert "\n" not in str(caught.value)
    assert "map.fits" in str(caught.value)


def test_rows_of_1024_pixels_are_one_map(tmp_path):
    """As healpy writes them."""
    from astropy.io import fits

    values = smooth(centres(16, "nested")).astype(np.float32)
    column = fits.Column("T", "1024E", array=values.reshape(-1, 1024), unit="K")
    table = fits.BinTableHDU.from_columns([column])
    table.header.update(ORDERING="NESTED", FREQ=15e6, FUNIT="Hz", COORDSYS="C")
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(tmp_path / "map.fits.gz")
    sky = sky_from(str(tmp_path / "map.fits.gz"))
    there = directions()
    expected = smooth(there @ GALACTIC)
    assert np.median(np.abs(sky.temperature(BAND[1:2], there)[0] / expected - 1)) < 2e-3


def test_pixels_without_a_value_and_files_of_another_kind(tmp_path):
    values = np.ones(48)
    values[3] = -1.6375e30
    path = write(tmp_path / "map.fits", values, ORDERING="RING", FREQ=15.0)
    with pytest.raises(FileFormatError, match="1 pixels without a value"):
        load_sky(path)
    other = tmp_path / "text.fits"
    other.write_text("no map")
    with pytest.raises(FileFormatError, match=r"text\.fits is no FITS file"):
        load_sky(other)
    with pytest.raises(InputError, match="no HEALPix map"):
        MapSky(np.ones((12, 2)), 15e6)
    with pytest.raises(InputError, match="without a temperature"):
        MapSky(np.full(12, -1.0), 15e6)
