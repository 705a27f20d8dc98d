"""The problems that all solvers are held against each other on.

fixed(): families, modifiers, metals and films over soils and at heights, in free space for NEC, and
narrow strips, flat and out of the plane, for thin wires.  drawn(): others from a seed.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import lunar_antenna as la

FREQUENCY = (6e6, 9e6, 12e6, 15e6, 18e6, 22e6, 26e6, 30e6, 35e6)  # Hz
SOILS = (
    ("eps 2", la.Stack.half_space(2.0, loss_tangent=0.003)),
    ("eps 3.5", la.Stack.half_space(3.5, loss_tangent=0.01)),
    ("eps 6", la.Stack.half_space(6.0, loss_tangent=0.05)),
)
NARROW: tuple[tuple[str, dict[str, Any]], ...] = (
    ("strip", {"length": 10.0, "width": 0.1}),
    ("strip", {"length": 6.0, "width": 0.03}),
    ("bent", {"width": 0.1}),
    ("folded", {"width": 0.05, "upper_width": 0.05, "spacing": 0.5}),
    ("meander", {"width": 0.05}),
    (
        "end_loaded",
        {"length": 6.0, "width": 0.05, "bar_length": 1.6, "bar_width": 0.05, "gap": 0.05},
    ),
)
WIDE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("bowtie", {"length": 10.0, "width": 2.0}),
    ("blade", {}),
    ("profile", {}),
    ("fan", {}),
    ("taper", {}),
)
MODIFIED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("strip", {"width": 0.1, "coupled.count": 1, "coupled.spacing": 0.5, "coupled.width": 0.1}),
    ("strip", {"width": 0.1, "asymmetry": 1.3}),
    ("bowtie", {"bend.angle": 0.5, "bend.start": 1.0}),
    ("bowtie", {"slots.count": 1}),
    ("strip", {"length": 6.0, "width": 0.1, "collinear.gap": 0.1, "collinear.span": 10.0}),
)
# Every family with strips as narrow and as even as a thin wire asks, no two alike: three methods on
# one problem.
THIN: tuple[tuple[str, dict[str, Any]], ...] = (
    *NARROW[:1],
    *NARROW[2:],
    ("bowtie", {"width": 0.12, "port_width": 0.08}),
    ("blade", {"width": 0.12, "taper": 0.75, "port_width": 0.08}),
    ("profile", {"w0": 0.04, "w1": 0.06, "w2": 0.045, "w3": 0.055}),
    ("taper", {"length": 8.0, "w0": 0.06, "w1": 0.05, "w2": 0.04, "tip": 0.045}),
    ("fan", {"width": 0.05, "count": 2, "spread": 5.0}),
    ("strip", {"width": 0.1, "crossed.hub": 0.2, "gap": 0.4, "port_width": 0.08}),
    MODIFIED[0],
)
RELIEFS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("strip", {"length": 8.0, "width": 0.05, "tilt_angle": 0.05}),
    ("strip", {"length": 8.0, "width": 0.05, "sag.depth": 0.2}),
)
SHEETS = (("pec", "none"), ("copper_18um", "polyimide_50um"), ("aluminium_100nm", "none"))


@dataclass(frozen=True)
class Case:
    """name: also that of its file.  group: family, for tables.  slow: openEMS may be asked too."""

    name: str
    group: str
    problem: la.Problem
    slow: bool = False


def _case(
    label: str,
    family: str,
    changes: dict[str, Any],
    soil: str,
    stack: la.Stack,
    height: float,
    sheet: tuple[str, str],
    slow: bool = False,
) -> Case:
    layout = la.load_geometry(family, metal=sheet[0], film=sheet[1], **changes)
    name = f"{label} {family} {sheet[0]} {sheet[1]} {soil} h{height:g}".replace(" ", "_")
    return Case(name, family, la.Problem(layout, stack, height, la.Band(FREQUENCY)), slow)


def fixed() -> list[Case]:
    """At least 100, in an order in which the first dozen are of every kind."""
    cases: list[Case] = []
    free = la.Stack.free_space()
    shapes = (*NARROW, *WIDE, *MODIFIED)
    for number, (family, changes) in enumerate(shapes):
        sheet = SHEETS[number % len(SHEETS)]
        cases.append(_case(f"f{number:02d}", family, changes, "free", free, 0.0, sheet))
    for number, ((family, changes), (soil, stack)) in enumerate(itertools.product(shapes, SOILS)):
        sheet = SHEETS[(number + number // len(SOILS)) % len(SHEETS)]
        for height in (0.1, 0.5) if number % 2 else (0.0, 0.3):
            slow = soil == "eps 3.5" and height in (0.1, 0.3) and (family, changes) in WIDE
            cases.append(_case(f"s{number:02d}", family, changes, soil, stack, height, sheet, slow))
    soil, stack = SOILS[1]
    for number, (family, changes) in enumerate(THIN):
        case = _case(f"t{number:02d}", family, changes, soil, stack, 0.3, SHEETS[0], True)
        what = next((f", {key[:-4]}" for key in changes if key.endswith((".hub", ".count"))), "")
        cases.append(replace(case, group=f"{family}{what}, thin"))
    for number, ((family, changes), (soil, stack)) in enumerate(itertools.product(RELIEFS, SOILS)):
        cases.append(
            _case(f"r{number:02d}", family, changes, soil, stack, 0.6, SHEETS[0], number < 2)
        )
    highland = la.load_soil("sourcebook_highland")
    for number, (family, changes) in enumerate(shapes[::2]):
        cases.append(
            _case(
                f"l{number:02d}", family, changes, "highland", highland, 0.1, SHEETS[0], number == 0
            )
        )
    stride = 17  # coprime with the number of cases: every kind early
    while len(cases) % stride == 0:
        stride += 2
    return [cases[(k * stride) % len(cases)] for k in range(len(cases))]


def drawn(seed: int, count: int = 30) -> list[Case]:
    """``count`` others, the same for the same ``seed``."""
    from tests.random_designs import random_problem

    found = []
    for number in range(count):
        what, problem = random_problem(1000 * seed + number, FREQUENCY)
        found.append(Case(f"d{what.replace(' ', '_')}", what.split(" ")[1], problem))
    return found
