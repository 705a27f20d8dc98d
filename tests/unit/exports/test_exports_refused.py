"""What a format of beams cannot hold: one line, and nothing on disk; by the command exit code 2."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.errors import FileFormatError, InputError
from lunar_antenna.exports.registry import FORMATS

pytest.importorskip("astropy_healpix", reason="astropy-healpix is not installed (extra beams)")

BEAMS = [name for name, kind in FORMATS.all().items() if kind.far_field]
NAMES = {
    "ffe": "b.ffe",
    "uvbeam": "b.beamfits",
    "healpix": "b.fits",
    "luseepy": "folder",
    "oskar": "folder",
    "everybeam": "b.h5",
    "spherical": "b.h5",
}


@pytest.fixture(scope="module")
def three():
    """Two ports, and a third that repeats the second."""
    made = solution(ports=2, points=4)  # 5, 15, 25, 35 MHz
    rows = np.array([0, 1, 1])
    matrices = {
        name: getattr(made, name)[:, rows][:, :, rows]
        for name in ("z", "r_sky", "r_ground", "r_metal", "r_film")
    }
    elements = replace(made.elements, electric=made.elements.electric[:, rows])
    return replace(made, elements=elements, **matrices)


def refused(tmp_path, made, name, told, **arguments):
    with pytest.raises(InputError, match=told) as caught:
        la.export(made, tmp_path / NAMES[name], name, **arguments)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_every_beam_format_is_looked_at():
    assert sorted(NAMES) == sorted(BEAMS)


@pytest.mark.parametrize("name", BEAMS)
def test_a_solution_without_currents_has_no_beam(tmp_path, name):
    made = solution(points=2)
    nothing = replace(made.elements, position=np.zeros((0, 3)), electric=np.zeros((2, 1, 0, 3)))
    refused(tmp_path, replace(made, elements=nothing), name, "needs the far field")


@pytest.mark.parametrize("name", ["uvbeam", "oskar", "everybeam"])
def test_a_third_port_is_no_feed(three, tmp_path, name):
    refused(tmp_path, three, name, "holds 2 feeds and this solution has 3 ports; give port")


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("healpix", {"nside": 12}, "nside = 12 is not a power of two"),
        ("healpix", {"nside": 2.5}, "nside = 2.5 is not a whole number"),
        ("healpix", {"nside": 0}, "nside = 0 is outside"),
        ("spherical", {"tolerance": 0.0}, "tolerance = 0 is outside"),
        ("oskar", {"step": 8.0}, "does not divide 90 degrees"),
        ("everybeam", {"whole": "yes"}, "whole = 'yes'; give true or false"),
        ("everybeam", {"step": 2.0}, "has no option 'step'; it has tolerance, whole"),
    ],
)
def test_options_are_checked(tmp_path, name, arguments, told):
    refused(tmp_path, solution(points=2), name, told, **arguments)


@pytest.mark.parametrize("name", [name for name, path in NAMES.items() if path != "folder"])
def test_the_suffix_is_checked(tmp_path, name):
    made = solution(points=2)
    with pytest.raises(InputError, match=f"does not end as format {name} does; end it in"):
        la.export(made, tmp_path / "b.txt", name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [name for name, path in NAMES.items() if path == "folder"])
@pytest.mark.parametrize("ending", [".txt", ".h5", ".S2P"])
def test_a_folder_is_not_named_like_a_file(tmp_path, name, ending):
    with pytest.raises(InputError, match="writes a folder; give a name without"):
        la.export(solution(points=4), tmp_path / f"b{ending}", name)
    assert list(tmp_path.iterdir()) == []


def test_everybeam_wants_whole_megahertz(tmp_path):
    made = solution(points=5)  # 5, 12.5, 20, 27.5, 35 MHz
    told = "2 of 5 are not; solve whole ones, or leave out the others: whole=true"
    refused(tmp_path, made, "everybeam", told)
    import h5py

    path = la.export(made, tmp_path / "b.h5", "everybeam", whole=True, tolerance=1e-2)
    with h5py.File(path) as file:
        assert sorted(file) == ["20", "35", "5"]
        assert file.attrs["left_out_hz"].tolist() == [12.5e6, 27.5e6]
    odd = replace(made, frequency=made.frequency + 0.3e6)
    path.unlink()
    refused(tmp_path, odd, "everybeam", "5 of 5 are not; solve whole ones$", whole=True)


def test_a_beam_of_waves_is_read_where_it_was_written(tmp_path):
    """Any port and direction, gain, zeros below the horizon; what it does not hold is said."""
    made = solution(ports=2, stack=la.Stack.half_space(3.5), points=2)
    read = la.load_spherical(la.export(made, tmp_path / "b.h5", "spherical", terminated=60.0))
    theta, phi = np.array([0.2, 1.1, 2.0]), np.array([0.3, 4.0, 1.0])
    for frequency in made.frequency.tolist():
        for port in (1, 2):
            at = made.far_field(
                frequency, theta[:2, None], phi[:2, None], port=port, terminated=60.0
            )
            e_theta, e_phi = read.far_field(frequency, theta, phi, port)
            assert np.allclose(e_theta[:2], at.e_theta[:, 0], rtol=0.0, atol=1e-5)
            assert np.allclose(e_phi[:2], at.e_phi[:, 0], rtol=0.0, atol=1e-5)
            assert e_theta[2] == e_phi[2] == 0.0
            gain = 10.0 * np.log10(read.gain(frequency, theta[:2], phi[:2], port))
            assert np.allclose(gain, at.gain_db[:, 0], atol=1e-3)
    assert "ended in" in read.loading[0]
    with pytest.raises(InputError, match="12 MHz is not in the file"):
        read.far_field(12e6, theta, phi)
    with pytest.raises(InputError, match="port = 3; the file holds 1, 2"):
        read.far_field(made.frequency[0], theta, phi, 3)


def test_another_file_is_no_beam(tmp_path):
    made = solution(points=2)
    made.save(tmp_path / "run.h5")
    (tmp_path / "words.h5").write_text("nothing of the kind")
    for name in ("run.h5", "words.h5", "absent.h5"):
        with pytest.raises(FileFormatError) as caught:
            la.load_spherical(tmp_path / name)
        assert "\n" not in str(caught.value)
