r"""Taper: straight flanks between break points whose places and half-widths are both free.

               (x2, w2)__________ tip
                     /           |
        (x1, w1) __-'            |
     w0     __--'                |
     |tab|                       |   the other arm is the mirror image
            ''--__               |
                  '-.            |
                     \__________ |

x is measured from the middle of the antenna.  The arm begins at x = gap/2 with half-width w0 and
ends at x = length/2 with half-width tip; break points x1 < x2 < ... lie between, any number of
them up to twenty, a thousandth of the length apart.  Steep flanks and level stretches need few
numbers here, where the equally spaced points of a profile would need many.
"""

from __future__ import annotations

import numpy as np

from ...common.parameter import Parameter
from ...errors import GeometryError
from ..ribbon import Ribbon
from ..shape import Shape, symmetric_outline, two_arms
from .base import Family, Values, gap, length, port_width

MOST = 20  # break points
AT_FEED = 0.1  # m, w0 where it is not given
NEAREST = 1e-3  # of the length, between break points: a flank steeper than that is a step


def break_points(values: Values) -> list[tuple[float, float]]:
    """(x, half-width) from the feed to the tip, m, ends included, x growing.

    Raises :class:`GeometryError` for half a point, a hole in the numbering or x that does not grow.
    """
    start, end = values["gap"] / 2.0, values["length"] / 2.0
    least = NEAREST * values["length"]
    given = [n for n in range(1, MOST + 1) if f"x{n}" in values or f"w{n}" in values]
    points = [(start, values.get("w0", AT_FEED))]
    before = f"the arm's start at gap/2 = {start:g} m"
    for expected, n in enumerate(given, 1):
        if n != expected:
            raise GeometryError(
                f"taper lacks point {expected} (x{expected}, w{expected}) but has points after it; "
                "number them x1, w1, x2, w2, ... from the feed to the tip without holes"
            )
        for name, other in ((f"x{n}", f"w{n}"), (f"w{n}", f"x{n}")):
            if name not in values:
                raise GeometryError(
                    f"taper has {other} = {values[other]:g} m but no {name}; "
                    "a break point needs both, its place and its half-width"
                )
        x = values[f"x{n}"]
        if x - points[-1][0] < least:
            raise GeometryError(
                f"x{n} = {x:g} m is not {least:g} m (length/1000) beyond {before}; "
                "make it larger or leave the point out"
            )
        points.append((x, values[f"w{n}"]))
        before = f"x{n} = {x:g} m"
    if end - points[-1][0] < least:
        raise GeometryError(
            f"{before} is not {least:g} m (length/1000) within the arm, which ends at length/2 = "
            f"{end:g} m; make it smaller or length larger"
        )
    return [*points, (end, values.get("tip", points[-1][1]))]


def derive(values: Values) -> Values:
    at_feed = values.get("w0", AT_FEED)
    return {
        "w0": at_feed,
        "tip": break_points(values)[-1][1],
        "port_width": min(2.0 * at_feed, values["gap"]),
    }


def draw(values: Values) -> Shape:
    points = np.array(break_points(values))  # (n, 2)
    x, half = points[:, 0], points[:, 1]
    ribbon = Ribbon(np.column_stack((x, np.zeros_like(x))), half)
    return two_arms(symmetric_outline(x, half), (ribbon,), values["gap"], values["port_width"])


def _half(name: str, meaning: str, rule: str) -> Parameter:
    return Parameter(name, "m", None, 1e-4, 50.0, meaning, rule, across=True)


def _point(n: int) -> tuple[Parameter, Parameter]:
    return (
        Parameter(
            f"x{n}",
            "m",
            None,
            1e-5,
            500.0,
            f"break point {n}: distance from the middle",
            "no point",
        ),
        _half(f"w{n}", f"break point {n}: half-width", "no point"),
    )


FAMILY = Family(
    "taper",
    "straight flanks between break points, their places and half-widths free",
    __doc__,
    (
        length(),
        _half("w0", "arm half-width at the feed", f"{AT_FEED:g}"),
        *(parameter for n in range(1, MOST + 1) for parameter in _point(n)),
        _half("tip", "arm half-width at the tip", "that of the last point"),
        gap(),
        port_width("2 w0, at most gap"),
    ),
    derive,
    draw,
    shipped={"w0": 0.1, "x1": 0.4, "w1": 0.4, "x2": 0.6, "w2": 1.0, "tip": 1.0},
    search={
        "w0": (0.02, 0.5),
        "x1": (0.1, 0.5),
        "w1": (0.1, 1.0),
        "x2": (0.51, 3.0),
        "w2": (0.3, 2.0),
        "tip": (0.3, 2.0),
    },
)
