"""Order of convergence of the planar solver's quadratures, each against a much finer rule."""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.solvers.planar import fill, sommerfeld
from lunar_antenna.solvers.planar.potential import triangle_potential
from lunar_antenna.solvers.planar.rules import RULE_3, RULE_7, WEIGHT_3, WEIGHT_7, refined_rule
from lunar_antenna.solvers.registry import quick

SOURCE = np.array([[0.0, 0.0], [0.4, 0.0], [0.1, 0.3]])
BESIDE = np.array([[0.0, 0.0], [0.2, -0.3], [0.4, 0.0]])  # shares an edge with SOURCE
APART = SOURCE + np.array([1.0, 0.6])


def levels(rule, weight, count):
    """The rule on 1, 4, 16, ... parts of the triangle."""
    out = [(rule, weight)]
    for _ in range(count - 1):
        out.append(refined_rule(*out[-1]))
    return out


def mean_potential(observer, rule, weight):
    """Mean over the observer triangle of the analytic potential of SOURCE."""
    points = rule @ observer
    return sum(
        w * triangle_potential(SOURCE, x, y, 0.0)[0]
        for (x, y), w in zip(points, weight, strict=True)
    )


def observed_orders(values):
    """log2 of the ratio of successive errors against the last value."""
    errors = np.abs(np.array(values[:-1]) - values[-1])
    return np.log2(errors[:-1] / errors[1:])


@pytest.mark.parametrize("observer", [SOURCE, BESIDE], ids=["itself", "neighbour"])
def test_outer_rule_on_singular_pairs(observer):
    """The potential has a t ln t edge: its smooth rule converges like h^2, never below h^1.5.

    Budget of the rule in use (112 points on itself, 28 beside): 1e-3 of the integral.
    """
    values = [mean_potential(observer, *rule) for rule in levels(RULE_7, WEIGHT_7, 6)]
    assert np.mean(observed_orders(values[:5] + values[-1:])) > 1.5
    used = values[2] if observer is SOURCE else values[1]
    assert abs(used - values[-1]) < 1e-3 * abs(values[-1])


def test_finer_rules_do_not_change_the_impedance(monkeypatch):
    """All rules of the fill refined once: Z moves by less than 1e-3, a tenth of the mesh error."""
    layout = la.load_geometry("bowtie", length=10.0, width=2.0)
    soil = la.Stack.half_space(3.0, loss_tangent=0.01)
    problem = la.Problem(layout, soil, band=[8e6, 14e6, 28e6])
    z = quick(problem, "planar", needs="impedance").z
    for name, rule, weight in (
        ("3", RULE_3, WEIGHT_3),
        ("7", RULE_7, WEIGHT_7),
        ("28", fill.RULE_28, fill.WEIGHT_28),
    ):
        finer = refined_rule(rule, weight)
        monkeypatch.setattr(fill, f"RULE_{name}", finer[0])
        monkeypatch.setattr(fill, f"WEIGHT_{name}", finer[1])
    change = np.abs(quick(problem, "planar", needs="impedance").z - z) / np.abs(z)
    assert 0.0 < change.max() < 1e-3


def test_rule_on_separated_pairs():
    """A degree-2 rule on a smooth kernel: order above 2.5 in h on both triangles."""
    values = []
    for rule, weight in levels(RULE_3, WEIGHT_3, 5):
        p, q = rule @ APART, rule @ SOURCE
        distance = np.linalg.norm(p[:, None, :] - q[None, :, :], axis=2)
        values.append(weight @ (1.0 / distance) @ weight)
    exact = mean_potential(APART, *levels(RULE_7, WEIGHT_7, 3)[-1]) / 0.06
    errors = np.abs(np.array(values) - exact)
    assert np.all(np.log2(errors[:-1] / errors[1:])[:3] > 2.5)
    assert errors[0] < 1e-4 * exact


def test_lifted_path_converges_exponentially(monkeypatch):
    """exp(-jkR)/(4 pi R) - 1/(4 pi R) from its spectrum: each two nodes more gain a factor.

    Order 12, the one in use, is at rounding for the path itself: its change to 16 is below 1e-9.
    """
    k0, rho = 0.6, np.array([0.1, 2.0, 9.0])

    def remainder(order):
        monkeypatch.setattr(sommerfeld, "PATH_ORDER", order)
        path = sommerfeld.lifted_path(rho, 1.3 * k0, k0)
        k = path.nodes
        k_z = np.sqrt(k0**2 - k**2 + 0j)
        k_z = np.where(k_z.imag > 0.0, -k_z, k_z)
        return path.transform @ (0.5 / (1j * k_z) - 0.5 / k)

    fine = remainder(24)
    errors = [np.abs(remainder(order) - fine).max() for order in (4, 6, 8)]
    assert errors[1] < 0.2 * errors[0]
    assert errors[2] < 0.2 * errors[1]
    assert np.abs(remainder(12) - fine).max() < 1e-9
