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
# # A dipole in free space: draw, solve, check, optimise, compare
#
# A membrane dipole is first understood without soil: what it does in free space is known well
# enough to check every tool. This notebook takes a bow-tie from its parameters to an optimised
# design that is held against a `.s1p`.

# %%
import IPython.display as notebook
import numpy as np

import lunar_antenna as la
from lunar_antenna.common.catalogue import folder
from lunar_antenna.measurement.corrections.deembed import deembed, without_capacitance

space = la.Stack.free_space()
band = la.Band.mhz(5, 35, points=61)
layout = la.load_geometry("bowtie", length=10.0, width=2.0)
notebook.display(layout)

# %% [markdown]
# ## Solve
#
# `la.solve` picks the fastest solver that can do the problem. Without soil or losses all power
# goes to the sky, so that the realised efficiency is the mismatch efficiency.

# %%
solution = la.solve(la.Problem(layout, space, band=band))
notebook.display(solution)

# %%
quality = solution.quality
print(f"solver            {solution.provenance.solver}, {solution.provenance.unknowns} unknowns")
print(f"power closure     {quality.power_closure.max():.1e}")
print(f"estimated |dZ|/|Z| {quality.z_error.max():.1e} at worst, {quality.z_error.mean():.1e} mean")

# %% [markdown]
# ## A second opinion
#
# NEC solves a thin strip with one wire, by a different method. Both must agree where the strip is
# thin: R within a few ohm, and the resonance within half a percent.

# %%
strip = la.Problem(la.load_geometry("strip", width=0.1), space, band=la.Band.mhz(12, 17, 11))
for solver in ("planar", "nec"):
    checked = la.solve(strip, solver)
    z = checked.input_impedance()
    resonance = np.interp(0.0, z.imag, checked.frequency)  # the reactance rises through zero
    print(f"{solver:7s} Z(14 MHz) = {z[4]:.1f} ohm, resonance {resonance / 1e6:.2f} MHz")

# %% [markdown]
# ## Optimise
#
# The widest contiguous band with a mismatch efficiency of 0.9, subject to 0.1 over 5-35 MHz. The
# reference impedance is free: the best one is found for every design. A search of 48 designs is
# short; `make demo` takes more.

# %%
found = la.optimize("bowtie", space, trials=48, seed=1, workers=2)
best = found.to_dict()["best"]
print("parameters", {name: round(value, 3) for name, value in best["parameters"].items()})
print("band/MHz  ", [round(edge, 2) for edge in best["band_mhz"]], end=" ")
print(" ratio", round(best["band_ratio"], 3))
print(
    "z0/ohm    ", round(best["z0"], 1), " lowest efficiency", round(best["min_efficiency_5_35"], 3)
)

# %% [markdown]
# The search used draft meshes; the best few were checked on finer ones. The design is solved again
# over the whole band, at the reference impedance that was found:

# %%
design = la.solve(la.Problem(found.layout, space, band=band))
matched = design.efficiency(z0=best["z0"]).mismatch
print(f"lowest mismatch efficiency over 5-35 MHz: {matched.min():.3f}")
print(f"share of the band above 0.89: {(matched > 0.89).mean():.2f}")

# %% [markdown]
# ## Hold it against a measurement
#
# The shipped prototype is *synthetic* and says so: its `.s1p` was computed, with cable, balun,
# hub capacitance and noise on top. They are taken off first. The prototype is another antenna than
# our design, so the difference below is one of designs, not an error of the solver.

# %%
raw = la.load_measurement("prototype_synthetic")
fixture = la.load_measurement(folder("measurements") / "prototype_synthetic_fixture.s2p")
measured = without_capacitance(deembed(raw, fixture), raw.metadata["truth"]["hub_capacitance"])
own = la.load_geometry(raw.metadata["geometry"], **raw.metadata["truth"]["geometry_parameters"])
prototype = la.solve(la.Problem(own, space, band=band))
comparison = la.compare([design, prototype], measured, z0=best["z0"])
notebook.display(comparison)

# %%
for pair in comparison.pairs:
    print(f"{pair.simulation_name:14s} rms {pair.rms_db:.2f} dB, complex rms {pair.rms_gamma:.3f}")
