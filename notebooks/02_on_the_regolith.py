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
# # On the regolith: the same antenna where it will lie
#
# An antenna designed in free space is another antenna once it lies on soil. This notebook takes a
# copper bow-tie with coupled strips, printed on polyimide film, to a graded lunar soil: impedance,
# where the power goes, pattern, currents, and what height, soil, film and metal change.

# %%
# one thread for linear algebra: on matrices of this size thread pools fight (docs/guide.md)
# %env OPENBLAS_NUM_THREADS=1

# %%
import time

import IPython.display as notebook
import numpy as np

import lunar_antenna as la
from lunar_antenna.plotting.current import plot_current
from lunar_antenna.plotting.efficiency import plot_efficiency
from lunar_antenna.plotting.impedance import plot_impedance
from lunar_antenna.plotting.s11 import plot_s11
from lunar_antenna.plotting.save import figure_bytes


def show(figure):
    notebook.display(notebook.Image(figure_bytes(figure, dpi=80.0)))


# %% [markdown]
# ## The soil
#
# `sourcebook_highland` takes density against depth and permittivity against density from the Lunar
# Sourcebook. It is cut into layers until the steps are small; below 3 m it is uniform. There is no
# bedrock in it: a real site may have one, and at a loss tangent of some 0.004 the band sees it.

# %%
soil = la.load_soil("sourcebook_highland")
notebook.display(soil)
print(f"{len(soil.layers)} layers, eps_r {soil.layers[0].eps_r:.2f} at the surface,")
print(f"{soil.layers[-1].eps_r:.2f} at depth with tan delta {soil.layers[-1].loss_tangent:.4f}")

# %% [markdown]
# ## The antenna

# %%
layout = la.load_geometry("coupled_bowtie")
print(f"film {layout.film.name}, metal {layout.metal.name}")
notebook.display(layout)

# %% [markdown]
# ## Solve
#
# The planar solver tabulates the fields of a current on this soil once, then solves the whole
# band. The first solution on a soil pays for the tables; every further layout of similar size on
# the same soil uses them again, which is what makes design on the soil itself possible.

# %%
band = la.Band.mhz(5, 35, points=61)
clock = [time.process_time()]
on_soil = la.solve(la.Problem(layout, soil, height=0.0, band=band))
clock.append(time.process_time())
for width in (1.9, 2.05, 2.1):
    la.solve(la.Problem(la.load_geometry("coupled_bowtie", width=width), soil, band=band))
    clock.append(time.process_time())
seconds = np.diff(clock)
run = on_soil.provenance
print(f"{run.solver}, {run.unknowns} unknowns, {band.frequency.size} frequencies, two meshes")
print(f"processor time: first layout {seconds[0]:.1f} s, further ones {seconds[1:].min():.1f} s")
notebook.display(on_soil)

# %% [markdown]
# Two checks come with every solution. The power balance tests kernels, quadrature, port and losses,
# but closes on any mesh; the error estimate tests the mesh. One without the other proves nothing.

# %%
quality = on_soil.quality
print(f"power closure      {quality.power_closure.max():.1e} at worst (0.005 is asked for)")
error = quality.z_error
print(f"estimated |dZ|/|Z| {np.median(error):.4f} median, {error.max():.4f} at worst")

# %% [markdown]
# ## Free space against soil
#
# The soil loads the antenna with its permittivity: resonances move down, the resistance at the
# first resonance changes, and most of the power goes into the ground. An antenna tuned in free
# space would have been tuned to the wrong place. (The comparison leaves the film out; what the
# film does is seen below.)

# %%
bare = la.load_geometry("coupled_bowtie", film="none")
space = la.Stack.free_space()
in_space = la.solve(la.Problem(bare, space, band=band))
show(plot_impedance([on_soil, in_space]))
show(plot_s11([on_soil, in_space], z0=100.0))


# %%
def first_resonance(solution):
    """Frequency (MHz) and resistance where the reactance first rises through zero."""
    z, mhz = solution.input_impedance(), solution.frequency / 1e6
    for k in range(mhz.size - 1):
        if z.imag[k] < 0.0 <= z.imag[k + 1]:
            t = -z.imag[k] / (z.imag[k + 1] - z.imag[k])
            return mhz[k] + t * (mhz[k + 1] - mhz[k]), z.real[k] + t * (z.real[k + 1] - z.real[k])
    return None


for name, solution in (("free space", in_space), ("on the soil", on_soil)):
    frequency, resistance = first_resonance(solution)
    print(f"{name:12s} first resonance {frequency:5.2f} MHz, {resistance:5.1f} ohm")

# %% [markdown]
# ## Efficiency, said honestly
#
# "Efficiency" is never one number. **Mismatch efficiency** is the share of the available power
# that the antenna accepts; it is what published bandwidths usually quote. **Sky efficiency** is
# the share of the accepted power that leaves towards the sky. On soil the second one is small,
# because a horizontal current on a denser half-space radiates mostly down into it, however well it
# is matched. The product, **realised** efficiency, is what a source in the sky sees.

# %%
show(plot_efficiency(on_soil, z0=100.0))
share = on_soil.efficiency(z0=100.0)
print("f/MHz  mismatch  sky    ground  metal    film     realised")
for k in range(0, band.frequency.size, 12):
    print(
        f"{band.frequency[k] / 1e6:5.1f}  {share.mismatch[k]:8.3f}  {share.sky[k]:.3f}  "
        f"{share.ground[k]:6.3f}  {share.metal[k]:.1e}  {share.film[k]:.1e}  "
        f"{share.realised[k]:8.4f}"
    )

