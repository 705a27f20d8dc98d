"""Parts of the inversion, each against its definition or an independent twin."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.common import chebyshev
from lunar_antenna.errors import InputError, MissingEngineError, SolverError
from lunar_antenna.geometry.arm_error import unequal_arms
from lunar_antenna.inversion import pool as invert_pool
from lunar_antenna.inversion.errors import ErrorModel
from lunar_antenna.inversion.forward import Forward, check
from lunar_antenna.inversion.identify import Information
from lunar_antenna.inversion.model import apply_exact
from lunar_antenna.inversion.posterior import sampler_library
from lunar_antenna.inversion.prior import PARAMETERS, parse_free, parse_prior, ranges
from lunar_antenna.measurement.corrections.deembed import with_capacitance
from lunar_antenna.measurement.corrections.delay import extend_port
from lunar_antenna.measurement.record import Measurement

FREQUENCY = np.linspace(5e6, 35e6, 7)
ROUNDING = 1e-12


def reflections(count=7, seed=1):
    random = np.random.default_rng(seed)
    return 0.9 * random.uniform(0.1, 1.0, count) * np.exp(2j * np.pi * random.uniform(size=count))


# Priors


@pytest.mark.parametrize("name", PARAMETERS)
def test_coordinates_run_from_minus_one_to_one_and_back(name):
    (item,) = ranges((name,))
    assert np.allclose(item.coordinate([item.low, item.high]), [-1.0, 1.0], atol=ROUNDING)
    values = np.linspace(item.low, item.high, 9)
    back = item.value(item.coordinate(values))
    assert np.allclose(back, values, rtol=1e-9, atol=1e-12 * item.width)
    assert np.all(np.diff(item.coordinate(values)) > 0.0)


def test_names_and_ranges_as_text():
    assert parse_free(" eps_r, height") == ("eps_r", "height")
    assert parse_prior("height=0:0.5") == ("height", (0.0, 0.5))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: parse_free("eps"), "eps_r, loss_tangent"),
        (lambda: parse_free("height,height"), "twice"),
        (lambda: parse_free(""), "allowed"),
        (lambda: parse_prior("height=1"), "NAME=LOW:HIGH"),
        (lambda: ranges(("height",), {"height": (0.5, 0.2)}), "empty"),
        (lambda: ranges(("height",), {"height": (-1.0, 0.2)}), "outside"),
        (lambda: ranges(("height",), {"eps_r": (2.0, 3.0)}), "not free"),
        (lambda: ranges(("eps_r",), {"eps_r": (2.0,)}), "not a range"),
    ],
)
def test_bad_priors_are_told_in_one_line(call, told):
    with pytest.raises(InputError, match=told) as caught:
        call()
    assert "\n" not in str(caught.value)


# Errors


def covariance(errors, frequency, gamma, shapes=()):
    """C of Re and Im, written out term by term: the definition in the module's docstring."""
    n = gamma.size

    def real(vector):
        return np.concatenate((vector.real, vector.imag))

    apart = frequency[:, None] - frequency[None, :]
    common = np.exp(-0.5 * (apart / errors.correlation) ** 2)
    mixed = (1.0 - errors.systematic) * np.eye(n) + errors.systematic * common
    one = np.ones(n, dtype=complex)
    total = np.zeros((2 * n, 2 * n))
    for size, direction in (
        (errors.magnitude, gamma), (errors.phase, 1j * gamma), (errors.floor, one),
        (errors.floor, 1j * one),
    ):  # fmt: skip
        columns = np.array([real(row) for row in np.diag(direction)])
        total += size**2 * columns.T @ mixed @ columns
    for shape in shapes:
        total += np.outer(real(shape), real(shape))
    return total


@pytest.mark.parametrize("correlation", [math.inf, 8e6])
@pytest.mark.parametrize("systematic", [0.0, 0.5])
def test_whitening_is_the_inverse_root_of_the_covariance(correlation, systematic):
    """chi2 of any residual; 1e-5 because smooth terms below 1e-6 of the largest are left out."""
    errors = ErrorModel(systematic=systematic, correlation=correlation)
    gamma, shape = reflections(), 0.01 * reflections(seed=2)
    whitening = errors.whitening(FREQUENCY, gamma, [shape])
    inverse = np.linalg.inv(covariance(errors, FREQUENCY, gamma, [shape]))
    for seed in range(3, 8):
        r = reflections(seed=seed)
        both = np.concatenate((r.real, r.imag))
        assert np.isclose((whitening(r) ** 2).sum(), both @ inverse @ both, rtol=1e-5)


