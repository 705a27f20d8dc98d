"""Other models of an inversion: the law of scale, layers, and what is said of them.

One strip on the normal mesh, whose own error (some 1e-3 of the reflection) is no part of it: truths
come from the same mesh, or the budget says what it adds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.emulation.box import Box
from lunar_antenna.inversion.invert import prepare
from lunar_antenna.inversion.model_check import Alternative, ModelCheck
from lunar_antenna.inversion.prior import PARAMETERS, ranges
from lunar_antenna.inversion.rivals import Rivals, _over, _split
from lunar_antenna.measurement.record import Measurement

FREQUENCY = np.linspace(8e6, 20e6, 21)
Z0, NOISE = 100.0, 1e-3
PRIORS = {"eps_r": (2.0, 5.0), "loss_tangent": (0.001, 0.05), "height": (0.0, 0.4)}
TRUTH = {"eps_r": 3.2, "loss_tangent": 0.012, "height": 0.06}


@pytest.fixture(scope="module")
def prepared():
    soil = la.Stack.half_space(3.0, loss_tangent=0.01)
    problem = la.Problem(la.load_geometry("strip"), soil, 0.1)
    return prepare(problem, FREQUENCY, Z0, priors=PRIORS, accuracy="normal", workers=1)


@pytest.fixture(scope="module")
def rivals(prepared):
    made = prepared.rivals.of(prepared.setup, None)
    assert isinstance(made, Rivals)
    return made


def sweep(gamma, seed=4):
    random = np.random.default_rng(seed)
    noise = NOISE * (random.normal(size=21) + 1j * random.normal(size=21))
    return Measurement(FREQUENCY, gamma + noise, Z0, "synthetic", name="sweep")


def test_a_larger_antenna_is_the_same_at_higher_frequencies(rivals):
    """Against a strip that is drawn 3 % larger; both meshes have the same cells but for rounding.

    Left out: film and metal, which do not grow, 1e-4 of Z.
    """
    base = la.load_geometry("strip")
    p = base.parameters
    drawn = la.load_geometry(
        "strip", length=1.03 * p["length"], width=1.03 * p["width"], gap=1.03 * p["gap"]
    )
    grown = replace(rivals.setup.forward, layout=drawn, emulator=None)
    direct = rivals.setup.seen(grown.impedance(TRUTH), np.array(list(TRUTH.values())))
    scaled = rivals.direct({**TRUTH, "scale": 0.03})
    change = np.abs(direct - rivals.direct(TRUTH)).max()
    assert change > 0.03
    assert np.abs(scaled - direct).max() < 0.03 * change


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"scale": -0.06},
        {"thickness": 0.4, "eps_r_2": 5.0},
        {"thickness": 3.0, "eps_r_2": 2.0},
        {"hub_capacitance": 8e-12},
        {"delay": 5e-10},
        {"widths": 0.07},
    ],
)
def test_the_emulator_of_all_models_follows_the_solver(rivals, more):
    """Two normal meshes for a wider and a narrower box: 1.3e-3 of the reflection each."""
    values = {**TRUTH, **more}
    if "widths" in more:
        rivals = rivals.widened(TRUTH)
    assert np.abs(rivals.seen(values) - rivals.direct(values)).max() < 0.0026


def test_nothing_added_is_the_stated_model(rivals):
    """A layer on a half-space of the same soil, a scale of one: the emulator's error, 3e-5."""
    alike = {**TRUTH, "eps_r_2": TRUTH["eps_r"], "thickness": 0.7, "scale": 0.0}
    assert np.abs(rivals.seen(alike) - rivals.seen(TRUTH)).max() < 3e-4


def test_a_right_model_has_no_better_rival(prepared, rivals):
    found = prepared.invert(sweep(rivals.direct(TRUTH)), held_out=0, check_model=True)
    assert found.explained
    assert not found.model_check.plausible
    assert {item.name for item in found.model_check.alternatives} == {
        "dimensions", "widths", "two layers", "hub capacitance", "delay",
    }  # fmt: skip
    assert found.model_check.white == pytest.approx(NOISE, rel=0.5)


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"scale": 0.03}, "dimensions"),
        ({"scale": -0.03}, "dimensions"),
        ({"widths": 0.1}, "widths"),
        ({"widths": -0.15}, "widths"),
        ({"thickness": 1.0, "eps_r_2": 4.5}, "two layers"),
        ({"hub_capacitance": 6e-12}, "hub capacitance"),
        ({"delay": 4e-10}, "delay"),
    ],
)
def test_a_wrong_model_is_named_within_the_stated_errors(prepared, rivals, more, name):
    """chi2 against 0.2 dB and 2 degrees is far below 1, and yet the model is not right."""
    found = prepared.invert(sweep(rivals.direct({**TRUTH, **more})), held_out=0, check_model=True)
    check = found.model_check
    assert found.chi2_per_freedom < 1.0
    assert not found.explained
    assert check.decisive
    assert name in {item.name for item in check.plausible}
    right = next(item for item in check.alternatives if item.name == name)
    for key, value in {**TRUTH, **more}.items():
        assert abs(right.values[key] - value) < 4.0 * right.sigma[key]
        if key in TRUTH:
            low, high = check.span(key, found.values[key], found.sigma[key])
            assert low - 3.0 * right.sigma[key] < value < high + 3.0 * right.sigma[key]
    assert any("another model fits decisively better" in note for note in found.notes())
    document = found.to_dict()
    assert document["explained"] is False
    assert document["model_check"]["decisive"] is True
    assert name in document["model_check"]["plausible"]


