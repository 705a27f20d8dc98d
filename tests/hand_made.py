"""A Solution built by hand: sinusoidal currents, radiation resistances integrated from them.

Not a solver: reactance and losses are chosen, so that every derived quantity has something
definite to be checked against.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from shapely.geometry import box

from lunar_antenna.geometry.layout import Gap, Layout, Port
from lunar_antenna.media.layer import Stack
from lunar_antenna.problem import Band, Problem
from lunar_antenna.radiation import CurrentElements, radiated_resistance
from lunar_antenna.solution import CurrentShape, Quality, Solution
from lunar_antenna.solvers.protocol import provenance

LENGTH, HALF_WIDTH, GAP = 10.0, 0.1, 0.1  # m


def layout(ports: int = 1) -> Layout:
    """A strip dipole along x; with two ports a second one along y, slightly apart."""
    arms, gaps = [], []
    for number in range(ports):
        for sign in (-1.0, 1.0):
            inner, outer = sorted((sign * GAP / 2.0, sign * LENGTH / 2.0))
            shift = 0.4 * number
            arms.append(
                box(inner, shift - HALF_WIDTH, outer, shift + HALF_WIDTH)
                if number == 0
                else box(shift - HALF_WIDTH, inner, shift + HALF_WIDTH, outer)
            )
        gaps.append(
            Gap(0.0, 0.0, GAP, 2.0 * HALF_WIDTH)
            if number == 0
            else Gap(0.4, 0.0, GAP, 2.0 * HALF_WIDTH, math.pi / 2.0)
        )
    named = tuple(Port((gap,), str(index + 1)) for index, gap in enumerate(gaps))
    return Layout("hand-made strip", tuple(arms), named)


def solution(
    ports: int = 1,
    stack: Stack | None = None,
    height: float = 1.0,
    points: int = 31,
    seed: int = 7,
) -> Solution:
    """Frequencies 5-35 MHz; Herm Z is the sum of its parts by construction."""
    stack = Stack.free_space() if stack is None else stack
    problem = Problem(layout(ports), stack, height, Band.mhz(5, 35, points))
    frequency = problem.frequency
    n = 41
    edge = np.linspace(-LENGTH / 2.0, LENGTH / 2.0, n + 1)
    centre, step = 0.5 * (edge[1:] + edge[:-1]), LENGTH / n
    position = np.zeros((ports * n, 3))
    segments = np.zeros((ports * n, 2, 3))
    position[:, 2] = segments[:, :, 2] = problem.metal_height
    moments = np.zeros((points, ports, ports * n, 3), dtype=complex)
    for port in range(ports):
        rows = slice(port * n, (port + 1) * n)
        position[rows, port] = centre
        segments[rows, 0, port], segments[rows, 1, port] = edge[:-1], edge[1:]
        if port:
            position[rows, 0] = segments[rows, :, 0] = 0.4
        for index, k in enumerate(2.0 * math.pi * frequency / 299_792_458.0):
            current = np.sin(k * (LENGTH / 2.0 - np.abs(centre)))
            current = current / (math.sin(k * LENGTH / 2.0) + 0.05j)  # 1 A at the port, nearly
            moments[index, port, rows, port] = current * step
    elements = CurrentElements(position, moments)
    sky = np.stack(
        [
            radiated_resistance(elements, i, float(f), problem.stratification)
            for i, f in enumerate(frequency)
        ]
    ).astype(complex)
    random = np.random.default_rng(seed)
    mix = random.normal(size=(ports, ports)) * 0.2 + np.eye(ports)
    spread = mix @ mix.T
    scale = np.real(np.trace(sky, axis1=1, axis2=2))[:, None, None] / ports
    ground = (0.0 if stack.is_free_space else 0.3) * scale * spread + 0.0j
    metal = 0.02 * scale * spread + 0.0j
    film = 0.01 * scale * spread + 0.0j
    reactance = -900.0 / np.tan(math.pi * frequency / 14e6 / 2.0 + 1e-3) * np.eye(ports)[None].T
    z = sky + ground + metal + film + 1j * np.moveaxis(reactance, -1, 0)
    closure = Solution.closure(z, sky, ground, metal, film)
    return Solution(
        problem=problem,
        frequency=frequency,
        z=z,
        r_sky=sky,
        r_ground=ground,
        r_metal=metal,
        r_film=film,
        elements=elements,
        quality=Quality(True, closure, np.full(points, 1e-3), {"average_gain": closure + 1.0}),
        provenance=provenance(
            problem,
            solver="hand-made",
            version="1",
            accuracy="normal",
            threads=1,
            wall_seconds=0.0,
            unknowns=n,
            notes=("for tests",),
        ),
        shape=CurrentShape(np.full(ports * n, step), 1, segments=segments),
    )


def short_dipole(
    length: float,
    azimuth: float = 0.0,
    position: tuple[float, float, float] = (0.0, 0.0, 0.0),
    points: int = 3,
) -> Solution:
    """1 A over ``length`` m along ``azimuth`` rad at ``position`` in free space, without losses."""
    made = solution(points=points)
    moment = length * np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    elements = CurrentElements(
        np.array([position]), np.broadcast_to(moment, (points, 1, 1, 3)).astype(complex)
    )
    layers = made.problem.stratification
    sky = np.stack(
        [radiated_resistance(elements, i, float(f), layers) for i, f in enumerate(made.frequency)]
    )
    nothing = np.zeros_like(sky)
    return replace(
        made,
        elements=elements,
        z=sky - 500.0j,
        r_sky=sky,
        r_metal=nothing,
        r_film=nothing,
        quality=replace(made.quality, power_closure=np.zeros(points)),
    )
