"""Chromaticity and beam-weighted temperature: what must hold whatever the antenna and the sky.

Error budgets: beams given as functions are on the grid exactly, so rounding of 1.6e9 mK of sky,
1e-16 of it times a few: 1e-6 mK.  Solved fields are series complete to 1e-8 of the peak.
"""

from __future__ import annotations

import numpy as np
import pytest
from hand_made import solution

from lunar_antenna.errors import InputError
from lunar_antenna.media.layer import Stack
from lunar_antenna.radiation import CurrentElements
from lunar_antenna.sky.beam import Beam, sky_resistance
from lunar_antenna.sky.beam_error import beam_error
from lunar_antenna.sky.brightness import sky_temperature
from lunar_antenna.sky.chromaticity import chromaticity
from lunar_antenna.sky.galaxy import PowerLawGalaxy
from lunar_antenna.sky.moon import GALACTIC, Observation, Site, to_moon
from lunar_antenna.sky.seen import antenna_temperature

SOIL = Stack.half_space(3.5, loss_tangent=0.01)
BAND = np.linspace(5e6, 35e6, 31)
TURN = Observation.turn("lusee_night", 3)


def tilted(frequency, theta, phi):
    """A beam without symmetry that changes with frequency."""
    x, y, z = np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta) + 0 * phi
    return z**2 * (1 + 0.4 * x + 0.3 * np.cos(frequency / 3e6) * y + 0.2 * np.sin(frequency / 2e6))


@pytest.mark.parametrize("sky", ["cane_slab", "power_law"])
@pytest.mark.parametrize("basis", ["log_polynomial", "edges"])
def test_a_frozen_beam_has_none(sky, basis):
    beam = Beam.of_function(BAND, lambda f, theta, phi: f**2 * tilted(9e6, theta, phi))
    found = chromaticity(beam, sky, 1, basis=basis, observation=TURN)
    assert np.abs(found.residual_mk).max() < 1e-6
    assert np.abs(found.by_time_mk).max() < 2e-6


def test_a_short_dipole_on_soil_is_a_frozen_beam():
    """Its pattern at height 0 over constant eps_r and tan delta is the same at all frequencies.

    Through currents, Fresnel coefficients and series: rounding of 1e-15 of D in each direction,
    independent between thousands of them, of 1.6e9 mK.
    """
    sol = solution(stack=SOIL, height=0.0, points=15)
    moment = np.zeros((15, 1, 1, 3), complex)
    moment[..., :2] = [1.0, 0.5j]
    dipole = CurrentElements(np.zeros((1, 3)), moment)
    frozen = type(sol)(**{**{k: getattr(sol, k) for k in sol.__dataclass_fields__},
                          "elements": dipole})  # fmt: skip
    found = chromaticity(frozen, "cane_slab", 1, observation=TURN)
    assert found.rms_mk < 1e-6


def test_whatever_has_a_far_field_has_a_beam():
    """An antenna whose field at f0 is given at every frequency; on the grid itself, no currents."""
    sol = solution(2, SOIL, 0.02, points=12)

    class Still:
        frequency, problem = sol.frequency, sol.problem

        def far_field(self, _, **how):
            return sol.far_field(float(sol.frequency[3]), **how)

    assert chromaticity(Still(), "power_law", 2, port=2, observation=TURN).rms_mk < 1e-6
    mine, other = (Beam.of(item, port=2, terminated=70.0) for item in (sol, Still()))
    row = other.directivity[0]
    assert mine.directivity.shape[1:] == row.shape
    assert mine.directivity[3] == pytest.approx(row, abs=1e-7 * row.max())


def test_the_beam_may_be_frozen_between_the_solved_frequencies():
    """Solved for there: the same as in a band that holds it.

    Two reduced bases of one mesh, 1e-4 of the field, in a difference of a tenth of T_A: 1e-3.
    """
    import lunar_antenna as la

    layout = la.load_geometry("bowtie")
    few, more = (
        la.solve(la.Problem(layout, SOIL, 0.0, la.Band(np.array(f))), "planar", accuracy="draft")
        for f in (
            np.linspace(10e6, 20e6, 11),
            np.sort(np.append(np.linspace(10e6, 20e6, 11), 14.3e6)),
        )
    )
    found = chromaticity(few, "power_law", 3, 14.3e6, observation=TURN)
    beam = Beam.of(more, at=np.flatnonzero(more.frequency != 14.3e6))
    whole = chromaticity(more, "power_law", 3, 14.3e6, observation=TURN)
    assert found.reference == whole.reference == 14.3e6
    keep = more.frequency != 14.3e6
    assert found.difference == pytest.approx(
        whole.difference[:, keep], abs=1e-3 * np.abs(whole.difference).max()
    )
    assert beam.frequency.size == 11


