"""How much a pattern is that of a dipole: beamwidths, nulls, cross-polarisation, one measure.

The standard of comparison is the short horizontal dipole: one current element along the port, at
the height of the metal, over the same stack.  Its pattern on soil has no null within 60 degrees
of zenith (cos^2 theta at the most, -6 dB) and does not depend on the size of an antenna, so
whatever an antenna's own size does to its beam is the difference from it:

    likeness = max |10 log10 u(theta, phi) - 10 log10 u_short(theta, phi)|,  theta <= 60 degrees

in dB, u = U/U(zenith), all azimuths.  A pattern is called dipole-like where this is at most 3 dB:
half a beam's power.  A half-wave dipole in free space differs by 1.6 dB, a full-wave one by 15 dB,
and anything with a null inside the cone, or at the zenith, by far more.  The weaker claim, that
there is no null within 60 degrees of zenith, is a measure of its own: nowhere there is U less than
a tenth (-10 dB) of its maximum over the upper hemisphere.

Levels are clipped 40 dB below the zenith or the maximum, so that an exact null is a number.
Angles in rad.  Directions are the upper hemisphere, with soil or without.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from .common.checks import whole
from .common.facts import Facts, Rows
from .conventions import ComplexArray, FloatArray, JsonDict, wavenumber
from .problem import Problem
from .radiation import CurrentElements, far_field
from .solution import Solution

CONE = np.deg2rad(60.0)  # half angle of the part of the sky a zenith beam observes
DIPOLE_LIKE = 3.0  # dB
NULL = -10.0  # dB
DEEPEST = -40.0  # dB, every null below counts as this
_HORIZON = np.deg2rad(89.99)  # over soil the field vanishes at 90 degrees


@dataclass(frozen=True, slots=True, repr=False)
class PatternMeasure(Facts):
    """The pattern of one port at one frequency.

    frequency: Hz.  likeness: dB, see the module.  beamwidth_e, beamwidth_h: rad, full width
    round the zenith within 3 dB of the maximum of the cut, along and across the port's axis; 0
    where the zenith is lower than that.  deepest: dB, the lowest level within 60 degrees of
    zenith relative to the maximum.  zenith: dB relative to the maximum.  cross_zenith, cross:
    dB, cross-polar power (Ludwig's third definition, IEEE Trans. Antennas Propag. 21, 116, 1973)
    relative to the greatest co-polar power: at the zenith, and the greatest within 60 degrees.
    A horizontal dipole itself has cross-polarisation outside its two principal planes.
    """

    frequency: float
    likeness: float
    beamwidth_e: float
    beamwidth_h: float
    deepest: float
    zenith: float
    cross_zenith: float
    cross: float

    def facts(self) -> Rows:
        widths = np.rad2deg([self.beamwidth_e, self.beamwidth_h])
        return [
            ("", f"{self.frequency / 1e6:.6g} MHz"),
            ("from a short dipole", f"{self.likeness:.2f} dB"),
            ("half-power width along and across", f"{widths[0]:.0f} and {widths[1]:.0f} degrees"),
            ("lowest within 60 degrees of zenith", f"{self.deepest:.1f} dB"),
            ("zenith", f"{self.zenith:.2f} dB"),
            ("cross-polar", f"{self.cross:.1f} dB"),
        ]

    @property
    def dipole_like(self) -> bool:
        return self.likeness <= DIPOLE_LIKE

    @property
    def null_free(self) -> bool:
        return self.deepest > NULL

    def to_dict(self) -> JsonDict:
        return {**asdict(self), "dipole_like": self.dipole_like, "null_free": self.null_free}


def port_axis(problem: Problem, port: int = 1) -> float:
    """Azimuth (rad) of the current through ``port``; the mean of a series of gaps."""
    port = whole("port", port, high=len(problem.layout.ports))
    gaps = problem.layout.ports[port - 1].gaps
    x, y = np.sum([gap.direction for gap in gaps], axis=0)
    return float(np.arctan2(y, x))


def short_dipole(
    problem: Problem, frequency: float, theta: FloatArray, phi: FloatArray, port: int = 1
) -> tuple[ComplexArray, ComplexArray]:
    """(E_theta, E_phi) of 1 A m along ``port`` at the metal's height over the problem's stack.

    theta, phi: rad, broadcast against each other; fields in V per A.
    """
    gaps = problem.layout.ports[port - 1].gaps
    axis = port_axis(problem, port)
    centre = np.mean([(gap.x, gap.y) for gap in gaps], axis=0)
    position = np.array([[*centre, problem.metal_height]])
    moment = np.array([np.cos(axis), np.sin(axis), 0.0], dtype=complex).reshape(1, 1, 1, 3)
    elements = CurrentElements(position, moment)
    e_theta, e_phi = far_field(elements, 0, frequency, problem.stratification, theta, phi)
    return e_theta[0], e_phi[0]


def dipole_likeness(
    solution: Solution, frequency: object = None, *, port: int = 1, step: float = 5.0
) -> FloatArray:
    """(n,) dB: largest difference from the short dipole within 60 degrees of zenith.

    frequency: Hz, one or several solved ones; None is all of them.  step: degrees in theta; in
    azimuth three times as much.
    """
    theta, phi = cone_grid(step)
    out = []
    for f in _frequencies(solution, frequency):
        level = _zenith_level(_power(*_field(solution, f, theta, phi, port)))
        reference = _zenith_level(_power(*short_dipole(solution.problem, f, theta, phi, port)))
        out.append(np.abs(level - reference).max())
    return np.array(out)


def deepest_level(
    solution: Solution, frequency: object = None, *, port: int = 1, step: float = 5.0
) -> FloatArray:
    """(n,) dB: lowest level within 60 degrees of zenith, relative to the upper maximum.

    Parameters as in :func:`dipole_likeness`.
    """
    theta, phi = cone_grid(step)
    outer = np.deg2rad(np.arange(60.0 + step, 89.99, step))[:, None]
    out = []
    for f in _frequencies(solution, frequency):
        power = _power(*_field(solution, f, theta, phi, port))
        beyond = _power(*_field(solution, f, outer, phi, port))
        out.append(_decibel(power.min() / max(power.max(), beyond.max())))
    return np.array(out)


def pattern_constancy(
    solution: Solution, frequency: object = None, *, port: int = 1, step: float = 5.0
) -> float:
    """rms change over frequency of the pattern relative to zenith, within 60 degrees of it, dB.

    sqrt of the mean over frequency and solid angle of (L(f, Omega) - mean over f of L)^2, with
    L = 10 log10 U/U(zenith).  0 for a beam that does not change; needs two frequencies or more
    to say anything.  Parameters as in :func:`dipole_likeness`.
    """
    theta, phi = cone_grid(step)
    level = np.stack(
        [
            _zenith_level(_power(*_field(solution, f, theta, phi, port)))
            for f in _frequencies(solution, frequency)
        ]
    )  # (n_freq, n_theta, n_phi)
    square = ((level - level.mean(axis=0)) ** 2).mean(axis=(0, 2))
    weight = np.sin(theta[:, 0])
    return float(np.sqrt((square * weight).sum() / weight.sum()))


def measure(solution: Solution, frequency: float, *, port: int = 1) -> PatternMeasure:
    """All measures at one solved ``frequency`` (Hz), on a grid of 2.5 x 7.5 degrees."""
    theta, phi = cone_grid(2.5)
    outer = np.linspace(float(theta[-1, 0]), _HORIZON, 13)[:, None]
    axis = port_axis(solution.problem, port)
    e_theta, e_phi = _field(solution, frequency, theta, phi, port)
    turn = phi - axis
    co = np.abs(e_theta * np.cos(turn) - e_phi * np.sin(turn)) ** 2
    cross = np.abs(e_theta * np.sin(turn) + e_phi * np.cos(turn)) ** 2
    power = co + cross
    most = max(power.max(), _power(*_field(solution, frequency, outer, phi, port)).max())
    return PatternMeasure(
        frequency=float(frequency),
        likeness=float(dipole_likeness(solution, frequency, port=port, step=2.5)[0]),
        beamwidth_e=_beamwidth(solution, frequency, axis, port),
        beamwidth_h=_beamwidth(solution, frequency, axis + np.pi / 2.0, port),
        deepest=_decibel(power.min() / most),
        zenith=_decibel(power[0, 0] / most),
        cross_zenith=_decibel(cross[0, 0] / co.max()),
        cross=_decibel(cross.max() / co.max()),
    )


def cone_grid(step: float) -> tuple[FloatArray, FloatArray]:
    """(theta (n, 1), phi (1, m)) rad over the cone: ``step`` degrees, three times that in phi."""
    theta = np.linspace(0.0, CONE, max(2, round(60.0 / step) + 1))
    phi = np.linspace(0.0, 2.0 * np.pi, max(8, round(120.0 / step)), endpoint=False)
    return theta[:, None], phi[None, :]


def _frequencies(solution: Solution, frequency: object) -> list[float]:
    if frequency is None:
        return [float(f) for f in solution.frequency]
    return [float(f) for f in np.atleast_1d(np.asarray(frequency, dtype=float))]


def _field(
    solution: Solution, frequency: float, theta: FloatArray, phi: FloatArray, port: int
) -> tuple[ComplexArray, ComplexArray]:
    """(E_theta, E_phi) on the broadcast grid.

    Horizontal currents in one plane radiate as two crossed short dipoles, each times the array
    factor of its components: far fewer operations than the general sum, to rounding the same.
    """
    theta, phi = np.broadcast_arrays(theta, phi)
    elements = solution.elements
    position = elements.position
    moment = elements.electric[solution.frequency_index(frequency), port - 1]  # (n, 3)
    flat = np.ptp(position[:, 2]) == 0.0 and not np.any(moment[:, 2])
    if elements.magnetic is not None or not flat:
        field = solution.far_field(frequency, theta, phi, port=port)
        return field.e_theta, field.e_phi
    pair = CurrentElements(
        np.array([[0.0, 0.0, position[0, 2]]]), np.eye(2, 3, dtype=complex).reshape(1, 2, 1, 3)
    )
    layers = solution.problem.stratification
    e_theta, e_phi = far_field(pair, 0, frequency, layers, theta, phi)  # (2, n_theta, n_phi)
    k = float(wavenumber(np.array(frequency)))
    side = k * np.sin(theta)
    phase = side[..., None] * np.cos(phi)[..., None] * position[:, 0]
    phase += side[..., None] * np.sin(phi)[..., None] * position[:, 1]
    factor = np.moveaxis(np.exp(1j * phase) @ moment[:, :2], -1, 0)  # (2, n_theta, n_phi)
    return (factor * e_theta).sum(axis=0), (factor * e_phi).sum(axis=0)


def _power(e_theta: ComplexArray, e_phi: ComplexArray) -> FloatArray:
    return np.asarray(np.abs(e_theta) ** 2 + np.abs(e_phi) ** 2)


def _decibel(ratio: float) -> float:
    return float(10.0 * np.log10(max(ratio, 10.0 ** (DEEPEST / 10.0))))


def _zenith_level(power: FloatArray) -> FloatArray:
    """dB relative to the zenith (first row), nothing 40 dB below the maximum of the cone."""
    floored = np.maximum(power, power.max() * 10.0 ** (DEEPEST / 10.0))
    return np.asarray(10.0 * np.log10(floored / floored[0, 0]))


def _beamwidth(solution: Solution, frequency: float, azimuth: float, port: int) -> float:
    """Full half-power width round the zenith of the cut at ``azimuth``, rad."""
    signed = np.linspace(-_HORIZON, _HORIZON, 181)
    phi = azimuth + np.where(signed < 0.0, np.pi, 0.0)
    power = _power(*_field(solution, frequency, np.abs(signed)[:, None], phi[:, None], port))[:, 0]
    half = 0.5 * power.max()
    zenith = signed.size // 2
    if power[zenith] < half:
        return 0.0
    edges = []
    for side in (power[zenith:], power[zenith::-1]):
        below = np.flatnonzero(side < half)
        if below.size == 0:
            edges.append(_HORIZON)
            continue
        k = int(below[0])
        part = (side[k - 1] - half) / (side[k - 1] - side[k])
        edges.append((k - 1 + part) * (signed[1] - signed[0]))
    return float(sum(edges))
