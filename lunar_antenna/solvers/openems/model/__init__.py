"""From a problem to the FDTD model: mesh, materials, metal, loads."""
