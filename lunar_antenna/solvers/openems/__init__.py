"""openEMS as an independent full-wave solver over layered soil.

One run of the program per gap: mesh and document (mesh, scene), process and status (runner,
status, workspace), fields to currents and power (readers, currents, power, film, huygens, sky),
results kept by input (cache).  The program is driven by its XML file and a subprocess.
"""

from .solver import OpenEmsSolver

__all__ = ["OpenEmsSolver"]
