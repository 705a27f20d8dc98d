"""Taking a fixture, a balun or a hub off a measured reflection."""

from __future__ import annotations

import numpy as np

from ...circuit.waves import ohms, reference, reflection, renormalise, renormalise_all
from ...common.checks import choice, number
from ...conventions import ComplexArray, FloatArray
from ...errors import InputError
from ..passivity import check_passive
from ..record import Measurement

LEAST_THROUGH = 1e-3  # |S12 S21|: 30 dB each way, where noise of -60 dB becomes the whole answer
MOST_GROWTH = 1e3  # |dGamma/dG| of an error of the sweep
RECIPROCAL_MARGIN = 0.1  # |S12 - S21| that calibration may leave
ABSENT = 1e-5  # -100 dB at every frequency is nothing that was measured


def deembed(
    measurement: Measurement,
    fixture: Measurement,
    antenna_port: int = 2,
    z_antenna: complex | None = None,
) -> Measurement:
    """Take the two-port ``fixture`` off a one-port ``measurement``.

    antenna_port: the fixture's port at the antenna (1 or 2: either orientation of the .s2p).
    z_antenna: ohm, reference of the result; None keeps the measurement's.  The fixture is
    interpolated to the measured frequencies and must cover them.

    Gamma = (G - S11)/(S12 S21 + S22 (G - S11)), the inverse of G = S11 + S12 S21 Gamma /
    (1 - S22 Gamma), with port 1 at the analyser (e.g. Pozar, Microwave Engineering, ch. 4).  It
    holds where the wave that leaves one side enters the other, which for power waves asks for a
    real reference: at a complex one all is seen from its real part and brought back.

    Raises :class:`InputError` for a fixture that is not passive, or where an error of the sweep
    would grow more than :data:`MOST_GROWTH` times.
    """
    a, b, c = _terms(measurement, fixture, antenna_port)
    rest = _at_real_reference(measurement) - a
    below = c + b * rest
    poor = (np.abs(c) < LEAST_THROUGH) | (np.abs(c) > MOST_GROWTH * np.abs(below) ** 2)
    if poor.any():
        place = int(np.argmax(poor))
        raise InputError(
            f"fixture {fixture.name} cannot be taken off at {measurement.frequency[place] / 1e6:g} "
            f"MHz: it lets |S12 S21| = {np.abs(c[place]):.3g} through (allowed: from "
            f"{LEAST_THROUGH:g}) and an error of the sweep may grow {MOST_GROWTH:g} times; both "
            "directions must be measured and the band is the one it was made for"
        )
    gamma = _back(rest / below, measurement)
    result = measurement.changed(
        f"fixture {fixture.name} taken off (antenna at its port {antenna_port})",
        s=gamma[:, None, None],
    )
    return result if z_antenna is None else renormalised(result, z_antenna)


def embed(measurement: Measurement, fixture: Measurement, antenna_port: int = 2) -> Measurement:
    """Put ``fixture`` in front of ``measurement``: the inverse of :func:`deembed`."""
    a, b, c = _terms(measurement, fixture, antenna_port)
    gamma = _at_real_reference(measurement)
    s = _back(a + c * gamma / (1.0 - b * gamma), measurement)
    return measurement.changed(
        f"fixture {fixture.name} put in front (antenna at its port {antenna_port})",
        s=s[:, None, None],
    )


def _at_real_reference(measurement: Measurement) -> ComplexArray:
    z0 = complex(measurement.z0)
    return renormalise(measurement.s11(), z0, complex(z0.real))


def _back(gamma: ComplexArray, measurement: Measurement) -> ComplexArray:
    z0 = complex(measurement.z0)
    return renormalise(gamma, complex(z0.real), z0)


def _terms(
    measurement: Measurement, fixture: Measurement, antenna_port: int
) -> tuple[ComplexArray, ComplexArray, ComplexArray]:
    """(S11, S22, S12 S21) of the fixture seen from the analyser, at the measured frequencies.

    At the real part of the measurement's reference.
    """
    from ...circuit.resampling import interpolate

    if fixture.n_ports != 2 or measurement.n_ports != 1:
        raise InputError(
            f"de-embedding takes a two-port fixture off a one-port; given {fixture.n_ports} and "
            f"{measurement.n_ports} port(s)"
        )
    choice("antenna_port", str(antenna_port), ("1", "2"))
    first, last = fixture.frequency[0], fixture.frequency[-1]
    if measurement.frequency[0] < first * (1 - 1e-9) or measurement.frequency[-1] > last * (
        1 + 1e-9
    ):
        raise InputError(
            f"fixture {fixture.name} covers {first / 1e6:g} to {last / 1e6:g} MHz, the measurement "
            f"{measurement.frequency[0] / 1e6:g} to {measurement.frequency[-1] / 1e6:g} MHz; "
            "measure the fixture over the whole band"
        )
    check_passive(f"fixture {fixture.name}", fixture.s, fixture.frequency)
    fixture = renormalised(fixture, complex(complex(measurement.z0).real))
    antenna = antenna_port - 1
    analyser = 1 - antenna

    def at(row: int, column: int) -> ComplexArray:
        values = fixture.s[:, row, column]
        result = interpolate(fixture.frequency, values, measurement.frequency).values
        check_passive(
            f"fixture {fixture.name}, interpolated from {fixture.frequency.size} points,",
            result[:, None, None],
            measurement.frequency,
        )
        return result

    through = at(analyser, antenna) * at(antenna, analyser)
    return at(analyser, analyser), at(antenna, antenna), through


