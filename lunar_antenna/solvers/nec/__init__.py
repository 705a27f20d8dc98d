"""Free-space wire antennas by NEC-2 (PyNEC)."""

from ..protocol import Capabilities, SolverEntry

CAPABILITIES = Capabilities(
    description="thin wires in free space, NEC-2",
    order=20.0,
    metal="wire",
    soil="none",
    relief=True,
)
SOLVER = SolverEntry("nec", CAPABILITIES, "lunar_antenna.solvers.nec.solver:NecSolver")