def test_a_uniform_sky_is_seen_as_it_is_through_any_beam():
    beam = Beam.of_function(BAND, tilted)
    for sky in ("novaco_brown", "cane"):
        seen = antenna_temperature(beam, sky, TURN).kelvin
        assert seen == pytest.approx(np.tile(sky_temperature(BAND, sky), (3, 1)), rel=1e-13)
        assert chromaticity(beam, sky, observation=TURN).rms_mk < 1e-5


def test_a_beam_of_known_dependence_gives_the_residual_by_hand():
    """D = 1 + g(f) P2(cos theta) in free space under T0 x^-2.5 (1 + a P2): T0 x^-2.5 (1 + a g/5).

    <P2^2> over the sphere is 1/5.  The residual of T0 x^-2.5 a (g - g0)/5 is taken by solving the
    normal equations of the log-polynomial in longer steps than the module's.
    """
    frequency = np.linspace(6e6, 30e6, 25)
    g = 0.3 * np.sin(frequency / 2.1e6)

    def power(f, theta, phi):
        z = np.cos(theta)
        return 1 + 0.3 * np.sin(f / 2.1e6) * (1.5 * z**2 - 0.5) + 0 * phi

    class Zonal:
        """In the layout's own frame: :class:`Observation` is undone by a turn back."""

        name, uniform = "zonal", False

        def temperature(self, f, direction):
            z = direction @ axis
            return np.multiply.outer(4e5 * (f / 1e7) ** -2.5, 1 + 0.4 * (1.5 * z**2 - 0.5))

    observation = Observation.turn("lusee_night", 1)
    axis = observation.galactic[0] @ np.array([0.0, 0.0, 1.0])
    beam = Beam.of_function(frequency, power, whole=True)
    for terms in (3, 5, 7):
        found = chromaticity(beam, Zonal(), terms, 10e6, observation=observation)
        g0 = g[np.argmin(np.abs(frequency - 10e6))]
        by_hand = 4e8 * (frequency / 1e7) ** -2.5 * 0.4 * (g - g0) / 5
        x = np.log(frequency / 1e7)
        columns = np.stack([(frequency / 1e7) ** -2.5 * x**n for n in range(terms)], axis=1)
        scaled = columns / np.linalg.norm(columns, axis=0)
        left = by_hand - scaled @ np.linalg.lstsq(scaled, by_hand, rcond=None)[0]
        assert np.abs(left).max() > 1e3
        assert found.residual_mk == pytest.approx(left, abs=1e-6 * np.abs(left).max())
        assert found.rms_mk == pytest.approx(np.sqrt(np.mean(left**2)), rel=1e-9)


def test_a_fit_takes_away_what_it_holds():
    """d in the span of the basis: EDGES' five functions, and the log-polynomial's of any N."""
    from lunar_antenna.sky.foreground import basis_functions, residual

    for basis, terms in (("log_polynomial", 7), ("edges", 3), ("edges", 5), ("edges", 7)):
        functions = basis_functions(BAND, terms, basis)
        curve = 1e9 * functions @ np.arange(1.0, terms + 1.0)
        rounding = 4.0 * np.finfo(float).eps * np.abs(curve).max()
        assert np.abs(residual(functions, curve[None])).max() < rounding
        assert functions.shape == (31, terms)
    x = BAND / np.sqrt(BAND[0] * BAND[-1])
    five = basis_functions(BAND, 5, "edges")
    assert five[:, 3] == pytest.approx(x**-4.5, rel=1e-14)
    assert five[:, 4] == pytest.approx(x**-2.0, rel=1e-14)


@pytest.mark.parametrize(("stack", "height"), [(SOIL, 0.05), (None, 1.0)])
def test_the_grid_holds_the_whole_beam(stack, height):
    """Its integral is R_sky (by another quadrature) to 1e-7; its values are far_field's."""
    sol = solution(2, stack, height, points=4)
    for port in (1, 2):
        r_sky = sol.r_sky[:, port - 1, port - 1].real
        assert sky_resistance(sol, port=port) == pytest.approx(r_sky, rel=1e-7)
        beam = Beam.of(sol, port=port, terminated=50.0)
        rows, columns = slice(None, None, 9), slice(None, None, 31)
        for index, f in enumerate(sol.frequency):
            there = sol.far_field(
                float(f), beam.theta[rows], beam.phi[columns], port=port, terminated=50.0
            )
            expected = 10 ** (there.directivity_db / 10)
            mine = beam.directivity[index, rows, columns]
            assert mine == pytest.approx(expected, abs=1e-6 * expected.max())


