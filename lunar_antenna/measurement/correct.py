"""All corrections of a measurement in their one right order, for the command line and scripts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from .calibrate import calibrate
from .deembed import deembed, differential, renormalised, without_capacitance
from .delay import DelayFit, extend_port, fit_delay
from .gate import gate
from .load import load_measurement
from .record import Measurement

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
    """

    measurement: Measurement
    delay_fit: DelayFit | None = None
    side_effects: tuple[str, ...] = ()


def correct(measurement: Source, corrections: Corrections) -> Corrected:
    """Apply ``corrections``: calibration, gate, differential, fixture, delay, hub, reference."""
    todo = corrections
    if todo.delay is not None and todo.delay_to is not None:
        raise InputError("delay and delay_to are both given; give a known delay or a target")
    result = _loaded(measurement)
    effects: tuple[str, ...] = ()
    fit: DelayFit | None = None
    if todo.osl is not None:
        if len(todo.osl) != 3:
            raise InputError(f"{len(todo.osl)} standards given; give three: open, short, load")
        open_, short, load = (_loaded(item) for item in todo.osl)
        result = calibrate(result, open_, short, load)
    if todo.time_gate is not None:
        gated = gate(result, *todo.time_gate)
        result, effects = gated.measurement, gated.side_effects
    if todo.make_differential:
        result = differential(result)
    if todo.fixture is not None:
        result = deembed(result, _loaded(todo.fixture), todo.antenna_port)
    if todo.delay_to is not None:
        fit = fit_delay(result, _loaded(todo.delay_to))
        result = extend_port(result, fit.delay)
    elif todo.delay is not None:
        result = extend_port(result, todo.delay)
    if todo.hub_capacitance is not None:
        result = without_capacitance(result, todo.hub_capacitance)
    if todo.z0 is not None:
        result = renormalised(result, todo.z0)
    return Corrected(result, fit, effects)


def _loaded(item: Any) -> Measurement:
    return item if isinstance(item, Measurement) else load_measurement(item)
