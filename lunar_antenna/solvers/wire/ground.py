"""Power into the soil below horizontal wires, as flux through its surface.

A horizontal current sheet J exp(-j k.r) at height h over a half-space acts on two transmission
lines, TE (J across k) and TM (J along k), with Z_te = omega mu0/k_z and Z_tm = k_z/(omega eps).
From the voltage at the surface, V = -J Z0 Zg/(Z0 + Zg) exp(-j k_0z h), the flux 1/2 |V|^2 Re(1/Zg)
gives, for J = 1 A/m,

    F = |Z0|^2 Re(Zg)/|Z0 + Zg|^2 |exp(-j k_0z h)|^2

and two horizontal current moments m and n at a distance rho share the resistance

    R = m* [ (A0 - A2) n + 2 A2 rho^ (rho^.n) ],
    A0 = (1/4 pi) int (F_tm + F_te) J0(k rho) k dk,  A2 = (1/4 pi) int (F_te - F_tm) J2(k rho) k dk.

Nothing here is had from Z or by subtraction, so that the power balance is a test.
(Transmission lines of layered media: e.g. Michalski & Mosig, IEEE Trans. AP 45 (1997) 508.)
"""

from __future__ import annotations

import math

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import j0, j1

from ...conventions import EPS0, MU0, ComplexArray, FloatArray, wavenumber
from ...media.layer import Layer
from ..thin_wire.types import WireModel

DECAY = 34.0  # exp(-DECAY) of the spectrum is left out
NODES = 12  # Gauss points of a panel
TURN = 6.0  # radians of k rho within a panel, at most
SPLIT = 0.5  # of the height: longest piece of a segment
BATCH = 400_000  # pairs at a time


