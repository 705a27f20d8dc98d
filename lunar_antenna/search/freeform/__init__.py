"""Metal of any shape within a footprint."""
