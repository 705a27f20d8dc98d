"""Laws of the plane wave on a layered soil, each against a closed form or Maxwell's equations.

Budgets: closed forms and conservation 1e-12 (rounding of a few dozen operations, conditioning
of order one); numerical derivatives as stated at each test.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from lunar_antenna.conventions import EPS0, ETA0, MU0, SPEED_OF_LIGHT
from lunar_antenna.media.layer import Layer
from lunar_antenna.media.plane_wave import plane_wave_fields
from lunar_antenna.media.stratification import Stratification

FREQUENCY = 15e6
K0 = 2.0 * math.pi * FREQUENCY / SPEED_OF_LIGHT
THETA = np.radians([0.0, 20.0, 45.0, 70.0, 89.0])
PHI = np.radians([0.0, 33.0, 120.0, 250.0, 300.0])
FIRST = (
    Layer(0.02, 3.4, 0.003),  # a film, exaggerated
    Layer(0.3, 1.0),
    Layer(1.7, 2.5, 0.02),
    Layer(4.0, 6.0, 0.1, 1e-4),
    Layer(math.inf, 3.0, 0.01),
)


def placed(layers: tuple[Layer, ...], top: float = 0.0) -> Stratification:
    """Layers from ``top`` down."""
    return Stratification(below=layers, plane=top, reflects=bool(layers))


def fields(layers, position, theta=THETA, phi=PHI, top=0.0, frequency=FREQUENCY):
    """E and H, each (2, n_dir, n, 3)."""
    wave = plane_wave_fields(
        placed(layers, top), frequency, theta, phi, np.atleast_2d(position), magnetic=True
    )
    return wave.electric, wave.magnetic


def tangential(field, phi=PHI):
    """Components along rho and phi of the plane of incidence, each (2, n_dir, n)."""
    c, s = np.cos(phi)[:, None], np.sin(phi)[:, None]
    return (
        c * field[..., 0] + s * field[..., 1],
        -s * field[..., 0] + c * field[..., 1],
    )


def on_axis(z):
    z = np.atleast_1d(np.asarray(z, dtype=float))
    return np.column_stack((np.zeros_like(z), np.zeros_like(z), z))


def reflection(layers, theta=THETA):
    """Tangential-E reflection coefficients (tm, te) at the surface."""
    phi = np.zeros_like(theta)
    electric, _ = fields(layers, on_axis(0.0), theta, phi)
    tm = electric[0, :, 0, 0] / np.cos(theta) - 1.0
    te = electric[1, :, 0, 1] - 1.0
    return tm, te


def downward_flux(layers, z):
    """-S_z in W/m2 at heights z on the axis, (2, n_dir, n)."""
    electric, magnetic = fields(layers, on_axis(z))
    cross = electric[..., 0] * magnetic[..., 1].conj() - electric[..., 1] * magnetic[..., 0].conj()
    return -0.5 * cross.real


@pytest.mark.parametrize(("eps_r", "tan"), [(3.0, 0.0), (3.0, 0.01), (13.0, 0.5), (1.0, 0.0)])
def test_half_space_reflects_as_fresnel_says(eps_r, tan):
    eps = eps_r * (1.0 - 1j * tan)
    cos, root = np.cos(THETA), np.sqrt(eps - np.sin(THETA) ** 2)
    tm, te = reflection((Layer(math.inf, eps_r, tan),))
    np.testing.assert_allclose(te, (cos - root) / (cos + root), atol=1e-12)
    np.testing.assert_allclose(tm, -(eps * cos - root) / (eps * cos + root), atol=1e-12)


def test_tm_wave_is_not_reflected_at_the_brewster_angle():
    tm, te = reflection((Layer(math.inf, 3.0),), np.array([math.atan(math.sqrt(3.0))]))
    assert abs(tm[0]) < 1e-12
    assert abs(te[0]) == pytest.approx(0.5, abs=1e-12)  # (1 - 3)/(1 + 3)


def test_quarter_wave_layer_matches_at_normal_incidence():
    thickness = SPEED_OF_LIGHT / FREQUENCY / math.sqrt(2.0) / 4.0
    stack = (Layer(thickness, 2.0), Layer(math.inf, 4.0))
    tm, te = reflection(stack, np.array([0.0]))
    assert max(abs(tm[0]), abs(te[0])) < 1e-12
    detuned = (Layer(thickness, 2.5), Layer(math.inf, 4.0))
    assert abs(reflection(detuned, np.array([0.0]))[0][0]) > 0.05


def test_layers_reflect_as_the_transfer_matrix_says():
    """Abeles matrices, tangential fields carried up from the half-space: another algorithm."""
    stack = FIRST
    for kind, got in zip(("tm", "te"), reflection(stack), strict=True):
        for theta, value in zip(THETA, got, strict=True):
            eps = [layer.complex_eps_r(np.array([FREQUENCY]))[0] for layer in stack]
            root = [np.sqrt(e - math.sin(theta) ** 2) for e in eps]
            y = [e / r if kind == "tm" else r for e, r in zip(eps, root, strict=True)]
            vector = np.array([1.0, y[-1]])
            for layer, r, admittance in zip(stack[-2::-1], root[-2::-1], y[-2::-1], strict=True):
                phase = K0 * r * layer.thickness
                matrix = np.array(
                    [
                        [np.cos(phase), 1j * np.sin(phase) / admittance],
                        [1j * np.sin(phase) * admittance, np.cos(phase)],
                    ]
                )
                vector = matrix @ vector
            y0 = 1.0 / math.cos(theta) if kind == "tm" else math.cos(theta)
            expected = (y0 * vector[0] - vector[1]) / (y0 * vector[0] + vector[1])
            assert abs(value - expected) < 1e-12, (kind, theta)


def test_incident_minus_reflected_power_is_transmitted_plus_absorbed():
    """Poynting: absorbed = 1/2 omega eps0 eps'' |E|^2 by 40-point Gauss quadrature, 1e-12."""
    top = placed(FIRST).placed
    tm, te = reflection(FIRST)
    incident = np.cos(THETA) / (2.0 * ETA0)
    entering = np.array([incident * (1.0 - abs(tm) ** 2), incident * (1.0 - abs(te) ** 2)])
    nodes, weights = np.polynomial.legendre.leggauss(40)
    absorbed = np.zeros_like(entering)
    for z, layer in top[:-1]:
        loss = -layer.complex_eps_r(np.array([FREQUENCY]))[0].imag
        depth = z - 0.5 * layer.thickness * (1.0 + nodes)
        electric, _ = fields(FIRST, on_axis(depth))
        density = 0.5 * 2.0 * math.pi * FREQUENCY * EPS0 * loss
        square = np.sum(abs(electric) ** 2, axis=-1)  # (2, n_dir, n)
        absorbed += density * square @ (0.5 * layer.thickness * weights)
    transmitted = downward_flux(FIRST, top[-1][0] - 1e-12)[..., 0]
    np.testing.assert_allclose(downward_flux(FIRST, 0.7)[..., 0], entering, rtol=1e-11)
    np.testing.assert_allclose(absorbed + transmitted, entering, rtol=1e-11)
    assert np.all(absorbed > 0.1 * entering)  # the law is not met by lossless layers


def test_splitting_a_layer_changes_nothing():
    split = [
        Layer(m.thickness / 7.0, m.eps_r, m.loss_tangent, m.conductivity)
        for m in FIRST[:-1]
        for _ in range(7)
    ]
    split += [Layer(2.0, 3.0, 0.01), FIRST[-1]]
    z = np.array([2.0, 0.0, -0.005, -0.2, -1.1, -3.3, -6.5, -11.0])
    for one, many in zip(fields(FIRST, on_axis(z)), fields(tuple(split), on_axis(z)), strict=True):
        np.testing.assert_allclose(many, one, atol=1e-12, rtol=0.0)


def test_vacuum_layers_are_free_space():
    position = np.array([[1.0, -2.0, 0.5], [3.0, 4.0, -2.5], [0.0, 0.0, -0.1]])
    free, _ = fields((), position)
    vacuum, _ = fields((Layer(1.0, 1.0), Layer(math.inf, 1.0)), position)
    np.testing.assert_allclose(vacuum, free, atol=1e-12)


@pytest.mark.parametrize("cover", [(), (Layer(0.3, 1.0),), (Layer(2.0, 3.0, 0.02),)])
def test_tangential_field_vanishes_on_a_perfect_conductor(cover):
    surface = -sum(layer.thickness for layer in cover)
    electric, magnetic = fields((*cover, Layer.conductor()), on_axis([surface, surface - 0.1]))
    assert max(abs(part[..., 0]).max() for part in tangential(electric)) < 1e-12
    assert abs(magnetic[..., 0, :2]).max() > 0.1 / ETA0  # a surface current flows
    assert not electric[..., 1, :].any()  # nothing inside


def test_half_wave_layer_on_a_conductor():
    """A node at the layer's top: V(d) = -2j (eta1/eta0) sin(k1 (t - d)); budget 1e-12."""
    thickness = SPEED_OF_LIGHT / FREQUENCY / 2.0 / 2.0  # half a wave in eps_r 4
    z = np.array([-0.1, -1.0, -2.5, -4.0])
    electric, _ = fields(
        (Layer(thickness, 4.0), Layer.conductor()), on_axis(z), np.zeros(1), np.zeros(1)
    )
    expected = -2j * 0.5 * np.sin(2.0 * K0 * (thickness + z))
    np.testing.assert_allclose(electric[0, 0, :, 0], expected, atol=1e-12)
    np.testing.assert_allclose(electric[1, 0, :, 1], expected, atol=1e-12)


