"""What ``solve`` prints: a table for each port, coupling, bands, the best source, masses, trust."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit.networks import transform
from ..circuit.resampling import MIN_POINTS
from ..circuit.waves import decibel, reflection
from ..common.rows import evenly, kilograms, level, share, tenths
from ..conventions import JsonDict
from ..errors import InputError
from ..geometry.masses import film_area, film_mass, metal_mass, printed_area
from ..measurement.resonances import resonances
from .output import table

if TYPE_CHECKING:
    from ..circuit.resonance import Resonance
    from ..geometry.layout import Layout
    from ..search.headline import Headline, Span
    from ..search.port import PortModel, Termination
    from ..solution import Solution
    from .designs import Place

_NAMES = ("mismatch", "sky", "ground", "metal", "film", "realised")
_MOST_PAIRS = 6  # columns of couplings


def document(solution: Solution, place: Place, found: Headline) -> JsonDict:
    """The document of ``--json``: the solution's own, seen through the design's network."""
    port, at = place.end
    whole = solution.document(at.z0)
    if port.network:
        whole["network"] = port.describe(at)["network"]
        for number, item in enumerate(whole["ports"], start=1):
            _behind(solution, number, item, port, at)
        whole |= {name: whole["ports"][0][name] for name in ("s11", "efficiency")}
    problem = solution.problem
    return {
        **whole,
        "soil": problem.stack.name,
        "height": problem.height,
        "resonances": [
            {"frequency": item.frequency, "resistance": item.resistance, "series": item.rising}
            for item in resonances(solution)
        ],
        "matched_bands": [list(item) for item in found.matched],
        "reflection_bands": [list(item) for item in found.reflected],
        "best_z0": found.best_z0,
        "best_band": None if found.best_band is None else list(found.best_band),
        "study": _study(place, found),
        "masses": _masses(problem.layout),
    }


def _study(place: Place, found: Headline) -> JsonDict | None:
    """What the design's study judges it by; None where no study is known."""
    if not found.merits:
        return None
    design = place.design
    return {
        "merits": dict(found.merits),
        "band": None if found.band is None else list(found.band),
        "min_efficiency_5_35": found.lowest,
        "surroundings": [] if design is None else list(design.scenarios),
    }


def _behind(
    solution: Solution, number: int, item: JsonDict, port: PortModel, at: Termination
) -> None:
    """Reflection and efficiencies of one port as the load sees them, in place."""
    z = solution.input_impedance(number)
    seen, _ = transform(solution.frequency, z, port.network, at.values)
    accepted = port.accepted(solution.frequency, z, at)
    item["s11"] = [[v.real, v.imag] for v in reflection(seen, at.z0).tolist()]
    item["efficiency"]["mismatch"] = accepted.tolist()
    item["efficiency"]["realised"] = (accepted * np.array(item["efficiency"]["sky"])).tolist()


def _masses(layout: Layout) -> JsonDict:
    """kg and m2; null where a thickness or a density is not known."""
    masses: JsonDict = {"printed_area": printed_area(layout), "film_area": film_area(layout)}
    for name, of in (("metal_mass", metal_mass), ("film_mass", film_mass)):
        try:
            masses[name] = of(layout)
        except InputError:
            masses[name] = None
    return masses


def text(solution: Solution, whole: JsonDict, place: Place, found: Headline) -> str:
    """The same for people."""
    parts = []
    chosen = evenly(solution.frequency.size)
    for number, item in enumerate(whole["ports"], start=1):
        if solution.n_ports > 1:
            parts.append(f"port {number}, the others open")
        parts.append(_sweep(whole, item, chosen))
    if solution.n_ports > 1:
        parts += _coupling(solution, place.z0, chosen)
    port, at = place.end
    parts += _ended(port, at)
    first = _circuit(solution, found, bool(port.network))
    if solution.n_ports > 1:
        first = [f"port 1: {line}" for line in first]
        others = range(2, solution.n_ports + 1)
        first += [f"port {n}: {_places(resonances(solution, port=n))}" for n in others]
    parts += first
    parts += _judged(place, found)
    parts += _weights(solution.problem.layout, whole["masses"])
    quality, origin = solution.quality, solution.provenance
    error = "".join(
        f", {name} <= {np.nanmax(value):.2g}"
        for name, value in quality.errors.items()
        if value is not None
    )
    return "\n".join(
        (
            *parts,
            f"solver {origin.solver}, {origin.unknowns} unknowns, {origin.wall_seconds:.2f} s",
            f"power closure at worst {quality.worst_closure}{error}, "
            f"{'converged' if quality.converged else 'NOT converged'}",
        )
    )