def renormalised(measurement: Measurement, z0: complex) -> Measurement:
    """The same network at another reference impedance (all ports), ohm."""
    new, old = reference(z0), complex(measurement.z0)
    if new == old:
        return measurement
    s = renormalise_all(measurement.s, old, new)
    return measurement.changed(f"renormalised from {ohms(old)} to {ohms(new)}", s=s, z0=new)


def without_capacitance(measurement: Measurement, capacitance: float) -> Measurement:
    """Take a capacitance (F) in parallel with the antenna's terminals off, e.g. a hub's."""
    value = number("capacitance", capacitance, low=0.0, high=1e-6, unit="F")
    omega = 2.0 * np.pi * measurement.frequency
    return _shunt(measurement, -omega * value, f"{value * 1e12:.3g} pF across it taken off")


def with_capacitance(measurement: Measurement, capacitance: float) -> Measurement:
    """Put a capacitance (F) in parallel with the antenna's terminals."""
    value = number("capacitance", capacitance, low=0.0, high=1e-6, unit="F")
    omega = 2.0 * np.pi * measurement.frequency
    return _shunt(measurement, omega * value, f"{value * 1e12:.3g} pF put across it")


def _shunt(measurement: Measurement, susceptance: FloatArray, step: str) -> Measurement:
    if measurement.n_ports != 1:
        raise InputError("a lumped capacitance is taken off one-port data; choose one port first")
    z = measurement.impedance()
    below = 1.0 + 1j * susceptance * z  # of 1/(1/Z + jB), without dividing by Z
    below = np.where(np.abs(below) < 1e-15, 1e-15, below)
    s = reflection(np.asarray(z / below), complex(measurement.z0))
    return measurement.changed(step, s=s[:, None, None])


def differential(measurement: Measurement) -> Measurement:
    """The differential reflection of a two-port sweep of both arms, at twice the reference.

    S_dd = (S11 - S12 - S21 + S22)/2 (Bockelman and Eisenstadt, IEEE Trans. MTT 43 (1995)
    1530): 50 ohm ports become 100 ohm differential.

    Raises :class:`InputError` for a sweep that holds fewer than the four parameters (a one-way
    analyser writes zeros for the others), or is no passive and reciprocal antenna's.
    """
    if measurement.n_ports != 2:
        raise InputError(
            f"a differential reflection needs a two-port sweep, this one has "
            f"{measurement.n_ports} port(s); use z0=100 to relabel a one-port file"
        )
    _check_both_ways(measurement)
    s = measurement.s
    value = 0.5 * (s[:, 0, 0] - s[:, 0, 1] - s[:, 1, 0] + s[:, 1, 1])
    return measurement.changed(
        "differential reflection of two single-ended ports",
        s=value[:, None, None],
        z0=2.0 * complex(measurement.z0),
    )


def _check_both_ways(measurement: Measurement) -> None:
    s, name = measurement.s, measurement.name
    absent = np.abs(s).max(axis=0) < ABSENT  # (2, 2)
    if absent[0, 0] != absent[1, 1] or absent[0, 1] != absent[1, 0]:
        lacking = [f"S{i + 1}{j + 1}" for i, j in np.argwhere(absent)]
        raise InputError(
            f"{name} holds no measured {', '.join(lacking)} (0 at every frequency), as an analyser "
            "of one direction writes it; a differential reflection needs all four: sweep the other "
            "direction too, with the ports swapped"
        )
    check_passive(f"two-port sweep {name}", s, measurement.frequency)
    unlike = float(np.abs(s[:, 0, 1] - s[:, 1, 0]).max())
    if unlike > RECIPROCAL_MARGIN:
        raise InputError(
            f"{name}: S12 and S21 differ by {unlike:.3g} (allowed for an antenna, which is "
            f"reciprocal: {RECIPROCAL_MARGIN:g}); check calibration and directions"
        )
