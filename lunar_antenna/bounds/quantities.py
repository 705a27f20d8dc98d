"""What is bounded: a power or an intensity over the power accepted, as a form of the moments.

A quantity is m^H A m / P with P = I^H R I twice the power accepted by the current I and m its
moments on the grid of sources, (2 n_grid,) A m.  A is Hermitian and positive: A = L L^H.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..common.checks import choice, number
from ..conventions import ETA0, MU0, ComplexArray, FloatArray, JsonDict
from ..errors import InputError
from ..media.plane_wave import plane_wave_fields
from ..problem import Problem
from ..solvers.planar.matrices import Sources
from .fed import Feed

FED = ("realised_sky", "realised_gain")
GAINS = ("gain", "realised_gain")
QUANTITIES = ("sky_share", "gain", "efficiency", *FED)
KEPT = 1e-13  # of the largest eigenvalue of A
RINGS, SPOKES = 8, 24  # directions of a cone: exact for |E|^2 of layouts of some wavelengths


@dataclass(frozen=True, slots=True)
class Quantity:
    """name; direction (theta, phi) rad and half-angle ``cone`` rad of a gain, None elsewhere.

    feed: of what is realised at a port.
    """

    name: str
    direction: tuple[float, float] | None = None
    cone: float | None = None
    feed: Feed | None = None

    @classmethod
    def of(
        cls,
        name: str,
        direction: tuple[float, float] | None = None,
        cone: float | None = None,
        z0: float | None = None,
        reactance: float | None = None,
    ) -> Quantity:
        """Checked; a gain without direction is that towards the zenith, z0 100 ohm if not given."""
        choice("quantity", name, QUANTITIES)
        feed = None
        if name in FED:
            z0 = number("z0", 100.0 if z0 is None else z0, low=0.0, high=1e6, low_open=True)
            if reactance is not None:
                reactance = number("reactance", reactance, low=-1e6, high=1e6, unit="ohm")
            feed = Feed(z0, reactance)
        elif z0 is not None or reactance is not None:
            raise InputError(
                f"quantity {name} has no z0 and no reactance; use one of {', '.join(FED)} or leave "
                "them out"
            )
        if name not in GAINS:
            if direction is not None or cone is not None:
                raise InputError(
                    f"quantity {name} has no direction and no cone; use quantity gain or leave "
                    "them out"
                )
            return cls(name, feed=feed)
        theta, phi = direction or (0.0, 0.0)
        theta = number("direction theta", theta, low=0.0, high=math.pi, unit="rad")
        phi = number("direction phi", phi, low=-2.0 * math.pi, high=2.0 * math.pi, unit="rad")
        if cone is not None:
            cone = number("cone", cone, low=0.0, high=math.pi, low_open=True, unit="rad")
        return cls(name, (theta, phi), cone, feed)

    def check(self, problem: Problem) -> None:
        """:class:`InputError` where the quantity means nothing for ``problem``."""
        if self.feed is not None and not problem.layout.ports:
            raise InputError(f"quantity {self.name} has no port; give the gap that it is fed at")
        if self.feed is None and problem.layout.ports:
            raise InputError(
                f"quantity {self.name} takes no port; use one of {', '.join(FED)} or leave it out"
            )
        free = problem.stack.is_free_space
        if self.name == "efficiency" and not free:
            raise InputError(
                "quantity efficiency is radiated over accepted power in free space; over soil use "
                "sky_share"
            )
        if self.direction is not None and not free and self.direction[0] >= math.pi / 2.0:
            raise InputError(
                f"direction theta = {self.direction[0]:g} rad is below the horizon; over soil "
                "give less than pi/2"
            )

    def factor(self, problem: Problem, sources: Sources, index: int) -> ComplexArray:
        """L (2 n_grid, r) at one frequency, A = L L^H."""
        if self.direction is None:
            return _root(sources.sky[index])
        frequency = float(problem.frequency[index])
        theta, phi, weight = self._directions()
        place = np.column_stack(
            (sources.position, np.full(len(sources.position), problem.metal_height))
        )
        waves = plane_wave_fields(problem.stratification, frequency, theta, phi, place)
        field = np.moveaxis(waves.electric[..., :2], 3, 2)  # (2, n_dir, 2, n_grid)
        scale = 2.0 * np.pi * frequency * MU0 / (4.0 * np.pi)  # V per A m
        # gain = 4 pi U / P = (4 pi/eta0) |E|^2 over twice the power, |E|^2 = |rows m|^2
        rows = (
            scale * np.sqrt(4.0 * np.pi / ETA0 * weight)[:, None] * field.reshape(2, theta.size, -1)
        )
        return np.asarray(rows.reshape(2 * theta.size, -1).conj().T)

    def _directions(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """theta, phi (rad) and weights (sum 1) over the cone, or the one direction."""
        theta, phi = self.direction or (0.0, 0.0)
        if self.cone is None:
            return np.array([theta]), np.array([phi]), np.ones(1)
        node, weight = np.polynomial.legendre.leggauss(RINGS)
        cosine = 1.0 - 0.5 * (1.0 - math.cos(self.cone)) * (1.0 - node)
        turn = 2.0 * np.pi * np.arange(SPOKES) / SPOKES
        off = np.sqrt(1.0 - cosine**2)[:, None]
        local = np.stack(
            (off * np.cos(turn), off * np.sin(turn), cosine[:, None] + 0.0 * turn), axis=-1
        ).reshape(-1, 3)
        ct, st, cp, sp = math.cos(theta), math.sin(theta), math.cos(phi), math.sin(phi)
        turned = local @ np.array([[ct * cp, ct * sp, -st], [-sp, cp, 0.0], [st * cp, st * sp, ct]])
        return (
            np.arccos(np.clip(turned[:, 2], -1.0, 1.0)),
            np.arctan2(turned[:, 1], turned[:, 0]),
            np.repeat(0.5 * weight, SPOKES) / SPOKES,
        )

    def to_dict(self) -> JsonDict:
        return {
            "quantity": self.name,
            "direction": None if self.direction is None else list(self.direction),
            "cone": self.cone,
            "z0": None if self.feed is None else self.feed.z0,
            "reactance": None if self.feed is None else self.feed.reactance,
        }


def _root(matrix: FloatArray) -> ComplexArray:
    """L with matrix = L L^T, columns of no weight left out."""
    value, vector = np.linalg.eigh(matrix)
    kept = value > KEPT * value[-1]
    return np.asarray(vector[:, kept] * np.sqrt(value[kept]), dtype=complex)
