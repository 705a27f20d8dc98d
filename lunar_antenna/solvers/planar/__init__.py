"""Planar layered-media moment method: the default solver."""
