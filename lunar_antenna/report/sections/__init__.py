"""The parts of a solution's page, one file each; report.py puts them in their order."""
