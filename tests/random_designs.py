"""Random problems of all families, modifiers, soils, metals and films, by seed."""

from __future__ import annotations

from typing import Any

import numpy as np

import lunar_antenna as la
from lunar_antenna.errors import GeometryError

Overrides = dict[str, Any]
FAMILIES = (
    *("strip", "bowtie", "blade", "profile", "bent", "fan", "folded", "end_loaded", "meander"),
)
MODIFIERS = ("none", "none", "coupled", "slots", "bend", "crossed", "asymmetry")
METALS = ("pec", "copper_18um", "aluminium_1um", "aluminium_100nm")
FILMS = ("none", "none", "polyimide_25um", "polyimide_125um")
HIGHEST = 1.0  # m


def random_problem(seed: int, frequency: object) -> tuple[str, la.Problem]:
    """(what it is, problem); draws again until the layout can be built."""
    rng = np.random.default_rng(seed)
    while True:
        family, modifier = str(rng.choice(FAMILIES)), str(rng.choice(MODIFIERS))
        metal, film = str(rng.choice(METALS)), str(rng.choice(FILMS))
        overrides = {**_family(rng, family), **_modifier(rng, modifier)}
        try:
            layout = la.load_geometry(family, metal=metal, film=film, **overrides)
        except GeometryError:
            continue
        name, stack, height = _ground(rng)
        what = f"{seed} {family} {modifier} {metal} {film} {name} height {height:.2f}"
        return what, la.Problem(layout, stack, height, la.Band(frequency))


def close_rims(seed: int, frequency: object) -> tuple[str, la.Problem]:
    """(what it is, problem), as :func:`random_problem`: wide metal whose rims lie close to others.

    Bow-ties, blades and tapers with slots, plates beyond their tips, strips beside them, or the
    gap at their feed alone.
    """
    rng = np.random.default_rng(seed)
    while True:
        family = str(rng.choice(("bowtie", "blade", "taper")))
        modifier = str(rng.choice(("none", "slots", "collinear", "coupled")))
        length, width = rng.uniform(5.0, 9.0), rng.uniform(0.5, 2.5)
        near = _log(rng, 0.02, 0.3)  # m, from rim to rim
        own: Overrides = {"length": length, "gap": _log(rng, 0.03, 0.15)}
        if family == "taper":
            x1, x2 = np.sort(rng.uniform(0.1, 0.45, 2)) * length
            w1, w2, tip = rng.uniform(0.2, 0.5, 3) * width
            own |= {"w0": _log(rng, 0.03, 0.5), "x1": x1, "w1": w1, "x2": x2, "w2": w2, "tip": tip}
        else:
            own["width"] = width
        changes: dict[str, Overrides] = {
            "none": {},
            "slots": {
                "slots.count": int(rng.integers(1, 3)),
                "slots.length": rng.uniform(0.3, 2.0),
                "slots.width": near,
            },
            "collinear": {
                "collinear.gap": near,
                "collinear.span": length + 2.0 * (near + rng.uniform(0.5, 2.0)),
                "collinear.width": width * rng.uniform(0.5, 1.0),
            },
            "coupled": {
                "coupled.count": 1,
                "coupled.length": rng.uniform(2.0, 6.0),
                "coupled.width": _log(rng, 0.03, 0.3),
                "coupled.spacing": near,
            },
        }
        metal, film = str(rng.choice(METALS)), str(rng.choice(FILMS))
        try:
            layout = la.load_geometry(family, metal=metal, film=film, **own, **changes[modifier])
        except GeometryError:
            continue
        name, stack, height = _ground(rng)
        what = f"{seed} {family} {modifier} {near:.2f} m {metal} {film} {name} height {height:.2f}"
        return what, la.Problem(layout, stack, height, la.Band(frequency))


def _log(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _family(rng: np.random.Generator, family: str) -> Overrides:
    length = rng.uniform(5.0, 14.0)
    own: Overrides = {"length": length, "gap": _log(rng, 0.03, 0.15)}
    narrow = {"width": _log(rng, 0.01, 0.4)}
    wide = {"width": rng.uniform(0.5, 4.0)}
    halves = {f"w{k}": rng.uniform(0.1, 1.5) for k in (1, 2, 3)}
    more: dict[str, Overrides] = {
        "strip": narrow,
        "bowtie": wide,
        "blade": wide,
        "profile": {"w0": _log(rng, 0.03, 0.4), **halves},
        "bent": {**narrow, "angle": rng.uniform(-1.2, 1.2)},
        "fan": {
            "width": _log(rng, 0.01, 0.15),
            "count": int(rng.integers(2, 5)),
            "spread": rng.uniform(1.0, 5.0),
        },
        "folded": {
            **narrow,
            "spacing": rng.uniform(0.3, 1.2),
            "upper_width": _log(rng, 0.02, 0.3),
        },
        "end_loaded": {
            **narrow,
            "bar_length": rng.uniform(0.8, 4.0),
            "bar_width": _log(rng, 0.02, 0.5),
        },
        "meander": {
            "width": _log(rng, 0.01, 0.15),
            "turns": int(rng.integers(1, 3)),
            "amplitude": rng.uniform(0.25, 0.8),
        },
    }
    return {**own, **more[family]}


def _modifier(rng: np.random.Generator, modifier: str) -> Overrides:
    choices: dict[str, Overrides] = {
        "none": {},
        "coupled": {
            "coupled.count": int(rng.integers(1, 3)),
            "coupled.length": rng.uniform(2.0, 6.0),
            "coupled.width": _log(rng, 0.03, 0.3),
            "coupled.spacing": _log(rng, 0.05, 0.5),
        },
        "slots": {
            "slots.count": int(rng.integers(1, 3)),
            "slots.length": rng.uniform(0.3, 1.0),
            "slots.width": _log(rng, 0.03, 0.2),
        },
        "bend": {"bend.angle": rng.uniform(-0.9, 0.9), "bend.start": 1.0},
        "crossed": {"gap": 0.4, "port_width": 0.08, "crossed.hub": 0.2},
        "asymmetry": {"asymmetry": rng.uniform(1.1, 1.6)},
    }
    return choices[modifier]


def _ground(rng: np.random.Generator) -> tuple[str, la.Stack, float]:
    height = float(rng.choice([0.0, 0.0, _log(rng, 0.02, HIGHEST)]))
    kind = str(rng.choice(["half-space", "half-space", "layers", "free space"]))
    eps, tan_delta = rng.uniform(2.0, 7.0), _log(rng, 1e-3, 0.1)
    if kind == "free space":
        return kind, la.Stack.free_space(), 0.0
    if kind == "half-space":
        return (
            f"eps {eps:.2f} tan {tan_delta:.1g}",
            la.Stack.half_space(eps, loss_tangent=tan_delta),
            height,
        )
    return kind, la.load_soil("sourcebook_highland"), height
