"""Layouts: families, modifiers, validation, files."""
