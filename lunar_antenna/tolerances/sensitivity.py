"""How the quantities of a design move with one variable: slope, and whether it is one.

    slope = (q(x0 + t) - q(x0 - t))/(2 t)             x0 - t allowed
          = (4 q(x0 + t/2) - q(x0 + t) - 3 q(x0))/t   one-sided, where x0 - t is out of range

The effect is linear where no point is further from q(x0) + slope (x - x0) than a tenth of the
change slope x t, plus the resolution of q itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..search.study.trials import Evaluation
from .builds import Deviation
from .report import LINEAR, QUANTITIES, Effect, Sensitivity

RESOLUTION = 1e-4  # of a quantity: the interpolation's own tolerance


def quantities(found: Evaluation) -> dict[str, float]:
    """The quantities of one evaluation; nan where an edge was lost or nothing could be solved."""
    low, high, inside, lowest = found.objectives or (math.nan,) * 4
    return dict(zip(QUANTITIES, (low, high, high / low, inside, lowest), strict=True))


def sensitivity(
    item: Deviation, nominal: Mapping[str, float], found: Mapping[float, Evaluation]
) -> Sensitivity:
    reasons = [evaluation.reason for evaluation in found.values() if evaluation.reason]
    sides = [[x for x in found if (x > item.value) == up] for up in (True, False)]
    whole = [side for side in sides if side and all(found[x].reason is None for x in side)]
    values = {x: quantities(found[x]) for side in whole or sides for x in side}
    effects = {}
    for name in QUANTITIES:
        curve = {x: row[name] for x, row in values.items()}
        effects[name] = effect(item, nominal[name], curve)
    return Sensitivity(
        item.name, item.unit, item.value, item.tolerance, effects, reasons[0] if reasons else None
    )


def effect(item: Deviation, nominal: float, curve: Mapping[float, float]) -> Effect:
    """Slope and departure from it of one quantity; see the module."""
    t = item.tolerance
    up, down = curve.get(item.value + t), curve.get(item.value - t)
    if up is not None and down is not None:
        slope = (up - down) / (2.0 * t)
    else:
        side = t if up is not None else -t
        far, near = curve[item.value + side], curve[item.value + 0.5 * side]
        slope = (4.0 * near - far - 3.0 * nominal) / side
    residual = max(abs(q - nominal - slope * (x - item.value)) for x, q in curve.items())
    linear = residual <= LINEAR * abs(slope) * t + RESOLUTION * abs(nominal)
    return Effect(
        slope=slope,
        minus=None if down is None else down - nominal,
        plus=None if up is None else up - nominal,
        residual=residual,
        linear=bool(linear),  # False where anything is nan
    )
