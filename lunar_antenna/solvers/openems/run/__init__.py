"""Running the engine: workspace, subprocess, status, result cache."""
