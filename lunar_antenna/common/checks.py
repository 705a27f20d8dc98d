"""Checks of single values at the edge of the package; each failure is one clear line."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

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
            raise error(f"{name} = {shown(value)} is not a number; give one in {allowed}")
        value = converted
    try:
        result = float(value)
    except OverflowError:
        raise error(f"{name} is too large; give a number in {allowed}") from None
    if math.isnan(result) or (math.isinf(result) and not allow_inf):
        raise error(f"{name} = {result!r} is not finite; give a number in {allowed}")
    if result > high or result < low or (low_open and result == low):
        changed = name.rpartition(": ")[2]
        raise error(f"{name} = {result:g}{suffix} is outside {allowed}; change {changed}")
    return result


def kind(
    name: str,
    value: object,
    wanted: type | tuple[type, ...],
    give: str,
    error: type[InputError] = InputError,
) -> None:
    """Refuse what is no ``wanted`` in one line that names what was given and what to ``give``."""
    if not isinstance(value, wanted):
        raise error(f"{name} is {type(value).__name__}; give {give}")


def every(
    name: str,
    values: object,
    wanted: type | tuple[type, ...],
    give: str,
    error: type[InputError] = InputError,
) -> tuple[Any, ...]:
    """``values`` as a tuple, each of them ``wanted``; refused in one line as :func:`kind` does."""
    kind(name, values, Iterable, f"a list of {give}", error)
    found: tuple[Any, ...] = tuple(values)  # type: ignore[arg-type]
    for number_of, value in enumerate(found):
        kind(f"{name}[{number_of}]", value, wanted, give, error)
    return found


def path_of(name: str, value: object, error: type[InputError] = InputError) -> Path:
    """``value`` as a path: text or a path-like object that holds text."""
    kind(name, value, (str, os.PathLike), "a path", error)
    text = os.fspath(value)  # type: ignore[call-overload]
    kind(name, text, str, "a path", error)
    return Path(text)


def flag(name: str, value: object, error: type[InputError] = InputError) -> bool:
    """``value`` if it is True or False (numpy's own count)."""
    if isinstance(value, bool) or (type(value).__name__ == "bool_" and hasattr(value, "item")):
        return bool(value)
    raise error(f"{name} = {shown(value)}; give True or False")


def reporter(progress: object) -> None:
    """Refuse a ``progress`` that cannot be called, before anything is begun."""
    if progress is not None and not callable(progress):
        raise InputError(
            f"progress is {type(progress).__name__}; give a function of (fraction, message), or "
            "None"
        )


def whole(
    name: str,
    value: object,
    *,
    low: int = 1,
    high: int = 1_000_000,
    unit: str = "",
    error: type[InputError] = InputError,
) -> int:
    """``value`` as a whole number in [low, high]; 3.0 is one, 2.5 and "3" are not."""
    result = number(name, value, low=low, high=high, unit=unit, error=error)
    if result != int(result):
        raise error(f"{name} = {result:g} is not a whole number; give one in [{low}, {high}]")
    return int(result)


def span(
    name: str,
    value: object,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    unit: str = "",
    error: type[InputError] = InputError,
) -> tuple[float, float]:
    """[first, last] with first < last, both in [low, high]."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise error(f"{name} = {shown(value)} is not a range; write [low, high]")
    first, last = (number(name, item, low=low, high=high, unit=unit, error=error) for item in value)
    if first >= last:
        raise error(f"{name} = [{first:g}, {last:g}] is empty; give low < high")
    return first, last


def shown(value: object) -> str:
    """``value`` as a message shows it: its repr, on one line, cut where it is long."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # a whole number of more digits than Python writes
        text = "a number of thousands of digits"
    return text if len(text) <= 80 else f"{text[:60]}...{text[-10:]}"


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


def did_you_mean(word: object, allowed: Collection[str]) -> str:
    """``"did you mean 'length'? "``, or nothing where no allowed word is near."""
    from difflib import get_close_matches

    known = {item.lower(): item for item in reversed(list(allowed))}
    near = get_close_matches(str(word).lower(), known, n=1, cutoff=0.6)
    return f"did you mean {known[near[0]]!r}? " if near else ""


def unknown_key(where: str, key: object, allowed: Collection[str]) -> str:
    """The sentence for a key that does not exist, with the nearest that does."""
    return (
        f"{where}{' has ' if where else ''}unknown key {shown(key)}; "
        f"{did_you_mean(key, allowed)}allowed: {', '.join(allowed) or 'none'}"
    )


def choice(
    name: str, value: object, allowed: tuple[str, ...], error: type[InputError] = InputError
) -> str:
    """``value`` if it is one of ``allowed``, else ``error`` naming them all."""
    if not isinstance(value, str) or value not in allowed:
        raise error(
            f"{name} = {shown(value)} is not known; "
            f"{did_you_mean(value, allowed)}allowed: {', '.join(allowed)}"
        )
    return value
