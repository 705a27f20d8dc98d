"""Stratification: what lies over and under the antenna, one value for every solver.

                     vacuum
    ---------------------------------------  film, where it lies on the metal
    ======= plane of the metal ============  z = plane
    ---------------------------------------  film, where the metal lies on it
                     air                     height of the film's underside
    ---------------------------------------  z = 0
                     soil

``above`` and ``below`` are what the kernels of a current in the plane need.  What a plane wave
from the sky meets is :attr:`Stratification.placed`: the same layers with their places, none of
them in free space.  A film in free space changes the far field by k t (eps_r - 1), below 1e-3 for
any film under 130 um at 35 MHz, and is left out of it (not out of the currents).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..conventions import wavenumber
from .layer import Layer, Stack
from .sheets import Film

VACUUM = Layer(math.inf, 1.0)
INAUDIBLE = 14.0  # nepers there and back: exp(-14) = 1e-6

Placed = tuple[tuple[float, Layer], ...]  # (z of top in m, layer) from the top down


@dataclass(frozen=True, slots=True)
class Stratification:
    """above, below: layers from the plane up and down, each ending in a half-space.

    plane: z of the plane, m.  reflects: False where the whole sphere is sky.
    """

    above: tuple[Layer, ...] = (VACUUM,)
    below: tuple[Layer, ...] = (VACUUM,)
    plane: float = 0.0
    reflects: bool = False

    @classmethod
    def build(cls, stack: Stack, height: float = 0.0, film: Film | None = None) -> Stratification:
        """Metal with ``film`` whose underside is at ``height`` (m) over ``stack``.

        The film counts as laterally infinite here.
        """
        above, below = [VACUUM], list(stack.layers) or [VACUUM]
        if stack.layers and height > 0.0:
            below.insert(0, Layer(height, 1.0))
        plane = height
        if film is not None:
            sheet = Layer(film.thickness, film.eps_r, film.loss_tangent)
            (below if film.side == "above" else above).insert(0, sheet)
            plane += film.thickness if film.side == "above" else 0.0
        return cls(tuple(above), tuple(below), plane, not stack.is_free_space)

    @property
    def placed(self) -> Placed:
        """(z of top in m, layer) from the top down, vacuum above the first; empty in free space."""
        if not self.reflects:
            return ()
        result: list[tuple[float, Layer]] = []
        z = self.plane
        for layer in self.above[:-1]:
            z += layer.thickness
            result.insert(0, (z, layer))
        z = self.plane
        for layer in self.below:
            result.append((z, layer))
            z -= layer.thickness
        return tuple(result)

    def fringes(self, frequency: float) -> list[int]:
        """Points in elevation for one reflection: of the top's height, then of each layer.

        A reflection from depth d turns the phase by 2 k d (sqrt(eps) - sqrt(eps - sin^2)) between
        zenith and horizon, as far down as losses let it be heard; heights count with eps = 1.
        """
        k0 = float(wavenumber(np.array(frequency)))
        placed = self.placed
        phase = [2.0 * k0 * abs(placed[0][0])] if placed else []
        left = INAUDIBLE
        for _, layer in placed[:-1]:
            index = complex(np.sqrt(layer.complex_eps_r(np.array([frequency]))[0]))
            horizon = np.sqrt(max(index.real**2 - 1.0, 0.0))
            decay = -2.0 * k0 * layer.thickness * index.imag
            heard = min(1.0, left / decay) if decay > 0.0 else 1.0  # share of the thickness
            phase.append(2.0 * k0 * layer.thickness * heard * (index.real - horizon))
            left -= decay
            if left <= 0.0:
                break
        return [int(min(0.6 * item, 1e9)) for item in phase]
