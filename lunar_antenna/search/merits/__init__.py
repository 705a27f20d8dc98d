"""Merits by name: what a study can ask of a design."""
