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
# # An array of membranes
#
# Crossed bow-ties of 7 m on the highland soil, each coupled with all others through the layers and
# the vacuum: what coupling does to patterns and reflection, what a beam of the station looks like,
# and where the elements might rather lie. Derivation, errors and costs stand in `docs/arrays.md`.

# %%
# one thread for linear algebra: on matrices of this size thread pools fight (docs/guide.md)
# %env OPENBLAS_NUM_THREADS=1

# %%
import tempfile
from pathlib import Path

import IPython.display as notebook
import numpy as np

import lunar_antenna as la
from lunar_antenna.plotting.arrangement import plot_arrangement
from lunar_antenna.plotting.array import plot_array, plot_array_layout
from lunar_antenna.plotting.save import figure_bytes


def show(figure):
    notebook.display(notebook.Image(figure_bytes(figure, dpi=72.0)))


layout = la.load_geometry("crossed_bowtie", length=7.0)
positions = np.array([(0, 0), (9.5, 1.5), (2, 10), (13, 9.5), (-9, 6), (-5, -8.5)], dtype=float)
turns = np.radians([0, 15, -20, 40, 10, 70])
band = la.Band([12e6, 25e6])
array = la.Array(layout, positions, "sourcebook_highland", band=band, rotations=turns)
show(plot_array_layout(array))

# %% [markdown]
# ## Solved
#
# One call gives the impedance matrix of all twelve ports, the four loss matrices, and every port's
# pattern with the others open. What it may be off by is stated with it, for Z, patterns and losses
# apart; `z_error` is what the mesh costs each element.

# %%
station = la.solve_array(array, accuracy="draft", tolerance=3e-4)
for name in ("error_z", "error_pattern", "error_loss"):
    print(f"{name:14s}", "  ".join(f"{value:.1e}" for value in station.quality.details[name]))
print("power closure ", "  ".join(f"{value:.1e}" for value in station.quality.power_closure))
print("mesh, z_error ", "  ".join(f"{value:.1e}" for value in station.quality.z_error))
show(plot_array(station, 75.0, 25e6))

# %% [markdown]
# ## Embedded patterns against the isolated one
#
# How far the field of port 1 of each element is from that of the element alone at the same place,
# largest over the sky, of the peak.

# %%
theta, phi = np.meshgrid(
    np.radians(np.arange(0, 86, 5)), np.radians(np.arange(0, 360, 15)), indexing="ij"
)
for index, frequency in enumerate(station.frequency):
    embedded = np.stack(station.fields(index, None, theta, phi))[:, ::2]  # first port of each
    changes = []
    for element in range(array.n_elements):
        alone = np.stack(station.isolated_fields(index, element, theta, phi))[:, 0]
        change = np.linalg.norm(embedded[:, element] - alone, axis=0).max()
        changes.append(change / np.linalg.norm(alone, axis=0).max())
    told = "  ".join(f"{100 * change:4.1f} %" for change in changes)
    print(f"{frequency / 1e6:3.0f} MHz, elements 1 to 6:  {told}")

# %% [markdown]
# ## Active reflection and a beam
#
# All first ports driven at once, the beam scanned away from the zenith; then the same weights as
# those of a receiving station, behind loads of 100 kilohm.

# %%
first = list(range(1, station.n_ports, 2))
for angle in (0, 20, 45):
    value = station.active_reflection(scan=(np.radians(angle), 0.0), z0=75.0, ports=first)[:, ::2]
    told = "  ".join(f"{np.abs(row).max():.3f}" for row in value)
    print(f"scanned to {angle:2d} degrees: worst |b/a| at 12 and 25 MHz  {told}")

weights = station.scan_weights(np.radians(20.0), 0.0) * np.tile([1.0, 0.0], array.n_elements)
beam = station.station_beam(weights, 25e6, load=1e5)
zenith_angle = np.broadcast_to(beam.theta, beam.e_theta.shape).ravel()
peak = zenith_angle[beam.directivity_db.argmax()]
print(f"beam at 25 MHz: {beam.directivity_db.max():.1f} dBi, {np.degrees(peak):.0f} deg off zenith")

# %% [markdown]
# ## Noise of neighbours
#
# The sky and the ground reach all elements: the covariance of their voltages is not diagonal.

# %%
covariance = station.noise_covariance(sky=[6e4, 9e3], ground=255.0, load=1e5, voltage_noise=2e-9)
for matrix, frequency in zip(covariance, station.frequency, strict=True):
    size = np.sqrt(np.abs(np.diag(matrix)))
    correlation = np.abs(matrix / np.outer(size, size)) - np.eye(len(size))
    print(
        f"{frequency / 1e6:.0f} MHz: {1e9 * size.max():.0f} nV/sqrt(Hz), largest correlation of "
        f"two ports {correlation.max():.2f}"
    )

# %% [markdown]
# ## Kept and read back
#
# One file; of a large one only what is asked for is read. An export of one element for a
# simulator of interferometers has its embedded pattern; `port` is a number or a name.

# %%
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "station.h5"
    station.save(path)
    again = la.load_array_solution(path)
    same = again.far_field(25e6, "4.1").e_theta - station.far_field(25e6, "4.1").e_theta
    print(again)
    print(f"field of port 4.1, read back: differs by {np.abs(same).max():.1e} V")
    la.export(station, Path(folder) / "p41.h5", format="spherical", port="4.1")
    waves = la.load_spherical(Path(folder) / "p41.h5")
    print(f"port 4.1 as spherical waves at {waves.frequency.size} frequencies")

# %% [markdown]
# ## Other places
#
# The same six elements in a disc of 30 m across, at least 8 m apart: the best of ten random
# layouts, then one element after the other moved, with only its own coupling formed again.

# %%
found = la.arrange(
    array.with_frequency(25e6),
    radius=15.0,
    least_distance=8.0,
    z0=75.0,
    random=10,
    moves=60,
    merit={"merit": "active_reflection", "scan": 30.0, "port": 1},
)
random = found.to_dict()["random"]
print(f"ten at random: best {random['best']:.3f}, worst {random['worst']:.3f}")
print(f"sixty moves: {found.value:.3f}; solved again, all errors stated: {found.solved:.3f}")
show(plot_arrangement(found))
