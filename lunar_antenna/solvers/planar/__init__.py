"""Planar layered-media moment method: the default solver."""

from .compiled import warmup
from .solver import PlanarSolver, impedance

__all__ = ["PlanarSolver", "impedance", "warmup"]
