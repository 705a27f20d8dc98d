"""Kernels of a whole family of stacks on radial modes and image distances that all of them share.

:func:`.kernels.build` finds modes and images anew for every stack.  Here the stacks of a family,
a few dozen samples of it, are compressed together, so that the matrices of one mesh serve all:

- One path of integration and one set of sample distances, those of the densest stack; one singular
  value decomposition over stacks and frequencies gives the modes.
- Images at fixed distances, from what the mesh can feel up to the reach of the table, and the few
  shapes that the family has of them (:mod:`.family_images`).
- The coefficients of one more stack are linear in its spectral values.  A few k_rho for each
  frequency, picked by pivoted QR, tell the rest (empirical interpolation, Barrault et al. 2004,
  C. R. Acad. Sci. Paris 339, 667; here least squares on more points than modes).

What the images of one stack are off by stays in its modes, as in :mod:`.kernels`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...conventions import ComplexArray, FloatArray, IntArray, wavenumber
from .asymptote import Images, static_symbols
from .family_images import Statics, statics_of
from .kernels import (
    SYMBOL_PER_DECADE,
    TAIL_END,
    Decay,
    Kernels,
    largest_wavenumber,
    radial_grid,
    soil_absorbs,
)
from .sommerfeld import Path, lifted_path, panels, tail
from .spectral import Line, evaluate_band

MODES = 1e-7  # of each kernel of the family: modes below are left out
POINTS = 32  # k_rho of each frequency from which the coefficients of a stack are found
SKY_POINTS = 24  # elevations of the power to the sky, besides those that phase asks for
FLUX_POINTS = 48  # k_rho from k0 to where the tail starts
FIT = 1e-9  # of the largest value: directions of the samples below are noise


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Where the kernels of a stack are looked at, and what the images have there.

    k0 (n_freq,) and k (n_freq, m + 1) rad/m; the last k of a frequency is the end of the tail, for
    the amplitude of what falls like k^-3.  vector (n_freq, m + 1) and shape (n_freq, m + 1, r):
    spectra of the static parts of g_A and of the shapes of g_phi.
    """

    k0: FloatArray
    k: ComplexArray
    vector: ComplexArray
    shape: ComplexArray

    @classmethod
    def at(cls, k0: FloatArray, k: ComplexArray, statics: Statics) -> Nodes:
        """k: (n_k,), the same for every frequency, or (n_freq, n_k)."""
        none = np.zeros((1, statics.weight.shape[1]))
        nothing = none.astype(complex)
        images = Images(
            statics.distance, statics.weight, nothing, none, none, statics.mirror, statics.reach
        )
        flat = k.ravel()
        vector = images.vector(flat).reshape(k.shape)
        shape = images.shapes(flat).reshape(*k.shape, -1)
        whole = (k0.size, k.shape[-1])
        return cls(
            k0,
            np.broadcast_to(k, whole),
            np.broadcast_to(vector, whole),
            np.broadcast_to(shape, (*whole, shape.shape[-1])),
        )

    def remainders(self, line: Line, total: ComplexArray) -> tuple[ComplexArray, ComplexArray]:
        """(n_freq, m + 1) each: what images leave of g_A and g_phi; total (n_freq, r).

        The tail of g_phi is its dynamic part, not what the images are off by.
        """
        full = evaluate_band(line, self.k, self.k0)
        rest_a = full[..., 0] - self.vector
        rest_phi = full[..., 1] - np.matmul(self.shape, total[:, :, None])[..., 0]
        static = evaluate_band(line, self.k[:, -1:], self.k0, static=True)[:, 0, 1]
        rest_phi[:, -1] = full[:, -1, 1] - static
        return rest_a, rest_phi

    def some(self, rows: IntArray) -> Nodes:
        """Those in ``rows`` (n_freq, m)."""
        each = np.arange(self.k0.size)[:, None]
        return Nodes(self.k0, self.k[each, rows], self.vector[each, rows], self.shape[each, rows])


