"""All corrections of a measurement in their one right order, for the command line and scripts.

Uncertainty goes through the same chain: every step but the time gate is, point by point, an
analytic function of the recorded reflection, so a small radius is stretched by its derivative.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...errors import InputError
from ..passivity import BEYOND_SENSE, PASSIVE_MARGIN, gains
from ..reading.load import load_measurement
from ..record import Measurement
from ..uncertainty import Uncertainty
from .calibrate import calibrate
from .deembed import deembed, differential, renormalised, without_capacitance
from .delay import DelayFit, extend_port, fit_delay
from .gate import gate

_STEP = 1e-6  # change of the recorded reflection for the derivative of the corrections
Source = Measurement | str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Corrections:
    """What to do, applied from the analyser towards the antenna; None leaves a step out.

    osl: raw sweeps of open, short and load (objects, paths or shipped names).
    fixture: .s2p to take off; antenna_port: its port at the antenna.
    delay: s, one way, plane moved to the antenna; ``delay_to`` finds it against this sweep.
    hub_capacitance: F in parallel at the antenna, taken off.
    time_gate: (start, stop) s, two-way.  make_differential: of a two-port sweep.
    z0: ohm, reference of the result.
    """

    osl: Sequence[Source] | None = None
    time_gate: tuple[float, float] | None = None
    make_differential: bool = False
    fixture: Source | None = None
    antenna_port: int = 2
    delay: float | None = None
    delay_to: Source | None = None
    hub_capacitance: float | None = None
    z0: complex | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """The corrected measurement; its history says what was done, in order.

    delay_fit: what was found where ``delay_to`` was given.  side_effects: of a time gate.
    uncertainty: of the corrected reflection, where that of the recorded one was given.
    """

    measurement: Measurement
    delay_fit: DelayFit | None = None
    side_effects: tuple[str, ...] = ()
    uncertainty: Uncertainty | None = None


def correct(
    measurement: Source, corrections: Corrections, uncertainty: Uncertainty | None = None
) -> Corrected:
    """Apply ``corrections``: calibration, gate, differential, fixture, delay, hub, reference.

    uncertainty: of the reflection as recorded; it is carried through the corrections, whose own
    uncertainty (standards, fixture, delay) is not known and not added.  A time gate only takes
    errors away; it is left out here, which is on the safe side.
    """
    recorded = _loaded(measurement)
    result = _judged(_applied(recorded, corrections), recorded)
    if uncertainty is None:
        return result
    return replace(result, uncertainty=_carried(recorded, corrections, result, uncertainty))


def _carried(
    recorded: Measurement, todo: Corrections, result: Corrected, uncertainty: Uncertainty
) -> Uncertainty:
    """The radius after the corrections: times |d Gamma_corrected / d Gamma_recorded|.

    Of a differential sweep the four parameters carry independent errors of one size; their
    combination (S11 - S12 - S21 + S22)/2 then has that size again, which a shift of S11 by twice
    the step stands for.
    """
    fixed = replace(todo, time_gate=None)
    if result.delay_fit is not None:
        fixed = replace(fixed, delay=result.delay_fit.delay, delay_to=None)
    s = recorded.s.copy()
    s[:, 0, 0] += 2.0 * _STEP if todo.make_differential else _STEP
    moved = _applied(replace(recorded, s=s), fixed).measurement
    still = _applied(recorded, fixed).measurement
    gain = np.abs(moved.s11() - still.s11()) / _STEP
    radius = uncertainty.at(recorded.frequency) * gain
    return uncertainty.with_radius(recorded.frequency, radius)


class CorrectionError(InputError):
    """A step that cannot be done.  step: its field of :class:`Corrections`; reason: the rest."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step, self.reason = step, reason


@contextmanager
def _step(name: str) -> Iterator[None]:
    try:
        yield
    except CorrectionError:
        raise
    except InputError as error:
        raise CorrectionError(name, str(error)) from None


def _applied(measurement: Measurement, corrections: Corrections) -> Corrected:
    todo = corrections
    if todo.delay is not None and todo.delay_to is not None:
        raise InputError("delay and delay_to are both given; give a known delay or a target")
    result = measurement
    effects: tuple[str, ...] = ()
    fit: DelayFit | None = None
    if todo.osl is not None:
        with _step("osl"):
            if len(todo.osl) != 3:
                raise InputError(f"{len(todo.osl)} standards given; give three: open, short, load")
            open_, short, load = (_loaded(item) for item in todo.osl)
            result = calibrate(result, open_, short, load)
    if todo.time_gate is not None:
        with _step("time_gate"):
            gated = gate(result, *todo.time_gate)
        result, effects = gated.measurement, gated.side_effects
    if todo.make_differential:
        with _step("make_differential"):
            result = differential(result)
    if todo.fixture is not None:
        with _step("fixture"):
            result = deembed(result, _loaded(todo.fixture), todo.antenna_port)
    if todo.delay_to is not None:
        with _step("delay_to"):
            fit = fit_delay(result, _loaded(todo.delay_to))
            result = extend_port(result, fit.delay)
    elif todo.delay is not None:
        with _step("delay"):
            result = extend_port(result, todo.delay)
    if todo.hub_capacitance is not None:
        with _step("hub_capacitance"):
            result = without_capacitance(result, todo.hub_capacitance)
    if todo.z0 is not None:
        result = renormalised(result, todo.z0)
    return Corrected(result, fit, effects)


def _judged(result: Corrected, recorded: Measurement) -> Corrected:
    """``result`` with a side effect where it is less passive than a measurement leaves over."""
    measurement = result.measurement
    if measurement is recorded:
        return result
    found = gains(measurement.s)
    peak = float(found.max())
    if not peak <= BEYOND_SENSE:
        raise InputError(
            f"{measurement.name} would reflect {peak:.3g} times the wave put in after the "
            f"corrections (allowed: up to {BEYOND_SENSE:g}); the fixture, the port of it that was "
            "at the antenna, the standards or the order of the files is wrong"
        )
    if peak <= 1.0 + PASSIVE_MARGIN:
        return result
    count = int((found > 1.0 + PASSIVE_MARGIN).sum())
    text = (
        f"reflects up to {peak:.4g} times the wave put in after the corrections, at {count} "
        "point(s): fixture, standards or plane are not those of the sweep"
    )
    return replace(result, side_effects=(*result.side_effects, text))


def _loaded(item: Any) -> Measurement:
    return item if isinstance(item, Measurement) else load_measurement(item)
