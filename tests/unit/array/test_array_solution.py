"""What follows from an array's solution: terminations, beams, reflection, noise, its file."""

import json

import h5py
import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.errors import FileFormatError, InputError

THETA = np.deg2rad([10.0, 40.0, 70.0])
PHI = np.deg2rad([0.0, 50.0, 190.0])


def test_the_solution_says_how_good_it_is(small):
    quality = small.quality
    assert quality.converged
    assert quality.power_closure.max() < 1e-3
    assert quality.z_error.shape == (2,)
    for name in (
        "error_z",
        "error_pattern",
        "error_loss",
        "basis_z",
        "far_z",
        "far_current",
        "residual",
    ):
        assert quality.details[name].shape == (2,)
        assert np.all(quality.details[name] < 1e-3), name


def test_all_patterns_at_once_are_those_of_each_port(small):
    every = np.stack(small.fields(1, None, THETA, PHI))
    for number, name in enumerate(small.port_names):
        one = small.far_field(25e6, name, THETA[:, None], PHI[None, :])
        grid = np.stack((one.e_theta, one.e_phi))
        pair = grid[:, np.arange(3), np.arange(3)]
        np.testing.assert_allclose(
            every[:, number], pair, rtol=1e-5, atol=1e-6 * np.abs(pair).max()
        )


def test_a_termination_is_a_sum_of_open_patterns(small):
    z = small.matrix("z", 0)
    current = small.port_currents(0, 2, 75.0)
    others = [0, 2, 3, 4]
    np.testing.assert_allclose((z @ current)[others], -75.0 * current[others], rtol=1e-9)
    beam = small.far_field(12e6, 2, THETA[:, None], PHI[:, None], terminated=75.0)
    every = small.fields(0, None, THETA[:, None], PHI[:, None])
    np.testing.assert_allclose(beam.e_theta, np.tensordot(current, every[0], axes=1), rtol=1e-5)
    # gain is over what the driven port accepts, the power in the loads of the others included
    assert beam.resistance_in == pytest.approx((z @ current)[1].real, rel=1e-9)
    lost = 75.0 * np.sum(np.abs(current[others]) ** 2)
    assert beam.resistance_in == pytest.approx((current.conj() @ z @ current).real + lost, rel=1e-9)
    assert lost > 0.001 * beam.resistance_in


def test_radiated_power_is_that_of_r_sky(small):
    """Gauss in cos theta and equal steps in phi: exact for fields of 12 m at 25 MHz."""
    cos_t, weight = np.polynomial.legendre.leggauss(24)
    theta, phi = np.arccos(0.5 + 0.5 * cos_t), 2 * np.pi * np.arange(36) / 36
    current = np.array([1.0, 0.5j, -0.3, 0.2, 1.0])
    beam = small.station_beam(current, 25e6, theta, phi)
    power = (beam.intensity * (0.5 * weight)[:, None]).sum() * 2 * np.pi / 36
    assert power == pytest.approx(0.5 * beam.resistance_sky, rel=2e-5)


def test_a_loaded_beam_is_what_the_loads_receive(small):
    """V_L = Z_L (Z + Z_L)^-1 V_oc, and V_oc of a wave is minus its reaction with each pattern."""
    weights = np.array([1.0, 2.0, -1.0j, 0.5, 0.0])
    every = small.fields(1, None, THETA, PHI)[1]
    through = 100.0 * np.linalg.inv(small.matrix("z", 1) + 100.0 * np.eye(5))
    expected = weights @ (through @ every)
    beam = small.station_beam(weights, 25e6, THETA[:, None], PHI[:, None], load=100.0)
    np.testing.assert_allclose(beam.e_phi[:, 0], expected, rtol=1e-5)


def test_active_reflection_of_one_driven_port_is_its_own(small):
    found = small.active_reflection(z0=50.0, ports=["2.1"])
    s = small.s_matrix(0, 50.0)
    assert found[0, 2] == pytest.approx(s[2, 2])
    assert np.isnan(found[0, [0, 1, 3, 4]]).all()


def test_active_reflection_of_a_scan_sums_the_row(small):
    scan = (0.5, 1.0)
    wave = small.scan_weights(*scan)[1]
    found = small.active_reflection(scan=scan)
    np.testing.assert_allclose(found[1], (small.s_matrix(1) @ wave) / wave)
    # towards the scan all fields of equal elements add up
    path = small.array.positions[0] @ [np.cos(1.0), np.sin(1.0)]
    assert np.angle(wave[0]) == pytest.approx(0.0 * path)


def test_noise_of_one_temperature_is_nyquists(small):
    """All at T: 4 k T Re Z, but for what the power balance is off by."""
    covariance = small.noise_covariance(300.0, 300.0)
    expected = 4 * 1.380649e-23 * 300.0 * small.z.real
    scale = np.abs(expected).max(axis=(1, 2))
    error = np.abs(covariance - expected).max(axis=(1, 2))
    assert np.all(error <= 1.001 * small.quality.power_closure * scale)