@dataclass(frozen=True, slots=True, eq=False)
class Flux:
    """Where power goes, from flux at fixed k_rho on the real axis.

    The sky takes what crosses the plane upwards at k_rho < k0; the film what its two sides differ
    by; all the rest of what the current gives is ground's, guided waves included.  Peaks of guided
    waves in nearly lossless layers are not followed: what the film takes of them counts as ground.

    k0 (n_freq,), k (n_freq, n_k) rad/m, the first ``sky`` of a frequency below k0; shape
    (n_freq, n_k, r): spectra of the images.  to_a, to_phi (n_freq, n_k, n_mode).
    """

    k0: FloatArray
    k: FloatArray
    sky: int
    shape: FloatArray
    to_a: FloatArray
    to_phi: FloatArray

    def values(self, line: Line, images: Images) -> tuple[FloatArray, ...]:
        """Sky and film, each of A and phi, at ``k``, less their static parts."""
        full = evaluate_band(line, self.k.astype(complex), self.k0)
        film_a, film_phi = full[..., 4].real, full[..., 5].real.copy()
        sky_a = -full[..., 0].imag - full[..., 2].real - film_a
        sky_phi = full[..., 1].imag - full[..., 3].real - film_phi
        sky_a[:, self.sky :] = sky_phi[:, self.sky :] = 0.0
        film_phi -= np.einsum("fkr,fr->fk", self.shape, images.film)
        return sky_a, sky_phi, film_a, film_phi

    def coefficients(self, line: Line, images: Images) -> tuple[FloatArray, ...]:
        """(n_freq, n_mode) of the same."""
        values = self.values(line, images)
        to = (self.to_a, self.to_phi, self.to_a, self.to_phi)
        return tuple(
            np.asarray(np.matmul(v[:, None, :], m)[:, 0]) for v, m in zip(values, to, strict=True)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """The shared part of the kernels of many stacks; :meth:`at` gives those of one.

    frequency (n_freq,) Hz.  rho_max m, step, modes_a, modes_phi: as in :class:`.kernels.Kernels`.
    nodes: (n_freq, m + 1), the last of a frequency being the end of the tail.  from_a, from_phi
    (n_freq, m + 1, n_mode): from the remainders there to coefficients.  symbol_k (n,) rad/m.
    """

    frequency: FloatArray
    rho_max: float
    step: float
    modes_a: FloatArray
    modes_phi: FloatArray
    nodes: Nodes
    from_a: ComplexArray
    from_phi: ComplexArray
    statics: Statics
    symbol_k: FloatArray
    flux: Flux | None

    def at(self, line: Line) -> Kernels:
        """The kernels of ``line``, a stack like those that the family was made of."""
        return self.with_sky(line, losses=False)[0]

    def with_sky(
        self, line: Line, *, losses: bool = True
    ) -> tuple[Kernels, FloatArray, FloatArray]:
        """The same, and the coefficients of the sky's power, (n_freq, n_mode) of A and phi."""
        images = self.statics.images(line)
        rest_a, rest_phi = self.nodes.remainders(line, images.total)
        z_a = np.matmul(rest_a[:, None, :], self.from_a)[:, 0]
        z_phi = np.matmul(rest_phi[:, None, :], self.from_phi)[:, 0]
        absorbs = soil_absorbs(line)
        sky_a = film_a = ground_a = np.zeros(z_a.shape)
        sky_phi = film_phi = ground_phi = np.zeros(z_phi.shape)
        flux = losses and self.flux is not None
        if losses and self.flux is not None:
            sky_a, sky_phi, film_a, film_phi = self.flux.coefficients(line, images)
            if absorbs:
                ground_a = -z_a.imag - sky_a - film_a
                ground_phi = z_phi.imag - sky_phi - film_phi
        made = Kernels(
            frequency=self.frequency,
            rho_max=self.rho_max,
            step=self.step,
            modes_a=self.modes_a,
            modes_phi=self.modes_phi,
            z_a=z_a,
            z_phi=z_phi,
            ground_a=ground_a,
            ground_phi=ground_phi,
            film_a=film_a,
            film_phi=film_phi,
            images=images,
            symbol_k=self.symbol_k,
            symbol=symbols(line, self.symbol_k),
            absorbs=absorbs,
            flux=flux,
        )
        return made, sky_a, sky_phi


def symbols(line: Line, k: FloatArray) -> ComplexArray:
    """(1 or 2, n_k, n_freq) static symbol of ``line``, with a film that without its loss too.

    One column where every frequency sees the same.
    """
    seen = line.alike()
    filmed = line.film_up or line.film_down
    parts = (seen, seen.without_film_loss()) if filmed else (seen,)
    return np.stack([static_symbols(part, k)[0] for part in parts])


def family(
    lines: Sequence[Line],
    frequency: FloatArray,
    radius: float,
    finest: float,
    *,
    losses: bool = False,
    points: int = POINTS,
) -> Family:
    """The family that ``lines`` are samples of, up to ``radius`` (m).

    The lines have the same film and ends, and the same number of layers.  finest: m, distances
    below are all alike to the mesh.  losses: the power to sky, ground and film too.  points: k_rho
    for each frequency.
    """
    k0 = wavenumber(frequency)
    statics = statics_of(lines, float(k0.max()), finest)
    largest = max(largest_wavenumber(line, k0) for line in lines)
    rho, expand, step = radial_grid(radius, largest)
    start = 1.3 * largest
    walls = [2.0 * line.mirror_depth for line in lines if line.wall]
    end = max(60.0 * largest, min(TAIL_END / min([statics.reach, *walls]), 4000.0))
    path, rest = lifted_path(rho, start, float(k0.min())), tail(rho, start, end)
    k, transform = _transform(path, rest, Decay(rho, 2.0 * largest))
    nodes = Nodes.at(k0, k, statics)
    found = [nodes.remainders(line, statics.images(line).total) for line in lines]
    samples_a, samples_phi = (np.array(part) for part in zip(*found, strict=True))
    # both (n_line, n_freq, n_k)
    columns = [[samples @ transform.T] for samples in (samples_a, samples_phi)]
    flux = None
    if losses:
        flux = _flux(lines, rho, rest, k0, start, statics)
        rows = [flux.coefficients(line, statics.images(line)) for line in lines]
        for number, part in enumerate(zip(*rows, strict=True)):
            columns[number % 2].append(np.array(part))
    modes = [_modes(part) for part in columns]
    if flux is not None:
        flux = replace(flux, to_a=flux.to_a @ modes[0], to_phi=flux.to_phi @ modes[1])
    wanted = [
        samples @ (transform.T @ mode)
        for samples, mode in zip((samples_a, samples_phi), modes, strict=True)
    ]
    picked, from_a, from_phi = _interpolation(
        (samples_a, samples_phi), wanted, np.abs(transform).max(axis=0), points
    )
    symbol_k = _symbol_grid(lines, statics.reach, finest)
    return Family(
        frequency=frequency,
        rho_max=radius,
        step=step,
        modes_a=expand(modes[0]),
        modes_phi=expand(modes[1]),
        nodes=nodes.some(picked),
        from_a=from_a,
        from_phi=from_phi,
        statics=statics,
        symbol_k=symbol_k,
        flux=flux,
    )


def _flux(
    lines: Sequence[Line],
    rho: FloatArray,
    rest: Path,
    k0: FloatArray,
    start: float,
    statics: Statics,
) -> Flux:
    """The rule, leading to the sample distances ``rho``: (n_freq, n_k, n_rho) both."""
    from scipy.special import j0

    deepest = max(float(np.sum(d[np.isfinite(d)])) for d in (line.thickness_down for line in lines))
    size = float(k0.max()) * (0.5 * float(rho.max()) + deepest)
    theta, weight = panels(np.array([0.0, 0.5 * np.pi]), SKY_POINTS + int(size))
    square, own = panels(np.array([0.0, 1.0]), FLUX_POINTS + int(0.2 * start * float(rho.max())))
    k = np.empty((k0.size, theta.size + square.size + rest.nodes.size))
    to = np.empty((k0.size, k.shape[1], rho.size))
    for n, vacuum in enumerate(k0):
        width = start - vacuum
        near = np.concatenate((vacuum * np.sin(theta), vacuum + width * square**2))
        step = np.concatenate((vacuum * np.cos(theta) * weight, 2.0 * width * square * own))
        k[n] = np.concatenate((near, rest.nodes.real))
        to[n, : near.size] = (step * near / (2.0 * np.pi))[:, None] * j0(np.outer(near, rho))
        to[n, near.size :] = rest.transform.real.T
    shape = Nodes.at(k0, k.astype(complex), statics).shape.real
    return Flux(k0, k, theta.size, np.ascontiguousarray(shape), to, to)


def _transform(path: Path, rest: Path, decay: Decay) -> tuple[ComplexArray, ComplexArray]:
    """k (n_k + 1,) and the matrix (n_rho, n_k + 1) from remainders there to space.

    The last k is the end of the tail once more, for the amplitude of what falls like k^-3: its
    transform is known, and what is integrated is the rest.
    """
    k = np.concatenate((path.nodes, rest.nodes))
    direct = np.hstack((path.transform, rest.transform))
    shape = decay.spectrum(k)
    last = (decay.space - direct @ shape) / shape[-1]
    return np.append(k, k[-1]), np.column_stack((direct, last))


def _modes(kernels: Sequence[ComplexArray]) -> FloatArray:
    """(n_rho, r) real modes of kernels (n_line, n_freq, n_rho), each to MODES of its largest."""
    parts: list[FloatArray] = []
    for values in kernels:
        flat = values.reshape(-1, values.shape[-1])
        parts.append(np.asarray(flat.real))
        if np.iscomplexobj(flat):
            parts.append(np.asarray(flat.imag))
    columns = np.vstack(parts)
    scale = np.abs(columns).max(axis=1)
    columns = columns[scale > 1e-13 * max(float(scale.max()), 1e-300)]
    columns /= np.abs(columns).max(axis=1, keepdims=True)
    r = np.linalg.qr(columns, mode="r")  # as tall as wide: a small decomposition is left
    _, size, vt = np.linalg.svd(r, full_matrices=False)
    rank = max(1, int(np.count_nonzero(size > MODES * size[0])))
    return np.asarray(vt[:rank].T)


def _interpolation(
    samples: tuple[ComplexArray, ComplexArray],
    wanted: list[ComplexArray],
    influence: FloatArray,
    points: int,
) -> tuple[IntArray, ComplexArray, ComplexArray]:
    """Which k to look at, (n_freq, m + 1), and from the values there to coefficients.

    samples: (n_line, n_freq, n_k) of both kernels; wanted: their coefficients (n_line, n_freq, r).
    influence (n_k,): the largest that a value does in space.
    """
    from scipy.linalg import lstsq, qr

    n_line, n_freq, n_k = samples[0].shape
    points = min(points, n_k - 1, n_line)
    picked = np.empty((n_freq, points + 1), dtype=np.int64)
    matrices: list[list[ComplexArray]] = [[], []]
    for n in range(n_freq):
        felt = [part[:, n] * influence for part in samples]
        both = np.vstack([part[:, :-1] / np.abs(part).max() for part in felt])
        order = qr(both, mode="r", pivoting=True)[1]
        rows = np.append(np.sort(order[:points]), n_k - 1)
        picked[n] = rows
        for part, target, found in zip(felt, wanted, matrices, strict=True):
            solution = lstsq(part[:, rows], target[:, n], cond=FIT, lapack_driver="gelsd")[0]
            found.append(solution * influence[rows][:, None])
    return picked, np.array(matrices[0]), np.array(matrices[1])


def _symbol_grid(lines: Sequence[Line], reach: float, finest: float) -> FloatArray:
    """(n,) rad/m from where the table ends to where no mesh, or the thinnest film, sees more."""
    film = [
        float(line.thickness_up[0] if line.film_up else line.thickness_down[0])
        for line in lines
        if line.film_up or line.film_down
    ]
    low, high = 0.1 / reach, 30.0 / min([reach, finest, *film])
    return np.geomspace(low, high, int(SYMBOL_PER_DECADE * np.log10(high / low)) + 1)


def lightened(made: Family) -> Family:
    """The same without its modes, which the fill alone needs."""
    return replace(made, modes_a=made.modes_a[:0], modes_phi=made.modes_phi[:0])