def test_drawn_sweeps_have_the_stated_covariance():
    """20 000 draws: a variance is known to 1 % (one sigma), so 5 % is five of them.

    Second-order terms of the exponential are 0.035^2/2, below 0.1 %.
    """
    errors = ErrorModel(correlation=8e6)
    gamma = reflections()
    random = np.random.default_rng(0)
    drawn = np.array([errors.draw(FREQUENCY, gamma, random) - gamma for _ in range(20_000)])
    both = np.hstack((drawn.real, drawn.imag))
    expected = covariance(errors, FREQUENCY, gamma)
    scale = np.sqrt(np.outer(np.diagonal(expected), np.diagonal(expected)))
    assert np.abs((both.T @ both) / len(both) - expected).max() < 0.05 * scale.max()
    assert np.allclose((both**2).mean(axis=0), np.diagonal(expected), rtol=0.05)


def test_whitened_sweeps_are_independent_with_variance_one():
    """Mean chi2 of 4000 sweeps of 14 numbers: 14 +- sqrt(28/4000) = 0.084; five of those."""
    errors = ErrorModel()
    gamma = reflections()
    whitening = errors.whitening(FREQUENCY, gamma)
    random = np.random.default_rng(1)
    chi2 = [
        float((whitening(errors.draw(FREQUENCY, gamma, random) - gamma) ** 2).sum())
        for _ in range(4000)
    ]
    assert abs(np.mean(chi2) - 14.0) < 0.42


# The exact part of the model, frequency interpolation


def test_capacitance_and_delay_are_those_of_the_corrections():
    z0, capacitance, delay = 75.0, 6e-12, 1.3e-9
    gamma = reflections()
    sweep = Measurement(FREQUENCY, gamma, z0)
    seen = apply_exact(sweep.impedance(), FREQUENCY, z0, capacitance, delay)
    twin = extend_port(with_capacitance(sweep, capacitance), -delay).s11()
    assert np.allclose(seen, twin, rtol=0.0, atol=ROUNDING)


def test_chebyshev_interpolation_is_exact_for_polynomials():
    nodes = chebyshev.points(5e6, 35e6, 9, ends=True)
    wanted = np.append(np.linspace(5e6, 35e6, 31), nodes)

    def cubic(f):
        return 1.0 + (f / 2e7) ** 3 - 2.0 * f / 2e7

    values = chebyshev.matrix(nodes, wanted, ends=True) @ cubic(nodes)
    assert np.allclose(values, cubic(wanted), rtol=0.0, atol=1e-11)


# Identifiability


def test_information_tells_what_cannot_be_told_apart():
    """Two parameters that act alike: only their sum is known, and the text says so."""
    box = ranges(("eps_r", "height", "delay"))
    random = np.random.default_rng(2)
    one, other, own = random.normal(size=(3, 60))
    delay = box[2]
    jacobian = np.column_stack((100.0 * one, 500.0 * one + 0.5 * other, own * 1e-3 / delay.sigma))
    found = Information.of(jacobian, box)
    assert abs(found.correlation[0, 1]) > 0.999
    text = " | ".join(found.sentences())
    assert "eps_r and height are known only together" in text
    assert "delay is hardly determined" in text
    twin = np.linalg.inv(jacobian.T @ jacobian)
    assert np.allclose(found.sigma, np.sqrt(np.diagonal(twin)), rtol=1e-6)


def test_a_parameter_without_influence_has_an_infinite_error():
    box = ranges(("eps_r", "height"))
    jacobian = np.column_stack((np.ones(8), np.zeros(8)))
    found = Information.of(jacobian, box)
    assert math.isinf(found.sigma[1])
    assert np.isclose(found.sigma[0], 1.0 / math.sqrt(8.0))
    assert np.isfinite(found.covariance()).all()


# Forward model and its workers


@pytest.fixture(scope="module")
def forward():
    layout = la.load_geometry("strip")
    stack = la.Stack.half_space(3.0, loss_tangent=0.01)
    return Forward(layout, stack, 0.1, 0, np.array([9e6, 17e6]), "draft")


def mesh_of(forward):
    return forward.mesh(forward.solver()).mesh


def test_the_forward_model_is_the_planar_solver(forward):
    """Same mesh, because the densest problem is the one solved: rounding alone."""
    from lunar_antenna.solvers.registry import quick

    problem = la.Problem(forward.layout, forward.stack, 0.1, la.Band(forward.frequency))
    wanted = quick(problem, needs="impedance").z[:, 0, 0]
    assert np.allclose(forward.impedance({}), wanted, rtol=1e-5)


def test_values_reach_the_problem(forward):
    problem = forward.problem({"eps_r": 4.0, "loss_tangent": 0.02, "height": 0.3})
    (layer,) = problem.stack.layers
    assert (layer.eps_r, layer.loss_tangent, problem.height) == (4.0, 0.02, 0.3)


