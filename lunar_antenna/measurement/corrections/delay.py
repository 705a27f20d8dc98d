"""Moving the reference plane: a known delay, or the delay that separates two sweeps.

A matched line of one-way delay tau in front of a one-port turns Gamma into
Gamma exp(-j 4 pi f tau); loss is left out.  Positive delay here moves the plane away from the
analyser, towards the antenna: the line is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...common.checks import number
from ...conventions import SPEED_OF_LIGHT
from ...errors import InputError
from ..record import Measurement
from .reference import need_real_reference

MAX_DELAY = 1e-6  # s, one way


def extend_port(
    measurement: Measurement, delay: float, velocity_factor: float = 1.0, port: int = 1
) -> Measurement:
    """Move the plane of ``port`` by ``delay`` (s, one way) towards the antenna.

    velocity_factor only turns the delay into a length for the history.
    """
    need_real_reference(measurement, "moving the reference plane")
    delay = number("delay", delay, low=-MAX_DELAY, high=MAX_DELAY, unit="s")
    factor = number("velocity factor", velocity_factor, low=0.0, high=1.0, low_open=True)
    if not 1 <= port <= measurement.n_ports:
        raise InputError(f"port = {port}; this measurement has ports 1 to {measurement.n_ports}")
    turn = np.ones((measurement.frequency.size, measurement.n_ports), dtype=complex)
    turn[:, port - 1] = np.exp(2j * np.pi * measurement.frequency * delay)
    s = measurement.s * turn[:, :, None] * turn[:, None, :]
    length = delay * SPEED_OF_LIGHT * factor
    step = (
        f"plane of port {port} moved {delay * 1e12:.2f} ps ({length * 1e3:.2f} mm) to the antenna"
    )
    return measurement.changed(step, s=s)


@dataclass(frozen=True, slots=True)
class DelayFit:
    """delay: s, one way, to give to :func:`extend_port`; rms of |dGamma| before and after."""

    delay: float
    rms_before: float
    rms_after: float


def fit_delay(
    measurement: Measurement, target: Measurement, limit: float = 2e-8, port: int = 1
) -> DelayFit:
    """The delay that brings ``measurement`` nearest to ``target`` (least squares in Gamma).

    ``target`` is interpolated to the measured points inside its band.  The cost is periodic
    nearly everywhere, so a search over +-``limit`` (s) on a grid finer than a tenth of the
    shortest period comes first, then a bounded refinement.
    """
    from scipy.optimize import minimize_scalar

    from ...circuit.resampling import interpolate

    need_real_reference(measurement, "a delay")
    limit = number("delay limit", limit, low=1e-13, high=MAX_DELAY, unit="s")
    edge = 1e-9 * target.frequency[-1]
    inside = (measurement.frequency >= target.frequency[0] - edge) & (
        measurement.frequency <= target.frequency[-1] + edge
    )
    if inside.sum() < 3:
        raise InputError(
            f"{measurement.name} and {target.name} share {int(inside.sum())} points; at least 3 "
            "are needed to find a delay"
        )
    frequency = measurement.frequency[inside]
    ours = measurement.s11(port=port)[inside]
    theirs = interpolate(
        target.frequency, target.s11(complex(measurement.z0), port=port), frequency
    ).values

    def cost(delay: float) -> float:
        moved = ours * np.exp(4j * np.pi * frequency * delay)
        return float(np.mean(np.abs(moved - theirs) ** 2))

    step = 0.05 / frequency[-1]
    grid = np.linspace(-limit, limit, 2 * int(np.ceil(limit / step)) + 1)
    costs = [cost(value) for value in grid]
    best = int(np.argmin(costs))
    width = grid[1] - grid[0]
    result = minimize_scalar(
        cost,
        bounds=(grid[best] - width, grid[best] + width),
        method="bounded",
        options={"xatol": 1e-17},
    )
    return DelayFit(float(result.x), float(np.sqrt(cost(0.0))), float(np.sqrt(result.fun)))
