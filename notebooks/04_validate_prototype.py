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
# # A prototype on Earth: measured, corrected, compared, and the soil read back from it
#
# A membrane is tried out on Earth before it flies. What the analyser records is not the antenna:
# there is a cable, a balun, the capacitance of the hub, the rest of a calibration, noise, and a
# soil that nobody knows exactly. This notebook takes a sweep from its file to a verdict on the
# simulation, and then turns the question round: what does the sweep say about the soil?
#
# **The sweeps shipped with the package are synthetic.** They were computed, with all of the above
# put on top, and their `.toml` says so and holds the truth. Real sweeps take the same way.

# %%
# one thread for linear algebra: on matrices of this size thread pools fight (docs/guide.md)
# %env OPENBLAS_NUM_THREADS=1

# %%
import IPython.display as notebook
import numpy as np

import lunar_antenna as la
from lunar_antenna.inversion.errors import ErrorModel
from lunar_antenna.inversion.invert import invert
from lunar_antenna.measurement.corrections.correct import Corrections, correct
from lunar_antenna.measurement.uncertainty import from_accuracy
from lunar_antenna.plotting.compare import plot_comparison
from lunar_antenna.plotting.efficiency import draw_efficiency
from lunar_antenna.plotting.inversion import plot_inversion
from lunar_antenna.plotting.s11 import plot_s11
from lunar_antenna.plotting.save import figure_bytes
from lunar_antenna.plotting.style import new_figure, styled


def show(figure):
    notebook.display(notebook.Image(figure_bytes(figure, dpi=80.0)))


# %% [markdown]
# ## Import
#
# A path works as well as a shipped name; `.s1p`, `.s2p` and `.csv` are read. The report says what
# was read, which reference impedance is in use and where it comes from, and every repair made.

# %%
recorded = la.load_measurement("prototype_sand_synthetic")
print(*recorded.report.lines()[1:], sep="\n")  # the first line is the path of the file

# %% [markdown]
# ## What the analyser saw, and the antenna
#
# The `.toml` names antenna, soil and height, so the simulation follows from the measurement.

# %%
told = recorded.metadata
antenna = la.load_geometry(told["geometry"])
band = la.Band.mhz(5, 35, points=61)


def solved(soil, height=told["height"]):
    return la.solve(la.Problem(antenna, la.load_soil(soil), height, band))


on_sand = solved(told["soil"])
print(la.compare(on_sand, recorded))

# %% [markdown]
# Uncorrected the two have nothing to do with each other. The corrections are given once and are
# applied in their right order, from the analyser towards the antenna: here the fixture (cable and
# balun, measured on its own as a two-port) and the capacitance of the hub.
#
# The analyser's stated accuracy, 0.2 dB and 2 degrees, goes through the same corrections. A
# fixture with loss makes the circle of uncertainty larger, a reference far from the antenna's
# impedance changes it again; what is drawn below belongs to the corrected data.

# %%
corrections = Corrections(fixture="prototype_synthetic_fixture", hub_capacitance=5e-12)
corrected = correct(recorded, corrections, from_accuracy(recorded, db=0.2, degrees=2.0))
measured = corrected.measurement
print(*measured.history, sep="\n")
stretch = corrected.uncertainty.radius / from_accuracy(recorded, 0.2, 2.0).radius
print(f"uncertainty at the antenna over that at the analyser: {stretch.min():.2f} "
      f"to {stretch.max():.2f}")  # fmt: skip

# %% [markdown]
# ## Simulation against measurement
#
# |S11|, Smith chart and impedance in one figure; rms and largest difference, the complex
# difference, shifts of resonance and matched band, and the grades of feature selective validation
# (FSV, IEEE 1597.1), which judges curves as engineers do by eye.

# %%
comparison = la.compare(on_sand, measured, z0=100.0, uncertainty=corrected.uncertainty)
show(plot_comparison(comparison))

# %%
pair = comparison.first
print(
    f"complex rms difference {pair.rms_gamma:.4f}, in dB {pair.rms_db:.3f} (max {pair.max_db:.3f})"
)
print(f"resonance {pair.resonance_shift / 1e3:+.0f} kHz, "
      f"inside the uncertainty: {pair.within_uncertainty:.0%} of the points")  # fmt: skip
for name, value in pair.fsv.details().items():
    shares = "  ".join(f"{word} {share:.1%}" for word, share in value["histogram"].items() if share)
    print(f"{name.upper()} {value['value']:.3f} {value['word']:10s} {shares}")

# %% [markdown]
# Is the test sharp? The same sweep against the antenna in two places where it was not: 5 cm
# higher, and on average ground. FSV judges the shape of |S11| and is lenient with the first; the
# complex difference and the uncertainty are not.

# %%
wrong = [solved(told["soil"], told["height"] + 0.05), solved("earth_average")]
several = la.compare([on_sand, *wrong], measured, z0=100.0, uncertainty=corrected.uncertainty)
for item in several.pairs:
    print(
        f"{item.simulation_name:40s} complex rms {item.rms_gamma:.4f}, GDM {item.fsv.gdm:.3f} "
        f"({item.fsv.grade}), inside the uncertainty {item.within_uncertainty:.0%}"
    )

