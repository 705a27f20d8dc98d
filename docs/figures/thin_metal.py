"""Loss of thin metal, and what a thin film changes, against width and thickness.

A strip of 10 m with a gap of 0.1 m over eps_r 3.5, tan delta 0.01.  Above, at height 0 and 5 MHz:
the loss of aluminium over that on a much finer mesh; 100 nm thick against its width, and 0.05 m
wide against its thickness.  Below, at 0.3 m and 14 MHz: by how much a film of eps_r 3.4 shifts X,
in ohm for 127 um against the width, and 0.05 m wide against its thickness, over the same on the
finer mesh.  Draft, normal and fine lie on top of each other where the laws of rims hold.
Run: ``python docs/figures/thin_metal.py`` (some minutes).
"""

from __future__ import annotations

import common
import numpy as np

import lunar_antenna as la
from lunar_antenna.media.sheets import Film, Metal
from lunar_antenna.plotting.style import BLUE, GREEN, GREY, VERMILION, new_figure, styled
from lunar_antenna.solvers.planar.accuracy import mesh_size, span
from lunar_antenna.solvers.planar.kernels import kernels_for
from lunar_antenna.solvers.planar.mesh import triangulate
from lunar_antenna.solvers.planar.sweep import run_sweep

WORDS = {"draft": GREEN, "normal": BLUE, "fine": VERMILION}
FINER = 0.5  # of the spacings of "fine": the reference
SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)
BAND = np.linspace(5e6, 35e6, 61)  # which the mesh follows
WIDTHS = (0.005, 0.01, 0.03, 0.1, 0.3, 1.0, 2.0)  # m
METALS = (30e-9, 100e-9, 300e-9, 1e-6, 5e-6, 18e-6, 100e-6)  # m
FILMS = (7e-6, 25e-6, 127e-6, 0.5e-3, 1e-3)  # m
ALUMINIUM = 3.5e7  # S/m


def solved(width, height, frequency, metal, film):
    """{word: (Z, R_metal)} at one frequency; "right" on the finer mesh."""
    layout = la.load_geometry("strip", length=10.0, width=width, gap=0.1, metal=metal, film=film)
    whole = la.Problem(layout, SOIL, height, la.Band(BAND))
    one = la.Problem(layout, SOIL, height, la.Band([frequency]))
    kernels = kernels_for(one, one.frequency, span(one))
    sizes = {word: mesh_size(whole, word) for word in WORDS}
    sizes["right"] = sizes["fine"].coarser(FINER)
    found = {}
    for word, size in sizes.items():
        sweep = run_sweep(one, kernels, triangulate(layout, size), currents=False)
        found[word] = (sweep.z[0, 0, 0], sweep.r_metal[0, 0, 0].real)
    return found


def loss(width, thickness):
    """{word: R_metal, ohm}."""
    metal = Metal(ALUMINIUM, thickness)
    return {k: v[1] for k, v in solved(width, 0.0, 5e6, metal, "none").items()}


def shift(width, thickness):
    """{word: change of X, ohm}."""
    film = Film(thickness, 3.4, 0.002)
    bare = solved(width, 0.3, 14e6, "pec", "none")
    covered = solved(width, 0.3, 14e6, "pec", film)
    return {k: (covered[k][0] - bare[k][0]).imag for k in bare}


@styled
def draw(panels):
    figure = new_figure(height=5.0)
    for number, (title, label, places, found) in enumerate(panels):
        axes = figure.add_subplot(2, 2, number + 1)
        scale = 1.0 if number == 2 else np.array([item["right"] for item in found])
        for mark, (word, colour) in zip("so^", WORDS.items(), strict=True):
            values = np.array([item[word] for item in found]) / scale
            axes.semilogx(places, values, mark + "-", ms=3, color=colour, label=word)
        axes.set_xlabel(label)
        axes.set_title(title)
        if number == 2:  # passes through zero
            axes.set_yscale("symlog", linthresh=0.1)
            continue
        axes.axhline(1.0, lw=0.6, color=GREY)
        axes.set_ylim(0.9, 1.1)
    for number, text in enumerate(
        ("Loss / reference", "Loss / reference", "Shift of X (Ω)", "Shift of X / reference")
    ):
        figure.axes[number].set_ylabel(text)
    figure.axes[0].legend()
    return figure


def main():
    panels = []
    for law, name in ((loss, "metal"), (shift, "film")):
        fixed, thicknesses = (100e-9, METALS) if law is loss else (127e-6, FILMS)
        across = [law(width, fixed) for width in WIDTHS]
        through = [law(0.05, thickness) for thickness in thicknesses]
        panels.append((f"{name} of {fixed * 1e6:g} µm", "Width (m)", WIDTHS, across))
        panels.append(("strip of 0.05 m", f"Thickness of the {name} (m)", thicknesses, through))
        for what, places, found in (
            ("width", WIDTHS, across),
            ("thickness", thicknesses, through),
        ):
            for place, item in zip(places, found, strict=True):
                values = " ".join(f"{word} {value:.4g}" for word, value in item.items())
                print(f"{name}, {what} {place:g} m: {values} ohm", flush=True)
    common.save(draw(panels), "planar_thin_metal.png")


if __name__ == "__main__":
    main()
