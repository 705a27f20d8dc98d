"""What is wrong with a wire model, before an engine sees it: engines return garbage silently.

Limits (NEC-2 user's guide, Burke & Poggio 1981, part III, section II, where it asks for 2 radii;
checked with PyNEC):
segments between 1.5 radii and a tenth of a wavelength, wires apart by more than the sum of their
radii, no wire repeated, no wire of zero length, circumference well below the wavelength.

Measured (PyNEC 2.3.4 against the moment method on sheets, end-loaded dipoles in free space): strips
whose radii at a joint differ by 1.2 / 1.5 / 2 / 4 put |Z| off by 0.02 / 0.04 / 0.07 / 0.18 at
10 MHz where equal radii give 0.009, the average gain and a second segmentation seeing nothing of
it; and a wire whose middle lies within the radius of a wire that it joins is no geometry to PyNEC.
momwire 0.84.3 is off alike: end-loaded 6 m x 0.05 m with bars of 0.2 m, 0.04 to 0.08 of Gamma in
200 ohm at 8 to 20 MHz, with bars of 0.05 m 0.005.  Along one strip momwire knows steps: 10 m long,
0.06 m wide in the mean, widths of 1 : 1.1 to 1 : 1.5 either way, 6 to 35 MHz, were 0.04 to 1.5 %
off in Z where an even one is 0.04 to 0.7 %; one radius all along is 9 % off at 1 : 1.1 (14 MHz).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...conventions import FloatArray
from .types import Place, Wire, WireModel

STEP = 1.02  # largest ratio of the radii of strips that meet
ALONG = 1.55  # the same along one strip


@dataclass(frozen=True, slots=True)
class Lint:
    """errors: no engine must see the model.  warnings: its answer is less exact."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def describe(number: int, wire: Wire) -> str:
    """Number from 1 and coordinates in m, for messages."""
    a, b = wire.start, wire.end
    return (
        f"wire {number + 1} ({a[0]:.4g}, {a[1]:.4g}, {a[2]:.4g}) to "
        f"({b[0]:.4g}, {b[1]:.4g}, {b[2]:.4g}) m"
    )


def lint(model: WireModel, wavelength: float) -> Lint:
    """Check ``model`` at the shortest ``wavelength`` (m)."""
    errors: list[str] = []
    warnings: list[str] = []
    short = 0
    for number, wire in enumerate(model.wires):
        what = describe(number, wire)
        values = (*wire.start, *wire.end, wire.radius)
        if not np.all(np.isfinite(values)) or wire.radius <= 0.0:
            errors.append(f"{what} has radius {wire.radius:g} m or non-finite coordinates")
            continue
        if wire.length <= 0.0:
            errors.append(f"{what} has zero length; remove it")
            continue
        step = wire.segment_length
        if step < 1.5 * wire.radius:
            errors.append(
                f"{what} has segments of {step:.3g} m, under 1.5 radii of {wire.radius:.3g} m; "
                "make the metal there narrower or longer"
            )
        elif step < 2.5 * wire.radius:
            short += 1
        if step > wavelength / 10.0:
            errors.append(
                f"{what} has segments of {step:.3g} m, over a tenth of the wavelength "
                f"{wavelength:.3g} m; use a finer accuracy"
            )
        if wire.radius > wavelength / 30.0:
            errors.append(
                f"{what} has radius {wire.radius:.3g} m, over a 30th of the wavelength "
                f"{wavelength:.3g} m; it is no thin wire"
            )
    if short:
        warnings.append(f"{short} wires have segments between 1.5 and 2.5 radii")
    if errors:
        return Lint(tuple(errors), tuple(warnings))
    errors.extend(_joints(model))
    close, touching = _proximity(model)
    errors.extend(close)
    if touching:
        warnings.append(f"{touching} pairs of wires overlap near junctions")
    return Lint(tuple(errors), tuple(warnings))


def _joints(model: WireModel) -> list[str]:
    """Messages on joints with a step of radius, and on wires shorter than the metal they join."""
    at: dict[Place, list[int]] = {}
    for number, places in enumerate(model.places):
        for place in places:
            at.setdefault(place, []).append(number)
    messages: list[str] = []
    for numbers in at.values():
        joined = [model.wires[number] for number in numbers]
        thin = min(range(len(joined)), key=lambda k: joined[k].radius)
        thick = max(range(len(joined)), key=lambda k: joined[k].radius)
        ratio = joined[thick].radius / joined[thin].radius
        strip = len(joined) == 2 and all(wire.kind == "strip" for wire in joined)
        onward = strip and joined[0].conductor == joined[1].conductor
        if ratio > (ALONG if onward else STEP) and not any(wire.grid for wire in joined):
            messages.append(
                f"{describe(numbers[thick], joined[thick])} of radius {joined[thick].radius:.3g} m "
                f"meets {describe(numbers[thin], joined[thin])} of radius "
                f"{joined[thin].radius:.3g} m: thin-wire codes are silently wrong at a step of "
                "radius; give both conductors the same width, or use solver planar or openems"
            )
        for number, wire in zip(numbers, joined, strict=True):
            if 0.5 * wire.length <= joined[thick].radius * (1.0 + 1e-9) and len(joined) > 1:
                messages.append(
                    f"{describe(number, wire)} is {wire.length:.3g} m long, under two radii of "
                    f"{joined[thick].radius:.3g} m of what it joins; make the metal there "
                    "narrower or longer"
                )
    return messages


