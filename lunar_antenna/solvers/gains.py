"""Directions in which the gains of two models are held against each other, and the gains there."""

from __future__ import annotations

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..media.stratification import Stratification
from ..radiation import CurrentElements, far_field

# Within 10 degrees of the horizon a soil leaves little of any field.
THETA, PHI = np.meshgrid(np.radians(np.arange(0.0, 81.0, 10.0)), np.radians(np.arange(8) * 45.0))


def relative_gains(
    elements: CurrentElements,
    index: int,
    frequency: float,
    stratification: Stratification,
    z: ComplexArray,
) -> FloatArray:
    """(n_port, n_direction) gain towards THETA and PHI, but for a factor that all have.

    index: which frequency (Hz) of ``elements``.  z: (n_port, n_port) ohm there.
    """
    field = far_field(elements, index, frequency, stratification, THETA.ravel(), PHI.ravel())
    resistance = np.diagonal(z).real[:, None]
    return np.asarray((np.abs(field[0]) ** 2 + np.abs(field[1]) ** 2) / resistance)
