"""Planar layered-media moment method: the default solver."""

from .compiled import warmup
from .solver import PlanarSolver

__all__ = ["PlanarSolver", "warmup"]
