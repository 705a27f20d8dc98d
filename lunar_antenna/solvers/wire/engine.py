"""One run of momwire at one frequency: its decks, ports and currents, and its traps.

* Wires of the model that go on straight or bent into each other, alike in radius and load, become
  one polyline: a joint of two polylines costs accuracy that the same joint inside one does not.
* Every segment that is a source is a feed of its own ("segment": the field uniform over it), and
  the gap's voltage is shared among them.
* Its advice on heights and radii arrives as warnings; what matters of it is refused before.
"""

from __future__ import annotations

import importlib.util
import math
import warnings
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...conventions import EPS0, SPEED_OF_LIGHT, ComplexArray
from ...errors import SolverError, one_line
from ...media.layer import Layer
from ...media.sheets import Film
from ..thin_wire.currents import Currents
from ..thin_wire.loading import coating
from ..thin_wire.types import Place, WireModel

DEGREE = 2  # of the splines: the current's second derivative is constant along a segment


def missing() -> str | None:
    """None if momwire can be imported, else the way to install it."""
    if importlib.util.find_spec("momwire") is None:
        return "momwire is not installed; install it with: pip install 'lunar-antenna[wire]'"
    return None


def version() -> str:
    from importlib.metadata import version as of

    return f"momwire {of('momwire')}"


@dataclass(frozen=True, slots=True)
class Chain:
    """A polyline: wires of the model in order; forward: each from its start to its end."""

    wires: tuple[int, ...]
    forward: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Deck:
    """Polylines of a model and the joints of three or more of their ends, or of two unlike ones.

    joints: (chain, "start" or "end") each.
    """

    chains: tuple[Chain, ...]
    joints: tuple[tuple[tuple[int, str], ...], ...]


def deck_of(model: WireModel, alike: list[object]) -> Deck:
    """The polylines of ``model``; ``alike``: wires of unequal entries stay apart."""
    ends: dict[Place, list[tuple[int, bool]]] = defaultdict(list)
    places = model.places
    for number, (start, end) in enumerate(places):
        ends[start].append((number, True))
        ends[end].append((number, False))

    def onward(number: int, at_start: bool) -> tuple[int, bool] | None:
        """The only other wire at that end, and whether its own start is there, if it is alike."""
        here = ends[places[number][0 if at_start else 1]]
        if len(here) != 2:
            return None
        other = here[0] if here[1] == (number, at_start) else here[1]
        if other[0] == number or alike[other[0]] != alike[number]:
            return None
        return other

    chains: list[Chain] = []
    used: set[int] = set()
    for number in range(len(model.wires)):
        if number in used:
            continue
        first, forward = number, True
        seen = {number}
        while (before := onward(first, forward)) is not None and before[0] not in seen:
            first, forward = before[0], not before[1]
            seen.add(first)
        wires, ways = [first], [forward]
        while (after := onward(wires[-1], not ways[-1])) is not None and after[0] not in wires:
            wires.append(after[0])
            ways.append(after[1])
        used.update(wires)
        chains.append(Chain(tuple(wires), tuple(ways)))
    meeting: dict[tuple[int, ...], list[tuple[int, str]]] = defaultdict(list)
    for number, chain in enumerate(chains):
        head, tail = places[chain.wires[0]], places[chain.wires[-1]]
        meeting[head[0 if chain.forward[0] else 1]].append((number, "start"))
        meeting[tail[1 if chain.forward[-1] else 0]].append((number, "end"))
    return Deck(tuple(chains), tuple(tuple(met) for met in meeting.values() if len(met) > 1))


def run(
    model: WireModel,
    frequency: float,
    per_metre: ComplexArray | None,
    soil: Layer | None = None,
    film: Film | None = None,
) -> Currents:
    """Currents of ``model`` at ``frequency`` (Hz), every gap driven in turn.

    per_metre: (n_wire,) ohm/m in series with each wire, or None.  soil: the half-space below z = 0.
    film: as a coating of the wires, whose charge and current it acts on.
    Raises :class:`SolverError` where momwire fails or returns non-finite currents.
    """
    try:
        found = _run(model, frequency, per_metre, soil, film)
    except (ValueError, RuntimeError, NotImplementedError, ArithmeticError) as error:
        raise SolverError(
            f"momwire failed at {frequency / 1e6:g} MHz on {len(model.wires)} wires "
            f"({one_line(error)}); use another accuracy or solver"
        ) from error
    if not (np.isfinite(found.current).all() and np.isfinite(found.slope).all()):
        raise SolverError(
            f"momwire returned non-finite currents at {frequency / 1e6:g} MHz; use another accuracy"
        )
    return found


