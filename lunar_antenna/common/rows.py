"""Numbers and rows for people: evenly spaced samples, and values that never round to nothing."""

from __future__ import annotations

_FEWEST, _MOST = 7, 21  # rows that a table of a sweep may have

SMALLEST = 1e-12  # of a share of power


def evenly(count: int, wanted: int = 13) -> list[int]:
    """Indices of ``count`` samples, equally far apart, about ``wanted`` of them.

    Both ends are among them where a step allows it that leaves 7 to 21 rows; otherwise the last
    few samples are left out.
    """
    if count <= wanted:
        return list(range(count))
    steps = [
        step
        for step in range(1, count)
        if (count - 1) % step == 0 and _FEWEST <= (count - 1) // step + 1 <= _MOST
    ]
    step = min(steps, key=lambda item: abs((count - 1) // item + 1 - wanted), default=0)
    return list(range(0, count, step or -(-(count - 1) // (wanted - 1))))


def share(value: float) -> str:
    """A share of power with three decimals; below 0.001 with its power of ten.

    Below :data:`SMALLEST` it is only said to be there: no calculation tells it from rounding.
    """
    if value == 0.0:
        return "0"
    if abs(value) < SMALLEST:
        return f"<{SMALLEST:g}"
    return f"{value:.1e}" if abs(value) < 1e-3 else f"{value:.3f}"


def tenths(value: float) -> str:
    """One decimal; below 1 two significant digits."""
    return f"{value:.1f}" if abs(value) >= 1.0 or value == 0.0 else f"{value:.2g}"


def level(value: float, floor: float = -120.0) -> str:
    """A level in dB as :func:`tenths`; at or below ``floor`` it is only said to be there."""
    return f"<{floor:g}" if value <= floor else tenths(value)


def kilograms(value: float) -> str:
    """A mass in kg or, below 1 kg, g; three significant digits."""
    return f"{value:.3g} kg" if value >= 1.0 else f"{1e3 * value:.3g} g"
