"""Laws of a Solution's derived quantities, on hand-made one- and two-ports.

Nothing here depends on a solver: Herm Z is the sum of its parts by construction, so everything
derived must close to rounding (budget 1e-10) unless a quadrature is involved (stated there).
"""

from __future__ import annotations

import numpy as np
import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.conventions import ETA0, SPEED_OF_LIGHT
from lunar_antenna.errors import InputError
from lunar_antenna.media.layer import Stack
from lunar_antenna.solution import Solution

SOIL = Stack.half_space(3.0, loss_tangent=0.01)
LOADS = [None, 100.0, 60.0 - 45.0j, 5.0 + 200.0j]


@pytest.fixture(scope="module")
def one() -> Solution:
    return solution(points=7)


@pytest.fixture(scope="module")
def two() -> Solution:
    return solution(ports=2, stack=SOIL, points=7)


@pytest.mark.parametrize("terminated", LOADS)
@pytest.mark.parametrize("z0", [50.0, 100.0, 80.0 - 30.0j])
@pytest.mark.parametrize("port", [1, 2])
def test_shares_sum_to_one(
    two: Solution, port: int, z0: complex, terminated: complex | None
) -> None:
    """sky + ground + metal + film + coupled = 1 for any source and any passive load."""
    result = two.efficiency(z0, port=port, terminated=terminated)
    assert np.allclose(result.total, 1.0, atol=1e-10)
    assert np.allclose(result.realised, result.mismatch * result.sky)
    for name in ("mismatch", "sky", "ground", "metal", "film", "coupled"):
        share = getattr(result, name)
        assert np.all(share >= -1e-12)
        assert np.all(share <= 1.0 + 1e-12)
    if terminated is None:
        assert np.all(result.coupled == 0.0)
    else:
        assert np.all(result.coupled > 0.0)


@pytest.mark.parametrize("z0", [50.0, 100.0, 80.0 - 30.0j, 20.0 + 70.0j])
def test_power_wave_reflection_equals_scikit_rf(two: Solution, z0: complex) -> None:
    """s11 with the other port in z0* ... in z0 equals the network's S11 with s_def="power"."""
    import skrf

    expected = skrf.network.z2s(two.z, z0, s_def="power")
    network = two.network(z0)
    assert np.allclose(network.s, expected, atol=1e-12)
    ours = two.s11(z0, port=1, terminated=z0)
    assert np.allclose(ours, expected[:, 0, 0], atol=1e-10)


def test_conjugate_match_takes_all_power(one: Solution) -> None:
    """A source of impedance Z* is matched: Gamma = 0, mismatch efficiency 1."""
    z = one.z[:, 0, 0]
    assert np.allclose(one.s11(np.conj(z)), 0.0, atol=1e-12)
    assert np.allclose(one.efficiency(np.conj(z)).mismatch, 1.0)


@pytest.mark.parametrize("z0", [50.0, 80.0 - 30.0j])
def test_mismatch_is_power_into_the_circuit(one: Solution, z0: complex) -> None:
    """1 - |Gamma|^2 = 4 R_s R_a/|Z_s + Z_a|^2 for a Thevenin source."""
    z = one.z[:, 0, 0]
    expected = 4.0 * np.real(z0) * z.real / np.abs(z + z0) ** 2
    assert np.allclose(one.efficiency(z0).mismatch, expected, rtol=1e-12)


@pytest.mark.parametrize("terminated", [-5.0, -1.0 + 3.0j, np.nan, [50.0, 75.0], "matched"])
def test_a_load_that_is_not_passive_is_refused(two: Solution, terminated: object) -> None:
    """Every answer that ends the other ports asks the same."""
    f = float(two.frequency[0])
    for ask in (two.input_impedance, two.s11, two.efficiency):
        with pytest.raises(InputError, match="terminated"):
            ask(port=2, terminated=terminated)
    with pytest.raises(InputError, match="terminated"):
        two.far_field(f, terminated=terminated)
    assert np.all(np.isfinite(two.input_impedance(1, 0.0)))  # a short
    assert np.all(np.isfinite(two.input_impedance(1, 30.0j)))  # a reactance


@pytest.mark.parametrize("terminated", LOADS[1:])
def test_terminated_impedance_is_the_schur_complement(two: Solution, terminated: complex) -> None:
    z = two.z
    expected = z[:, 0, 0] - z[:, 0, 1] * z[:, 1, 0] / (z[:, 1, 1] + terminated)
    assert np.allclose(two.input_impedance(1, terminated), expected, rtol=1e-12)


def test_open_is_the_limit_of_a_large_load(two: Solution) -> None:
    assert np.allclose(two.input_impedance(1, 1e12), two.input_impedance(1), rtol=1e-6)


def test_short_is_the_inverse_of_the_admittance(two: Solution) -> None:
    y = np.linalg.inv(two.z)
    assert np.allclose(two.input_impedance(1, 0.0), 1.0 / y[:, 0, 0], rtol=1e-10)


