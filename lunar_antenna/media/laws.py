"""Permittivity of dry lunar material from its bulk density and its iron and titanium content.

    eps_r = base^rho
    tan delta = 10^(a C + b rho - c)

rho: bulk density in g/cm3 in the published fits; this module takes kg/m3 and divides by 1000.
C: FeO + TiO2 in percent by mass.  Both are constant over the band: dry lunar powders show a loss
tangent that does not depend on frequency over several decades, with a direct-current conductivity
of 1e-13 to 1e-16 S/m (read).

Temperature: no correction is applied.  Read: -60 C lowers eps_r by 6 to 18 % against 20 C, at
UHF and above; that is a spread, at other frequencies, and no law follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..common.checks import choice, number
from ..conventions import FloatArray
from ..errors import InputError

STATUSES = ("read", "computed", "assumed")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a law was found.

    status: "read" (seen in the named source), "computed" (derived from a read number) or
    "assumed" (general knowledge or our choice, not verified).
    """

    text: str
    status: str
    doi: str = ""

    def __post_init__(self) -> None:
        choice("source status", self.status, STATUSES)


@dataclass(frozen=True, slots=True)
class PermittivityLaw:
    """One published fit; ``loss`` holds (a, b, c) of the loss law, None where none was given.

    base_spread: the stated +- of the base, 0 where none was given.
    """

    name: str
    base: float
    base_spread: float
    loss: tuple[float, float, float] | None
    source: Source

    def eps_r(self, density: object) -> FloatArray:
        """Real relative permittivity base^(density/1000), density in kg/m3, same shape."""
        return np.asarray(self.base ** (_density(density) / 1000.0))

    def eps_r_bounds(self, density: object) -> tuple[FloatArray, FloatArray]:
        """eps_r at base - spread and at base + spread, density in kg/m3."""
        rho = _density(density) / 1000.0
        low, high = self.base - self.base_spread, self.base + self.base_spread
        return np.asarray(low**rho), np.asarray(high**rho)

    def loss_tangent(self, density: object, feo_tio2_percent: float) -> FloatArray:
        """tan delta, shape of density (kg/m3); feo_tio2_percent by mass, 0 to 100.

        Raises InputError where the source gives no loss law.
        """
        if self.loss is None:
            raise InputError(
                f"permittivity law {self.name!r} has no loss tangent; "
                f"use one of {', '.join(lossy_laws())}"
            )
        a, b, c = self.loss
        return np.asarray(
            10.0 ** (a * _percent(feo_tio2_percent) + b * _density(density) / 1000.0 - c)
        )


def _density(value: object) -> FloatArray:
    """Density in kg/m3; a value below 10 is surely g/cm3 and is refused."""
    rho = np.asarray(value, dtype=float)
    if rho.size and (not np.all(np.isfinite(rho)) or rho.min() < 0.0 or rho.max() > 10_000.0):
        raise InputError("density is outside [0, 10000] kg/m3 or not finite; give kg/m3")
    if rho.size and 0.0 < rho.max() < 10.0:
        raise InputError(
            f"density {rho.max():g} kg/m3 looks like g/cm3; give kg/m3 (1.8 g/cm3 = 1800 kg/m3)"
        )
    return rho


def _percent(value: float) -> float:
    return number("FeO+TiO2", value, low=0.0, high=100.0, unit="%")


LAWS: dict[str, PermittivityLaw] = {
    law.name: law
    for law in (
        PermittivityLaw(
            "all_samples",
            1.919,
            0.0,
            (0.038, 0.312, 3.260),
            Source(
                "Olhoeft & Strangway 1975, Earth Planet. Sci. Lett. 24, 394; Carrier, Olhoeft & "
                "Mendell 1991, Lunar Sourcebook ch. 9 (all samples)",
                "read",
                "10.1016/0012-821X(75)90146-6",
            ),
        ),
        PermittivityLaw(
            "soils_only",
            1.871,
            0.0,
            (0.027, 0.273, 3.058),
            Source("Lunar Sourcebook 1991, fig. 9.53 (soils only)", "read"),
        ),
        PermittivityLaw(
            "strangway_1977",
            1.93,
            0.17,
            None,
            Source(
                "Strangway, Pearce & Olhoeft 1977, NTRS 19780005009: above 100 kHz; tan delta "
                "below 0.005 for typical soils and 0.005 to 0.03 for typical rocks",
                "read",
            ),
        ),
    )
}


def lossy_laws() -> tuple[str, ...]:
    """Names of the laws that give a loss tangent too."""
    return tuple(name for name, law in LAWS.items() if law.loss is not None)


def permittivity_law(name: str) -> PermittivityLaw:
    """The law of that name; InputError lists all names."""
    return LAWS[choice("permittivity law", name, tuple(LAWS))]