# %% [markdown]
# Two remarks. "Ground" is everything that goes down, radiated or absorbed, so that a soil without
# any loss swallows almost as much, and a matching network cannot get it back. And a low sky
# efficiency does not by itself spoil a receiver limited by sky noise: signal and sky noise are
# reduced alike, until the noise of the soil and of the receiver itself shows.

# %%
for tangent in (0.0, 0.004, 0.02):
    uniform = la.Stack.half_space(3.2, loss_tangent=tangent)
    sky = la.solve(la.Problem(layout, uniform, band=la.Band.mhz(5, 35, 7))).efficiency().sky
    print(f"half-space 3.2, tan delta {tangent:5.3f}: sky", " ".join(f"{v:.3f}" for v in sky))

# %% [markdown]
# ## Pattern and currents
#
# Up to some 29 MHz the lobe points to the zenith; above, the antenna is long in wavelengths and its
# lobe splits along x. The horizon is always a null over a dielectric ground. Directivity refers to
# the power that reaches the sky, gain to the power accepted: what lies between them is the ground.

# %%
zenith = []
for mhz in (5.0, 15.0, 25.0, 35.0):
    field = on_soil.far_field(mhz * 1e6, np.deg2rad([0.0, 60.0]), np.deg2rad([0.0, 90.0]))
    zenith.append((mhz, *field.directivity_db.ravel()[[0, 2, 3]], field.gain_db[0, 0]))
print("f/MHz  directivity (dBi): zenith, 60 deg along x, 60 deg along y; gain at zenith (dBi)")
for row in zenith:
    print("{:5.1f}  {:8.2f} {:8.2f} {:8.2f} {:8.2f}".format(*row))

# %%
show(plot_current(on_soil, 8e6))
show(plot_current(on_soil, 19e6))

# %% [markdown]
# At 8 MHz, near the first resonance, the current runs along the edges of the arms and dies out
# towards the tips; the strips carry much less. At 19 MHz the strips come near their own resonance
# (about 22 MHz here) and carry a denser current than the arms beside them, in the opposite
# direction. What they add to the impedance has its price: the sky share is lowest just above that
# resonance.

# %% [markdown]
# ## What changes when the height changes
#
# Ten centimetres of vacuum under the film move the first resonance more than the choice of soil
# does in the next table: the strong near field of the edges is right there. Raising the antenna
# lets more power into the sky, and makes it harder to match at the low end. The columns are the
# first resonance and the resistance there, the lowest mismatch efficiency into 100 ohm, the
# smallest and largest sky share, and the largest metal and film shares over 5-35 MHz.


# %%
def row(name, solution):
    result = solution.efficiency(z0=100.0)
    frequency, resistance = first_resonance(solution)
    return (
        f"{name:24s} {frequency:9.2f} {resistance:8.1f} {result.mismatch.min():9.3f} "
        f"{result.sky.min():8.3f} {result.sky.max():8.3f} {result.metal.max():9.1e} "
        f"{result.film.max():9.1e}"
    )


HEADER = (
    f"{'':24s} {'f0 (MHz)':>9s} {'R (ohm)':>8s} {'mismatch':>9s} {'sky min':>8s} {'sky max':>8s} "
    f"{'metal':>9s} {'film':>9s}"
)
coarse = la.Band.mhz(5, 35, points=31)


def solved(layout, stack, height=0.0):
    return la.solve(la.Problem(layout, stack, height, coarse), accuracy="draft")


print(HEADER)
raised = {height: solved(layout, soil, height) for height in (0.0, 0.02, 0.1, 0.3, 1.0)}
for height, solution in raised.items():
    print(row(f"height {height:g} m", solution))

# %% [markdown]
# ## What changes when the soil changes

# %%
print(HEADER)
for name in ("uniform_eps3", "sourcebook_highland", "sourcebook_mare", "mare_over_basalt"):
    print(row(name, solved(layout, la.load_soil(name))))

# %% [markdown]
# ## What changes when film and metal change
#
# On soil the film is a detail: 50 um of eps_r 3.4 between metal and regolith move nothing that a
# designer would notice, and its loss is a few parts in 1e5. The metal is not: 100 nm of aluminium
# is 0.29 ohm per square and takes a quarter of the power at 5 MHz and a third where the strips
# resonate. It "improves" the match at the low end, as any loss does; the sky share shows the price.

# %%
print(HEADER)
for film in ("none", "polyimide_7um", "polyimide_125um"):
    print(row(f"film {film}", solved(la.load_geometry("coupled_bowtie", film=film), soil)))
for metal in ("pec", "copper_18um", "aluminium_1um", "aluminium_100nm"):
    print(row(f"metal {metal}", solved(la.load_geometry("coupled_bowtie", metal=metal), soil)))

# %% [markdown]
# ## What this does not say
#
# - The film counts as laterally infinite, the soil as flat, horizontally uniform and free of rocks.
# - The soil models carry the scatter of the samples they come from; `soil show NAME` says which
#   numbers were read, computed or assumed.
# - Feed line, balun and preamplifier are not in the model. The port is a gap of stated size.
# - `draft` tables above are for differences. Solve again with `normal` before believing a number.
