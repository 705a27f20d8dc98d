"""Tables and figures of docs/sky.md: noise, antenna temperature and chromaticity of two designs.

Run: ``python docs/figures/sky.py`` (two minutes).
"""

from __future__ import annotations

import common
import numpy as np

import lunar_antenna as la
from lunar_antenna.plotting.chromaticity import (
    plot_antenna_temperature,
    plot_beam_slope,
    plot_chromaticity,
)
from lunar_antenna.plotting.sky import plot_noise
from lunar_antenna.sky.beam import Beam
from lunar_antenna.sky.galaxy import GALAXIES

SOIL = "simple_eps35"
BAND = la.Band.mhz(5, 35, points=121)
BANDS = ((12e6, 19e6), (10e6, 25e6), (5e6, 35e6))
TERMS = (3, 5, 7)
MATERIALS = {"metal": "copper_18um", "film": "polyimide_50um"}
GRID = (60, 180)  # rows and columns of all beams, so that normal and fine share them
DESIGNS = {
    "membrane_band_10x2": {},
    "membrane_band_10x4": {},
    "strip": {"length": 10.0, "width": 0.2, **MATERIALS},
    "bowtie": {"length": 6.36, "width": 2.87, **MATERIALS},
}


def solutions(name: str) -> tuple[la.Solution, la.Solution]:
    """Normal and fine."""
    problem = la.Problem(la.load_geometry(name, **DESIGNS[name]), la.load_soil(SOIL), band=BAND)
    normal, fine = (la.solve(problem, "planar", accuracy=word) for word in ("normal", "fine"))
    for item in (normal, fine):
        assert item.quality.converged, name
    return normal, fine


def chromaticity_table(found: dict[str, tuple[la.Solution, la.Solution]]) -> None:
    names = " | ".join(f"`{name}` | its mesh error" for name in found)
    print(f"\n| band, MHz | sky | N | {names} |")
    print("|" + "---|" * (3 + 2 * len(found)))
    for low, high in BANDS:
        at = np.flatnonzero((BAND.frequency > low - 1.0) & (BAND.frequency < high + 1.0))
        beams = {
            name: [Beam.of(item, at=at, least=GRID) for item in pair]
            for name, pair in found.items()
        }
        for sky in GALAXIES:
            for terms in TERMS:
                cells = [f"{low / 1e6:g}-{high / 1e6:g}", f"`{sky}`", str(terms)]
                for normal, fine in beams.values():
                    result = la.chromaticity(fine, sky, terms)
                    times = result.rms_by_time_mk
                    error = la.beam_error(normal, fine, sky, terms)
                    cells.append(f"{result.rms_mk:.3g} ({times.min():.2g}-{times.max():.2g})")
                    cells.append(f"{error.rms_mk:.2g}")
                print("| " + " | ".join(cells) + " |")


def noise_table(found: dict[str, tuple[la.Solution, la.Solution]]) -> None:
    print("\n| design | sky | sky-limited, MHz | sky share at 12 MHz | T_sys/T_sky at 30 MHz |")
    print("|" + "---|" * 5)
    for name, (_, fine) in found.items():
        for sky in ("novaco_brown", "cane", "cane_slab"):
            budget = la.noise_budget(fine, "lusee_like", sky)
            bands = ", ".join(f"{a / 1e6:.1f}-{b / 1e6:.1f}" for a, b in budget.sky_limited())
            at_12, at_30 = (int(np.argmin(np.abs(BAND.frequency - f))) for f in (12e6, 30e6))
            times = (budget.system_temperature / budget.sky_temperature)[at_30]
            share = budget.sky_share[at_12]
            print(f"| `{name}` | `{sky}` | {bands} | {share:.3f} | {times:.2f} |")


def main() -> None:
    found = {name: solutions(name) for name in DESIGNS}
    noise_table(found)
    chromaticity_table(found)
    for name, (normal, fine) in found.items():
        error = la.beam_error(
            Beam.of(normal, least=GRID), Beam.of(fine, least=GRID), "cane_slab", 5
        )
        print(f"\n{name}: normal against fine, peak {error.peak_db.max():.1f} dB at most,", end=" ")
        print(f"median {np.median(error.peak_db):.1f} dB")
    best = found["membrane_band_10x2"][1]
    common.save(plot_noise(la.noise_budget(best, "lusee_like")), "sky_noise.png")
    beam = Beam.of(best)
    common.save(plot_beam_slope(beam), "sky_beam_slope.png")
    common.save(plot_antenna_temperature(la.antenna_temperature(beam)), "sky_local_time.png")
    at = np.flatnonzero((BAND.frequency > 12e6 - 1.0) & (BAND.frequency < 19e6 + 1.0))
    results = {
        f"{name}, N = {terms}": la.chromaticity(Beam.of(found[name][1], at=at), terms=terms)
        for name in ("membrane_band_10x2", "strip")
        for terms in (5, 7)
    }
    figure = plot_chromaticity(list(results.values()), list(results))
    common.save(figure, "sky_chromaticity.png")


if __name__ == "__main__":
    main()
