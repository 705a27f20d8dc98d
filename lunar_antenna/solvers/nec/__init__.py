"""Free-space wire antennas by NEC-2 (PyNEC)."""

from .solver import NecSolver

__all__ = ["NecSolver"]