def test_interfaces_keep_tangential_fields_and_normal_flux():
    """1 nm either side: fields change by k dz = 3e-9 relative at most; budget 2e-8."""
    for z, layer in placed(FIRST).placed:
        index = FIRST.index(layer)
        above = FIRST[index - 1] if index else Layer(1.0, 1.0)
        eps = [m.complex_eps_r(np.array([FREQUENCY]))[0] for m in (above, layer)]
        electric, magnetic = fields(FIRST, on_axis([z + 1e-9, z, z - 1e-9]))
        for field, scale in ((electric, 1.0), (magnetic, 1.0 / ETA0)):
            for part in tangential(field):
                np.testing.assert_allclose(part[..., 0], part[..., 2], atol=2e-8 * scale)
                np.testing.assert_allclose(part[..., 0], part[..., 1], atol=2e-8 * scale)
        np.testing.assert_allclose(
            eps[0] * electric[..., 0, 2], eps[1] * electric[..., 2, 2], atol=2e-8 * abs(eps[1])
        )
        np.testing.assert_allclose(magnetic[..., 0, 2], magnetic[..., 2, 2], atol=2e-8 / ETA0)


def curl(layers, position, step, which):
    """Central differences of E (0) or H (1) about one point, (2, n_dir, 3)."""
    offsets = np.concatenate((np.eye(3), -np.eye(3))) * step
    field = fields(layers, position + offsets)[which]
    d = (field[:, :, :3] - field[:, :, 3:]) / (2.0 * step)  # (2, n_dir, d/dx_i, component)
    return np.stack(
        (
            d[..., 1, 2] - d[..., 2, 1],
            d[..., 2, 0] - d[..., 0, 2],
            d[..., 0, 1] - d[..., 1, 0],
        ),
        axis=-1,
    )


