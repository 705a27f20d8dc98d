"""Corrections of a measurement: calibration, gate, fixture, delay."""
