"""Impedance, losses and far field of one layout as functions of soil and height."""
