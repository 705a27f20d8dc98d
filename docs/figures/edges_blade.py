"""EDGES low-band blade over a metal plane: measured and simulated |S11|, one fitted unknown.

The one fitted number is the width of the port, the tab that bridges the slot between the panels.
Everything else is as the literature gives it.  Run: ``python docs/figures/edges_blade.py``.

The measurement (calibrated S11 of day 342 of 2015, MIT licence, repository
edges-collab/alans-pipeline) is read from the reference folder and is not part of this repository.
"""

from __future__ import annotations

import common
import numpy as np
from scipy.optimize import minimize_scalar

import lunar_antenna as la
from lunar_antenna.conventions import SPEED_OF_LIGHT
from lunar_antenna.plotting.style import BLACK, BLUE, GREY, VERMILION, new_figure, styled

HEIGHT, Z0 = 1.04, 50.0  # m over the metal plane (literature); ohm, the file's reference
LOW, HIGH = 50e6, 100e6
PANEL, GAP = 0.964, 0.045  # m, length of one panel along the excitation, and the slot


def decibel(gamma):
    return 20.0 * np.log10(np.abs(gamma))


def measured():
    """(frequency, S11) in the band."""
    data = la.load_measurement(common.reference("measured/EDGES_low_blade_2015_342.s1p"))
    band = (data.frequency >= LOW) & (data.frequency <= HIGH)
    return data.frequency[band], data.s[band, 0, 0]


def simulate(frequency, port_width, *, height=HEIGHT, accuracy="normal", **changes):
    layout = la.load_geometry("edges_low_blade", port_width=port_width, **changes)
    stack = la.Stack([la.Layer.conductor()])
    return la.solve(
        la.Problem(layout, stack, height, la.Band(frequency)), "planar", accuracy=accuracy
    )


def misfit(solution, s11):
    """Mean of | |S11| simulated - measured | in dB over the band."""
    return float(np.abs(decibel(solution.s11(Z0)) - decibel(s11)).mean())


def fit(s11, z_of):
    """Width (m) with the smallest misfit of ``z_of(width)``, a Solution."""
    result = minimize_scalar(
        lambda width: misfit(z_of(width), s11),
        bounds=(0.02, 0.3),
        method="bounded",
        options={"xatol": 5e-4},
    )
    return float(result.x), float(result.fun)


def with_lumped(z, frequency, inductance, capacitance):
    """S11 behind a series inductance (H) at the antenna and a shunt capacitance (F) after it."""
    omega = 2.0 * np.pi * frequency
    y = 1.0 / (z + 1j * omega * inductance) + 1j * omega * capacitance
    return (1.0 / y - Z0) / (1.0 / y + Z0)


def with_stub(z, frequency, impedance, inductance):
    """S11 with the two tubes of the balun as a line of HEIGHT, shorted by the plane, in parallel.

    impedance: of that line, ohm.  inductance: H, in series after it.
    """
    stub = 1j * impedance * np.tan(2.0 * np.pi * frequency * HEIGHT / SPEED_OF_LIGHT)
    total = 1.0 / (1.0 / z + 1.0 / stub) + 2j * np.pi * frequency * inductance
    return (total - Z0) / (total + Z0)


def sensitivities(frequency, s11, width):
    """Change of the misfit when one unverified number moves and the width is fitted again."""
    rows = (
        ("height 1.02 m", {"height": 1.02}),
        ("height 1.06 m", {"height": 1.06}),
        ("panels 1 % shorter", {"length": 2 * 0.99 * PANEL + GAP}),
        ("panels 1 % longer", {"length": 2 * 1.01 * PANEL + GAP}),
        ("gap 0.035 m", {"length": 2 * PANEL + 0.035, "gap": 0.035}),
        ("gap 0.055 m", {"length": 2 * PANEL + 0.055, "gap": 0.055}),
        ("panels 1.24 m wide", {"width": 1.24}),
    )
    for label, changes in rows:
        same = misfit(simulate(frequency, width, **changes), s11)
        best, left = fit(s11, lambda w, c=changes: simulate(frequency, w, **c))
        print(f"  {label:20s} same width {same:.2f} dB; refitted {best:.3f} m, {left:.2f} dB")


