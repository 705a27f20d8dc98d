"""Layouts as drawings, in and out."""
