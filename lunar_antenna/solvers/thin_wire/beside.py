"""Strips beside each other: what their wires' radii and distance must be.

Two strips of widths w1 and w2 side by side at the distance d (between axes) polarise each other
across their widths.  To the second order, for charge as for current, with ln the logarithm of the
lines' potential:

    ln a_1  grows by    w2^2/(8 d^2),              the field of 1 polarises 2,
    ln d    falls by    (w1^2 + w2^2)/(16 d^2),    the mean of ln |x - x'| over both,

and a_2 alike.  For equal strips alike in charge both cancel, as the exact capacity of two coplanar
strips, sqrt(w d)/2, has it; of opposite charge they double, and C = eps0 K(k')/K(k), k = (d - w)/
(d + w), is met to 0.1 % at d = 3 w (1.2 % without) and 1.7 % at 1.5 w (7.8 %).

Radii change along the wires where another conductor is beside them: a strip of 10 m x 0.06 m with
parasitic ones of 5 m x 0.1 m at 0.2 m came from 5.5 to 0.4 % of Z at 14 MHz, 13 to 2 % at 35 MHz.
A conductor without a feed is moved, by the mean along it (two such ones by half each) and by
``PULL`` of the above, which is what that strip and one of 0.08 m with parasitic ones of 0.22 m at
0.4 m need best: their parasitic strips lie on both sides, where what they do to the middle one
cancels.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...conventions import FloatArray
from .types import Wire, WireModel, joined_wires

PARALLEL = 0.9  # least cosine
FARTHEST = 12.0  # widths of the wider: the change is below 0.2 %
PULL = 0.4  # of the change of ln d
STEP = 1e-3  # of ln a: smaller changes are no step


def beside(model: WireModel) -> WireModel:
    """``model`` with the radii and places of strips that other conductors are beside."""
    groups = joined_wires(model)
    if len(groups) < 2:
        return model
    of = {number: k for k, group in enumerate(groups) for number in group}
    fed = {of[wire] for feed in model.feeds for wire, _, _ in feed.sources}
    growth: dict[int, FloatArray] = {}
    pulled = np.zeros((len(groups), 3))
    for number, wire in enumerate(model.wires):
        if wire.kind != "strip":
            continue
        middle, along = _middles(wire)
        growth[number] = np.zeros(wire.segments)
        for other, two in enumerate(model.wires):
            if of[other] == of[number] or two.kind != "strip":
                continue
            offset, there = _offsets(middle, along, two)
            distance = np.linalg.norm(offset, axis=1)
            width, width2 = 4.0 * wire.radius, 4.0 * two.radius
            there = np.logical_and(there, distance < FARTHEST * max(width, width2))
            if not there.any():
                continue
            square = 1.0 / distance[there] ** 2
            growth[number][there] += width2**2 / 8.0 * square
            if of[number] not in fed:
                share = PULL * (width**2 + width2**2) / 16.0 * (1.0 if of[other] in fed else 0.5)
                pull = offset[there] * (share * square * wire.segment_length)[:, None]
                pulled[of[number]] += pull.sum(axis=0)
    for k, group in enumerate(groups):
        pulled[k] /= sum(model.wires[number].length for number in group)
    return _changed(model, growth, [pulled[of[n]] for n in range(len(model.wires))])


def _middles(wire: Wire) -> tuple[FloatArray, FloatArray]:
    """Of the segments, (n, 3) m; the unit vector along."""
    start, end = np.asarray(wire.start), np.asarray(wire.end)
    place = (np.arange(wire.segments) + 0.5)[:, None] / wire.segments
    return start + (end - start) * place, (end - start) / wire.length


def _offsets(
    middle: FloatArray, along: FloatArray, two: Wire
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """(n, 3) m from each point straight across to the line of ``two``, and where it is there."""
    start, end = np.asarray(two.start), np.asarray(two.end)
    unit = (end - start) / two.length
    at = (middle - start) @ unit
    there = (at >= 0.0) & (at <= two.length) & (abs(float(unit @ along)) > PARALLEL)
    return start + at[:, None] * unit - middle, there


def _changed(model: WireModel, growth: dict[int, FloatArray], moved: list[FloatArray]) -> WireModel:
    """Wires cut where their growth steps, and moved."""
    pieces: list[list[Wire]] = []
    for number, wire in enumerate(model.wires):
        pieces.append([])
        start, end = np.asarray(wire.start) + moved[number], np.asarray(wire.end) + moved[number]
        change = growth.get(number, np.zeros(wire.segments))
        cuts = [0, *(np.flatnonzero(np.abs(np.diff(change)) > STEP) + 1), wire.segments]
        for a, b in itertools.pairwise(cuts):
            ends = (start + (end - start) * (k / wire.segments) for k in (a, b))
            low, high = ((float(p[0]), float(p[1]), float(p[2])) for p in ends)
            radius = wire.radius * float(np.exp(change[a:b].mean()))
            pieces[-1].append(
                replace(wire, start=low, end=high, radius=radius, segments=int(b - a))
            )
    return model.recut(pieces)
