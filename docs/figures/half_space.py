"""140 horizontal dipoles over a lossy half-space: how far the planar solver is from NEC-2.

Left: the error of Z divided by the tolerance it is held to.  Right: the fraction of the power
radiated upwards, planar solver minus reference.  Run: ``python docs/figures/half_space.py``.

The reference (NEC-2 with Sommerfeld's ground, extrapolated in segment length, with a stated
uncertainty per case) stands in tests/oracles/data.
"""

from __future__ import annotations

import json
from collections import defaultdict

import common
import numpy as np

import lunar_antenna as la
from lunar_antenna.plotting.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    VERMILION,
    new_figure,
    styled,
)

PORT = 200.0  # ohm, reference of the reflection where |Z| is above 1 kohm


def reflection(z: complex) -> complex:
    return (z - PORT) / (z + PORT)


def ratio(z: complex, case: dict) -> float:
    """Error over tolerance: max(u_abs, 2 % of |Z|), or 0.02 in reflection above 1 kohm."""
    want = complex(*case["Z"])
    value = abs(z - want) / max(case["u_abs"], 0.02 * abs(want))
    if abs(want) > 1000.0:
        value = min(value, abs(reflection(z) - reflection(want)) / 0.02)
    return value


def off(z: complex, up: float, datum: dict) -> tuple[float, ...]:
    """|dZ|/|Z|, |dR|/R, the datum's own uncertainty and the upward fraction's error: momwire."""
    want = complex(*datum["Z"])
    apart = abs(z - want) / abs(want), abs(z.real / want.real - 1.0)
    return *apart, datum["u_abs"] / abs(want), abs(up - datum["fraction_radiated_up"])


def solve_all() -> list[tuple[dict, float, float]]:
    """(case, error over tolerance, error of the upward fraction) for every case."""
    path = common.ROOT / "tests/oracles/data/horizontal_dipole_half_space.json"
    groups = defaultdict(list)
    for case in json.loads(path.read_text())["cases"]:
        groups[tuple(case[k] for k in ("h", "eps_r", "tan_delta", "L", "a"))].append(case)
    rows = []
    for (height, eps_r, tangent, length, radius), group in groups.items():
        group.sort(key=lambda case: case["f_MHz"])
        layout = la.load_geometry("strip", length=length, width=4 * radius, gap=length / 100)
        stack = la.Stack.half_space(eps_r, loss_tangent=tangent)
        band = la.Band([case["f_MHz"] * 1e6 for case in group])
        solution = la.solve(la.Problem(layout, stack, height, band), solver="planar")
        share = solution.efficiency().sky
        for index, case in enumerate(group):
            z = complex(solution.z[index, 0, 0])
            rows.append((case, ratio(z, case), share[index] - case["fraction_radiated_up"]))
            case["off"] = off(z, share[index], case["momwire"])
            case["z_error"] = solution.quality.z_error[index]
    return rows


@styled
def draw(rows: list[tuple[dict, float, float]]):
    figure = new_figure(height=2.9)
    left, right = figure.subplots(1, 2)
    heights = sorted({case["h"] for case, _, _ in rows})
    frequencies = sorted({case["f_MHz"] for case, _, _ in rows})
    colours = (BLUE, VERMILION, GREEN, PURPLE, ORANGE)
    ratios = np.array([r for _, r, _ in rows])
    left.hist(
        [[r for case, r, _ in rows if case["f_MHz"] == f] for f in frequencies],
        bins=np.arange(0.0, 0.401, 0.02),
        stacked=True,
        color=colours[: len(frequencies)],
        label=[f"{f:g} MHz" for f in frequencies],
    )
    worst = ratios.max()
    left.axvline(worst, color=BLACK, lw=1.0, ls="--", label=f"worst, {worst:.2f}")
    left.set(xlabel="|error of Z| / tolerance (1 is allowed)", ylabel="Number of cases")
    left.set_xlim(0, 0.7)  # room for the legend right of all that is drawn
    left.legend(loc="upper right")
    left.set_title(f"{len(rows)} dipoles over a half-space")
    for number, (height, colour) in enumerate(zip(heights, colours, strict=True)):
        own = [(case["f_MHz"], up) for case, _, up in rows if case["h"] == height]
        frequency, up = np.array(own).T
        aside = 0.5 * (number - 0.5 * (len(heights) - 1))  # MHz, so that no height hides another
        right.plot(frequency + aside, up, ".", ms=4, color=colour, label=f"{height:g} m high")
    for limit in (-0.01, 0.01):
        right.axhline(limit, color=GREY, lw=0.8, ls="--")
    right.set(xlabel="Frequency (MHz)", ylabel="Fraction upwards, minus reference")
    right.set_ylim(-0.022, 0.012)  # room for the legend below the limit
    right.set_xticks(frequencies)
    right.legend(loc="lower left", ncols=2)
    right.set_title("Power radiated upwards (limit dashed)")
    return figure


def main() -> None:
    rows = solve_all()
    ratios = np.array([r for _, r, _ in rows])
    up = np.array([u for _, _, u in rows])
    print(f"{len(rows)} cases, within tolerance {np.count_nonzero(ratios <= 1)}")
    for share in (0.5, 0.9, 1.0):
        print(f"  quantile {share:g} of error/tolerance: {np.quantile(ratios, share):.3f}")
    print(f"  largest error of the upward fraction {np.abs(up).max():.4f}")
    for name, values in zip(
        ("|dZ|/|Z|", "|dR|/R", "its uncertainty", "upward fraction", "our z_error"),
        np.array([(*case["off"], case["z_error"]) for case, _, _ in rows]).T, strict=True,
    ):  # fmt: skip
        print(f"  momwire, {name}: median {np.median(values):.5f}, largest {values.max():.5f}")
    case = rows[int(ratios.argmax())][0]
    print("  worst:", {k: case[k] for k in ("h", "eps_r", "tan_delta", "f_MHz", "Z", "u_abs")})
    common.save(draw(rows), "planar_half_space.png")


if __name__ == "__main__":
    main()