def _sweep(whole: JsonDict, item: JsonDict, chosen: list[int]) -> str:
    rows: list[tuple[str, ...]] = [("f/MHz", "R/ohm", "X/ohm", "|S11|/dB", *_NAMES)]
    for k in chosen:
        z, gamma = item["z"][k], complex(*item["s11"][k])
        rows.append(
            (
                f"{whole['frequency'][k] / 1e6:.2f}",
                tenths(z[0]),
                tenths(z[1]),
                level(float(decibel(np.array([gamma]))[0])),
                *(share(item["efficiency"][name][k]) for name in _NAMES),
            )
        )
    return table(rows)


def _coupling(solution: Solution, z0: float, chosen: list[int]) -> list[str]:
    """|S_mn| in dB with every port at z0, and what the other ports' loads take from port 1."""
    s = solution.network(z0).s
    count = solution.n_ports
    pairs = [(m, n) for n, m in permutations(range(count), 2) if m > n][:_MOST_PAIRS]
    coupled = solution.efficiency(z0, terminated=z0).coupled
    names = [f"|S{m + 1}{n + 1}|/dB" if count < 10 else f"|S{m + 1},{n + 1}|/dB" for m, n in pairs]
    rows: list[tuple[str, ...]] = [("f/MHz", *names, "coupled")]
    for k in chosen:
        values = [level(float(decibel(s[k : k + 1, m, n])[0])) for m, n in pairs]
        rows.append((f"{solution.frequency[k] / 1e6:.2f}", *values, share(float(coupled[k]))))
    left = count * (count - 1) // 2 - len(pairs)
    more = f"; {left} more pairs are in the document of --json" if left else ""
    return [f"all ports ended by {z0:.6g} ohm; coupled: share of port 1 in them{more}", table(rows)]


def _ended(port: PortModel, at: Termination) -> list[str]:
    words = [f"z0 {at.z0:.6g} ohm"]
    if port.load is not None:
        words.append(f"{port.load:g} ohm behind turns {(at.z0 / port.load) ** 0.5:.4g} : 1")
    words += [
        f"{item.kind} {value:.4g} {item.unit}"
        for item, value in zip(port.network, at.values, strict=True)
    ]
    return [", ".join(words) + ("; S11 and mismatch behind the network" if port.network else "")]


def _places(found: tuple[Resonance, ...]) -> str:
    kinds = {True: "series", False: "parallel"}
    places = [
        f"{item.frequency / 1e6:.3f} MHz {kinds[item.rising]} ({item.resistance:.4g} ohm)"
        for item in found
    ]
    return f"resonances in the band: {', '.join(places) or 'none'}"


def _circuit(solution: Solution, found: Headline, network: bool) -> list[str]:
    lines = [_places(resonances(solution))]
    if network:
        lines.append(f"|S11| <= -10 dB: {_spans(found.reflected)}")
        lines.append(f"mismatch efficiency >= 0.9: {_spans(found.matched)}")
    else:
        lines.append(f"|S11| <= -10 dB, mismatch efficiency >= 0.9: {_spans(found.matched)}")
    if found.best_z0 is not None and found.best_band is not None:
        lines.append(
            f"best z0 {found.best_z0:.4g} ohm, 0.9 over {_spans((found.best_band,))}"
            + (" with this network" if network else "")
        )
    elif solution.frequency.size < MIN_POINTS:
        lines.append(f"best z0: not sought in so few points; give --points {MIN_POINTS} or more")
    elif not found.matched:
        lines.append("best z0: none of 25 to 600 ohm reaches a mismatch efficiency of 0.9")
    return lines


def _spans(spans: tuple[Span, ...]) -> str:
    """Bands in MHz with hi/lo."""
    words = [f"{low / 1e6:.3f} to {high / 1e6:.3f} MHz ({high / low:.4f})" for low, high in spans]
    return ", ".join(words) or "none"


def _judged(place: Place, found: Headline) -> list[str]:
    """What the study of the design says of this solution."""
    if not found.merits:
        return []
    design = place.design
    lines = [f"by its study: {name} = {value:.5g}" for name, value in found.merits.items()]
    if found.lowest is not None:
        lines.append(f"lowest mismatch efficiency over 5-35 MHz {found.lowest:.4f}")
    if design is not None and design.scenarios:
        lines.append(
            f"note: the study judged it over {len(design.scenarios)} scenarios at once; this is "
            "one of them"
        )
    return lines


def _weights(layout: Layout, masses: JsonDict) -> list[str]:
    words = []
    for name, sheet, area in (
        ("metal", layout.metal, masses["printed_area"]),
        ("film", layout.film, masses["film_area"]),
    ):
        mass: Any = masses[f"{name}_mass"]
        if sheet is None:
            words.append(
                f"metal: perfect conductor, {area:.4g} m2" if name == "metal" else "no film"
            )
            continue
        heavy = "mass not known" if mass is None else kilograms(mass)
        words.append(f"{name} {sheet.name}: {heavy}, {area:.4g} m2")
    return ["; ".join(words)]
