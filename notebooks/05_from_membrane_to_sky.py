# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From membrane to sky
#
# A membrane that was optimised for a matched band on lunar soil is asked what a radio telescope
# asks: how much of its noise is the sky's, what its beam makes of a sky that turns overhead, what
# error that is in a global-signal experiment, how much of it is the unknown soil's, and whether
# other programs read the same antenna. Definitions and tables stand in `docs/sky.md`.

# %%
# one thread for linear algebra: on matrices of this size thread pools fight (docs/guide.md)
# %env OPENBLAS_NUM_THREADS=1

# %%
import json
import tempfile
from pathlib import Path

import IPython.display as notebook
import numpy as np
import skrf
from astropy.io import fits
from astropy_healpix import HEALPix

import lunar_antenna as la
from lunar_antenna.plotting.chromaticity import (
    plot_antenna_temperature,
    plot_beam_slope,
    plot_chromaticity,
)
from lunar_antenna.plotting.save import figure_bytes
from lunar_antenna.plotting.sky import plot_noise
from lunar_antenna.sky.beam import Beam


def show(figure):
    notebook.display(notebook.Image(figure_bytes(figure, dpi=72.0)))


soil = la.load_soil("simple_eps35")
band = la.Band.mhz(5, 35, points=61)
layout = la.load_geometry("membrane_band_10x2")
notebook.display(layout)

# %% [markdown]
# The optimum of the study `published_band`: copper on polyimide, 10 m x 2 m, on a half-space of
# eps_r 3.5. A plain strip of the same length and materials is solved for comparison.

# %%
best = la.solve(la.Problem(layout, soil, band=band))
strip_layout = la.load_geometry(
    "strip", length=10.0, width=0.2, metal="copper_18um", film="polyimide_50um"
)
strip = la.solve(la.Problem(strip_layout, soil, band=band))
for name, solution in (("membrane", best), ("strip", strip)):
    quality, sky = solution.quality, 100 * solution.efficiency().sky.mean()
    print(f"{name:9s}{sky:5.1f} % of the accepted power to the sky (mean over 5-35 MHz);", end=" ")
    print(f"closure {quality.power_closure.max():.0e}, |dZ|/|Z| {quality.z_error.max():.3f}")

# %% [markdown]
# ## How much of the noise is the sky's
#
# Behind a preamplifier like LuSEE-Night's (about 35 pF parallel to 0.7 megohm, 2 nV/√Hz) the sky
# wins where its mean-square voltage is ten times the receiver's own. The two published laws of the
# sky's brightness differ by up to 45 %; `cane_slab` is one of them as a galaxy, seen through the
# beam and averaged over a turn of the Moon.

# %%
show(plot_noise(la.noise_budget(best, "lusee_like")))
for name, solution in (("membrane", best), ("strip", strip)):
    for sky in ("novaco_brown", "cane", "cane_slab"):
        budget = la.noise_budget(solution, "lusee_like", sky)
        bands = ", ".join(f"{low / 1e6:.1f}-{high / 1e6:.1f}" for low, high in budget.sky_limited())
        at_12 = int(np.argmin(np.abs(budget.frequency - 12e6)))
        share = {part: f"{100 * value[at_12]:.1f} %" for part, value in budget.shares.items()}
        print(f"{name:9s}{sky:13s} sky-limited {bands:10s} MHz; at 12 MHz", end=" ")
        print(f"sky {share['sky']}, ground {share['moon']}, receiver {share['receiver']}")

# %% [markdown]
# ## A sky that turns
#
# The galaxy rises and sets once in 27.3 days. Directions come from the IAU's series for the
# orientation of the Moon, good to 0.01 degrees; nothing is downloaded. The site is LuSEE-Night's.

# %%
beam = Beam.of(best)
seen = la.antenna_temperature(beam, "cane_slab")
show(plot_antenna_temperature(seen))
swing = seen.kelvin.max(axis=0) / seen.kelvin.min(axis=0)
for mhz in (5, 15, 30):
    k = int(np.argmin(np.abs(seen.frequency - 1e6 * mhz)))
    print(f"{mhz:3d} MHz: mean {seen.mean[k]:9.3g} K, largest over smallest {swing[k]:.2f}")

# %% [markdown]
# ## Chromaticity
#
# The beam changes with frequency, so the same sky is weighed differently at each. What that adds to
# the spectrum, after a fit of N terms has taken the smooth part away, is the chromaticity: an error
# in mK, to be held against a signal of some 40 mK. First the change itself, then the residuals
# within the published band.

# %%
show(plot_beam_slope(beam))

