"""Planar layered-media moment method: the default solver."""

from .compiled import warmup
from .solver import PlanarSolver, impedance, quick_solution

__all__ = ["PlanarSolver", "impedance", "quick_solution", "warmup"]
