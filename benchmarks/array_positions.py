"""Places of sixteen elements, searched for the least of the worst active reflection.

    python benchmarks/array_positions.py [seconds]

Crossed bow-ties of 7 m on sourcebook_highland in a disc of 60 m across, centres at least 8 m
apart, draft meshes.  The merit is the largest |active reflection| (75 ohm) over the first ports,
10, 20 and 30 MHz, and scans to 0, 22.5 and 45 degrees in eight directions.  Best of fifty random
layouts is the start; then one element after the other is moved, and a move that lowers the merit is
kept.  The elements are trained once: a layout takes only their coupling.
"""

from __future__ import annotations

import math
import sys
import time

import numpy as np

import lunar_antenna as la
from lunar_antenna.array.frequency import Model
from lunar_antenna.conventions import wavenumber
from lunar_antenna.errors import GeometryError

COUNT, LEAST, RADIUS, Z0 = 16, 8.0, 30.0, 75.0
FREQUENCIES = (10e6, 20e6, 30e6)
RANDOM = 50
SCANS = [(t, p) for t in (0.0, np.pi / 8, np.pi / 4) for p in np.arange(8) * np.pi / 4]


def merit(model: Model) -> float:
    """Largest |b/a| over ports, frequencies and scans."""
    first = [port for port, (_, own) in enumerate(model.array.ports) if own == 0]
    worst = 0.0
    for index, k in enumerate(wavenumber(model.array.frequency)):
        z = model.impedance(index)
        one = Z0 * np.eye(len(z))
        s = np.linalg.solve((z + one).T, (z - one).T).T[np.ix_(first, first)]
        for theta, phi in SCANS:
            path = model.array.positions @ (np.sin(theta) * np.array([np.cos(phi), np.sin(phi)]))
            wave = np.exp(-1j * k * path)
            worst = max(worst, float(np.abs((s @ wave) / wave).max()))
    return worst


def place(generator: np.random.Generator) -> np.ndarray:
    length, angle = RADIUS * math.sqrt(generator.random()), 2 * np.pi * generator.random()
    return length * np.array([math.cos(angle), math.sin(angle)])


def apart(points: list[np.ndarray], point: np.ndarray) -> bool:
    return all(np.hypot(*(point - other)) >= LEAST for other in points)


def scattered(generator: np.random.Generator) -> np.ndarray:
    while True:
        found: list[np.ndarray] = []
        for _ in range(4000):
            point = place(generator)
            if apart(found, point):
                found.append(point)
            if len(found) == COUNT:
                return np.array(found)


def at(model: Model, positions: np.ndarray) -> Model | None:
    """The model of other places, or None where metal meets."""
    try:
        return model.at(model.array.with_positions(positions))
    except GeometryError:
        return None


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 300.0
    generator = np.random.default_rng(3)
    layout = la.load_geometry("crossed_bowtie", length=7.0)
    grid = 20.0 * np.array([(x, y) for y in range(4) for x in range(4)], dtype=float)
    model = Model(
        la.Array(layout, grid, "sourcebook_highland", band=la.Band(FREQUENCIES)), "draft", 1e-3
    )
    started, tried = time.process_time(), 0
    best, places, values = math.inf, grid, []
    while len(values) < RANDOM:
        positions = scattered(generator)
        made = at(model, positions)
        if made is None:
            continue
        values.append(merit(made))
        tried += 1
        if values[-1] < best:
            best, places = values[-1], positions
    each = (time.process_time() - started) / tried
    print(
        f"{RANDOM} random layouts: best {min(values):.4f}, median {np.median(values):.4f}, worst "
        f"{max(values):.4f}; {each:.2f} s of a core each",
        flush=True,
    )
    number = 0
    while time.process_time() - started < seconds:
        moved = places.copy()
        moved[number % COUNT] = place(generator)
        number += 1
        if not apart(list(np.delete(moved, (number - 1) % COUNT, axis=0)),
                     moved[(number - 1) % COUNT]):  # fmt: skip
            continue
        made = at(model, moved)
        if made is None:
            continue
        value = merit(made)
        tried += 1
        if value < best:
            best, places = value, moved
    print(f"after {tried} layouts: {best:.4f}, {time.process_time() - started:.0f} s in all")


if __name__ == "__main__":
    main()