def test_two_beams_that_differ_by_a_known_part():
    """D_b = D_a + e(f) P2 of zero mean: peak e P2(0)/1; temperature goes as e."""

    def power(f, theta, phi, e=0.0):
        return 1 + 0 * phi + e * np.cos(f / 2e6) * (1.5 * np.cos(theta) ** 2 - 0.5)

    a = Beam.of_function(BAND, power, whole=True)
    b = Beam.of_function(BAND, lambda f, t, p: power(f, t, p, 1e-3), whole=True)
    found = beam_error(a, b, "cane_slab", observation=TURN)
    top = (1.5 * np.cos(a.theta) ** 2 - 0.5).max()
    assert found.peak_db == pytest.approx(10 * np.log10(1e-3 * np.abs(np.cos(BAND / 2e6)) * top))
    same = beam_error(a, a, "cane_slab", observation=TURN)
    assert same.rms_mk == 0.0
    assert np.all(same.peak_db == -200.0)
    assert found.rms_mk > 0.0
    twice = beam_error(a, Beam.of_function(BAND, lambda f, t, p: power(f, t, p, 2e-3), whole=True),
                       "cane_slab", observation=TURN)  # fmt: skip
    assert twice.rms_mk == pytest.approx(2 * found.rms_mk, rel=1e-9)


def test_refined_grid_changes_the_number_little():
    """2 degrees against 0.7: the plane is 6 degrees wide; 2 % of the chromaticity is the budget."""
    numbers = [
        chromaticity(
            Beam.of_function(BAND[::2], tilted, resolution=r), sky, observation=TURN
        ).rms_mk
        for sky in ("cane_slab", "power_law")
        for r in (2.0, 0.7)
    ]
    assert numbers[0] == pytest.approx(numbers[1], rel=0.02)
    assert numbers[2] == pytest.approx(numbers[3], rel=0.02)


def test_power_law_has_the_mean_it_says():
    z = np.linspace(-1, 1, 200001)
    direction = np.stack([np.sqrt(1 - z**2), 0 * z, z], axis=1)
    kelvin = PowerLawGalaxy().temperature(np.array([15e6]), direction)[0]
    assert np.trapezoid(kelvin, z) / 2 == pytest.approx(1.41e5, rel=1e-6)


def test_the_slab_is_canes_law_at_the_poles():
    from lunar_antenna.sky.galaxy import SlabGalaxy

    poles = SlabGalaxy().temperature(BAND, np.array([[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]))
    law = np.tile(sky_temperature(BAND, "cane")[:, None], 2)
    assert poles == pytest.approx(law, rel=1e-12)
    plane = SlabGalaxy().temperature(BAND, np.array([[1.0, 0.0, 0.0]]))[:, 0]
    assert np.all(plane > 3 * law[:, 0])


# -- the Moon ---------------------------------------------------------------------------------


def test_galactic_axes_are_astropys():
    """Both from the same definition; astropy's goes through FK5: a few milliarcseconds."""
    coordinates = pytest.importorskip("astropy.coordinates")
    for axis in np.eye(3):
        sky = coordinates.SkyCoord(*axis, representation_type="cartesian", frame="icrs").galactic
        found = np.array([sky.cartesian.x, sky.cartesian.y, sky.cartesian.z], dtype=float)
        assert np.abs(GALACTIC @ axis - found).max() < 1e-7


def test_the_earth_stands_over_the_prime_meridian():
    """The mean of the Earth's place over a node's period is the origin: mean-Earth axes.

    Astropy's series for the Moon (Meeus, no download) is good to 0.003 degrees; 79 times a month
    apart by a step that visits all phases, over 18.6 years, leave libration's 8 degrees at 0.2.
    The greatest librations are 8.2 degrees in longitude, 6.9 in latitude (Cassini's laws).
    """
    from datetime import UTC, datetime, timedelta

    pytest.importorskip("astropy")
    from astropy.coordinates import get_body_barycentric
    from astropy.time import Time

    times = [datetime(2010, 1, 1, tzinfo=UTC) + timedelta(days=8.51 * k) for k in range(799)]
    earth, moon = (
        get_body_barycentric(body, Time(times), ephemeris="builtin").xyz.value.T
        for body in ("earth", "moon")
    )
    direction = (earth - moon) / np.linalg.norm(earth - moon, axis=1)[:, None]
    fixed = np.stack([to_moon(t) @ d for t, d in zip(times, direction, strict=True)])
    longitude = np.rad2deg(np.arctan2(fixed[:, 1], fixed[:, 0]))
    latitude = np.rad2deg(np.arcsin(fixed[:, 2]))
    assert abs(longitude.mean()) < 0.2
    assert abs(latitude.mean()) < 0.2
    assert 7.5 < np.abs(longitude).max() < 8.3
    assert 6.4 < np.abs(latitude).max() < 7.0


def test_places_look_where_they_should():
    """At (0, 0) the zenith is the Moon's x axis; at the pole it is the pole; heading turns x."""
    assert Site(0.0, 0.0).axes == pytest.approx(np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]]))
    assert Site(90.0, 30.0).axes[2] == pytest.approx([0, 0, 1], abs=1e-15)
    north = Site(0.0, 0.0, heading=90.0).axes
    assert north[0] == pytest.approx([0, 0, 1], abs=1e-15)
    assert np.linalg.det(Site(-23.0, 182.0, 17.0).axes) == pytest.approx(1.0)


