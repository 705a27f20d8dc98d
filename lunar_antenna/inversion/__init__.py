"""Soil, height and faults of an antenna read back from a measured reflection."""