@pytest.mark.parametrize("z", [3.0, -0.01, -0.2, -1.1, -4.0, -8.0])
def test_fields_obey_maxwell_in_every_layer(z):
    """Differences over h = 2 mm: error (k h)^2/6 < 1e-6 for k < 1/m; budget 3e-6 of the field."""
    point = np.array([1.3, -0.7, z])
    depth, layer = next(
        ((t, m) for t, m in reversed(placed(FIRST).placed) if z < t), (0.0, Layer(math.inf, 1.0))
    )
    assert z >= 0.0 or depth - layer.thickness < z - 2e-3
    eps = layer.complex_eps_r(np.array([FREQUENCY]))[0]
    electric, magnetic = (field[:, :, 0] for field in fields(FIRST, point))
    omega = 2.0 * math.pi * FREQUENCY
    faraday = curl(FIRST, point, 2e-3, 0) + 1j * omega * MU0 * magnetic
    ampere = curl(FIRST, point, 2e-3, 1) - 1j * omega * EPS0 * eps * electric
    assert abs(faraday).max() < 3e-6
    assert abs(ampere).max() < 3e-6 * abs(eps) / ETA0


@pytest.mark.parametrize("bottom", [Layer(math.inf, 3.0, 0.01), Layer.conductor()])
@pytest.mark.parametrize("tan", [0.5, 0.0])
def test_a_kilometre_of_soil_raises_no_warning(bottom, tan):
    """Warnings are errors in this suite; the wave deep in lossy soil is simply gone."""
    stack = (Layer(0.02, 2.5, tan), Layer(1000.0, 3.0, tan), bottom)
    z = np.array([1000.0, 0.0, -0.01, -500.0, -1000.0, -1500.0])
    electric, magnetic = fields(stack, on_axis(z))
    assert np.all(np.isfinite(electric))
    assert np.all(np.isfinite(magnetic))
    if tan:
        assert abs(electric[:, :, 3:]).max() < 1e-20
        half_space, _ = fields((stack[0], Layer(math.inf, 3.0, tan)), on_axis(z[:3]))
        np.testing.assert_allclose(electric[:, :, :3], half_space, atol=1e-12)