@pytest.mark.parametrize(
    ("stack", "free", "axes"),
    [
        (la.Stack.half_space(3.0), "eps_r,height", {"eps_r", "eps_r_2", "thickness", "height"}),
        (la.Stack.half_space(3.0, loss_tangent=0.0, conductivity=1e-3), "eps_r",
         {"eps_r", "eps_r_2", "thickness", "height", "conductivity", "conductivity_2"}),
        (la.Stack([la.Layer(2e-3, 3.0, 0.01), la.Layer(np.inf, 5.0, 0.01)]), "height",
         {"thickness", "height"}),
    ],
)  # fmt: skip
def test_all_that_a_scale_moves_is_emulated_within_what_can_be(prepared, stack, free, axes):
    """A height of 100 m and a layer of 2 mm are at the edge of what an emulator takes."""
    names = tuple(free.split(","))
    box = ranges(names, {"height": (0.0, 100.0)} if "height" in names else {})
    forward = replace(prepared.setup.forward, stack=stack, emulator=None)
    over = _over(replace(prepared.setup, forward=forward, ranges=box), len(stack.layers) == 1)
    assert set(over) == axes
    problem = la.Problem(forward.layout, _split(stack, {}) if len(stack.layers) == 1 else stack)
    assert set(Box.of(problem, over).names) == axes


def test_wider_metal_is_what_is_drawn(rivals):
    """The reflection of a share of the widths is that of a strip drawn with them, to rounding."""
    drawn = la.load_geometry("strip", width=1.1 * rivals.setup.forward.layout.parameters["width"])
    grown = replace(rivals.setup.forward, layout=drawn, emulator=None)
    direct = rivals.setup.seen(grown.impedance(TRUTH), np.array(list(TRUTH.values())))
    assert np.abs(rivals.direct({**TRUTH, "widths": 0.1}) - direct).max() < 1e-9
    assert np.abs(rivals.direct(TRUTH) - direct).max() > 0.02


def test_a_wrong_width_is_open_in_noise_of_a_third_of_the_stated_errors(prepared, rivals):
    """What soil and height leave of 10 % is below 0.2 dB and 2 degrees: nothing can be claimed."""
    gamma = rivals.direct({**TRUTH, "widths": 0.1})
    random = np.random.default_rng(5)
    noise = 0.008 * (random.normal(size=21) + 1j * random.normal(size=21))
    measured = Measurement(FREQUENCY, gamma + noise, Z0, "synthetic", name="sweep")
    found = prepared.invert(measured, held_out=0, check_model=True)
    assert found.explained
    assert not found.model_check.decisive


def test_errors_far_wider_than_the_residuals_prove_nothing(prepared, rivals):
    """chi2 of 0.02: nothing speaks against the model, and nothing for it."""
    found = prepared.invert(sweep(rivals.direct(TRUTH)), held_out=0, check_model=False)
    assert found.explained
    assert found.wide_errors
    assert found.verdict.endswith("too wide to tell whether the model is right")
    assert found.to_dict()["verdict"] == found.verdict


def alternative(name, evidence, height):
    item = PARAMETERS["height"]
    extra = PARAMETERS["delay"]
    return Alternative(
        name=name,
        ranges=(item, extra),
        added=("delay",),
        values={"height": height, "delay": 1e-10},
        sigma={"height": 0.01, "delay": 1e-11},
        evidence=evidence,
        chi2_ratio=2.0,
        checked=True,
    )


def test_the_span_holds_every_model_that_fits():
    """The stated one too, unless another is decisively better; none that the best rules out."""
    some = ModelCheck(1e-3, 0.5, (alternative("delay", 5.0, 0.3), alternative("a", -3.0, 0.9)))
    assert some.span("height", 0.1, 0.02) == pytest.approx((0.08, 0.31))
    assert not some.decisive
    much = ModelCheck(1e-3, 0.5, (alternative("delay", 50.0, 0.3), alternative("a", 12.0, 0.9)))
    assert much.decisive
    assert much.span("height", 0.1, 0.02) == pytest.approx((0.29, 0.31))
    assert "decisively better" in much.sentences()[0]
    none = ModelCheck(1e-3, 1e-3, (alternative("delay", -4.0, 0.3),))
    assert none.plausible == ()
    assert "no other model that was tried explains it" in none.sentences()[0]