# %% [markdown]
# ## The question turned round: what does the sweep say about the soil?
#
# Now nothing below the antenna is taken as known: permittivity, conductivity, height and the hub's
# capacitance are free, with the planar solver as the model. The hub is therefore not taken off.
#
# The errors have to be stated. What a calibration leaves over is not noise: it varies slowly, seen
# through 50 ns of cable over some 2 MHz. Here 0.15 dB, 1 degree, and 0.003 in Gamma whatever its
# size, which counts at the match (one standard deviation each); nine tenths of the variance of all
# three are of that slow kind, the rest is drawn at every point.

# %%
with_hub = correct(recorded, Corrections(fixture="prototype_synthetic_fixture")).measurement
found = invert(
    la.Problem(antenna, la.load_soil("earth_dry_sand"), told["height"]),
    with_hub,
    free="eps_r,conductivity,height,hub_capacitance",
    priors={
        "eps_r": (2.0, 6.0),
        "conductivity": (1e-5, 1e-3),
        "height": (0.0, 0.3),
        "hub_capacitance": (0.0, 20e-12),
    },
    errors=ErrorModel(db=0.15, degrees=1.0, systematic=0.9, correlation=2e6, floor=3e-3),
)
show(plot_inversion(found))

# %%
sand = la.load_soil(told["soil"]).layers[0]
truth = {
    "eps_r": sand.eps_r,
    "conductivity": sand.conductivity,
    "height": told["height"],
    "hub_capacitance": told["truth"]["hub_capacitance"],
}
for name, value in found.values.items():
    off = (value - truth[name]) / found.sigma[name]
    print(
        f"{name:15s} found {value:.4g} +- {found.sigma[name]:.2g}, true {truth[name]:.4g}: "
        f"off by {value / truth[name] - 1.0:+.1%}, {off:+.1f} standard errors"
    )
print(f"{sum(found.work.runs.values())} solver runs")
print(*found.notes(), sep="\n")

# %% [markdown]
# The notes say what the sweep cannot tell: permittivity and height go together, because a denser
# soil further down loads the antenna like a lighter one close by. The conductivity is read from the
# bottom of the band, where the loss of the soil and what the calibration left over in |Gamma| look
# alike: there a stated error that is too small would be found out first. A chi2 far below one says
# that neighbouring points scatter less than was stated; the slow part it cannot judge, and the
# standard errors above contain it as stated.
#
# `found.sampled()` adds the posterior (`plot_posterior` draws it); on the command line that is
# `lunar-antenna invert ... --posterior`. `found.stack` is a stack like any other and is solved
# below.

# %% [markdown]
# ## Earth and Moon are one name apart
#
# What was validated is the model of the antenna. Where it lies is one argument, so the same model
# now goes where no sweep can be taken.

# %%
places = {"Earth": "earth_dry_sand", "Moon": "sourcebook_highland"}
runs = {place: solved(soil) for place, soil in places.items()}
fitted = la.solve(la.Problem(antenna, found.stack, found.values["height"], band))
print(la.compare(fitted, measured, z0=100.0))
show(plot_s11(list(runs.values()), 100.0))


@styled
def side_by_side(runs):
    figure = new_figure(9.6, 3.4)
    for ax, (place, run) in zip(figure.subplots(1, 2), runs.items(), strict=True):
        draw_efficiency(ax, run, legend=place == "Moon")
        ax.set_title(f"{place}: {run.problem.stack.name}")
    return figure


show(side_by_side(runs))

# %%
for place, run in runs.items():
    eps = [layer.complex_eps_r(np.array([5e6]))[0] for layer in run.problem.stack.layers]
    losses = [-value.imag / value.real for value in eps]
    print(f"{place:6s} loss tangent at 5 MHz: {min(losses):.4f} to {max(losses):.4f}")
print("        f/MHz   R/ohm    X/ohm  |S11|/dB  mismatch   sky    ground  metal    realised")
for place, run in runs.items():
    share, z = run.efficiency(z0=100.0), run.input_impedance()
    level = 20.0 * np.log10(np.abs(run.s11(100.0)))
    for k in range(0, band.frequency.size, 12):
        print(
            f"{place:6s} {band.frequency[k] / 1e6:6.1f} {z[k].real:8.1f} {z[k].imag:8.1f} "
            f"{level[k]:8.2f} {share.mismatch[k]:9.3f} {share.sky[k]:8.3f} {share.ground[k]:7.3f} "
            f"{share.metal[k]:9.1e} {share.realised[k]:8.4f}"
        )

# %% [markdown]
# Dry sand is a fair stand-in for the regolith at the top of the band, and not at the bottom: its
# conductivity is a large loss tangent at 5 MHz, which the regolith does not have. Most of the power
# still goes into the ground in both places, because both are denser than vacuum; what differs is
# the loss that broadens the resonance on Earth and flatters the match there.
