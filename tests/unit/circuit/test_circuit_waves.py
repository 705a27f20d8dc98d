"""Power waves: values worked by hand, and scikit-rf beside them."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.circuit.waves import (
    decibel,
    impedance,
    loads,
    ohms,
    plain,
    reference,
    reflection,
    renormalise,
    renormalise_all,
)
from lunar_antenna.errors import InputError

COMPLEX_Z0 = 75.0 - 20.0j


def test_reflection_by_hand() -> None:
    """(100 - 50)/(100 + 50) = 1/3; a conjugate match reflects nothing."""
    assert reflection(np.array([100.0 + 0j]), 50.0)[0] == pytest.approx(1.0 / 3.0)
    assert reflection(np.array([np.conj(COMPLEX_Z0)]), COMPLEX_Z0)[0] == pytest.approx(0.0)
    # Z = 0 at z0 = a - jb: -(a + jb)/(a - jb)
    assert reflection(np.array([0j]), COMPLEX_Z0)[0] == pytest.approx(
        -(75.0 + 20.0j) / (75.0 - 20.0j)
    )


def test_impedance_by_hand() -> None:
    assert impedance(np.array([1.0 / 3.0 + 0j]), 50.0)[0] == pytest.approx(100.0)
    assert impedance(np.array([0j]), COMPLEX_Z0)[0] == pytest.approx(75.0 + 20.0j)
    assert impedance(np.array([-1.0 + 0j]), 50.0)[0] == pytest.approx(0.0)
    assert impedance(np.array([1.0 + 0j]), 50.0)[0] == pytest.approx(1e17)  # (50 + 50)/1e-15


@pytest.mark.parametrize("z0", [50.0, 377.0, COMPLEX_Z0])
def test_there_and_back(z0: complex) -> None:
    z = np.array([3.0 - 400.0j, 50.0 + 1.0j, 800.0 + 20.0j])
    assert np.allclose(impedance(reflection(z, z0), z0), z, rtol=1e-12)
    again = renormalise(reflection(z, z0), z0, 100.0)
    assert np.allclose(again, (z - 100.0) / (z + 100.0), rtol=1e-12)


def test_the_same_reference_changes_no_bit() -> None:
    gamma = np.array([0.1 + 0.7j, -0.3j])
    assert np.array_equal(renormalise(gamma, 50.0, 50.0), gamma)
    s = np.array([[[0.1 + 0.2j, 0.3], [0.3, -0.4j]]])
    assert renormalise_all(s, 50.0, 50.0) is s


def test_all_ports_through_their_impedance_matrix() -> None:
    """S = (Z - z0* I)(Z + z0 I)^-1 for equal references: F and its inverse cancel."""
    z = np.array([[[60.0 + 10.0j, 20.0 - 5.0j], [20.0 - 5.0j, 90.0 - 30.0j]]])
    one = np.eye(2)

    def scattering(z0: complex) -> np.ndarray:
        return (z[0] - np.conj(z0) * one) @ np.linalg.inv(z[0] + z0 * one)

    for old, new in ((50.0, 100.0), (100.0, COMPLEX_Z0), (COMPLEX_Z0, 50.0)):
        got = renormalise_all(scattering(old)[None], old, new)
        assert np.allclose(got[0], scattering(new), rtol=1e-10, atol=1e-12)
    single = renormalise_all(np.array([[[0.2 + 0.1j]]]), 50.0, 75.0)
    assert single.shape == (1, 1, 1)
    assert single[0, 0, 0] == pytest.approx(renormalise(np.array([0.2 + 0.1j]), 50.0, 75.0)[0])


def test_decibel_has_a_floor() -> None:
    shown = decibel(np.array([1.0, 0.1j, -0.5, 0.0, 1e-6, 1e-7]))
    assert shown == pytest.approx([0.0, -20.0, -6.020599913, -120.0, -120.0, -120.0])
    assert decibel(np.array([1e-5]))[0] == pytest.approx(-100.0)


@pytest.mark.parametrize(
    ("given", "value"), [(50, 50.0), ("75", 75.0), (1e6, 1e6), (COMPLEX_Z0, COMPLEX_Z0), (0.5, 0.5)]
)
def test_references_that_are_taken(given: object, value: complex) -> None:
    taken = reference(given)
    assert isinstance(taken, complex)
    assert taken == value


@pytest.mark.parametrize("given", [None, "fifty", [50, 60]])
def test_references_that_are_no_numbers(given: object) -> None:
    with pytest.raises(InputError, match="is not an impedance"):
        reference(given)


@pytest.mark.parametrize("given", [0, -50, 20j, 1.1e6, 1e6 + 10j, float("nan"), float("inf")])
def test_references_that_are_refused(given: complex) -> None:
    with pytest.raises(InputError, match="real part must be in"):
        reference(given)


def test_how_references_are_told() -> None:
    assert plain(50 + 0j) == 50.0
    assert isinstance(plain(50 + 0j), float)
    assert plain(50 - 10j) == [50.0, -10.0]
    assert plain(50 + 10j) == [50.0, 10.0]
    assert ohms(50) == "50 ohm"
    assert ohms(50 - 10j) == "50-10j ohm"
    assert ohms(37.5 + 2j) == "37.5+2j ohm"


@pytest.mark.parametrize("reactive", [True, False])
@pytest.mark.parametrize("given", [75, 0.5 - 30j, "75", [75.0], [75.0, 10j + 20, 1e3]])
def test_loads_that_are_taken(given: object, reactive: bool) -> None:
    """One value for all frequencies, or one for each."""
    count = len(given) if isinstance(given, list) else 3
    taken = loads("z_amp", given, count, reactive=reactive)
    assert taken.shape == (count,)
    assert taken.tolist() == np.broadcast_to(np.array(given, dtype=complex), (count,)).tolist()


def test_only_reactive_loads_may_have_no_resistance() -> None:
    assert loads("x", [50j, 1.0], 2, reactive=True).tolist() == [50j, 1.0]
    with pytest.raises(InputError, match=r"x = .* its real part must be finite and above 0"):
        loads("x", [50j, 1.0], 2, reactive=False)
    with pytest.raises(InputError, match="must be finite and not below 0"):
        loads("x", [50j, -1e-9], 2, reactive=True)


@pytest.mark.parametrize("reactive", [True, False])
@pytest.mark.parametrize("given", [-1.0, [1.0, -0.5], [1.0, float("nan")], [float("inf"), 1.0]])
def test_loads_that_are_refused(given: object, reactive: bool) -> None:
    with pytest.raises(InputError, match="its real part must be finite"):
        loads("z_amp", given, 2, reactive=reactive)


@pytest.mark.parametrize("given", ["fifty", {"a": 1}, [[1.0], [1.0, 2.0]]])
def test_loads_that_are_no_numbers(given: object) -> None:
    with pytest.raises(InputError, match=r"z_amp = .* is not a number; give ohms"):
        loads("z_amp", given, 2, reactive=True)


@pytest.mark.parametrize("given", [[1.0], [1.0, 2.0, 3.0], [], [[1.0, 2.0]], [[1.0], [2.0]]])
def test_loads_of_another_shape_are_refused(given: object) -> None:
    shape = np.shape(given)
    with pytest.raises(InputError) as caught:
        loads("z_amp", given, 2, reactive=True)
    assert f"has shape {shape}; give one value or one per frequency" in str(caught.value)