def balun(frequency, s11, z, label):
    """Two circuit elements fitted on top of a solved impedance, and what is left."""
    from scipy.optimize import minimize

    for name, circuit, starts in (
        (
            "series {0:.1f} nH, shunt {1:.2f} pF",
            lambda x: with_lumped(z, frequency, x[0] * 1e-9, x[1] * 1e-12),
            ((0.0, 0.5), (20.0, 2.0), (-20.0, 2.0), (20.0, -2.0)),
        ),
        (
            "shorted line of {0:.0f} ohm in parallel, {1:.1f} nH in series",
            lambda x: with_stub(z, frequency, abs(x[0]), x[1] * 1e-9),
            ((200.0, 1.0), (500.0, 10.0), (1000.0, -10.0)),
        ),
    ):

        def left(x, circuit=circuit):
            return np.abs(decibel(circuit(x)) - decibel(s11))

        result = min(
            (minimize(lambda x: left(x).mean(), start, method="Nelder-Mead") for start in starts),
            key=lambda r: r.fun,
        )
        text = name.format(*result.x)
        print(f"  {label} + {text}: {result.fun:.2f} dB, largest {left(result.x).max():.2f} dB")


@styled
def draw(frequency, s11, solution, width, least, scan):
    figure = new_figure(height=3.2)
    left, right = figure.subplots(1, 2, width_ratios=(1.35, 1.0))
    mhz = frequency / 1e6
    left.plot(mhz, decibel(s11), color=BLACK, label="measured")
    left.plot(mhz, decibel(solution.s11(Z0)), color=BLUE, label=f"simulated, tab {width:.3f} m")
    wide = simulate(frequency[::4], 1.252)
    style = {"color": GREY, "ls": "--", "lw": 1.0}
    left.plot(mhz[::4], decibel(wide.s11(Z0)), label="fed across the full width", **style)
    left.set(xlabel="Frequency (MHz)", ylabel="|S11| (dB, 50 Ω)", xlim=(50, 100))
    left.set_ylim(-17, 0)
    left.legend(loc="upper center")
    left.set_title("EDGES low-band blade, 1.04 m over metal")
    right.plot(*scan, "o-", ms=3, color=BLUE)
    right.plot([width], [least], "o", ms=7, mfc="none", color=VERMILION)
    right.annotate(
        f"{width * 1e3:.0f} mm, {least:.2f} dB", (width, least), (0.06, 0.35), color=VERMILION
    )
    right.set(xlabel="Width of the port tab (m)", ylabel="Mean | |S11| difference | (dB)")
    right.set_ylim(0)
    right.set_title("The one fitted unknown")
    return figure, misfit(wide, s11[::4])


def main() -> None:
    frequency, s11 = measured()
    width, least = fit(s11, lambda w: simulate(frequency, w))
    solution = simulate(frequency, width)
    difference = decibel(solution.s11(Z0)) - decibel(s11)
    largest = np.abs(difference).max()
    print(f"fitted tab {width:.4f} m, mean {least:.2f} dB, largest {largest:.2f} dB")
    print(f"z_error {solution.quality.z_error.max():.3f} at worst")
    fine = simulate(frequency, width, accuracy="fine")
    print(f"the same tab, accuracy fine: {misfit(fine, s11):.2f} dB")
    for low, high in ((50, 60), (60, 70), (70, 80), (80, 90), (90, 100)):
        part = (frequency >= low * 1e6) & (frequency <= high * 1e6)
        print(f"  {low}-{high} MHz: simulated minus measured {difference[part].mean():+.2f} dB")
    widths = np.array([0.02, 0.03, 0.045, 0.06, 0.075, 0.09, 0.105, 0.13, 0.16, 0.2, 0.25, 0.3])
    scan = (widths, [misfit(simulate(frequency, w), s11) for w in widths])
    print("  " + ", ".join(f"{w:g} m {m:.2f}" for w, m in zip(*scan, strict=True)))
    for tab in (width, 0.02, 0.03, 0.045):
        z = simulate(frequency, tab).z[:, 0, 0]
        balun(frequency, s11, z, f"tab {tab:.3f} m")
    sensitivities(frequency, s11, width)
    figure, wide = draw(frequency, s11, solution, width, least, scan)
    print(f"fed across the full width: {wide:.2f} dB")
    common.save(figure, "edges_blade.png")


if __name__ == "__main__":
    main()
