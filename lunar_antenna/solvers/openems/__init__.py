"""openEMS as an independent full-wave solver over layered soil.

One run of the program per gap: mesh and document (mesh, scene), process and status (runner,
status, workspace), fields to currents and power (readers, currents, power, film, huygens, sky),
results kept by input (cache).  The program is driven by its XML file and a subprocess.
"""

from ..protocol import Capabilities, SolverEntry

CAPABILITIES = Capabilities(
    description="finite differences in the time domain by openEMS, slow and independent",
    order=90.0,
    metal="sheet",
    relief=True,
    slow=True,
)
SOLVER = SolverEntry("openems", CAPABILITIES, "lunar_antenna.solvers.openems.solver:OpenEmsSolver")