GRAZING = np.array([math.pi / 2.0])


@pytest.mark.parametrize(
    "stack",
    [
        (Layer(math.inf, 3.0, 0.01),),
        FIRST,
        FIRST[1:],
        (Layer(math.inf, 1.0),),
        (Layer(0.3, 1.0), Layer(0.5, 1.0), Layer(math.inf, 3.0)),
        (Layer(0.3, 1.0), Layer.conductor()),
    ],
)
def test_grazing_incidence_is_the_limit(stack):
    """theta = 90 degrees exactly: finite, and within 1e-6 of 90 - 1e-7 degrees (field ~ angle)."""
    z = np.array([0.5, 0.0, -0.1, -0.4])
    exact = fields(stack, on_axis(z), GRAZING, np.zeros(1))
    near = fields(stack, on_axis(z), GRAZING - math.radians(1e-7), np.zeros(1))
    vacuum = all(layer.is_vacuum for layer in stack)
    for one, other, scale in zip(exact, near, (1.0, 1.0 / ETA0), strict=True):
        assert np.all(np.isfinite(one))
        np.testing.assert_allclose(one, other, atol=1e-6 * scale)
    size = abs(exact[0]).max(axis=(1, 2, 3))  # tm, te
    if stack[-1].is_conductor:
        assert size[0] == pytest.approx(2.0, abs=1e-9)  # E_z and its image
    elif vacuum:
        np.testing.assert_allclose(size, 1.0, atol=1e-12)
    else:
        assert size.max() < 1e-9  # direct and reflected wave cancel


def test_below_the_horizon_no_wave_arrives_through_soil():
    electric, magnetic = fields(FIRST, on_axis([1.0, -1.0]), np.array([2.0]), np.zeros(1))
    assert not electric.any()
    assert not magnetic.any()


def test_phase_origin_stays_at_z_zero_when_the_stack_begins_higher():
    """An added vacuum layer above the soil is no change."""
    z = np.array([1.5, 0.3, 0.0, -0.5])
    base = fields(FIRST, on_axis(z))
    lifted = fields((Layer(1.0, 1.0), *FIRST), on_axis(z), top=1.0)
    for one, other in zip(base, lifted, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-12)
