"""Planar layered-media moment method: the default solver."""

from ..protocol import Capabilities, SolverEntry

CAPABILITIES = Capabilities(
    description="layered-media moment method, the fastest for metal in one plane",
    order=10.0,
    metal="sheet",
    delta_gap=True,
    one_mesh=True,
    dense_sweep=True,
    optional=False,
)
SOLVER = SolverEntry("planar", CAPABILITIES, "lunar_antenna.solvers.planar.solver:PlanarSolver")
