"""What is drawn of a state: while it moves, and at rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from shapely.geometry import Polygon

from ..circuit.networks import transform
from ..conventions import JsonDict
from ..geometry.layout import Layout
from ..plotting.layout import metal_colours
from ..report.curves import current, cut, pair, pattern, rounded
from ..solution import Solution
from .state import State, numbers_of

SHARES = ("sky", "ground", "metal", "film")
FIELDS = 13  # frequencies with a pattern and a current at rest
PORT = 1


def moving(solution: Solution, state: State, mark: float) -> JsonDict:
    """Reflection, shares, two cuts at the solved frequency nearest ``mark`` (Hz), the layout."""
    index = int(np.argmin(np.abs(solution.frequency - mark)))
    return {
        **_circuit(solution, state),
        "cut": {**cut(solution, index, PORT), "frequency": float(solution.frequency[index])},
        "layout": outline(solution.problem.layout),
    }


def resting(solution: Solution, state: State) -> JsonDict:
    """The same as solved, with the pattern over the sphere, the current and how good it is."""
    quality = solution.quality
    error = "" if quality.z_error is None else f"|dZ|/|Z| ≤ {float(np.max(quality.z_error)):.1g}, "
    return {
        **_circuit(solution, state),
        "pattern": pattern(solution, PORT, FIELDS),
        "current": current(solution, PORT, FIELDS),
        "layout": outline(solution.problem.layout),
        "quality": f"{solution.provenance.solver}, {solution.provenance.accuracy}, "
        f"{solution.provenance.unknowns} unknowns: {error}closure {quality.worst_closure}"
        + ("" if quality.converged else "; NOT converged"),
    }


def _circuit(solution: Solution, state: State) -> JsonDict:
    """At the load's side of the network, whose loss is a share of its own."""
    z = solution.input_impedance(PORT)
    efficiency = solution.efficiency(state.z0, port=PORT)
    shares = {name: getattr(efficiency, name) for name in SHARES}
    frequency = solution.frequency
    elements = tuple(item for item, _ in state.network)
    if elements:
        z, passed = transform(frequency, z, elements, tuple(value for _, value in state.network))
        shares = {name: value * passed for name, value in shares.items()}
        shares["network"] = 1.0 - passed
    return {
        "frequency": rounded(frequency),
        "z": pair(z),
        "shares": {name: rounded(value, 5) for name, value in shares.items()},
    }


def outline(layout: Layout) -> JsonDict:
    """Rings of metal, film and feed tabs, m; the numbers that drew it."""
    film = [] if layout.film_outline is None else _rings(layout.film_outline)
    return {
        "metal": [ring for polygon in layout.conductors for ring in _rings(polygon)],
        "film": film,
        "colour": metal_colours(layout)[0],
        "ports": [ring for gap in layout.gaps for ring in _rings(gap.polygon)],
        "bounds": [float(v) for v in layout.bounds],
        "values": {name: value for name, _, value in numbers_of(layout)},
    }


def _rings(polygon: Polygon) -> list[list[Any]]:
    return [
        [[round(float(x), 5), round(float(y), 5)] for x, y, *_ in ring.coords]
        for ring in (polygon.exterior, *polygon.interiors)
    ]