@pytest.mark.parametrize(
    "other",
    [
        {"layout": la.load_geometry("strip", length=7.0)},
        {"accuracy": "normal"},
        {"densest": {"eps_r": 40.0, "height": 0.0}},
        {"stack": la.Stack.half_space(60.0), "height": 0.0},
        {"frequency": np.array([9e6, 90e6])},
        {"coarsening": 1.7},
    ],
    ids=lambda other: "+".join(other),
)
def test_another_model_gets_its_own_mesh(forward, other):
    """Whatever its mesh is made of: as if the first model had never been used."""
    mesh_of(forward)
    changed, fresh = replace(forward, **other), Forward.from_dict(forward.to_dict())
    own = mesh_of(replace(fresh, **other))
    assert np.array_equal(mesh_of(changed).vertices, own.vertices)
    assert own.vertices.shape != mesh_of(forward).vertices.shape
    assert mesh_of(changed) is mesh_of(changed)  # made once all the same


def test_an_arm_error_moves_the_mesh_as_the_layout(forward):
    from lunar_antenna.inversion.forward import stretched

    gap = forward.layout.gaps[0]
    vertices = stretched(mesh_of(forward).vertices, gap, 0.04)
    x0, y0, x1, y1 = unequal_arms(forward.layout, 0.04).bounds
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    assert np.allclose((*low, *high), (x0, y0, x1, y1), atol=ROUNDING)
    even = forward.impedance({"arm_error": 0.0})
    assert np.allclose(even, forward.impedance({}), rtol=1e-8)
    assert np.abs(forward.impedance({"arm_error": 0.04}) / even - 1.0).max() > 1e-3


def test_workers_give_the_same_numbers(forward):
    points = [{"height": h} for h in (0.05, 0.1, 0.2)]
    with invert_pool.Pool(1) as alone, invert_pool.Pool(2) as pair:
        one, two = alone.solve_all(forward, points), pair.solve_all(forward, points)
    assert np.allclose(one, two, rtol=1e-9)
    assert pair.solves == 3


def test_a_worker_that_cannot_start_says_why(forward, monkeypatch):
    monkeypatch.setattr(invert_pool, "MODULE", "lunar_antenna.no_such_module")
    with (
        pytest.raises(SolverError, match="no_such_module"),
        invert_pool.Pool(2) as pool,
    ):
        pool.solve_all(forward, [{"height": 0.1}, {"height": 0.2}])


@pytest.mark.parametrize(
    ("free", "fixed", "layer", "told"),
    [
        (("eps_r",), {}, 3, "layers 0"),
        (("loss_tangent", "conductivity"), {}, 0, "one loss"),
        (("conductivity",), {}, 0, "loss_tangent 0.01"),
        (("eps_r",), {"conductivity": 1e-4}, 0, "fix loss_tangent at 0"),
        (("conductivity",), {"loss_tangent": 0.0}, 0, None),
    ],
)
def test_parameters_must_fit_the_stack(forward, free, fixed, layer, told):
    if told is None:
        check(forward.layout, forward.stack, layer, free, fixed)
        return
    with pytest.raises(InputError, match=told):
        check(forward.layout, forward.stack, layer, free, fixed)


def test_free_space_has_no_soil_to_find(forward):
    with pytest.raises(InputError, match="free space"):
        check(forward.layout, la.Stack.free_space(), 0, ("eps_r",), {})
    with pytest.raises(InputError, match="free space"):
        check(forward.layout, la.Stack.free_space(), 0, ("height",), {})


def test_without_emcee_the_error_holds_the_install_command(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "emcee", None)
    with pytest.raises(MissingEngineError, match="pip install") as caught:
        sampler_library()
    assert caught.value.exit_code == 4


# Settings


def test_one_settings_object_or_keywords_that_replace_parts_of_it():
    """The same answer whichever way the settings are put."""
    problem = la.Problem(la.load_geometry("strip"), la.Stack.half_space(3.0), 0.1)
    seen = Measurement(np.linspace(8e6, 20e6, 7), reflections(7), 50.0, "synthetic", name="seen")
    words = {
        "priors": {"eps_r": (2.0, 4.0)},
        "fixed": {"loss_tangent": 0.01},
        "errors": ErrorModel(db=1.0),
        "accuracy": "draft",
        "workers": 1,
        "seed": 3,
    }
    by_words = la.invert(problem, seen, "eps_r", **words)
    by_object = la.invert(problem, seen, settings=la.InversionSettings("eps_r", **words))
    other = la.InversionSettings("height", **{**words, "priors": {}, "seed": 9})
    mixed = la.invert(problem, seen, "eps_r", settings=other, priors=words["priors"], seed=3)
    assert by_object.values == mixed.values == by_words.values
    assert by_object.setup.errors == words["errors"]
    assert other.seed == 9
    with pytest.raises(InputError, match=r"settings is dict; give la\.InversionSettings"):
        la.invert(problem, seen, settings=words)