@pytest.mark.parametrize("stack", [Stack.free_space(), SOIL], ids=["free space", "soil"])
@pytest.mark.parametrize("port", [1, 2])
def test_effective_length_gives_the_sky_resistance(stack: Stack, port: int) -> None:
    """R_sky = eta0/(4 lambda^2) integral |h|^2 dOmega over the sky.

    Budget 2e-3: Gauss-Legendre of order 48 in cos theta and 96 equidistant phi here against
    the order chosen by the solution; currents of at most 1.2 wavelengths.
    """
    sol = solution(ports=2, stack=stack, points=4)
    nodes, weights = np.polynomial.legendre.leggauss(48)
    if not stack.is_free_space:
        nodes, weights = 0.5 * (nodes + 1.0), 0.5 * weights
    theta = np.arccos(nodes)
    phi = 2.0 * np.pi * np.arange(96) / 96.0
    for index, frequency in enumerate(sol.frequency):
        field = sol.far_field(float(frequency), theta, phi, port=port)
        h_theta, h_phi = field.effective_length
        power = np.abs(h_theta) ** 2 + np.abs(h_phi) ** 2  # (n_theta, n_phi) m2
        integral = (weights @ power).sum() * 2.0 * np.pi / 96.0
        wavelength = SPEED_OF_LIGHT / frequency
        resistance = ETA0 / (4.0 * wavelength**2) * integral
        expected = sol.r_sky[index, port - 1, port - 1].real
        assert resistance == pytest.approx(expected, rel=2e-3)


def test_directivity_averages_to_one_in_free_space(one: Solution) -> None:
    """The mean of D over the sphere is 1, of the gain it is the radiation efficiency."""
    nodes, weights = np.polynomial.legendre.leggauss(32)
    phi = 2.0 * np.pi * np.arange(64) / 64.0
    field = one.far_field(float(one.frequency[3]), np.arccos(nodes), phi)
    mean = (weights @ 10.0 ** (field.directivity_db / 10.0)).mean() / 2.0
    assert mean == pytest.approx(1.0, rel=1e-3)
    gain = (weights @ 10.0 ** (field.gain_db / 10.0)).mean() / 2.0
    assert gain == pytest.approx(float(one.efficiency().sky[3]), rel=1e-3)


def test_coupled_far_field_superposes(two: Solution) -> None:
    """Terminated drive: E = E_1 + (I_2/I_1) E_2."""
    f = float(two.frequency[2])
    theta, phi = np.deg2rad([10.0, 50.0]), np.deg2rad([0.0, 45.0, 200.0])
    both = two.far_field(f, theta, phi, terminated=75.0 - 10.0j)
    ratio = two.port_currents(1, 75.0 - 10.0j)[2, 1]
    parts = [two.far_field(f, theta, phi, port=port) for port in (1, 2)]
    assert np.allclose(both.e_theta, parts[0].e_theta + ratio * parts[1].e_theta)
    assert np.allclose(both.e_phi, parts[0].e_phi + ratio * parts[1].e_phi)


def test_closure_measures_the_missing_power(two: Solution) -> None:
    parts = (two.r_sky, two.r_ground, two.r_metal, two.r_film)
    assert np.allclose(Solution.closure(two.z, *parts), 0.0, atol=1e-12)
    without = Solution.closure(two.z, *parts[:3])
    largest = np.abs(np.real(np.diagonal(two.z, axis1=1, axis2=2))).max(axis=1)
    assert np.allclose(without, np.abs(two.r_film).max(axis=(1, 2)) / largest)


def test_refusals_name_what_is_allowed(two: Solution) -> None:
    with pytest.raises(InputError, match="ports 1 to 2"):
        two.s11(port=3)
    with pytest.raises(InputError, match="above 0"):
        two.s11(-50.0)
    with pytest.raises(InputError, match="one per frequency"):
        two.s11(np.array([50.0, 60.0]))
    with pytest.raises(InputError, match="was not solved"):
        two.far_field(5.5e6)


@pytest.mark.parametrize(
    ("theta", "phi"), [(45.0, 0.0), (3.2, 0.0), (0.5, 90.0), (0.5, [0.0, -6.4]), (np.nan, 0.0)]
)
def test_angles_in_degrees_are_asked_about(two: Solution, theta, phi) -> None:
    with pytest.raises(InputError, match="degrees=True"):
        two.far_field(float(two.frequency[0]), theta, phi)


def test_degrees_are_degrees(two: Solution) -> None:
    f = float(two.frequency[0])
    one = two.far_field(f, [10.0, 60.0], [0.0, 360.0, -90.0], degrees=True)
    other = two.far_field(f, np.deg2rad([10.0, 60.0]), np.deg2rad([0.0, 360.0, -90.0]))
    assert np.array_equal(one.e_theta, other.e_theta)
    with pytest.raises(InputError, match=r"theta = 181 degrees"):
        two.far_field(f, 181.0, 0.0, degrees=True)


def test_over_soil_no_direction_is_below_the_horizon() -> None:
    problem = la.Problem(
        la.load_geometry("strip"), la.load_soil("simple_eps35"), 0.0, la.Band([15e6])
    )
    solution = la.solve(problem, accuracy="draft")
    assert np.isfinite(solution.far_field(15e6, 0.5 * np.pi, 0.0).e_theta).all()
    with pytest.raises(InputError, match=r"theta = 1\.6 rad"):
        solution.far_field(15e6, 1.6, 0.0)
