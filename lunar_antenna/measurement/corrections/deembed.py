"""Taking a fixture, a balun or a hub off a measured reflection."""

from __future__ import annotations

import numpy as np

from ...circuit.waves import ohms, reference, reflection, renormalise_all
from ...common.checks import choice, number
from ...conventions import ComplexArray, FloatArray
from ...errors import InputError
from ..record import Measurement


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
    (1 - S22 Gamma), with port 1 at the analyser (e.g. Pozar, Microwave Engineering, ch. 4).
    """
    a, b, c = _terms(measurement, fixture, antenna_port)
    rest = measurement.s11() - a
    below = c + b * rest
    if np.abs(below).min() < 1e-9:
        raise InputError(
            f"fixture {fixture.name} lets nothing through at some frequency; it cannot be taken off"
        )
    gamma = rest / below
    result = measurement.changed(
        f"fixture {fixture.name} taken off (antenna at its port {antenna_port})",
        s=gamma[:, None, None],
    )
    return result if z_antenna is None else renormalised(result, z_antenna)


def embed(measurement: Measurement, fixture: Measurement, antenna_port: int = 2) -> Measurement:
    """Put ``fixture`` in front of ``measurement``: the inverse of :func:`deembed`."""
    a, b, c = _terms(measurement, fixture, antenna_port)
    gamma = measurement.s11()
    s = a + c * gamma / (1.0 - b * gamma)
    return measurement.changed(
        f"fixture {fixture.name} put in front (antenna at its port {antenna_port})",
        s=s[:, None, None],
    )


def _terms(
    measurement: Measurement, fixture: Measurement, antenna_port: int
) -> tuple[ComplexArray, ComplexArray, ComplexArray]:
    """(S11, S22, S12 S21) of the fixture seen from the analyser, at the measured frequencies."""
    from ...circuit.interpolate import interpolate

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
    fixture = renormalised(fixture, complex(measurement.z0))
    antenna = antenna_port - 1
    analyser = 1 - antenna

    def at(values: ComplexArray) -> ComplexArray:
        return interpolate(fixture.frequency, values, measurement.frequency).values

    s = fixture.s
    through = at(s[:, analyser, antenna]) * at(s[:, antenna, analyser])
    return at(s[:, analyser, analyser]), at(s[:, antenna, antenna]), through


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
    y = 1.0 / measurement.impedance() + 1j * susceptance
    s = reflection(np.asarray(1.0 / y, dtype=complex), complex(measurement.z0))
    return measurement.changed(step, s=s[:, None, None])


def differential(measurement: Measurement) -> Measurement:
    """The differential reflection of a two-port sweep of both arms, at twice the reference.

    S_dd = (S11 - S12 - S21 + S22)/2 (Bockelman and Eisenstadt, IEEE Trans. MTT 43 (1995)
    1530): 50 ohm ports become 100 ohm differential.
    """
    if measurement.n_ports != 2:
        raise InputError(
            f"a differential reflection needs a two-port sweep, this one has "
            f"{measurement.n_ports} port(s); use z0=100 to relabel a one-port file"
        )
    s = measurement.s
    value = 0.5 * (s[:, 0, 0] - s[:, 0, 1] - s[:, 1, 0] + s[:, 1, 1])
    return measurement.changed(
        "differential reflection of two single-ended ports",
        s=value[:, None, None],
        z0=2.0 * complex(measurement.z0),
    )
