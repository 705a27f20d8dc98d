"""Physics that the NEC solver must obey, each with its error budget."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.conventions import MU0, SPEED_OF_LIGHT
from lunar_antenna.geometry.layout import Gap, Layout, Port
from lunar_antenna.geometry.ribbon import Ribbon
from lunar_antenna.media.edge import stopping_distance, strip_factor
from lunar_antenna.media.sheets import METALS, Metal
from lunar_antenna.media.stratification import Stratification
from lunar_antenna.radiation import CurrentElements, far_field
from lunar_antenna.solvers.nec import engine
from lunar_antenna.solvers.nec.solver import _models
from lunar_antenna.solvers.thin_wire.loading import Loading, loading
from lunar_antenna.solvers.thin_wire.model import Resolution, wire_model
from lunar_antenna.solvers.thin_wire.ports import element_positions, port_result
from lunar_antenna.solvers.thin_wire.sweep import Task, sweep


def solve(layout, frequency, **options):
    problem = la.Problem(layout, la.Stack.free_space(), band=la.Band(frequency))
    return la.solve(problem, solver="nec", **options)


def strip(**changes):
    return la.load_geometry("strip", **{"length": 10.0, "width": 0.2, **changes})


def test_resonance_of_the_reference_strip():
    """14.01 MHz +- 0.5 % and 72 ohm +- 2 %: reference values of a 10 m x 0.2 m strip."""
    frequency = np.linspace(13.7e6, 14.3e6, 13)
    z = solve(strip(), frequency).z[:, 0, 0]
    resonance = float(np.interp(0.0, z.imag, frequency))
    assert resonance == pytest.approx(14.01e6, rel=0.005)
    assert float(np.interp(resonance, frequency, z.real)) == pytest.approx(72.0, rel=0.02)


def test_directivity_and_power_balance():
    """Half-wave dipole: 2.15 dBi +- 0.05; power balance 0.5 % (NEC's own is about 0.05 %)."""
    solution = solve(strip(), [8e6, 14e6, 21e6, 30e6])
    assert solution.far_field(14e6).directivity_db.max() == pytest.approx(2.15, abs=0.05)
    assert solution.quality.power_closure.max() < 0.005
    assert np.allclose(solution.quality.details["average_gain"], 1.0, atol=0.005)


def test_pattern_agrees_with_the_engines_own():
    """Element sampling against NEC's segment integrals: 0.01 dB within 25 dB of the maximum."""
    layout = la.load_geometry("end_loaded", metal="pec", film="none")
    frequency = 30e6
    wavelength = SPEED_OF_LIGHT / frequency
    model = wire_model(layout, 0.0, wavelength, Resolution(0.2, 0.4))
    none = np.zeros(len(model.wires), dtype=complex)
    currents = engine.run(model, frequency, None)
    result = port_result(model, currents, layout.series, frequency, none, none, Stratification())
    context = engine._new_context()
    geometry = context.get_geometry()
    for tag, wire in enumerate(model.wires, start=1):
        geometry.wire(tag, wire.segments, *wire.start, *wire.end, wire.radius, 1.0, 1.0)
    context.geometry_complete(0)
    context.fr_card(0, 1, frequency * engine.NEC_SPEED_OF_LIGHT / SPEED_OF_LIGHT / 1e6, 0.0)
    wire_number, segment, _ = model.feeds[0].sources[0]
    context.ex_card(0, wire_number + 1, segment + 1, 0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    context.rp_card(0, 17, 12, 0, 5, 0, 0, 5.0, 0.0, 10.0, 30.0, 0.0, 0.0)
    gain = np.array(context.get_radiation_pattern(0).get_gain(), copy=True)  # dBi
    theta = np.deg2rad(5.0 + 10.0 * np.arange(17))
    phi = np.deg2rad(30.0 * np.arange(12))
    elements = CurrentElements(element_positions(model), result.moments[None])
    grid = np.meshgrid(theta, phi, indexing="ij")
    e_theta, e_phi = far_field(elements, 0, frequency, Stratification(), *grid)
    power = (np.abs(e_theta[0]) ** 2 + np.abs(e_phi[0]) ** 2) / (2.0 * MU0 * SPEED_OF_LIGHT)
    own = 10.0 * np.log10(4.0 * math.pi * power / (0.5 * result.z[0, 0].real))
    strong = gain > gain.max() - 25.0
    assert strong.sum() > 100
    assert np.abs(own - gain)[strong].max() < 0.01


def filament_resistance(width, thickness, conductivity, frequency, n_x, n_y):
    """R' in ohm/m of a flat conductor by volume filaments, one quarter by symmetry.

    Silvester 1968 (IEEE Trans. PAS 87, 735): J/sigma - (j omega mu0/2pi) int ln(r) J dS = V over
    the cross-section, piecewise constant J, exact integrals of ln r over rectangles.
    """
    x = width / 2 - np.concatenate(([0.0], np.geomspace(thickness / 200, width / 2, n_x)))
    y = thickness / 2 - np.concatenate(([0.0], np.geomspace(thickness / 100, thickness / 2, n_y)))
    x_low, y_low = (v.ravel() for v in np.meshgrid(x[1:], y[1:], indexing="ij"))
    x_high, y_high = (v.ravel() for v in np.meshgrid(x[:-1], y[:-1], indexing="ij"))
    centre = (x_low + x_high) / 2, (y_low + y_high) / 2

    def corner(u, v):
        return (
            0.5 * u * v * (np.log(u * u + v * v) - 3.0)
            + 0.5 * u * u * np.arctan(v / u)
            + 0.5 * v * v * np.arctan(u / v)
        )

    def log_integral(a, b, c, d):
        left, right = a - centre[0][:, None], b - centre[0][:, None]
        low, high = c - centre[1][:, None], d - centre[1][:, None]
        return corner(right, high) - corner(left, high) - corner(right, low) + corner(left, low)

    log_r = (
        log_integral(x_low, x_high, y_low, y_high)
        + log_integral(-x_high, -x_low, y_low, y_high)
        + log_integral(x_low, x_high, -y_high, -y_low)
        + log_integral(-x_high, -x_low, -y_high, -y_low)
    )
    matrix = np.eye(log_r.shape[0]) / conductivity - 1j * frequency * MU0 * log_r
    density = np.linalg.solve(matrix, np.ones(log_r.shape[0]))
    current = 4.0 * (density * (x_high - x_low) * (y_high - y_low)).sum()
    return float((1.0 / current).real)


def test_strip_loss_against_volume_filaments():
    """Copper 18 um, 0.2 m, at resonance: r_metal within 10 % of R' times the integral of |I|^2.

    R' by Silvester's filaments (mesh error 0.1 %); I = cos(pi x/2l), the current of a resonant
    half wave, whose integral is l = 5 m (4 % for a dipole of this thickness).  The
    edge-crowding factor is 2.6: 10 % would see its absence, or a stopping distance that is
    wrong by a factor of two.
    """
    metal = METALS["copper_18um"]
    frequency = 14.01e6
    per_metre = filament_resistance(0.2, metal.thickness, metal.conductivity, frequency, 50, 12)
    uniform = float(metal.sheet_impedance(np.array(frequency)).real) / 0.2
    assert 2.4 < per_metre / uniform < 2.8
    want = per_metre * 5.0
    solution = solve(strip(metal="copper_18um"), [frequency])
    assert solution.r_metal[0, 0, 0].real == pytest.approx(want, rel=0.10)
    assert solution.quality.power_closure.max() < 0.005


@pytest.mark.parametrize(
    ("metal", "width", "frequency"),
    [
        ("copper_5um", 0.05, 8e6),
        ("copper_18um", 0.2, 14e6),
        ("copper_35um", 0.2, 35e6),
        ("aluminium_1um", 0.1, 20e6),
        ("aluminium_18um", 0.002, 10e6),
        (Metal(5.8e7, 100e-6), 0.01, 20e6),
        (Metal(5.8e7, 100e-6), 0.001, 10e6),
    ],
)
def test_edge_crowding_formula(metal, width, frequency):
    """Re(F Z_s)/w against the filaments: 1.5 %, 1 % of the law and 0.5 % of the filaments' mesh."""
    metal = METALS.get(metal, metal)
    resistance = filament_resistance(width, metal.thickness, metal.conductivity, frequency, 60, 14)
    sheet = metal.sheet_impedance(np.array([frequency]))
    law = (strip_factor(width, metal, np.array([frequency])) * sheet).real[0] / width
    assert law == pytest.approx(resistance, rel=0.015)


def test_edge_crowding_thick_limit():
    """Thick metal: d = t/(4 pi e^pi) (Vainshtein & Zhurav 1986); 0.3 in ln d is 2.3 % of F."""
    metal = la.load_geometry("strip", metal={"conductivity": 5.8e7, "thickness": 5e-3}).metal
    distance = float(stopping_distance(metal, np.array(30e6)))
    want = metal.thickness / (4.0 * math.pi * math.exp(math.pi))
    assert math.log(distance / want) == pytest.approx(0.0, abs=0.3)


def two_dipoles(metal=None):
    """Two parallel 10 m strips 3 m apart, the second one shorter, each with its port."""
    polygons, ribbons, ports = [], [], []
    for y, half in ((0.0, 5.0), (3.0, 4.0)):
        for sign in (-1.0, 1.0):
            ribbon = Ribbon([(sign * 0.05, y), (sign * half, y)], 0.05)
            ribbons.append(ribbon)
            polygons.append(ribbon.polygon)
        ports.append(Port((Gap(0.0, y, 0.1, 0.1),), str(len(ports) + 1)))
    return Layout("pair", tuple(polygons), tuple(ports), tuple(ribbons), metal=metal)


def test_reciprocity_and_passivity_of_a_two_port():
    """NEC tests with points, so that Z is symmetric to its own 1e-3, not exactly."""
    solution = solve(two_dipoles(METALS["copper_18um"]), [10e6, 14e6, 20e6])
    z = solution.z
    assert np.abs(z - np.swapaxes(z, 1, 2)).max() < 1e-3 * np.abs(z).max()
    assert np.abs(z[:, 0, 1]).min() > 5.0  # the coupling is there
    assert solution.quality.power_closure.max() < 0.005
    assert np.linalg.eigvalsh(solution.r_sky).min() > 0.0


def test_series_gaps_add_up():
    """One port of two gaps in series: its Z is the sum of the two-port's four elements."""
    apart = two_dipoles()
    gaps = apart.gaps
    together = Layout("series", apart.conductors, (Port(gaps, "1"),), apart.ribbons)
    z = solve(apart, [14e6]).z[0]
    assert solve(together, [14e6]).z[0, 0, 0] == pytest.approx(z.sum(), rel=1e-9)


def test_scaling():
    """All lengths times two at half the frequency: the same Z without loss (rounding only)."""
    one = solve(strip(), [8e6, 14e6, 25e6]).z
    two = solve(strip(length=20.0, width=0.4), [4e6, 7e6, 12.5e6]).z
    assert np.allclose(one, two, rtol=1e-9)


def test_order_of_convergence_in_segments():
    """Thin dipole, fixed source segment: the error falls at least with the first power."""
    layout = strip(width=0.004, gap=0.1)
    wavelength = SPEED_OF_LIGHT / 20e6
    values = []
    for segment in (0.8, 0.4, 0.2, 0.1):
        model = wire_model(layout, 0.0, wavelength, Resolution(segment, 1.0))
        none = np.zeros(len(model.wires), dtype=complex)
        currents = engine.run(model, 20e6, None)
        result = port_result(model, currents, layout.series, 20e6, none, none, Stratification())
        values.append(result.z[0, 0])
    errors = [abs(value - values[-1]) for value in values[:-1]]
    assert errors[0] > 1.5 * errors[1] > 1.5 * 1.5 * errors[2]
    assert errors[2] < 0.01 * abs(values[-1])


def test_height_moves_the_phase_only():
    """Free space: raising the antenna by h turns the zenith field by exp(j k h), Z stays."""
    layout = strip()
    low, high = (
        la.solve(la.Problem(layout, la.Stack.free_space(), h, la.Band([14e6])), solver="nec")
        for h in (0.0, 2.0)
    )
    assert np.allclose(low.z, high.z, rtol=1e-9)
    k = 2.0 * math.pi * 14e6 / SPEED_OF_LIGHT
    zenith = [s.far_field(14e6, np.zeros(1), np.zeros(1)).e_theta.item() for s in (low, high)]
    assert zenith[1] / zenith[0] == pytest.approx(np.exp(2j * k), abs=1e-6)


def test_worker_processes_change_nothing():
    """Two worker processes give the serial answer bit by bit, in order."""
    problem = la.Problem(
        strip(metal="copper_18um"), la.Stack.free_space(), band=la.Band.mhz(8, 20, 5)
    )
    model, check, _ = _models(problem, "draft")
    loads, check_loads = (
        loading(item, problem.layout.metal, None, problem.frequency) for item in (model, check)
    )
    task = Task(
        "NEC",
        engine.run,
        model,
        loads,
        check,
        check_loads,
        problem.layout.series,
        problem.frequency,
        Stratification(),
        1.0,
    )
    done: list[int] = []
    serial = sweep(task, 1, lambda _: None)
    spread = sweep(task, 2, done.append, serial_seconds=0.0)
    assert done == [1, 2, 3, 4, 5]
    for one, two in zip(serial, spread, strict=True):
        assert one.index == two.index
        assert np.array_equal(one.result.z, two.result.z)
        assert np.array_equal(one.result.r_sky, two.result.r_sky)
        assert np.array_equal(one.result.moments, two.result.moments)
        assert np.array_equal(one.check.z, two.check.z)


def test_a_task_that_cannot_be_done_is_reported():
    """A worker whose task is broken says why and where, as one SolverError, not as a hang."""
    problem = la.Problem(strip(), la.Stack.free_space(), band=la.Band([10e6, 14e6]))
    model, check, _ = _models(problem, "draft")
    broken = Loading(np.zeros((1, 1), dtype=complex), np.zeros((0, 0), dtype=complex))
    task = Task(
        "NEC",
        engine.run,
        model,
        broken,
        check,
        broken,
        problem.layout.series,
        problem.frequency,
        Stratification(),
        1.0,
    )
    with pytest.raises(la.SolverError, match=r"Error: .* \(NEC, 1[04] MHz\)"):
        sweep(task, 2, lambda _: None, serial_seconds=0.0)


@pytest.mark.parametrize("width", [0.01, 0.02, 0.04])
def test_loss_of_a_film_is_that_of_the_charge(width):
    """Strips of PEC on 125 um of polyimide, 6 MHz to resonance: r_film as planar has it.

    Budget: what both state, and FILM_LAW, 20 %, where the film has more than the 3e-4 that no
    share is known better than.  Loss by the current of the series inductance was a thirtieth of it.
    """
    made = la.load_geometry(
        "strip", length=8.0, width=width, gap=width, metal="pec", film="polyimide_125um"
    )
    problem = la.Problem(made, la.Stack.free_space(), band=la.Band([6e6, 10e6, 16e6]))
    nec, planar = (la.solve(problem, solver=name) for name in ("nec", "planar"))
    found, right = ((s.r_film / s.z.real)[:, 0, 0].real for s in (nec, planar))
    assert right[0] > 3e-3  # or nothing would be tried
    stated = nec.quality.efficiency_error + planar.quality.efficiency_error
    assert np.all(np.abs(found - right) <= stated)
    assert found[0] == pytest.approx(right[0], rel=0.2)


def test_strips_that_share_their_charge_are_not_trusted_by_nec():
    """A parasitic strip at 0.83 of the width of a dipole, between axes; at two widths it is.

    nec is off by 7 to 26 % of Z there (drawn at random, 0.3 m wide, converged until it was told).
    """
    for spacing, trusted in ((0.05, False), (0.4, True)):
        beside = {"count": 1, "spacing": spacing, "length": 2.8, "width": 0.1}
        coupled = {f"coupled.{name}": value for name, value in beside.items()}
        made = strip(length=5.4, width=0.3, gap=0.12, **coupled)
        problem = la.Problem(made, la.Stack.free_space(), band=la.Band([10e6, 24e6]))
        nec, planar = (la.solve(problem, solver=name) for name in ("nec", "planar"))
        off = np.abs(nec.z - planar.z)[:, 0, 0] / np.abs(planar.z[:, 0, 0])
        assert np.all(off <= nec.quality.z_error + planar.quality.z_error)
        assert nec.quality.converged is trusted
        assert any("share their charge" in note for note in nec.provenance.notes) is not trusted


@pytest.mark.parametrize(
    ("length", "bar", "width"), [(5.0, 6.0, 0.03), (8.0, 0.8, 0.03), (10.0, 2.0, 0.01)]
)
def test_the_bars_of_an_end_loaded_dipole_have_the_potential_of_their_stem(length, bar, width):
    """Against the planar solver.  Without the voltage between their arms NEC is 4 to 11 % of Z and
    0.4 to 0.7 % of the gain off here.

    Budget of Z: planar's own error; 0.3 % as of strips without joints; 0.2 % for the inductance of
    the corners of a T of strips, each with half of the current.  Of the gain planar's own error.
    """
    layout = la.load_geometry(
        "end_loaded", length=length, width=width, gap=0.05, bar_length=bar, bar_width=width
    )
    band = la.Band((6e6, 10e6, 14e6, 19e6, 29e6))
    problem = la.Problem(layout, la.Stack.free_space(), 0.0, band)
    right = la.solve(problem)
    found = la.solve(problem, solver="nec")
    off = np.abs(found.z - right.z)[:, 0, 0] / np.abs(right.z[:, 0, 0])
    assert np.all(off < right.quality.z_error + 0.005)
    theta = np.radians([0.0, 30.0, 60.0])
    for f, error in zip(band.frequency, right.quality.details["gain_error"], strict=True):
        one, two = (
            10.0 ** (solution.far_field(f, theta, np.array([0.0, np.pi / 2.0])).gain_db / 10.0)
            for solution in (found, right)
        )
        assert np.abs(one - two).max() < error * two.max()