def _proximity(model: WireModel) -> tuple[list[str], int]:
    """Messages on coincident and near-parallel overlapping wires; count of other overlaps."""
    wires = model.wires
    start = np.array([wire.start for wire in wires])
    end = np.array([wire.end for wire in wires])
    radius = np.array([wire.radius for wire in wires])
    unit = (end - start) / np.linalg.norm(end - start, axis=1)[:, None]
    shortest = min(wire.length for wire in wires)
    messages: list[str] = []
    touching = 0
    for i in range(len(wires) - 1):
        later = slice(i + 1, None)
        gap = _distance(start[i], end[i], start[later], end[later])
        reach = radius[i] + radius[later]
        shared = _share_an_end(start[i], end[i], start[later], end[later], 1e-6 * shortest)
        cosine = unit[later] @ unit[i]
        for offset in np.flatnonzero((gap < reach) | (shared > 0)):
            j = i + 1 + int(offset)
            pair = f"{describe(i, wires[i])} and {describe(j, wires[j])}"
            if shared[offset] == 2:
                messages.append(f"{pair} coincide; remove one")
            elif shared[offset] == 1:
                # folded back on each other from their common end
                if _fold(start, end, i, j) > 0.9998:
                    messages.append(f"{pair} lie on each other from their common end; remove one")
            elif abs(cosine[offset]) > 0.98 and _overlap(start, end, unit, i, j) > 2.0 * float(
                reach[offset]
            ):
                messages.append(
                    f"{pair} run parallel {gap[offset]:.3g} m apart, under the sum of their "
                    f"radii {reach[offset]:.3g} m; move the conductors apart or make them narrower"
                )
            elif gap[offset] < 1e-3 * float(reach[offset]):
                messages.append(f"{pair} cross without a junction; end both at the crossing")
            else:
                touching += 1
    return messages, touching


def _share_an_end(
    a: FloatArray, b: FloatArray, starts: FloatArray, ends: FloatArray, tolerance: float
) -> FloatArray:
    """How many ends (0, 1, 2) the wire a-b shares with each other wire."""
    count = np.zeros(starts.shape[0])
    for one in (a, b):
        near = np.minimum(np.linalg.norm(starts - one, axis=1), np.linalg.norm(ends - one, axis=1))
        count += near <= tolerance
    return count


def _fold(start: FloatArray, end: FloatArray, i: int, j: int) -> float:
    """Cosine of the angle between two wires seen from their common end."""
    best = -1.0
    for a, b in ((start[i], end[i]), (end[i], start[i])):
        for c, d in ((start[j], end[j]), (end[j], start[j])):
            if np.linalg.norm(a - c) < 1e-6 * np.linalg.norm(b - a):
                one, two = b - a, d - c
                cosine = float(one @ two / (np.linalg.norm(one) * np.linalg.norm(two)))
                best = max(best, cosine)
    return best


def _overlap(start: FloatArray, end: FloatArray, unit: FloatArray, i: int, j: int) -> float:
    """Length over which two near-parallel wires run beside each other, m."""
    length = float((end[i] - start[i]) @ unit[i])
    at = sorted(float((point - start[i]) @ unit[i]) for point in (start[j], end[j]))
    return min(length, at[1]) - max(0.0, at[0])


def _distance(a: FloatArray, b: FloatArray, starts: FloatArray, ends: FloatArray) -> FloatArray:
    """Shortest distance (n,) between segment a-b and each other segment (Ericson 2005, 5.1.9)."""
    one, two = b - a, ends - starts
    r = a - starts
    aa = float(one @ one)
    ee = np.einsum("ij,ij->i", two, two)
    f = np.einsum("ij,ij->i", two, r)
    c = r @ one
    bb = two @ one
    denominator = aa * ee - bb**2
    parallel = denominator < 1e-12 * aa * ee
    s = np.where(
        parallel, 0.0, np.clip((bb * f - c * ee) / np.where(parallel, 1.0, denominator), 0.0, 1.0)
    )
    t = (bb * s + f) / ee
    s = np.where(t < 0.0, np.clip(-c / aa, 0.0, 1.0), s)
    s = np.where(t > 1.0, np.clip((bb - c) / aa, 0.0, 1.0), s)
    t = np.clip(t, 0.0, 1.0)
    difference = a + s[:, None] * one - starts - t[:, None] * two
    return np.asarray(np.linalg.norm(difference, axis=1))