# %%
inside = np.flatnonzero((band.frequency >= 11.9e6) & (band.frequency <= 19.1e6))
beams = {"membrane": Beam.of(best, at=inside), "strip": Beam.of(strip, at=inside)}
results = {
    f"{name}, N = {terms}": la.chromaticity(item, "cane_slab", terms)
    for name, item in beams.items()
    for terms in (3, 5)
}
show(plot_chromaticity(list(results.values()), list(results)))
print("rms in mK, 12-19 MHz, mean over local time")
print("            sky            N = 3      N = 5      N = 5, EDGES' basis")
for name, item in beams.items():
    for sky in ("cane_slab", "power_law"):
        values = [la.chromaticity(item, sky, terms).rms_mk for terms in (3, 5)]
        values.append(la.chromaticity(item, sky, 5, basis="edges").rms_mk)
        print(f"{name:12s}{sky:12s}", *(f"{value:10.3g}" for value in values))

# %% [markdown]
# A matched antenna is not yet a smooth one. Which of the two is smoother depends on what a fit may
# take away: with N = 3 the membrane, with N = 5 the strip. Neither is near 40 mK. A study can ask
# for it (`merit = "chromaticity"`).
#
# ## Is it the antenna or the mesh?
#
# The same fit of the difference between two beams says what a solver's error is worth, in the same
# unit.

# %%
fine = la.solve(la.Problem(layout, soil, band=band), accuracy="fine")
fine_beam = Beam.of(fine, at=inside)
error = la.beam_error(beams["membrane"], fine_beam)
print(f"normal against fine mesh: {error.peak_db.max():.1f} dB of the peak at worst,", end=" ")
print(f"{error.rms_mk:.2g} mK after N = {error.terms}")

# %% [markdown]
# ## What the soil is worth
#
# Nobody knows the permittivity at the landing site to a digit, nor how flat the film lies. Each
# surrounding is solved anew and held against the nominal one: share of the sky, upper end of the
# sky-limited band, chromaticity, and how far the beam itself moves.

# %%
print("eps_r  height  share of sky  sky-limited  chromaticity  beam against nominal")
print("         m     mean 5-35 MHz  up to MHz    mK, N = 5      dB      mK, N = 5")
for eps_r in (2.5, 3.5, 4.5):
    for height in (0.0, 0.1):
        stack = la.Stack.half_space(eps_r, loss_tangent=0.01)
        other = la.solve(la.Problem(layout, stack, height, band))
        its = Beam.of(other, at=inside)
        moved = la.beam_error(beams["membrane"], its)
        limit = la.noise_budget(other, "lusee_like").sky_limited()[-1][1] / 1e6
        own = la.chromaticity(its).rms_mk
        print(f"{eps_r:4.1f}  {height:5.1f}  {other.efficiency().sky.mean():12.3f}", end=" ")
        print(f"{limit:12.1f} {own:12.3g} {moved.peak_db.max():11.1f} {moved.rms_mk:10.3g}")

# %% [markdown]
# A soil that is not known is worth as much as the chromaticity itself, and far more than the mesh:
# it has to be measured or marginalised with the signal.
#
# ## To other programs and back
#
# A Touchstone file for circuits, a HEALPix file of complex fields for sky simulators, the folder
# that luseepy converts. Each is read back by a program that knows nothing of this package.

# %%
folder = Path(tempfile.mkdtemp())
few = la.solve(la.Problem(layout, soil, band=la.Band.mhz(10, 20, points=3)))
la.export(few, folder / "membrane.s1p", format="touchstone")
la.export(few, folder / "membrane.fits", format="healpix", nside=16)
la.export(few, folder / "luseepy", format="luseepy", step=5.0)
for path in sorted(folder.rglob("*")):
    if path.is_file():
        print(f"{path.relative_to(folder)!s:34s}{path.stat().st_size / 1000:8.1f} kB")

# %%
network = skrf.Network(str(folder / "membrane.s1p"))
ours = few.s11(float(network.z0[0, 0].real))
print(f"scikit-rf: largest |dS11| {np.abs(network.s[:, 0, 0] - ours).max():.1e}")

with fits.open(folder / "membrane.fits") as file:
    table = file[2].data
    longitude, latitude = HEALPix(16, order="ring").healpix_to_lonlat(np.arange(3072))
    read = table["E_THETA_RE_1"] + 1j * table["E_THETA_IM_1"]
up = latitude.rad > 0.01
there = few.far_field(
    float(few.frequency[1]), np.pi / 2 - latitude.rad[up][:, None], longitude.rad[up][:, None]
)
difference = np.abs(read[up] - there.e_theta[:, 0]).max() / np.abs(there.e_theta).max()
print(f"HEALPix: largest difference of E_theta {difference:.1e} of its peak")

told = json.loads((folder / "luseepy" / "provenance.json").read_text())
sky = np.load(folder / "luseepy" / "Rsky.npy")
print(f"luseepy: R_sky {np.abs(sky / few.r_sky - 1).max():.1e} of itself; time {told['TIMECONV']}")