def ground_resistance(
    model: WireModel,
    current: ComplexArray,
    slope: ComplexArray,
    frequency: float,
    soil: Layer,
) -> ComplexArray:
    """(p, p) Hermitian R with power into the soil = 1/2 I^H R I, ohm.

    current (p, n_segment) A and slope (p, n_segment) A/m of every segment of ``model``, whose wires
    are horizontal and at one height over ``soil`` at z = 0.
    """
    place, moment, height = _moments(model, current, slope)
    reach = float(np.linalg.norm(np.ptp(place, axis=0))) + 1e-9
    first, second = _tables(reach, height, frequency, soil)
    total = np.zeros((current.shape[0],) * 2, dtype=complex)
    rows = max(1, BATCH // place.shape[0])
    for start in range(0, place.shape[0], rows):
        part = slice(start, start + rows)
        apart = place[part, None, :] - place[None, :, :]
        rho = np.hypot(apart[..., 0], apart[..., 1])
        unit = apart / np.where(rho == 0.0, 1.0, rho)[..., None]
        here = np.conj(moment[:, part])  # (p, i, 2)
        a0, a2 = first(rho), second(rho)
        total += np.einsum("pix,ij,qjx->pq", here, a0 - a2, moment, optimize=True)
        for i in range(2):
            for j in range(2):
                weight = 2.0 * a2 * unit[..., i] * unit[..., j]
                total += here[..., i] @ weight @ moment[..., j].T
    return np.asarray(0.5 * (total + total.conj().T))


def _moments(
    model: WireModel, current: ComplexArray, slope: ComplexArray
) -> tuple[FloatArray, ComplexArray, float]:
    """(n, 2) m and (p, n, 2) A m of points no further apart than half the height; the height."""
    ends = model.segment_ends
    height = float(ends[:, :, 2].mean())
    vector = (ends[:, 1] - ends[:, 0])[:, :2]
    length = np.linalg.norm(vector, axis=1)
    count = max(2, math.ceil(float(length.max()) / (SPLIT * height)))
    node, weight = np.polynomial.legendre.leggauss(min(count, 64))
    place = ends[:, 0, None, :2] + 0.5 * (node[:, None] + 1.0) * vector[:, None, :]
    along = 0.5 * node * length[:, None]  # (n, m)
    value = current[..., None] + slope[..., None] * along
    moment = (0.5 * weight * value)[..., None] * vector[:, None, :]
    return place.reshape(-1, 2), moment.reshape(current.shape[0], -1, 2), height


def _tables(
    reach: float, height: float, frequency: float, soil: Layer
) -> tuple[CubicSpline, CubicSpline]:
    """A0 and A2, ohm per m^2, over 0 <= rho <= ``reach`` (m)."""
    k, weight, te, tm = _spectrum(reach, height, frequency, soil)
    count = 120 + int(60.0 * math.asinh(reach / height))
    top = math.asinh(reach / height)
    rho = height * np.sinh(np.linspace(0.0, top, count))
    extra = int(4.0 * reach * float(np.real(soil.wavenumber(np.array([frequency]))[0])))
    rho = np.unique(np.concatenate((rho, np.linspace(0.0, reach, 2 + extra))))
    a0, a2 = np.empty(rho.size), np.empty(rho.size)
    for start in range(0, rho.size, 64):
        part = slice(start, start + 64)
        phase = rho[part, None] * k
        zero = j0(phase)
        # J2, ten times as fast as the general Bessel function; rounding counts against one
        two = 2.0 * j1(phase) / np.where(phase == 0.0, 1.0, phase) - zero
        two[phase == 0.0] = 0.0
        a0[part] = zero @ (weight * (tm + te))
        a2[part] = two @ (weight * (te - tm))
    scale = 1.0 / (4.0 * math.pi)
    return CubicSpline(rho, scale * a0), CubicSpline(rho, scale * a2)


def _spectrum(
    reach: float, height: float, frequency: float, soil: Layer
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """k (rad/m), weight (k dk) and F of both lines (ohm) at the nodes."""
    omega = 2.0 * math.pi * frequency
    k0 = float(wavenumber(np.array(frequency)))
    ground = complex(soil.wavenumber(np.array([frequency]))[0])
    last = DECAY / (2.0 * height)
    turn = TURN / reach
    # visible waves by k_z = k0 cos, whose k dk is smooth; the others by kappa alike
    inner, inner_weight = _panels(np.linspace(0.0, k0, 2 + int(k0 / turn)))
    branch = math.sqrt(max((ground * ground).real - k0 * k0, 0.0))
    width = max(abs((ground * ground).imag) / (2.0 * max(branch, 1e-9 * k0)), 1e-7 * k0)
    steps = width * 2.0 ** np.arange(0.0, 40.0)
    edges = np.concatenate(
        ([0.0, branch, last], branch - steps, branch + steps, np.arange(turn, last, turn))
    )
    edges = np.unique(np.clip(edges, 0.0, last))
    outer, outer_weight = _panels(edges[np.concatenate(([True], np.diff(edges) > 1e-12 * last))])
    k = np.concatenate((np.sqrt(k0**2 - inner**2), np.hypot(k0, outer)))
    weight = np.concatenate((inner * inner_weight, outer * outer_weight))
    above = np.concatenate((inner.astype(complex), -1j * outer))
    below = np.sqrt(ground**2 - k**2)
    below = np.where(below.imag > 0.0, -below, below)
    decay = np.exp(2.0 * height * above.imag)
    epsilon = complex(soil.complex_eps_r(np.array([frequency]))[0]) * EPS0

    # F of the lines above with both impedances multiplied out
    te = omega * MU0 * below.real / np.abs(above + below) ** 2 * decay
    over, under = above / EPS0, below / epsilon
    tm = np.abs(over) ** 2 * under.real / (omega * np.abs(over + under) ** 2) * decay
    return k, weight, te, tm


def _panels(edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gauss points and weights of all panels between ``edges``."""
    node, weight = np.polynomial.legendre.leggauss(NODES)
    half = 0.5 * np.diff(edges)
    at = edges[:-1, None] + half[:, None] * (node + 1.0)
    return at.ravel(), (half[:, None] * weight).ravel()