@pytest.mark.parametrize(("heading", "azimuth"), [(0.0, 90.0), (90.0, 0.0), (37.0, 53.0)])
def test_the_moons_pole_stands_in_the_north(heading, azimuth):
    """A spot at the pole, seen from 20 degrees of latitude: 70 degrees from the zenith, northwards.

    North is phi = 90 degrees where x looks East; a heading turns the layout, so that North comes
    nearer to x.  A narrow beam (3 degrees) there hears the spot, its mirror images do not.  The
    pole is where the series says for that time, by spherical trigonometry of its own.
    """
    from lunar_antenna.sky.moon import moon_orientation

    observation = Observation(Site(20.0, 77.0, heading), Observation.turn(count=1).times)
    ascension, declination, _ = moon_orientation(observation.times[0])
    pole = GALACTIC @ [
        np.cos(declination) * np.cos(ascension),
        np.cos(declination) * np.sin(ascension),
        np.sin(declination),
    ]

    class Spot:
        name, uniform = "spot", False

        def temperature(self, f, direction):
            return np.multiply.outer(1e6 + 0 * f, np.exp((direction @ pole - 1) / 2e-3))

    def towards(zenith_angle, phi):
        def power(_, theta, at):
            cosine = np.cos(theta) * np.cos(zenith_angle) + np.sin(theta) * np.sin(
                zenith_angle
            ) * np.cos(at - phi)
            return np.exp((cosine - 1) / 2e-3)

        beam = Beam.of_function(BAND[:1], power)
        return antenna_temperature(beam, Spot(), observation).mean[0]

    angle = np.deg2rad(azimuth)
    there = towards(np.deg2rad(70.0), angle)
    for elsewhere in (-angle, angle + np.pi, np.pi - angle, 0.5 * np.pi - angle):
        if np.cos(elsewhere - angle) < 0.9:
            assert towards(np.deg2rad(70.0), elsewhere) < 1e-3 * there
    assert towards(np.deg2rad(20.0), angle) < 1e-3 * there
    assert there == pytest.approx(5e5, rel=0.05)  # two equal Gaussians: half the peak


def test_one_turn_brings_the_sky_back():
    """27.32 days later the same stars are overhead, but for the slow turn of node and pole."""
    start = Observation.turn("lusee_night", 2).times[0]
    from datetime import timedelta

    from lunar_antenna.sky.moon import ROTATION

    after = Observation(Site(-23.814, 182.258), (start, start + timedelta(seconds=ROTATION)))
    first, second = after.galactic
    assert np.rad2deg(np.arccos(np.clip((first[:, 2] @ second[:, 2]), -1, 1))) < 0.3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"terms": 31}, "terms = 31"),
        ({"terms": 2.5}, "terms = 2.5"),
        ({"reference": 7.7e6}, "7.7 MHz was not solved"),
        ({"reference": 4e6}, "reference = 4e"),
        ({"basis": "polynomial"}, "basis = 'polynomial'"),
        ({"weights": "mine"}, "weights = 'mine'"),
        ({"sky": "haslam"}, "allowed: novaco_brown, cane, cane_slab, power_law"),
        ({"sky": "no_such.fits"}, "no_such.fits does not exist"),
        ({"sky": -3.0}, "neither a name"),
    ],
)
def test_bad_input_is_one_line(change, words):
    beam = Beam.of_function(BAND, tilted, resolution=10.0)
    with pytest.raises(InputError, match=words) as caught:
        chromaticity(beam, **{"observation": TURN, **change})
    assert "\n" not in str(caught.value)


def test_too_few_frequencies_are_refused():
    beam = Beam.of_function(BAND[:5], tilted, resolution=10.0)
    with pytest.raises(InputError, match="5 frequencies for a fit of 5 terms"):
        chromaticity(beam, observation=TURN)
    with pytest.raises(InputError, match="solve both in one band"):
        beam_error(beam, Beam.of_function(BAND, tilted, resolution=10.0), observation=TURN)
