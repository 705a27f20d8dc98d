"""One-port calibration from open, short and load, by scikit-rf.

Three-term error model: measured = e00 + e01 e10 G/(1 - e11 G) (e.g. Rytting, "Network analyzer
error models and calibration methods", 1998).  Standards are ideal (+1, -1, 0) unless given; the
reference plane is then where the standards are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...conventions import ComplexArray
from ...errors import InputError
from ..record import Measurement
from .reference import need_real_reference

IDEAL = {"open": 1.0 + 0.0j, "short": -1.0 + 0.0j, "load": 0.0 + 0.0j}


def calibrate(
    raw: Measurement,
    open_: Measurement,
    short: Measurement,
    load: Measurement,
    standards: Mapping[str, Measurement | complex] | None = None,
) -> Measurement:
    """``raw`` corrected with the three raw standards, all one-port sweeps of one setting.

    standards: true reflections that replace the ideal ones, by name "open", "short", "load":
    a Measurement on the same frequencies or one complex number.

    Raises :class:`InputError` where frequencies differ or two standards look alike.
    """
    import skrf

    need_real_reference(raw, "an open-short-load correction")
    truth = _truth(raw, standards or {})
    sweeps = {"open": open_, "short": short, "load": load}
    for name, sweep in sweeps.items():
        _same_setting(raw, sweep, name)
    _distinct(sweeps)
    frequency = skrf.Frequency.from_f(raw.frequency, unit="Hz")

    def network(s: ComplexArray) -> skrf.Network:
        # The error box that scikit-rf finds and takes away has 50 ohm on both sides, and it inserts
        # the step to any other reference: all of them are numbers of one reference here.
        return skrf.Network(frequency=frequency, s=s.reshape(-1, 1, 1), z0=50.0)

    calibration = skrf.calibration.OnePort(
        measured=[network(sweep.s11(raw.z0)) for sweep in sweeps.values()],
        ideals=[network(truth[name]) for name in sweeps],
    )
    corrected = calibration.apply_cal(network(raw.s11()))
    words = "given" if standards else "ideal"
    return raw.changed(
        f"open-short-load correction, {words} standards", s=np.asarray(corrected.s, dtype=complex)
    )


def _truth(
    raw: Measurement, standards: Mapping[str, Measurement | complex]
) -> dict[str, ComplexArray]:
    unknown = set(standards) - set(IDEAL)
    if unknown:
        raise InputError(
            f"standard {sorted(unknown)[0]!r} is not known; allowed: open, short, load"
        )
    result = {}
    for name, ideal in IDEAL.items():
        value = standards.get(name, ideal)
        if isinstance(value, Measurement):
            _same_setting(raw, value, f"definition of the {name}")
            result[name] = value.s11(raw.z0)
        else:
            result[name] = np.full(raw.frequency.shape, complex(value))
    return result


def _same_setting(raw: Measurement, other: Measurement, name: str) -> None:
    if other.n_ports != 1 or raw.n_ports != 1:
        raise InputError(
            f"one-port correction needs one-port sweeps; {name} has {other.n_ports} ports and the "
            f"antenna {raw.n_ports}"
        )
    if other.frequency.shape != raw.frequency.shape or not np.allclose(
        other.frequency, raw.frequency, rtol=1e-6
    ):
        raise InputError(
            f"{name} ({other.frequency.size} points, {other.frequency[0] / 1e6:g} to "
            f"{other.frequency[-1] / 1e6:g} MHz) and {raw.name} ({raw.frequency.size} points, "
            f"{raw.frequency[0] / 1e6:g} to {raw.frequency[-1] / 1e6:g} MHz) were swept "
            "differently; sweep all with one setting"
        )


def _distinct(sweeps: Mapping[str, Measurement]) -> None:
    names = list(sweeps)
    for first in range(3):
        for second in range(first + 1, 3):
            one, two = sweeps[names[first]].s11(), sweeps[names[second]].s11()
            if np.abs(one - two).min() < 1e-3:
                raise InputError(
                    f"{names[first]} and {names[second]} reflect alike at some frequency; check "
                    "that the right files were given"
                )
