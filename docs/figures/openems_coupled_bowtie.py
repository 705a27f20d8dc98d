"""The planar solver and openEMS on a bow-tie with coupled strips: two methods, one answer.

Copper on polyimide film on the 25 layers of sourcebook_highland.  Run:
``python docs/figures/openems_coupled_bowtie.py``; it needs the program openEMS and some minutes.
"""

from __future__ import annotations

import common
import numpy as np

import lunar_antenna as la
from lunar_antenna.plotting.style import BLUE, GREEN, GREY, VERMILION, new_figure, styled

CUTS = (8e6, 25e6)
THETA = np.deg2rad(np.arange(0.0, 90.0, 3.0))
PLANES = (("E plane", 0.0, BLUE), ("H plane", 0.5 * np.pi, VERMILION))


def share(solution):
    return solution.r_sky[:, 0, 0].real / solution.z[:, 0, 0].real


def cut(solution, frequency, phi):
    return solution.far_field(frequency, THETA, np.array([phi])).gain_db[:, 0]


@styled
def draw(planar, openems, coarser):
    figure = new_figure(height=7.4)
    panels = figure.subplots(3, 2)
    mhz = planar.frequency / 1e6
    for solution, style, colour, name in (
        (planar, "-", BLUE, "planar, fine"),
        (openems, "--", VERMILION, "openEMS, normal"),
    ):
        level = 20.0 * np.log10(np.abs(solution.s11(100.0)))
        panels[0, 0].plot(mhz, level, style, color=colour, label=name)
        panels[1, 0].plot(mhz, 100.0 * share(solution), style, color=colour, label=name)
        z, short = solution.z[:, 0, 0], name.split(",")[0]
        panels[1, 1].plot(mhz, z.real, style, color=GREEN, label=f"R, {short}")
        panels[1, 1].plot(mhz, z.imag, style, color=GREY, label=f"X, {short}")
    for solution, colour, name in (
        (openems, VERMILION, "openEMS, normal"),
        (coarser, GREY, "planar, normal"),
    ):
        difference = np.abs(planar.s11(100.0) - solution.s11(100.0))
        panels[0, 1].plot(mhz, difference, color=colour, label=name)
    panels[0, 0].set_ylabel("|S11| (dB, 100 Ω)")
    panels[0, 1].set_ylabel("|ΔΓ| from planar, fine")
    panels[1, 0].set_ylabel("Power to the sky (% of accepted)")
    panels[1, 1].set_ylabel("Impedance (Ω)")
    for axes, room in zip(panels[:2].flat, (0.0, 0.35, 0.4, 0.5), strict=True):
        low, high = axes.get_ylim()
        low = 0.0 if axes in (panels[0, 1], panels[1, 0]) else low
        axes.set(ylim=(low, high + room * (high - low)), xlim=(5, 35), xlabel="Frequency (MHz)")
        axes.legend(loc="lower right" if room == 0.0 else "upper right", ncols=1 + (room == 0.5))
    for axes, frequency in zip(panels[2], CUTS, strict=True):
        for name, phi, colour in PLANES:
            degrees = np.rad2deg(THETA)
            axes.plot(degrees, cut(planar, frequency, phi), color=colour, label=f"{name}, planar")
            axes.plot(
                degrees, cut(openems, frequency, phi), "o", ms=3, mfc="none", color=colour,
                label=f"{name}, openEMS",
            )  # fmt: skip
        axes.set(xlabel="Angle from the zenith (degrees)", ylabel="Gain (dBi)", xlim=(0, 90))
        axes.set_title(f"{frequency / 1e6:g} MHz")
    panels[2, 0].legend(loc="lower left")
    return figure


def main() -> None:
    layout, stack = la.load_geometry("coupled_bowtie"), la.load_soil("sourcebook_highland")
    problem = la.Problem(layout, stack, 0.0, la.Band.mhz(5, 35, 31))
    planar = {word: la.solve(problem, "planar", accuracy=word) for word in ("normal", "fine")}
    truth = planar["fine"]
    moved = np.abs(truth.s11(100.0) - planar["normal"].s11(100.0))
    print(f"planar normal to fine: |dGamma| mean {moved.mean():.4f}, max {moved.max():.4f}")
    openems = la.solve(problem, "openems")
    difference = np.abs(truth.s11(100.0) - openems.s11(100.0))
    error = np.abs(openems.z - truth.z)[:, 0, 0] / np.abs(truth.z[:, 0, 0])
    print(
        f"openEMS normal: {openems.provenance.unknowns} cells, |dGamma| mean "
        f"{difference.mean():.4f}, max {difference.max():.4f}; |dZ|/|Z| median "
        f"{np.median(error):.3f}, z_error/error median "
        f"{np.median(openems.quality.z_error / error):.1f}; R_sky/Re Z off by up to "
        f"{np.abs(share(openems) - share(truth)).max():.4f}"
    )
    for frequency in (8e6, 15e6, 20e6, 25e6, 35e6):
        for name, phi, _ in PLANES:
            wanted, found = cut(truth, frequency, phi), cut(openems, frequency, phi)
            worst = np.abs(found - wanted)[wanted > -15.0].max(initial=0.0)
            print(f"  {frequency / 1e6:g} MHz {name}: {worst:.3f} dB above -15 dBi")
    common.save(draw(truth, openems, planar["normal"]), "openems_coupled_bowtie.png")


if __name__ == "__main__":
    main()
