"""Errors of shares and gains from the answers of two meshes, on answers that are made up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.radiation import CurrentElements
from lunar_antenna.solution import CurrentShape
from lunar_antenna.solvers.openems.fields import compared
from lunar_antenna.solvers.openems.fields.evaluate import Answer
from lunar_antenna.solvers.openems.model import companion
from lunar_antenna.solvers.openems.model.accuracy import ACCURACY
from lunar_antenna.solvers.openems.model.scene import prepare

FREQUENCY = np.array([10e6, 20e6])
EVERY = np.union1d(FREQUENCY, companion.beside(FREQUENCY))


def answer(powers, moment=1.0, resistance=None, count=2) -> Answer:
    """powers: (4,) or (n, 4) ohm of sky, ground, metal and film at ``count`` frequencies."""
    parts = np.broadcast_to(np.asarray(powers, float), (count, 4))
    matrices = [parts[:, k].reshape(-1, 1, 1).astype(complex) for k in range(4)]
    total = parts.sum(axis=1) if resistance is None else np.full(count, resistance)
    electric = np.zeros((count, 1, 1, 3), complex)
    electric[..., 0] = np.broadcast_to(moment, count).reshape(-1, 1, 1)
    shape = CurrentShape(np.zeros(1), np.zeros((1, 3)), np.zeros((count, 1, 1, 3), np.complex64))
    return Answer(
        total.reshape(-1, 1, 1).astype(complex),
        *matrices,
        CurrentElements(np.zeros((1, 3)), electric),
        shape,
        0.0,
        0.0,
    )


@pytest.fixture(scope="module")
def scene():
    return made("pec")


def made(metal):
    layout = la.load_geometry("strip", metal=metal, film=None)
    problem = la.Problem(layout, la.Stack.half_space(4.0), 0.0, la.Band(FREQUENCY))
    return prepare(problem, "draft")


def coarser(scene):
    return replace(scene.problem, band=la.Band(EVERY))


def test_a_change_of_shares_counts_in_full_order(scene):
    """Twice the change at a ratio of 1.5, and the least; nothing is lost in metal or film here."""
    rough = answer((29.0, 71.0, 0.0, 0.0), count=EVERY.size)
    told = compared.share_error(
        scene, "draft", answer((30.0, 70.0, 0.0, 0.0)), rough, compared.doubts_of(scene)
    )
    assert told == pytest.approx(0.02 + compared.SHARE_FLOOR)


def test_a_shift_moves_shares_by_their_slope(scene):
    """Sky's share rises by 0.1 per ln f: the coarser mesh has it beside each frequency."""
    sky = 30.0 + 10.0 * np.log(EVERY / 10e6)
    rough = answer(np.stack((sky, 100.0 - sky, 0 * sky, 0 * sky), axis=1), count=EVERY.size)
    at = 30.0 + 10.0 * np.log(FREQUENCY / 10e6)
    own = answer(np.stack((at, 100.0 - at, 0 * at, 0 * at), axis=1))
    told = compared.share_error(scene, "draft", own, rough, compared.doubts_of(scene))
    shift = ACCURACY["draft"].shift
    assert told == pytest.approx(0.1 * shift + compared.SHARE_FLOOR, rel=1e-3)


def test_laws_of_losses_count_where_both_meshes_agree():
    """Metal in the mesh: METAL s (1 - s); to first order s of the rest besides."""
    powers = (27.0, 63.0, 10.0, 0.0)
    rough = answer(powers, count=EVERY.size)
    told = {}
    for metal in ("aluminium_100nm", "copper_18um"):
        scene = made(metal)
        told[metal] = compared.share_error(
            scene, "draft", answer(powers), rough, compared.doubts_of(scene)
        )
    law = compared.METAL * 0.1 * 0.9
    assert told["aluminium_100nm"] == pytest.approx(law + compared.SHARE_FLOOR)
    first = 0.1 * 0.63 * 0.37
    assert told["copper_18um"] == pytest.approx(law + first + compared.SHARE_FLOOR)


def test_the_gain_counts_an_open_balance(scene):
    """Powers of 103 ohm at a port of 100: 3 %, and a quarter more."""
    own = answer((33.0, 70.0, 0.0, 0.0), resistance=100.0)
    rough = answer((33.0, 70.0, 0.0, 0.0), resistance=100.0, count=EVERY.size)
    told = compared.gain_error(
        scene, "draft", own, coarser(scene), rough, compared.doubts_of(scene)
    )
    # a point current's pattern over a soil rises with frequency a little
    shift = compared.GAIN_SHIFT * ACCURACY["draft"].shift * 2.1
    assert np.all(told >= 0.0375 + compared.GAIN_FLOOR)
    assert np.all(told < 0.0375 + compared.GAIN_FLOOR + shift)


def test_a_change_of_the_gain_is_over_the_largest(scene):
    """Moments 1 % larger: 2 % of the gain in every direction, at a ratio of 1.5 twice that."""
    powers = (30.0, 70.0, 0.0, 0.0)
    same = answer(powers, count=EVERY.size)
    more = answer(powers, moment=1.01, count=EVERY.size)
    seen = [
        compared.gain_error(
            scene, "draft", answer(powers), coarser(scene), rough, compared.doubts_of(scene)
        )
        for rough in (same, more)
    ]
    wanted = compared.GAIN_CHANGE * 2.0 * (1.01**2 - 1.0)
    assert seen[1] - seen[0] == pytest.approx(wanted, rel=0.05)
