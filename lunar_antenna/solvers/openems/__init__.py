"""openEMS as an independent full-wave solver over layered soil."""

from .solver import OpenEmsSolver

__all__ = ["OpenEmsSolver"]