def test_a_hot_sky_couples_receivers_and_a_cold_receiver_adds_its_own(small):
    quiet = small.noise_covariance(1e4, load=1e5)
    noisy = small.noise_covariance(1e4, load=1e5, voltage_noise=2e-9)
    np.testing.assert_allclose(noisy - quiet, np.broadcast_to(4e-18 * np.eye(5), quiet.shape),
                               atol=1e-24)  # fmt: skip
    assert np.linalg.eigvalsh(quiet).min() > 0.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s: s.far_field(13e6), "was not solved"),
        (lambda s: s.far_field(12e6, 6), "ports 1 to 5"),
        (lambda s: s.far_field(12e6, "9"), "port = '9'"),
        (lambda s: s.far_field(12e6, 1, [45.0], [0.0]), "degrees"),
        (lambda s: s.station_beam([1, 1], 12e6), "shape"),
        (lambda s: s.station_beam(np.ones(5)), "give frequency"),
        (lambda s: s.station_beam(np.ones(5), 12e6, load=-1.0), "load"),
        (lambda s: s.active_reflection(scan=(45.0, 0.0)), "theta"),
        (lambda s: s.active_reflection(z0=-1.0), "z0"),
        (lambda s: s.noise_covariance(-5.0), "sky"),
    ],
)
def test_bad_questions_are_answered_in_one_line(small, call, words):
    with pytest.raises(InputError, match=words) as caught:
        call(small)
    assert "\n" not in str(caught.value)


def test_the_file_gives_back_what_was_solved_and_reads_no_more_than_asked(small, tmp_path):
    path = tmp_path / "a.h5"
    small.save(path)
    again = la.load_array_solution(path)
    np.testing.assert_array_equal(again.z, small.z)
    np.testing.assert_array_equal(again.r_ground, small.r_ground)
    one, other = (s.far_field(25e6, 5, THETA, PHI) for s in (again, small))
    np.testing.assert_array_equal(one.e_theta, other.e_theta)
    assert again.quality.converged
    assert again.array.digest == small.array.digest
    assert isinstance(again.parts[0]["amplitude"], h5py.Dataset)
    json.dumps(again.summary())


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
def test_a_damaged_file_is_told(small, tmp_path, place):
    path = tmp_path / "a.h5"
    small.save(path)
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="damaged"):
        la.load_array_solution(path)


def test_a_cut_file_and_another_kind_of_file_are_told(small, tmp_path):
    path = tmp_path / "a.h5"
    small.save(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(FileFormatError, match="seal"):
        la.load_array_solution(path)
    with pytest.raises(InputError, match="not a file"):
        la.load_array_solution(tmp_path / "none.h5")


def test_a_chunk_that_changes_after_opening_is_found_by_hdf5(small, tmp_path):
    """Large files are not read whole before they are used: the chunks watch over themselves."""
    path = tmp_path / "a.h5"
    small.save(path)
    with h5py.File(path, "r") as file:
        place = file["f00000/amplitude"].id.get_chunk_info(0).byte_offset
    data = bytearray(path.read_bytes())
    data[place + 3] ^= 0xFF
    path.write_bytes(data)
    again = la.load_array_solution(path, check=False)
    with pytest.raises(OSError, match=r"[Cc]hecksum|[Ff]letcher|filter"):
        again.far_field(12e6, 1, THETA, PHI)


def test_parts_are_taken_over_and_only_those_of_the_same_run(tmp_path):
    from lunar_antenna.array.frequency import Found
    from lunar_antenna.array.parts import part_file, read_part, write_part
    from lunar_antenna.array.run import run_digest

    strip = la.load_geometry("strip", length=3.0, width=0.1, gap=0.05)
    places = [(0, 0), (0, 2)]
    array = la.Array(strip, places, la.Stack.free_space(), band=la.Band([20e6, 30e6]))
    digest = run_digest(array, "draft", 1e-4)
    first = la.solve_array(array, accuracy="draft", folder=tmp_path)
    found = read_part(tmp_path, 0, digest)
    marked = {**found.matrices, "z": found.matrices["z"] + 1.0}
    rest = (found.amplitude, found.moments, found.errors, found.seconds)
    write_part(tmp_path, 0, digest, Found(marked, *rest))
    part_file(tmp_path, 1, digest).write_bytes(b"damaged")
    taken = la.solve_array(array, accuracy="draft", folder=tmp_path, resume=True)
    np.testing.assert_array_equal(taken.matrix("z", 0), marked["z"])
    np.testing.assert_allclose(taken.matrix("z", 1), first.matrix("z", 1), rtol=1e-9)
    # solved in another way: none of it counts
    other = la.solve_array(array, accuracy="draft", tolerance=1e-3, folder=tmp_path, resume=True)
    assert np.abs(other.matrix("z", 0) - found.matrices["z"]).max() < 0.5


def test_too_large_an_array_is_refused_with_the_number():
    side = 80
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    layout = la.load_geometry("strip", length=0.8, width=0.05, gap=0.02)
    array = la.Array(layout, np.column_stack((x.ravel(), y.ravel())) * 1.0, la.Stack.free_space(),
                     band=la.Band([20e6]))  # fmt: skip
    with pytest.raises(InputError, match=r"needs [\d.e+]+ GB .* functions") as caught:
        la.solve_array(array, accuracy="draft")
    assert "6400 elements" in str(caught.value)


def test_what_cannot_be_coupled_that_far_is_refused():
    layout = la.load_geometry("strip", length=5.0, width=0.1, gap=0.02)
    array = la.Array(layout, [(0, 0), (0, 9e4)], "sourcebook_highland", band=la.Band([20e6]))
    with pytest.raises(InputError, match="rad long"):
        la.solve_array(array, accuracy="draft")