def _run(
    model: WireModel,
    frequency: float,
    per_metre: ComplexArray | None,
    soil: Layer | None,
    film: Film | None,
) -> Currents:
    from momwire import BSplineSolver
    from momwire._wire_loading import DistributedRLC

    omega = 2.0 * math.pi * frequency
    loads = [0j] * len(model.wires) if per_metre is None else [complex(z) for z in per_metre]
    coats = [0.0 if film is None else coating(wire, film) for wire in model.wires]
    alike: list[object] = [
        (wire.radius, load, coat)
        for wire, load, coat in zip(model.wires, loads, coats, strict=True)
    ]
    deck = deck_of(model, alike)
    wires, counts = [], []
    for chain in deck.chains:
        points = []
        for number, forward in zip(chain.wires, chain.forward, strict=True):
            wire = model.wires[number]
            points.append(wire.start if forward else wire.end)
        last = model.wires[chain.wires[-1]]
        points.append(last.end if chain.forward[-1] else last.start)
        wires.append(np.array(points, dtype=float))
        counts.append(tuple(model.wires[number].segments for number in chain.wires))
    place, lengths = _places(model, deck)
    feeds, shares = [], np.zeros((0, len(model.feeds)))
    for row, feed in enumerate(model.feeds):
        for wire_number, segment, share in feed.sources:
            polyline, forward, at = place[wire_number]
            step = model.wires[wire_number].segment_length
            inside = (segment + 0.5) * step
            along = at + (inside if forward else lengths[wire_number] - inside)
            feeds.append((polyline, along, 1.0))
            line = np.zeros((1, len(model.feeds)))
            line[0, row] = share if forward else -share
            shares = np.concatenate((shares, line))
    heads = [chain.wires[0] for chain in deck.chains]
    series: list[Any] = [
        None
        if loads[head] == 0
        else DistributedRLC("series", r=loads[head].real, l=loads[head].imag / omega)
        for head in heads
    ]
    options: dict[str, Any] = {}
    if film is not None:  # not a number: a wire without a coating
        coated = np.array([coats[head] > 0.0 for head in heads])
        eps = (
            film.eps_r
        )  # a coating of eps - 1/eps is one of 1 - 1/eps that is eps + 1 times thicker
        outer = [model.wires[head].radius * math.exp((eps + 1.0) * coats[head]) for head in heads]
        tangent = (
            film.loss_tangent * (eps**2 + 1.0) / (eps + 1.0)
        )  # its loss is that of film_charge
        options = {
            "insulation_radius": np.where(coated, outer, np.nan),
            "insulation_eps_r": np.where(coated, eps, np.nan),
            "insulation_loss_tangent": np.where(coated, tangent, np.nan),
        }
    if soil is not None:
        epsilon = soil.complex_eps_r(np.array([frequency]))[0]
        sigma = -epsilon.imag * omega * EPS0
        options |= {
            "ground_z": 0.0,
            "ground_eps": (float(epsilon.real), float(sigma)),
            "ground_model": "sommerfeld",
        }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solver = BSplineSolver(
            wires=wires,
            n_per_edge_per_wire=counts,
            degree=DEGREE,
            feeds=feeds,
            feed_model="segment",
            junctions=[list(joint) for joint in deck.joints] or None,
            wavelength=SPEED_OF_LIGHT / frequency,
            wire_radius=[model.wires[head].radius for head in heads],
            distributed_rlc=series if any(item is not None for item in series) else None,
            **options,
        )
        solved = solver.compute_port_solution()
        coefficients = np.asarray(np.asarray(solved.coeffs) @ shares, dtype=complex)
        found = _sampled(solver, coefficients, model, deck)
        return replace(found, admittance=shares.T @ np.asarray(solved.y) @ shares)


def _places(
    model: WireModel, deck: Deck
) -> tuple[dict[int, tuple[int, bool, float]], dict[int, float]]:
    """Of every wire: (chain, forward, arc length at its first point), and its length, m."""
    place: dict[int, tuple[int, bool, float]] = {}
    lengths = {number: wire.length for number, wire in enumerate(model.wires)}
    for number, chain in enumerate(deck.chains):
        at = 0.0
        for wire, forward in zip(chain.wires, chain.forward, strict=True):
            place[wire] = (number, forward, at)
            at += lengths[wire]
    return place, lengths


def _sampled(solver: Any, coefficients: ComplexArray, model: WireModel, deck: Deck) -> Currents:
    """Centre values and slopes of all segments in the model's order."""
    place, _ = _places(model, deck)
    arcs: list[list[float]] = [[] for _ in deck.chains]
    take: list[tuple[int, int, float, float]] = []  # chain, first of three samples, sign, step
    for number, wire in enumerate(model.wires):
        chain, forward, at = place[number]
        step = wire.segment_length
        for segment in range(wire.segments):
            low = at + (segment if forward else wire.segments - 1 - segment) * step
            take.append((chain, len(arcs[chain]), 1.0 if forward else -1.0, step))
            arcs[chain].extend((low, low + 0.5 * step, low + step))
    current = np.empty((coefficients.shape[1], len(take)), dtype=complex)
    slope = np.empty_like(current)
    for row, column in enumerate(coefficients.T):
        values = solver.currents_at_knots(column, s_array=[np.array(arc) for arc in arcs])
        for index, (chain, first, sign, step) in enumerate(take):
            low, middle, high = values[chain][first : first + 3]
            current[row, index] = sign * middle
            slope[row, index] = (high - low) / step
    return Currents(current, slope)
