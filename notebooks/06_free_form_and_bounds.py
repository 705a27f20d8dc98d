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
# # Free form and bounds
#
# Whatever metal is laid within a footprint, its current is one that the footprint can hold: the
# best of all of them is out of reach of every antenna there. This notebook asks what a membrane
# leaves on the table, what a port costs, and then lets the metal take any shape. Derivations
# stand in `docs/bounds.md`, larger searches in `docs/designs.md`.

# %%
# one thread for linear algebra: on matrices of this size thread pools fight (docs/guide.md)
# %env OPENBLAS_NUM_THREADS=1

# %%
import tempfile
from pathlib import Path

import IPython.display as notebook
import numpy as np

import lunar_antenna as la
from lunar_antenna.plotting.bound import plot_bound
from lunar_antenna.plotting.save import figure_bytes


def show(figure):
    notebook.display(notebook.Image(figure_bytes(figure, dpi=72.0)))


soil = la.load_soil("simple_eps35")
band = la.Band.mhz(5, 35, points=7)
materials = {"metal": "copper_18um", "film": "polyimide_50um"}

# %% [markdown]
# ## What 10 m x 2 m allow
#
# Power to the sky over power accepted, per frequency. The band beside the line is what finer meshes
# are expected to add. The two currents reach the bound at the ends of the band.

# %%
share = la.bound((10.0, 2.0), soil, band=band, **materials)
layout = la.load_geometry("membrane_band_10x2")
solution = la.solve(la.Problem(layout, soil, band=band))
reached = share.reached_by(solution)
show(plot_bound(share, {"membrane_band_10x2": solution.efficiency(103.0).sky}))
for f, part in zip(band.frequency, reached, strict=True):
    print(f"{f / 1e6:4.0f} MHz: {100 * part:3.0f} % of the bound")

# %% [markdown]
# At 5 MHz nothing is left to win; above 20 MHz three quarters of what the footprint allows are not
# used. A current that reaches the bound need not be one that a single gap feeds.

# %% [markdown]
# ## Fed at one gap
#
# With a port the complex power of the current has to come through it. The bound is then a dual
# problem, and `gap` says how far the best current that was found stays below it.

# %%
port = la.Gap(0.0, 0.0, 0.2, 0.06)
small = la.Band([8e6, 20e6, 32e6])
for reactance in (None, 0.0, 100.0):
    fed = la.bound(
        (6.0, 1.5), soil, band=small, quantity="realised_sky", port=port, z0=100.0,
        reactance=reactance,
    )  # fmt: skip
    wanted = "any reactance" if reactance is None else f"{reactance:.0f} ohm"
    values = ", ".join(f"{value:.4f}" for value in fed.value)
    print(f"{wanted:14} {values}   gap at most {(fed.gap / fed.value).max():.0e}")
    assert (fed.gap < 0.01 * fed.value).all()

# %% [markdown]
# Resonance costs nothing here: a plate can tune itself. A reactance of 100 ohm that is not taken
# out costs what mismatch alone says, 17 %.

# %% [markdown]
# ## Metal of any shape
#
# A study with `[freeform]` searches cells of a quarter of the footprint by exact changes of the
# moment-method matrices, traces the outline, solves it with a mesh of its own and corrects its
# model by the difference. This one is small: 5 m x 1.6 m, coarse cells, two rounds of few moves.

# %%
study = """
soil = "simple_eps35"
[freeform]
footprint = [5.0, 1.6]
gap = 0.2
tab = 0.1
cell = [0.4, 0.25]
metal = "copper_18um"
film = "polyimide_50um"
points = 11
moves = 12
rounds = 2
fine = false
[band]
mhz = [10.0, 35.0]
points = 26
[[objective]]
merit = "realised_sky"
band_mhz = [15.0, 35.0]
[[constraint]]
merit = "min_efficiency"
band_mhz = [10.0, 35.0]
at_least = 0.1
[sampler]
seed = 1
"""
folder = Path(tempfile.mkdtemp())
(folder / "sky.toml").write_text(study)
found = la.optimize(folder / "sky.toml", out=folder / "out", figures=False)
notebook.display(found.layout)
for trial in found.trials:
    print(f"round {trial.number + 1}: mean realised sky {trial.evaluation.objectives[0]:.4f}")

# %% [markdown]
# The plate of the same size and gap, and the bound of the share, over the same band:

# %%
plate = la.load_geometry("strip", length=5.0, width=1.6, gap=0.2, port_width=0.1, **materials)
over = la.Band.mhz(15, 35, points=11)
own = la.solve(la.Problem(found.layout, soil, band=over))
full = la.solve(la.Problem(plate, soil, band=over))
held = la.bound((5.0, 1.6), soil, band=over, **materials)


def mean(values):
    return np.trapezoid(values, over.frequency) / np.ptp(over.frequency)


def best(item):
    return max(mean(item.efficiency(z0).realised) for z0 in np.geomspace(25, 600, 60))


print(
    f"free form {best(own):.3f}, plate {best(full):.3f}, bound of the share {mean(held.value):.3f}"
)
assert best(full) < best(own) < mean(held.upper)
show(plot_bound(held, {"free form": own.efficiency().sky, "plate": full.efficiency().sky}))

# %% [markdown]
# The bound belongs to each frequency alone, while one shape has to serve all of them: how near a
# single design can come is open, and the reason why both stand side by side.
