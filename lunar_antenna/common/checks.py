"""Checks of single values at the edge of the package; each failure is one clear line."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..errors import InputError


def number(
    name: str,
    value: object,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    low_open: bool = False,
    allow_inf: bool = False,
    unit: str = "",
    error: type[InputError] = InputError,
) -> float:
    """``value`` as a float within [low, high] (or (low, high] with ``low_open``).

    Raises ``error`` with what was given and what is allowed; booleans, text, nan and
    (unless ``allow_inf``) infinities are refused.
    """
    suffix = f" {unit}" if unit else ""
    closed_low = not low_open and (allow_inf or math.isfinite(low))
    closed_high = allow_inf or math.isfinite(high)
    ends = f"{_plain(low)}, {_plain(high)}"
    allowed = f"{'[' if closed_low else '('}{ends}{']' if closed_high else ')'}{suffix}"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        converted = _from_numpy(value)
        if converted is None:
            raise error(f"{name} = {value!r} is not a number; give one in {allowed}")
        value = converted
    try:
        result = float(value)
    except OverflowError:
        raise error(f"{name} is too large; give a number in {allowed}") from None
    if math.isnan(result) or (math.isinf(result) and not allow_inf):
        raise error(f"{name} = {result!r} is not finite; give a number in {allowed}")
    if result > high or result < low or (low_open and result == low):
        raise error(f"{name} = {result:g}{suffix} is outside {allowed}; change {name}")
    return result


def _plain(value: float) -> str:
    """``value`` as text: whole numbers up to a million, or that %g would round, in full."""
    text = f"{value:g}"
    if math.isfinite(value) and value == int(value) and (abs(value) <= 1e6 or float(text) != value):
        return str(int(value))
    return text


def _from_numpy(value: object) -> float | None:
    item: Callable[[], object] | None = getattr(value, "item", None)
    if item is None or getattr(value, "ndim", 1) != 0:
        return None
    scalar = item()
    if isinstance(scalar, bool) or not isinstance(scalar, (int, float)):
        return None
    return float(scalar)


def choice(name: str, value: object, allowed: tuple[str, ...]) -> str:
    """``value`` if it is one of ``allowed``, else :class:`InputError` naming them all."""
    if not isinstance(value, str) or value not in allowed:
        raise InputError(f"{name} = {value!r} is not known; allowed: {', '.join(allowed)}")
    return value
