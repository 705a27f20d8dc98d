"""Time gating of a reflection, and what it does to the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import convolve1d

from ...common.checks import number
from ...conventions import FloatArray
from ...errors import InputError
from ..record import Measurement
from .reference import need_real_reference

MAX_GATE = 1e-3  # s
FALL = 4.0  # over the bandwidth: from 1 to 0, s; within 1 % of 1 inside (3 % with 3, 7 % with 2)


@dataclass(frozen=True, slots=True, eq=False)
class Gated:
    """The gated sweep and its side effects, in words and numbers.

    resolution: s, shortest time that the band resolves (1/bandwidth).
    ambiguity: s, time after which echoes fold back (1/step).
    edge_points: points at each end of the band that the gate falsifies.
    """

    measurement: Measurement
    resolution: float
    ambiguity: float
    edge_points: int
    side_effects: tuple[str, ...]


def gate(measurement: Measurement, start: float, stop: float) -> Gated:
    """Keep echoes between ``start`` and ``stop`` (s, two-way) of a one-port sweep.

    The sweep must be equidistant.  The gate is 1 from start to stop and falls to 0 within
    FALL / bandwidth outside, as a squared cosine; it is applied as a convolution in frequency, the
    band mirrored at its ends.  (Gates of scikit-rf are windows over their whole width, which keep
    half of an echo a quarter of the width from the middle.)
    """
    need_real_reference(measurement, "time gating")
    low = number("gate start", start, low=-MAX_GATE, high=MAX_GATE, unit="s")
    high = number("gate stop", stop, low=-MAX_GATE, high=MAX_GATE, unit="s")
    if measurement.n_ports != 1:
        raise InputError("time gating is done on one-port data; choose one port first")
    step = np.diff(measurement.frequency)
    if step.size < 15 or np.ptp(step) > 1e-3 * step.mean():
        raise InputError(
            "time gating needs at least 16 equidistant frequencies; sweep linearly in frequency"
        )
    span = float(measurement.frequency[-1] - measurement.frequency[0])
    resolution, ambiguity = 1.0 / span, 1.0 / float(step.mean())
    if high - low < resolution or high > ambiguity or low < -ambiguity:
        raise InputError(
            f"gate {low * 1e9:g} to {high * 1e9:g} ns must be wider than the resolution "
            f"{resolution * 1e9:.3g} ns of the band and within +-{ambiguity * 1e9:.3g} ns"
        )
    fall = FALL * resolution
    points = measurement.frequency.size
    time = np.asarray(np.fft.fftfreq(points, float(step.mean())), dtype=float)
    kernel = np.fft.fftshift(np.fft.fft(_shape(time, low, high, fall, ambiguity))) / points
    gated = convolve1d(measurement.s[:, 0, 0], kernel, mode="reflect")
    edge = min(step.size // 2, int(np.ceil(2.0 / ((high - low) * float(step.mean())))))
    effects = (
        f"detail finer than {1.0 / (high - low) / 1e6:.3g} MHz is smoothed away",
        f"{edge} points at each end of the band are falsified by the missing spectrum outside",
        f"echoes up to {fall * 1e9:.3g} ns before and after the gate are kept in part",
        f"echoes from beyond {ambiguity * 1e9:.3g} ns fold back and cannot be gated out",
        f"an antenna's own ringing outside {low * 1e9:g} to {high * 1e9:g} ns is lost: high-Q "
        "resonances become broader",
    )
    result = measurement.changed(
        f"time gate {low * 1e9:g} to {high * 1e9:g} ns", s=gated[:, None, None]
    )
    return Gated(result, resolution, ambiguity, edge, effects)


def _shape(time: FloatArray, low: float, high: float, fall: float, period: float) -> FloatArray:
    """The gate at times (s), which repeat with ``period``."""
    away = np.full(time.shape, np.inf)
    for turn in (-2.0, -1.0, 0.0, 1.0, 2.0):
        at = time + turn * period
        away = np.minimum(away, np.maximum(np.maximum(low - at, at - high), 0.0))
    return np.asarray(np.cos(0.5 * np.pi * np.minimum(away / fall, 1.0)) ** 2)
