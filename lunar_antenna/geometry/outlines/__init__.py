"""Outlines from drawings and lists of points made elsewhere."""
