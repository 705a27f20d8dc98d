"""What a Solution is made of and gives away: shares of power, far field, quality, provenance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from .common.checks import flag, shown
from .common.facts import Facts, Rows, spread
from .conventions import ETA0, SPEED_OF_LIGHT, ComplexArray, FloatArray, IntArray, JsonDict
from .errors import InputError


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Efficiency(Facts):
    """Where the power goes, each (n_freq,).

    mismatch: accepted over available power, 1 - |Gamma|^2.  sky, ground, metal, film, coupled:
    shares of the accepted power (coupled: into the loads of the other ports).
    realised = mismatch x sky.
    """

    mismatch: FloatArray
    sky: FloatArray
    ground: FloatArray
    metal: FloatArray
    film: FloatArray
    coupled: FloatArray

    @property
    def realised(self) -> FloatArray:
        return self.mismatch * self.sky

    @property
    def total(self) -> FloatArray:
        """Sum of all shares; 1 where the power balance closes."""
        return self.sky + self.ground + self.metal + self.film + self.coupled

    def facts(self) -> Rows:
        names = ("mismatch", "sky", "ground", "metal", "film", "coupled", "realised")
        return [(name, spread(getattr(self, name))) for name in names]

    def to_dict(self) -> JsonDict:
        names = ("mismatch", "sky", "ground", "metal", "film", "coupled", "realised")
        return {name: getattr(self, name).tolist() for name in names}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FarField(Facts):
    """Far field at one frequency, the stated port driven.

    theta, phi: rad, broadcast to the grid.  e_theta, e_phi: V per A, r E exp(+jkr).
    resistance_sky, resistance_in: ohm, for directivity and gain.
    """

    frequency: float
    theta: FloatArray
    phi: FloatArray
    e_theta: ComplexArray
    e_phi: ComplexArray
    resistance_sky: float
    resistance_in: float

    @property
    def intensity(self) -> FloatArray:
        """Radiation intensity U in W/sr for a peak current of 1 A."""
        power = np.abs(self.e_theta) ** 2 + np.abs(self.e_phi) ** 2
        return np.asarray(power / (2.0 * ETA0))

    @property
    def directivity_db(self) -> FloatArray:
        """4 pi U / P_sky, dBi."""
        return _decibel(4.0 * np.pi * self.intensity / (0.5 * self.resistance_sky))

    @property
    def gain_db(self) -> FloatArray:
        """4 pi U / P_in, dBi (no mismatch)."""
        return _decibel(4.0 * np.pi * self.intensity / (0.5 * self.resistance_in))

    def facts(self) -> Rows:
        size = " x ".join(str(count) for count in self.theta.shape)
        return [
            ("", f"{self.frequency / 1e6:.6g} MHz"),
            ("directions", size or "1"),
            ("largest directivity", f"{float(np.max(self.directivity_db)):.2f} dBi"),
            ("largest gain", f"{float(np.max(self.gain_db)):.2f} dBi"),
        ]

    @property
    def effective_length(self) -> tuple[ComplexArray, ComplexArray]:
        """(h_theta, h_phi) in m: h = -4 pi (r E / I) / (j k eta0)."""
        k = 2.0 * np.pi * self.frequency / SPEED_OF_LIGHT
        factor = -4.0 * np.pi / (1j * k * ETA0)
        return factor * self.e_theta, factor * self.e_phi


def directions(
    free_space: bool, theta: object, phi: object, degrees: bool
) -> tuple[FloatArray, FloatArray]:
    """Angles (rad) of a far field, broadcast against each other; None: a grid of 2.5 degrees.

    theta reaches to the horizon over soil, to the nadir without.  1-d angles make a grid
    (n_theta, n_phi).  degrees: the angles given are in degrees.
    """
    flag("degrees", degrees)
    lowest = np.pi if free_space else 0.5 * np.pi
    if theta is None:
        top = np.rad2deg(lowest)
        polar = np.deg2rad(np.linspace(0.0, top, round(top / 2.5) + 1))
    else:
        polar = _angle("theta", theta, lowest, degrees)
    if phi is None:
        azimuth = np.deg2rad(np.linspace(0.0, 360.0, 145))
    else:
        azimuth = _angle("phi", phi, 2.0 * np.pi, degrees)
    if polar.ndim == 1 and azimuth.ndim == 1:
        polar, azimuth = np.meshgrid(polar, azimuth, indexing="ij")
    polar, azimuth = np.broadcast_arrays(polar, azimuth)
    return polar, azimuth


def _angle(name: str, value: object, most: float, degrees: bool) -> FloatArray:
    """Angles in rad, checked: a plausible beam at 45 rad is the commonest slip."""
    try:
        angle = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name} = {shown(value)}; give an angle or angles in rad") from None
    angle = np.deg2rad(angle) if degrees else angle
    if angle.size and not np.all(np.abs(angle) <= most * (1.0 + 1e-9)):
        worst = float(angle.flat[int(np.argmax(np.abs(angle)))])
        given = f"{np.rad2deg(worst):g} degrees" if degrees else f"{worst:g} rad"
        raise InputError(
            f"{name} = {given}; allowed: -{most:.6g} to {most:.6g} rad "
            f"(+-{np.rad2deg(most):g} degrees)"
            + ("" if degrees else "; were degrees meant? then give degrees=True")
        )
    return angle


def _decibel(value: FloatArray) -> FloatArray:
    return np.asarray(10.0 * np.log10(np.maximum(value, 1e-30)))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Quality(Facts):
    """How far the numbers can be trusted.

    converged: the solver's own criterion.  z_error: estimated |dZ|/|Z| per frequency, or None.
    r_error (n, 4): estimated |dR|/Re Z of r_sky, r_ground, r_metal and r_film, the worst port
    counting; efficiency_error (n,): of the largest of their shares of Re Z, which errors common to
    all of them leave as they are.  None where the solver has no second mesh to compare them with.
    details: solver-specific checks (for NEC the average-gain test), arrays or scalars by name;
    gain_error (n,): estimated error of the gain in any direction, over the port's largest gain.
    power_closure is computed by the Solution and stored here.
    """

    converged: bool
    power_closure: FloatArray
    z_error: FloatArray | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    r_error: FloatArray | None = None
    efficiency_error: FloatArray | None = None

    def facts(self) -> Rows:
        error = self.z_error
        return [
            ("", "converged" if self.converged else "NOT converged"),
            ("power closure", spread(self.power_closure)),
            ("z_error", "not given" if error is None else spread(error)),
        ]

    @property
    def errors(self) -> dict[str, FloatArray | None]:
        """z_error, efficiency_error and gain_error (n,), None where the solver does not know."""
        gain = self.details.get("gain_error")
        return {
            "z_error": self.z_error,
            "efficiency_error": self.efficiency_error,
            "gain_error": None if gain is None else np.asarray(gain),
        }

    @property
    def worst_closure(self) -> str:
        """The largest power_closure as text; "not known" where a loss was had by subtraction."""
        worst = float(np.max(self.power_closure))
        return "not known" if np.isnan(worst) else f"{worst:.2g}"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Provenance(Facts):
    """What made the numbers, so that they can be made again."""

    solver: str
    solver_version: str
    package_version: str
    problem_digest: str
    accuracy: str
    created: str
    platform: str
    threads: int
    wall_seconds: float
    unknowns: int
    notes: tuple[str, ...] = ()

    def facts(self) -> Rows:
        return [
            ("solver", f"{self.solver} {self.solver_version}"),
            ("accuracy", self.accuracy),
            ("unknowns", str(self.unknowns)),
            ("took", f"{self.wall_seconds:.3g} s"),
            ("created", self.created),
            ("package", self.package_version),
            ("platform", self.platform),
            *(("note", text) for text in self.notes),
        ]

    @classmethod
    def from_dict(cls, data: JsonDict) -> Provenance:
        """Of a file; ValueError naming the key that is missing, unknown or of another type."""
        kinds: dict[str, Any] = {
            "threads": int,
            "unknowns": int,
            "wall_seconds": (int, float),
            "notes": list,
        }
        names = [item.name for item in fields(cls)]
        if set(data) != set(names):
            raise ValueError(f"provenance holds {', '.join(data)}, not {', '.join(names)}")
        for name in names:
            value = data[name]
            if isinstance(value, bool) or not isinstance(value, kinds.get(name, str)):
                raise ValueError(f"provenance {name} is {value!r}")
        if not math.isfinite(data["wall_seconds"]):
            raise ValueError(f"provenance wall_seconds is {data['wall_seconds']!r}")
        if not all(isinstance(note, str) for note in data["notes"]):
            raise ValueError(f"provenance notes is {data['notes']!r}")
        return cls(**{**data, "notes": tuple(data["notes"])})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CurrentMap(Facts):
    """Surface or wire current for plotting, per ampere at the driven port.

    position: (n, 3) m, element centres.  density: (n, 3) A/m (surface) or A (wire) per A.
    vertices (n_v, 2) m and triangles (n, 3) for surfaces; segments (n, 2, 3) m for wires.
    """

    frequency: float
    position: FloatArray
    density: ComplexArray
    vertices: FloatArray | None = None
    triangles: IntArray | None = None
    segments: FloatArray | None = None

    def facts(self) -> Rows:
        unit = "A per A" if self.triangles is None else "A/m per A"
        strength = np.sqrt((np.abs(self.density) ** 2).sum(axis=1))
        return [
            ("", f"{self.frequency / 1e6:.6g} MHz"),
            ("elements", str(self.position.shape[0])),
            ("strength", spread(strength, unit)),
        ]


@dataclass(frozen=True, slots=True, eq=False)
class CurrentShape:
    """What turns moments back into a current density.

    weight: (n_element,) m2 (triangle areas) or m (segment lengths); each element owns
    ``per_element`` consecutive points of the current elements.  Solvers whose current elements
    are not the drawn ones give position (n_element, 3) m and density
    (n_freq, n_port, n_element, 3) in A/m per A instead.
    """

    weight: FloatArray
    per_element: int = 1
    vertices: FloatArray | None = None
    triangles: IntArray | None = None
    segments: FloatArray | None = None
    position: FloatArray | None = None
    density: npt.NDArray[np.complexfloating] | None = None
