"""Merits by name: what a study can ask of a design, each an objective or a constraint of it.

    band_ratio       widest contiguous band hi/lo with efficiency >= threshold      maximised
                     efficiency = "mismatch", threshold = 0.9
    min_efficiency   lowest efficiency over band_mhz                                maximised
                     efficiency = "mismatch", band_mhz = [5, 35]
    mean_efficiency  mean efficiency over band_mhz, uniform in frequency            maximised
                     efficiency = "realised", band_mhz = [5, 35]
    sky_share        share of the sky in the accepted power, its mean over          maximised
                     band_mhz; statistic = "lowest" is another
    realised_sky     mismatch x sky, the same                                       maximised
    chromaticity     mK that a fit of the foreground leaves of a beam's change      minimised
                     with frequency: see :mod:`.chromaticity`
    noise_ratio      sky-noise over receiver-noise voltage power ratio, the lowest  maximised
                     over band_mhz; for a high-impedance preamplifier, to which 1 - |Gamma|^2
                     says nothing: see :mod:`.noise_ratio`
    dipole_likeness  largest difference from the pattern of a short dipole, dB      minimised
                     over band_mhz: see :mod:`.pattern`
    pattern_null     deepest level within 60 degrees of zenith below the maximum    minimised
    pattern_constancy  rms change of the pattern over band_mhz, dB                  minimised
    active_reflection, embedded_pattern  of a cluster of elements, the worst over   minimised
                     band_mhz and a scan: see :mod:`.active_reflection`, :mod:`.embedded_pattern`
    film_mass, metal_mass (kg), printed_area, film_area, stowed_area (m2)           minimised
                     :mod:`lunar_antenna.geometry.masses`

efficiency is one of mismatch (power that reaches the antenna over available power), sky, ground,
metal, film (shares of the power that the antenna accepts) and realised = mismatch x sky.  Sums
over the frequencies between the solved ones use the rational fit of
:mod:`lunar_antenna.circuit.resampling`.

A merit is added by one file here with a tuple MERITS, or by an entry point ``lunar_antenna.merits``
of another package that is a :class:`.base.Merit`: the merit with its default parameters, which the
tables of a study replace.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...common.checks import unknown_key
from ...common.registry import Registry
from ...errors import InputError
from .base import Merit

MERITS: Registry[Merit] = Registry(
    "lunar_antenna.search.merits",
    thing="merit",
    things="merits",
    attribute="MERITS",
    kind=Merit,
    several=True,
    beside=("over_scan",),
)


def make_merit(table: Mapping[str, Any]) -> Merit:
    """The merit of a table: ``merit`` and its parameters.  Raises :class:`InputError`."""
    if "merit" not in table:
        raise InputError(f"no merit given; write merit = one of {', '.join(MERITS.names())}")
    merit = MERITS.get(table["merit"])
    given = {key: value for key, value in table.items() if key != "merit"}
    for key in given:
        if key not in merit.parameters:
            raise InputError(unknown_key(f"merit {merit.name}", key, merit.parameters))
    return replace(merit, **given)
