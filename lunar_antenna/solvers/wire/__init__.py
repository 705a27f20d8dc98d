"""Thin wires over one soil, or in free space, by momwire."""

from ..protocol import Capabilities, SolverEntry

CAPABILITIES = Capabilities(
    description="thin wires over a half-space or in free space, B-spline moment method",
    order=30.0,
    metal="wire",
    soil="half-space",
    relief=True,
)
SOLVER = SolverEntry("wire", CAPABILITIES, "lunar_antenna.solvers.wire.solver:WireSolver")
