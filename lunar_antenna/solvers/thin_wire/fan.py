"""Acute fans of wires opened: NEC needs wires that leave a node apart from each other.

Three wires of radius a that leave a feed 11 degrees apart overlap for a good part of a metre;
the average gain of such a model is 1.3.  The overlapping stretch is one strip of metal anyway,
so it becomes a trunk along the middle, with bars across to each wire where they have come
apart.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np

from ...conventions import FloatArray
from .graph import Edge, WireGraph

ACUTE = math.radians(40.0)
APART_IN_RADII = 4.0
APART_OF_PAIR = 5.0  # radii, where a trunk meets a bar midway: NEC refuses a piece of 2 radii


def open_fans(graph: WireGraph) -> int:
    """Open every acute fan of narrow strips; returns how many were opened."""
    opened = 0
    for node in range(len(graph.points)):
        group = _group(graph, node)
        if len(group) > 1 and _open(graph, node, group):
            opened += 1
    return opened


def _far(edge: Edge, node: int) -> int:
    return edge.end if edge.start == node else edge.start


def _direction(graph: WireGraph, edge: Edge, node: int) -> FloatArray:
    along = graph.points[_far(edge, node)] - graph.points[node]
    return np.asarray(along / np.linalg.norm(along))


def _group(graph: WireGraph, node: int) -> list[Edge]:
    """The strips that leave ``node`` within ACUTE of a neighbour, in order of angle."""
    edges = [
        edge
        for edge in graph.edges
        if node in (edge.start, edge.end) and edge.kind == "strip" and not edge.grid
    ]
    if len(edges) < 2:
        return []
    mean = np.sum([_direction(graph, edge, node) for edge in edges], axis=0)
    if np.linalg.norm(mean) < 1e-9:
        return []
    axis = mean / np.linalg.norm(mean)
    across = np.array([-axis[1], axis[0]])

    def angle(edge: Edge) -> float:
        direction = _direction(graph, edge, node)
        return math.atan2(float(direction @ across), float(direction @ axis))

    edges.sort(key=angle)
    steps = np.diff([angle(edge) for edge in edges])
    return edges if np.all(steps < ACUTE) and abs(angle(edges[-1])) < math.pi / 2 else []


def _open(graph: WireGraph, node: int, group: list[Edge]) -> bool:
    directions = [_direction(graph, edge, node) for edge in group]
    radius = max(edge.radius for edge in group)
    closest = max(float(a @ b) for a, b in itertools.pairwise(directions))
    apart = APART_IN_RADII if len(group) % 2 else APART_OF_PAIR
    distance = apart * radius / math.sqrt(max(1e-12, 2.0 * (1.0 - closest)))
    lengths = [
        float(np.linalg.norm(graph.points[_far(edge, node)] - graph.points[node])) for edge in group
    ]
    if min(lengths) < 1.5 * distance:
        return False
    apex = graph.points[node]
    starts = [graph.node(apex + distance * direction) for direction in directions]
    for edge, start in zip(group, starts, strict=True):
        graph.edges.remove(edge)
        graph.edges.append(replace(edge, start=start, end=_far(edge, node)))
    trunk = replace(group[0], radius=radius, width=sum(edge.width for edge in group))
    middle = len(group) // 2
    if len(group) % 2 == 0:
        pair = graph.points[starts[middle - 1]] + graph.points[starts[middle]]
        starts.insert(middle, graph.node(pair / 2.0))
    graph.connect(node, starts[middle], trunk)
    bar = replace(group[0], radius=radius)
    for start, end in itertools.pairwise(starts):
        graph.connect(start, end, bar)
    return True
